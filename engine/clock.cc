#include "engine/clock.h"

#include <fmt/chrono.h>
#include <time.h>

#include <thread>

namespace sluice {

Instant SystemClock::now() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

Milliseconds SystemClock::steady() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);  // counts while the machine sleeps, as a lease does elsewhere
  return std::chrono::duration_cast<Milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

void SystemClock::sleep_for(Milliseconds time) { std::this_thread::sleep_for(time); }

std::string to_rfc3339(Instant instant) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(instant);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

std::string to_date(Instant instant) { return to_rfc3339(instant).substr(0, std::string_view("2026-01-31").size()); }

}  // namespace sluice
