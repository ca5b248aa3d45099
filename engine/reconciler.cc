#include "engine/reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/apply_run.h"
#include "engine/call_pool.h"
#include "engine/observation.h"
#include "engine/task_runner.h"
#include "plan/digest.h"
#include "plan/policies.h"
#include "plan/quotas.h"
#include "plan/staleness.h"
#include "plan/strategy.h"

namespace sluice {
namespace {

constexpr int kChangesAtMost = 10;
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
std::size_t count_unchanged(const Baseline& base, const std::vector<Change>& drift) {
  std::set<Address> moved;
  for (const Change& change : drift) {
    const bool publication = change.address.type() == "publication";
    moved.insert(publication ? change.address.api_of_publication() : change.address);
  }
  return static_cast<std::size_t>(std::count_if(base.resources.begin(), base.resources.end(), [&](const auto& entry) {
    return entry.first.type() != "publication" && !moved.contains(entry.first);
  }));
}

bool defines_responses(const DesiredState& desired) {
  return std::any_of(desired.resources.begin(), desired.resources.end(),
                     [](const auto& entry) { return entry.first.type() == "response"; });
}

/// The responses that the files name and don't define, each with the first API that uses it.
std::map<Address, const Resource*> undefined_responses(const GroupRequest& group) {
  std::map<Address, const Resource*> undefined;
  for (const auto& [address, resource] : group.desired.resources) {
    if (address.type() != "api") continue;
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

void find_external(const GroupRequest& gateway, const LiveState& live, Diagnostics& findings) {
  for (const Address& address : gateway.options.external) {
    if (live.resources.contains(address)) continue;
    findings.push_back(
        {Severity::Error, "object-missing",
         fmt::format("{} is `external` in the manifest, and the gateway has none of that name.", address.text()),
         "Create it there, or define it in the manifest."});
  }
}

/// An import that names a response which is not there fails on the gateway, when the rest of the plan has been sent.
void find_responses(const GroupRequest& group, const Baseline& base, const LiveState& live, Diagnostics& findings) {
  for (const auto& [response, api] : undefined_responses(group)) {
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
      const bool reached =
          group != groups.end() && (group->desired.resources.contains(address) || group->options.prune != Prune::None);
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
};

bool has_both(const GroupDiff& diff) {
  const auto has = [&](Action action) {
    return std::any_of(diff.changes.begin(), diff.changes.end(),
                       [&](const Change& change) { return change.address.type() == "api" && change.action == action; });
  };
  return has(Action::Create) && has(Action::Delete);
}

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
  Plan plan;
  plan.gateway = provider_.identity();
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
  const DesiredState no_policies;
  const DesiredState& policies = by_name.contains("") ? by_name.at("")->desired : no_policies;
  std::map<std::string, Planned> planned;  // groups end in any order, and are shown by name
  std::vector<std::map<std::string, SourceSpan>> places;
  for (const GroupRequest& group : groups) places.push_back(places_of_environments(group));
  std::vector<GroupNames> names;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    names.push_back({groups[i].name, &groups[i].objects, &groups[i].desired, &places[i]});
  }
  if (auto kinds = kinds_named_by(names); !kinds.empty()) {
    observation.add({.group = "", .objects = std::move(kinds)});
  }
  GatewayObjects objects;
  std::map<std::string, GroupSize> sizes;
  const auto observed = observation.finish([&](const ExportRequest& exported, ExportDone done) -> Result<void> {
    if (!exported.objects.empty()) {
      objects = std::move(done.objects);
      return {};
    }
    const LiveState& live = done.live;
    const std::string& name = exported.group;
    if (&exported != &observation.requests()[asked.at(name)]) return {};
    const GroupRequest& request = *by_name.at(name);
    find_external(request, live, plan.findings);
    const Baseline& base = base_of(state, name);
    find_responses(request, base, live, plan.findings);
    names[static_cast<std::size_t>(&request - groups.data())].existing_environments = live.environments;
    sizes.emplace(name, size_of(live));
    Planned result{{.name = name,
                    .owner = request.owner,
                    .environments = export_request(name, request.options.environments, state).environments,
                    .owned = owned_apis(base),
                    .records = {},
                    .forgets = {}},
                   diff_group(base, request.desired, live,
                              name.empty() ? with_owned_apis(request.options, state, groups) : request.options),
                   {}};
    std::set<Address> others(result.diff.unmanaged.begin(), result.diff.unmanaged.end());
    others.insert(result.diff.foreign.begin(), result.diff.foreign.end());
    if (!name.empty() && has_both(result.diff)) {
      GroupDiff diff = result.diff;
      result.deleting_first = choose_steps(diff, live, name, provider_.capabilities(), policies, Deletions::First);
    }
    if (!name.empty()) result.steps = choose_steps(result.diff, live, name, provider_.capabilities(), policies);
    result.group.unmanaged_changed = others != base.unmanaged;
    planned.emplace(name, std::move(result));
    return {};
  });
  if (!observed) return observed.forward();
  const auto gateway = planned.find("");
  PolicySteps policy_steps;
  if (gateway != planned.end()) policy_steps = choose_policy_steps(gateway->second.diff, policies, any_group);
  const std::set<std::string> may_delete_first = with_a_choice(planned);
  for (auto& [name, result] : planned) {
    if (!name.empty()) add_group(plan, std::move(result.group), std::move(result.diff), {});
  }
  if (gateway != planned.end()) {
    add_group(plan, std::move(gateway->second.group), std::move(gateway->second.diff), {});
  }
  const Diagnostics unresolved = unresolved_names(names, objects, provider_.capabilities());
  plan.findings.insert(plan.findings.end(), unresolved.begin(), unresolved.end());
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

Result<Plan> Reconciler::drift(const StateSnapshot& state, const std::map<std::string, std::string>& owners) {
  Plan plan;
  plan.gateway = provider_.identity();
  plan.drift_only = true;
  std::vector<ExportRequest> requests;
  for (const auto& [name, base] : state.groups) {
    const bool ours = !base.resources.empty() || !base.claimed.empty();
    if (ours) requests.push_back(export_request(name, {}, state));
  }
  Observation observation(provider_, clock_, options_, std::move(requests));
  const auto observed = observation.finish([&](const ExportRequest& exported, const ExportDone& done) -> Result<void> {
    const LiveState& live = done.live;
    const std::string& name = exported.group;
    const Baseline& base = state.groups.at(name);
    GroupDiff diff;
    diff.drift = find_drift(base, live);
    diff.unchanged = count_unchanged(base, diff.drift);
    for (const auto& [address, resource] : live.resources) {
      const bool ours = base.resources.contains(address) || base.claimed.contains(address);
      if (address.type() == "api" && !ours && !base.unmanaged.contains(address)) diff.unmanaged.push_back(address);
    }
    const auto owner = owners.find(name);
    PlannedGroup group{.name = name, .owner = "", .environments = {}, .records = {}, .forgets = {}};
    if (owner != owners.end()) group.owner = owner->second;
    add_group(plan, std::move(group), std::move(diff), {});
    return {};
  });
  if (!observed) return observed.forward();
  finish(plan);
  return plan;
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
        group.unmanaged_changed || !group.records.empty() || !group.forgets.empty() ||
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
    return fail(ErrorKind::Refused,
                fmt::format("The plan is stale: {}{}. Nothing was sent; make a new plan.", stale.front(),
                            stale.size() > 1 ? fmt::format(", and {} more", stale.size() - 1) : ""));
  }
  ApplyContext context{plan, provider_, store, token, run_id, clock_, listener, options_, state};
  return run_apply(context, std::move(before));
}

}  // namespace sluice
