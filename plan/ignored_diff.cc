#include "plan/ignored_diff.h"

#include <set>

#include "plan/drift.h"

namespace sluice {

void show_as_it_is(GroupDiff& diff, const IgnoringView& view, const LiveState& live) {
  const auto restore = [&](Resource& resource) {
    if (const Resource* now = find_resource(live.resources, resource.address)) resource = *now;
  };
  for (Resource& record : diff.records) restore(record);
  for (Change& change : diff.changes) {
    for (auto& [environment, digest] : change.published) {
      const Resource* now = find_resource(live.resources, Address::publication(change.address, environment));
      if (now != nullptr) digest = now->digest;
    }
    if (change.address.type() != "publication" || change.before.is_null()) continue;
    const Resource& now = live.resources.at(change.address);
    change.before = now.body;
    change.before_digest = now.digest;
  }
  // The base learns what the gateway holds in the ignored places too.
  const std::set<Address> moved(view.moved().begin(), view.moved().end());
  std::set<Address> told;
  for (const Change& change : diff.changes) told.insert(change.address);
  for (const Resource& record : diff.records) told.insert(record.address);
  if (moved.empty()) return;
  for (const auto& [address, ours] : view.base().resources) {
    const bool publication = address.type() == "publication";
    const Address api = publication ? address.api_of_publication() : address;
    if (!moved.contains(api) || told.contains(address) || !view.desired().resources.contains(api)) continue;
    if (const Resource* now = find_resource(live.resources, address)) diff.records.push_back(*now);
  }
}

}  // namespace sluice
