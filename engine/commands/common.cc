#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>

#include "engine/commands/command.h"
#include "engine/files.h"
#include "engine/observation.h"
#include "engine/output.h"
#include "plan/desired.h"
#include "plan/digest.h"
#include "plan/json.h"
#include "plan/render_text.h"
#include "plan/safety.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

bool is_named(const std::vector<ExportRequest>& requests, const std::string& name) {
  return std::any_of(requests.begin(), requests.end(), [&](const ExportRequest& r) { return r.group == name; });
}

bool is_named(const std::vector<GroupRequest>& groups, const std::string& name) {
  return std::any_of(groups.begin(), groups.end(), [&](const GroupRequest& group) { return group.name == name; });
}

void add_to(Diagnostics* told, const Diagnostics& more) {
  if (told != nullptr) told->insert(told->end(), more.begin(), more.end());
}

/// A warning of what a gateway does not hold, which is normal for many files: -q hides them, --summary counts them.
bool is_left_out(const Diagnostic& diagnostic) {
  return diagnostic.severity == Severity::Warning && diagnostic.summary.starts_with(kLeftOut);
}

void print_without_what_is_left_out(const Invocation& invocation, Diagnostics diagnostics) {
  if (invocation.has("quiet") || invocation.has("summary")) {
    const auto hidden = std::erase_if(diagnostics, is_left_out);
    if (hidden > 0 && !invocation.has("quiet")) {
      print_warning(
          fmt::format("Some of what the files say is left out, because the gateway does not hold it ({} {}): "
                      "`sluice validate` lists it.",
                      hidden, hidden == 1 ? "warning" : "warnings"));
    }
  }
  print_diagnostics(diagnostics);
}

bool owns_something(const Baseline& base) { return !base.resources.empty() || !base.claimed.empty(); }

}  // namespace

ExitCode report(const Error& error) {
  tell(fmt::format("Error: {}{}\n", printable(error.message), error.message.ends_with('.') ? "" : "."));
  return exit_code_of(error);
}

ExitCode report_usage(const std::string& message) {
  tell(fmt::format("Error: {}\n", printable(message)));
  return ExitCode::Usage;
}

Diagnostic finding_of(const Error& error) {
  return {Severity::Error, error.code.empty() ? "run-error" : error.code, error.message, {}, {}};
}

void print_warning(const std::string& sentence) { tell(fmt::format("Warning: {}\n", printable(sentence))); }

void print_diagnostics(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::string place = to_string(diagnostic.at);
    tell(fmt::format("{}{}{}: {}\n", printable(place), place.empty() ? "" : ": ",
                     diagnostic.severity == Severity::Error ? "error" : "warning",
                     printable(text_with_marks_shown(diagnostic.summary))));
    if (!diagnostic.detail.empty()) tell(fmt::format("    {}\n", printable(text_with_marks_shown(diagnostic.detail))));
  }
}

Result<std::optional<std::size_t>> read_number(const Invocation& invocation, std::string_view flag) {
  if (!invocation.has(flag)) return std::optional<std::size_t>();
  const std::string text = invocation.value(flag);
  std::size_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || text.empty()) {
    return fail(ErrorKind::Invalid, fmt::format("--{} {} is not a whole number.", flag, text));
  }
  return std::optional<std::size_t>(number);
}

std::variant<Workspace, ExitCode> open_workspace(const CommandContext& context, ReadFirst first, Diagnostics* told) {
  const std::string path = context.invocation.value("file", "sluice.yaml");
  const auto failed = [told](const Error& error) {
    if (told != nullptr) told->push_back(finding_of(error));
    return report(error);
  };
  auto manifest = load_manifest(context.invocation, context.environment);
  print_diagnostics(manifest.diagnostics);
  add_to(told, manifest.diagnostics);
  if (!manifest.value) return ExitCode::Error;
  Workspace workspace;
  workspace.manifest = std::move(*manifest.value);
  if (const auto meant = check_endpoint(workspace.manifest, context.invocation); !meant) {
    const ExitCode code = failed(meant.error());
    return meant.error().kind == ErrorKind::Refused ? code : ExitCode::Usage;
  }
  const auto state = state_path(context.invocation, workspace.manifest, path);
  if (!state) return failed(state.error());
  auto store = open_state_store(*state, context.clock);
  if (!store) return failed(store.error());
  workspace.store = std::move(*store);
  const bool has_secrets = !workspace.manifest.secrets.empty();
  if (first == ReadFirst::Everything || (first == ReadFirst::Secrets && has_secrets)) {
    if (const ExitCode code = read_files(context, workspace, told); code != ExitCode::Done) return code;
  }
  auto connection = connect(workspace.manifest, path, context.invocation, context.environment, context.clock,
                            context.invocation.command == "apply");
  if (!connection) return failed(connection.error());
  workspace.connection = std::move(*connection);
  return workspace;
}

