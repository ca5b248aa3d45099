// Findings where code is reviewed: SARIF 2.1.0 for code scanning, and workflow commands of GitHub Actions.
#pragma once

#include <string>

#include "plan/diagnostic.h"
#include "plan/plan.h"

namespace sluice {

/// What `validate` found. One result a finding, sorted as they are given; `ruleId` is its code.
std::string render_sarif(const Diagnostics& diagnostics);

/// What a plan does to callers, and what is in its way: one result for each risky change, field and collision, at the
/// line that asked for it, and with the address as its logical location. `properties.summary` of the run has the
/// numbers.
std::string render_sarif(const Plan& plan);

/// "::error file=…,line=…,col=…,title=…::message", one line a finding; shown beside the lines of a pull request.
std::string render_github(const Diagnostics& diagnostics);
/// The same for the risks of a plan; the last line is a notice with the summary.
std::string render_github(const Plan& plan);

}  // namespace sluice
