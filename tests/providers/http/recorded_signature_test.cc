// Every signed request that official clients were recorded with, signed again.
#include <catch2/catch.hpp>
#include <string>

#include "plan/digest.h"
#include "providers/http/signing.h"
#include "tests/providers/http/recorded_requests.h"

namespace sluice {
namespace {

using namespace testing;

HttpRequest unsigned_request(const RecordedRequest& recorded) {
  HttpRequest request{std::string(recorded.method), std::string(recorded.target), {}, std::string(recorded.body)};
  if (!request.target.starts_with("/v")) request.target.insert(0, kRecordedBase);
  request.headers = {{"User-Agent", std::string(recorded.client == Client::Python ? kPythonAgent : kNodeAgent)},
                     {"Content-Type", std::string(recorded.type)},
                     {"X-Project-Id", std::string(kRecordedProject)},
                     {"Host", std::string(recorded.host)}};
  if (const auto colon = recorded.extra.find(": "); colon != std::string_view::npos) {
    request.headers.emplace_back(recorded.extra.substr(0, colon), recorded.extra.substr(colon + 2));
  }
  // Of a form only that there is one matters: its text is not signed.
  if (recorded.type.starts_with("multipart/")) request.body = "--b--";
  return request;
}

TEST_CASE("what official clients were recorded with is signed alike, header list by header list") {
  std::size_t whole = 0;
  for (const RecordedRequest& recorded : kRecorded) {
    INFO(recorded.method << " " << recorded.target << " " << recorded.signature);
    const WallTime date = *parse_rfc3339(recorded.date);
    const AccessKey key{std::string(kRecordedKey), Secret(std::string(kRecordedSecret)), Secret()};
    const HttpRequest made = sign(unsigned_request(recorded), key, date);
    // The SDK for Node.js leaves some headers out of the list, so the list is given.
    const std::string canonical = canonical_request(made, recorded.signed_headers);
    const std::string to_sign = "SDK-HMAC-SHA256\n" + sdk_date(date) + "\n" + sha256_hex(canonical);
    CHECK(hmac_sha256_hex(kRecordedSecret, to_sign) == recorded.signature);
    if (recorded.client != Client::Python) continue;
    ++whole;
    CHECK(find_header(made.headers, "Authorization") == "SDK-HMAC-SHA256 Access=" + std::string(kRecordedKey) +
                                                            ", SignedHeaders=" + std::string(recorded.signed_headers) +
                                                            ", Signature=" + std::string(recorded.signature));
  }
  CHECK(std::size(kRecorded) == 74);
  CHECK(whole == 61);
}

}  // namespace
}  // namespace sluice
