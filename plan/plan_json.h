// A plan as JSON: what `--format json` prints, and what a saved plan is.
#pragma once

#include <string>
#include <string_view>

#include "plan/plan.h"
#include "plan/result.h"

namespace sluice {

constexpr std::string_view kPlanFormatVersion = "1.0";
constexpr std::string_view kSluiceVersion = "0.1.0";

/// The JSON plan of cli.md, close to Terraform's.
Value plan_to_json(const Plan& plan);

/// One finding as `validate` and plans show it.
Value diagnostic_to_json(const Diagnostic& diagnostic);

/// One change of that document, also used by events.
Value change_to_json(const Change& change);

/// The same with the documents that will be sent and the digests that apply verifies: self-contained.
std::string write_plan_file(const Plan& plan);

/// Reads a saved plan of this or an earlier version. Errors: Invalid, when it is none, is torn, was changed after it
/// was written, or was written by a later version.
Result<Plan> read_plan_file(std::string_view text);

}  // namespace sluice
