// A plan: everything a reviewer sees and everything apply needs, and nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/change.h"
#include "plan/diff.h"
#include "plan/scope.h"
#include "plan/secret.h"
#include "plan/step.h"

namespace sluice {

/// Which gateway a plan or state belongs to.
struct GatewayIdentity {
  std::string provider;
  std::string endpoint;
  std::string project_id;
  std::string instance_id;
  bool operator==(const GatewayIdentity&) const = default;
};

/// "provider at endpoint (project, instance)", for summaries and messages.
std::string to_string(const GatewayIdentity& gateway);

/// One group of a plan: where to look for its publications.
struct PlannedGroup {
  std::string name;
  std::string owner;
  std::vector<std::string> environments;  ///< whose published versions are compared
  std::size_t owned = 0;                  ///< APIs that are ours before the plan
  std::size_t unchanged = 0;
  std::vector<Resource> records;        ///< live as desired, and enters the base at the next apply
  bool unmanaged_changed = false;       ///< others added or removed APIs or publications since the last apply
  std::vector<Address> forgets;         ///< leaves the base at the next apply
  std::vector<Address> foreign = {};    ///< where others published what is ours or in the files
  std::map<Address, Value> kept = {};   ///< stays as the gateway has it; with what the files ask for
  std::vector<Address> protect = {};    ///< remembered as protected by the next apply
  std::vector<Address> unprotect = {};  ///< no longer so
  std::string renamed_from = {};        ///< the name that the state knows the group by, until this plan is carried out
};

struct Summary {
  std::size_t create = 0;
  std::size_t update = 0;
  std::size_t remove = 0;
  std::size_t import = 0;
  std::size_t no_op = 0;
  std::size_t drift = 0;
  std::size_t conflict = 0;
  std::size_t breaking = 0;
  std::size_t prevented = 0;  ///< of the creates and updates: a forced mode keeps what is there
  std::size_t unmanaged = 0;
};

struct Plan {
  GatewayIdentity gateway;
  std::string created_at;  ///< RFC 3339; "" in a plan that was not saved
  std::string expires_at;
  std::optional<std::size_t> max_deletes;  ///< what the user allowed when it was made
  Secret hash_key;             ///< of masks, in plans of older versions; the first apply gives it to the state
  bool drift_decided = false;  ///< --on-drift was said when it was made
  bool drift_only = false;     ///< what `drift` shows: nothing to apply
  bool refresh_only = false;   ///< shown as drift; apply takes it into the base and sends nothing
  Scope scope = {};            ///< what it leaves out of sight
  std::vector<PlannedGroup> groups;
  std::vector<Change> changes;    ///< sorted by address, no NoOp among them
  std::vector<Change> unchanged;  ///< when asked for
  std::vector<Change> drift;
  std::vector<Address> unmanaged;
  std::vector<Address> unowned;
  std::vector<Collision> collisions;
  std::vector<std::string> shortages;  ///< quotas that it does not fit into, a sentence each
  Diagnostics findings;  ///< names that the gateway does not have: with an error among them it is not carried out
  std::size_t undeclared = 0;
  std::vector<IgnoredField> ignored = {};  ///< sorted by address and path
  std::vector<ProtectedLoss> losses = {};  ///< protected, and the plan would take it away: it is refused
  std::vector<Step> steps;                 ///< the exact input of apply
  std::string digest;                      ///< "sha256:…" over gateway, addresses, fields, steps and modes; no times

  /// Whether apply would leave the gateway, and what is protected, as they are.
  bool empty() const { return changes.empty() && !changes_protection(); }
  bool changes_protection() const;
  bool has_conflict() const;
  /// The change of a resource; null when there is none. For finished plans.
  const Change* find(const Address& address) const;
  /// How many resources stay as the gateway has them, though the files differ.
  std::size_t kept() const;
  /// Whether apply could carry it out.
  bool applyable() const { return collisions.empty() && shortages.empty() && losses.empty() && !has_errors(findings); }
};

/// Appends a group's changes and steps (renumbered) to a plan.
void add_group(Plan& plan, PlannedGroup group, GroupDiff diff, std::vector<Step> steps);

/// Appends steps (renumbered) to a plan.
void add_steps(Plan& plan, std::vector<Step> steps);

/// Puts everything in its final order and computes the digest.
void finish(Plan& plan);

Summary summarize(const Plan& plan);

/// The digest that a resource has while a step of the plan has given it a temporary name; "" when none does.
std::string temporary_digest(const Plan& plan, const Address& address);

}  // namespace sluice
