// From changes to steps: which requests, in which order, in which mode, and why. Chosen here and never again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/capabilities.h"
#include "plan/diff.h"
#include "plan/step.h"

namespace sluice {

/// When what is gone from the files is taken away: last, or, where there is no room for what is new beside it, first.
enum class Deletions { Last, First };

/// The steps of one group, numbered from 1, each depending on the one before it. Imports carry the definitions that
/// their APIs use, of those in `policies`. Names that a doomed or renamed API still holds are freed first. Adds a
/// collision to `diff` when an API that is not ours holds a name that is needed, or when `modes` do not let it be
/// freed; notes in its changes what `modes` prevent.
std::vector<Step> choose_steps(GroupDiff& diff, const LiveState& live, std::string_view group,
                               const Capabilities& capabilities, const DesiredState& policies = {},
                               Deletions deletions = Deletions::Last, const ForcedModes& modes = {});

/// The steps for policies, the changes of group "". New and changed definitions travel with an import into a group that
/// uses them, or else into `any_group`; deletions come when all groups are done, and belong to group "". `modes` are
/// those of groups by name: what changes travels, where it can, with a group that does not force `extend_mode: merge`,
/// and is noted in the change as prevented where it cannot.
struct PolicySteps {
  std::map<std::string, std::vector<Step>> by_group;  ///< after the group was created, before its other imports
  std::vector<Step> deletions;
};
PolicySteps choose_policy_steps(GroupDiff& diff, const DesiredState& policies, const std::string& any_group,
                                const std::map<std::string, ForcedModes>& modes = {});

/// Deletions of policies that an API keeps which is bound to them, whatever the files say of it: they stay. `changes`
/// are those of all groups.
void keep_used_policies(GroupDiff& policies, const std::vector<const Change*>& changes);

/// The policies that stay as the gateway has them, though a forced `extend_mode: override` would replace them on the
/// way of one of the steps.
std::vector<Collision> replaced_though_kept(const GroupDiff& policies, const std::vector<Step>& steps);

/// `steps` with `policies` after the steps that make or change the group itself; numbered anew.
std::vector<Step> with_policy_steps(std::vector<Step> steps, std::vector<Step> policies);

}  // namespace sluice
