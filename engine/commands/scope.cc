// How much of the manifest a run is about: --target, --exclude, --changed.
#include <fmt/format.h>

#include <algorithm>

#include "engine/commands/command.h"
#include "plan/asked.h"
#include "plan/drift.h"

namespace sluice {
namespace {

/// Where the definition of a policy can travel: a group that uses it, best one that the state knows; any other else.
std::string home_of(const Address& policy, const GroupRequest& policies, const std::vector<GroupRequest>& groups,
                    const StateSnapshot& state) {
  std::string home;
  if (const auto users = policies.desired.users.find(policy); users != policies.desired.users.end()) {
    for (const auto& [id, name] : users->second) {
      const auto api = Address::parse(name);
      if (!api) continue;
      if (state.groups.contains(api->group())) return api->group();
      if (home.empty()) home = api->group();
    }
  }
  for (const GroupRequest& group : groups) {
    if (home.empty() && !group.desired.resources.empty()) home = group.name;
  }
  return home;
}

/// The groups that policies which may change need to travel in.
std::set<std::string> homes(const std::vector<GroupRequest>& groups, const StateSnapshot& state,
                            const Targets& targets) {
  std::set<std::string> names;
  for (const GroupRequest& policies : groups) {
    if (!policies.name.empty()) continue;
    for (const auto& [address, resource] : policies.desired.resources) {
      const Resource* ours = find_resource(state.base_of("").resources, address);
      const bool as_applied = ours != nullptr && ours->digest == resource.digest;
      if (targets.includes(address) && !as_applied) names.insert(home_of(address, policies, groups, state));
    }
  }
  return names;
}

bool has_open_intent(const StateSnapshot& state, const std::string& group) {
  return std::any_of(state.open_intents.begin(), state.open_intents.end(), [&](const Intent& intent) {
    return intent.group == group || std::any_of(intent.resources.begin(), intent.resources.end(),
                                                [&](const auto& one) { return one.address.group() == group; });
  });
}

bool asks_for_something_new(const GroupRequest& group, const StateSnapshot& state) {
  const Baseline& base = state.base_of(group.name);
  // Under `prune: all` the files ask that nothing else be there, which only looking tells.
  const bool looks = has_open_intent(state, group.name) || !group.options.external.empty() ||
                     group.options.prune == Prune::All || state.renamed.contains(group.name) ||
                     changes_protection(base, group.desired, group.options.protect) ||
                     (group.options.forget_kept && !base.kept.empty());
  return looks || asks_for_something_new(group.desired, group.options.environments, base);
}

/// What goes to another group needs that one looked at; and of a group that is not looked at nothing is said to come.
void look_where_things_go(std::vector<GroupRequest>& groups, std::set<std::string>& names) {
  const std::set<std::string> leaving = names;
  std::set<std::string> unseen;
  for (const GroupRequest& group : groups) {
    if (!leaving.contains(group.name)) unseen.insert(group.name);
  }
  for (GroupRequest& group : groups) {
    std::erase_if(group.arrivals, [&](const MoveRule& rule) { return unseen.contains(rule.from_group); });
    const bool awaited = std::any_of(group.arrivals.begin(), group.arrivals.end(),
                                     [&](const MoveRule& rule) { return leaving.contains(rule.from_group); });
    if (awaited) names.insert(group.name);
  }
}

}  // namespace

std::map<std::string, std::string> owners_of(const Manifest& manifest) {
  std::map<std::string, std::string> owners;
  for (const GroupSettings& group : manifest.groups) owners.emplace(group.name, group.owner);
  return owners;
}

std::map<std::string, std::vector<IgnoreRule>> ignored_by(const Manifest& manifest) {
  std::map<std::string, std::vector<IgnoreRule>> ignored;
  for (const GroupSettings& group : manifest.groups) ignored.emplace(group.name, group.ignore);
  return ignored;
}

std::size_t leave_unseen(std::vector<GroupRequest>& groups, const StateSnapshot& state, const Targets& targets,
                         bool changed) {
  if (targets.empty() && !changed) return 0;
  const std::set<std::string> needed = homes(groups, state, targets);
  std::set<std::string> names;
  for (const GroupRequest& group : groups) {
    const bool meant = group.name.empty() || targets.may_concern(group.name);
    const bool looks = needed.contains(group.name) || (meant && (!changed || asks_for_something_new(group, state)));
    if (looks) names.insert(group.name);
  }
  look_where_things_go(groups, names);
  std::vector<GroupRequest> seen;
  std::size_t unseen = 0;
  for (const GroupRequest& group : groups) {
    if (names.contains(group.name)) {
      seen.push_back(group);
    } else {
      unseen += group.name.empty() ? 0U : 1U;
    }
  }
  groups = std::move(seen);
  return unseen;
}

Result<void> check_targets(const Targets& targets, const Workspace& workspace, const StateSnapshot& state,
                           const Plan& plan) {
  if (targets.empty()) return {};
  std::set<Address> known;
  for (const GroupSettings& group : workspace.manifest.groups) known.insert(Address::group(group.name));
  for (const GroupRequest& group : workspace.groups) {
    for (const auto& [address, resource] : group.desired.resources) known.insert(address);
  }
  for (const auto& [name, base] : state.groups) {
    for (const auto& [address, resource] : base.resources) known.insert(address);
    known.insert(base.unmanaged.begin(), base.unmanaged.end());
  }
  for (const Change& change : plan.changes) known.insert(change.address);
  known.insert(plan.unmanaged.begin(), plan.unmanaged.end());
  if (auto unknown = targets.excludes_nothing(known)) print_warning(*unknown);
  if (auto wrong = targets.names_nothing(known)) return fail(ErrorKind::NotFound, std::move(*wrong));
  return {};
}

}  // namespace sluice
