#include "providers/gateway/local_transport.h"

namespace sluice::gateway {
namespace {

/// What a client learns of a cut connection: whether its request was carried out is known only when it was refused.
Unexpected<Error> lost(const HttpRequest& request, Cut cut) {
  const std::string call = request.method + " " + request.target;
  if (cut == Cut::Refuse) {
    return fail({ErrorKind::Unavailable, call + " failed: the connection was refused; try again", Effect::None, {}});
  }
  return fail({ErrorKind::Unavailable,
               call +
                   " failed: the connection broke before the answer was complete; look whether it took effect before "
                   "sending it again",
               Effect::Unknown,
               {}});
}

}  // namespace

LocalTransport::LocalTransport(Gateway& gateway, std::function<Now()> now,
                               std::function<void(std::chrono::milliseconds)> wait)
    : gateway_(gateway), now_(std::move(now)), wait_(std::move(wait)) {}

Result<HttpResponse> LocalTransport::send(const HttpRequest& request) {
  Gateway::Served served = gateway_.serve(request, now_());
  if (wait_ && served.delivery.delay.count() > 0) wait_(served.delivery.delay);
  // A reset after the answer comes too late to be seen here.
  if (served.delivery.cut == Cut::None || served.delivery.cut == Cut::ResetAfter) return std::move(served.answer);
  return lost(request, served.delivery.cut);
}

}  // namespace sluice::gateway
