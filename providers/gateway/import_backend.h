// Reading x-apigateway-backend and x-apigateway-backend-policies.
#pragma once

#include <cstdint>

#include "plan/value.h"
#include "providers/gateway/errors.h"

namespace sluice::gateway {

/// When an empty MOCK backend takes the place of what an operation says.
enum class MockBackend : std::uint8_t { Never, IfMissing, Always };

/// Adds the backend members of the JSON API to `definition`. Fault: APIG.2011 for a missing or unknown backend type
/// unless `mock` says to take a MOCK one.
Result<void, Fault> translate_backends(const Value& operation, MockBackend mock, Value& definition);

}  // namespace sluice::gateway
