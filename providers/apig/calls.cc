#include "providers/apig/calls.h"

namespace sluice::apig {
namespace {

constexpr std::string_view kNoInstance = "APIG.3030";

}  // namespace

Result<HttpResponse> Calls::ask(const HttpRequest& request) const {
  auto answer = transport_.send(request);
  if (!answer) return nothing_changed(answer.error());
  if (answer->status / 100 != 2) return fail(error_of(request, *answer, false));
  return answer;
}

Result<HttpResponse> Calls::change(const HttpRequest& request) const {
  auto answer = transport_.send(request);
  if (answer && answer->status / 100 != 2) return fail(error_of(request, *answer, true));
  return answer;
}

Result<void> Calls::remove(const HttpRequest& request) const {
  const auto answer = change(request);
  if (answer) return {};
  const Error& error = answer.error();
  const bool gone = error.kind == ErrorKind::NotFound && !error.code.empty() && error.code != kNoInstance;
  if (gone) return {};
  return answer.forward();
}

}  // namespace sluice::apig
