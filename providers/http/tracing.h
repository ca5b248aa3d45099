// Tells what goes over the wire, without secrets.
#pragma once

#include "providers/http/log.h"
#include "providers/http/timing.h"
#include "providers/http/transport.h"

namespace sluice {

/// Method, target, status, time and sizes of each request at level debug, headers too at level trace. Only headers and
/// query values that are known to be harmless are shown; bodies never. `inner` must outlive it.
class TracingTransport final : public Transport {
 public:
  TracingTransport(Transport& inner, Timing timing, Log log);
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Transport& inner_;
  Timing timing_;
  Log log_;
};

/// The target with the values of its query hidden, but for harmless ones such as limit and offset.
std::string without_secrets(std::string_view target);
/// "Name: value" lines joined by "; ", values hidden but for harmless ones such as Content-Type.
std::string without_secrets(const HttpHeaders& headers);

}  // namespace sluice
