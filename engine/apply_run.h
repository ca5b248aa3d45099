// A plan being carried out: one pipeline a group, one thread that decides.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/reconciler.h"

namespace sluice {

/// Everything a run works with; all of it outlives the run.
struct ApplyContext {
  const Plan& plan;
  Provider& provider;
  StateStore& store;
  const LockToken& token;
  const std::string& run_id;
  Clock& clock;
  RunListener& listener;
  const ReconcilerOptions& options;
  const StateSnapshot& state;
};

/// What to look at in a group before and after the plan is carried out.
ExportRequest request_to_apply(const Plan& plan, const PlannedGroup& group, const StateSnapshot& state);

/// Whether carrying out the plan writes something of the group, on the gateway or in the state.
bool is_touched(const Plan& plan, const PlannedGroup& group, const StateSnapshot& state);

/// What is ours in a group, by the state.
std::set<Address> owned_in(const StateSnapshot& state, const std::string& group);

/// Sends the steps, looks again, accounts and commits, group by group. `before` holds every touched group.
Result<RunReport> run_apply(const ApplyContext& context, std::map<std::string, LiveState> before);

/// Adds to `change` what `live` shows of an intent whose outcome was not recorded; of the change's group only.
void settle_intent(const Intent& intent, const LiveState& live, const Baseline& base, StateChange& change);

}  // namespace sluice
