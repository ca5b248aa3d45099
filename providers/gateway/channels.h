// VPC (load balance) channels (API Gateway V2 reference, "VPC channels").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

Reply create_channel(Session& session, const Call& call);
Reply list_channels(Session& session, const Call& call);
Reply show_channel(Session& session, const Call& call);
Reply update_channel(Session& session, const Call& call);
/// APIG.3414 while an API, or what one runs, uses it.
Reply delete_channel(Session& session, const Call& call);

}  // namespace sluice::gateway