ExitCode read_files(const CommandContext& context, Workspace& workspace, Diagnostics* told) {
  auto loaded = load_groups(workspace.manifest);
  add_to(told, loaded.diagnostics);
  print_without_what_is_left_out(context.invocation, std::move(loaded.diagnostics));
  if (!loaded.value) return ExitCode::Error;
  workspace.groups = std::move(loaded.value->groups);
  workspace.files = workspace.manifest.files;
  for (const std::string& file : context.invocation.values("var-file")) workspace.files.push_back(file);
  workspace.files.insert(workspace.files.end(), loaded.value->files.begin(), loaded.value->files.end());
  return ExitCode::Done;
}

Secret hash_key(const CommandContext& context, const StateSnapshot& state) {
  const auto given = context.environment.find("SLUICE_HASH_KEY");
  return given != context.environment.end() && !given->second.empty() ? Secret(given->second) : state.hash_key;
}

Secret new_hash_key() {
  std::random_device device;
  std::string key;
  for (int i = 0; i < 8; ++i) key += fmt::format("{:08x}", device());
  return Secret(key);
}

Secret first_hash_key(const Workspace& workspace) {
  if (!workspace.manifest.secrets.empty()) return Secret();
  const SecretVault vault(Secret(), {}, sensitive_of(workspace.manifest));
  Value texts = Value::array();
  for (const GroupRequest& group : workspace.groups) {
    for (const std::string& text : vault.sensitive_texts(group.desired.resources)) texts.push(text);
  }
  if (texts.empty()) return Secret();
  return Secret(stretched_key(write_json(texts), to_string(workspace.connection->provider().identity())));
}

ExitCode protect_secrets(Workspace& workspace, const StateSnapshot& state, const Secret& key,
                         ReconcilerOptions& options, std::span<const Change> saved, Diagnostics* told) {
  auto vault = std::make_shared<SecretVault>(key, workspace.manifest.secrets, sensitive_of(workspace.manifest));
  Diagnostics diagnostics;
  for (GroupRequest& group : workspace.groups) {
    for (Diagnostic& wrong : vault->seal(group.desired.resources)) diagnostics.push_back(std::move(wrong));
  }
  print_diagnostics(diagnostics);
  add_to(told, diagnostics);
  if (has_errors(diagnostics)) return ExitCode::Error;
  for (const Change& change : saved) {
    if (!change.after.is_null()) vault->ask(change.address, change.after);
  }
  for (const auto& [group, base] : state.groups) {
    for (const auto& [address, body] : base.bodies) vault->expect(address, body);
  }
  if (vault->saw_other_key()) {
    print_warning(
        "The secrets in the state were hashed with another key, so they cannot be compared with what the last apply "
        "left: "
        "what the gateway has of them now counts as left by it. Set SLUICE_HASH_KEY as it was then to compare them.");
  }
  options.secrets = std::move(vault);
  return ExitCode::Done;
}

void mask_base(const ReconcilerOptions& options, StateSnapshot& state) {
  for (auto& [name, base] : state.groups) options.secrets->mask(base);
}

std::map<std::string, std::vector<std::string>> sensitive_of(const Manifest& manifest) {
  std::map<std::string, std::vector<std::string>> sensitive;
  for (const GroupSettings& group : manifest.groups) {
    if (group.sensitive.empty()) continue;
    sensitive.insert_or_assign(group.name, group.sensitive);
    if (!group.renamed_from.empty()) sensitive.try_emplace(group.renamed_from, group.sensitive);
  }
  return sensitive;
}

std::map<std::string, RiskSettings> risks_of(const Manifest& manifest) {
  std::map<std::string, RiskSettings> risks = {{"", manifest.risks}};
  for (const GroupSettings& group : manifest.groups) risks.insert_or_assign(group.name, group.risks);
  return risks;
}

bool is_input(const Workspace& workspace, const std::string& path) {
  const auto among = [&](const std::vector<std::string>& files) {
    return std::any_of(files.begin(), files.end(), [&](const std::string& file) { return same_file(path, file); });
  };
  return among(workspace.files) || among(workspace.manifest.files);
}

