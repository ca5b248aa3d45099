#include "engine/apply_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "engine/call_pool.h"
#include "engine/group_run.h"
#include "engine/observation.h"
#include "engine/run_records.h"
#include "engine/task_runner.h"
#include "plan/half_done.h"
#include "plan/import_document.h"
#include "plan/policies.h"

namespace sluice {
namespace {

const Resource* find(const LiveState& live, const Address& address) {
  const auto at = live.resources.find(address);
  return at == live.resources.end() ? nullptr : &at->second;
}

std::string digest_in(const LiveState& live, const Address& address) {
  const Resource* resource = find(live, address);
  return resource == nullptr ? std::string() : resource->digest;
}

class ApplyRun {
 public:
  ApplyRun(const ApplyContext& context, std::map<std::string, LiveState> before) : context_(context) {
    for (const PlannedGroup& group : context.plan.groups) {
      const auto live = before.find(group.name);
      if (live == before.end()) continue;
      GroupRun run;
      run.group = &group;
      run.request = request_to_apply(context.plan, group, context.state);
      run.before = std::move(live->second);
      run.owned = owned_in(context.state, group.name);
      for (const auto& [address, resource] : run.before.resources) run.ids.emplace(address, resource.remote_id);
      for (const Step& step : context.plan.steps) {
        if (step.group == group.name) run.steps.push_back(&step);
      }
      runs_.push_back(std::move(run));
    }
  }

  Result<RunReport> run() {
    report_.run_id = context_.run_id;
    context_.listener.on_apply_start(context_.plan);
    if (!context_.plan.steps.empty()) {
      // First, so that what is reserved is left for the journal and the state.
      if (auto kept = keep_backups(context_.store, context_.token, context_.run_id, context_.plan, runs_); !kept)
        return kept.forward();
      if (auto room = context_.store.reserve(context_.token, room_for(context_.plan)); !room) return room.forward();
    }
    CallPool pool(std::min(context_.options.threads, runs_.size()), context_.clock);
    TaskRunner runner(context_.provider, pool, context_.clock);
    runner_ = &runner;
    while (true) {
      do {
        start_idle_groups();
      } while (wake_waiting());
      auto ended = runner.wait(context_.options.interrupted);
      if (!ended) break;
      GroupRun& group = runs_[static_cast<std::size_t>(ended->key)];
      if (group.looking) {
        looked(group, ended->status);
      } else {
        step_ended(group, ended->status);
      }
      if (fault_ && runner.running() == 0) break;
    }
    if (context_.options.interrupted()) note_interruption();
    if (fault_ && report_.sent == 0) return fail(*fault_);
    if (fault_) {
      report_.converged = false;
      report_.unknown = true;
      context_.listener.on_notice(Severity::Error, "run-stopped", fault_->message);
    }
    return std::move(report_);
  }

 private:
  bool stopping() const { return fault_.has_value() || context_.options.interrupted(); }

  void start_idle_groups() {
    while (next_group_ < runs_.size() && runner_->running() < context_.options.parallelism && !stopping()) {
      GroupRun& run = runs_[next_group_];
      if (run.group->name.empty() && !take_over_policies(run)) return;
      ++next_group_;
      proceed(run);
    }
  }

  /// Goes on with groups whose wait is over; whether there was one.
  bool wake_waiting() {
    bool any = false;
    for (GroupRun& run : runs_) {
      if (!run.waiting || stopping() || awaits(runs_, run, *run.steps[run.next]) == Await::Longer) continue;
      run.waiting = false;
      any = true;
      proceed(run);
    }
    return any;
  }

  /// Definitions of policies travel with imports into groups: once all groups are done, what came of them is accounted
  /// here. False while a group is still at work.
  bool take_over_policies(GroupRun& gateway) {
    for (const GroupRun& run : runs_) {
      if (&run == &gateway) continue;
      if (!run.accounted && !run.unseen) return false;
      gateway.trouble = gateway.trouble || run.trouble;
      // Any group's import carries the definitions that its operations use, whichever step was to make them.
      gateway.sent = gateway.sent || run.sent;
      gateway.results.insert(run.results.begin(), run.results.end());
    }
    return true;
  }

