// Plans as a person reads them in a terminal.
#pragma once

#include <string>

#include "plan/outcome.h"
#include "plan/plan.h"

namespace sluice {

struct TextStyle {
  bool color = false;
  std::size_t width = 0;  ///< characters a line, broken at spaces; 0 leaves lines as long as they are
  bool context = false;   ///< what stays as it is of a resource that is updated is shown, too
};

/// The whole plan: drift, changes (deletes first), steps with their modes, the summary line with the gateway's name
/// and, last, the digest.
std::string render_text(const Plan& plan, const TextStyle& style);

/// What `drift` shows.
std::string render_drift_text(const Plan& plan, const TextStyle& style);

/// Only the last lines of either: the numbers, the gateway and, of a plan, the digest.
std::string render_text_summary(const Plan& plan, const TextStyle& style);

/// "Plan: 2 to add, 1 to change, 0 to destroy." and what else counts; one line.
std::string summary_line(const Plan& plan);

/// The same of a drift report: "Drift: 3 resources changed since the last apply."
std::string drift_line(const Plan& plan);

/// A text as it may be printed: control characters and direction marks are spelled out.
std::string printable(std::string_view text);

}  // namespace sluice
