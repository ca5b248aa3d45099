// Who may enter: signatures against the vectors of the cloud's SDKs, tokens, the calls of the identity service.
#include "providers/gateway/access.h"

#include "providers/gateway/encoding.h"
#include "providers/gateway/signature.h"
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;
using gateway::Access;
using gateway::Credentials;
using gateway::Now;

namespace {

const std::string kProject = "0123456789abcdef0123456789abcdef";
const std::string kInstance = "/v2/" + kProject + "/apigw/instances/fedcba9876543210fedcba9876543210";
const std::string kHost = "apig.eu-de.example.com";
const std::string kDate = "20240131T080910Z";

Credentials credentials(const std::string& text) {
  auto read = Credentials::read({"credentials.yaml", text});
  for (const Diagnostic& finding : read.diagnostics) UNSCOPED_INFO(to_string(finding.at) << ": " << finding.summary);
  REQUIRE(read.value);
  return std::move(*read.value);
}

const std::string kKeys = R"(
keys:
  - {access_key: AKEXAMPLE1234567890, secret_key: SKEXAMPLEabcdefghijklmnopqrstuvwxyz012345}
  - {access_key: AKTEMPORARY, secret_key: SKEXAMPLEabcdefghijklmnopqrstuvwxyz012345, security_token: STSTOKENEXAMPLE==}
  - {access_key: AccessKey, secret_key: SecretKey}
  - {access_key: QTWAOYTTINDUT2QVKYUC, secret_key: MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc}
  - {access_key: STUBAK0000000000AKID, secret_key: stubsk00000000000000000000000000000000000}
)";

Access access(bool clock = true, const std::string& text = kKeys) {
  gateway::Rules rules;
  rules.check_clock = clock;
  return {credentials(text), {}, rules};
}

/// A request with a signature made elsewhere.
HttpRequest signed_request(std::string method, std::string target, HttpHeaders headers, std::string body,
                           const std::string& key, const std::string& names, const std::string& signature) {
  HttpRequest request{std::move(method), std::move(target), std::move(headers), std::move(body)};
  request.headers.emplace_back(
      "Authorization", "SDK-HMAC-SHA256 Access=" + key + ", SignedHeaders=" + names + ", Signature=" + signature);
  return request;
}

std::string message_of(const std::optional<HttpResponse>& answer) {
  REQUIRE(answer);
  const auto body = parse_json(answer->body);
  REQUIRE(body);
  return std::to_string(answer->status) + " " + std::string(body->text("error_code")) + " " +
         std::string(body->text("error_msg"));
}

/// A request signed here, to be spoilt.
HttpRequest own(const std::string& date = kDate, HttpHeaders more = {}) {
  HttpRequest request{"GET", kInstance + "/envs?limit=5", {{"Host", kHost}, {"X-Sdk-Date", date}}, ""};
  for (auto& header : more) request.headers.push_back(std::move(header));
  gateway::SignatureHeader header{"AKEXAMPLE1234567890", {"host", "x-sdk-date"}, ""};
  const std::string text = gateway::canonical_requests(request, header).front();
  return signed_request(request.method, request.target, request.headers, "", header.access_key, "host;x-sdk-date",
                        gateway::sign(text, date, "SKEXAMPLEabcdefghijklmnopqrstuvwxyz012345"));
}

}  // namespace

