#include "engine/commands/plan_end.h"

#include <fmt/format.h>

#include "engine/files.h"
#include "engine/output.h"
#include "plan/plan_json.h"

namespace sluice {

Result<Reports> read_reports(const Invocation& invocation) {
  auto formats = read_formats(invocation);
  if (!formats) return formats.forward();
  const auto settings = read_report_settings(invocation);
  if (!settings) return settings.forward();
  return Reports{std::move(*formats), *settings};
}

void discard_plan(const Invocation& invocation) {
  const std::string file = invocation.value("out");
  if (!file.empty() && is_report(file, "json")) remove_file(file);
}

ExitCode Failure::end(ExitCode code) {
  discard_plan(context_.invocation);
  print_failure(context_, reports_.formats, reports_.settings, told_, gateway_);
  return code;
}

ExitCode Failure::end(const Error& error) {
  told_.push_back(finding_of(error));
  return end(report(error));
}

ExitCode Failure::end(const Error& error, const Interruption& interruption) {
  const ExitCode code = end(with_cause(error, interruption, context_.invocation));
  return interruption.signal().value_or(code);
}

ExitCode end_plan(const CommandContext& context, const Reports& reports, const PlanSettings& settings, Plan& plan,
                  Milliseconds expires) {
  const Verdict verdict = check_plan(plan, settings, false);
  // That it is another plan than the one that was approved is no part of it, but of its reports.
  const bool another = !settings.expect.empty() && settings.expect != plan.digest;
  if (another) plan.findings.push_back(finding_of({ErrorKind::Refused, verdict.reasons.front(), {}, "digest-other"}));
  if (const auto printed = print_plan(context, reports.formats, reports.settings, plan); !printed)
    return report(printed.error());
  if (another) plan.findings.pop_back();
  if (has_errors(plan.findings)) {
    discard_plan(context.invocation);
    return ExitCode::Error;
  }
  if (const std::string file = context.invocation.value("out"); context.invocation.has("out")) {
    plan.created_at = to_rfc3339(context.clock.now());
    plan.expires_at = to_rfc3339(context.clock.now() + expires);
    if (const auto written = write_file(file, write_plan_file(plan), FileAccess::Owner); !written)
      return report(written.error());
    if (!context.invocation.has("quiet") && verdict.code != ExitCode::Refused) {
      tell(fmt::format("Saved the plan to {0}; carry it out with: sluice apply {0}\n", file));
    }
  }
  if (verdict.code != ExitCode::Done) return report(verdict);
  const bool differs = plan.refresh_only ? !plan.drift.empty() : !plan.empty();
  return context.invocation.has("detailed-exitcode") && differs ? ExitCode::Different : ExitCode::Done;
}

}  // namespace sluice
