// The quotas of a gateway as it shows them (API Gateway V2 reference, "Querying Resource Configurations of a Gateway").
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

Reply list_configs(Session& session, const Call& call);

}  // namespace sluice::gateway