Result<void> check_report_files(const CommandContext& context, const Workspace& workspace, const Formats& formats) {
  for (const FormatTarget& target : formats.targets) {
    if (target.file.empty()) continue;
    const auto& given = context.invocation.arguments;
    const bool is_plan = std::any_of(given.begin(), given.end(),
                                     [&](const std::string& argument) { return same_file(target.file, argument); });
    if (!is_plan && !is_input(workspace, target.file)) continue;
    return fail(ErrorKind::Conflict,
                fmt::format("--format {}={} names one of the files that the plan is made of: name another.",
                            target.kind, target.file));
  }
  return {};
}

void warn_of_adoptions(const std::vector<GroupRequest>& groups, const std::vector<std::string>& globs) {
  for (const std::string& glob : globs) {
    const bool names_some = std::any_of(groups.begin(), groups.end(), [&](const GroupRequest& group) {
      const auto& resources = group.desired.resources;
      return std::any_of(resources.begin(), resources.end(),
                         [&](const auto& entry) { return matches_glob(glob, entry.first.text()); });
    });
    if (names_some) continue;
    print_warning(
        fmt::format("--adopt '{}' names nothing that the files ask for, so nothing is taken over by it: see "
                    "`sluice plan --all` for the addresses.",
                    glob));
  }
}

std::vector<ExportRequest> exports_to_plan(const Workspace& workspace, const StateSnapshot& state,
                                           const Targets& targets) {
  std::vector<ExportRequest> requests;
  std::vector<Address> policies = workspace.manifest.external;
  for (const PolicyDefinition& policy : workspace.manifest.policies) policies.push_back(policy.address);
  if (!policies.empty()) requests.push_back(export_request("", {}, state, policies));
  for (const GroupSettings& group : workspace.manifest.groups) {
    requests.push_back(export_request(group.name, group.environments, state));
  }
  for (const auto& [name, base] : state.groups) {
    const bool named = is_named(requests, name);
    if (!named && owns_something(base)) requests.push_back(export_request(name, {}, state));
  }
  std::erase_if(requests, [&](const ExportRequest& request) {
    return !request.group.empty() && !targets.may_concern(request.group);
  });
  return requests;
}

std::vector<GroupRequest> groups_to_plan(const Workspace& workspace, const StateSnapshot& state,
                                         const DiffOptions& overrides, bool override_prune) {
  std::vector<GroupRequest> groups = workspace.groups;
  for (const auto& [name, base] : state.groups) {
    const bool named = is_named(groups, name);
    if (!named && owns_something(base))
      groups.push_back({.name = name, .owner = "", .desired = {}, .options = {.environments = {}}});
  }
  // Policies have no group of their own to say it: they stay where no group prunes.
  const auto& settings = workspace.manifest.groups;
  const bool prunes = settings.empty() || std::any_of(settings.begin(), settings.end(), [](const GroupSettings& group) {
                        return group.prune != Prune::None;
                      });
  for (GroupRequest& group : groups) {
    if (group.name.empty()) group.options.prune = prunes ? Prune::Managed : Prune::None;
    group.options.forget_kept = overrides.forget_kept;
    group.options.on_drift = overrides.on_drift;
    group.options.adopt = overrides.adopt;
    group.options.list_unchanged = overrides.list_unchanged;
    if (override_prune) group.options.prune = overrides.prune;
  }
  return groups;
}

Error with_cause(Error error, const Interruption& interruption, const Invocation& invocation) {
  const bool ended =
      error.kind == ErrorKind::Interrupted || error.kind == ErrorKind::Timeout || error.kind == ErrorKind::Unavailable;
  if (!ended || !interruption.requested()) return error;
  const std::string cause = interruption.signal() ? std::string("A signal asked the run to stop.")
                                                  : fmt::format("--deadline {} has passed: give the run more time.",
                                                                invocation.value("deadline", "2h"));
  error.message += (error.message.ends_with('.') ? " " : ". ") + cause;
  return error;
}

bool stop_requested(const Interruption& interruption, const Workspace& workspace) {
  if (!interruption.requested()) return false;
  if (workspace.connection) workspace.connection->stop_waiting();
  return true;
}

Waiting::Waiting(const CommandContext& context, const std::string& what)
    : shown_(!context.invocation.has("quiet") && ::isatty(STDERR_FILENO) == 1) {
  if (!shown_) return;
  tell(fmt::format("{}...", printable(what)));
}

Waiting::~Waiting() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
}

