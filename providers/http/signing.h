// Signs requests with an access key: SDK-HMAC-SHA256.
// Source: "API Request Signing Guide" of Huawei Cloud, and what its SDKs for Python and Go send.
#pragma once

#include <string>
#include <string_view>

#include "plan/secret.h"
#include "providers/http/dates.h"
#include "providers/http/transport.h"

namespace sluice {

/// An access key; `security_token` belongs to a temporary one and is empty otherwise.
struct AccessKey {
  std::string id;
  Secret secret = {};
  Secret security_token = {};
};

/// What is hashed to be signed: the canonical form of a request whose headers are complete but for Authorization.
/// `signed_headers` is the list "a;b;c" that goes into the signature.
std::string canonical_request(const HttpRequest& request, std::string_view signed_headers);

/// The request with X-Sdk-Date, X-Security-Token, X-Sdk-Content-Sha256 (where its body is not hashed, as in
/// multipart/form-data) and Authorization. All of its headers are signed but those with an underscore in their name;
/// a Host header belongs into it beforehand. Headers of these names that it already has are replaced.
HttpRequest sign(HttpRequest request, const AccessKey& key, WallTime when);

}  // namespace sluice
