// The three-way comparison of one group: what the last apply left, what the files ask for, what the gateway holds.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/body_diff.h"
#include "plan/change.h"
#include "plan/drift.h"
#include "plan/manifest.h"
#include "plan/resource.h"

namespace sluice {

struct DiffOptions {
  std::vector<std::string> environments;  ///< where the group's APIs should be published
  Prune prune = Prune::Managed;
  ForcedModes modes = {};  ///< under `api_mode: merge` no API that is there changes, nor what it names
  OnDrift on_drift = OnDrift::Revert;
  bool list_unchanged = false;
  bool forget_kept = false;  ///< what an earlier apply kept as it was on the gateway is wanted by the files again
  std::set<std::string> staying_apis = {};  ///< of policies: ids of those of ours that keep what they refer to
  std::map<std::string, std::string> owned_apis = {};  ///< of policies: our APIs in all groups, by id on the gateway
  std::vector<Address> external = {};                  ///< of policies: must exist
  std::vector<std::string> adopt = {};                 ///< address globs of existing resources that may be taken over
  std::set<Address> leaving = {};                      ///< APIs that the manifest says another group has from now on
  std::vector<IgnoreRule> ignore = {};                 ///< fields that are as the gateway has them
  std::vector<ProtectRule> protect = {};               ///< what may not be deleted
};

/// An existing resource that is not ours and differs from what the files ask for.
struct Collision {
  Address address;
  std::string difference;  ///< the first field, or the name that is taken
  SourceSpan source;
  std::optional<Address> holder = {};  ///< of the name, where that is what is in the way
  std::string way_out = {};            ///< what to do, where that is not the usual
  bool left_out = false;               ///< the holder's own change is, by --target or --exclude
};

struct GroupDiff {
  std::vector<Change> changes;  ///< no NoOp among them, sorted by address
  std::vector<Change> drift;    ///< base against live, for what we own
  std::vector<Collision> collisions;
  std::vector<Address> unmanaged;  ///< in live only, and not ours
  std::vector<Resource> records;   ///< live already as desired: enters the base at the next apply
  std::vector<Address> forgets;    ///< in the base, but neither wanted nor there
  std::vector<Address> unowned;    ///< as the files want it, but made by somebody else, or the state was lost
  std::vector<Address> foreign;    ///< where others published what is ours or in the files
  std::map<Address, Value> kept;   ///< stays as the gateway has it; with what the files ask for, see Baseline::kept
  std::size_t unchanged = 0;
  std::vector<Change> same;    ///< NoOp changes: those that start to own something, and all when asked for
  std::size_t undeclared = 0;  ///< live fields that no schema table knows
  std::vector<IgnoredField> ignored = {};
  std::vector<Address> protect = {};       ///< protected from the next apply on
  std::vector<Address> unprotect = {};     ///< no longer protected then
  std::vector<ProtectedLoss> losses = {};  ///< what is protected and would go
  std::vector<Change> left_out = {};       ///< changes that --target and --exclude leave out
};

/// Compares one group. `desired` empty means that the group is no longer wanted: everything owned goes.
GroupDiff diff_group(const Baseline& base, const DesiredState& desired, const LiveState& live,
                     const DiffOptions& options);

}  // namespace sluice
