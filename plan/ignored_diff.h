// From a comparison in which ignored places are the same back to the gateway as it is.
#pragma once

#include "plan/diff.h"
#include "plan/ignore.h"

namespace sluice {

/// What a comparison made of `view` says, about `live`: bodies and digests as they are served, and what the base learns
/// of ignored places.
void show_as_it_is(GroupDiff& diff, const IgnoringView& view, const LiveState& live);

/// An update that the gateway would refuse only for what is left to others in it, such as a variable of the path whose
/// parameter is ignored, is a collision.
void refuse_broken_mixtures(GroupDiff& diff, const IgnoringView& view, const DesiredState& desired,
                            const LiveState& live);

}  // namespace sluice