TEST_CASE("the signatures of the cloud's SDKs are accepted") {
  const HttpHeaders json = {
      {"Content-Type", "application/json"}, {"X-Project-Id", kProject}, {"X-Sdk-Date", kDate}, {"Host", kHost}};
  const HttpHeaders utf8 = {{"Content-Type", "application/json;charset=UTF-8"},
                            {"X-Project-Id", kProject},
                            {"X-Sdk-Date", kDate},
                            {"Host", kHost}};
  const HttpHeaders form = {{"Content-Type", "multipart/form-data; boundary=0123456789abcdef"},
                            {"X-Project-Id", kProject},
                            {"X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"},
                            {"X-Sdk-Date", kDate},
                            {"Host", kHost}};
  HttpHeaders temporary = json;
  temporary.emplace_back("X-Security-Token", "STSTOKENEXAMPLE==");
  const std::string ak = "AKEXAMPLE1234567890";
  const std::string four = "content-type;host;x-project-id;x-sdk-date";
  struct Vector {
    const char* name;
    HttpRequest request;
  };
  const Vector vectors[] = {
      {"V1", signed_request("GET", kInstance + "/api-groups?offset=0&limit=500&name=petstore%20(v1)", json, "", ak,
                            four, "d528fa1ebc34a182de814818efb2cec82c7c7b256abc4c33c2996622e46ac300")},
      {"V1 with a plus",
       signed_request("GET", kInstance + "/api-groups?offset=0&limit=500&name=petstore+%28v1%29", json, "", ak, four,
                      "d528fa1ebc34a182de814818efb2cec82c7c7b256abc4c33c2996622e46ac300")},
      {"V2",
       signed_request("POST", kInstance + "/openapi/async-export?oas_version=2.0", utf8,
                      R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":"c77f5e81d9cb4424bf704ef2b0ac7600",)"
                      R"("define":"all","type":"json"})",
                      ak, four, "697ac809775efe62290d3a935bfb4c61ebe30c0bc7b8923c7f8dae72c5d3adf8")},
      {"V3", signed_request("POST", kInstance + "/openapi/async-import", form, "--0123456789abcdef--\r\n", ak,
                            "content-type;host;x-project-id;x-sdk-content-sha256;x-sdk-date",
                            "50484c7b2fe6c78fab9e9bb564f0e7326445b1fdff12df8893b7d844577870c1")},
      {"V5",
       signed_request("POST", kInstance + "/apis/publish?action=online", utf8,
                      "{\"group_id\":\"c77f5e81d9cb4424bf704ef2b0ac7600\",\"env_id\":\"DEFAULT_ENVIRONMENT_RELEASE_"
                      "ID\",\"remark\":\"h\xC3\xA9llo\"}",
                      ak, four, "673b824e788a5d0f82986222b255eba36c8cfa09c7c53e7ffad6444dd173d6a0")},
      {"V6",
       signed_request("GET", "/v2/p%201/caf%C3%A9/a%2Fb~x?b=2&b=1&a=true&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29",
                      {{"Host", kHost}, {"X-Sdk-Date", kDate}}, "", ak, "host;x-sdk-date",
                      "856fb5a35fc01e2912df6fb1f59e05c16bcd4711bbcdbb4af70cce0940c011dd")},
      {"V7", signed_request("DELETE", kInstance + "/apis/abc",
                            {{"Content-Type", "text/plain"},
                             {"X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"},
                             {"X-Sdk-Date", kDate},
                             {"Host", kHost}},
                            "", ak, "content-type;host;x-sdk-content-sha256;x-sdk-date",
                            "8f4b9f32fb1505b63c00717b150e5b87de1d60059246113bcab4e6e2d50fc730")},
      {"S1", signed_request("GET", "/resources?size=1",
                            {{"Host", "service.endpoint.myhuaweicloud.com"}, {"X-Sdk-Date", "20200608T023900Z"}}, "",
                            "AccessKey", "host;x-sdk-date",
                            "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842")},
      {"S2", signed_request("POST", "/resources?size=1",
                            {{"Host", "service.endpoint.myhuaweicloud.com"}, {"X-Sdk-Date", "20200608T023900Z"}},
                            R"({"name":"test","id":1})", "AccessKey", "host;x-sdk-date",
                            "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f")},
      {"S3", signed_request(
                 "GET", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
                 {{"Host", "service.region.example.com"},
                  {"Content-Type", "application/json"},
                  {"X-Sdk-Date", "20191115T033655Z"}},
                 "", "QTWAOYTTINDUT2QVKYUC", "content-type;host;x-sdk-date",
                 "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe")},
      {"S4", signed_request("GET", "/path?limit=1", {{"X-Sdk-Date", "20060102T150405Z"}}, "", "AccessKey", "x-sdk-date",
                            "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624")},
  };
  for (const Vector& vector : vectors) {
    INFO(vector.name);
    const auto date = gateway::read_sdk_date(find_header(vector.request.headers, "X-Sdk-Date"));
    REQUIRE(date);
    Access front = access();
    CHECK_FALSE(front.refuse_entry(vector.request, "", *date + std::chrono::minutes(14)));
    // One byte more anywhere, and it is another request.
    HttpRequest other = vector.request;
    other.target += "x";
    CHECK(front.refuse_entry(other, "", *date));
    other = vector.request;
    other.method = "PATCH";
    CHECK(front.refuse_entry(other, "", *date));
    if (find_header(vector.request.headers, "X-Sdk-Content-Sha256").empty()) {
      other = vector.request;
      other.body += " ";
      CHECK(front.refuse_entry(other, "", *date));
    }
  }
  const HttpRequest v4 =
      signed_request("GET", kInstance + "/async-tasks/d9ce8c9eede54b3f841ec324fe0bfdc2", temporary, "",
                     "AKEXAMPLE1234567890", "content-type;host;x-project-id;x-sdk-date;x-security-token",
                     "d777ecc9173a96a7a65f4a9e17c00a806c614bbcd281083a5af3514f5b6f1d13");
  const Now now = *gateway::read_sdk_date(kDate);
  Access sts = access(true,
                      "keys: [{access_key: AKEXAMPLE1234567890, secret_key: "
                      "SKEXAMPLEabcdefghijklmnopqrstuvwxyz012345, security_token: STSTOKENEXAMPLE==}]");
  CHECK_FALSE(sts.refuse_entry(v4, kProject, now));
  CHECK(access().refuse_entry(v4, kProject, now));  // the key there is no temporary one
}

