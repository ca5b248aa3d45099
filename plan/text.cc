// What keeps a text from being read, whatever format it has.
#include <algorithm>
#include <array>
#include <cstring>

#include "plan/json.h"

namespace sluice {
namespace {

/// Bytes of the UTF-8 character at the start of `text`; 0 when there is none. Overlong forms and surrogates are none.
std::size_t character_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4 || !follows(1)) return 0;
  if (lead < 0xE0) return 2;
  if (!follows(2)) return 0;
  const unsigned second = at(1);
  if (lead < 0xF0) return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ? 0 : 3;
  const bool outside = (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return outside || !follows(3) ? 0 : 4;
}

std::size_t bad_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    std::uint64_t eight = 0;
    if (i + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + i, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {  // most bytes are ASCII
        i += sizeof eight;
        continue;
      }
    }
    const std::size_t length = character_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

/// UTF-16 and UTF-32 start with a byte order mark, or have a NUL in each of their first characters.
bool is_wide(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return true;
  if (text.size() < 4) return false;
  const auto nul = [&](std::size_t i) { return text[i] == '\0'; };
  return (nul(0) && nul(2) && !nul(3)) || (!nul(0) && nul(1) && nul(3)) || (nul(0) && nul(1) && nul(2) && !nul(3));
}

}  // namespace

std::optional<TextError> text_error(std::string_view text) {
  if (is_wide(text)) return TextError{0, "it is UTF-16 or UTF-32; save it as UTF-8"};
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) return TextError{nul, "it holds a NUL byte"};
  if (const auto at = bad_utf8(text); at != std::string_view::npos) {
    return TextError{at, "it is not valid UTF-8; save it as UTF-8"};
  }
  return std::nullopt;
}

}  // namespace sluice
