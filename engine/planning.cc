// Plans of a reconciler: exports are compared group by group, then steps, policies and quotas are settled together.
#include <fmt/format.h>

#include <algorithm>

#include "engine/group_parts.h"
#include "engine/observation.h"
#include "engine/reconciler.h"
#include "engine/renames.h"
#include "plan/moves.h"
#include "plan/ownership.h"
#include "plan/policies.h"
#include "plan/quotas.h"
#include "plan/renames.h"
#include "plan/strategy.h"

namespace sluice {
namespace {

bool defines_responses(const DesiredState& desired) {
  return std::any_of(desired.resources.begin(), desired.resources.end(),
                     [](const auto& entry) { return entry.first.type() == "response"; });
}

/// The responses that the files name and don't define, each with the first API that uses it.
std::map<Address, const Resource*> undefined_responses(const GroupRequest& group, const Targets& targets = {}) {
  std::map<Address, const Resource*> undefined;
  for (const auto& [address, resource] : group.desired.resources) {
    if (address.type() != "api" || !targets.includes(address)) continue;
    const std::string_view name = resource.body.text("x-apigateway-response");
    if (name.empty() || name == "default") continue;  // every group has that one
    const Address response = Address::response(group.name, name);
    if (!group.desired.resources.contains(response)) undefined.emplace(response, &resource);
  }
  return undefined;
}

/// What the files turned out to need of a group, once they were read.
ExportRequest request_for(const GroupRequest& group, const StateSnapshot& state) {
  std::vector<Address> policies = group.options.external;
  if (group.name.empty()) {
    for (const auto& [address, resource] : group.desired.resources) policies.push_back(address);
  }
  ExportRequest request = export_request(group.name, group.options.environments, state, policies);
  request.responses = request.responses || defines_responses(group.desired) || !undefined_responses(group).empty();
  return request;
}

bool covers(const ExportRequest& asked, const ExportRequest& wanted) {
  return asked.group == wanted.group && (asked.responses || !wanted.responses) &&
         std::includes(asked.policies.begin(), asked.policies.end(), wanted.policies.begin(), wanted.policies.end());
}

void find_external(const GroupRequest& gateway, const LiveState& live, const Targets& targets, Diagnostics& findings) {
  for (const Address& address : gateway.options.external) {
    if (live.resources.contains(address) || !targets.includes(address)) continue;
    findings.push_back(
        {Severity::Error, "object-missing",
         fmt::format("{} is `external` in the manifest, and the gateway has none of that name.", address.text()),
         "Create it there, or define it in the manifest."});
  }
}

/// An import that names a response which is not there fails on the gateway, when the rest of the plan has been sent.
void find_responses(const GroupRequest& group, const Baseline& base, const LiveState& live, const Targets& targets,
                    Diagnostics& findings) {
  for (const auto& [response, api] : undefined_responses(group, targets)) {
    const bool doomed = base.resources.contains(response) && group.options.prune != Prune::None;
    if (!doomed && live.resources.contains(response)) continue;
    findings.push_back({Severity::Error, "object-missing",
                        fmt::format("{} uses the response \"{}\", which {}.", api->address.text(), response.name(),
                                    doomed ? "the files no longer define" : "neither the files nor the gateway have"),
                        "Define it below `x-apigateway-responses`, or correct the name.", api->source});
  }
}

/// Where each environment of a group is named, as far as that is known.
std::map<std::string, SourceSpan> places_of_environments(const GroupRequest& group) {
  std::map<std::string, SourceSpan> places;
  for (const std::string& name : group.options.environments) {
    const auto at = group.environments_at.find(name);
    places.emplace(name, at == group.environments_at.end() ? SourceSpan{} : at->second);
  }
  return places;
}

GroupSize size_of(const LiveState& live) {
  GroupSize size;
  for (const auto& [address, resource] : live.resources) {
    size.apis += address.type() == "api" ? 1U : 0U;
    size.responses += address.type() == "response" && address.name() != "default" ? 1U : 0U;
  }
  return size;
}

/// The options of the gateway's own policies, whose users may be in any group.
DiffOptions with_owned_apis(DiffOptions options, const StateSnapshot& state, const std::vector<GroupRequest>& groups) {
  for (const auto& [name, base] : state.groups) {
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&group_name = name](const GroupRequest& g) { return g.name == group_name; });
    for (const auto& [address, resource] : base.resources) {
      if (address.type() != "api") continue;
      options.owned_apis.emplace(resource.remote_id, resource.address.text());
      const bool wanted = group != groups.end() && group->desired.resources.contains(address);
      const bool reached = wanted ? group->options.modes.api != Mode::Merge
                                  : group != groups.end() && group->options.prune != Prune::None;
      if (!reached) options.staying_apis.insert(resource.remote_id);
    }
  }
  return options;
}

