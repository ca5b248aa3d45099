// Findings of a group's files that concern more than one rule: what is counted, told once, and where.
#include "plan/limits.h"
#include "plan/policies.h"
#include "tests/plan/one_file.h"

namespace sluice {
namespace {

using test::build;
using test::contains;
using test::json;
using test::settings;
using test::text_of;

const std::string kGetA = "swagger: '2.0'\npaths:\n  /a:\n    get:\n      operationId: getA\n";

TEST_CASE("the sample that OpenAPI calls `example` is left out on Open Telekom Cloud, by that name") {
  const std::string text =
      "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      operationId: getA\n      parameters: [{in: query, name: q, "
      "schema: "
      "{type: string}, example: abc}, {in: cookie, name: c, schema: {type: string}}]\n";
  const auto built = build(text, settings(true), CloudKind::Otc);
  const std::string found = text_of(built.diagnostics);
  INFO(found);
  CHECK(built.value);
  CHECK(contains(found,
                 "6:74: warning left-out: Left out, because the gateway does not hold them: `example` of a "
                 "parameter (1)."));
  CHECK_FALSE(contains(found, "x-apigateway-sample"));
  CHECK(contains(found,
                 "cookie parameters (1). The first is here. To end this warning: Leave it out, or pass the "
                 "value in a header."));
  const auto here = build(text, settings(true), CloudKind::Huawei);
  REQUIRE(here.value);
  CHECK(contains(write_json(std::next(here.value->state.resources.begin())->second.body),
                 R"("x-apigateway-sample":"abc")"));
}

TEST_CASE("what is cut is called what it is") {
  const auto found = [](const std::string& document) {
    return text_of(build(document, settings(), CloudKind::Huawei).diagnostics);
  };
  CHECK(contains(found(kGetA + "      parameters: [{in: query, name: q, type: string, x-apigateway-sample: " +
                       std::string(256, 's') + "}]\n"),
                 "1 sample was cut to 255 characters, the gateway's limit; the first is that of GET /a."));
  CHECK(contains(
      found(kGetA + "      responses: {x-apigateway-result-normal-sample: " + std::string(20'481, 's') + "}\n"),
      "1 sample of an answer was cut to 20480 characters"));
}

TEST_CASE("one mistake in who may call is one finding") {
  GroupSettings group = settings();
  group.operations.security.reset();
  for (const std::string& document :
       {std::string("swagger: '2.0'\nsecurityDefinitions: {s: {type: apiKey, in: header, name: u, "
                    "x-apigateway-auth-type: OAUTH}}\n"
                    "paths:\n  /a: {get: {operationId: getA, security: [{s: []}]}}\n"),
        std::string("swagger: '2.0'\npaths:\n  /a: {get: {operationId: getA, security: [{s: []}]}}\n"),
        std::string("swagger: '2.0'\npaths:\n  /a: {get: {operationId: getA, security: 5}}\n")}) {
    const auto built = build(document, group, CloudKind::Huawei);
    INFO(text_of(built.diagnostics));
    CHECK(built.diagnostics.size() == 1);
  }
  CHECK(build("swagger: '2.0'\nx-apigateway-access-controls: {office: {acl-type: DENY, value: ''}}\npaths: {}\n",
              settings())
            .diagnostics.size() == 1);
}

TEST_CASE("what `operations` names wrongly is one finding, in the manifest") {
  GroupSettings group = settings();
  group.operations.security = json(R"({"type": "AUTHORIZER", "authorizer": "ab"})");
  group.operations.auth_at = {"sluice.yaml", 7, 14};
  group.operations.response = "a b";
  group.operations.response_at = {"sluice.yaml", 8, 18};
  const std::string two =
      "swagger: '2.0'\npaths:\n  /a: {get: {operationId: getA}}\n  /b: {get: {operationId: getB}}\n";
  const auto built = build(two, group, CloudKind::Huawei);
  const std::string found = text_of(built.diagnostics);
  INFO(found);
  CHECK(built.diagnostics.size() == 2);
  CHECK(contains(found,
                 "sluice.yaml:7:14: error limit: `operations.auth` of the group pets: the name of the "
                 "authorizer has 2 characters, and a gateway takes 3 to 64."));
  CHECK(contains(found,
                 "sluice.yaml:8:18: error limit: `operations.response` of the group pets: "
                 "`x-apigateway-response` is \"a b\""));
}

TEST_CASE("a timeout that many operations share is one warning") {
  GroupSettings group = settings();
  const std::string slow =
      "x-apigateway-backend: {type: HTTP, httpEndpoints: {address: h, method: GET, path: /a, timeout: 70000}}";
  const std::string two = "swagger: '2.0'\npaths:\n  /a: {get: {operationId: getA, " + slow +
                          "}}\n  /b: {get: {operationId: getB, " + slow + "}}\n";
  const auto built = build(two, group, CloudKind::Huawei);
  CHECK(built.value);
  CHECK(built.diagnostics.size() == 1);
  CHECK(contains(text_of(built.diagnostics), "feature backend_timeout allows it (1 more operation says so)."));
}

/// Where the finding is that holds this text.
std::string place_of(const Diagnostics& found, std::string_view text) {
  for (const Diagnostic& one : found) {
    if (contains(one.summary, text)) return to_string(one.at);
  }
  return "nothing in " + text_of(found);
}

TEST_CASE("what an operation names is found at the word") {
  const auto built = build(kGetA + R"(      x-apigateway-plugins: [one, two]
      x-apigateway-ratelimit: gold
      parameters:
      - {in: query, name: q, type: string, x-apigateway-orchestrations: [rule]}
      x-apigateway-backend: {type: HTTP-VPC, httpVpcEndpoints: {name: chan, method: GET, path: /a}}
      x-apigateway-backend-policies:
      - name: p
        type: HTTP-VPC
        conditions: [{value: 10.0.0.1}]
        httpVpcEndpoints: {name: other, method: GET, path: /a}
)",
                           settings());
  INFO(text_of(built.diagnostics));
  REQUIRE(built.value);
  const auto at = [&](const ObjectName& name) { return to_string(built.value->objects.at(name).at); };
  CHECK(at({ObjectKind::Plugin, "one"}) == "pets.yaml:6:30");
  CHECK(at({ObjectKind::Plugin, "two"}) == "pets.yaml:6:35");
  CHECK(at({ObjectKind::Orchestration, "rule"}) == "pets.yaml:9:74");
  CHECK(at({ObjectKind::Channel, "chan"}) == "pets.yaml:10:71");
  CHECK(at({ObjectKind::Channel, "other"}) == "pets.yaml:15:34");
  const DesiredGroup groups[] = {*built.value};
  const auto policies = build_policies(Manifest(), groups);
  CHECK(place_of(policies.diagnostics, "throttling policy gold, which nothing defines") == "pets.yaml:7:31");
}

TEST_CASE("what `operations` names is found in the manifest") {
  GroupSettings group = settings();
  group.operations.ratelimit = "golde";
  group.operations.ratelimit_at = {"sluice.yaml", 9, 20};
  const auto built = build(kGetA, group);
  REQUIRE(built.value);
  const DesiredGroup groups[] = {*built.value};
  CHECK(place_of(build_policies(Manifest(), groups).diagnostics, "golde") == "sluice.yaml:9:20");
}

TEST_CASE("a value of an override is found where it stands") {
  const SourceText manifest{
      "sluice.yaml",
      "version: 1\ngroups:\n- name: pets\n  swagger: pets.yaml\n  operations: {auth: none, backend: "
      "{address: h}}\n  overrides:\n  - match: GET /a\n    set:\n      x-apigateway-cors: true\n"
      "      x-apigateway-backend:\n        httpEndpoints:\n          timeout: 0\n"};
  const auto parsed = parse_manifest(manifest, {});
  INFO(text_of(parsed.diagnostics));
  REQUIRE(parsed.value);
  const auto built = build(kGetA, parsed.value->groups.front());
  CHECK(place_of(built.diagnostics, "httpEndpoints/timeout` is 0") == "sluice.yaml:12:20");
}

TEST_CASE("a member of a backend policy is found at the member") {
  const auto built = build(kGetA + R"(      x-apigateway-backend-policies:
      - name: p
        type: HTTP
        conditions: [{value: 10.0.0.1}]
        httpEndpoints: {address: "b:99999", method: GET, path: /a, timeout: 0}
)",
                           settings());
  CHECK(place_of(built.diagnostics, "has the port \"99999\"") == "pets.yaml:10:34");
  CHECK(place_of(built.diagnostics, "timeout` is 0") == "pets.yaml:10:77");
}

TEST_CASE("the response that an operation defines is read") {
  const auto built = build(kGetA + "      x-apigateway-responses: {own: {THROTTLED: {status: 429}}}\n", settings());
  INFO(text_of(built.diagnostics));
  REQUIRE(built.value);
  REQUIRE(built.value->responses.size() == 1);
  CHECK(built.value->responses.front().address.name() == "own");
}

TEST_CASE("what a manifest says of its gateway is checked without asking it") {
  const auto found = [](const std::string& gateway) {
    const SourceText manifest{"sluice.yaml",
                              "version: 1\ngateway:\n  project_id: p\n  instance_id: i\n" + gateway + "groups: []\n"};
    return text_of(parse_manifest(manifest, {}).diagnostics);
  };
  const std::string cloud = "  provider: apig\n  endpoint: ";
  for (const char* good : {"https://a.example", "HTTPS://a.example:8443", "http://127.0.0.1:80", "http://localhost",
                           "http://[::1]:8080"}) {
    INFO(good);
    CHECK(found(cloud + good + "\n").empty());
  }
  CHECK(
      contains(found(cloud + "apig.example.com\n"), "sluice.yaml:6:13: error endpoint-form: `endpoint` is not a URL"));
  CHECK(contains(found(cloud + "http://apig.example.com\n"),
                 "sluice.yaml:6:13: error endpoint-open: `endpoint` would send"));
  CHECK(contains(found(cloud + "http://localhost.example.com\n"), "error endpoint-open"));
  CHECK(contains(found(cloud + "https://a.example\n  data: gateway.db\n"),
                 "sluice.yaml:7:9: error gateway-embedded: `data` is for the embedded gateway only."));
}

TEST_CASE("addresses, networks and ranges are told from other texts") {
  for (const char* good :
       {"1.2.3.4", "0.0.0.0/0", "1.2.3.4-1.2.3.9", "::", "::1", "fe80::1/64", "1:2:3:4:5:6:7:8", "1::", "::1-::9"}) {
    INFO(good);
    CHECK(is_address_entry(good));
  }
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4-", "1:2:3", "1:::2",
                          "1::2::3", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "12345::", "1.2.3.4-::1", "::1/129", "a.b"}) {
    INFO(bad);
    CHECK_FALSE(is_address_entry(bad));
  }
}

}  // namespace
}  // namespace sluice
