// The commands, and what they share.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/clock.h"
#include "engine/exit_code.h"
#include "engine/interruption.h"
#include "engine/options.h"
#include "engine/session.h"

namespace sluice {

/// What every command is given.
struct CommandContext {
  const Invocation& invocation;
  const Environment& environment;
  Clock& clock;
};

ExitCode run_init(const CommandContext& context);
ExitCode run_validate(const CommandContext& context);
ExitCode run_render(const CommandContext& context);
ExitCode run_plan(const CommandContext& context);
ExitCode run_show(const CommandContext& context);
ExitCode run_apply(const CommandContext& context);
ExitCode run_drift(const CommandContext& context);
ExitCode run_export(const CommandContext& context);
ExitCode run_import(const CommandContext& context);
ExitCode run_state(const CommandContext& context);
ExitCode run_state_text(const CommandContext& context);
ExitCode run_unlock(const CommandContext& context);
ExitCode run_history(const CommandContext& context);
ExitCode run_rollback(const CommandContext& context);
ExitCode run_gateway_serve(const CommandContext& context);
ExitCode run_gateway_quirks(const CommandContext& context);
ExitCode run_schema(const CommandContext& context);
ExitCode run_completion(const CommandContext& context);
ExitCode run_man(const CommandContext& context);

/// Prints "Error: …" to stderr; the exit code is the error's.
ExitCode report(const Error& error);
ExitCode report_usage(const std::string& message);
void print_diagnostics(const Diagnostics& diagnostics);
void print_warning(const std::string& sentence);

/// One --format: what to write, and where; "" is stdout.
struct FormatTarget {
  std::string kind;
  std::string file;
};
/// All of them, in their order; `text` and `json` are where the last of that kind goes.
struct Formats {
  std::vector<FormatTarget> targets;
  std::optional<std::string> text;
  std::optional<std::string> json;
};
/// Reads --format; text to stdout when there is none. Errors: Invalid for what the command cannot write, for two
/// formats on stdout and for two in one file.
Result<Formats> read_formats(const Invocation& invocation);
/// Writes to the file, or to stdout when `path` is "".
Result<void> write_output(const std::string& path, const std::string& text);
/// Writes every format: files first, so that stdout is written only when they are there. `render` makes the text of a
/// target.
Result<void> write_formats(const Formats& formats, const std::function<std::string(const FormatTarget&)>& render);

/// How a report of a plan is to look: --width, --summary, --context, --max-bytes. Errors: Invalid.
struct ReportSettings {
  std::size_t width = 0;  ///< of text; 0 is the terminal's, and no limit elsewhere
  bool summary = false;
  bool context = false;
  std::size_t max_bytes = 60'000;
};
Result<ReportSettings> read_report_settings(const Invocation& invocation);
/// Writes a plan, or with `drift_only` a drift report, in every format.
Result<void> print_plan(const CommandContext& context, const Formats& formats, const ReportSettings& settings,
                        const Plan& plan);

/// For a plan or drift that could not be made: writes every format but text on stdout, with the `findings` that are in
/// the way, so that no report of an earlier run is taken for this one's. Files that are no reports stay as they are.
void print_failure(const CommandContext& context, const Formats& formats, const ReportSettings& settings,
                   Diagnostics findings, const GatewayIdentity& gateway);

/// Whether the file is what a --format of that kind writes; "json" is a saved plan too.
bool is_report(const std::string& path, std::string_view kind);

/// An error that stands at no place, as a finding.
Diagnostic finding_of(const Error& error);

bool wants_color(const CommandContext& context);

/// A number flag, such as --max-deletes. Errors: Invalid.
Result<std::optional<std::size_t>> read_number(const Invocation& invocation, std::string_view flag);

/// Manifest, gateway and state; `groups` and `files` once the files are read.
struct Workspace {
  Manifest manifest;
  std::vector<GroupRequest> groups;
  std::vector<std::string> files;  ///< all that the groups are made of, the manifest and its variables among them
  std::unique_ptr<Connection> connection;
  std::unique_ptr<StateStore> store;
};

/// Which files are read before the gateway is connected to: those that are wrong must not make one.
enum class ReadFirst { Manifest, Everything, Secrets };

/// Reads the manifest and connects; with Everything, the groups' files come first, with Secrets they do where the
/// manifest has some. An exit code when that fails: everything has been printed by then.
/// What was wrong is added to `told` too, here and below.
std::variant<Workspace, ExitCode> open_workspace(const CommandContext& context, ReadFirst first = ReadFirst::Manifest,
                                                 Diagnostics* told = nullptr);

/// The key of masks: SLUICE_HASH_KEY, else the state's; "" when there is neither.
Secret hash_key(const CommandContext& context, const StateSnapshot& state);
/// A new one, for a state that does not exist yet.
Secret new_hash_key();
/// One made of the sensitive values of the files that were read, before they are masked: until there is a state, plans
/// and the first apply come to the same one. "" when there are none, and when the manifest has a ${secret:NAME}.
Secret first_hash_key(const Workspace& workspace);

/// Masks the secrets in what the groups ask for, and makes `options` mask them in what is seen and unmask them in what
/// is sent. `saved` are the changes of a plan that is carried out as it was saved. Prints what is wrong.
ExitCode protect_secrets(Workspace& workspace, const StateSnapshot& state, const Secret& key,
                         ReconcilerOptions& options, std::span<const Change> saved = {}, Diagnostics* told = nullptr);
/// Masks in the state as it was read what has become a secret or sensitive since it was written. For after
/// protect_secrets.
void mask_base(const ReconcilerOptions& options, StateSnapshot& state);

/// The paths of `sensitive`, by group; of a group that is renamed, under both names.
std::map<std::string, std::vector<std::string>> sensitive_of(const Manifest& manifest);

/// What the manifest says of risks, for the reconciler: by group, of policies under "".
std::map<std::string, RiskSettings> risks_of(const Manifest& manifest);

/// Whether `path` is one of the workspace's files, which nothing may be written over.
bool is_input(const Workspace& workspace, const std::string& path);
/// That no --format names one of them, nor the plan file that the command is given. Errors: Conflict.
Result<void> check_report_files(const CommandContext& context, const Workspace& workspace, const Formats& formats);

/// Reads the Swagger files of the manifest's groups; prints what is wrong with them.
ExitCode read_files(const CommandContext& context, Workspace& workspace, Diagnostics* told = nullptr);

/// The groups to export and to plan: the manifest's, and those that only the state knows, which ask for nothing.
std::vector<ExportRequest> exports_to_plan(const Workspace& workspace, const StateSnapshot& state,
                                           const Targets& targets = {});
std::vector<GroupRequest> groups_to_plan(const Workspace& workspace, const StateSnapshot& state,
                                         const DiffOptions& overrides, bool override_prune);

/// Takes out of `groups` those in which nothing is meant, or, with `changed`, that ask for nothing new; how many these
/// are. Groups that a policy needs to travel in stay.
std::size_t leave_unseen(std::vector<GroupRequest>& groups, const StateSnapshot& state, const Targets& targets,
                         bool changed);
/// NotFound when a target names nothing in the files, the state or the plan.
Result<void> check_targets(const Targets& targets, const Workspace& workspace, const StateSnapshot& state,
                           const Plan& plan);

/// The error with what ended the run, where that was a signal or --deadline.
Error with_cause(Error error, const Interruption& interruption, const Invocation& invocation);

/// Whether the run is to stop; requests that wait are told so.
bool stop_requested(const Interruption& interruption, const Workspace& workspace);

/// Who runs this, for the lock and the history.
std::string actor(const Environment& environment);

/// A warning for each --adopt that names nothing.
void warn_of_adoptions(const std::vector<GroupRequest>& groups, const std::vector<std::string>& globs);

/// What the history says of a run that begins now: who, from which revision, in which job of a CI.
RunRecord record_of_run(const CommandContext& context, const std::string& run_id);

/// Takes a lock of the state, waiting as long as --lock-timeout says. Without scopes it is one of everything. Errors:
/// Locked, Interrupted, Invalid, Storage.
Result<LockToken> wait_for_lock(const CommandContext& context, StateStore& store, LockInfo info,
                                const GatewayIdentity& gateway, const Interruption& interruption);

/// A past run. Errors: NotFound, with the newest runs there are; Storage.
Result<RunDetails> find_run(StateStore& store, const std::string& id);

/// The state that --state or else the manifest names, without a gateway.
struct OpenedState {
  std::unique_ptr<StateStore> store;
  std::string name;  ///< for messages
};
/// An exit code when there is no telling: all has been printed.
std::variant<OpenedState, ExitCode> open_state(const CommandContext& context);

/// Asks on the terminal; only "yes" is one. Nothing while stdin is no terminal.
std::optional<bool> ask_yes(const std::string& question, const Interruption* interruption = nullptr);

/// Refused while an interrupted run has not been accounted for: it would own what it made again.
Result<void> check_settled(const StateSnapshot& state);

/// A line on a terminal's stderr while something takes its time; gone when it ends. Nothing when stderr is no terminal.
class Waiting {
 public:
  Waiting(const CommandContext& context, const std::string& what);
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting();

