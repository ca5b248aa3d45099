// Holds the requests of a run to a rate.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "providers/http/timing.h"
#include "providers/http/transport.h"

namespace sluice {

/// A bucket that fills with `per_second` turns a second and holds one second's worth. One for all requests of a run.
/// Safe to use from several threads at once; turns are given in the order they are asked for.
class TokenBucket {
 public:
  /// No rate: every turn is given at once, but for holds.
  TokenBucket(std::optional<std::size_t> per_second, Timing timing);

  /// Waits for a turn; false when the run ends before it comes.
  bool take();
  /// No turn is given for this long: the service said that there are too many requests.
  void hold(std::chrono::milliseconds time);

 private:
  std::chrono::nanoseconds interval_{};
  std::chrono::nanoseconds capacity_{};
  Timing timing_;
  std::mutex mutex_;
  std::chrono::nanoseconds full_at_;  ///< when the bucket would be full again
  std::chrono::milliseconds held_until_{};
};

/// Takes a turn for each request, and holds all others back when an answer says that there are too many. `inner` and
/// `bucket` must outlive it.
class PacedTransport final : public Transport {
 public:
  PacedTransport(Transport& inner, TokenBucket& bucket, Timing timing);
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Transport& inner_;
  TokenBucket& bucket_;
  Timing timing_;
};

}  // namespace sluice