/// One group on its way into a plan.
struct Planned {
  PlannedGroup group;
  GroupDiff diff;
  std::vector<Step> steps;
  std::vector<Step> deleting_first = {};  ///< the same, should a quota leave no room; empty when there is no choice
  std::optional<LiveState> live = {};     ///< until the steps are chosen, where other groups matter for that
  bool is_there = false;                  ///< on the gateway, or made by the plan
};

/// The groups in which a definition of a policy can travel, and only those.
DesiredState with_homes(const DesiredState& policies, const std::map<std::string, Planned>& planned) {
  DesiredState reachable = policies;
  for (auto& [policy, users] : reachable.users) {
    std::erase_if(users, [&](const auto& user) {
      const auto api = Address::parse(user.second);
      const auto home = api ? planned.find(api->group()) : planned.end();
      return home == planned.end() || !home->second.is_there;
    });
  }
  return reachable;
}

/// Definitions of policies travel with an import into a group. Where no group that is looked at is there, one that was
/// left out is made; its name.
std::string home_for_policies(std::map<std::string, Planned>& planned, const Capabilities& capabilities, Scope& scope) {
  for (const auto& [name, result] : planned) {
    if (!name.empty() && result.is_there) return name;
  }
  for (auto& [name, result] : planned) {
    auto& left_out = result.diff.left_out;
    const auto creation = std::find_if(left_out.begin(), left_out.end(), [](const Change& change) {
      return change.address.type() == "group" && change.action == Action::Create;
    });
    if (creation == left_out.end()) continue;
    scope.notes.push_back(
        fmt::format("{} comes along: policies travel with an import into a group.", creation->address.text()));
    --scope.left_out;
    result.diff.changes.push_back(std::move(*creation));
    left_out.erase(creation);
    result.steps = choose_steps(result.diff, LiveState{}, name, capabilities);
    result.is_there = true;
    return name;
  }
  return {};
}

bool has_both(const GroupDiff& diff) {
  const auto has = [&](Action action) {
    return std::any_of(diff.changes.begin(), diff.changes.end(),
                       [&](const Change& change) { return change.address.type() == "api" && change.action == action; });
  };
  return has(Action::Create) && has(Action::Delete);
}

void plan_steps(Planned& planned, const LiveState& live, const Capabilities& capabilities, const DesiredState& policies,
                const ForcedModes& modes) {
  const std::string& name = planned.group.name;
  if (has_both(planned.diff)) {
    GroupDiff diff = planned.diff;
    planned.deleting_first = choose_steps(diff, live, name, capabilities, policies, Deletions::First, modes);
  }
  planned.steps = choose_steps(planned.diff, live, name, capabilities, policies, Deletions::Last, modes);
}

/// What the manifest says moved between groups.
class Moves {
 public:
  explicit Moves(const std::vector<GroupRequest>& groups) {
    for (const GroupRequest& group : groups) {
      desired_.emplace(group.name, &group.desired);
      rules_.insert(rules_.end(), group.arrivals.begin(), group.arrivals.end());
    }
  }
  const std::vector<MoveRule>& rules() const { return rules_; }
  /// Whether the group's steps depend on what another group's changes are.
  bool concern(const std::string& group) const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [&](const MoveRule& rule) { return rule.from_group == group || rule.to == group; });
  }
  DiffOptions with_leaving_apis(const GroupRequest& group) const {
    DiffOptions options = group.options;
    options.leaving = leaving_apis(rules_, group.name, desired_);
    return options;
  }

 private:
  std::vector<MoveRule> rules_;
  std::map<std::string, const DesiredState*> desired_;
};

std::set<std::string> with_a_choice(const std::map<std::string, Planned>& planned) {
  std::set<std::string> names;
  for (const auto& [name, result] : planned) {
    if (!result.deleting_first.empty()) names.insert(name);
  }
  return names;
}

}  // namespace

Result<Plan> Reconciler::plan(const std::vector<GroupRequest>& groups, const StateSnapshot& state) {
  std::vector<ExportRequest> requests;
  for (const GroupRequest& group : groups) {
    requests.push_back(request_for(group, state));
  }
  Observation observation(provider_, clock_, options_, std::move(requests));
  return plan(groups, state, observation);
}

