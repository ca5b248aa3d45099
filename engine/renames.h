// Groups that the manifest says had another name: what the state knows of them, and what stands in the way.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/reconciler.h"
#include "engine/state_store.h"
#include "plan/manifest.h"

namespace sluice {

/// The names that groups had before, by the names they are to have.
using FormerNames = std::map<std::string, std::string>;

/// Of a manifest: those that do not belong to another of its groups by now.
FormerNames former_names(const std::vector<GroupSettings>& groups);
/// Of a saved plan.
FormerNames former_names(const Plan& plan);

/// What is known of a group that the state owns by its former name only is known by the new one, in this snapshot.
void follow_renames(StateSnapshot& state, const FormerNames& names);

/// Whether the state owns something in the group, or sent something there.
bool owns_something(const StateSnapshot& state, const std::string& group);

/// The renames of one plan, judged by what the gateway has.
class Renames {
 public:
  Renames(const std::vector<GroupRequest>& groups, const StateSnapshot& state);

  /// Groups of which it must be known whether they are there; some may be looked at anyway.
  const std::set<std::string>& to_look_for() const { return wanted_; }
  void saw(const std::string& group, const LiveState& live);

  /// Adds what is in the way, and what is only to be said, once all groups were seen.
  void judge(Plan& plan) const;

 private:
  struct Rename {
    const GroupRequest* group = nullptr;
    bool owned = false;  ///< the old one is ours, and known by the new name
  };
  void refuse(Plan& plan, const GroupRequest& group, std::string difference, std::string way_out) const;
  void judge_one(Plan& plan, const Rename& rename) const;
  void find_twins(Plan& plan) const;
  const Resource* found(const std::string& group) const;

  const std::vector<GroupRequest>& groups_;
  const StateSnapshot& state_;
  std::vector<Rename> pending_;
  std::set<std::string> wanted_;
  std::map<std::string, Resource> seen_;  ///< the groups that are there, by the name they were looked for
};

/// Lets the store follow the renames of a plan that is about to be carried out, before anything is sent.
Result<void> store_renames(const Plan& plan, const StateSnapshot& state, StateStore& store, const LockToken& token);

/// What is not the group that a rename was planned for any more; sentences for the user.
std::vector<std::string> changed_hands(const Plan& plan, const std::string& group, const StateSnapshot& state,
                                       const LiveState& live);

}  // namespace sluice
