#include "plan/select.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/address.h"

namespace sluice {
namespace {

constexpr std::string_view kMethods[] = {"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "ANY"};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (true) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

/// Whether `glob` means `path`: a segment `**` is any number of segments, also none.
bool matches_path(std::string_view glob, std::string_view path) {
  const auto wanted = segments_of(glob);
  const bool mixed = std::any_of(wanted.begin(), wanted.end(), [](std::string_view segment) {
    return segment != "**" && segment.find("**") != std::string_view::npos;
  });
  if (mixed) return matches_glob(glob, path);
  const auto segments = segments_of(path);
  // reached[i]: the glob so far can stand for the first i segments.
  std::vector<char> reached(segments.size() + 1, 0);
  reached[0] = 1;
  for (const std::string_view want : wanted) {
    std::vector<char> next(segments.size() + 1, 0);
    bool any = false;
    for (std::size_t i = 0; i <= segments.size(); ++i) {
      any = any || reached[i] != 0;
      const bool one = i > 0 && reached[i - 1] != 0 && want != "**" && matches_glob(want, segments[i - 1]);
      next[i] = one || (want == "**" && any) ? 1 : 0;
    }
    reached = std::move(next);
  }
  return reached.back() != 0;
}

bool has_tag(const Value* tags, std::string_view wanted) {
  return tags != nullptr && std::any_of(tags->items().begin(), tags->items().end(),
                                        [&](const Value& tag) { return tag.is_string() && tag.as_string() == wanted; });
}

}  // namespace

std::string operation_glob_problem(std::string_view glob) {
  const std::size_t space = glob.find(' ');
  if (space == std::string_view::npos) return "it has no method before its path";
  const std::string method = upper(glob.substr(0, space));
  const bool known = std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods);
  if (!known && method.find('*') == std::string::npos) return fmt::format("\"{}\" is not a method", method);
  const std::string_view path = glob.substr(space + 1);
  return path.starts_with('/') || path.starts_with('*') ? "" : "its path does not start with \"/\"";
}

bool matches_operation(std::string_view glob, std::string_view method, std::string_view path) {
  const std::size_t space = std::min(glob.find(' '), glob.size());
  if (!matches_glob(upper(glob.substr(0, space)), method)) return false;
  return matches_path(glob.substr(std::min(space + 1, glob.size())), path);
}

Selector::Selector(const Selection& selection) : selection_(selection) {
  const auto add = [this](std::string_view key, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) conditions_.push_back({key, text});
  };
  add("paths", selection.paths);
  add("tags", selection.tags);
  add("methods", selection.methods);
  add("exclude", selection.exclude);
}

bool Selector::takes(std::string_view method, std::string_view path, const Value* tags) {
  ++seen_;
  bool met_paths = selection_.paths.empty();
  bool met_tags = selection_.tags.empty();
  bool met_methods = selection_.methods.empty();
  bool excluded = false;
  for (Condition& condition : conditions_) {
    bool& met = condition.key == "paths"     ? met_paths
                : condition.key == "tags"    ? met_tags
                : condition.key == "methods" ? met_methods
                                             : excluded;
    const bool meets = condition.key == "paths"     ? matches_path(condition.text, path)
                       : condition.key == "tags"    ? has_tag(tags, condition.text)
                       : condition.key == "methods" ? condition.text == method
                                                    : matches_operation(condition.text, method, path);
    met = met || meets;
    condition.met = condition.met || meets;
  }
  const bool taken = met_paths && met_tags && met_methods && !excluded;
  taken_ += taken ? 1U : 0U;
  return taken;
}

Diagnostics Selector::unmet() const {
  Diagnostics warnings;
  bool all_met = true;
  for (const Condition& condition : conditions_) {
    if (condition.met) continue;
    all_met = false;
    warnings.push_back(
        {Severity::Warning, "select-nothing",
         fmt::format("\"{}\" in `select.{}` meets no operation of the group's files.", condition.text, condition.key),
         "Correct it, or take it out; paths include basePath.", selection_.at});
  }
  if (all_met && seen_ > 0 && taken_ == 0) {
    warnings.push_back({Severity::Warning, "select-nothing",
                        "`select` takes no operation: none meets all of its conditions at once.",
                        "Widen it; an operation has to meet one of the values of each key.", selection_.at});
  }
  return warnings;
}

}  // namespace sluice
