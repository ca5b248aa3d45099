#include "plan/staleness.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

const Resource* find(const LiveState& live, const Address& address) {
  const auto at = live.resources.find(address);
  return at == live.resources.end() ? nullptr : &at->second;
}

/// How one change's own resource moved; "" when it did not.
std::string_view movement(const Plan& plan, const Change& change, const std::string& now,
                          const std::set<Address>& owned, std::size_t users) {
  const Address subject = change.address.type() == "publication" ? change.address.api_of_publication() : change.address;
  const bool needs_owner =
      !change.foreign && (change.action != Action::Create || change.address.type() == "publication");
  if (needs_owner && !now.empty() && now != change.after_digest && !owned.contains(subject) && !change.importing) {
    return "is not owned by Sluice any more: somebody else made it anew";
  }
  const bool imported_now = plan.find(subject) != nullptr;
  if (change.action == Action::Delete && needs_owner && !now.empty() && !owned.contains(subject) && !imported_now) {
    return "is not owned by Sluice any more: somebody else made it anew";
  }
  if (change.action == Action::Delete && users > change.touches.size()) return "is used by more APIs since";
  if (now == change.before_digest || now == change.after_digest) return {};
  if (!now.empty() && now == temporary_digest(plan, change.address)) return {};
  if (now.empty()) return "is gone from the gateway since";
  return change.before_digest.empty() ? "has appeared on the gateway, with other contents, since"
                                      : "was changed on the gateway since";
}

/// Environments in which what is served is neither what the plan saw nor what it wants.
std::vector<std::string> moved_publications(const Change& change, const LiveState& live) {
  std::vector<std::string> moved;
  if (change.address.type() != "api") return moved;
  const bool deletes = change.action == Action::Delete;
  std::set<std::string> touched(change.environments.begin(), change.environments.end());
  for (const auto& [address, resource] : live.resources) {
    if (deletes && address.type() == "publication" && address.api_of_publication() == change.address) {
      touched.insert(address.environment());
    }
  }
  for (const std::string& environment : touched) {
    const Address address = Address::publication(change.address, environment);
    const Resource* now = find(live, address);
    const auto seen = change.published.find(environment);
    if (now == nullptr || (!deletes && now->digest == change.after_digest)) continue;
    if (seen == change.published.end() || seen->second != now->digest) moved.push_back(environment);
  }
  return moved;
}

/// What the base is to take must still be there as it was seen.
std::vector<std::string> moved_since_refresh(const PlannedGroup& group, const LiveState& live) {
  std::vector<std::string> moved;
  for (const Resource& record : group.records) {
    const Resource* now = find(live, record.address);
    const bool same = now != nullptr && now->digest == record.digest && now->remote_id == record.remote_id;
    if (!same) moved.push_back(fmt::format("{} was changed on the gateway since", record.address.text()));
  }
  for (const Address& address : group.forgets) {
    const bool was_there = std::find(group.foreign.begin(), group.foreign.end(), address) != group.foreign.end();
    if (!was_there && find(live, address) != nullptr)
      moved.push_back(fmt::format("{} has appeared on the gateway since", address.text()));
  }
  return moved;
}

}  // namespace

std::vector<std::string> what_moved(const Plan& plan, const std::string& group, const LiveState& live,
                                    const std::set<Address>& owned) {
  std::vector<std::string> moved;
  for (const PlannedGroup& planned : plan.groups) {
    if (plan.refresh_only && planned.name == group) return moved_since_refresh(planned, live);
  }
  for (const Change& change : plan.changes) {
    if (change.address.group() != group) continue;
    const Resource* now = find(live, change.address);
    const auto users = live.users.find(change.address);
    const auto how = movement(plan, change, now != nullptr ? now->digest : std::string(), owned,
                              users != live.users.end() ? users->second.size() : 0);
    if (!how.empty()) {
      moved.push_back(fmt::format("{} {}", change.address.text(), how));
      continue;  // what is served of it moved along
    }
    for (const std::string& environment : moved_publications(change, live)) {
      moved.push_back(fmt::format("what {} serves of {} was published anew since", environment, change.address.text()));
    }
  }
  return moved;
}

PendingNames pending_names(const Plan& plan, const std::string& group, const LiveState& live) {
  PendingNames pending;
  for (const Change& change : plan.changes) {
    if (change.address.type() != "api" || change.address.group() != group || change.after.is_null()) continue;
    const Resource* now = find(live, change.address);
    if (now != nullptr && now->digest == change.after_digest) continue;
    Resource api{change.address, change.after, change.after_digest};
    api.source = change.source;
    for (ObjectName& name : objects_named_by(api.body)) {
      const auto [uses, fresh] =
          pending.objects.try_emplace(std::move(name), ObjectUses{0, change.address.text(), change.source});
      ++uses->second.count;
    }
    pending.apis.resources.emplace(change.address, std::move(api));
  }
  return pending;
}

}  // namespace sluice
