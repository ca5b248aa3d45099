// Changes by somebody else, between two requests of a client.
#pragma once

#include "providers/gateway/faults.h"
#include "providers/gateway/session.h"

namespace sluice::gateway {

/// Makes the change to the first API that it matches; nothing when there is none.
void change_elsewhere(Session& session, const ForeignChange& change);

}  // namespace sluice::gateway
