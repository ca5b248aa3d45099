// Plans of a part: --target and --exclude, and what of a comparison they leave.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/diff.h"
#include "plan/moves.h"
#include "plan/plan.h"
#include "plan/resource.h"
#include "plan/scope.h"

namespace sluice {

/// Globs of addresses that are meant, and of those that are not. A group stands for all that is in it, an API for its
/// publications. Without globs everything is meant.
class Targets {
 public:
  Targets() = default;
  Targets(std::vector<std::string> targets, std::vector<std::string> excludes);

  bool empty() const { return targets_.empty() && excludes_.empty(); }
  bool includes(const Address& address) const;
  /// Whether an exclude names it.
  bool excludes(const Address& address) const;
  /// Whether something in this group may be meant; "" are the policies of the gateway.
  bool may_concern(const std::string& group) const;
  /// What is wrong with a target that names nothing of `known`, with a near one; nothing when each names something.
  std::optional<std::string> names_nothing(const std::set<Address>& known) const;
  /// The same of an address that is excluded. A glob may name nothing.
  std::optional<std::string> excludes_nothing(const std::set<Address>& known) const;

  const std::vector<std::string>& targets() const { return targets_; }
  const std::vector<std::string>& exclusions() const { return excludes_; }

 private:
  std::vector<std::string> targets_;
  std::vector<std::string> excludes_;
};

/// What the targets name of a group's desired state, group and responses included.
DesiredState narrowed(const DesiredState& desired, const Targets& targets);

/// Leaves of a group's comparison what the targets name and what that needs: the group's creation, and that of the
/// responses that its APIs name. A deletion of what something left out still uses stays behind too. The rest counts in
/// `scope`, and its changes are in `diff.left_out` from then on. What the base knows of others stays known.
void narrow_group(GroupDiff& diff, const Targets& targets, const Baseline& base, const LiveState& live, Scope& scope);

/// Leaves behind what was to go to another group, once that is linked, where the other's change is left out.
void leave_unserved(GroupDiff& diff, const std::map<std::string, MovingGroup>& groups, const Targets& targets,
                    const Baseline& base, const LiveState& live, Scope& scope);

/// The same of the policies of the gateway, once all groups are narrowed: `changes` are what is left of those.
/// Adds to `findings` what cannot be: an API that needs a policy which is excluded and not there.
void narrow_policies(GroupDiff& diff, const Targets& targets, const Baseline& base,
                     const std::vector<const Change*>& changes, Scope& scope, Diagnostics& findings);

/// Leaves of a plan, for looking at it, what the targets name, and the steps that touch it. Its digest stays.
void narrow_view(Plan& plan, const Targets& targets);

}  // namespace sluice
