#include "engine/reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/apply_run.h"
#include "engine/call_pool.h"
#include "engine/observation.h"
#include "engine/task_runner.h"
#include "plan/digest.h"
#include "plan/strategy.h"

namespace sluice {
namespace {

constexpr int kChangesAtMost = 10;
// How long an import whose answer was never seen may take to show.
constexpr Milliseconds kSettlingTime = std::chrono::seconds(10);

std::vector<std::string> all_environments(const ExportRequest& request) {
  std::set<std::string> all(request.environments.begin(), request.environments.end());
  all.insert(request.left_over.begin(), request.left_over.end());
  return {all.begin(), all.end()};
}

std::size_t owned_apis(const Baseline& base) {
  return static_cast<std::size_t>(std::count_if(base.resources.begin(), base.resources.end(),
                                                [](const auto& entry) { return entry.first.type() == "api"; }));
}

const Baseline& base_of(const StateSnapshot& state, const std::string& group) {
  static const Baseline none;
  const auto at = state.groups.find(group);
  return at == state.groups.end() ? none : at->second;
}

/// What is ours and moved in no way; a publication moves with its API.
std::size_t count_unchanged(const Baseline& base, const std::vector<Change>& drift) {
  std::set<Address> moved;
  for (const Change& change : drift) moved.insert(change.address);
  return static_cast<std::size_t>(std::count_if(base.resources.begin(), base.resources.end(), [&](const auto& entry) {
    const bool with_api = entry.first.type() == "publication" && moved.contains(entry.first.api_of_publication());
    return !with_api && !moved.contains(entry.first);
  }));
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
    requests.push_back(export_request(group.name, group.options.environments, state));
  }
  Observation observation(provider_, clock_, options_, std::move(requests));
  return plan(groups, state, observation);
}

Result<Plan> Reconciler::plan(const std::vector<GroupRequest>& groups, const StateSnapshot& state,
                              Observation& observation) {
  Plan plan;
  plan.gateway = provider_.identity();
  std::map<std::string, const GroupRequest*> by_name;
  for (const GroupRequest& group : groups) by_name.emplace(group.name, &group);
  struct Planned {
    PlannedGroup group;
    GroupDiff diff;
    std::vector<Step> steps;
  };
  std::map<std::string, Planned> planned;  // groups end in any order, and are shown by name
  const auto observed = observation.finish([&](const std::string& name, const LiveState& live) -> Result<void> {
    const GroupRequest& request = *by_name.at(name);
    const Baseline& base = base_of(state, name);
    Planned result{{.name = name,
                    .owner = request.owner,
                    .environments = all_environments(export_request(name, request.options.environments, state)),
                    .owned = owned_apis(base),
                    .records = {},
                    .forgets = {}},
                   diff_group(base, request.desired, live, request.options),
                   {}};
    result.steps = choose_steps(result.diff, live, name, provider_.capabilities());
    std::set<Address> others(result.diff.unmanaged.begin(), result.diff.unmanaged.end());
    others.insert(result.diff.foreign.begin(), result.diff.foreign.end());
    result.group.unmanaged_changed = others != base.unmanaged;
    planned.emplace(name, std::move(result));
    return {};
  });
  if (!observed) return observed.forward();
  for (auto& [name, result] : planned)
    add_group(plan, std::move(result.group), std::move(result.diff), std::move(result.steps));
  finish(plan);
  return plan;
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
  const auto observed = observation.finish([&](const std::string& name, const LiveState& live) -> Result<void> {
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
  if (!unanswered || intent.group != group || intent.sent_at < to_rfc3339(clock_.now() - kSettlingTime)) return false;
  return std::any_of(intent.resources.begin(), intent.resources.end(), [&](const IntendedResource& resource) {
    const auto seen = live.resources.find(resource.address);
    return seen == live.resources.end() || seen->second.digest != resource.after_digest;
  });
}

Result<LiveState> Reconciler::observe_at_rest(const ExportRequest& request, const std::vector<Intent>& intents) {
  LiveState live;
  std::string digest;
  for (int look = 0, changes = 0; changes < kChangesAtMost; ++look) {
    if (look > 0) clock_.sleep_for(Milliseconds(100) * std::min(look, 10));
    Observation observation(provider_, clock_, options_, {request});
    const auto observed = observation.finish([&](const std::string&, LiveState seen) -> Result<void> {
      live = std::move(seen);
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
      if (!ended)
        return fail(ErrorKind::Interrupted, "Stopped before the end, by a signal or by --deadline; nothing was sent.");
      const auto* failed = std::get_if<TaskFailed>(&ended->status);
      if (failed != nullptr && failed->error.kind == ErrorKind::Timeout) return fail(failed->error);
    }
  }
  std::map<std::string, StateChange> changes;
  std::map<std::string, LiveState> lives;
  for (const Intent& intent : state.open_intents) {
    if (!lives.contains(intent.group)) {
      std::set<std::string> environments;
      for (const Intent& other : state.open_intents) {
        for (const IntendedResource& resource : other.resources) {
          if (other.group == intent.group && resource.address.type() == "publication")
            environments.insert(resource.address.environment());
        }
      }
      ExportRequest request = export_request(intent.group, {}, state);
      for (const std::string& name : environments) request.left_over.push_back(name);
      auto live = observe_at_rest(request, state.open_intents);
      if (!live) return live.forward();
      lives.emplace(intent.group, std::move(*live));
    }
    StateChange& change = changes[intent.group];
    change.group = intent.group;
    change.unmanaged = base_of(state, intent.group).unmanaged;
    settle_intent(intent, lives.at(intent.group), change);
  }
  for (auto& [group, change] : changes) {
    if (auto committed = store.commit(token, change); !committed) return committed;
  }
  return {};
}

Result<RunReport> Reconciler::apply(const Plan& plan, const StateSnapshot& state, StateStore& store,
                                    const LockToken& token, const std::string& run_id, RunListener& listener) {
  std::vector<ExportRequest> requests;
  std::map<std::string, LiveState> before;
  for (const PlannedGroup& group : plan.groups) {
    const bool touched = group.unmanaged_changed || !group.records.empty() || !group.forgets.empty() ||
                         std::any_of(plan.changes.begin(), plan.changes.end(),
                                     [&](const Change& change) { return change.address.group() == group.name; });
    if (!touched) continue;
    requests.push_back(export_request(group.name, {}, state));
    requests.back().left_over = group.environments;
  }
  std::vector<std::string> stale;
  Observation observation(provider_, clock_, options_, std::move(requests));
  const auto observed = observation.finish([&](const std::string& name, LiveState live) -> Result<void> {
    for (std::string& what : what_moved(plan, name, live, owned_in(state, name))) stale.push_back(std::move(what));
    before.emplace(name, std::move(live));
    return {};
  });
  if (!observed) return observed.forward();
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
