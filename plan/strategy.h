// From changes to steps: which requests, in which order, in which mode, and why. Chosen here and never again.
#pragma once

#include <vector>

#include "plan/capabilities.h"
#include "plan/diff.h"
#include "plan/step.h"

namespace sluice {

/// The steps of one group, numbered from 1, each depending on the one before it. Names that a doomed or renamed API
/// still holds are freed first. Adds a collision to `diff` when an API that is not ours holds a name that is needed.
std::vector<Step> choose_steps(GroupDiff& diff, const LiveState& live, std::string_view group,
                               const Capabilities& capabilities);

}  // namespace sluice
