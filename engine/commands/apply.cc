#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <random>

#include "engine/commands/command.h"
#include "engine/files.h"
#include "engine/lease.h"
#include "engine/output.h"
#include "engine/renames.h"
#include "engine/scopes.h"
#include "plan/plan_json.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

constexpr int kScopesAtMost = 5;
constexpr std::uintmax_t kLargestEvents = 1'000'000'000;

std::string new_run_id(Clock& clock) {
  std::random_device device;
  std::string stamp = to_rfc3339(clock.now());
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}-{:04x}", stamp, device() & 0xFFFFU);
}

std::string said_at_plan(std::string_view flag) {
  return fmt::format(
      "{} shapes a plan, and a saved plan is carried out as it is: say it at `sluice plan --out FILE`, or apply "
      "without "
      "a plan file.",
      flag);
}

/// One apply, from the lock to the last line. Holds what its parts share.
class ApplyCommand {
 public:
  ApplyCommand(const CommandContext& context, Formats formats, ReportSettings report, PlanSettings settings,
               RunSettings run)
      : context_(context),
        formats_(std::move(formats)),
        report_(report),
        settings_(std::move(settings)),
        run_(std::move(run)),
        interruption_(context.clock, run_.deadline),
        run_id_(new_run_id(context.clock)) {
    run_.options.interrupted = [this] {
      if (!lease_ || !lease_->lost()) return stop_requested(interruption_, workspace_);
      workspace_.connection->stop_waiting();
      return true;
    };
    run_.options.may_send = [this] { return lease_ ? lease_->check() : Result<void>(); };
    std::copy_if(formats_.targets.begin(), formats_.targets.end(), std::back_inserter(reports_.targets),
                 [](const FormatTarget& target) { return target.kind != "json"; });
  }

  ExitCode run() {
    if (formats_.json) {
      if (!may_hold_events(*formats_.json)) {
        return report({ErrorKind::Conflict,
                       fmt::format("{} is there and holds no events of an apply: name another.", *formats_.json)});
      }
      auto opened = EventWriter::open(*formats_.json, run_id_, context_.clock);
      if (!opened) return report(opened.error());
      events_ = std::move(*opened);
      events_->version();
      listeners_.add(*events_);
    }
    if (!formats_.json || !formats_.json->empty()) {
      progress_ = text_listener(::isatty(STDERR_FILENO) == 1, context_.invocation.has("quiet"));
      listeners_.add(*progress_);
    }
    listeners_.add(in_flight_);
    interruption_.set_last_words([this](std::optional<ExitCode> signal) { return last_words(signal); });
    const ExitCode code = locked();
    if (!shown_) print_failure(context_, reports_, report_, told_, gateway_);
    if (events_ && !completed_) events_->apply_complete(static_cast<int>(code));
    interruption_.set_last_words({});  // what they look at goes first
    return code;
  }

 private:
  /// Whether a file is free for events: it is not there, is empty, or holds those of an earlier run.
  static bool may_hold_events(const std::string& path) {
    if (path.empty() || !file_exists(path)) return true;
    const auto text = read_file(path, kLargestEvents);
    return text && (text->empty() || text->starts_with(R"({"type":"version")"));
  }

  /// On another thread: how a run ends that has to be cut short.
  Interruption::Ending last_words(std::optional<ExitCode> signal) {
    const bool sent = in_flight_.sent_something();
    const std::string flying = in_flight_.text();
    Interruption::Ending ending{signal.value_or(sent ? ExitCode::Unknown : ExitCode::Error),
                                "The run was cut short; nothing was sent."};
    if (sent) {
      ending.sentence = fmt::format("The run was cut short{}: {}.",
                                    flying.empty() ? "" : ", this was in flight and goes on at the gateway: " + flying,
                                    how_to_resume(run_id_));
    }
    if (events_) events_->cut_short(static_cast<int>(ending.code), ending.sentence);
    return ending;
  }

  ExitCode refuse(const Error& what) {
    const bool by_lock = what.kind == ErrorKind::Interrupted && lease_ && lease_->lost() && !interruption_.signal();
    const Error error = by_lock ? lease_->why_lost() : with_cause(what, interruption_, context_.invocation);
    told_.push_back(finding_of(error));
    if (events_) events_->diagnostic(Severity::Error, error.code.empty() ? "run-error" : error.code, error.message);
    if (error.kind == ErrorKind::Interrupted) {
      report(error);
      return interruption_.signal().value_or(ExitCode::Error);
    }
    return report(error);
  }

