#include "engine/reconciler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/apply_run.h"
#include "engine/call_pool.h"
#include "engine/observation.h"
#include "engine/renames.h"
#include "engine/task_runner.h"
#include "plan/digest.h"
#include "plan/policies.h"
#include "plan/refresh.h"
#include "plan/staleness.h"

namespace sluice {
namespace {

constexpr int kChangesAtMost = 10;
constexpr std::size_t kMovedAtMost = 20;  ///< of a stale plan, told one by one
// How long an import may take to show of which nobody told the end.
constexpr Milliseconds kSettlingTime = std::chrono::seconds(10);

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

std::string digest_of_state(const LiveState& live) {
  std::string text;
  for (const auto& [address, resource] : live.resources) text += address.text() + resource.digest + "\n";
  return sha256_hex(text);
}

}  // namespace

Reconciler::Reconciler(Provider& provider, Clock& clock, ReconcilerOptions options)
    : provider_(provider), clock_(clock), options_(std::move(options)) {}

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
  const std::string today = to_date(clock_.now());
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
    std::optional<Baseline> own;
    const Baseline& base = comparable(state.groups.at(name), live, own);
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

const Baseline& Reconciler::comparable(const Baseline& base, const LiveState& live,
                                       std::optional<Baseline>& own) const {
  return options_.secrets ? options_.secrets->comparable(base, live, own) : base;
}

Judging Reconciler::how_to_judge() const {
  return {.settings = options_.risks, .policies = {}, .today = to_date(clock_.now())};
}

bool Reconciler::may_still_come(const Intent& intent, const std::string& group, const LiveState& live) const {
  const bool untold = intent.kind == StepKind::Import && intent.outcome.empty();
  if (!untold || intent.sent_at < to_rfc3339(clock_.now() - kSettlingTime)) return false;
  return std::any_of(intent.resources.begin(), intent.resources.end(), [&](const IntendedResource& resource) {
    if (resource.address.group() != group) return false;
    const auto seen = live.resources.find(resource.address);
    return seen == live.resources.end() ||
           (seen->second.digest != resource.after_digest && unbound_digest(seen->second) != resource.after_digest);
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
  std::vector<Intent> intents = state.open_intents;
  {
    CallPool pool(std::min<std::size_t>(options_.threads, 1), clock_);
    TaskRunner runner(provider_, pool, clock_);
    int key = 0;
    for (Intent& intent : intents) {
      if (intent.task_id.empty() || !intent.outcome.empty()) continue;
      runner.start(
          {.key = key++,
           .start = [this, &intent]() -> Result<Task> { return provider_.resume(intent.task_id, intent.group); },
           .timeout = options_.task_timeout});
      const auto ended = runner.wait(options_.interrupted);
      if (!ended) return fail(ErrorKind::Interrupted, "Stopped before the end; nothing was sent.");
      const auto* failed = std::get_if<TaskFailed>(&ended->status);
      if (failed != nullptr && failed->error.kind == ErrorKind::Timeout) return fail(failed->error);
      // A task whose record is gone may still be at work.
      if (failed == nullptr) intent.outcome = "done";
      if (failed != nullptr && failed->ended) intent.outcome = "failed";
    }
  }
  std::map<std::string, StateChange> changes;
  std::map<std::string, LiveState> lives;
  std::vector<std::int64_t> settled;
  for (const Intent& intent : intents) {
    settled.push_back(intent.id);
    std::set<std::string> groups = {intent.group};
    for (const IntendedResource& resource : intent.resources) groups.insert(resource.address.group());
    for (const std::string& group : groups) {
      if (!lives.contains(group)) {
        auto live = observe_at_rest(request_to_settle(group, state), intents);
        if (!live) return live.forward();
        lives.emplace(group, std::move(*live));
      }
      StateChange& change = changes[group];
      change.group = group;
      change.unmanaged = state.base_of(group).unmanaged;
      settle_intent(intent, lives.at(group), state.base_of(group), change);
    }
  }
  std::size_t left = changes.size();
  for (auto& [group, change] : changes) {
    // An intent may be about several groups, and is open until the last of them is written.
    if (--left == 0) change.closed_intents = std::move(settled);
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
    if (is_touched(plan, group, state)) requests.push_back(request_to_apply(plan, group, state));
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
