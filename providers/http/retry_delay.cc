#include "providers/http/retry_delay.h"

#include <algorithm>

#include "providers/http/answer.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kLongestWait{2};

/// Waits grow from `first` to `last`.
struct BackOff {
  milliseconds first;
  milliseconds last;
};
constexpr BackOff kConnection{milliseconds(100), milliseconds(2'000)};
constexpr BackOff kService{milliseconds(500), milliseconds(15'000)};

bool is_passing(ErrorKind kind) {
  return kind == ErrorKind::Unavailable || kind == ErrorKind::Timeout || kind == ErrorKind::Protocol;
}

/// Which waits a result asks for; nothing when the request must not go out again.
std::optional<BackOff> back_off(const HttpRequest& request, const Result<HttpResponse>& result) {
  if (!result) {
    const bool harmless = result.error().effect == Effect::None || is_read(request);
    return harmless && is_passing(result.error().kind) ? std::optional(kConnection) : std::nullopt;
  }
  if (is_throttled(*result)) return kService;
  const bool failed = result->status == 429 || (result->status >= 500 && result->status != 501);
  return failed && is_read(request) ? std::optional(kService) : std::nullopt;
}

}  // namespace

bool is_out_of_reach(const Result<HttpResponse>& result) {
  return !result && result.error().effect == Effect::None &&
         (result.error().kind == ErrorKind::Unavailable || result.error().kind == ErrorKind::Timeout);
}

std::optional<RetryDelay> retry_delay(const HttpRequest& request, const Result<HttpResponse>& result, int repeats,
                                      WallTime now, double random) {
  if (repeats >= kMostRepeats) return std::nullopt;
  const auto waits = back_off(request, result);
  if (!waits) return std::nullopt;
  if (const auto asked = result ? retry_after(*result, now) : std::nullopt) {
    if (*asked > kLongestWait) return std::nullopt;
    return RetryDelay{*asked, true};
  }
  const milliseconds most = std::min(waits->first * (1 << repeats), waits->last);
  return RetryDelay{milliseconds(static_cast<std::int64_t>(static_cast<double>(most.count()) * random)), false};
}

}  // namespace sluice
