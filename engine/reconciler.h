// Observe, plan, check, apply, observe again, account.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/events.h"
#include "engine/state_store.h"
#include "plan/diff.h"
#include "plan/plan.h"
#include "plan/risk.h"
#include "plan/secrets.h"
#include "plan/targets.h"
#include "providers/provider.h"

namespace sluice {

/// One group to plan, or, with the name "", the policies of the gateway. `desired` without resources means that the
/// manifest no longer names it.
struct GroupRequest {
  std::string name;
  std::string owner;
  DesiredState desired;
  DiffOptions options;
  NamedObjects objects = {};                               ///< what its APIs name on the gateway
  std::map<std::string, SourceSpan> environments_at = {};  ///< where the manifest names them
  std::string renamed_from = {};                           ///< what the manifest says that it was called
  SourceSpan renamed_from_at = {};
  std::vector<MoveRule> arrivals = {};  ///< what the manifest says came from other groups
};

struct ReconcilerOptions {
  std::size_t parallelism = 8;  ///< groups at a time
  std::size_t threads = 8;      ///< lent to calls; 0 runs everything on one thread
  Milliseconds task_timeout = std::chrono::minutes(30);
  std::function<bool()> interrupted = [] { return false; };
  /// Whether this run may still change something; asked before each intent is opened. Errors: Locked, Storage.
  std::function<Result<void>()> may_send = [] { return Result<void>(); };
  std::map<std::string, RiskSettings> risks = {};  ///< what the manifest says of them, by group; of policies under ""
  std::shared_ptr<SecretVault> secrets = {};       ///< masks what is seen, and unmasks what is sent
  Targets targets = {};                            ///< of plan and drift: the rest is left out
};

class Observation;

/// How an apply ended.
struct RunReport {
  std::vector<Outcome> outcomes;
  std::size_t sent = 0;     ///< steps that were sent
  std::size_t adopted = 0;  ///< resources that were there, and are ours from now on
  bool converged = true;    ///< every outcome as predicted, and nothing of ours changed besides
  bool unknown = false;     ///< an outcome could not be settled
  bool interrupted = false;
  std::string run_id = {};
};

/// Carries values between the provider, the pure functions of plan/, and the state. One deciding thread.
class Reconciler {
 public:
  Reconciler(Provider& provider, Clock& clock, ReconcilerOptions options);

  /// Exports every group and diffs it, and resolves what the files only name. Changes nothing. One group's export is
  /// dropped before the next is kept. Where the plan's findings hold an error, its changes are not to be relied on.
  Result<Plan> plan(const std::vector<GroupRequest>& groups, const StateSnapshot& state);
  /// The same with exports that are under way; of the same groups.
  Result<Plan> plan(const std::vector<GroupRequest>& groups, const StateSnapshot& state, Observation& observation);

  /// What was changed since the last apply, in the groups in which something is ours. Changes nothing. `owners` says
  /// whose the groups are, and `ignore` what is left to others in them, as far as that is known.
  Result<Plan> drift(const StateSnapshot& state, const std::map<std::string, std::string>& owners = {},
                     const std::map<std::string, std::vector<IgnoreRule>>& ignore = {});

  /// The same as a plan that takes what was changed into the base, and sends nothing.
  Result<Plan> refresh(const StateSnapshot& state, const std::map<std::string, std::string>& owners = {},
                       const std::map<std::string, std::vector<IgnoreRule>>& ignore = {});

  /// Settles what an interrupted run left open, so that the state says again what is ours. Sends nothing.
  /// Errors with effect Unknown when a task is still running or the gateway does not come to rest.
  Result<void> resolve_open_intents(StateStore& store, const LockToken& token, const StateSnapshot& state,
                                    RunListener& listener);

  /// Carries out `plan.steps` and nothing else. Before the first send, every address is checked to be as the plan saw
  /// it, or already as it wants it, and still ours by `state`: else Refused, and nothing is sent. Partial success is
  /// not an error.
  Result<RunReport> apply(const Plan& plan, const StateSnapshot& state, StateStore& store, const LockToken& token,
                          const std::string& run_id, RunListener& listener);

 private:
  Result<Plan> look_back(const StateSnapshot& state, const std::map<std::string, std::string>& owners,
                         const std::map<std::string, std::vector<IgnoreRule>>& ignore, bool refresh);
  Judging how_to_judge() const;
  /// SecretVault::comparable, where there are secrets.
  const Baseline& comparable(const Baseline& base, const LiveState& live, std::optional<Baseline>& own) const;
  /// Exports one group until two exports in a row are equal, and no import that was sent just now can still come.
  Result<LiveState> observe_at_rest(const ExportRequest& request, const std::vector<Intent>& intents);
  /// What the gateway allows; nothing where it does not tell.
  Result<std::optional<Quotas>> quotas();
  /// What the rest of a saved plan names and the gateway does not have any more, or cannot serve with; a sentence each.
  Result<std::vector<std::string>> lost_names(const Plan& plan, const std::map<std::string, LiveState>& live);
  bool may_still_come(const Intent& intent, const std::string& group, const LiveState& live) const;

  Provider& provider_;
  Clock& clock_;
  ReconcilerOptions options_;
};

}  // namespace sluice
