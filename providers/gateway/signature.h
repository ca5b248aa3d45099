// Verifying signatures SDK-HMAC-SHA256, as the cloud's SDKs make them ("API Request Signing Guide").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/model.h"
#include "providers/http/transport.h"

namespace sluice::gateway {

/// The header `Authorization: SDK-HMAC-SHA256 Access=…, SignedHeaders=a;b, Signature=…`.
struct SignatureHeader {
  std::string access_key;
  std::vector<std::string> signed_headers;
  std::string signature;
};

/// Nothing for other schemes and for what lacks a part.
std::optional<SignatureHeader> read_signature_header(std::string_view header);

/// The time of `X-Sdk-Date: 20240131T080910Z`; nothing when it is none.
std::optional<Now> read_sdk_date(std::string_view text);

/// The texts that a client may have signed, the likeliest first. SDKs differ in paths that are encoded already, in
/// pluses of the query, and in the hash of an empty body that is no JSON; each of their ways is taken.
std::vector<std::string> canonical_requests(const HttpRequest& request, const SignatureHeader& header);

/// 64 hexadecimal digits.
std::string sign(std::string_view canonical_request, std::string_view date, std::string_view secret_key);

/// A canonical request as refusals show it: in one line, without the values of tokens.
std::string printable(std::string_view canonical_request);

}  // namespace sluice::gateway