TEST_CASE("a request that an SDK sent is accepted byte for byte, once the clock is not looked at") {
  const std::string target = kInstance + "/api-groups";
  const HttpHeaders headers = {
      {"User-Agent",
       "huaweicloud-usdk-python/3.0; os/Linux##1_SMP_PREEMPT_DYNAMIC_@0#x86_64 python/3.11.2 impl/CPython; "
       "app/11aa8ce0-cac7-41b8-a029-9585ee648541"},
      {"Accept", "*/*"},
      {"Content-Type", "application/json;charset=utf-8"},
      {"X-Project-Id", kProject},
      {"X-Sdk-Date", "20261122T051741Z"},
      {"Host", "127.0.0.1:18080"}};
  const HttpRequest request =
      signed_request("POST", target, headers, R"({"name": "sdk_driver_324661", "remark": "made by the official SDK"})",
                     "STUBAK0000000000AKID", "content-type;host;user-agent;x-project-id;x-sdk-date",
                     "8847aa40fc1b26061e9cd21bfb87ea9af714a7d86df1c40a6c562a970535d1b4");
  const Now long_ago(std::chrono::seconds(1'000'000'000));
  CHECK_FALSE(access(false).refuse_entry(request, kProject, long_ago));
  CHECK(message_of(access(true).refuse_entry(request, kProject, long_ago)) ==
        "401 APIGW.0301 Incorrect IAM authentication information: X-Sdk-Date is more than 15 minutes off");
}

TEST_CASE("the Go way of signing paths and empty bodies is taken as well") {
  HttpRequest request{
      "DELETE",
      "/v2/p%201/x",
      {{"Content-Type", "text/plain"}, {"X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"}, {"X-Sdk-Date", kDate}},
      ""};
  const std::string text = "DELETE\n/v2/p%25201/x/\n\nx-sdk-content-sha256:UNSIGNED-PAYLOAD\nx-sdk-date:" + kDate +
                           "\n\nx-sdk-content-sha256;x-sdk-date\nUNSIGNED-PAYLOAD";
  request.headers.emplace_back(
      "Authorization", "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=x-sdk-content-sha256;x-sdk-date, Signature=" +
                           gateway::sign(text, kDate, "SecretKey"));
  CHECK_FALSE(access().refuse_entry(request, "", *gateway::read_sdk_date(kDate)));
}

TEST_CASE("what is wrong with a signature is said in the service's words") {
  const Now now = *gateway::read_sdk_date(kDate);
  const std::string front = "401 APIGW.0301 Incorrect IAM authentication information: ";
  Access door = access();
  CHECK_FALSE(door.refuse_entry(own(), kProject, now));
  CHECK_FALSE(door.refuse_entry(own(), kProject, now + std::chrono::minutes(15)));
  CHECK(message_of(door.refuse_entry(own(), kProject, now + std::chrono::minutes(16))) ==
        front + "X-Sdk-Date is more than 15 minutes off");
  CHECK(message_of(door.refuse_entry(own(), kProject, now - std::chrono::minutes(16))) ==
        front + "X-Sdk-Date is more than 15 minutes off");
  CHECK(message_of(door.refuse_entry({"GET", kInstance + "/envs", {}, ""}, kProject, now)) ==
        front + "x-auth-token not found");
  HttpRequest spoilt = own();
  spoilt.target = kInstance + "/envs?limit=6";
  CHECK(message_of(door.refuse_entry(spoilt, kProject, now)) ==
        front + "verify aksk signature fail, canonicalRequest:GET|" + kInstance + "/envs/|limit=6|host:" + kHost +
            "|x-sdk-date:" + kDate +
            "||host;x-sdk-date|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(find_header(door.refuse_entry(spoilt, kProject, now)->headers, "Content-Type") == "application/json");
  spoilt = own();
  spoilt.headers.back().second.replace(spoilt.headers.back().second.find("AKEX"), 4, "AKEY");
  CHECK(message_of(door.refuse_entry(spoilt, kProject, now)) ==
        front + "Get secretKey failed,ak:AKEYAMPLE1234567890,err:ak not exist");
  spoilt = own();
  spoilt.headers.back().second = "V11-HMAC-SHA256 Access=x";
  CHECK(message_of(door.refuse_entry(spoilt, kProject, now)).starts_with(front + "the Authorization header is not"));
  // The date must be among what is signed.
  spoilt = own();
  auto& value = spoilt.headers.back().second;
  value.replace(value.find("host;x-sdk-date"), 15, "host");
  CHECK(message_of(door.refuse_entry(spoilt, kProject, now)).starts_with(front + "X-Sdk-Date must be there"));
  spoilt = own("yesterday");
  CHECK(message_of(door.refuse_entry(spoilt, kProject, now)).starts_with(front + "X-Sdk-Date must be there"));
  // A security token is never shown.
  spoilt = own(kDate, {{"X-Security-Token", "very-secret"}});
  CHECK(message_of(door.refuse_entry(spoilt, kProject, now)).find("very-secret") == std::string::npos);
  CHECK(gateway::printable("a\nx-security-token:very-secret\nb") == "a|x-security-token:***|b");
}

TEST_CASE("a key is locked after more than five failures in a row, for five minutes") {
  const Now now = *gateway::read_sdk_date(kDate);
  Access door = access();
  HttpRequest spoilt = own();
  spoilt.target += "1";
  const auto wrong = [&] { return message_of(door.refuse_entry(spoilt, kProject, now)); };
  for (int i = 0; i < 5; ++i) CHECK(wrong().find("verify aksk signature fail") != std::string::npos);
  CHECK_FALSE(door.refuse_entry(own(), kProject, now));  // in a row
  for (int i = 0; i < 6; ++i) CHECK(wrong().find("verify aksk signature fail") != std::string::npos);
  const std::string locked =
      "401 APIGW.0301 Incorrect IAM authentication information: AK access failed to reach the limit,forbidden";
  CHECK(message_of(door.refuse_entry(own(), kProject, now + std::chrono::minutes(4))) == locked);
  CHECK_FALSE(door.refuse_entry(own(), kProject, now + std::chrono::minutes(5)));
}

TEST_CASE("tokens of the file are good until they expire, for their project") {
  Access door = access(true, R"({"tokens": ["plain", {"token": "short", "expires_at": "2024-01-31T09:00:00Z"},
    {"token": "narrow", "project_id": "p1"}]})");
  const Now now = *gateway::read_sdk_date(kDate);
  const auto enter = [&](const std::string& token, const std::string& project, Now when) {
    const auto answer = door.refuse_entry({"GET", "/", {{"x-auth-token", token}}, ""}, project, when);
    return answer ? message_of(answer) : "";
  };
  CHECK(enter("plain", "p9", now).empty());
  CHECK(enter("plane", "p9", now) == "401 APIG.1002 Incorrect token or token resolution failed");
  CHECK(enter("short", "p9", now).empty());
  CHECK(enter("short", "p9", now + std::chrono::hours(1)) == "401 APIGW.0307 The token must be updated.");
  CHECK(enter("narrow", "p1", now).empty());
  CHECK(enter("narrow", "p2", now) == "403 APIG.1005 No permissions to request this method");
}

TEST_CASE("the identity service gives tokens and temporary keys to users") {
  gateway::Options options;
  options.credentials = credentials(
      "users: [{name: ann, password: secret, domain: D1, projects: [eu-de, {id: '0123456789abcdef', name: eu-de_x}]}]");
  Bench bench(options);
  const auto ask = [&](const std::string& method, const std::string& target, const std::string& body,
                       const std::string& token = "") {
    HttpRequest request{method, target, {{"Content-Type", "application/json"}}, body};
    if (!token.empty()) request.headers.emplace_back("X-Auth-Token", token);
    return bench.gateway->handle(request, bench.now);
  };
  const auto login = [&](const std::string& password, const std::string& scope) {
    return ask("POST", "/v3/auth/tokens?nocatalog=true",
               R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"ann","password":")" +
                   password + R"(","domain":{"name":"D1"}}}},"scope":{"project":)" + scope + "}}}");
  };
  CHECK(login("wrong", R"({"name":"eu-de_x"})").status == 401);
  CHECK(login("secret", R"({"name":"eu-nl"})").status == 401);
  CHECK(ask("POST", "/v3/auth/tokens", "{}").status == 400);
  CHECK(ask("POST", "/v3/auth/tokens", "nonsense").status == 400);
  const HttpResponse given = login("secret", R"({"name":"eu-de_x"})");
  REQUIRE(given.status == 201);
  const std::string token(find_header(given.headers, "X-Subject-Token"));
  REQUIRE(token.size() > 32);
  const auto body = parse_json(given.body);
  REQUIRE(body);
  CHECK(at(*body, {"token", "project", "id"}) == Value("0123456789abcdef"));
  CHECK(at(*body, {"token", "expires_at"}) == Value("2023-07-23T04:26:40.000000Z"));
  const std::string envs = std::string(kBase) + "/envs";
  CHECK(ask("GET", envs, "").status == 401);
  CHECK(ask("GET", envs, "", token).status == 200);
  CHECK(ask("GET", "/v2/other/apigw/instances/i/envs", "", token).status == 403);
  const HttpResponse projects = ask("GET", "/v3/projects?name=eu-de_x", "", token);
  CHECK(at(*parse_json(projects.body), {"projects", "0", "id"}) == Value("0123456789abcdef"));
  CHECK(at(*parse_json(projects.body), {"projects"}).items().size() == 1);
  CHECK(ask("GET", "/v3/projects", "").status == 401);
  const HttpResponse key =
      ask("POST", "/v3.0/OS-CREDENTIAL/securitytokens",
          R"({"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":1800}}}})", token);
  REQUIRE(key.status == 201);
  const Value credential = at(*parse_json(key.body), {"credential"});
  const auto signed_with = [&](const std::string& date) {
    HttpRequest request{
        "GET",
        envs,
        {{"Host", "h"}, {"X-Sdk-Date", date}, {"X-Security-Token", std::string(credential.text("securitytoken"))}},
        ""};
    gateway::SignatureHeader header{
        std::string(credential.text("access")), {"host", "x-sdk-date", "x-security-token"}, ""};
    const std::string text = gateway::canonical_requests(request, header).front();
    return signed_request(request.method, request.target, request.headers, "", header.access_key,
                          "host;x-sdk-date;x-security-token", gateway::sign(text, date, credential.text("secret")));
  };
  CHECK(bench.gateway->handle(signed_with("20230722T042640Z"), bench.now).status == 200);
  CHECK(ask("POST", "/v3.0/OS-CREDENTIAL/securitytokens",
            R"({"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":1}}}})", token)
            .status == 400);
  bench.now += std::chrono::minutes(31);
  const HttpResponse late = bench.gateway->handle(signed_with("20230722T045740Z"), bench.now);
  CHECK(late.status == 401);
  CHECK(late.body.find("token expires at") != std::string::npos);
  bench.now += std::chrono::hours(24);
  CHECK(ask("GET", envs, "", token).body.find("APIGW.0307") != std::string::npos);
}

