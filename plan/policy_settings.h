// Throttling and access control policies as a manifest defines them.
#pragma once

#include <vector>

#include "plan/block_reader.h"
#include "plan/manifest.h"

namespace sluice {

/// Reads `ratelimits`, `acls` and `external` of one file of the manifest. Bodies are checked against what the gateway
/// takes. Source: APIG user guide, "Extended Definition" (x-apigateway-ratelimits, x-apigateway-access-controls).
void read_policies(const Value& root, BlockReader& reader, std::vector<PolicyDefinition>& policies);
void read_external(const Value& root, BlockReader& reader, std::vector<Address>& external);

/// An error for each policy that is defined twice, or both defined and external, with both places.
void check_policies_once(const std::vector<PolicyDefinition>& policies, const std::vector<Address>& external,
                         BlockReader& reader);

}  // namespace sluice
