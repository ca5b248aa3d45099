// A clock that jumps when somebody waits.
#pragma once

#include "engine/clock.h"

namespace sluice::test {

class JumpingClock final : public Clock {
 public:
  Instant now() const override { return Instant(Milliseconds(1'700'000'000'000)) + passed_; }
  Milliseconds steady() const override { return passed_; }
  void sleep_for(Milliseconds time) override { passed_ += time; }

 private:
  Milliseconds passed_{0};
};

}  // namespace sluice::test
