// From a manifest's group and its Swagger file to what the gateway should hold.
#pragma once

#include "plan/manifest.h"
#include "plan/resource.h"
#include "plan/source.h"

namespace sluice {

/// A Swagger file as read: its text, for places, and its tree.
struct SwaggerFile {
  SourceText source;
  Value document;
};

/// The group, its APIs, and the findings: what the gateway would refuse is an error, what it would drop is one warning
/// a kind with a count.
Parsed<DesiredState> build_desired(const GroupSettings& group, const SwaggerFile& file);

}  // namespace sluice
