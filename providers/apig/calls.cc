#include "providers/apig/calls.h"

namespace sluice::apig {

Result<HttpResponse> Calls::ask(const HttpRequest& request) const {
  auto answer = transport_.send(request);
  if (!answer) {
    Error error = answer.error();
    error.effect = Effect::None;
    return fail(std::move(error));
  }
  if (answer->status / 100 != 2) return fail(error_of(request, *answer, false));
  return answer;
}

Result<HttpResponse> Calls::change(const HttpRequest& request) const {
  auto answer = transport_.send(request);
  if (answer && answer->status / 100 != 2) return fail(error_of(request, *answer, true));
  return answer;
}

}  // namespace sluice::apig
