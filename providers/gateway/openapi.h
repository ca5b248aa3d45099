// OpenAPI 3.0 and the Swagger 2.0 that says the same to the gateway, both ways (API Gateway V2 reference, "Exporting
// APIs").
#pragma once

#include "plan/value.h"
#include "providers/gateway/errors.h"
#include "providers/gateway/exporter.h"

namespace sluice::gateway {

/// The document as Swagger 2.0: parameters without a schema, schemes from the servers, security schemes where 2.0 has
/// them. Faults: APIG.2045 for servers without a URL, APIG.3602.
Result<Value, Fault> swagger_of(const Value& openapi);

/// The exported group as OpenAPI 3.0.3.
Value make_openapi(const ExportedGroup& group, bool backends);

}  // namespace sluice::gateway
