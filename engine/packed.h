// Long texts as a column of a table holds them: compressed, in Base64.
#pragma once

#include <string>
#include <string_view>

#include "plan/result.h"

namespace sluice {

/// The same for the same text; "" for "".
std::string packed(std::string_view text);

/// Errors: Storage for what `packed` did not make.
Result<std::string> unpacked(std::string_view column);

}  // namespace sluice
