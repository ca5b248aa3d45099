// From a manifest's group and its Swagger files to what the gateway should hold.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "plan/explain.h"
#include "plan/extensions.h"
#include "plan/gateway_objects.h"
#include "plan/manifest.h"
#include "plan/references.h"
#include "plan/resource.h"

namespace sluice {

/// What one group's files ask for.
struct DesiredGroup {
  DesiredState state;                       ///< the group, its APIs and its responses
  std::vector<PolicyDefinition> policies;   ///< throttling and access control policies that the files define
  std::vector<PolicyDefinition> responses;  ///< group responses that they define, as written
  NamedObjects objects = {};                ///< what its APIs name on the gateway
  /// Where each policy is named, by the APIs that use it.
  std::map<Address, std::map<Address, SourceSpan>> policies_at = {};
};

/// How every warning begins that tells what a gateway does not hold, so that it was left out.
inline constexpr std::string_view kLeftOut = "Left out, because the gateway does not hold them: ";

/// Reads the group's named files, in order; the others are those that they refer to (see files_needed). What the
/// gateway would drop is one warning a kind with a count; what it would refuse is an error, or is left out with such a
/// warning where the group drops what is unsupported. `explanations` take the origin of each value, where wanted. What
/// gateways of `cloud` do not have is a finding of the second kind.
Parsed<DesiredGroup> build_desired(const GroupSettings& group, std::span<const SwaggerFile> files,
                                   Explanations* explanations = nullptr, CloudKind cloud = CloudKind::Huawei);

}  // namespace sluice
