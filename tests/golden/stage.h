// One golden case on its stage: files in a folder, a gateway in the process, and what a user would see.
#pragma once

#include <string>
#include <vector>

#include "plan/value.h"

namespace sluice::golden {

/// What a case's file leads to: what is shown, what is sent and what came of it; see cases/README.md for the format.
std::string played(const Value& play);

}  // namespace sluice::golden
