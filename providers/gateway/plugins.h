// Plug-ins and the published APIs that they are attached to (API Gateway V2 reference, "Plug-ins").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// Checks the body of a plug-in; its content must be a text that holds a JSON object. Faults: APIG.2001, APIG.2011.
Result<WantedPolicy, Fault> check_plugin(const Value& body);

Reply create_plugin(Session& session, const Call& call);
Reply list_plugins(Session& session, const Call& call);
Reply show_plugin(Session& session, const Call& call);
Reply update_plugin(Session& session, const Call& call);
Reply delete_plugin(Session& session, const Call& call);
Reply attach_plugin(Session& session, const Call& call);
Reply detach_plugin(Session& session, const Call& call);
Reply list_attached_apis(Session& session, const Call& call);
Reply list_attached_plugins(Session& session, const Call& call);
/// What could be attached: publications that a plug-in is not at work on, and plug-ins that are not on an API.
Reply list_attachable_apis(Session& session, const Call& call);
Reply list_attachable_plugins(Session& session, const Call& call);
Reply attach_to_api(Session& session, const Call& call);
Reply detach_from_api(Session& session, const Call& call);

}  // namespace sluice::gateway
