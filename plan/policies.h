// Throttling and access control policies: they live on the gateway, so that all groups of a manifest share them.
#pragma once

#include <span>
#include <vector>

#include "plan/desired.h"
#include "plan/manifest.h"
#include "plan/resource.h"

namespace sluice {

/// Adds the responses that the group's files define to what the group should hold. In a group that publishes nowhere
/// it takes references to policies out, with a warning: a policy is bound to what is published.
Diagnostics settle_references(const GroupSettings& settings, DesiredGroup& group);

/// Joins what the manifest and all files define, with the APIs that use each policy. One policy defined in two ways, a
/// bad definition, and a reference to nothing are errors with their places.
Parsed<DesiredState> build_policies(const Manifest& manifest, std::span<const DesiredGroup> groups);

/// The policy that an API with this body refers to in its member `x-apigateway-ratelimit` or `-access-control`.
std::vector<Address> policies_used_by(const Value& api);

/// A policy or plug-in that an API is bound to: its kind (ratelimit, acl, plugin) and name.
struct Binding {
  std::string_view kind;
  std::string name;
  auto operator<=>(const Binding&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// The digest of an API or publication without what it is bound to; of anything else, its own.
std::string unbound_digest(const Resource& resource);

/// What an API with this body is bound to, once it is published.
std::vector<Binding> bindings_of(const Value& api);

/// Whether the field of an API at this pointer says what it is bound to.
bool is_binding_field(std::string_view pointer);

}  // namespace sluice
