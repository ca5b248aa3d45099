// Writing x-apigateway-backend and x-apigateway-backend-policies.
#pragma once

#include "plan/value.h"

namespace sluice::gateway {

/// Adds both extensions of an API's definition to its operation; the second only when there are policies.
void write_backends(const Value& api, Value& operation);

}  // namespace sluice::gateway
