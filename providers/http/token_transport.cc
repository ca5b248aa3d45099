#include "providers/http/token_transport.h"

namespace sluice {

Result<HttpResponse> TokenTransport::send(const HttpRequest& request) {
  if (token_.empty()) return inner_.send(request);
  HttpRequest authorized = request;
  authorized.headers.emplace_back("X-Auth-Token", token_.reveal());
  return inner_.send(authorized);
}

}  // namespace sluice
