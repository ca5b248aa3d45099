#include "plan/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sluice {
namespace {

constexpr std::string_view kSeparator = "\x1f";

bool is_plain(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string quoted(std::string_view name) {
  std::string text = "[\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"]";
}

std::string label(std::string_view name) { return is_plain(name) ? fmt::format(".{}", name) : quoted(name); }

/// Reads `.plain` or `["quoted"]` off the front of `rest`.
bool take_label(std::string_view& rest, std::string& name) {
  name.clear();
  if (rest.starts_with("[\"")) {
    std::size_t at = 2;
    while (at < rest.size() && rest[at] != '"') {
      if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
      name += rest[at++];
    }
    if (!rest.substr(std::min(at, rest.size())).starts_with("\"]")) return false;
    rest.remove_prefix(at + 2);
    return true;
  }
  if (!rest.starts_with('.')) return false;
  rest.remove_prefix(1);
  const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
  name = rest.substr(0, end);
  rest.remove_prefix(end);
  return is_plain(name);
}

std::string_view rank(std::string_view type) {
  if (type == "group") return "0";
  if (type == "api") return "1";
  if (type == "publication") return "2";
  if (type == "response") return "3";
  return type == "ratelimit" ? "4" : "5";
}

bool is_policy(std::string_view type) { return type == "ratelimit" || type == "acl"; }

}  // namespace

Address::Address(std::string_view type, std::string_view group, std::string_view environment, std::string_view name)
    : type_(type), group_(group), environment_(environment), name_(name) {
  std::string_view path = name_;
  std::string_view method;
  const bool operation = type_ == "api" || type_ == "publication";
  if (const auto space = name_.find(' '); operation && space != std::string::npos) {
    method = path.substr(0, space);
    path.remove_prefix(space + 1);
  }
  key_.reserve(group_.size() + name_.size() + environment_.size() + 8);
  for (const std::string_view part : {std::string_view(group_), rank(type_)}) key_.append(part).append(kSeparator);
  key_.append(operation ? without_variable_names(path) : std::string(path)).append(kSeparator);
  key_.append(method).append(kSeparator).append(environment_);
}

Address Address::group(std::string_view name) { return {"group", name, "", name}; }

Address Address::api(std::string_view group, std::string_view method, std::string_view path,
                     std::string_view match_mode) {
  return {"api", group, "", fmt::format("{} {}{}", method, path, match_mode == "SWA" ? " SWA" : "")};
}

Address Address::publication(const Address& api, std::string_view environment) {
  return {"publication", api.group_, environment, api.name_};
}

Address Address::response(std::string_view group, std::string_view name) { return {"response", group, "", name}; }

Address Address::ratelimit(std::string_view name) { return {"ratelimit", "", "", name}; }

Address Address::acl(std::string_view name) { return {"acl", "", "", name}; }

Address Address::api_of_publication() const { return {"api", group_, "", name_}; }

Address Address::in_group(std::string_view name) const {
  if (group_.empty()) return *this;
  return type_ == "group" ? group(name) : Address(type_, name, environment_, name_);
}

std::string Address::text() const {
  if (type_ == "group") return type_ + label(group_);
  if (is_policy(type_)) return type_ + label(name_);
  if (type_ == "response") return type_ + label(group_) + label(name_);
  if (type_ == "publication") return fmt::format("{}{}{}{}", type_, label(group_), label(environment_), quoted(name_));
  return fmt::format("{}{}{}", type_, label(group_), quoted(name_));
}

Result<Address> Address::parse(std::string_view text) {
  const auto bad = [text](std::string_view why) {
    return fail(ErrorKind::Invalid,
                fmt::format("\"{}\" is not an address: {}. Addresses look like group.NAME, api.GROUP[\"GET /path\"], "
                            "publication.GROUP.ENV[\"GET /path\"], response.GROUP.NAME, ratelimit.NAME or acl.NAME.",
                            text, why));
  };
  const std::size_t end = std::min(text.find_first_of(".["), text.size());
  const std::string_view type = text.substr(0, end);
  std::string_view rest = text.substr(end);
  constexpr std::string_view kTypes[] = {"group", "api", "publication", "response", "ratelimit", "acl"};
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
    return bad("it does not start with a known type");
  }
  std::string group;
  std::string environment;
  std::string name;
  if (is_policy(type)) {
    if (!take_label(rest, name)) return bad("the policy's name is missing or not quoted");
    if (!rest.empty()) return bad("something follows the policy's name");
    return Address(type, "", "", name);
  }
  if (!take_label(rest, group)) return bad("the group's name is missing or not quoted");
  if (type == "response") {
    if (!take_label(rest, name) || !rest.empty()) return bad("the response's name is missing or not quoted");
    return Address::response(group, name);
  }
  if (type == "group") {
    if (!rest.empty()) return bad("something follows the group's name");
    return Address::group(group);
  }
  if (type == "publication" && !take_label(rest, environment)) return bad("the environment is missing");
  if (!rest.starts_with("[\"") || !take_label(rest, name) || !rest.empty()) {
    return bad("the quoted method and path are missing");
  }
  if (name.find(" /") == std::string::npos) return bad("the quoted part is not a method and a path");
  return Address(type, group, environment, name);
}

std::string without_variable_names(std::string_view path) {
  std::string result;
  result.reserve(path.size());
  bool inside = false;
  for (const char c : path) {
    if (c == '}') inside = false;
    if (!inside) result += c;
    if (c == '{') inside = true;
  }
  return result;
}

bool matches_glob(std::string_view glob, std::string_view text) {
  // Which beginnings of the text the part of the glob that has been read matches: no way back, whatever the globs.
  std::vector<bool> matched(text.size() + 1, false);
  matched[0] = true;
  while (!glob.empty()) {
    const bool any = glob.starts_with("**");
    if (any || glob.front() == '*') {
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (matched[i] && (any || text[i] != '/')) matched[i + 1] = true;
      }
      glob.remove_prefix(any ? 2 : 1);
      continue;
    }
    for (std::size_t i = text.size(); i > 0; --i) matched[i] = matched[i - 1] && text[i - 1] == glob.front();
    matched[0] = false;
    glob.remove_prefix(1);
  }
  return matched[text.size()];
}

}  // namespace sluice
