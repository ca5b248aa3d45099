// From a comparison in which ignored places are the same back to the gateway as it is.
#pragma once

#include "plan/diff.h"
#include "plan/ignore.h"

namespace sluice {

/// What a comparison made of `view` says, about `live`: bodies and digests as they are served, and what the base learns
/// of ignored places.
void show_as_it_is(GroupDiff& diff, const IgnoringView& view, const LiveState& live);

}  // namespace sluice
