#include "engine/reconciler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/apply_run.h"
#include "engine/call_pool.h"
#include "engine/group_parts.h"
#include "engine/observation.h"
#include "engine/renames.h"
#include "engine/task_runner.h"
#include "plan/digest.h"
#include "plan/moves.h"
#include "plan/policies.h"
#include "plan/quotas.h"
#include "plan/refresh.h"
#include "plan/renames.h"
#include "plan/staleness.h"
#include "plan/strategy.h"

namespace sluice {
namespace {

constexpr int kChangesAtMost = 10;
constexpr std::size_t kMovedAtMost = 20;  ///< of a stale plan, told one by one
// How long an import whose answer was never seen may take to show.
constexpr Milliseconds kSettlingTime = std::chrono::seconds(10);

std::size_t owned_apis(const Baseline& base) {
  return static_cast<std::size_t>(std::count_if(base.resources.begin(), base.resources.end(),
                                                [](const auto& entry) { return entry.first.type() == "api"; }));
}

const Baseline& base_of(const StateSnapshot& state, const std::string& group) {
  static const Baseline none;
  const auto at = state.groups.find(group);
  return at == state.groups.end() ? none : at->second;
}

/// How many resources of ours moved in no way, nor what is served of them; publications count with their APIs.
std::size_t count_unchanged(const Baseline& base, const std::vector<Change>& drift, const Targets& targets) {
  std::set<Address> moved;
  for (const Change& change : drift) {
    const bool publication = change.address.type() == "publication";
    moved.insert(publication ? change.address.api_of_publication() : change.address);
  }
  return static_cast<std::size_t>(std::count_if(base.resources.begin(), base.resources.end(), [&](const auto& entry) {
    return entry.first.type() != "publication" && !moved.contains(entry.first) && targets.includes(entry.first);
  }));
}

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

/// What to look at in a group to tell what open intents did there.
ExportRequest request_to_settle(const std::string& group, const StateSnapshot& state) {
  std::set<std::string> environments;
  std::vector<Address> policies;
  bool responses = false;
  for (const Intent& intent : state.open_intents) {
    for (const IntendedResource& resource : intent.resources) {
      if (resource.address.group() != group) continue;
      if (resource.address.type() == "publication") environments.insert(resource.address.environment());
      responses = responses || resource.address.type() == "response";
      if (group.empty()) policies.push_back(resource.address);
    }
  }
  ExportRequest request = export_request(group, {}, state, policies);
  request.responses = request.responses || responses;
  request.environments.insert(request.environments.end(), environments.begin(), environments.end());
  return request;
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

std::string digest_of_state(const LiveState& live) {
  std::string text;
  for (const auto& [address, resource] : live.resources) text += address.text() + resource.digest + "\n";
  return sha256_hex(text);
}

}  // namespace

Reconciler::Reconciler(Provider& provider, Clock& clock, ReconcilerOptions options)
    : provider_(provider), clock_(clock), options_(std::move(options)) {}

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
  const std::string today = to_rfc3339(clock_.now()).substr(0, 10);
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
    const Baseline& base = base_of(state, name);
    find_responses(request, base, live, targets, plan.findings);
    report_expired(request.options.ignore, today, plan.findings);
    names[static_cast<std::size_t>(&request - groups.data())].existing_environments = live.environments;
    sizes.emplace(name, size_of(live));
    DiffOptions options =
        name.empty() ? with_owned_apis(request.options, state, groups) : moves.with_leaving_apis(request);
    Planned result{{.name = name,
                    .owner = request.owner,
                    .environments = export_request(name, request.options.environments, state).environments,
                    .owned = owned_apis(base),
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
    if (result.live) leave_unserved(result.diff, moving, targets, base_of(state, name), *result.live, plan.scope);
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
      narrow_policies(gateway->second.diff, targets, base_of(state, ""), changes, plan.scope, plan.findings);
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

Result<Plan> Reconciler::drift(const StateSnapshot& state, const std::map<std::string, std::string>& owners,
                               const std::map<std::string, std::vector<IgnoreRule>>& ignore) {
  return look_back(state, owners, ignore, false);
}

Result<Plan> Reconciler::refresh(const StateSnapshot& state, const std::map<std::string, std::string>& owners,
                                 const std::map<std::string, std::vector<IgnoreRule>>& ignore) {
  return look_back(state, owners, ignore, true);
}

Result<Plan> Reconciler::look_back(const StateSnapshot& state, const std::map<std::string, std::string>& owners,
                                   const std::map<std::string, std::vector<IgnoreRule>>& ignore, bool refresh) {
  Plan plan;
  const DesiredState nothing_asked;
  const std::string today = to_rfc3339(clock_.now()).substr(0, 10);
  plan.gateway = provider_.identity();
  plan.drift_only = true;
  plan.refresh_only = refresh;
  std::vector<ExportRequest> requests;
  for (const auto& [name, base] : state.groups) {
    const bool ours = !base.resources.empty() || !base.claimed.empty();
    if (ours && options_.targets.may_concern(name)) requests.push_back(export_request(name, {}, state));
  }
  plan.scope.targets = options_.targets.targets();
  plan.scope.excludes = options_.targets.exclusions();
  const auto is_out = [&](const Address& address) { return !options_.targets.includes(address); };
  Observation observation(provider_, clock_, options_, std::move(requests));
  const auto observed = observation.finish([&](const ExportRequest& exported, const ExportDone& done) -> Result<void> {
    const LiveState& live = done.live;
    const std::string& name = exported.group;
    const Baseline& base = state.groups.at(name);
    GroupDiff diff;
    const auto rules = ignore.find(name);
    const IgnoringView view(base, nothing_asked, live,
                            rules != ignore.end() ? rules->second : std::vector<IgnoreRule>());
    diff.drift = find_drift(view.base(), view.live());
    diff.ignored = view.hidden();
    std::erase_if(diff.drift, [&](const Change& change) { return is_out(change.address); });
    std::erase_if(diff.ignored, [&](const IgnoredField& field) { return is_out(field.address); });
    diff.unchanged = count_unchanged(base, diff.drift, options_.targets);
    for (const auto& [address, resource] : live.resources) {
      const bool ours = base.resources.contains(address) || base.claimed.contains(address);
      const bool appeared = address.type() == "api" && !ours && !base.unmanaged.contains(address);
      if (appeared && !is_out(address)) diff.unmanaged.push_back(address);
    }
    if (refresh) take_live(diff, base, live, options_.targets);
    const auto owner = owners.find(name);
    PlannedGroup group{.name = name, .owner = "", .environments = exported.environments, .records = {}, .forgets = {}};
    group.unmanaged_changed = refresh && !diff.unmanaged.empty();
    if (const auto renamed = state.renamed.find(name); renamed != state.renamed.end())
      group.renamed_from = renamed->second;
    if (owner != owners.end()) group.owner = owner->second;
    add_group(plan, std::move(group), std::move(diff), {});
    return {};
  });
  if (!observed) return observed.forward();
  for (const auto& [name, rules] : ignore) report_expired(rules, today, plan.findings);
  judge(plan, how_to_judge());
  sort_diagnostics(plan.findings);
  finish(plan);
  return plan;
}

Judging Reconciler::how_to_judge() const {
  constexpr std::size_t kDate = std::string_view("2027-01-31").size();
  return {.settings = options_.risks, .policies = {}, .today = to_rfc3339(clock_.now()).substr(0, kDate)};
}

bool Reconciler::may_still_come(const Intent& intent, const std::string& group, const LiveState& live) const {
  const bool unanswered = intent.kind == StepKind::Import && intent.task_id.empty() && intent.outcome.empty();
  if (!unanswered || intent.sent_at < to_rfc3339(clock_.now() - kSettlingTime)) return false;
  return std::any_of(intent.resources.begin(), intent.resources.end(), [&](const IntendedResource& resource) {
    if (resource.address.group() != group) return false;
    const auto seen = live.resources.find(resource.address);
    return seen == live.resources.end() || unbound_digest(seen->second) != resource.after_digest;
  });
}

Result<LiveState> Reconciler::observe_at_rest(const ExportRequest& request, const std::vector<Intent>& intents) {
  LiveState live;
  std::string digest;
  for (int look = 0, changes = 0; changes < kChangesAtMost; ++look) {
    if (look > 0) clock_.sleep_for(Milliseconds(100) * std::min(look, 10));
    Observation observation(provider_, clock_, options_, {request});
    const auto observed = observation.finish([&](const ExportRequest&, ExportDone done) -> Result<void> {
      live = std::move(done.live);
      return {};
    });
    if (!observed) return observed.forward();
    const bool awaited = std::any_of(intents.begin(), intents.end(),
                                     [&](const Intent& intent) { return may_still_come(intent, request.group, live); });
    std::string now = digest_of_state(live);
    if (now == digest && !awaited) return live;
    changes += now == digest ? 0 : 1;
    digest = std::move(now);
  }
  return fail(Error{ErrorKind::Timeout,
                    fmt::format("The group {} keeps changing, so what an interrupted run did cannot be told: run the "
                                "command again when nobody else works on it.",
                                request.group),
                    Effect::Unknown,
                    {}});
}

Result<void> Reconciler::resolve_open_intents(StateStore& store, const LockToken& token, const StateSnapshot& state,
                                              RunListener& listener) {
  if (state.open_intents.empty()) return {};
  listener.on_notice(
      Severity::Warning, "interrupted-run",
      fmt::format("An earlier run ended before it had accounted for {}; looking at what became of {}.",
                  state.open_intents.size() == 1 ? "1 request" : fmt::format("{} requests", state.open_intents.size()),
                  state.open_intents.size() == 1 ? "it" : "them"));
  {
    CallPool pool(std::min<std::size_t>(options_.threads, 1), clock_);
    TaskRunner runner(provider_, pool, clock_);
    int key = 0;
    for (const Intent& intent : state.open_intents) {
      if (intent.task_id.empty() || !intent.outcome.empty()) continue;
      runner.start(
          {.key = key++,
           .start = [this, &intent]() -> Result<Task> { return provider_.resume(intent.task_id, intent.group); },
           .timeout = options_.task_timeout});
      const auto ended = runner.wait(options_.interrupted);
      if (!ended) return fail(ErrorKind::Interrupted, "Stopped before the end; nothing was sent.");
      const auto* failed = std::get_if<TaskFailed>(&ended->status);
      if (failed != nullptr && failed->error.kind == ErrorKind::Timeout) return fail(failed->error);
    }
  }
  std::map<std::string, StateChange> changes;
  std::map<std::string, LiveState> lives;
  for (const Intent& intent : state.open_intents) {
    std::set<std::string> groups = {intent.group};
    for (const IntendedResource& resource : intent.resources) groups.insert(resource.address.group());
    for (const std::string& group : groups) {
      if (!lives.contains(group)) {
        auto live = observe_at_rest(request_to_settle(group, state), state.open_intents);
        if (!live) return live.forward();
        lives.emplace(group, std::move(*live));
      }
      StateChange& change = changes[group];
      change.group = group;
      change.unmanaged = base_of(state, group).unmanaged;
      settle_intent(intent, lives.at(group), change);
    }
  }
  for (auto& [group, change] : changes) {
    if (auto committed = store.commit(token, change); !committed) return committed;
  }
  return {};
}

Result<std::vector<std::string>> Reconciler::lost_names(const Plan& plan,
                                                        const std::map<std::string, LiveState>& live) {
  std::map<std::string, PendingNames> pending;
  std::vector<GroupNames> names;
  for (const auto& [group, seen] : live) {
    const PendingNames& added = pending[group] = pending_names(plan, group, seen);
    names.push_back({group, &added.objects, &added.apis, nullptr});
  }
  const std::set<ObjectKind> kinds = kinds_named_by(names);
  std::vector<std::string> lost;
  if (kinds.empty()) return lost;
  Observation observation(provider_, clock_, options_, {{.group = "", .objects = kinds}});
  const auto observed = observation.finish([&](const ExportRequest&, const ExportDone& done) -> Result<void> {
    for (const Diagnostic& finding : unresolved_names(names, done.objects, provider_.capabilities())) {
      if (finding.severity != Severity::Error) continue;
      lost.push_back(finding.summary.substr(0, finding.summary.find_last_not_of('.') + 1));
    }
    return {};
  });
  if (!observed) return observed.forward();
  return lost;
}

Result<RunReport> Reconciler::apply(const Plan& plan, const StateSnapshot& state, StateStore& store,
                                    const LockToken& token, const std::string& run_id, RunListener& listener) {
  std::vector<ExportRequest> requests;
  std::map<std::string, LiveState> before;
  for (const PlannedGroup& group : plan.groups) {
    const bool touched =
        group.unmanaged_changed || !group.records.empty() || !group.forgets.empty() || !group.protect.empty() ||
        !group.unprotect.empty() || state.renamed.contains(group.name) ||
        std::any_of(plan.changes.begin(), plan.changes.end(),
                    [&](const Change& change) { return change.address.group() == group.name; }) ||
        std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) { return step.group == group.name; });
    if (touched) requests.push_back(request_to_apply(plan, group, state));
  }
  std::vector<std::string> stale;
  Observation observation(provider_, clock_, options_, std::move(requests));
  const auto observed = observation.finish([&](const ExportRequest& exported, ExportDone done) -> Result<void> {
    const std::string& name = exported.group;
    for (std::string& what : what_moved(plan, name, done.live, owned_in(state, name))) stale.push_back(std::move(what));
    for (std::string& what : changed_hands(plan, name, state, done.live)) stale.push_back(std::move(what));
    before.emplace(name, std::move(done.live));
    return {};
  });
  if (!observed) return observed.forward();
  if (stale.empty() && !plan.created_at.empty()) {  // the names of a plan made just now were looked up with it
    auto lost = lost_names(plan, before);
    if (!lost) return lost.forward();
    stale = std::move(*lost);
  }
  if (!stale.empty()) {
    std::sort(stale.begin(), stale.end());
    const std::size_t told = std::min(stale.size(), kMovedAtMost);
    const std::string rest = stale.size() > told ? fmt::format("; and {} more", stale.size() - told) : "";
    return fail(ErrorKind::Refused,
                fmt::format("The plan is stale: {}{}. Nothing was sent; make a new plan.",
                            fmt::join(stale.begin(), stale.begin() + static_cast<std::ptrdiff_t>(told), "; "), rest));
  }
  for (const Step& step : plan.steps) {  // what the gateway keeps of its own is known by now
    if (!options_.secrets) break;
    if (const auto plain = options_.secrets->reveal(step.document); !plain) return plain.forward();
  }
  if (auto renamed = store_renames(plan, state, store, token); !renamed) return renamed.forward();
  ApplyContext context{plan, provider_, store, token, run_id, clock_, listener, options_, state};
  return run_apply(context, std::move(before));
}

}  // namespace sluice
