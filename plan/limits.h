// What a gateway refuses, found before anything is sent.
#pragma once

#include <string>
#include <vector>

#include "plan/extensions.h"
#include "plan/value.h"

namespace sluice {

constexpr std::size_t kRemarkLimit = 255;  ///< characters of an API's description, and of most other texts
constexpr std::size_t kPathLimit = 512;
constexpr std::size_t kNameLimit = 255;
constexpr std::size_t kTagLimit = 10;         ///< tags of an API
constexpr std::size_t kSampleLimit = 20'480;  ///< characters of the sample of an answer

/// A rule of the gateway that an API breaks, or its documents' where gateways are known to be milder.
struct Broken {
  std::string what;                ///< a sentence without its dot that starts with the field
  std::vector<std::string> place;  ///< where, as tokens: names of members, keys of elements (see place_of)
  std::string advice = {};         ///< what to do, a sentence; "": correct it
  bool refused = true;             ///< false: a gateway may take it
};

/// The same sentence without the value, which may be a secret.
std::string without_value(const Broken& broken);

/// Why a gateway of this cloud would refuse an API with this canonical body. Empty when it would not.
/// Source: APIG API reference, "Registering an API"; user guide, "Extended Definition".
std::vector<Broken> limits_broken(const Value& api, CloudKind cloud = CloudKind::Huawei);

/// Whether a gateway takes this name of an API: 3 to 255 letters, digits, Chinese characters and -_./():
bool is_api_name(std::string_view name);
/// `text` with "_" for what the name of an API may not hold, and for "/"; it may still be too short.
std::string api_name_from(std::string_view text);
/// Whether a gateway takes this name of a request parameter.
bool is_parameter_name(std::string_view name);
/// Whether a gateway refuses a header parameter of this name.
bool is_reserved_header(std::string_view name);
bool is_tag(std::string_view tag);
/// Whether a gateway takes this name of a group response: 1 to 64 letters, digits, - and _.
bool is_response_name(std::string_view name);
/// Whether a text has the form of a function's URN: urn:fss:REGION:PROJECT:function:PACKAGE:NAME and what follows.
bool is_function_urn(std::string_view urn);
/// Whether a text is an address, a network or a range of addresses, of IP version 4 or 6, as in 10.0.0.1, 10.0.0.0/8 or
/// 10.0.0.1-10.0.0.9.
bool is_address_entry(std::string_view text);
/// The entries of a list with commas between them, without the spaces around them; empty ones do not count.
std::vector<std::string_view> listed_addresses(std::string_view list);
/// Whether a path has only characters that a gateway takes; braces are among them.
bool has_path_characters(std::string_view path);

/// How many texts were cut, by what they are.
struct CutTexts {
  int descriptions = 0;
  int samples = 0;  ///< of parameters
  int answers = 0;  ///< samples of answers
  int all() const { return descriptions + samples + answers; }
};

/// Cuts the descriptions and samples in a body to what the gateway holds (255 and 20480 characters); how many were cut.
/// A text with a secret is not: SecretVault::seal measures it.
CutTexts cut_texts(Value& body);

/// `text` cut to `limit` characters (not bytes); whether anything was cut.
bool cut_text(std::string& text, std::size_t limit);

}  // namespace sluice
