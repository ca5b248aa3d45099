// Access control policies (API Gateway V2 reference, "Access control policies").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// Checks the body of a policy. Faults: APIG.2001, APIG.2011, APIG.2015 for what is no IP address.
Result<WantedPolicy, Fault> check_acl(const Value& body);

Reply create_acl(Session& session, const Call& call);
Reply list_acls(Session& session, const Call& call);
Reply show_acl(Session& session, const Call& call);
Reply update_acl(Session& session, const Call& call);
Reply delete_acl(Session& session, const Call& call);
Reply delete_acls(Session& session, const Call& call);

}  // namespace sluice::gateway
