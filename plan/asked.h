// Whether files ask for something else than they did at the last apply.
#pragma once

#include <string>
#include <vector>

#include "plan/resource.h"

namespace sluice {

/// Whether a group's files ask for something new: a resource or environment that they did not ask for at the last
/// apply, another body, or less than then. True as well where the last apply did not get that far, and where an
/// interrupted run claims something. Group "" are the policies.
bool asks_for_something_new(const DesiredState& desired, const std::vector<std::string>& environments,
                            const Baseline& base);

}  // namespace sluice
