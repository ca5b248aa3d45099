// Reading x-apigateway-backend and x-apigateway-backend-policies.
#pragma once

#include "plan/value.h"
#include "providers/gateway/errors.h"

namespace sluice::gateway {

/// Adds the backend members of the JSON API to `definition`. Fault: APIG.2011 for a missing or unknown backend type
/// (unless `mock_backend`, which makes it a MOCK one when missing).
Result<void, Fault> translate_backends(const Value& operation, bool mock_backend, Value& definition);

}  // namespace sluice::gateway
