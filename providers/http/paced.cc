#include "providers/http/paced.h"

#include <fmt/format.h>

#include <algorithm>

#include "providers/http/answer.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kPause{500};  // for all, when the service names no time
constexpr std::chrono::minutes kLongestHold{2};

}  // namespace

TokenBucket::TokenBucket(std::optional<std::size_t> per_second, Timing timing)
    : timing_(std::move(timing)), full_at_(timing_.steady()), held_until_(timing_.steady()) {
  if (!per_second || *per_second == 0) return;
  capacity_ = std::chrono::seconds(1);
  interval_ = capacity_ / *per_second;
}

bool TokenBucket::take() {
  milliseconds wait{};
  {
    const std::lock_guard lock(mutex_);
    const milliseconds now = timing_.steady();
    const nanoseconds base = std::max<nanoseconds>(full_at_, now);
    // The turn is there once the bucket, with this turn taken out, is not below empty.
    const nanoseconds turn = std::max<nanoseconds>({now, base + interval_ - capacity_, held_until_});
    full_at_ = std::max(base, turn) + interval_;
    wait = std::chrono::ceil<milliseconds>(turn - now);
  }
  return wait.count() == 0 || timing_.sleep(wait);
}

void TokenBucket::hold(milliseconds time) {
  const std::lock_guard lock(mutex_);
  held_until_ = std::max(held_until_, timing_.steady() + time);
}

PacedTransport::PacedTransport(Transport& inner, TokenBucket& bucket, Timing timing)
    : inner_(inner), bucket_(bucket), timing_(std::move(timing)) {}

Result<HttpResponse> PacedTransport::send(const HttpRequest& request) {
  if (!bucket_.take()) {
    return fail(ErrorKind::Timeout,
                fmt::format("{} was not sent: the run ended before its turn came", request_label(request)));
  }
  auto result = inner_.send(request);
  if (result && (result->status == 429 || is_throttled(*result)))
    bucket_.hold(std::min<milliseconds>(retry_after(*result, timing_.now()).value_or(kPause), kLongestHold));
  return result;
}

}  // namespace sluice
