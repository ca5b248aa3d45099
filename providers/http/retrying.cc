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

std::string reason(const Result<HttpResponse>& result) {
  if (!result) return result.error().message;
  const std::string code = error_code_of(*result);
  return fmt::format("status {}{}{}", result->status, code.empty() ? "" : " ", code);
}

}  // namespace

RetryingTransport::RetryingTransport(Transport& inner, Timing timing, Log log)
    : inner_(inner), timing_(std::move(timing)), log_(std::move(log)) {}

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
    if (!delay) return result;
    log_({delay->wait >= kNoticeable ? LogLevel::Warn : LogLevel::Info,
          fmt::format("{} is sent again in {} ms{} (repetition {} of {}): {}", request_label(request),
                      delay->wait.count(), delay->asked_for ? ", as the service asked" : "", repeats + 1, kMostRepeats,
                      reason(result))});
    if (!timing_.sleep(delay->wait)) return result;
  }
}

}  // namespace sluice
