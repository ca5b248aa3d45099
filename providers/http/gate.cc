#include "providers/http/gate.h"

#include <fmt/format.h>

#include "providers/http/answer.h"

namespace sluice {

void Gate::guard(std::function<bool()> open) {
  const std::lock_guard lock(mutex_);
  open_ = std::move(open);
}

Result<void> Gate::pass(const HttpRequest& request) const {
  if (is_read(request)) return {};
  const std::lock_guard lock(mutex_);
  if (!open_ || open_()) return {};
  return fail(Error{ErrorKind::Locked,
                    fmt::format("{} was not sent: this run has not been sure of its lock for too long, and another may "
                                "have it",
                                request_label(request)),
                    Effect::None,
                    {}});
}

Result<HttpResponse> GatedTransport::send(const HttpRequest& request) {
  if (const auto passed = gate_.pass(request); !passed) return passed.forward();
  return inner_.send(request);
}

}  // namespace sluice
