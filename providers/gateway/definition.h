// The definition of an API as the JSON API has it: its rules, and its key (API Gateway V2 reference, "APIs").
#pragma once

#include <string>
#include <string_view>

#include "plan/value.h"
#include "providers/gateway/errors.h"
#include "providers/gateway/rules.h"

namespace sluice::gateway {

/// Checks a definition and writes it anew with every default filled in and unknown members left out. Requests and
/// imported documents go through the same rules. The group id is not part of a definition.
Result<Value, Fault> check_definition(const Value& body, const Rules& rules);

/// What makes an API one API inside its group: method, path and match mode; variable names count only when asked for.
std::string identity_of(const Value& definition, bool distinct_variables);
std::string identity_of(std::string_view method, std::string_view path, std::string_view match_mode,
                        bool distinct_variables);

/// The definition with the ids that the service gives to its parameters and its backend.
Value with_part_ids(Value definition, std::string_view api_id);

}  // namespace sluice::gateway
