// YAML text, read and written. yaml-cpp is used here and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "plan/json.h"
#include "plan/source.h"

namespace sluice {

struct YamlLimits {
  std::size_t depth = 200;        ///< nested lists and maps
  std::size_t nodes = 1'000'000;  ///< values after aliases are expanded
  std::size_t piece = 1'000'000;  ///< bytes of a text, of a list or map in brackets, or of a run of comments
};

/// Reads one YAML document with marks, by the core schema of YAML 1.2 (`no` and `010` are texts), merging `<<`.
/// Refuses duplicate keys, a second document, keys that are not scalars, and aliases that expand beyond the limit.
Result<Value, TextError> parse_yaml(std::string_view text, const YamlLimits& limits = {});

/// Block style, members in their order, ends with a newline. Texts that would read as something else are quoted.
std::string write_yaml(const Value& value);

/// Reads a file that is JSON or YAML, whichever its first character says; an empty file is null.
/// Errors become one Diagnostic with the place.
Parsed<Value> parse_document(const SourceText& source);

}  // namespace sluice
