// Gateway instances: every id is one, alive from its first use, unless a directory names those that exist.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// Lists the instances of the directory, else those that were written to.
Reply list_instances(Session& session, const Call& call);
/// What the gateway can do, as the names and settings of its features.
Reply list_features(Session& session, const Call& call);
Reply show_instance(Session& session, const Call& call);

}  // namespace sluice::gateway
