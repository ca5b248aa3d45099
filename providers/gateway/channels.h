// VPC (load balance) channels (API Gateway V2 reference, "VPC channels").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// The id of a member group of a channel, by its name.
std::string member_group_id(std::string_view channel_id, std::string_view name);

Reply create_channel(Session& session, const Call& call);
Reply list_channels(Session& session, const Call& call);
Reply show_channel(Session& session, const Call& call);
Reply update_channel(Session& session, const Call& call);
/// APIG.3414 while an API, or what one runs, uses it.
Reply delete_channel(Session& session, const Call& call);

}  // namespace sluice::gateway
