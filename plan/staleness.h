// Whether a plan still fits what the gateway holds.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plan/gateway_objects.h"
#include "plan/plan.h"

namespace sluice {

/// What of a group is neither as the plan saw it nor as it wants it; sentences for the user.
/// An address that is to be changed or taken away and is not ours any more has moved too.
std::vector<std::string> what_moved(const Plan& plan, const std::string& group, const LiveState& live,
                                    const std::set<Address>& owned);

/// What the APIs that a plan still has to make or change name on the gateway: nothing of it is in their digests.
struct PendingNames {
  NamedObjects objects;
  DesiredState apis;
};
PendingNames pending_names(const Plan& plan, const std::string& group, const LiveState& live);

}  // namespace sluice
