// Adds the token to every request.
#pragma once

#include "plan/secret.h"
#include "providers/http/transport.h"

namespace sluice {

/// Sends X-Auth-Token with each request; an empty token sends none. `inner` must outlive it.
/// Source: APIG API reference, "Calling APIs", "Authentication".
class TokenTransport final : public Transport {
 public:
  TokenTransport(Transport& inner, Secret token) : inner_(inner), token_(std::move(token)) {}
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Transport& inner_;
  Secret token_;
};

}  // namespace sluice
