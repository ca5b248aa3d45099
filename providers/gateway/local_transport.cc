#include "providers/gateway/local_transport.h"

namespace sluice::gateway {

LocalTransport::LocalTransport(Gateway& gateway, std::function<Now()> now) : gateway_(gateway), now_(std::move(now)) {}

Result<HttpResponse> LocalTransport::send(const HttpRequest& request) { return gateway_.handle(request, now_()); }

}  // namespace sluice::gateway
