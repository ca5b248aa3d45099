// Time and chance for HTTP, handed in so that tests are exact.
#pragma once

#include <chrono>
#include <functional>

#include "providers/http/dates.h"

namespace sluice {

/// Each is safe to call from several threads at once.
struct Timing {
  std::function<WallTime()> now;                         ///< for signatures, expiry and HTTP dates
  std::function<std::chrono::milliseconds()> steady;     ///< never decreases
  std::function<bool(std::chrono::milliseconds)> sleep;  ///< false, maybe at once, when the run ends before that
  std::function<double()> random;                        ///< from 0 up to 1
  std::function<bool()> ended = [] { return false; };    ///< whether the run is to end now, with no answer awaited
};

}  // namespace sluice
