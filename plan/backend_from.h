// The backend that a manifest's `operations` give to an operation without one of its own.
#pragma once

#include "plan/manifest.h"
#include "plan/swagger.h"

namespace sluice {

/// In the gateway's words, with what is handed on to it. `defaults.backend` is there.
Value backend_from(const OperationDefaults& defaults, const Operation& operation);

}  // namespace sluice
