// Whether a plan still fits what the gateway holds.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace sluice {

/// What of a group is neither as the plan saw it nor as it wants it; sentences for the user.
/// An address that is to be changed or taken away and is not ours any more has moved too.
std::vector<std::string> what_moved(const Plan& plan, const std::string& group, const LiveState& live,
                                    const std::set<Address>& owned);

}  // namespace sluice
