// Environments: their calls.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// APIG.3003 in the words of the endpoint pages.
Fault unknown_environment(std::string_view id);

Reply create_environment(Session& session, const Call& call);
Reply list_environments(Session& session, const Call& call);
Reply update_environment(Session& session, const Call& call);
Reply delete_environment(Session& session, const Call& call);

}  // namespace sluice::gateway