  /// The run that accounts for a resource: its own group's, or the gateway's for a policy.
  GroupRun& run_of(GroupRun& run, const Address& address) {
    if (address.group() == run.group->name) return run;
    const auto at = std::find_if(runs_.begin(), runs_.end(),
                                 [&](const GroupRun& other) { return other.group->name == address.group(); });
    check(at != runs_.end(), "a step names a resource of a group that the plan does not have");
    return *at;
  }

  /// The run whose commit closes an intent: the gateway's, which comes last, where policies travel along.
  GroupRun& accountable_for(GroupRun& run, const Intent& intent) {
    const auto policy = std::find_if(intent.resources.begin(), intent.resources.end(),
                                     [](const IntendedResource& named) { return named.address.group().empty(); });
    return run_of(run, (policy == intent.resources.end() ? intent.resources.begin() : policy)->address);
  }

  /// Both the group that was sent to and the run that closes the intent look twice.
  void note_unsettled(GroupRun& run) {
    run.unsettled.push_back(run.intent);
    for (GroupRun& other : runs_) {
      const bool closes = std::find(other.intents.begin(), other.intents.end(), run.intent) != other.intents.end();
      if (closes && &other != &run) other.unsettled.push_back(run.intent);
    }
  }

  int key_of(const GroupRun& run) const { return static_cast<int>(&run - runs_.data()); }

  /// Sends the group's next step that still has something to do; after the last one, looks.
  void proceed(GroupRun& run) {
    while (run.next < run.steps.size() && !stopping()) {
      const Step& planned = *run.steps[run.next];
      const Await await = run.trouble ? Await::No : awaits(runs_, run, planned);
      run.waiting = await == Await::Longer;
      if (run.waiting) return;
      run.trouble = run.trouble || await == Await::InVain;
      ++run.next;
      if (run.trouble && takes_away(planned.kind)) continue;
      if (planned.kind == StepKind::DeleteGroup && holds_strangers(run)) {
        run.results[planned.id] = {StepEnd::Failed, {}, "", "the group holds an API that the plan does not delete"};
        run.trouble = true;
        continue;
      }
      run.current = what_is_left(run, planned);
      note_not_sent(run, planned);
      if (run.current->predicted.empty()) {
        run.results[planned.id].end = StepEnd::Done;
        run.current.reset();
        continue;
      }
      if (send(run)) return;
      break;
    }
    if (stopping() && run.sent) {
      report_.converged = false;
      report_.unknown = true;
      return;
    }
    if (stopping()) return;
    if (run.sent) {
      look(run);
    } else {
      account_for(run, run.before);
    }
  }

  bool holds_strangers(const GroupRun& run) const {
    return std::any_of(run.before.resources.begin(), run.before.resources.end(), [this](const auto& entry) {
      if (entry.first.type() != "api") return false;
      const Change* change = context_.plan.find(entry.first);
      return change == nullptr || change->action != Action::Delete;
    });
  }

  static bool takes_away(StepKind kind) {
    return kind == StepKind::Offline || kind == StepKind::DeleteApi || kind == StepKind::DeleteGroup ||
           kind == StepKind::DeleteResponse || kind == StepKind::DeletePolicy;
  }

  static void note_not_sent(GroupRun& run, const Step& planned) {
    std::set<Address>& not_sent = run.results[planned.id].not_sent;
    for (const Prediction& prediction : planned.predicted) not_sent.insert(prediction.address);
    for (const Prediction& prediction : run.current->predicted) not_sent.erase(prediction.address);
  }

