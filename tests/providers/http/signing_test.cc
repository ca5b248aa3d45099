#include "providers/http/signing.h"

#include <catch2/catch.hpp>
#include <string>

#include "plan/digest.h"

namespace sluice {
namespace {

const std::string kProject = "0123456789abcdef0123456789abcdef";
const std::string kBase = "/v2/" + kProject + "/apigw/instances/fedcba9876543210fedcba9876543210";
const std::string kJson = "application/json";
const std::string kJsonUtf8 = "application/json;charset=UTF-8";

/// Fixed input and what the official signers of the cloud make of it.
struct Vector {
  std::string name;
  HttpRequest request;
  std::string id = "AKEXAMPLE1234567890";
  std::string secret = "SKEXAMPLEabcdefghijklmnopqrstuvwxyz012345";
  std::string token = {};
  std::string date = "2024-01-31T08:09:10Z";
  std::string signed_headers = {};
  std::string canonical_hash = {};  ///< "" where only the signature is known
  std::string signature = {};
};

HttpRequest project_request(const std::string& method, const std::string& target, const std::string& type,
                            const std::string& body = "") {
  return {method,
          kBase + target,
          {{"Host", "apig.eu-de.example.com"}, {"Content-Type", type}, {"X-Project-Id", kProject}},
          body};
}

const std::string kUsual = "content-type;host;x-project-id;x-sdk-date";

std::vector<Vector> vectors() {
  const HttpHeaders host = {{"Host", "apig.eu-de.example.com"}};
  const HttpHeaders service = {{"Host", "service.endpoint.myhuaweicloud.com"}};
  return {
      {.name = "V1 a query to be encoded and sorted",
       .request = project_request("GET", "/api-groups?offset=0&limit=500&name=petstore%20(v1)", kJson),
       .signed_headers = kUsual,
       .canonical_hash = "6934244002d737ae690fcd60d78ccacaa1571c42df902d6f367c50200d960d9d",
       .signature = "d528fa1ebc34a182de814818efb2cec82c7c7b256abc4c33c2996622e46ac300"},
      {.name = "V2 a JSON body",
       .request = project_request("POST", "/openapi/async-export?oas_version=2.0", kJsonUtf8,
                                  R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":)"
                                  R"("c77f5e81d9cb4424bf704ef2b0ac7600","define":"all","type":"json"})"),
       .signed_headers = kUsual,
       .canonical_hash = "f20ca33b61a6c633348adbd620679b1b49a2f525b8401628840c4c6061cda961",
       .signature = "697ac809775efe62290d3a935bfb4c61ebe30c0bc7b8923c7f8dae72c5d3adf8"},
      {.name = "V3 a multipart body is not hashed",
       .request = project_request("POST", "/openapi/async-import", "multipart/form-data; boundary=0123456789abcdef",
                                  "--0123456789abcdef--"),
       .signed_headers = "content-type;host;x-project-id;x-sdk-content-sha256;x-sdk-date",
       .canonical_hash = "df999fc33c54b6b3dbf568c73c1ae7652da8af817d74a15c6589f2298f4b1b10",
       .signature = "50484c7b2fe6c78fab9e9bb564f0e7326445b1fdff12df8893b7d844577870c1"},
      {.name = "V4 a temporary key",
       .request = project_request("GET", "/async-tasks/d9ce8c9eede54b3f841ec324fe0bfdc2", kJson),
       .token = "STSTOKENEXAMPLE==",
       .signed_headers = "content-type;host;x-project-id;x-sdk-date;x-security-token",
       .canonical_hash = "7aa207c739299090501f8450ce57419e622fdc877b0abcca125b8c4d8323f571",
       .signature = "d777ecc9173a96a7a65f4a9e17c00a806c614bbcd281083a5af3514f5b6f1d13"},
      {.name = "V5 a body beyond ASCII",
       .request = project_request("POST", "/apis/publish?action=online", kJsonUtf8,
                                  R"({"group_id":"c77f5e81d9cb4424bf704ef2b0ac7600","env_id":)"
                                  R"("DEFAULT_ENVIRONMENT_RELEASE_ID","remark":"héllo"})"),
       .signed_headers = kUsual,
       .canonical_hash = "0a107dd3d299d4987b302c274fc7fa2c90605d28577a693a52da030fa2460ad8",
       .signature = "673b824e788a5d0f82986222b255eba36c8cfa09c7c53e7ffad6444dd173d6a0"},
      {.name = "V6 a path and a query that need encoding",
       .request = {"GET", "/v2/p%201/caf%C3%A9/a%2Fb~x?b=2&b=1&a=true&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29",
                   host, ""},
       .signed_headers = "host;x-sdk-date",
       .canonical_hash = "4fb6751adef895efc45871c793e76e44c0bdf6f05665766032a8a2ab3bd1da5a",
       .signature = "856fb5a35fc01e2912df6fb1f59e05c16bcd4711bbcdbb4af70cce0940c011dd"},
      {.name = "V7 no body, and a type that is not JSON",
       .request =
           {"DELETE", kBase + "/apis/abc", {{"Host", "apig.eu-de.example.com"}, {"Content-Type", "text/plain"}}, ""},
       .signed_headers = "content-type;host;x-sdk-content-sha256;x-sdk-date",
       .canonical_hash = "e2a8cc5216b434da051b667fe35c71fca94197d0abd142f515551d67d9921c74",
       .signature = "8f4b9f32fb1505b63c00717b150e5b87de1d60059246113bcab4e6e2d50fc730"},
      {.name = "S1 of the SDK for Python",
       .request = {"GET", "/resources?size=1", service, ""},
       .id = "AccessKey",
       .secret = "SecretKey",
       .date = "2020-06-08T02:39:00Z",
       .signed_headers = "host;x-sdk-date",
       .signature = "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842"},
      {.name = "S2 of the SDK for Python, with a body",
       .request = {"POST", "/resources?size=1", service, R"({"name":"test","id":1})"},
       .id = "AccessKey",
       .secret = "SecretKey",
       .date = "2020-06-08T02:39:00Z",
       .signed_headers = "host;x-sdk-date",
       .canonical_hash = "2b1b2515e48cb55e043ff2ec5b93d3f13ec287e1da1d7a2e4e14b0611a341969",
       .signature = "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f"},
      {.name = "S3 of the published guide",
       .request = {"GET",
                   "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
                   {{"Host", "service.region.example.com"}, {"Content-Type", kJson}},
                   ""},
       .id = "QTWAOYTTINDUT2QVKYUC",
       .secret = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
       .date = "2019-11-15T03:36:55Z",
       .signed_headers = "content-type;host;x-sdk-date",
       .canonical_hash = "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
       .signature = "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"},
      {.name = "S4 of the SDK for Go, which signs no host",
       .request = {"GET", "/path?limit=1", {}, ""},
       .id = "AccessKey",
       .secret = "SecretKey",
       .date = "2006-01-02T15:04:05Z",
       .signed_headers = "x-sdk-date",
       .canonical_hash = "85c3b7730f308aee452b16138a42a914397e43a8f0d732dfa521c0ef2afa98a4",
       .signature = "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624"},
  };
}

const AccessKey kKey{"AK", Secret("SK"), Secret()};
const WallTime kDate = *parse_rfc3339("2026-11-22T05:18:24Z");

std::string signed_headers_of(const HttpRequest& request) {
  const std::string authorization(find_header(request.headers, "Authorization"));
  const std::string mark = "SignedHeaders=";
  const std::size_t from = authorization.find(mark) + mark.size();
  return authorization.substr(from, authorization.find(',', from) - from);
}

TEST_CASE("requests are signed as the cloud's own signers sign them") {
  for (const Vector& vector : vectors()) {
    INFO(vector.name);
    const AccessKey key{vector.id, Secret(vector.secret), Secret(vector.token)};
    const HttpRequest signed_request = sign(vector.request, key, *parse_rfc3339(vector.date));
    CHECK(find_header(signed_request.headers, "Authorization") == "SDK-HMAC-SHA256 Access=" + vector.id +
                                                                      ", SignedHeaders=" + vector.signed_headers +
                                                                      ", Signature=" + vector.signature);
    CHECK(signed_request.target == vector.request.target);
    CHECK(signed_request.body == vector.request.body);
    if (!vector.canonical_hash.empty())
      CHECK(sha256_hex(canonical_request(signed_request, vector.signed_headers)) == vector.canonical_hash);
  }
}

TEST_CASE("the slash at the end is in the canonical form and not on the wire") {
  const HttpRequest request = sign({"GET", "/v2/a", {}, ""}, kKey, kDate);
  CHECK(request.target == "/v2/a");
  CHECK(canonical_request(request, "x-sdk-date").starts_with("GET\n/v2/a/\n\nx-sdk-date:20261122T051824Z\n\n"));
  CHECK(canonical_request({"GET", "/", {}, ""}, "").starts_with("GET\n/\n"));
  CHECK(canonical_request({"GET", "/a/", {}, ""}, "").starts_with("GET\n/a/\n"));
  CHECK(canonical_request({"GET", "/a//b", {}, ""}, "").starts_with("GET\n/a//b/\n"));
}

TEST_CASE("the headers that recorded clients sign are signed, and announced alike") {
  const HttpHeaders usual = {{"User-Agent", "client/1"}, {"X-Project-Id", "p"}, {"Host", "127.0.0.1:1"}};
  const auto signed_of = [&](const std::string& type, const AccessKey& key, const std::string& body) {
    HttpHeaders headers = usual;
    headers.emplace_back("Content-Type", type);
    return sign({"POST", "/v2/a", headers, body}, key, kDate);
  };
  const AccessKey temporary{"AK", Secret("SK"), Secret("token")};
  CHECK(signed_headers_of(signed_of("application/json;charset=utf-8", kKey, "{}")) ==
        "content-type;host;user-agent;x-project-id;x-sdk-date");
  CHECK(signed_headers_of(signed_of("application/json", temporary, "{}")) ==
        "content-type;host;user-agent;x-project-id;x-sdk-date;x-security-token");
  const HttpRequest form = signed_of("multipart/form-data; boundary=b", temporary, "x");
  CHECK(signed_headers_of(form) ==
        "content-type;host;user-agent;x-project-id;x-sdk-content-sha256;x-sdk-date;x-security-token");
  CHECK(find_header(form.headers, "X-Sdk-Content-Sha256") == "UNSIGNED-PAYLOAD");
  CHECK(find_header(form.headers, "X-Sdk-Date") == "20261122T051824Z");
}

TEST_CASE("every part of a request is in its signature, but for an unhashed body and odd headers") {
  const HttpRequest request{"GET", "/a?b=c", {{"Host", "h"}, {"Content-Type", kJson}}, "{}"};
  const auto signature = [](HttpRequest changed, const WallTime& when = kDate, const AccessKey& key = kKey) {
    const std::string text(find_header(sign(std::move(changed), key, when).headers, "Authorization"));
    return text.substr(text.find("Signature="));
  };
  const std::string original = signature(request);
  const auto changed = [&](auto change) {
    HttpRequest other = request;
    change(other);
    return signature(other);
  };
  CHECK(changed([](HttpRequest&) {}) == original);
  CHECK(changed([](HttpRequest& r) { r.method = "PUT"; }) != original);
  CHECK(changed([](HttpRequest& r) { r.target = "/b?b=c"; }) != original);
  CHECK(changed([](HttpRequest& r) { r.target = "/a?b=d"; }) != original);
  CHECK(changed([](HttpRequest& r) { r.headers[0].second = "other"; }) != original);
  CHECK(changed([](HttpRequest& r) { r.body = "[]"; }) != original);
  CHECK(changed([](HttpRequest& r) { r.headers.emplace_back("with_underscore", "x"); }) == original);
  CHECK(changed([](HttpRequest& r) { r.headers[0].second = " h "; }) == original);
  CHECK(signature(request, kDate + std::chrono::seconds(1)) != original);
  CHECK(signature(request, kDate, {"AK", Secret("other"), Secret()}) != original);
}

TEST_CASE("a request that was signed before is signed anew") {
  const HttpRequest once = sign({"GET", "/a", {{"Host", "h"}}, ""}, kKey, kDate);
  const HttpRequest twice = sign(once, kKey, kDate + std::chrono::hours(1));
  CHECK(twice.headers.size() == once.headers.size());
  CHECK(find_header(twice.headers, "X-Sdk-Date") == "20261122T061824Z");
}

TEST_CASE("instants are read in the forms of HTTP and IAM, and no other") {
  CHECK(sdk_date(*parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT")) == "19941106T084937Z");
  CHECK(sdk_date(*parse_rfc3339("2026-01-02T15:04:05.000000Z")) == "20260102T150405Z");
  CHECK(sdk_date(*parse_rfc3339("2026-01-02T15:04:05Z")) == "20260102T150405Z");
  CHECK(sdk_date(*parse_rfc3339("2026-01-02T01:04:05+02:00")) == "20260101T230405Z");
  CHECK(sdk_date(*parse_rfc3339("2026-01-02T23:04:05.5-01:30")) == "20260103T003405Z");
  for (const char* text : {"", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "06 Nov 1994",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                           "Sun, 06 nNo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "}) {
    INFO(text);
    CHECK_FALSE(parse_http_date(text));
  }
  for (const char* text : {"", "2026", "2026-01-02", "2026-01-02T15:04:05", "2026-13-02T15:04:05Z",
                           "2026-01-02T15:04:05Zulu", "2026-1-2T15:04:05Z", "2026-01-02T15:04:05+2"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

}  // namespace
}  // namespace sluice
