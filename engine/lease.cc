#include "engine/lease.h"

#include <utility>

namespace sluice {

Lease::Lease(StateStore& store, LockToken token, Clock& clock, Renewal renewal, LeaseTimes times)
    : store_(store), token_(std::move(token)), clock_(clock), times_(times), renewed_(clock.steady().count()) {
  if (renewal == Renewal::Thread) thread_ = std::jthread([this](const std::stop_token& stop) { keep_renewing(stop); });
}

Lease::~Lease() = default;

bool Lease::holds() const { return clock_.steady() - Milliseconds(renewed_.load()) < times_.trusted_for && !lost_; }

Error Lease::why_lost() const {
  const std::lock_guard lock(mutex_);
  sluice::check(why_lost_.has_value(), "a lock that is not lost has no reason");
  return *why_lost_;
}

Result<void> Lease::check() {
  if (holds()) return {};
  return renew();
}

void Lease::tick() {
  if (clock_.steady() - Milliseconds(renewed_.load()) >= times_.renew_every) (void)renew().has_value();
}

Result<void> Lease::renew() {
  const std::lock_guard lock(mutex_);
  if (why_lost_) return fail(*why_lost_);
  const Milliseconds asked = clock_.steady();  // the lease runs from before the store wrote it down
  auto renewed = store_.renew(token_);
  if (renewed) {
    renewed_ = asked.count();
  } else if (renewed.error().kind == ErrorKind::Locked) {
    why_lost_ = renewed.error();
    lost_ = true;
  }
  return renewed;
}

void Lease::keep_renewing(const std::stop_token& stop) {
  std::mutex sleeping;
  while (!stop.stop_requested()) {
    std::unique_lock lock(sleeping);
    // A look a second costs nothing, and finds out soon after the machine woke up.
    wake_.wait_for(lock, stop, std::min<Milliseconds>(times_.renew_every, std::chrono::seconds(1)),
                   [] { return false; });
    if (!stop.stop_requested()) tick();
  }
}

}  // namespace sluice
