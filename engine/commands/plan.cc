#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "engine/commands/command.h"
#include "engine/commands/plan_end.h"
#include "engine/files.h"
#include "engine/observation.h"
#include "engine/output.h"
#include "engine/renames.h"
#include "plan/plan_json.h"

namespace sluice {
namespace {

std::string exporting(std::size_t groups, const GatewayIdentity& gateway) {
  return fmt::format("Exporting {} from {}", groups == 1 ? "1 group" : fmt::format("{} groups", groups),
                     to_string(gateway));
}

/// Whether the group takes only some operations of its files: the rest of it is somebody else's business.
bool takes_a_part(const Manifest& manifest, const std::string& group) {
  return std::any_of(manifest.groups.begin(), manifest.groups.end(),
                     [&](const GroupSettings& settings) { return settings.name == group && !settings.select.empty(); });
}

Error no_state() {
  return {ErrorKind::NotFound,
          "There is no state, so nothing is known to compare with: run `sluice apply` first, or name the state with "
          "--state."};
}

/// A plan that takes what was changed on the gateway into the state; the files don't matter.
ExitCode plan_refresh(const CommandContext& context, const Reports& reports, const PlanSettings& settings,
                      const RunSettings& run, Workspace& workspace, StateSnapshot& state, Milliseconds expires,
                      Failure& failure, Interruption& interruption) {
  if (!state.exists()) return failure.end(no_state());
  ReconcilerOptions options = run.options;
  if (const ExitCode code = protect_secrets(workspace, state, hash_key(context, state), options, {}, &failure.told());
      code != ExitCode::Done)
    return failure.end(code);
  mask_base(options, state);
  Provider& provider = workspace.connection->provider();
  Reconciler reconciler(provider, context.clock, options);
  auto plan = [&] {
    const Waiting waiting(context, exporting(state.groups.size(), provider.identity()));
    return reconciler.refresh(state, owners_of(workspace.manifest), ignored_by(workspace.manifest));
  }();
  if (!plan) return failure.end(plan.error(), interruption);
  if (const auto named = check_targets(options.targets, workspace, state, *plan); !named)
    return failure.end(named.error());
  return end_plan(context, reports, settings, *plan, expires);
}

}  // namespace

ExitCode run_plan(const CommandContext& context) {
  const auto reports = read_reports(context.invocation);
  if (!reports) return report_usage(reports.error().message);
  const auto settings = read_plan_settings(context.invocation);
  if (!settings)
    return settings.error().kind == ErrorKind::Invalid ? report_usage(settings.error().message)
                                                       : report(settings.error());
  auto run = read_run_settings(context.invocation);
  if (!run) return report_usage(run.error().message);
  const auto expires = parse_duration(context.invocation.value("expires", "7d"));
  if (!expires) return report_usage(expires.error().message);
  if (context.invocation.has("out") && context.invocation.value("out").empty())
    return report_usage("--out names no file.");
  Failure failure(context, *reports);
  auto opened = open_workspace(context, ReadFirst::Manifest, &failure.told());
  if (const auto* code = std::get_if<ExitCode>(&opened)) return failure.end(*code);
  Workspace& workspace = *std::get_if<Workspace>(&opened);
  auto state = workspace.store->read();
  if (!state) return failure.end(state.error());
  Provider& provider = workspace.connection->provider();
  failure.reached(provider.identity());
  if (const auto same = check_same_gateway(*state, provider.identity()); !same) return failure.end(same.error());
  if (!state->open_intents.empty()) {
    print_warning(
        "An apply is still at work, or was interrupted; the next `sluice apply` looks at what became of it first.");
  }
  if (!workspace.connection->calls_wait()) run->options.threads = 0;
  run->options.risks = risks_of(workspace.manifest);
  Interruption interruption(context.clock, run->deadline);
  run->options.interrupted = [&] { return stop_requested(interruption, workspace); };
  follow_renames(*state, former_names(workspace.manifest.groups));
  if (settings->refresh_only) {
    return plan_refresh(context, *reports, *settings, *run, workspace, *state, *expires, failure, interruption);
  }
  // The gateway works on the exports while the files are read here, unless the files say which are wanted.
  const Targets& targets = run->options.targets;
  Observation observation(
      provider, context.clock, run->options,
      settings->changed_only ? std::vector<ExportRequest>() : exports_to_plan(workspace, *state, targets));
  if (const ExitCode code = read_files(context, workspace, &failure.told()); code != ExitCode::Done)
    return failure.end(code);
  if (is_input(workspace, context.invocation.value("out"))) {
    return failure.end(
        Error{ErrorKind::Conflict, fmt::format("--out {} is one of the files that the plan is made of: name another.",
                                               context.invocation.value("out"))});
  }
  if (const auto free = check_report_files(context, workspace, reports->formats); !free)
    return failure.end(free.error());
  Secret key = hash_key(context, *state);
  if (key.empty()) key = first_hash_key(workspace);
  if (key.empty() && !workspace.manifest.secrets.empty()) {
    if (context.invocation.has("out")) {
      return failure.end(
          Error{ErrorKind::Refused,
                "Before the first apply there is no key for the hashes of secrets, and a saved plan must not hold "
                "one: set SLUICE_HASH_KEY for plan and apply, or apply once without a saved plan."});
    }
    print_warning(
        "Before the first apply secrets are hashed with a key of this run alone, so the digest differs each time; "
        "set SLUICE_HASH_KEY to keep it.");
    key = new_hash_key();
  }
  if (const ExitCode code = protect_secrets(workspace, *state, key, run->options, {}, &failure.told());
      code != ExitCode::Done)
    return failure.end(code);
  mask_base(run->options, *state);
  Reconciler reconciler(provider, context.clock, run->options);
  auto groups = groups_to_plan(workspace, *state, settings->diff, settings->prune_given);
  warn_of_adoptions(groups, settings->diff.adopt);
  const std::size_t unseen = leave_unseen(groups, *state, targets, settings->changed_only);
  auto plan = [&] {
    const Waiting waiting(context, exporting(groups.size(), provider.identity()));
    return settings->changed_only ? reconciler.plan(groups, *state) : reconciler.plan(groups, *state, observation);
  }();
  if (!plan) return failure.end(plan.error(), interruption);
  plan->scope.unseen_groups = unseen;
  plan->scope.changed_only = settings->changed_only;
  if (const auto named = check_targets(targets, workspace, *state, *plan); !named) return failure.end(named.error());
  print_diagnostics(plan->findings);
  plan->max_deletes = settings->max_deletes;
  plan->drift_decided = settings->drift_decided && settings->diff.on_drift == OnDrift::Revert;
  return end_plan(context, *reports, *settings, *plan, *expires);
}

ExitCode run_show(const CommandContext& context) {
  const auto reports = read_reports(context.invocation);
  if (!reports) return report_usage(reports.error().message);
  if (context.invocation.arguments.empty()) return report_usage("`sluice show` needs the file of a saved plan.");
  const auto text = read_file(context.invocation.arguments[0], 1'000'000'000);
  if (!text) return report(text.error());
  auto plan = read_plan_file(*text);
  if (!plan) {
    return report({plan.error().kind, fmt::format("{}: {}", context.invocation.arguments[0], plan.error().message)});
  }
  if (const auto free = check_report_files(context, {}, reports->formats); !free) return report(free.error());
  narrow_view(*plan, Targets(context.invocation.values("target"), context.invocation.values("exclude")));
  const auto printed = print_plan(context, reports->formats, reports->settings, *plan);
  return printed ? ExitCode::Done : report(printed.error());
}

ExitCode run_drift(const CommandContext& context) {
  const auto reports = read_reports(context.invocation);
  if (!reports) return report_usage(reports.error().message);
  auto run = read_run_settings(context.invocation);
  if (!run) return report_usage(run.error().message);
  const std::string unmanaged = context.invocation.value("unmanaged");
  if (context.invocation.has("unmanaged") && unmanaged != "fail" && unmanaged != "report")
    return report_usage("--unmanaged takes fail or report.");
  Failure failure(context, *reports);
  auto opened = open_workspace(context, ReadFirst::Manifest, &failure.told());
  if (const auto* code = std::get_if<ExitCode>(&opened)) return failure.end(*code);
  Workspace& workspace = *std::get_if<Workspace>(&opened);
  if (const auto free = check_report_files(context, workspace, reports->formats); !free)
    return failure.end(free.error());
  auto state = workspace.store->read();
  if (!state) return failure.end(state.error());
  if (!state->exists()) {
    return failure.end(no_state());
  }
  Provider& provider = workspace.connection->provider();
  failure.reached(provider.identity());
  if (const auto same = check_same_gateway(*state, provider.identity()); !same) return failure.end(same.error());
  if (!state->open_intents.empty()) {
    print_warning(
        "An apply is still at work, or was interrupted; what it sent counts as ours, and the next `sluice apply` looks "
        "at it.");
  }
  if (!workspace.connection->calls_wait()) run->options.threads = 0;
  run->options.risks = risks_of(workspace.manifest);
  Interruption interruption(context.clock, run->deadline);
  run->options.interrupted = [&] { return stop_requested(interruption, workspace); };
  follow_renames(*state, former_names(workspace.manifest.groups));
  if (const ExitCode code =
          protect_secrets(workspace, *state, hash_key(context, *state), run->options, {}, &failure.told());
      code != ExitCode::Done)
    return failure.end(code);
  mask_base(run->options, *state);
  Reconciler reconciler(provider, context.clock, run->options);
  const auto plan = [&] {
    const Waiting waiting(context, exporting(state->groups.size(), provider.identity()));
    return reconciler.drift(*state, owners_of(workspace.manifest), ignored_by(workspace.manifest));
  }();
  if (!plan) return failure.end(plan.error(), interruption);
  if (const auto named = check_targets(run->options.targets, workspace, *state, *plan); !named)
    return failure.end(named.error());
  if (const auto printed = print_plan(context, reports->formats, reports->settings, *plan); !printed)
    return report(printed.error());
  const auto counts = [&](const Address& address) {
    return unmanaged == "fail" || (unmanaged.empty() && !takes_a_part(workspace.manifest, address.group()));
  };
  const bool appeared = std::any_of(plan->unmanaged.begin(), plan->unmanaged.end(), counts);
  return plan->drift.empty() && !appeared ? ExitCode::Done : ExitCode::Different;
}

}  // namespace sluice
