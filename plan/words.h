// Small things that readers of documents do with words.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

inline bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

inline std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

inline std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

/// Characters of a UTF-8 text, as opposed to bytes.
inline std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Where the character begins that holds the byte at `at`; the end of the text stays.
inline std::size_t character_start(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  return at;
}

/// "1 policy", "2 policies".
inline std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count).append(" ").append(count == 1 ? one : many);
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// Whether the text is a day, as in 2027-01-31; days compare as texts.
inline bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != kForm[i]) return false;
  }
  const std::string_view month = text.substr(5, 2);
  const std::string_view day = text.substr(8);
  return month >= "01" && month <= "12" && day >= "01" && day <= "31";
}

/// A token of a JSON pointer (RFC 6901).
inline std::string escaped_token(std::string_view token) {
  return replaced(replaced(std::string(token), "~", "~0"), "/", "~1");
}

/// What HTML writes for a character that is markup; "" for others.
inline std::string_view html_entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

/// A text of the user's as messages print it: whole when it is short, else its beginning.
inline std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 120;
  if (text.size() <= kLongest) return std::string(text);
  return std::string(text.substr(0, character_start(text, kLongest))) + "...";
}

}  // namespace sluice
