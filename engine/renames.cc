#include "engine/renames.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/renames.h"

namespace sluice {
namespace {

const Resource* group_in(const ResourceMap& resources, const std::string& name) {
  return find_resource(resources, Address::group(name));
}

}  // namespace

FormerNames former_names(const std::vector<GroupSettings>& groups) {
  FormerNames names;
  for (const GroupSettings& group : groups) {
    const bool taken = std::any_of(groups.begin(), groups.end(),
                                   [&](const GroupSettings& other) { return other.name == group.renamed_from; });
    if (!group.renamed_from.empty() && !taken) names.emplace(group.name, group.renamed_from);
  }
  return names;
}

FormerNames former_names(const Plan& plan) {
  FormerNames names;
  for (const PlannedGroup& group : plan.groups) {
    if (!group.renamed_from.empty()) names.emplace(group.name, group.renamed_from);
  }
  return names;
}

bool owns_something(const StateSnapshot& state, const std::string& group) {
  const auto base = state.groups.find(group);
  return base != state.groups.end() && (!base->second.resources.empty() || !base->second.claimed.empty());
}

void follow_renames(StateSnapshot& state, const FormerNames& names) {
  for (const auto& [name, former] : names) {
    const auto old = state.groups.find(former);
    const bool ours = old != state.groups.end() && group_in(old->second.resources, former) != nullptr;
    if (!ours || owns_something(state, name)) continue;
    Baseline renamed = with_group_name(old->second, name);
    state.groups.erase(old);
    state.groups.insert_or_assign(name, std::move(renamed));
    state.renamed.emplace(name, former);
  }
}

Renames::Renames(const std::vector<GroupRequest>& groups, const StateSnapshot& state) : groups_(groups), state_(state) {
  for (const GroupRequest& group : groups) {
    if (group.renamed_from.empty()) continue;
    const bool owned = state.renamed.contains(group.name);
    const bool settled = !owned && owns_something(state, group.name) && !owns_something(state, group.renamed_from);
    if (settled) continue;  // it was renamed long ago, and the line has stayed
    pending_.push_back({&group, owned});
    if (!owned) wanted_.insert(group.renamed_from);
  }
}

void Renames::saw(const std::string& group, const LiveState& live) {
  if (const Resource* found = group_in(live.resources, group)) seen_.insert_or_assign(group, *found);
}

const Resource* Renames::found(const std::string& group) const {
  const auto at = seen_.find(group);
  return at == seen_.end() ? nullptr : &at->second;
}

void Renames::judge(Plan& plan) const {
  for (const Rename& rename : pending_) judge_one(plan, rename);
  find_twins(plan);
}

void Renames::refuse(Plan& plan, const GroupRequest& group, std::string difference, std::string way_out) const {
  plan.collisions.push_back({.address = Address::group(group.name),
                             .difference = std::move(difference),
                             .source = group.renamed_from_at,
                             .way_out = std::move(way_out)});
}

void Renames::judge_one(Plan& plan, const Rename& rename) const {
  const GroupRequest& group = *rename.group;
  const std::string& former = group.renamed_from;
  const Resource* now = found(group.name);
  if (rename.owned) {
    const Resource* ours = group_in(state_.groups.at(group.name).resources, group.name);
    if (now == nullptr || ours == nullptr || !made_anew(*ours, *now)) return;
    return refuse(plan, group,
                  fmt::format("it is to be renamed from {}, and the gateway has another group of that name", former),
                  fmt::format("Rename or delete the other on the gateway; or take `renamed_from` out to use it and "
                              "leave {} behind.",
                              former));
  }
  const auto other = std::find_if(groups_.begin(), groups_.end(), [&](const GroupRequest& one) {
    return one.name == former && !one.desired.resources.empty();
  });
  const bool old_is_ours = owns_something(state_, former);
  if (other != groups_.end()) {
    if (!old_is_ours || owns_something(state_, group.name)) return;  // a new group that took the name
    return refuse(
        plan, group,
        fmt::format("it is to be renamed from {}, and the manifest asks for a group of that name as well", former),
        other->renamed_from.empty()
            ? fmt::format("Do it in two steps: take {} out of the manifest, apply, then put it back.", former)
            : fmt::format("Do it in two steps: call the other {} until this is applied, and rename it then.",
                          other->renamed_from));
  }
  const Resource* old = found(former);
  if (old != nullptr && now != nullptr && old->remote_id != now->remote_id) {
    return refuse(plan, group, fmt::format("it is to be renamed from {}, and the gateway has both groups", former),
                  fmt::format("Say `moved` for the APIs of {} that are to go to {}, and take `renamed_from` out; or "
                              "rename or delete one of them on the gateway.",
                              former, group.name));
  }
  if (old != nullptr && now == nullptr) {
    return refuse(
        plan, group,
        fmt::format("it is to be renamed from {}, which is not owned by Sluice and so is not renamed", former),
        fmt::format("Take it over with `sluice import 'group{0}' 'api{0}**'` first, or take `renamed_from` "
                    "out to make a new group.",
                    Address::group(former).text().substr(5)));
  }
  if (old == nullptr && now == nullptr) {
    plan.findings.push_back({Severity::Warning, "renamed-nothing",
                             fmt::format("The group {} is to be renamed from {}, which neither the gateway nor the "
                                         "state has: it is made anew.",
                                         group.name, former),
                             "Take `renamed_from` out, or correct it.", group.renamed_from_at});
  }
}

/// A group that was renamed by hand, and that the manifest has by its new name: under the old one it is not wanted any
/// more, and would be deleted.
void Renames::find_twins(Plan& plan) const {
  std::map<std::string_view, const std::string*> by_id;
  for (const auto& [name, group] : seen_) {
    if (group.remote_id.empty()) continue;
    const auto [first, fresh] = by_id.emplace(group.remote_id, &name);
    if (fresh) continue;
    const bool calls_itself = group.body.text("name") == name;
    const std::string& now = calls_itself ? name : *first->second;
    const std::string& before = calls_itself ? *first->second : name;
    plan.collisions.push_back(
        {.address = Address::group(now),
         .difference = fmt::format("on the gateway it is the very group that Sluice owns as {}", before),
         .source = {},
         .way_out = fmt::format("Say `renamed_from: {}` in the group {} of the manifest.", before, now)});
  }
}

Result<void> store_renames(const Plan& plan, const StateSnapshot& state, StateStore& store, const LockToken& token) {
  for (const PlannedGroup& group : plan.groups) {
    const auto renamed = state.renamed.find(group.name);
    if (renamed == state.renamed.end()) continue;
    StateChange change{.group = group.name,
                       .owned = {},
                       .gone = {},
                       .unmanaged = state.groups.at(group.name).unmanaged,
                       .closed_intents = {},
                       .renamed_from = renamed->second};
    if (auto committed = store.commit(token, change); !committed) return committed;
  }
  return {};
}

std::vector<std::string> changed_hands(const Plan& plan, const std::string& group, const StateSnapshot& state,
                                       const LiveState& live) {
  const auto planned =
      std::find_if(plan.groups.begin(), plan.groups.end(), [&](const PlannedGroup& one) { return one.name == group; });
  const auto base = state.groups.find(group);
  if (planned == plan.groups.end() || planned->renamed_from.empty() || base == state.groups.end()) return {};
  const Resource* ours = group_in(base->second.resources, group);
  const Resource* now = group_in(live.resources, group);
  if (ours == nullptr || now == nullptr || !made_anew(*ours, *now)) return {};
  return {
      fmt::format("the gateway has another group {} by now than the one that was {}", group, planned->renamed_from)};
}

}  // namespace sluice
