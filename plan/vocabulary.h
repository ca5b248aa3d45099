// The members that Swagger documents are made of, level by level, and the gateway's extensions to them.
// Source: Swagger 2.0; OpenAPI 3.0; APIG user guide, "Extended Definition", with the places that exports use.
#pragma once

#include <string>
#include <string_view>

#include "plan/extensions.h"

namespace sluice {

/// Which specification a document follows.
enum class Dialect { Swagger2, OpenApi3 };

enum class Word {
  Known,       ///< of the specification, or an extension that belongs here
  Misspelled,  ///< nearly one of those: leaving it out would hide what was meant
  Misplaced,   ///< an extension of the gateway that belongs elsewhere
  Unknown,     ///< named like an extension of the gateway, and none
  Foreign,     ///< somebody else's extension
  Other,       ///< nothing that the specification knows
};

/// What a member is; `hint` is the word that was meant, or the place where it belongs.
struct Judgement {
  Word word = Word::Known;
  std::string hint = {};
};
Judgement judge_member(std::string_view key, Level level, Dialect dialect);

/// The same of a member of an object that has no extension of the gateway: Known is what is none of them.
Judgement judge_stray(std::string_view key);

/// Whether a member is named like an extension, in any case: the specifications say x-, and X- is meant so.
bool is_extension(std::string_view key);

/// GET for "get", ANY for "x-apigateway-any-method"; "" for what is not a method that the gateway has.
std::string_view method_of_key(std::string_view key);

}  // namespace sluice
