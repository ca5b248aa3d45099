// Whether a request may go out again, and how much later. Pure; the waiting is done elsewhere.
#pragma once

#include <chrono>
#include <optional>

#include "providers/http/dates.h"
#include "providers/http/transport.h"

namespace sluice {

inline constexpr int kMostRepeats = 5;

struct RetryDelay {
  std::chrono::milliseconds wait{};
  bool asked_for = false;  ///< by the service, with Retry-After
};

/// The wait before the next try of `request` after `repeats` repetitions, or nothing when `result` is final. A read is
/// repeated after throttling, a 5xx and faults of the connection; a change only when it is sure that nothing happened:
/// it was throttled with a well-formed error body, or no byte of it was sent. Waits double and are spread over their
/// whole length by `random` (0 up to 1); Retry-After wins. A wait beyond two minutes is not worth it.
std::optional<RetryDelay> retry_delay(const HttpRequest& request, const Result<HttpResponse>& result, int repeats,
                                      WallTime now, double random);

/// Whether nobody was reached, so that the address may be wrong.
bool is_out_of_reach(const Result<HttpResponse>& result);

}  // namespace sluice