TEST_CASE("without credentials everybody is given a token, and needs none") {
  Bench bench;
  const HttpResponse given = bench.gateway->handle(
      {"POST",
       "/v3/auth/tokens",
       {},
       R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"any","password":"x","domain":{"name":"d"}}}},
         "scope":{"project":{"name":"eu-de"}}}})"},
      bench.now);
  CHECK(given.status == 201);
  CHECK(at(*parse_json(given.body), {"token", "project", "id"}) == Value(gateway::project_id_of("eu-de")));
  const HttpResponse projects = bench.gateway->handle({"GET", "/v3/projects?name=eu-de", {}, ""}, bench.now);
  CHECK(at(*parse_json(projects.body), {"projects", "0", "id"}) == Value(gateway::project_id_of("eu-de")));
  CHECK(bench.get("/envs").status == 200);
}

TEST_CASE("a directory names the instances that exist") {
  auto read = gateway::Directory::read({"i.yaml", R"(
projects: [{id: p1, name: eu-de}]
instances: [{id: i1, project_id: p1, name: first}, {id: i2, project_id: p1}]
)"});
  REQUIRE(read.value);
  gateway::Options options;
  options.directory = std::move(*read.value);
  Bench bench(options);
  const auto get = [&](const std::string& target) { return bench.gateway->handle({"GET", target, {}, ""}, bench.now); };
  const auto list = parse_json(get("/v2/p1/apigw/instances").body);
  REQUIRE(list);
  CHECK(at(*list, {"total"}) == Value(2));
  CHECK(at(*list, {"instances", "0", "instance_name"}) == Value("first"));
  CHECK(at(*parse_json(get("/v2/p1/apigw/instances?instance_name=first").body), {"total"}) == Value(1));
  CHECK(at(*parse_json(get("/v2/p2/apigw/instances").body), {"total"}) == Value(0));
  CHECK(get("/v2/p1/apigw/instances/i1").status == 200);
  CHECK(get("/v2/p1/apigw/instances/i1/envs").status == 200);
  const HttpResponse unknown = get("/v2/p1/apigw/instances/i3/envs");
  CHECK(unknown.status == 404);
  CHECK(unknown.body == R"({"error_code":"APIG.3030","error_msg":"The instance does not exist;id:i3"})");
  CHECK(get("/v2/p2/apigw/instances/i1").status == 404);
}

TEST_CASE("mistakes in the files have their place, and never show a secret") {
  const auto finding = [](const std::string& text) {
    const auto read = Credentials::read({"c.yaml", text});
    REQUIRE_FALSE(read.value);
    std::string out;
    for (const Diagnostic& d : read.diagnostics) out += to_string(d.at) + ": " + d.summary + d.detail + "\n";
    CHECK(out.find("hunter2") == std::string::npos);
    return out;
  };
  CHECK(finding("keys: [{access_key: a}]").find("c.yaml:1:8: \"secret_key\" is missing here.") == 0);
  CHECK(finding("tokens: [{token: hunter2, expires_at: hunter2}]").find("c.yaml:1:39: A time is written as") == 0);
  CHECK(finding("{}").find("c.yaml:1:1: The file names nobody.") == 0);
  CHECK(finding("keys: {hunter2: 1}").find("\"keys\" must be a list.") != std::string::npos);
  finding("hunter2: [");
  finding("{\"a\": hunter2");
  finding("- hunter2");
  finding("hunter2: 1");
  finding("tokens: [{hunter2: x}]");
  CHECK_FALSE(gateway::Directory::read({"i", "instances: [{id: a, project_id: p}, {id: a, project_id: p}]"}).value);
}

TEST_CASE("encodings") {
  CHECK(gateway::decode_percent("a%2Fb%zz+c", true) == "a/b%zz c");
  CHECK(gateway::encode_percent("a/b ~\xC3\xA9") == "a%2Fb%20~%C3%A9");
  CHECK(gateway::decode_base64("YW5uOnNlY3JldA==") == "ann:secret");
  CHECK(gateway::decode_base64("!!").empty());
  CHECK(gateway::equals_secret("abc", "abc"));
  CHECK_FALSE(gateway::equals_secret("abc", "abd"));
  CHECK_FALSE(gateway::equals_secret("abc", "ab"));
}
