// What came of a plan: predicted, reported and seen, resource by resource.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/step.h"

namespace sluice {

/// What a gateway reported about one resource of a step. Created to Offline mean that it says it did that.
struct EntryResult {
  Address address;
  Effected effect = Effected::Unknown;
  std::string remote_id = {};
  std::string error_code = {};
  std::string error_message = {};
};

/// How a step ended as a whole.
enum class StepEnd { NotStarted, Done, Failed, Unknown };

struct StepResult {
  StepEnd end = StepEnd::NotStarted;
  std::vector<EntryResult> entries;  ///< of Done
  std::string error_code;            ///< of Failed and Unknown
  std::string error_message;
  std::set<Address> not_sent = {};  ///< left out of the step: it was so already, or must not be
};

/// What became of one change of the plan.
struct Outcome {
  Address address;
  Effected predicted = Effected::Created;
  Effected actual = Effected::Unknown;
  std::string error_code = {};
  std::string error_message = {};
  bool already = false;  ///< it was so before the run, and nothing was sent for it
  bool as_predicted() const { return actual == predicted || already; }
};

/// A group's ledger after a run.
struct Ledger {
  std::vector<Outcome> outcomes;    ///< exactly one for each change of the group
  std::vector<Address> unexpected;  ///< not in the plan, and not as before
  std::vector<Resource> owned;      ///< enters the base: what the plan made, as seen, also where it came out otherwise
  std::vector<Address> gone;        ///< leaves the base
  /// Whether all came as predicted, and nothing was predicted to be ignored.
  bool converged() const;
};

/// What a change should come to.
Effected prediction_of(const Change& change);

/// Judges one group: `results` by step id, `before` and `after` as exported around the run. A success that the export
/// does not show is a failure; an unknown answer that it does show is a success. `owned` is what was ours before: what
/// was already as planned without us stays somebody else's.
Ledger account(const Plan& plan, std::string_view group, const std::map<int, StepResult>& results,
               const LiveState& before, const LiveState& after, const std::set<Address>& owned);

}  // namespace sluice
