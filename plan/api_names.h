// Names for the APIs of a group: the operationId, or one that is made where it is absent or not valid.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/swagger.h"

namespace sluice {

struct ApiName {
  std::string name;
  bool made = false;
};

/// One name for each operation, in their order. `pattern` has {operationId}, {method} and {path}; what a name may not
/// hold becomes "_". A made name is never one that another operation has, and does not depend on the operations' order:
/// where the pattern gives one name twice, method and path make the names instead.
std::vector<ApiName> api_names(std::span<const Operation> operations, std::string_view pattern);

}  // namespace sluice
