#include "plan/safety_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/select.h"
#include "plan/sensitive.h"

namespace sluice {
namespace {

constexpr Key kIgnoreKeys[] = {{"path"}, {"api"}, {"reason"}, {"until"}};

std::optional<IgnoreRule> read_rule(const Value& item, BlockReader& reader) {
  if (!item.is_object()) {
    reader.error("key-shape", "A rule of `ignore` is not a map.", "Write `- path: /description`, and why below it.",
                 item.mark());
    return std::nullopt;
  }
  reader.check_keys(item, kIgnoreKeys, "a rule of `ignore`");
  IgnoreRule rule;
  rule.at = reader.at(item.mark());
  const std::size_t findings = reader.findings();
  reader.read_text(item, "path", rule.path);
  reader.read_text(item, "api", rule.api);
  reader.read_text(item, "reason", rule.reason);
  reader.read_text(item, "until", rule.until);
  if (reader.findings() != findings) return std::nullopt;
  const Value* path = item.find("path");
  if (rule.path.empty()) {
    reader.error("ignore-path", "A rule of `ignore` has no `path`.",
                 "Add the field that it is for, such as /description or /parameters/query:limit.",
                 path != nullptr ? path->mark() : item.mark());
  } else if (const auto problem = ignore_path_problem(rule.path)) {
    reader.error("ignore-path", fmt::format("\"{}\" names no field of an API: {}.", rule.path, problem->summary),
                 problem->detail, path->mark());
  }
  if (const Value* api = item.find("api"); api != nullptr && !api->is_null())
    check_operation_glob(rule.api, api->mark(), reader);
  if (!rule.until.empty() && !is_day(rule.until)) {
    reader.error("ignore-until", fmt::format("\"{}\" is not a day.", rule.until),
                 "Write the last day as YYYY-MM-DD, such as 2027-01-31.", item.find("until")->mark());
  }
  return rule;
}

}  // namespace

void check_operation_glob(const std::string& glob, std::uint32_t mark, BlockReader& reader) {
  const std::string problem = operation_glob_problem(glob);
  if (problem.empty()) return;
  reader.error("operation-glob", fmt::format("\"{}\" does not mean operations: {}.", glob, problem),
               "Write \"METHOD /path\" with basePath, such as \"GET /v1/pets/*\" or \"* /internal/**\".", mark);
}

void RuleUses::note(std::string_view key, const std::string& glob, const SourceSpan& at, bool met) {
  Use& use = uses_.try_emplace(to_string(at), Use{at, key, glob}).first->second;
  use.met = use.met || met;
}

void RuleUses::note(const GroupSettings& group, const ResourceMap& desired) {
  const auto any = [&](const auto& meets) {
    return std::any_of(desired.begin(), desired.end(),
                       [&](const auto& entry) { return entry.first.type() == "api" && meets(entry.second); });
  };
  for (const ProtectRule& rule : group.protect) {
    if (rule.operations.empty()) continue;
    note("protect", rule.operations, rule.at,
         any([&](const Resource& api) { return protecting({rule}, api.address) != nullptr; }));
  }
  for (const IgnoreRule& rule : group.ignore) {
    if (rule.api.empty()) continue;
    note("ignore", rule.api, rule.at, any([&](const Resource& api) {
           return matches_operation(rule.api, api.body.text("method"), api.body.text("path"));
         }));
  }
}

Diagnostics RuleUses::unmet() const {
  Diagnostics warnings;
  for (const auto& [place, use] : uses_) {
    if (use.met) continue;
    warnings.push_back({Severity::Warning, "rule-nothing",
                        fmt::format("\"{}\" in `{}` meets no operation of the group's files.", use.glob, use.key),
                        "Correct it, or take it out; paths include basePath.", use.at});
  }
  return warnings;
}

std::vector<IgnoreRule> read_ignore(const Value& group, BlockReader& reader) {
  std::vector<IgnoreRule> rules;
  const Value* list = group.find("ignore");
  if (list == nullptr || list->is_null()) return rules;
  if (!list->is_array()) {
    reader.error("key-shape", "`ignore` is not a list.", "Write `- path: /description`, and why below it.",
                 list->mark());
    return rules;
  }
  for (const Value& item : list->items()) {
    if (auto rule = read_rule(item, reader)) rules.push_back(std::move(*rule));
  }
  return rules;
}

std::vector<ProtectRule> read_protect(const Value& group, BlockReader& reader) {
  std::vector<ProtectRule> rules;
  const Value* protect = group.find("protect");
  if (protect == nullptr || protect->is_null()) return rules;
  const bool word = protect->is_string() && (protect->as_string() == "true" || protect->as_string() == "false");
  if (protect->is_bool() || word) {
    if (*protect == Value(true) || *protect == Value("true")) rules.push_back({"", reader.at(protect->mark())});
    return rules;
  }
  if (!protect->is_array() && !protect->is_string()) {
    reader.error("key-shape", "`protect` is neither true nor a list of operations.",
                 "Write `protect: true`, or a list such as [\"DELETE /pets/*\"].", protect->mark());
    return rules;
  }
  for (const Value& glob : reader.read_texts(group, "protect")) {
    check_operation_glob(glob.as_string(), glob.mark(), reader);
    rules.push_back({glob.as_string(), reader.at(glob.mark())});
  }
  return rules;
}

std::vector<std::string> read_sensitive(const Value& group, BlockReader& reader) {
  std::vector<std::string> paths;
  for (const Value& path : reader.read_texts(group, "sensitive")) {
    const auto problem = sensitive_path_problem(path.as_string());
    if (problem) {
      reader.error("sensitive-path",
                   fmt::format("\"{}\" names nothing that can be sensitive: {}.", path.as_string(), problem->summary),
                   problem->detail, path.mark());
    } else if (std::find(paths.begin(), paths.end(), path.as_string()) == paths.end()) {
      paths.push_back(path.as_string());
    }
  }
  return paths;
}

}  // namespace sluice
