#include "engine/group_parts.h"

#include <algorithm>

namespace sluice {

GroupDiff diff_of_part(const GroupRequest& request, const Baseline& base, const LiveState& live, DiffOptions options,
                       const Targets& targets, Scope& scope) {
  const bool list_unchanged = options.list_unchanged;
  options.list_unchanged = options.list_unchanged || !targets.empty();
  GroupDiff diff = diff_group(base, request.desired, live, options);
  if (targets.empty()) return diff;
  if (!request.name.empty()) narrow_group(diff, targets, base, live, scope);
  if (!list_unchanged) {
    std::erase_if(diff.same, [](const Change& change) { return !change.importing && change.reason.empty(); });
  }
  return diff;
}

std::vector<GroupPart> parts_of(const std::vector<GroupRequest>& groups, const Targets& targets) {
  std::vector<GroupPart> parts;
  if (targets.empty()) return parts;
  for (const GroupRequest& group : groups) {
    GroupPart part{narrowed(group.desired, targets), group.objects};
    std::set<ObjectName> named;
    for (const auto& [address, resource] : part.desired.resources) {
      if (address.type() != "api") continue;
      for (ObjectName& name : objects_named_by(resource.body)) named.insert(std::move(name));
    }
    std::erase_if(part.objects, [&](const auto& entry) { return !named.contains(entry.first); });
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace sluice
