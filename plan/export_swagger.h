// Live APIs as a Swagger file that people read: without what goes without saying, and without credentials.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/ignore_path.h"
#include "plan/resource.h"
#include "plan/schema.h"

namespace sluice {

/// `body` (canonical) without members that its schema does not know, and without values that are the default. Types and
/// names of parameters stay. `unknown` counts what was left out for the first reason.
Value without_defaults(const Value& body, std::span<const FieldSchema> fields, std::size_t& unknown);

/// A constant backend parameter that looks like a credential.
struct FoundSecret {
  std::vector<std::string> policy = {};  ///< the backend policy that it belongs to; empty: the backend itself
  std::string key;                       ///< of the parameter, such as "header:X-Api-Key"
  std::string name;                      ///< of the parameter
  Value parameter;                       ///< as it is, with the value in plain
};

/// Takes them out of an API's body; also what has one of the values `known`, whatever it is called.
std::vector<FoundSecret> take_secrets(Value& body, const std::set<std::string>& known);

/// Puts a word in the place of each text of an API's body that `named` calls sensitive. The patch that puts back what
/// `instead` says of each, as an override has it; an empty map where there is none.
Value take_sensitive(Value& body, const PathWalk& named,
                     const std::function<std::string(const std::string& plain)>& instead);

/// One Swagger 2.0 document of APIs (readable bodies) and group responses, paths in order. `security: []` stands where
/// an API takes no authentication and others do; where none does, the file says nothing of it.
Value readable_swagger(const std::string& group, const std::vector<Value>& apis,
                       const std::map<std::string, Value>& responses);

/// Whether a document has security schemes, so that it says itself which APIs take none.
bool has_schemes(const Value& document);

}  // namespace sluice
