#include "plan/ignored_diff.h"

#include <fmt/format.h>

#include <set>
#include <string>

#include "plan/drift.h"
#include "plan/limits.h"

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

void refuse_broken_mixtures(GroupDiff& diff, const IgnoringView& view, const DesiredState& desired,
                            const LiveState& live) {
  std::set<Address> mixed;
  for (const IgnoredField& field : view.hidden()) mixed.insert(field.address);
  for (const Change& change : diff.changes) {
    if (change.address.type() != "api" || change.action != Action::Update || !mixed.contains(change.address)) continue;
    std::set<std::string> known;  // what is not for the mixture
    for (const Value* body : {&desired.resources.at(change.address).body, &live.resources.at(change.address).body}) {
      for (Broken& rule : limits_broken(*body)) known.insert(std::move(rule.what));
    }
    for (const Broken& rule : limits_broken(change.after)) {
      if (!rule.refused || known.contains(rule.what)) continue;
      Collision collision{change.address, fmt::format("with what `ignore` leaves as the gateway has it, {}", rule.what),
                          change.source};
      collision.way_out = "Take the rule off what depends on the change, or leave the change out.";
      diff.collisions.push_back(std::move(collision));
      break;
    }
  }
}

}  // namespace sluice
