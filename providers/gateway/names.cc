#include "providers/gateway/names.h"

#include <algorithm>

namespace sluice::gateway {
namespace {

bool is_letter(char32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_chinese(char32_t c) { return c >= 0x4E00 && c <= 0x9FFF; }
bool is_one_of(char32_t c, std::u32string_view set) { return set.find(c) != std::u32string_view::npos; }

/// The characters of a UTF-8 text; a byte that is not part of one stands for itself plus 0x110000.
std::u32string decode(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead >= 0xF0 ? 3U : lead >= 0xE0 ? 2U : lead >= 0xC0 ? 1U : 0U;
    if ((lead >= 0x80 && more == 0) || i + more >= text.size()) {
      out.push_back(0x110000U + lead);
      ++i;
      continue;
    }
    char32_t c = more == 0 ? lead : lead & (0x3FU >> more);
    for (std::size_t k = 1; k <= more; ++k) c = (c << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    out.push_back(c);
    i += more + 1;
  }
  return out;
}

template <typename First, typename Rest>
bool matches(std::string_view text, std::size_t shortest, std::size_t longest, First first, Rest rest) {
  const std::u32string chars = decode(text);
  if (chars.size() < shortest || chars.size() > longest || chars.empty()) return false;
  return first(chars.front()) && std::all_of(chars.begin() + 1, chars.end(), rest);
}

bool is_word(char32_t c) { return is_letter(c) || is_digit(c) || c == '_'; }

bool is_path_character(char c) {
  const auto wide = static_cast<unsigned char>(c);
  return is_letter(wide) || is_digit(wide) || is_one_of(wide, U"/{}*%-_.+");
}

/// The name between braces, without the `+` of a greedy variable; nothing when it is no parameter name.
std::optional<std::string> variable_name(std::string_view inside, bool greedy_allowed) {
  if (greedy_allowed && !inside.empty() && inside.back() == '+') inside.remove_suffix(1);
  if (!is_parameter_name(inside)) return std::nullopt;
  return std::string(inside);
}

std::optional<std::vector<std::string>> variables(std::string_view path, bool front) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t open = path.find_first_of("{}", at);
    if (open == std::string_view::npos) break;
    const std::size_t close = path.find_first_of("{}", open + 1);
    if (path[open] != '{' || close == std::string_view::npos || path[close] != '}') return std::nullopt;
    const bool whole = path[open - (open > 0 ? 1 : 0)] == '/' && (close + 1 == path.size() || path[close + 1] == '/');
    auto name = variable_name(path.substr(open + 1, close - open - 1), front);
    if (!name || (front && !whole) || std::find(names.begin(), names.end(), *name) != names.end()) return std::nullopt;
    names.push_back(std::move(*name));
    at = close + 1;
  }
  return names;
}

bool is_path(std::string_view path) {
  return !path.empty() && path.front() == '/' && path.size() <= 512 &&
         std::all_of(path.begin(), path.end(), is_path_character);
}

}  // namespace

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_wide_name(std::string_view name) {
  const auto first = [](char32_t c) { return is_letter(c) || is_digit(c) || is_chinese(c); };
  return matches(name, 3, 255, first,
                 [&first](char32_t c) { return first(c) || is_one_of(c, U"-_./():\uFF08\uFF09\uFF1A\u3001"); });
}

bool is_title(std::string_view name) {
  return matches(
      name, 3, 64, [](char32_t c) { return is_letter(c) || is_chinese(c); },
      [](char32_t c) { return is_word(c) || is_chinese(c); });
}

bool is_environment_name(std::string_view name) { return matches(name, 3, 64, is_letter, is_word); }

bool is_parameter_name(std::string_view name) {
  return matches(name, 1, 32, is_letter, [](char32_t c) { return is_word(c) || is_one_of(c, U".-"); });
}

bool is_plugin_name(std::string_view name) {
  return matches(
      name, 3, 255, [](char32_t c) { return is_letter(c) || is_chinese(c); },
      [](char32_t c) { return is_word(c) || is_chinese(c) || c == '-'; });
}

bool is_response_name(std::string_view name) {
  const auto allowed = [](char32_t c) { return is_word(c) || c == '-'; };
  return matches(name, 1, 64, allowed, allowed);
}

bool is_tag(std::string_view tag) {
  return matches(
      tag, 1, 128, [](char32_t c) { return is_letter(c) || is_chinese(c); },
      [](char32_t c) { return is_word(c) || is_chinese(c) || is_one_of(c, U"-*#%.:"); });
}

std::optional<std::vector<std::string>> front_variables(std::string_view path) {
  if (!is_path(path)) return std::nullopt;
  return variables(path, true);
}

std::optional<std::vector<std::string>> backend_variables(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > 512) return std::nullopt;
  return variables(path, false);
}

std::string path_shape(std::string_view path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    if (c == '}') inside = false;
    if (!inside) out.push_back(c);
    if (c == '{') inside = true;
  }
  return out;
}

}  // namespace sluice::gateway