  /// What was wrong has been printed to stderr, place by place.
  ExitCode unreadable(ExitCode code) {
    if (events_) {
      events_->diagnostic(Severity::Error, "not-started",
                          "The manifest, its files or the gateway's settings are wrong: stderr says where, and so does "
                          "`sluice validate --format json`.");
    }
    return code;
  }

  ExitCode locked() {
    std::optional<Plan> saved;
    if (!context_.invocation.arguments.empty()) {
      auto read = read_saved_plan(context_.invocation.arguments[0]);
      if (!read) return refuse(read.error());
      saved = std::move(*read);
      if (!is_as_saved(*saved)) return report_usage(said_at_plan("--target or --exclude"));
    }
    const bool resumes = context_.invocation.has("resume");
    // A saved plan holds all but its secrets, and a refresh asks no files.
    if (saved && !saved->refresh_only && settings_.refresh_only) return report_usage(said_at_plan("--refresh-only"));
    const bool refresh = saved ? saved->refresh_only : settings_.refresh_only;
    auto opened = open_workspace(context_,
                                 refresh                         ? ReadFirst::Manifest
                                 : saved && !needs_files(*saved) ? ReadFirst::Secrets
                                                                 : ReadFirst::Everything,
                                 &told_);
    if (const auto* code = std::get_if<ExitCode>(&opened)) return unreadable(*code);
    workspace_ = std::move(*std::get_if<Workspace>(&opened));
    if (!workspace_.connection->calls_wait()) run_.options.threads = 0;
    run_.options.risks = risks_of(workspace_.manifest);
    StateStore& store = *workspace_.store;
    const GatewayIdentity gateway = workspace_.connection->provider().identity();
    gateway_ = gateway;
    if (const auto free = check_report_files(context_, workspace_, formats_); !free) return refuse(free.error());
    const auto known = store.read();
    if (!known) return refuse(known.error());
    if (refresh && !known->exists()) {
      return refuse({ErrorKind::NotFound,
                     "There is no state to refresh: run `sluice apply` first, or name the state with --state."});
    }
    if (const auto same = check_same_gateway(*known, gateway); !same) return refuse(same.error());
    if (hash_key(context_, *known).empty()) first_key_ = first_hash_key(workspace_);
    if (resumes) {
      auto found = plan_to_resume(store);
      if (const auto* code = std::get_if<ExitCode>(&found)) return *code;
      saved = std::move(*std::get_if<Plan>(&found));
      if (!is_as_saved(*saved)) return report_usage(said_at_plan("--target or --exclude"));
    }
    LockScopes scopes = scopes_wanted(saved, *known);
    for (int attempt = 0; attempt < kScopesAtMost; ++attempt) {
      const auto token = wait_for_lock(context_, store, {"apply", "", scopes, run_id_}, gateway, interruption_);
      if (!token) return refuse(token.error());
      lease_.emplace(store, *token, context_.clock);
      workspace_.connection->gate().guard([this] { return lease_->holds(); });
      const auto code = with_lock(*token, saved, scopes);
      const bool lost = lease_->lost();
      workspace_.connection->gate().guard([] { return false; });
      lease_.reset();
      if (!lost) {
        const auto unlocked = store.unlock(*token);
        const bool told = code == ExitCode::Refused && !unlocked && unlocked.error().kind == ErrorKind::Locked;
        if (!unlocked && !told) print_warning(unlocked.error().message);
      }
      if (code) return *code;
    }
    return refuse({ErrorKind::Locked, "Others keep changing what this run is about: run it again when they are done."});
  }

  bool is_as_saved(const Plan& plan) const {
    const Targets& targets = run_.options.targets;
    return targets.empty() || (targets.targets() == plan.scope.targets && targets.exclusions() == plan.scope.excludes);
  }

  /// What the run locks, as far as the state tells now.
  LockScopes scopes_wanted(const std::optional<Plan>& saved, const StateSnapshot& state) const {
    LockScopes scopes;
    if (saved) {
      scopes = scopes_of(*saved, state);
    } else {
      auto groups = groups_to_plan(workspace_, state, settings_.diff, settings_.prune_given);
      (void)leave_unseen(groups, state, run_.options.targets, settings_.changed_only);
      scopes = scopes_of(groups, state, run_.options.targets);
    }
    return scopes.empty() ? whole_state() : with_open_intents(std::move(scopes), state);
  }

