#include "plan/limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "plan/canonical.h"
#include "plan/diagnostic.h"
#include "plan/schema.h"
#include "plan/secrets.h"
#include "plan/swagger.h"
#include "plan/words.h"

namespace sluice {
namespace {

bool is_letter(char32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_chinese(char32_t c) { return c >= 0x4E00 && c <= 0x9FFF; }
bool is_one_of_these(char32_t c, std::u32string_view set) { return set.find(c) != std::u32string_view::npos; }
bool starts_name(char32_t c) { return is_letter(c) || is_digit(c) || is_chinese(c); }
bool is_of_name(char32_t c) { return starts_name(c) || is_one_of_these(c, U"-_./():\uFF08\uFF09\uFF1A\u3001"); }

/// The next character of a UTF-8 text, which is taken off its front; a byte that starts none counts as itself.
char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t more = lead >= 0xF0 ? 3U : lead >= 0xE0 ? 2U : lead >= 0xC0 ? 1U : 0U;
  char32_t c = more == 0 ? lead : lead & (0x3FU >> more);
  std::size_t taken = 1;
  for (; taken <= more && taken < text.size(); ++taken) {
    c = (c << 6U) | (static_cast<unsigned char>(text[taken]) & 0x3FU);
  }
  text.remove_prefix(taken);
  return c;
}

template <typename First, typename Rest>
bool has_form(std::string_view text, std::size_t shortest, std::size_t longest, First first, Rest rest) {
  std::size_t count = 0;
  while (!text.empty()) {
    const char32_t c = take_character(text);
    if (++count == 1 ? !first(c) : !rest(c)) return false;
  }
  return count >= shortest && count <= longest;
}

int cut_member(Value& holder, std::string_view name, std::size_t limit) {
  const Value* member = holder.find(name);
  if (member == nullptr || !member->is_string() || member->as_string().size() <= limit) return 0;
  if (is_mark(member->as_string())) return 0;  // its length is not known yet
  std::string text = member->as_string();
  if (!cut_text(text, limit)) return 0;
  holder.set(name, text);
  return 1;
}

/// Cuts a text in each element of a list; the list is copied only when there is something to cut.
int cut_in_list(Value& holder, std::string_view name, std::string_view text) {
  const Value* list = holder.find(name);
  if (list == nullptr || !list->is_array() || list->items().empty()) return 0;
  const auto too_long = [&](const Value& item) { return item.text(text).size() > kRemarkLimit; };
  if (std::none_of(list->items().begin(), list->items().end(), too_long)) return 0;
  Value shortened = *list;
  int count = 0;
  for (Value& item : shortened.mutable_items()) {
    count += item.is_object() ? cut_member(item, text, kRemarkLimit) : 0;
  }
  holder.set(name, std::move(shortened));
  return count;
}

/// Whether a text is a number in decimal digits, at most `highest`.
bool number_up_to(std::string_view text, int highest) {
  if (text.empty() || text.size() > 3 || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  int value = 0;
  for (const char digit : text) value = value * 10 + (digit - '0');
  return value <= highest;
}

bool is_version_4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || !number_up_to(text.substr(0, dot), 255)) return false;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return text.empty();
}

bool is_version_6(std::string_view text) {
  if (std::count(text.begin(), text.end(), ':') < 2) return false;
  const std::size_t gap = text.find("::");
  if (gap != std::string_view::npos && text.find("::", gap + 1) != std::string_view::npos) return false;
  std::size_t parts = 0;
  std::size_t from = gap == 0 ? 2 : 0;
  while (from < text.size()) {
    const std::size_t colon = std::min(text.find(':', from), text.size());
    const std::string_view part = text.substr(from, colon - from);
    const bool whole = part.size() <= 4 && part.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (!whole || (part.empty() && colon != gap + 1)) return false;
    parts += part.empty() ? 0U : 1U;
    from = colon + 1;
    if (from == text.size() && gap != text.size() - 2) return false;  // ends with one colon
  }
  return gap == std::string_view::npos ? parts == 8 : parts < 8;
}

/// 4 or 6 for an address of that version, 0 for anything else.
int version_of_address(std::string_view text) { return is_version_4(text) ? 4 : is_version_6(text) ? 6 : 0; }

}  // namespace