 private:
  bool shown_;
};

/// --parallelism, --timeout and --deadline. Errors: Invalid.
struct RunSettings {
  ReconcilerOptions options;
  Milliseconds deadline{};
};
Result<RunSettings> read_run_settings(const Invocation& invocation);

/// What plan and apply have in common: flags that shape a plan, and the plan itself.
struct PlanSettings {
  DiffOptions diff;
  bool prune_given = false;
  bool drift_decided = false;
  bool fail_on_drift = false;
  bool changed_only = false;  ///< --changed
  bool refresh_only = false;  ///< --refresh-only
  std::optional<std::size_t> max_deletes;
  std::optional<Risk> fail_on;
  std::string expect;
};
Result<PlanSettings> read_plan_settings(const Invocation& invocation);

/// Whose each group of the manifest is.
std::map<std::string, std::string> owners_of(const Manifest& manifest);
/// What each group of the manifest ignores.
std::map<std::string, std::vector<IgnoreRule>> ignored_by(const Manifest& manifest);

/// Whether a plan may go on, and if not, why.
struct Verdict {
  ExitCode code = ExitCode::Done;
  std::vector<std::string> reasons = {};
};
/// The gates after a plan was shown: --expect, safety, then policy.
Verdict check_plan(const Plan& plan, const PlanSettings& settings, bool unattended);
/// Prints the reasons to stderr; the verdict's code.
ExitCode report(const Verdict& verdict);

}  // namespace sluice