  /// The plan of the run that --resume names; an exit code where there is nothing to carry on.
  std::variant<Plan, ExitCode> plan_to_resume(StateStore& store) {
    const std::string id = context_.invocation.value("resume");
    auto run = find_run(store, id);
    if (!run) return refuse(run.error());
    if (run->summary.exit_code == static_cast<int>(ExitCode::Done)) {
      tell(fmt::format("The run {} ended well: there is nothing to resume, and nothing was sent.\n", id));
      shown_ = true;
      return ExitCode::Done;
    }
    if (run->plan.empty()) {
      return refuse(
          {ErrorKind::NotFound,
           fmt::format("The plan of the run {} is not kept any more, only those of the newest {} runs are: run "
                       "`sluice apply`, it looks first.",
                       id, kRunsInFull)});
    }
    auto plan = read_plan_file(run->plan);
    if (!plan) return refuse(plan.error());
    if (const auto good = check_time(*plan, "of the run " + id); !good) return refuse(good.error());
    if (plan->created_at.empty()) plan->created_at = run->summary.record.started_at;
    return std::move(*plan);
  }

  /// Whether what the plan sends holds values that only the files have.
  static bool needs_files(const Plan& saved) {
    return std::any_of(saved.steps.begin(), saved.steps.end(),
                       [](const Step& step) { return holds_mask(step.document); });
  }

