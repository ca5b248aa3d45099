// How much of a state a run is about, as its lock says it to others.
#pragma once

#include <vector>

#include "engine/reconciler.h"
#include "engine/state_store.h"
#include "plan/plan.h"
#include "plan/targets.h"

namespace sluice {

/// The scope that a resource belongs to: its group's, or a policy's own.
std::string scope_of(const Address& address);

/// What carrying out a plan may write.
LockScopes scopes_of(const Plan& plan, const StateSnapshot& state);

/// What a plan of these groups may come to: the groups, those they may have things from, and the policies that are
/// meant or that their APIs use.
LockScopes scopes_of(const std::vector<GroupRequest>& groups, const StateSnapshot& state, const Targets& targets);

/// Whether who holds `held` may write what `wanted` names.
bool covers(const LockScopes& held, const LockScopes& wanted);

/// `scopes`, and all that the open intents in them are about: they are settled first, each as a whole.
LockScopes with_open_intents(LockScopes scopes, const StateSnapshot& state);

/// Leaves of the open intents those in `held`: others' runs may still be at work on the rest.
void leave_others_intents(StateSnapshot& state, const LockScopes& held);

}  // namespace sluice
