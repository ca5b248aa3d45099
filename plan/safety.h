// What a plan may not do unless the user says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace sluice {

/// What the user said. An unset choice is a refusal where there is something to choose.
struct SafetyPolicy {
  std::optional<std::size_t> max_deletes;  ///< APIs deleted, or taken offline in the last of their environments
  bool drift_decided = false;              ///< --on-drift was given
  bool unattended = false;                 ///< --auto-approve: nobody looks at drift
  bool keeps_drift = false;                ///< --on-drift keep: says nothing of what the files changed too
};

/// Why apply refuses this plan, one sentence each that names the flag or key; empty when it may go on.
std::vector<std::string> refusals(const Plan& plan, const SafetyPolicy& policy);

/// The same for whoever reads a report: by the flags that the plan was made with. Empty for a drift report.
std::vector<std::string> refusals(const Plan& plan);

/// What to do about a collision.
std::string way_out_of(const Collision& collision);

/// Those of them that the plan itself does not list: protected losses, conflicts, and too many deletes.
std::vector<std::string> unlisted_refusals(const Plan& plan);

}  // namespace sluice
