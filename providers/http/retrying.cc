#include "providers/http/retrying.h"

#include <fmt/format.h>

#include "providers/http/answer.h"
#include "providers/http/retry_delay.h"

namespace sluice {
namespace {

// From here on a person wonders why nothing moves.
constexpr std::chrono::seconds kNoticeable{5};
constexpr std::chrono::seconds kFirstContact{1};
constexpr int kFirstRepeats = 3;
constexpr int kPatience = 2;  // repetitions that nobody notices

std::string reason(const Result<HttpResponse>& result) {
  if (!result) return result.error().message;
  const std::string code = error_code_of(*result);
  return fmt::format("status {}{}{}", result->status, code.empty() ? "" : " ", code);
}

}  // namespace

RetryingTransport::RetryingTransport(Transport& inner, Timing timing, Log log)
    : inner_(inner), timing_(std::move(timing)), log_(std::move(log)) {}

void RetryingTransport::tell_silence(const Result<HttpResponse>& result, bool noticeable) {
  if (result) {
    if (silent_.load() && silent_.exchange(false)) log_({LogLevel::Warn, "The gateway answers again", {}, true});
  } else if (noticeable && !silent_.exchange(true)) {
    log_({LogLevel::Warn,
          fmt::format("The gateway does not answer; it is asked again, for up to a few minutes: {}", reason(result)),
          {},
          true});
  }
}

Result<HttpResponse> RetryingTransport::send(const HttpRequest& request) {
  const auto began = timing_.steady();
  for (int repeats = 0;; ++repeats) {
    auto result = inner_.send(request);
    if (result || result.error().effect == Effect::Unknown) answered_ = true;
    if (!answered_ && is_out_of_reach(result) &&
        (repeats >= kFirstRepeats || timing_.steady() - began >= kFirstContact)) {
      Error error = result.error();
      error.kind = ErrorKind::Invalid;
      return fail(std::move(error));
    }
    const auto delay = retry_delay(request, result, repeats, timing_.now(), timing_.random());
    tell_silence(result, answered_ && delay && (repeats >= kPatience || timing_.steady() - began >= kNoticeable));
    if (!delay) return result;
    log_({delay->wait >= kNoticeable ? LogLevel::Warn : LogLevel::Info,
          fmt::format("{} is sent again in {} ms{} (repetition {} of {}): {}", request_label(request),
                      delay->wait.count(), delay->asked_for ? ", as the service asked" : "", repeats + 1, kMostRepeats,
                      reason(result))});
    if (!timing_.sleep(delay->wait)) return result;
  }
}

}  // namespace sluice
