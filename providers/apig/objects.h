// What APIs only name: plug-ins, VPC channels, authorizers and orchestration rules of one API Gateway, and its quotas.
// Source of the formats: APIG API reference V2, "Plug-in Management", "VPC Channel Management", "Custom Authorizer
// Management", "Parameter Orchestration Rules", "Querying Resource Configurations of a Gateway".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "plan/gateway_objects.h"
#include "providers/apig/calls.h"

namespace sluice::apig {

/// A page of one kind, and of quotas.
HttpRequest list_objects(std::string_view base, ObjectKind kind, std::size_t offset);
HttpRequest list_quotas(std::string_view base, std::size_t offset);

/// Those kinds that are wanted, one list each. A cloud that does not know a kind of object has none.
Result<GatewayObjects> list_objects(const Calls& calls, const std::set<ObjectKind>& kinds);

/// Names by id, of one kind; those of member groups stand among those of channels.
Result<std::map<std::string, std::string>> list_names(const Calls& calls, ObjectKind kind);

/// The quotas; nothing when the gateway does not tell them.
Result<std::optional<Quotas>> list_quotas(const Calls& calls);

}  // namespace sluice::apig
