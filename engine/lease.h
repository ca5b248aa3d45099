// A lock of the state as a run holds it: kept alive, and no longer trusted once that may have failed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/clock.h"
#include "engine/state_store.h"

namespace sluice {

/// How often a lease is renewed, and how long after a renewal it is trusted; a store takes it for dead later than that.
struct LeaseTimes {
  Milliseconds renew_every = std::chrono::seconds(10);
  Milliseconds trusted_for = std::chrono::seconds(20);
};

/// Renews a lock as long as it lives; it does not give it back. Safe to ask from any thread.
class Lease {
 public:
  enum class Renewal { Thread, Ticks };  ///< by a thread of its own, or whenever `tick` is called

  /// Of a lock that was taken just now. All of these outlive it.
  Lease(StateStore& store, LockToken token, Clock& clock, Renewal renewal = Renewal::Thread, LeaseTimes times = {});
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  const LockToken& token() const { return token_; }
  /// Whether nobody else can have the lock now. Asks nobody.
  bool holds() const;
  /// That this run may still write and send: where it is not sure, the store is asked. Errors: Locked, Storage.
  Result<void> check();
  /// Whether somebody else has it, or had.
  bool lost() const { return lost_; }
  /// The error that says so, once it is.
  Error why_lost() const;
  /// Renews when it is time to; for runs without threads.
  void tick();

 private:
  Result<void> renew();
  void keep_renewing(const std::stop_token& stop);

  StateStore& store_;
  const LockToken token_;
  Clock& clock_;
  const LeaseTimes times_;
  std::atomic<Milliseconds::rep> renewed_;  ///< when, by the steady clock
  mutable std::mutex mutex_;                ///< one renewal at a time
  std::optional<Error> why_lost_;
  std::atomic<bool> lost_ = false;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace sluice
