// Time, as the engine sees it: a seam for tests.
#pragma once

#include <chrono>
#include <string>

namespace sluice {

using Milliseconds = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Milliseconds>;

/// Now, and waiting. Safe to call from several threads at once.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  /// Never decreases and never jumps, and counts while the machine sleeps; for deadlines, leases and waiting times.
  virtual Milliseconds steady() const = 0;
  virtual void sleep_for(Milliseconds time) = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  Milliseconds steady() const override;
  void sleep_for(Milliseconds time) override;
};

/// "2026-01-31T08:09:10Z".
std::string to_rfc3339(Instant instant);

/// "2026-01-31", of UTC.
std::string to_date(Instant instant);

}  // namespace sluice
