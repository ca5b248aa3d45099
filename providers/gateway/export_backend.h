// Writing x-apigateway-backend and x-apigateway-backend-policies.
#pragma once

#include "plan/value.h"
#include "providers/gateway/exporter.h"

namespace sluice::gateway {

/// Adds both extensions of an API's definition to its operation; the second only when there are policies.
void write_backends(const Value& api, const ExportStyle& style, Value& operation);

}  // namespace sluice::gateway
