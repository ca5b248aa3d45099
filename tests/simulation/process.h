// One process of apply, from its lock to its end: the real engine and HTTP client over a network and a disk that fail
// as the schedule says. Every request and every write is watched.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace sluice::simulation {

/// How a process ended, as far as a user would see it.
struct Ended {
  bool killed = false;
  std::optional<Error> error = {};  ///< before anything was sent
  RunReport report = {};            ///< when there is no error
  bool meddled = false;             ///< somebody else changed something meanwhile
  bool gateway_failed = false;      ///< the gateway made an import go wrong
  std::set<Address> named = {};     ///< all addresses of the intents that it opened

  bool success() const { return !killed && !error && report.converged && !report.unknown && !report.interrupted; }
};

/// Runs number `run` of the schedule. Throws Violation.
Ended run_process(World& world, const std::vector<GroupRequest>& requests, int run);

}  // namespace sluice::simulation
