// What may not be deleted: by the manifest's `protect`, and by what the state remembers of it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/change.h"
#include "plan/diagnostic.h"

namespace sluice {

struct GroupDiff;
struct Plan;

/// `protect: true`, or one glob of its list.
struct ProtectRule {
  std::string operations;  ///< glob of "METHOD /path"; "" is the group and all of its APIs
  SourceSpan at = {};
};

/// A protected API or group that a plan would delete, or take offline in the last of its environments.
struct ProtectedLoss {
  Address address;
  bool deleted = true;  ///< else: taken offline
  SourceSpan at = {};   ///< the line that protects it; no file when only the state remembers it
};

/// The rule that protects an API or group; null when none does.
const ProtectRule* protecting(const std::vector<ProtectRule>& rules, const Address& address);

/// What of one group's changes takes away something protected, by its rules or by what an earlier apply remembered.
std::vector<ProtectedLoss> protected_losses(const std::vector<Change>& changes, const std::vector<ProtectRule>& rules,
                                            const std::set<Address>& remembered);

/// Adds to a group's comparison what becomes protected, what is no longer, and what it would lose. What the files no
/// longer name stays protected: it loses its protection only while they still name it.
void compare_protection(const Baseline& base, const DesiredState& desired, const std::vector<ProtectRule>& rules,
                        GroupDiff& diff);

/// Whether the next apply has to remember other protection than the base does.
bool changes_protection(const Baseline& base, const DesiredState& desired, const std::vector<ProtectRule>& rules);

/// Adds to a saved plan what has become protected since it was made: by the manifest's rules or the state, by group.
void add_losses(Plan& plan, const std::map<std::string, std::vector<ProtectRule>>& rules,
                const std::map<std::string, std::set<Address>>& remembered);

/// Why a plan with this loss is refused, and the way out.
std::string to_sentence(const ProtectedLoss& loss);

}  // namespace sluice
