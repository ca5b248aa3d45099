#include "engine/scopes.h"

#include <algorithm>

#include "engine/apply_run.h"

namespace sluice {
namespace {

LockScopes scopes_of(const Intent& intent) {
  LockScopes scopes;
  if (!intent.group.empty()) scopes.insert(scope_of(Address::group(intent.group)));
  for (const IntendedResource& resource : intent.resources) scopes.insert(scope_of(resource.address));
  return scopes;
}

bool overlap(const LockScopes& one, const LockScopes& other) {
  if (one.contains("*") || other.contains("*")) return true;
  return std::any_of(one.begin(), one.end(), [&](const std::string& scope) { return other.contains(scope); });
}

void add_group(LockScopes& scopes, const std::string& name) {
  if (!name.empty()) scopes.insert(scope_of(Address::group(name)));
}

}  // namespace

std::string scope_of(const Address& address) {
  return address.group().empty() ? address.text() : Address::group(address.group()).text();
}

LockScopes scopes_of(const Plan& plan, const StateSnapshot& state) {
  LockScopes scopes;
  for (const PlannedGroup& group : plan.groups) {
    if (!is_touched(plan, group, state)) continue;
    add_group(scopes, group.name);
    add_group(scopes, group.renamed_from);
    for (const Resource& record : group.records) scopes.insert(scope_of(record.address));
    for (const Address& address : group.forgets) scopes.insert(scope_of(address));
  }
  for (const Change& change : plan.changes) scopes.insert(scope_of(change.address));
  for (const Step& step : plan.steps) {
    add_group(scopes, step.group);
    for (const Prediction& prediction : step.predicted) scopes.insert(scope_of(prediction.address));
  }
  if (plan.refresh_only) {
    for (const Change& change : plan.drift) scopes.insert(scope_of(change.address));
  }
  return scopes;
}

LockScopes scopes_of(const std::vector<GroupRequest>& groups, const StateSnapshot& state, const Targets& targets) {
  LockScopes scopes;
  for (const GroupRequest& group : groups) {
    add_group(scopes, group.name);
    add_group(scopes, group.renamed_from);
    for (const MoveRule& rule : group.arrivals) add_group(scopes, rule.from_group);
  }
  for (const GroupRequest& policies : groups) {
    if (!policies.name.empty()) continue;
    const auto is_used = [&](const Address& policy) {
      const auto users = policies.desired.users.find(policy);
      return users != policies.desired.users.end() &&
             std::any_of(users->second.begin(), users->second.end(), [&](const auto& user) {
               const auto api = Address::parse(user.second);
               return api && scopes.contains(scope_of(*api));
             });
    };
    LockScopes meant;
    for (const auto& [address, resource] : policies.desired.resources) {
      if (targets.empty() || targets.includes(address) || is_used(address)) meant.insert(scope_of(address));
    }
    for (const auto& [address, resource] : state.base_of("").resources) {
      if (targets.empty() || targets.includes(address)) meant.insert(scope_of(address));
    }
    scopes.merge(meant);
  }
  return scopes;
}

bool covers(const LockScopes& held, const LockScopes& wanted) {
  return held.contains("*") || std::includes(held.begin(), held.end(), wanted.begin(), wanted.end());
}

LockScopes with_open_intents(LockScopes scopes, const StateSnapshot& state) {
  for (bool grown = true; grown;) {
    grown = false;
    for (const Intent& intent : state.open_intents) {
      LockScopes more = scopes_of(intent);
      if (!overlap(scopes, more) || covers(scopes, more)) continue;
      scopes.merge(more);
      grown = true;
    }
  }
  return scopes;
}

void leave_others_intents(StateSnapshot& state, const LockScopes& held) {
  std::erase_if(state.open_intents, [&](const Intent& intent) { return !covers(held, scopes_of(intent)); });
}

}  // namespace sluice