  /// The step without what the gateway already shows, what failed before, and what is gone.
  Step what_is_left(GroupRun& run, const Step& planned) {
    Step step = planned;
    step.predicted.clear();
    for (const Prediction& prediction : planned.predicted) {
      if (is_done(run_of(run, prediction.address), planned, prediction) || is_hopeless(run, prediction)) continue;
      step.predicted.push_back(prediction);
    }
    if (planned.kind == StepKind::Import && step.predicted.size() != planned.predicted.size()) {
      step.document = shortened_document(planned, step.predicted);
    }
    return step;
  }

  bool is_done(const GroupRun& run, const Step& planned, const Prediction& prediction) const {
    if (takes_away(planned.kind)) return find(run.before, prediction.address) == nullptr;
    const std::string wanted = digest_after(context_.plan, prediction);
    if (planned.kind == StepKind::Publish || planned.kind == StepKind::Bind || planned.kind == StepKind::Unbind) {
      const std::string serving = digest_in(run.before, prediction.address);
      return serving == wanted && !was_sent(run, prediction.address);
    }
    const std::string now = digest_in(run.before, prediction.address);
    if (prediction.digest.empty()) return now == wanted;
    const Change* change = change_behind(context_.plan, prediction.address);  // the step frees its name
    return change == nullptr || now != change->before_digest;
  }

  /// An import of this run replaced the draft, so that what is served must be published anew.
  static bool was_sent(const GroupRun& run, const Address& publication) {
    const Address api = publication.api_of_publication();
    return std::any_of(run.results.begin(), run.results.end(), [&](const auto& result) {
      const auto& entries = result.second.entries;
      return std::any_of(entries.begin(), entries.end(),
                         [&](const EntryResult& entry) { return entry.address == api; });
    });
  }

  /// A publication whose API this run was to import, and did not: what would go out is somebody else's draft.
  bool is_hopeless(const GroupRun& run, const Prediction& prediction) const {
    const bool follows = prediction.effect == Effected::Published || prediction.effect == Effected::Bound ||
                         prediction.effect == Effected::Unbound;
    if (!follows) return false;
    const Address api = prediction.address.api_of_publication();
    const Change* change = context_.plan.find(api);
    if (change == nullptr || digest_in(run.before, api) == change->after_digest) return false;
    const Step* import = nullptr;
    for (const Step* step : run.steps) {
      const bool names = std::any_of(step->predicted.begin(), step->predicted.end(),
                                     [&](const Prediction& p) { return p.address == api && p.digest.empty(); });
      if (step->kind == StepKind::Import && names) import = step;
    }
    if (import == nullptr) return false;
    const auto result = run.results.find(import->id);
    if (result == run.results.end()) return true;
    const auto& entries = result->second.entries;
    return std::none_of(entries.begin(), entries.end(), [&](const EntryResult& entry) {
      return entry.address == api && (entry.effect == Effected::Created || entry.effect == Effected::Updated);
    });
  }

  /// The planned document with only the operations of `kept`.
  static std::string shortened_document(const Step& planned, const std::vector<Prediction>& kept) {
    std::vector<std::string> names;
    for (const Prediction& prediction : kept) {
      std::string name = prediction.address.name();
      if (name.ends_with(" SWA")) name.resize(name.size() - 4);
      names.push_back(std::move(name));
    }
    return filtered_import_document(planned.document, names);
  }

  /// Journals the intent and hands the step to the provider. False when the journal could not be written.
  bool send(GroupRun& run) {
    const Step& step = *run.current;
    if (const auto may = context_.options.may_send(); !may) {
      fault_ = may.error();
      return false;
    }
    const Intent intent = intent_of(context_.plan, step, context_.run_id);
    const auto id = context_.store.open_intent(context_.token, intent);
    if (!id) {
      fault_ = id.error();
      return false;
    }
    run.intent = *id;
    run.sent = true;
    GroupRun& accountable = accountable_for(run, intent);
    accountable.intents.push_back(*id);
    accountable.sent = true;
    ++report_.sent;
    context_.listener.on_step_start(step, step.predicted.size());
    runner_->start({.key = key_of(run),
                    .start = [this, &run] { return start(run); },
                    .on_started = [this, &run](const Task& task) -> Result<void> {
                      if (task.id.empty()) return {};
                      context_.listener.on_task(*run.current, task.id);
                      return context_.store.note_task(context_.token, run.intent, task.id);
                    },
                    .timeout = context_.options.task_timeout});
    return true;
  }

