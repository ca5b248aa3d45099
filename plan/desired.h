// From a manifest's group and its Swagger file to what the gateway should hold.
#pragma once

#include <span>
#include <vector>

#include "plan/explain.h"
#include "plan/manifest.h"
#include "plan/resource.h"
#include "plan/source.h"

namespace sluice {

/// A Swagger file as read: its text, for places, and its tree.
struct SwaggerFile {
  SourceText source;
  Value document;
};

/// What one group's files ask for.
struct DesiredGroup {
  DesiredState state;                      ///< the group, its APIs and its responses
  std::vector<PolicyDefinition> policies;  ///< throttling and access control policies that the files define
};

/// Reads the group's files, in order, and the findings: what the gateway would refuse is an error, what it would drop
/// is one warning a kind with a count. `explanations` take the origin of each value, where wanted.
Parsed<DesiredGroup> build_desired(const GroupSettings& group, std::span<const SwaggerFile> files,
                                   Explanations* explanations = nullptr);

}  // namespace sluice
