// A transport that ends in an embedded gateway of the same process.
#pragma once

#include <functional>

#include "providers/gateway/gateway.h"
#include "providers/http/transport.h"

namespace sluice::gateway {

/// Answers every request at once, at the time that `now` gives, after waiting for what a fault delays. Connections that
/// faults refuse or cut become errors with the effect that a client over a socket would see. The gateway must outlive
/// it.
class LocalTransport : public Transport {
 public:
  LocalTransport(Gateway& gateway, std::function<Now()> now, std::function<void(std::chrono::milliseconds)> wait = {});
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Gateway& gateway_;
  std::function<Now()> now_;
  std::function<void(std::chrono::milliseconds)> wait_;
};

}  // namespace sluice::gateway
