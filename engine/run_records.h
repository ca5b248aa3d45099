// What a run writes down around its requests: the intent before, what was said after, what was there at first, and what
// is ours at the end.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/group_run.h"
#include "engine/state_store.h"
#include "plan/outcome.h"
#include "plan/plan.h"

namespace sluice {

/// The change that a predicted resource belongs to: its own, or its API's.
const Change* change_behind(const Plan& plan, const Address& address);

/// The digest that a resource has once the step is done; "" when it is gone then.
std::string digest_after(const Plan& plan, const Prediction& prediction);

/// What the journal is told before a step is sent.
Intent intent_of(const Plan& plan, const Step& step, const std::string& run_id);

/// What the gateway said of each resource, as JSON; error messages are to be without secrets.
std::string result_text(const std::vector<EntryResult>& entries);

/// What a group's part of a run adds to the state, by its account and what was seen after it; closes no intent.
StateChange change_of_state(const Plan& plan, const GroupRun& run, const Ledger& ledger, const LiveState& after);

/// How many bytes the journal and the state of a run may need on the disk, at most.
std::int64_t room_for(const Plan& plan);

/// Keeps what the groups that the plan's steps touch held before the run.
Result<void> keep_backups(StateStore& store, const LockToken& token, const std::string& run_id, const Plan& plan,
                          const std::vector<GroupRun>& groups);

}  // namespace sluice
