// Sends again what may be sent again, a little later.
#pragma once

#include <atomic>

#include "providers/http/log.h"
#include "providers/http/timing.h"
#include "providers/http/transport.h"

namespace sluice {

/// Repeats requests as retry_delay.h decides, up to five times; the last result is handed on. As long as nobody ever
/// answered, an address that cannot be reached is tried again for a second only, and then counts as wrong (Invalid), so
/// that nobody tries on. `inner` must outlive it.
class RetryingTransport final : public Transport {
 public:
  RetryingTransport(Transport& inner, Timing timing, Log log);
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  /// Tells, once, that nobody answers any more, and that somebody does again.
  void tell_silence(const Result<HttpResponse>& result, bool noticeable);

  Transport& inner_;
  std::atomic<bool> answered_ = false;
  std::atomic<bool> silent_ = false;  ///< and this was told
  Timing timing_;
  Log log_;
};

}  // namespace sluice
