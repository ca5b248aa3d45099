// Taking what the gateway has into the base, whatever the files say.
#pragma once

#include "plan/diff.h"
#include "plan/resource.h"
#include "plan/targets.h"

namespace sluice {

/// Fills in what the base of a group takes from `live` when it is refreshed: what is ours as it is now, and what is
/// gone or was made anew by somebody, which is ours no longer. Nothing where `diff.drift` has no row. What others made
/// counts as seen.
void take_live(GroupDiff& diff, const Baseline& base, const LiveState& live, const Targets& targets);

}  // namespace sluice
