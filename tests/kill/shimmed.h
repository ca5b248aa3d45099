// The program with shim.cc preloaded.
#pragma once

#include <string>

#include "tests/support/process.h"

namespace sluice::test {

/// The variables that preload the shim; more of them tell it what to do.
inline Process::Variables shimmed(Process::Variables more = {}) {
  more.emplace("LD_PRELOAD", SLUICE_SHIM);
  more.emplace("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0");
  return more;
}

/// The kth call kills it, or fails.
inline Process::Variables shimmed_at(long k, const std::string& what, Process::Variables more = {}) {
  more.emplace("SLUICE_SHIM_AT", std::to_string(k));
  more.emplace("SLUICE_SHIM_DO", what);
  return shimmed(std::move(more));
}

}  // namespace sluice::test
