// The policies of an imported document: what becomes of each of its definitions, and whether operations may name them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/policies.h"
#include "providers/gateway/policy_documents.h"

namespace sluice::gateway {

/// Decides first and changes nothing, so that an import can still be refused; then takes what is good.
class PolicyImport {
 public:
  /// `group_id` is "" when the import makes the group. With `overwrite` a definition replaces a policy of its name,
  /// excluded apps and users and remark included; without it the policy is kept.
  PolicyImport(const Instance& instance, std::string_view group_id, const std::vector<DocumentPolicy>& definitions,
               bool overwrite);

  /// The fault of the first definition that cannot be taken.
  std::optional<Fault> fault() const;
  /// Creates and overwrites. `group_id` is that of the import's group.
  void carry_out(Session& session, std::string_view group_id);
  /// What an operation that names a policy fails with: the fault of its definition, or the code of one that is neither
  /// in the document nor on the gateway. After carry_out().
  std::optional<Fault> fault_of(const Instance& instance, PolicyKind kind, std::string_view name,
                                std::string_view group_id = "") const;
  /// The same for all names of an operation.
  std::optional<Fault> fault_of(const Instance& instance, const Value& wishes) const;

 private:
  enum class Fate { Create, Overwrite, Keep, Refuse };
  struct Item {
    PolicyKind kind = PolicyKind::Throttle;
    std::string name;
    Fate fate = Fate::Keep;
    WantedPolicy wanted;
    Fault fault;
  };
  std::vector<Item> items_;
};

}  // namespace sluice::gateway