  /// The secrets of a step are plain in the copy that is sent, and nowhere else.
  Result<Task> start(const GroupRun& run) const {
    if (!holds_mask(run.current->document)) return context_.provider.start(*run.current, run.ids);
    const auto document = secrets().reveal(run.current->document);
    if (!document) return document.forward();
    Step step = *run.current;
    step.document = *document;
    return context_.provider.start(step, run.ids);
  }

  const SecretVault& secrets() const {
    static const SecretVault none({}, {});
    return context_.options.secrets ? *context_.options.secrets : none;
  }

  void step_ended(GroupRun& run, const TaskStatus& status) {
    const Step step = *run.current;
    StepResult& result = run.results[step.id];
    bool partial = false;  // some of it may have been done: nothing more is sent before looking
    if (const auto* done = std::get_if<StepDone>(&status)) {
      result.end = StepEnd::Done;
      result.entries = done->entries;
      for (EntryResult& entry : result.entries)
        entry.error_message = secrets().redacted(std::move(entry.error_message));
      for (const EntryResult& entry : done->entries) {
        const bool made = entry.effect == Effected::Created || entry.effect == Effected::Updated;
        if (made && !entry.remote_id.empty()) run.ids.insert_or_assign(entry.address, entry.remote_id);
      }
    } else if (const auto* failed = std::get_if<TaskFailed>(&status)) {
      const bool sure = failed->error.effect == Effect::None || failed->ended;
      partial = failed->error.effect != Effect::None;
      result.end = sure ? StepEnd::Failed : StepEnd::Unknown;
      result.error_code = failed->error.code;
      result.error_message = secrets().redacted(failed->error.message);
      if (!sure) note_unsettled(run);
    } else {
      check(false, "a step ended as something else");
    }
    run.trouble = run.trouble || !went_as_predicted(step, result);
    context_.listener.on_step_end(step, result);
    if (result.end == StepEnd::Done) {
      const auto told = context_.store.note_result(context_.token, run.intent, result_text(result.entries));
      if (!told) fault_ = told.error();
    }
    const auto noted = context_.store.note_outcome(context_.token, run.intent,
                                                   result.end == StepEnd::Done     ? "done"
                                                   : result.end == StepEnd::Failed ? "failed"
                                                                                   : "");
    if (!noted) fault_ = noted.error();
    run.current.reset();
    // Without the group there is nothing to import into, and after a lost answer nothing is sent before looking.
    const bool group_failed = step.kind == StepKind::CreateGroup && result.end != StepEnd::Done;
    if (group_failed || partial) run.next = run.steps.size();
    proceed(run);
  }

  static bool went_as_predicted(const Step& step, const StepResult& result) {
    if (result.end != StepEnd::Done) return false;
    return std::all_of(step.predicted.begin(), step.predicted.end(), [&](const Prediction& prediction) {
      return std::any_of(result.entries.begin(), result.entries.end(), [&](const EntryResult& entry) {
        return entry.address == prediction.address && entry.effect == prediction.effect;
      });
    });
  }

  void look(GroupRun& run) {
    run.looking = true;
    const Milliseconds pause = run.looks == 0 ? Milliseconds(0) : Milliseconds(200);
    runner_->start({.key = key_of(run),
                    .start =
                        [this, request = run.request, pause] {
                          if (pause.count() > 0) context_.clock.sleep_for(pause);
                          return context_.provider.start_export(request);
                        },
                    .timeout = context_.options.task_timeout,
                    .repeatable = true});
  }