Result<RunSettings> read_run_settings(const Invocation& invocation) {
  RunSettings settings;
  const auto parallelism = read_number(invocation, "parallelism");
  if (!parallelism) return parallelism.forward();
  if (*parallelism) {
    if (**parallelism == 0 || **parallelism > 256)
      return fail(ErrorKind::Invalid, "--parallelism must be between 1 and 256.");
    settings.options.parallelism = **parallelism;
    settings.options.threads = **parallelism;
  }
  const auto timeout = parse_duration(invocation.value("timeout", "30m"));
  if (!timeout) return timeout.forward();
  settings.options.task_timeout = *timeout;
  const auto deadline = parse_duration(invocation.value("deadline", "2h"));
  if (!deadline) return deadline.forward();
  settings.deadline = *deadline;
  settings.options.targets = Targets(invocation.values("target"), invocation.values("exclude"));
  return settings;
}

Result<PlanSettings> read_plan_settings(const Invocation& invocation) {
  PlanSettings settings;
  const auto invalid = [](std::string_view flag, const std::string& value, std::string_view choices) {
    return fail(ErrorKind::Invalid, fmt::format("--{} cannot be \"{}\"; choose {}.", flag, value, choices));
  };
  settings.drift_decided = invocation.has("on-drift");
  const std::string on_drift = invocation.value("on-drift", "revert");
  if (on_drift != "revert" && on_drift != "keep" && on_drift != "fail")
    return invalid("on-drift", on_drift, "revert, keep or fail");
  settings.diff.on_drift = on_drift == "keep" ? OnDrift::Keep : OnDrift::Revert;
  settings.fail_on_drift = on_drift == "fail";
  settings.prune_given = invocation.has("prune");
  const std::string prune = invocation.value("prune", "managed");
  if (prune != "none" && prune != "managed" && prune != "all") return invalid("prune", prune, "none, managed or all");
  settings.diff.prune = prune == "none" ? Prune::None : prune == "all" ? Prune::All : Prune::Managed;
  settings.diff.forget_kept = on_drift == "revert" && settings.drift_decided;
  settings.diff.adopt = invocation.values("adopt");
  settings.diff.list_unchanged = invocation.has("all");
  if (invocation.has("fail-on")) {
    const std::string risk = invocation.value("fail-on");
    if (risk != "breaking" && risk != "warning") return invalid("fail-on", risk, "breaking or warning");
    settings.fail_on = risk == "breaking" ? Risk::Breaking : Risk::Warning;
  }
  const auto deletes = read_number(invocation, "max-deletes");
  if (!deletes) return deletes.forward();
  settings.max_deletes = *deletes;
  settings.expect = invocation.value("expect");
  settings.changed_only = invocation.has("changed");
  settings.refresh_only = invocation.has("refresh-only");
  if (!settings.refresh_only) return settings;
  for (const std::string_view flag : {"adopt", "changed", "max-deletes", "on-drift", "prune"}) {
    if (!invocation.has(flag)) continue;
    return fail(ErrorKind::Invalid, fmt::format("--refresh-only sends nothing, so --{} says nothing with it.", flag));
  }
  return settings;
}

Verdict check_plan(const Plan& plan, const PlanSettings& settings, bool unattended) {
  if (!settings.expect.empty() && settings.expect != plan.digest) {
    return {ExitCode::Refused,
            {fmt::format("The plan's digest is {}, and {} was expected: look at the plan again before approving it.",
                         plan.digest, settings.expect)}};
  }
  if (settings.fail_on_drift && !plan.drift.empty()) {
    const std::string drifted =
        plan.drift.size() == 1 ? "1 resource has" : fmt::format("{} resources have", plan.drift.size());
    return {ExitCode::Policy, {fmt::format("{} drifted, and --on-drift fail was said.", drifted)}};
  }
  if (plan.refresh_only) return {};
  const SafetyPolicy policy{settings.max_deletes ? settings.max_deletes : plan.max_deletes,
                            settings.drift_decided || plan.drift_decided, unattended,
                            settings.diff.on_drift == OnDrift::Keep};
  auto reasons = refusals(plan, policy);
  if (!reasons.empty()) return {ExitCode::Refused, std::move(reasons)};
  if (settings.fail_on) {
    for (const Change& change : plan.changes) {
      if (change.risk < *settings.fail_on) continue;
      return {ExitCode::Policy,
              {fmt::format("{} is {} ({}), and --fail-on was said.", change.address.text(), to_string(change.risk),
                           change.rule)}};
    }
  }
  return {};
}

ExitCode report(const Verdict& verdict) {
  const std::string_view word = verdict.code == ExitCode::Refused ? "Refused" : "Error";
  for (const std::string& reason : verdict.reasons) tell(fmt::format("{}: {}\n", word, printable(reason)));
  return verdict.code;
}

}  // namespace sluice