  Result<Plan> read_saved_plan(const std::string& file) {
    const auto text = read_file(file, 1'000'000'000);
    if (!text) return text.forward();
    auto plan = read_plan_file(*text);
    if (!plan) return plan;
    if (const auto good = check_time(*plan, file); !good) return good.forward();
    return plan;
  }

  Result<void> check_time(const Plan& plan, const std::string& name) const {
    const std::string now = to_rfc3339(context_.clock.now());
    if (!plan.expires_at.empty() && now > plan.expires_at) {
      return fail(ErrorKind::Refused, fmt::format("The plan {} expired at {}: make a new one.", name, plan.expires_at));
    }
    if (!plan.created_at.empty() && now < plan.created_at) {
      return fail(ErrorKind::Refused,
                  fmt::format("The plan {} was made at {}, which is in the future: set this machine's clock.", name,
                              plan.created_at));
    }
    return {};
  }

  /// Nothing when it turns out that more has to be locked: `scopes` has it then.
  std::optional<ExitCode> with_lock(const LockToken& token, std::optional<Plan>& saved, LockScopes& scopes) {
    StateStore& store = *workspace_.store;
    auto state = store.read();
    if (!state) return refuse(state.error());
    // Another run may have bound it before this one got the lock.
    const GatewayIdentity gateway = workspace_.connection->provider().identity();
    if (const auto same = check_same_gateway(*state, gateway); !same) return refuse(same.error());
    if (widen(scopes, scopes_wanted(saved, *state))) return std::nullopt;
    leave_others_intents(*state, scopes);
    const Secret& first_key = saved && !saved->hash_key.empty() ? saved->hash_key : first_key_;
    if (!first_key.empty() && state->groups.empty()) {
      if (const auto taken = store.take_hash_key(token, first_key); !taken) return refuse(taken.error());
      state = store.read();
      if (!state) return refuse(state.error());
    }
    const FormerNames renames = saved ? former_names(*saved) : former_names(workspace_.manifest.groups);
    StateSnapshot followed;  // what is a secret of a group is one under its new name, too
    if (!renames.empty()) {
      followed = *state;
      follow_renames(followed, renames);
    }
    if (const ExitCode code =
            protect_secrets(workspace_, renames.empty() ? *state : followed, hash_key(context_, *state), run_.options,
                            saved ? std::span<const Change>(saved->changes) : std::span<const Change>(), &told_);
        code != ExitCode::Done)
      return unreadable(code);
    mask_base(run_.options, *state);
    Reconciler reconciler(workspace_.connection->provider(), context_.clock, run_.options);
    if (const auto resolved = reconciler.resolve_open_intents(store, token, *state, listeners_); !resolved)
      return refuse(resolved.error());
    state = store.read();
    if (!state) return refuse(state.error());
    follow_renames(*state, renames);
    mask_base(run_.options, *state);
    Plan plan;
    if (saved) {
      if (!(saved->gateway == gateway)) {
        return refuse(
            {ErrorKind::Refused, fmt::format("The plan was made for {}: apply it there.", to_string(saved->gateway))});
      }
      plan = std::move(*saved);
      look_for_protection(plan, *state);
    } else {
      auto made = make_plan(reconciler, *state);
      if (!made) return refuse(made.error());
      plan = std::move(*made);
      if (widen(scopes, scopes_of(plan, *state))) return std::nullopt;
      told_.insert(told_.end(), plan.findings.begin(), plan.findings.end());
      if (const ExitCode code = tell_findings(plan.findings); code != ExitCode::Done) return code;
    }
    if (settings_.max_deletes) plan.max_deletes = settings_.max_deletes;
    if (settings_.drift_decided) plan.drift_decided = settings_.diff.on_drift == OnDrift::Revert;
    if (const auto shown = show(plan); !shown) return refuse(shown.error());
    const bool approved_already = saved.has_value() || context_.invocation.has("auto-approve");
    const Verdict verdict = check_plan(plan, settings_, !saved && context_.invocation.has("auto-approve"));
    if (verdict.code != ExitCode::Done) {
      for (const std::string& reason : verdict.reasons) {
        if (events_)
          events_->diagnostic(Severity::Error, verdict.code == ExitCode::Policy ? "policy" : "refused", reason);
      }
      return report(verdict);
    }
    const bool does_something = plan.refresh_only ? !plan.drift.empty() : !plan.empty();
    if (does_something && !approved_already) {
      if (const ExitCode code = ask(); code != ExitCode::Done) return code;
    }
    return carry_out(reconciler, plan, *state, token);
  }

  /// Adds what is wanted and not held; whether there was something.
  static bool widen(LockScopes& held, LockScopes wanted) {
    if (covers(held, wanted)) return false;
    held.merge(wanted);
    return true;
  }

  /// What has become protected since the plan was saved is not taken away by it.
  void look_for_protection(Plan& plan, const StateSnapshot& state) const {
    std::map<std::string, std::vector<ProtectRule>> rules;
    for (const GroupSettings& group : workspace_.manifest.groups) rules.emplace(group.name, group.protect);
    std::map<std::string, std::set<Address>> remembered;
    for (const auto& [name, base] : state.groups) remembered.emplace(name, base.guarded);
    add_losses(plan, rules, remembered);
  }

  Result<Plan> make_plan(Reconciler& reconciler, const StateSnapshot& state) {
    auto plan = settings_.refresh_only
                    ? reconciler.refresh(state, owners_of(workspace_.manifest), ignored_by(workspace_.manifest))
                    : plan_of_files(reconciler, state);
    if (!plan) return plan;
    const auto named = check_targets(run_.options.targets, workspace_, state, *plan);
    return named ? std::move(plan) : named.forward();
  }

  Result<Plan> plan_of_files(Reconciler& reconciler, const StateSnapshot& state) {
    warn_of_adoptions(workspace_.groups, settings_.diff.adopt);
    auto groups = groups_to_plan(workspace_, state, settings_.diff, settings_.prune_given);
    const std::size_t unseen = leave_unseen(groups, state, run_.options.targets, settings_.changed_only);
    auto plan = reconciler.plan(groups, state);
    if (!plan) return plan;
    plan->scope.unseen_groups = unseen;
    plan->scope.changed_only = settings_.changed_only;
    return plan;
  }

  ExitCode tell_findings(const Diagnostics& findings) {
    print_diagnostics(findings);
    for (const Diagnostic& one : findings) {
      if (!events_) break;
      const std::string place = to_string(one.at);
      events_->diagnostic(one.severity, one.code,
                          fmt::format("{}{}{} {}", place, place.empty() ? "" : ": ", one.summary, one.detail));
    }
    return has_errors(findings) ? ExitCode::Error : ExitCode::Done;
  }

  Result<void> show(const Plan& plan) {
    if (events_) events_->planned_changes(plan);
    shown_ = true;
    return print_plan(context_, reports_, report_, plan);
  }

  ExitCode ask() {
    const auto answer = ask_yes("Do you want to perform these actions?", &interruption_);
    if (!answer) {
      return refuse({ErrorKind::Refused,
                     "There is no terminal to ask on: say --auto-approve, or save a plan with `sluice plan --out FILE` "
                     "and apply that."});
    }
    if (interruption_.requested())
      return refuse({ErrorKind::Interrupted, "Nobody has answered yet, so nothing was sent."});
    if (*answer) return ExitCode::Done;
    tell("Nothing was sent.\n");
    return ExitCode::Error;
  }

  ExitCode carry_out(Reconciler& reconciler, const Plan& plan, const StateSnapshot& state, const LockToken& token) {
    StateStore& store = *workspace_.store;
    const bool sends = !plan.steps.empty();
    if (sends) {
      RunRecord record = record_of_run(context_, run_id_);
      record.plan_digest = plan.digest;
      record.plan = write_plan_file(plan);
      record.resumed_from = context_.invocation.value("resume");
      if (const auto begun = store.begin_run(token, record); !begun) return refuse(begun.error());
    }
    const auto report = reconciler.apply(plan, state, store, token, run_id_, listeners_);
    if (!report) {
      const ExitCode code = refuse(report.error());
      if (sends && !lease_->lost()) (void)store.end_run(token, run_id_, static_cast<int>(code)).has_value();
      return code;
    }
    if (report->interrupted && lease_->lost() && report->sent == 0) return refuse(lease_->why_lost());
    const ExitCode code = judge(*report);
    if (lease_->lost()) {
      print_warning(lease_->why_lost().message);
    } else if (sends) {
      if (const auto ended = store.end_run(token, run_id_, static_cast<int>(code)); !ended)
        print_warning(ended.error().message);
    }
    if (events_) {
      events_->apply_complete(plan, *report, static_cast<int>(code));
      completed_ = true;
    }
    if (!plan.empty() || report->adopted > 0 || (plan.refresh_only && !plan.drift.empty())) tell_ledger(plan, *report);
    if (report->interrupted && interruption_.past_deadline() && !interruption_.signal())
      print_warning(fmt::format("--deadline {} has passed, so the run was stopped: give it more time.",
                                context_.invocation.value("deadline", "2h")));
    if (code == ExitCode::Unknown)
      print_warning(fmt::format("An outcome is not known: {}, and send only what is missing.", how_to_resume(run_id_)));
    return code;
  }

  /// To whoever reads text; where stdout has a report or the events, that is stderr.
  void tell_ledger(const Plan& plan, const RunReport& report) const {
    const auto on_stdout = [this](std::string_view kind) {
      return std::any_of(formats_.targets.begin(), formats_.targets.end(),
                         [&](const FormatTarget& target) { return target.file.empty() && target.kind == kind; });
    };
    if (on_stdout("json")) return;
    std::string text = "\n" + render_report(plan, report);
    if (plan.refresh_only) {
      const bool one = plan.drift.size() == 1;
      text = fmt::format("\nRefreshed: the state has {} as the gateway has {} now; nothing was sent.\n",
                         one ? "1 resource" : fmt::format("{} resources", plan.drift.size()), one ? "it" : "them");
    }
    const bool taken = on_stdout("markdown") || on_stdout("html") || on_stdout("sarif") || on_stdout("github");
    if (taken) return tell(text);
    if (const auto written = write_output("", text); !written) print_warning(written.error().message);
  }

  ExitCode judge(const RunReport& report) const {
    if (report.interrupted && interruption_.signal()) return *interruption_.signal();
    if (report.unknown || report.interrupted) return ExitCode::Unknown;
    return report.converged ? ExitCode::Done : ExitCode::Partial;
  }

  const CommandContext& context_;
  Formats formats_;
  Formats reports_;  ///< all but the events
  ReportSettings report_;
  PlanSettings settings_;
  RunSettings run_;
  Interruption interruption_;
  std::string run_id_;
  std::unique_ptr<EventWriter> events_;
  std::unique_ptr<RunListener> progress_;
  InFlight in_flight_;
  Listeners listeners_;
  Workspace workspace_;
  std::optional<Lease> lease_;  ///< while there is a lock
  Diagnostics told_;            ///< why there is no plan, for the reports
  GatewayIdentity gateway_;     ///< once it is known
  Secret first_key_;            ///< of masks, for a state that is still to be made
  bool shown_ = false;
  bool completed_ = false;
};

}  // namespace