  void looked(GroupRun& run, const TaskStatus& status) {
    const auto* done = std::get_if<ExportDone>(&status);
    if (done == nullptr) {
      const auto* failed = std::get_if<TaskFailed>(&status);
      report_.converged = false;
      report_.unknown = true;
      context_.listener.on_notice(Severity::Error, "cannot-look",
                                  fmt::format("What became of {} could not be seen: {} To go on, {}.",
                                              run.group->name.empty() ? "the policies" : "the group " + run.group->name,
                                              failed != nullptr ? secrets().redacted(failed->error.message) : "",
                                              how_to_resume(context_.run_id)));
      run.unseen = true;
      run.trouble = true;
      note_unaccounted(run, "what became of it could not be seen");
      return;
    }
    LiveState live = done->live;
    secrets().mask(live.resources);
    // After a lost answer the gateway may still be at work: two looks must agree.
    std::string now;
    for (const auto& [address, resource] : live.resources) now += address.text() + resource.digest;
    constexpr int kLooks = 10;
    if (!run.unsettled.empty() && now != run.last_look && ++run.looks < kLooks) {
      run.last_look = now;
      return look(run);
    }
    account_for(run, live);
  }

  void account_for(GroupRun& run, const LiveState& after) {
    run.accounted = true;
    const Ledger ledger = account(context_.plan, run.group->name, run.results, run.before, after, run.owned);
    for (const Outcome& outcome : ledger.outcomes) {
      context_.listener.on_outcome(outcome);
      report_.unknown = report_.unknown || outcome.actual == Effected::Unknown;
    }
    report_.converged = report_.converged && ledger.converged();
    for (const Address& address : ledger.unexpected) report_unexpected(run, address);
    commit(run, ledger, after);
    note_outcomes(ledger.outcomes);
    report_.adopted += adopted_by(run, ledger);
    report_.outcomes.insert(report_.outcomes.end(), ledger.outcomes.begin(), ledger.outcomes.end());
  }

  void note_outcomes(const std::vector<Outcome>& outcomes) {
    if (outcomes.empty() || context_.plan.steps.empty()) return;
    const auto noted = context_.store.note_outcomes(context_.token, context_.run_id, outcomes);
    if (!noted) fault_ = noted.error();
  }

  /// How much of what is ours now was there before, and was not.
  std::size_t adopted_by(const GroupRun& run, const Ledger& ledger) const {
    return static_cast<std::size_t>(
        std::count_if(ledger.owned.begin(), ledger.owned.end(), [&](const Resource& resource) {
          const Address& address = resource.address;
          if (address.type() == "publication" || run.owned.contains(address)) return false;
          const Change* change = context_.plan.find(address);
          return change == nullptr || change->importing;
        }));
  }

  void report_unexpected(const GroupRun& run, const Address& address) {
    context_.listener.on_notice(
        Severity::Warning, "unexpected-change",
        fmt::format("{} changed during the run, and not by the plan: run `sluice plan` to see it.", address.text()));
    if (run.owned.contains(address)) report_.converged = false;
  }

  void commit(const GroupRun& run, const Ledger& ledger, const LiveState& after) {
    StateChange change = change_of_state(context_.plan, run, ledger, after);
    const bool still_unknown = std::any_of(ledger.outcomes.begin(), ledger.outcomes.end(),
                                           [](const Outcome& outcome) { return !outcome.as_predicted(); });
    for (const std::int64_t intent : run.intents) {
      const bool open =
          left_open_.contains(intent) ||
          (still_unknown && std::find(run.unsettled.begin(), run.unsettled.end(), intent) != run.unsettled.end());
      if (!open) change.closed_intents.push_back(intent);
    }
    if (still_unknown) left_open_.insert(run.unsettled.begin(), run.unsettled.end());
    if (const auto committed = context_.store.commit(context_.token, change); !committed) fault_ = committed.error();
  }

  /// What is said of a group that was not looked at again.
  void note_unaccounted(const GroupRun& run, const std::string& why) {
    std::vector<Outcome> unaccounted;
    for (const Change& change : context_.plan.changes) {
      if (change.address.group() != run.group->name) continue;
      Outcome outcome{change.address, prediction_of(change), run.sent ? Effected::Unknown : Effected::Skipped};
      outcome.error_message = why;
      context_.listener.on_outcome(outcome);
      unaccounted.push_back(outcome);
      report_.outcomes.push_back(std::move(outcome));
    }
    note_outcomes(unaccounted);
  }

