// Starting and stopping to own what exists: sums over a base and a group's export; nothing is sent for it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/resource.h"
#include "plan/targets.h"

namespace sluice {

/// Whether `glob` names `address`. The names of path variables do not count.
bool names(const std::string& glob, const Address& address);

/// The group that an address glob speaks of; nothing when it may speak of several, or of what belongs to no group.
std::optional<std::string> group_named_by(std::string_view glob);

/// What starting to own comes to in one group.
struct Takeover {
  std::vector<Resource> owned;    ///< enters the base, as it is on the gateway
  std::vector<Address> already;   ///< named, and ours before
  std::set<Address> unmanaged;    ///< what the base knows of others from now on
  std::set<std::string> matched;  ///< the globs that name something here
};

/// How many APIs are ours: those of the base, and what an interrupted run made.
std::size_t count_owned_apis(const Baseline& base, const LiveState& live);

/// Takes over what the globs name and the targets leave. APIs come with their publications in `environments`; other
/// publications only where a glob speaks of publications. In a group that the base knows nothing of, the rest counts as
/// seen.
Takeover take_over(const Baseline& base, const LiveState& live, const std::vector<std::string>& globs,
                   const std::vector<std::string>& environments, const Targets& targets = {});

/// What stopping to own comes to in one group.
struct Release {
  std::vector<Address> gone;      ///< leaves the base; an API takes its publications along
  std::set<Address> unmanaged;    ///< what the base knows of others from now on: it has seen what it lets go
  std::set<std::string> matched;  ///< the globs that name something here
};

Release let_go(const Baseline& base, const std::vector<std::string>& globs, const Targets& targets = {});

}  // namespace sluice