ExitCode run_apply(const CommandContext& context) {
  auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  auto settings = read_plan_settings(context.invocation);
  if (!settings)
    return settings.error().kind == ErrorKind::Invalid ? report_usage(settings.error().message)
                                                       : report(settings.error());
  const bool resumes = context.invocation.has("resume");
  if (resumes && context.invocation.value("resume").empty())
    return report_usage("--resume needs the id of a run: see `sluice history`.");
  if (resumes && !context.invocation.arguments.empty())
    return report_usage("--resume carries on the plan of that run: leave out the plan file.");
  if (resumes && context.invocation.has("refresh-only")) return report_usage(said_at_plan("--refresh-only"));
  if (resumes || !context.invocation.arguments.empty()) {
    for (const std::string_view flag : {"adopt", "prune", "changed"}) {
      if (context.invocation.has(flag)) return report_usage(said_at_plan(fmt::format("--{}", flag)));
    }
    if (settings->diff.on_drift == OnDrift::Keep) return report_usage(said_at_plan("--on-drift keep"));
  }
  const auto report_settings = read_report_settings(context.invocation);
  if (!report_settings) return report_usage(report_settings.error().message);
  auto run = read_run_settings(context.invocation);
  if (!run) return report_usage(run.error().message);
  if (const auto patience = parse_duration(context.invocation.value("lock-timeout", "0s")); !patience)
    return report_usage(patience.error().message);
  return ApplyCommand(context, std::move(*formats), *report_settings, std::move(*settings), std::move(*run)).run();
}

}  // namespace sluice