bool is_api_name(std::string_view name) { return has_form(name, 3, kNameLimit, starts_name, is_of_name); }

std::string api_name_from(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = take_character(text);
    const bool kept = is_of_name(c) && c != '/' && (!name.empty() || starts_name(c));
    if (kept) name += before.substr(0, before.size() - text.size());
    if (!kept && !name.empty() && name.back() != '_') name += '_';
  }
  while (name.ends_with('_')) name.pop_back();
  cut_text(name, kNameLimit);
  return name;
}

bool is_parameter_name(std::string_view name) {
  return has_form(name, 1, 32, is_letter,
                  [](char32_t c) { return is_letter(c) || is_digit(c) || is_one_of_these(c, U"._-"); });
}

bool is_reserved_header(std::string_view name) {
  const std::string folded = lower(name);
  return folded == "authorization" || folded == "x-auth-token" || folded == "x-stage" ||
         folded.starts_with("x-apig-") || folded.starts_with("x-sdk-");
}

bool is_tag(std::string_view tag) {
  const auto first = [](char32_t c) { return is_letter(c) || is_chinese(c); };
  return has_form(tag, 1, 128, first,
                  [&](char32_t c) { return first(c) || is_digit(c) || is_one_of_these(c, U"-*#%.:_"); });
}

bool is_response_name(std::string_view name) {
  const auto part = [](char32_t c) { return is_letter(c) || is_digit(c) || is_one_of_these(c, U"-_"); };
  return has_form(name, 1, 64, part, part);
}

bool is_function_urn(std::string_view urn) {
  constexpr std::string_view kKnown[] = {"urn", "fss", "", "", "function", "", ""};
  for (const std::string_view known : kKnown) {
    const std::size_t end = std::min(urn.find(':'), urn.size());
    const std::string_view part = urn.substr(0, end);
    if (part.empty() || (!known.empty() && part != known)) return false;
    urn.remove_prefix(std::min(end + 1, urn.size()));
  }
  return true;
}

bool is_address_entry(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    const int low = version_of_address(text.substr(0, dash));
    return low != 0 && low == version_of_address(text.substr(dash + 1));
  }
  const std::size_t slash = text.find('/');
  const int version = version_of_address(text.substr(0, slash));
  if (slash == std::string_view::npos || version == 0) return version != 0;
  return number_up_to(text.substr(slash + 1), version == 4 ? 32 : 128);
}

std::vector<std::string_view> listed_addresses(std::string_view list) {
  std::vector<std::string_view> entries;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view entry = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    if (!entry.empty()) entries.push_back(entry);
  }
  return entries;
}

bool has_path_characters(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    const auto wide = static_cast<unsigned char>(c);
    return is_letter(wide) || is_digit(wide) || is_one_of_these(wide, U"/{}*%-_.+");
  });
}

CutTexts cut_texts(Value& body) {
  CutTexts cut;
  cut.descriptions = cut_member(body, "description", kRemarkLimit) + cut_in_list(body, "parameters", "description");
  cut.samples = cut_in_list(body, "parameters", "x-apigateway-sample");
  cut.answers = cut_member(body, "x-apigateway-result-normal-sample", kSampleLimit) +
                cut_member(body, "x-apigateway-result-failure-sample", kSampleLimit);
  return cut;
}

bool cut_text(std::string& text, std::size_t limit) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (++characters > limit) {
      text.resize(i);
      return true;
    }
  }
  return false;
}

std::string without_value(const Broken& broken) {
  return fmt::format("{} is not what the gateway takes", broken.what.substr(0, broken.what.find("` ") + 1));
}

}  // namespace sluice
