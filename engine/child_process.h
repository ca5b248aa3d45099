// Runs another program for what it prints.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "plan/result.h"

namespace sluice {

/// Runs `words[0]` (looked up in PATH when it has no slash) in `folder`, without a shell, with an empty stdin and this
/// process's stderr, and returns what it printed to stdout. It and what it started in its process group is killed when
/// it takes longer than `patience` or prints more than a megabyte. Errors: Denied (it cannot be started, took too long,
/// or did not end with 0); they never hold what it printed.
Result<std::string> run_program(const std::vector<std::string>& words, const std::string& folder,
                                std::chrono::milliseconds patience);

}  // namespace sluice
