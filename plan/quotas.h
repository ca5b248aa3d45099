// Whether what a plan creates fits into the quotas of its gateway.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/gateway_objects.h"
#include "plan/plan.h"

namespace sluice {

/// What a group holds before the plan, whoever made it.
struct GroupSize {
  std::size_t apis = 0;
  std::size_t responses = 0;
};

/// Whether quotas are worth asking for: something is created.
bool may_meet_quotas(const Plan& plan);

/// One sentence for each quota that the plan does not fit into: what is missing, and what to do. Steps take things away
/// last, so creations must fit beside what is deleted, but in the groups that delete their APIs `first`. `sizes` by
/// group. Source of the names: APIG API reference, "Querying Resource Configurations of a Gateway".
std::vector<std::string> shortages(const Plan& plan, const Quotas& quotas,
                                   const std::map<std::string, GroupSize>& sizes,
                                   const std::set<std::string>& first = {});

/// The fewest of the groups in `may` that must delete their APIs first for the plan to fit; none when it fits as it is,
/// or in no way.
std::set<std::string> groups_to_delete_first(const Plan& plan, const Quotas& quotas,
                                             const std::map<std::string, GroupSize>& sizes,
                                             const std::set<std::string>& may);

}  // namespace sluice
