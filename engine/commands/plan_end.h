// How a command ends that made a plan, or could not.
#pragma once

#include <string>

#include "engine/commands/command.h"

namespace sluice {

/// --format and how the reports are to look.
struct Reports {
  Formats formats;
  ReportSettings settings;
};
/// Errors: Invalid.
Result<Reports> read_reports(const Invocation& invocation);

/// Takes away what --out saved in an earlier run, so that nobody applies it for this one's.
void discard_plan(const Invocation& invocation);

/// How a plan or drift ends that could not be made: its reports say why, and a plan saved earlier is not left in its
/// place.
class Failure {
 public:
  Failure(const CommandContext& context, const Reports& reports) : context_(context), reports_(reports) {}
  Diagnostics& told() { return told_; }
  void reached(const GatewayIdentity& gateway) { gateway_ = gateway; }

  ExitCode end(ExitCode code);
  ExitCode end(const Error& error);
  /// Of what may have been stopped by a signal.
  ExitCode end(const Error& error, const Interruption& interruption);

 private:
  const CommandContext& context_;
  const Reports& reports_;
  Diagnostics told_;
  GatewayIdentity gateway_;
};

/// The end of every plan: its gates, reports, file and exit code.
ExitCode end_plan(const CommandContext& context, const Reports& reports, const PlanSettings& settings, Plan& plan,
                  Milliseconds expires);

}  // namespace sluice
