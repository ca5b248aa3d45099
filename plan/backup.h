// What was live before a run, as it is kept for the way back.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "plan/resource.h"
#include "plan/result.h"

namespace sluice {

/// A group as JSON: address, remote id and canonical body of each resource, secrets as they are in it.
std::string write_backup(const LiveState& live);

/// The same, read. Errors: Invalid.
Result<ResourceMap> read_backup(std::string_view text);

/// `then` with what `now` has in the places of values that are not `known`; without a value where it has none.
Value with_known_values(const Value& then, const Value& now, const std::function<bool(const Value&)>& known);

}  // namespace sluice
