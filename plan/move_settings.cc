#include "plan/move_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "plan/select.h"

namespace sluice {
namespace {

constexpr Key kMovedKeys[] = {{"from"}, {"to"}};
constexpr std::string_view kHow = "Write `- {from: 'api.OLD[\"* /returns/**\"]', to: group.NEW}`.";

std::optional<MoveRule> read_rule(const Value& item, BlockReader& reader) {
  if (!item.is_object()) {
    reader.error("key-shape", "A line of `moved` is not a map.", std::string(kHow), item.mark());
    return std::nullopt;
  }
  reader.check_keys(item, kMovedKeys, "`moved`");
  MoveRule rule;
  rule.at = reader.at(item.mark());
  std::string to;
  reader.read_text(item, "from", rule.from);
  reader.read_text(item, "to", to);
  const auto wrong = [&](std::string_view key, const std::string& text, std::string_view why) {
    const Value* value = item.find(key);
    reader.error("moved-address",
                 text.empty() ? fmt::format("A line of `moved` has no `{}`.", key)
                              : fmt::format("`{}: {}` of `moved` {}.", key, text, why),
                 std::string(kHow), value != nullptr ? value->mark() : item.mark());
    return std::nullopt;
  };
  const auto from = Address::parse(rule.from);
  const bool known = from && (from->type() == "api" || from->type() == "group");
  if (!known) return wrong("from", rule.from, "names no APIs of a group");
  rule.from_group = from->group();
  rule.operations = from->type() == "api" ? from->name() : "* /**";
  if (!operation_glob_problem(rule.operations).empty()) return wrong("from", rule.from, "means no operations");
  const auto target = Address::parse(to);
  if (!target || target->type() != "group") return wrong("to", to, "names no group");
  rule.to = target->group();
  if (rule.to == rule.from_group) return wrong("to", to, "is the group that they come from");
  return rule;
}

}  // namespace

void read_moved(const Value& root, BlockReader& reader, std::vector<MoveRule>& moved) {
  const Value* list = root.find("moved");
  if (list == nullptr || list->is_null()) return;
  if (!list->is_array()) {
    reader.error("key-shape", "`moved` is not a list.", std::string(kHow), list->mark());
    return;
  }
  for (const Value& item : list->items()) {
    if (auto rule = read_rule(item, reader)) moved.push_back(std::move(*rule));
  }
}

void check_moves(const std::vector<MoveRule>& moved, const std::vector<GroupSettings>& groups, BlockReader& reader) {
  for (const MoveRule& rule : moved) {
    const bool there =
        std::any_of(groups.begin(), groups.end(), [&](const GroupSettings& group) { return group.name == rule.to; });
    if (there) continue;
    reader.report({Severity::Error, "moved-nowhere",
                   fmt::format("`moved` leads to group.{}, and the manifest has no such group.", rule.to),
                   "Name a group of the manifest.", rule.at});
  }
  std::map<std::string_view, const GroupSettings*> by_name;
  for (const GroupSettings& group : groups) by_name.emplace(group.name, &group);
  for (const GroupSettings& group : groups) {
    std::size_t steps = 0;
    const GroupSettings* former = &group;
    do {
      const auto next = by_name.find(former->renamed_from);
      former = next == by_name.end() || former->renamed_from == former->name ? nullptr : next->second;
    } while (former != nullptr && former != &group && ++steps < groups.size());
    if (former != &group) continue;
    reader.report({Severity::Error, "renamed-from",
                   fmt::format("The group {} is renamed from {}, which is in the end renamed from {}.", group.name,
                               group.renamed_from, group.name),
                   "Names cannot be swapped at once: give one group a third name, apply, then go on.",
                   group.renamed_from_at});
  }
  std::map<std::string_view, const GroupSettings*> takers;
  for (const GroupSettings& group : groups) {
    if (group.renamed_from.empty()) continue;
    if (group.renamed_from == group.name) {
      reader.report({Severity::Error, "renamed-from",
                     fmt::format("The group {} is renamed from its own name.", group.name), "Take `renamed_from` out.",
                     group.renamed_from_at});
    }
    const auto [first, fresh] = takers.emplace(group.renamed_from, &group);
    if (fresh) continue;
    reader.report(
        {Severity::Error, "renamed-from",
         fmt::format("Two groups are renamed from {}, {} and {}.", group.renamed_from, first->second->name, group.name),
         "One group can become one; say `moved` for the APIs that go to another.", group.renamed_from_at});
  }
}

}  // namespace sluice
