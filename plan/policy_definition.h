// What a gateway takes as the definition of a throttling or access control policy, wherever it is written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "plan/address.h"
#include "plan/value.h"

namespace sluice {

/// Where what is wrong with a definition goes; `mark` is that of the value, 0 for the definition as a whole.
using DefinitionReport =
    std::function<void(std::string code, std::string summary, std::string detail, std::uint32_t mark)>;

/// Checks a definition in the words of the Swagger extension, and gives its body with texts where a number or boolean
/// is wanted read as those. Source: APIG user guide, "Extended Definition" (x-apigateway-ratelimits,
/// x-apigateway-access-controls).
Value read_definition(const Address& policy, const Value& body, const DefinitionReport& report);

/// Checks a group response in the words of x-apigateway-responses: kinds of errors, statuses (200 to 599 but 444),
/// bodies and headers (at most 10).
void check_response_definition(const Address& response, const Value& body, const DefinitionReport& report);

/// Whether a policy can have this name.
bool is_policy_name(std::string_view name);

}  // namespace sluice
