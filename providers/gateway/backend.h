// The backends of an API definition: where calls go, by default and by policy.
#pragma once

#include <optional>

#include "plan/value.h"
#include "providers/gateway/errors.h"

namespace sluice::gateway {

/// Checks the backend, its parameters and its policies in `body` against the API's request parameters and appends them
/// to `out` with every default filled in. The first fault goes to `fault`.
void check_backends(const Value& body, const Value& request_parameters, std::optional<Fault>& fault, Value& out);

}  // namespace sluice::gateway
