// The backends of an API definition: where calls go, by default and by policy.
#pragma once

#include <string_view>

#include <optional>

#include "plan/value.h"
#include "providers/gateway/errors.h"
#include "providers/gateway/rules.h"

namespace sluice::gateway {

/// Checks the backend, its parameters and its policies in `body` against the API's request parameters and appends them
/// to `out` with every default filled in. The first fault goes to `fault`.
void check_backends(const Value& body, const Value& request_parameters, const Rules& rules, std::optional<Fault>& fault,
                    Value& out);

/// The member of a condition that names what it looks at, by its origin; "" for `source`, which looks at addresses.
std::string_view condition_name(std::string_view origin);

}  // namespace sluice::gateway