Result<Plan> Reconciler::plan(const std::vector<GroupRequest>& groups, const StateSnapshot& state,
                              Observation& observation) {
  const Targets& targets = options_.targets;
  Plan plan;
  plan.gateway = provider_.identity();
  plan.scope.targets = targets.targets();
  plan.scope.excludes = targets.exclusions();
  std::map<std::string, const GroupRequest*> by_name;
  std::map<std::string, std::size_t> asked;  // the request that counts for each group
  std::string any_group;
  for (const GroupRequest& group : groups) {
    by_name.emplace(group.name, &group);
    const bool travels = !group.name.empty() && !group.desired.resources.empty();
    if (travels && (any_group.empty() || group.name < any_group)) any_group = group.name;
    const ExportRequest wanted = request_for(group, state);
    const auto& requests = observation.requests();
    const auto covering =
        std::find_if(requests.begin(), requests.end(), [&](const ExportRequest& r) { return covers(r, wanted); });
    asked[group.name] = static_cast<std::size_t>(covering - requests.begin());
    if (covering == requests.end()) observation.add(wanted);
  }
  const Moves moves(groups);
  Renames renames(groups, state);
  for (const std::string& former : renames.to_look_for()) {
    if (!by_name.contains(former)) observation.add({.group = former});
  }
  const DesiredState no_policies;
  const DesiredState& policies = by_name.contains("") ? by_name.at("")->desired : no_policies;
  std::map<std::string, Planned> planned;  // groups end in any order, and are shown by name
  std::map<std::string, ForcedModes> modes;
  for (const GroupRequest& group : groups) modes.emplace(group.name, group.options.modes);
  std::vector<std::map<std::string, SourceSpan>> places;
  for (const GroupRequest& group : groups) places.push_back(places_of_environments(group));
  const std::vector<GroupPart> parts = parts_of(groups, targets);
  std::vector<GroupNames> names;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool whole = parts.empty();
    names.push_back({groups[i].name, whole ? &groups[i].objects : &parts[i].objects,
                     whole ? &groups[i].desired : &parts[i].desired, &places[i]});
  }
  if (auto kinds = kinds_named_by(names); !kinds.empty()) {
    observation.add({.group = "", .objects = std::move(kinds)});
  }
  GatewayObjects objects;
  const std::string today = to_date(clock_.now());
  std::map<std::string, GroupSize> sizes;
  Judging judging = how_to_judge();
  const auto observed = observation.finish([&](const ExportRequest& exported, ExportDone done) -> Result<void> {
    if (!exported.objects.empty()) {
      objects = std::move(done.objects);
      return {};
    }
    LiveState& live = done.live;
    const std::string& name = exported.group;
    renames.saw(name, live);
    if (!by_name.contains(name) || &exported != &observation.requests()[asked.at(name)]) return {};
    const GroupRequest& request = *by_name.at(name);
    find_external(request, live, targets, plan.findings);
    std::optional<Baseline> own;
    const Baseline& base = comparable(state.base_of(name), live, own);
    find_responses(request, base, live, targets, plan.findings);
    report_expired(request.options.ignore, today, plan.findings);
    names[static_cast<std::size_t>(&request - groups.data())].existing_environments = live.environments;
    sizes.emplace(name, size_of(live));
    DiffOptions options =
        name.empty() ? with_owned_apis(request.options, state, groups) : moves.with_leaving_apis(request);
    Planned result{{.name = name,
                    .owner = request.owner,
                    .environments = export_request(name, request.options.environments, state).environments,
                    .owned = count_owned_apis(base, live),
                    .records = {},
                    .forgets = {}},
                   diff_of_part(request, base, live, options, targets, plan.scope),
                   {}};
    if (const auto renamed = state.renamed.find(name); renamed != state.renamed.end()) {
      result.group.renamed_from = renamed->second;
      link_rename(result.diff, Address::group(renamed->second), Address::group(name));
    }
    const auto is_created = [](const Change& change) {
      return change.address.type() == "group" && change.action == Action::Create;
    };
    result.is_there = live.resources.contains(Address::group(name)) ||
                      std::any_of(result.diff.changes.begin(), result.diff.changes.end(), is_created);
    std::set<Address> others(result.diff.unmanaged.begin(), result.diff.unmanaged.end());
    others.insert(result.diff.foreign.begin(), result.diff.foreign.end());
    if (name.empty()) judging.policies = live.resources;
    result.group.unmanaged_changed = others != base.unmanaged;
    if (moves.concern(name)) {
      result.live = std::move(live);
    } else if (!name.empty()) {
      plan_steps(result, live, provider_.capabilities(), policies, request.options.modes);
    }
    planned.emplace(name, std::move(result));
    return {};
  });
  if (!observed) return observed.forward();
  std::map<std::string, MovingGroup> moving;
  for (auto& [name, result] : planned) {
    if (result.live) moving.emplace(name, MovingGroup{&result.diff, &by_name.at(name)->desired});
  }
  link_moves(moving, moves.rules(), plan.findings);
  for (auto& [name, result] : planned) {
    if (result.live) leave_unserved(result.diff, moving, targets, state.base_of(name), *result.live, plan.scope);
  }
  for (auto& [name, result] : planned) {
    if (!result.live) continue;
    plan_steps(result, *result.live, provider_.capabilities(), policies, modes.at(name));
    result.live.reset();
  }
  const auto gateway = planned.find("");
  PolicySteps policy_steps;
  if (gateway != planned.end()) {
    std::vector<const Change*> changes;
    for (const auto& [name, result] : planned) {
      if (name.empty()) continue;
      for (const Change& change : result.diff.changes) changes.push_back(&change);
    }
    if (!targets.empty())
      narrow_policies(gateway->second.diff, targets, state.base_of(""), changes, plan.scope, plan.findings);
    keep_used_policies(gateway->second.diff, changes);
  }
  if (gateway != planned.end()) {
    GroupDiff& diff = gateway->second.diff;
    const bool travel = std::any_of(diff.changes.begin(), diff.changes.end(),
                                    [](const Change& change) { return change.action != Action::Delete; });
    if (travel && !(planned.contains(any_group) && planned.at(any_group).is_there))
      any_group = home_for_policies(planned, provider_.capabilities(), plan.scope);
    policy_steps = choose_policy_steps(diff, travel ? with_homes(policies, planned) : policies, any_group, modes);
  }
  for (const auto& [name, result] : planned) {
    if (gateway == planned.end() || modes.at(name).extend != Mode::Override) continue;
    for (Collision& collision : replaced_though_kept(gateway->second.diff, result.steps))
      plan.collisions.push_back(std::move(collision));
  }
  const std::set<std::string> may_delete_first = with_a_choice(planned);
  for (auto& [name, result] : planned) {
    if (!name.empty()) add_group(plan, std::move(result.group), std::move(result.diff), {});
  }
  if (gateway != planned.end()) {
    add_group(plan, std::move(gateway->second.group), std::move(gateway->second.diff), {});
  }
  renames.judge(plan);
  const Diagnostics unresolved = unresolved_names(names, objects, provider_.capabilities());
  plan.findings.insert(plan.findings.end(), unresolved.begin(), unresolved.end());
  judge(plan, judging);
  sort_diagnostics(plan.findings);
  std::set<std::string> deletes_first;
  if (!has_errors(plan.findings) && may_meet_quotas(plan)) {
    auto allowed = quotas();
    if (!allowed) return allowed.forward();
    if (*allowed) {
      deletes_first = groups_to_delete_first(plan, **allowed, sizes, may_delete_first);
      plan.shortages = shortages(plan, **allowed, sizes, deletes_first);
    }
  }
  for (auto& [name, result] : planned) {
    if (name.empty()) continue;
    add_steps(plan, with_policy_steps(std::move(deletes_first.contains(name) ? result.deleting_first : result.steps),
                                      std::move(policy_steps.by_group[name])));
  }
  await_arrivals(plan.steps, plan.changes);
  if (!plan.steps.empty() && !policy_steps.deletions.empty()) policy_steps.deletions.front().depends_on = {0};
  add_steps(plan, std::move(policy_steps.deletions));
  finish(plan);
  return plan;
}

Result<std::optional<Quotas>> Reconciler::quotas() {
  std::optional<Quotas> quotas;
  Observation observation(provider_, clock_, options_, {{.group = "", .quotas = true}});
  const auto observed = observation.finish([&](const ExportRequest&, ExportDone done) -> Result<void> {
    quotas = std::move(done.objects.quotas);
    return {};
  });
  if (!observed) return observed.forward();
  return quotas;
}

}  // namespace sluice
