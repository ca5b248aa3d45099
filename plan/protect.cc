#include "plan/protect.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/diff.h"
#include "plan/plan.h"
#include "plan/select.h"

namespace sluice {
namespace {

bool names_operation(const ProtectRule& rule, const Address& api) {
  const std::string& name = api.name();
  const std::size_t space = std::min(name.find(' '), name.size());
  std::string path = name.substr(std::min(space + 1, name.size()));
  if (path.ends_with(" SWA")) path.resize(path.size() - 4);
  return matches_operation(rule.operations, name.substr(0, space), path);
}

/// The group, and every API: what can be protected.
bool can_be_protected(const Address& address) { return address.type() == "api" || address.type() == "group"; }

/// What Sluice starts to own once the changes are made.
std::set<Address> arriving(const GroupDiff& diff) {
  std::set<Address> found;
  for (const auto* list : {&diff.changes, &diff.same}) {
    for (const Change& change : *list) {
      if (change.action == Action::Create || change.importing) found.insert(change.address);
    }
  }
  return found;
}

}  // namespace

const ProtectRule* protecting(const std::vector<ProtectRule>& rules, const Address& address) {
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const ProtectRule& one) {
    return one.operations.empty() || (address.type() == "api" && names_operation(one, address));
  });
  return rule == rules.end() ? nullptr : &*rule;
}

std::vector<ProtectedLoss> protected_losses(const std::vector<Change>& changes, const std::vector<ProtectRule>& rules,
                                            const std::set<Address>& remembered) {
  std::vector<ProtectedLoss> losses;
  const auto judge = [&](const Address& address, bool deleted) {
    const ProtectRule* rule = protecting(rules, address);
    if (rule == nullptr && !remembered.contains(address)) return;
    const bool told =
        std::any_of(losses.begin(), losses.end(), [&](const ProtectedLoss& loss) { return loss.address == address; });
    if (!told) losses.push_back({address, deleted, rule != nullptr ? rule->at : SourceSpan{}});
  };
  for (const Change& change : changes) {
    if (change.action == Action::Delete && can_be_protected(change.address)) judge(change.address, true);
  }
  for (const Change& change : changes) {
    const bool last =
        change.action == Action::Delete && change.address.type() == "publication" && change.environments.empty();
    if (last) judge(change.address.api_of_publication(), false);
  }
  return losses;
}

void compare_protection(const Baseline& base, const DesiredState& desired, const std::vector<ProtectRule>& rules,
                        GroupDiff& diff) {
  diff.losses = protected_losses(diff.changes, rules, base.guarded);
  if (!rules.empty()) {
    const std::set<Address> ours = arriving(diff);
    for (const auto& [address, resource] : desired.resources) {
      const bool fresh = can_be_protected(address) && !base.guarded.contains(address);
      if (fresh && protecting(rules, address) != nullptr &&
          (base.resources.contains(address) || ours.contains(address)))
        diff.protect.push_back(address);
    }
  }
  for (const Address& address : base.guarded) {
    if (desired.resources.contains(address) && protecting(rules, address) == nullptr) diff.unprotect.push_back(address);
  }
}

bool changes_protection(const Baseline& base, const DesiredState& desired, const std::vector<ProtectRule>& rules) {
  return std::any_of(desired.resources.begin(), desired.resources.end(), [&](const auto& entry) {
    const Address& address = entry.first;
    const bool ours = can_be_protected(address) && base.resources.contains(address);
    return ours && (protecting(rules, address) != nullptr) != base.guarded.contains(address);
  });
}

void add_losses(Plan& plan, const std::map<std::string, std::vector<ProtectRule>>& rules,
                const std::map<std::string, std::set<Address>>& remembered) {
  const std::vector<ProtectRule> no_rules;
  const std::set<Address> nothing;
  std::map<std::string, std::vector<Change>> by_group;
  for (const Change& change : plan.changes) {
    if (change.action == Action::Delete) by_group[change.address.group()].push_back(change);
  }
  for (const auto& [group, changes] : by_group) {
    const auto own = rules.find(group);
    const auto known = remembered.find(group);
    for (ProtectedLoss& loss : protected_losses(changes, own != rules.end() ? own->second : no_rules,
                                                known != remembered.end() ? known->second : nothing)) {
      const bool told = std::any_of(plan.losses.begin(), plan.losses.end(),
                                    [&](const ProtectedLoss& one) { return one.address == loss.address; });
      if (!told) plan.losses.push_back(std::move(loss));
    }
  }
}

std::string to_sentence(const ProtectedLoss& loss) {
  const std::string what = fmt::format("{} is protected", loss.address.text());
  const std::string_view fate = loss.deleted ? "deleted" : "taken offline in the last of its environments";
  if (loss.at.file.empty()) {
    return fmt::format(
        "{0} by `protect`, as an earlier apply remembers, and may not be {1}: put it back into the files and leave its "
        "`protect` out, apply that, and then take it away.",
        what, fate);
  }
  return fmt::format(
      "{} by `protect` at {}, and may not be {}: keep it in the files, take `protect` off it, apply that, and then "
      "take "
      "it away.",
      what, to_string(loss.at), fate);
}

}  // namespace sluice
