// Custom authorizers (API Gateway V2 reference, "Custom authorizers").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// Checks the body of an authorizer. Faults: APIG.2001, APIG.2011, APIG.2046, APIG.2047, APIG.3117, APIG.3212.
Result<WantedPolicy, Fault> check_authorizer(const Value& body);
/// The body that a security scheme of a document stands for: its name and its `x-apigateway-authorizer`.
Value authorizer_of_scheme(std::string_view name, const Value& extension);
/// The `x-apigateway-authorizer` of an authorizer.
Value write_authorizer_extension(const Policy& authorizer);

Reply create_authorizer(Session& session, const Call& call);
Reply list_authorizers(Session& session, const Call& call);
Reply show_authorizer(Session& session, const Call& call);
Reply update_authorizer(Session& session, const Call& call);
/// APIG.1137 while an API, or what one runs, uses it.
Reply delete_authorizer(Session& session, const Call& call);

}  // namespace sluice::gateway
