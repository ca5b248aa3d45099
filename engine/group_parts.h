// What --target and --exclude leave of the groups of a plan.
#pragma once

#include <vector>

#include "engine/reconciler.h"

namespace sluice {

/// A comparison of what the targets name; what is left out counts in `scope`. Policies are narrowed later, when it is
/// known who needs them.
GroupDiff diff_of_part(const GroupRequest& request, const Baseline& base, const LiveState& live, DiffOptions options,
                       const Targets& targets, Scope& scope);

/// What the part of a group that is targeted asks for, and names on the gateway.
struct GroupPart {
  DesiredState desired;
  NamedObjects objects;
};

/// One for each group; none where everything is meant.
std::vector<GroupPart> parts_of(const std::vector<GroupRequest>& groups, const Targets& targets);

}  // namespace sluice
