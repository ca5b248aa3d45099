// Assertions that stay on in release: a broken promise inside Sluice must stop it before it touches a gateway.
#pragma once

#include <string_view>

namespace sluice {

/// Stops the program with `what` and its place when `condition` is false. For bugs only, never for bad input.
void check(bool condition, std::string_view what, const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace sluice
