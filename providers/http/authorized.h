// Proves to the gateway who asks: with a token, or by signing.
#pragma once

#include <string>

#include "providers/http/credentials.h"
#include "providers/http/log.h"
#include "providers/http/transport.h"

namespace sluice {

/// Sends each request with X-Auth-Token, or signed (then with Host and X-Project-Id too). After a 401 with a
/// well-formed error body, which is sure to have done nothing, the credential is renewed and the request sent once
/// more. What a refusal quotes of the credential is blotted out. `inner` and `credentials` must outlive it.
/// Source: APIG API reference, "Calling APIs", "Authentication".
class AuthorizedTransport final : public Transport {
 public:
  /// Who is asked, for signatures: host[:port] as in the endpoint, and the project.
  struct Peer {
    std::string authority;
    std::string project_id;
  };
  AuthorizedTransport(Transport& inner, Credentials& credentials, Peer peer, Timing timing, Log log);
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  HttpRequest authorize(HttpRequest request, const Credential& credential) const;
  Result<HttpResponse> send_with(const HttpRequest& request, const Credential& credential);

  Transport& inner_;
  Credentials& credentials_;
  Peer peer_;
  Timing timing_;
  Log log_;
};

}  // namespace sluice
