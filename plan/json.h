// JSON text, read and written. RapidJSON is used here and nowhere else.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.h"
#include "plan/value.h"

namespace sluice {

/// Where and why a text cannot be read. `offset` is in bytes, behind a byte order mark.
struct TextError {
  std::size_t offset = 0;
  std::string message;
};

struct JsonLimits {
  std::size_t depth = 200;                                       ///< nested arrays and objects
  std::size_t values = std::numeric_limits<std::size_t>::max();  ///< of all kinds
};

/// What keeps a text from being read at all: UTF-16 or UTF-32, a NUL byte, bytes that are not UTF-8.
std::optional<TextError> text_error(std::string_view text);

/// Reads one JSON document of UTF-8, with marks. Refuses duplicate keys, NUL bytes, bad UTF-8 and deep nesting.
/// A leading byte order mark is skipped. Integers beyond 64 bits become numbers.
Result<Value, TextError> parse_json(std::string_view text, const JsonLimits& limits = {});

/// The same without marks, decoding inside `text`, which is left in pieces. For answers of a gateway.
Result<Value, TextError> parse_json_in_place(std::string& text, const JsonLimits& limits = {});

/// One string member of a JSON object; both views point into the text it was read from.
struct StringMember {
  std::string_view key;
  std::span<char> text;
};

/// The string members of the object in `text`, decoded inside `text` (so that a document inside a string inside a
/// document needs no copy). Other members are skipped. `text` must be followed by a NUL byte, as in a std::string.
Result<std::vector<StringMember>, TextError> read_strings_in_place(std::span<char> text);

/// As parse_json_in_place, on a piece of a larger buffer; the byte after `text` is overwritten with NUL.
Result<Value, TextError> parse_json_in_place(std::span<char> text, const JsonLimits& limits = {});

/// One line, members in their order.
std::string write_json(const Value& value);
/// Indented by two spaces, members in their order, ends without a newline.
std::string write_json_pretty(const Value& value);
/// One line, members sorted by key: equal values give equal bytes.
std::string write_json_sorted(const Value& value);

}  // namespace sluice
