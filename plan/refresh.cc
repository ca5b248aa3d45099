#include "plan/refresh.h"

#include <algorithm>

#include "plan/drift.h"

namespace sluice {

void take_live(GroupDiff& diff, const Baseline& base, const LiveState& live, const Targets& targets) {
  if (diff.drift.empty()) return;
  std::set<Address> lost;
  for (const auto& [address, ours] : base.resources) {
    if (!targets.includes(address)) continue;
    const bool publication = address.type() == "publication";
    const Resource* now = find_resource(live.resources, address);
    const bool with_api = publication && lost.contains(address.api_of_publication());
    if (now == nullptr || made_anew(ours, *now) || with_api) {
      lost.insert(address);
      diff.forgets.push_back(address);
      if (now != nullptr) diff.foreign.push_back(address);
    } else if (now->digest != ours.digest || now->changed_at != ours.changed_at) {
      diff.records.push_back(*now);
    }
  }
  const std::vector<Address> elsewhere = foreign_publications(base, {}, live);
  diff.foreign.insert(diff.foreign.end(), elsewhere.begin(), elsewhere.end());
  diff.foreign.insert(diff.foreign.end(), base.unmanaged.begin(), base.unmanaged.end());
}

}  // namespace sluice
