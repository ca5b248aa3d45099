// A transport that ends in an embedded gateway of the same process.
#pragma once

#include <functional>

#include "providers/gateway/gateway.h"
#include "providers/http/transport.h"

namespace sluice::gateway {

/// Answers every request at once, at the time that `now` gives. The gateway must outlive it.
class LocalTransport : public Transport {
 public:
  LocalTransport(Gateway& gateway, std::function<Now()> now);
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Gateway& gateway_;
  std::function<Now()> now_;
};

}  // namespace sluice::gateway