  void note_interruption() {
    const bool all = std::all_of(runs_.begin(), runs_.end(), [](const GroupRun& run) { return run.accounted; });
    if (all) return;  // the signal came when everything was done
    report_.interrupted = true;
    report_.converged = false;
    for (const GroupRun& run : runs_) {
      if (!run.accounted && !run.unseen) {
        note_unaccounted(
            run, run.sent ? "the run was stopped before it looked again" : "the run was stopped before it was sent");
      }
      if (!run.current) continue;
      context_.listener.on_notice(
          Severity::Warning, "in-flight",
          fmt::format("Step {} ({}) of the group {} was in flight and goes on at the gateway: {}.", run.current->id,
                      to_string(run.current->kind), run.group->name, how_to_resume(context_.run_id)));
    }
  }

  const ApplyContext& context_;
  std::vector<GroupRun> runs_;
  std::size_t next_group_ = 0;
  TaskRunner* runner_ = nullptr;
  RunReport report_;
  std::set<std::int64_t> left_open_;  ///< intents of which a group could not tell what came of them
  std::optional<Error> fault_;        ///< of our own: the journal or state could not be written
};

}  // namespace

ExportRequest request_to_apply(const Plan& plan, const PlannedGroup& group, const StateSnapshot& state) {
  std::vector<Address> named = group.forgets;
  for (const Change& change : plan.changes) {
    if (change.address.group() == group.name) named.push_back(change.address);
  }
  for (const Resource& record : group.records) named.push_back(record.address);
  ExportRequest request = export_request(group.name, {}, state, group.name.empty() ? named : std::vector<Address>{});
  request.responses = request.responses || std::any_of(named.begin(), named.end(), [](const Address& address) {
                        return address.type() == "response";
                      });
  request.environments = group.environments;
  return request;
}

bool is_touched(const Plan& plan, const PlannedGroup& group, const StateSnapshot& state) {
  return group.unmanaged_changed || !group.records.empty() || !group.forgets.empty() || !group.protect.empty() ||
         !group.unprotect.empty() || state.renamed.contains(group.name) ||
         std::any_of(plan.changes.begin(), plan.changes.end(),
                     [&](const Change& change) { return change.address.group() == group.name; }) ||
         std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) { return step.group == group.name; });
}

std::set<Address> owned_in(const StateSnapshot& state, const std::string& group) {
  std::set<Address> owned;
  const auto base = state.groups.find(group);
  if (base == state.groups.end()) return owned;
  for (const auto& [address, resource] : base->second.resources) owned.insert(address);
  return owned;
}

Result<RunReport> run_apply(const ApplyContext& context, std::map<std::string, LiveState> before) {
  return ApplyRun(context, std::move(before)).run();
}

void settle_intent(const Intent& intent, const LiveState& live, const Baseline& base, StateChange& change) {
  for (const IntendedResource& resource : intent.resources) {
    if (resource.address.group() != change.group) continue;
    const Resource* seen = find(live, resource.address);
    // A response that was made has more than the files say, so its digest is another one.
    const bool is_made_response = intent.kind == StepKind::CreateResponse && intent.outcome != "failed";
    if (resource.after_digest.empty()) {
      if (seen == nullptr) change.gone.push_back(resource.address);
      const bool of_api = resource.address.type() == "publication";
      const Resource* left = of_api ? find(live, resource.address.api_of_publication()) : seen;
      if (left != nullptr && is_left_half_done(base, *left)) change.owned.push_back(*left);
    } else if (seen != nullptr && (seen->digest == resource.after_digest ||
                                   unbound_digest(*seen) == resource.after_digest || is_made_response)) {
      change.owned.push_back(*seen);
    }
  }
}

}  // namespace sluice
