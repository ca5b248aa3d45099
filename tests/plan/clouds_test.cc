// What a cloud lacks of the extensions, and what becomes of APIs that use it.
#include "plan/extensions.h"
#include "plan/json.h"
#include "tests/plan/one_file.h"

namespace sluice {
namespace {

using test::build;
using test::contains;
using test::json;
using test::settings;
using test::text_of;
using test::with_members;

const std::string kOfOtc = R"(swagger: '2.0'
securityDefinitions:
  custom: {type: apiKey, in: header, name: u, x-apigateway-auth-type: AUTHORIZER,
    x-apigateway-authorizer: {authorizer_uri: 'urn:fss:r:p:function:default:f', type: FRONTEND}}
paths:
  /a:
    get:
      operationId: getA
      security: [{custom: []}]
      x-apigateway-content-type: text/plain
      x-apigateway-orchestrations: [rule]
      parameters:
      - {in: query, name: q, type: string, x-apigateway-sample: s}
      - {in: cookie, name: c, type: string}
  /b:
    get:
      operationId: getB
      x-apigateway-is-send-fg-body-base64: false
      x-apigateway-backend: {type: HTTP-VPC-MEMBER-GROUP, httpVpcMemberGroupEndpoints: {name: chan,
        memberGroupUrlInfos: [{name: g1, method: GET, path: /b}]}}
  /c:
    get:
      operationId: getC
      x-apigateway-is-send-fg-body-base64: false
)";

TEST_CASE("what Open Telekom Cloud lacks is an error where it stands") {
  const auto built = build(kOfOtc, settings(), CloudKind::Otc);
  CHECK_FALSE(built.value);
  const std::string found = text_of(built.diagnostics);
  for (const char* finding :
       {"pets.yaml:4:30: error not-on-this-cloud: Open Telekom Cloud has no x-apigateway-authorizer, which GET /a "
        "uses.",
        "pets.yaml:10:34: error not-on-this-cloud: Open Telekom Cloud has no x-apigateway-content-type, which GET /a",
        "pets.yaml:11:36: error not-on-this-cloud: Open Telekom Cloud has no x-apigateway-orchestrations, which GET /a",
        "pets.yaml:13:65: error not-on-this-cloud: Open Telekom Cloud has no x-apigateway-sample, which GET /a uses.",
        "pets.yaml:14:9: error not-on-this-cloud: Open Telekom Cloud has no cookie parameters; GET /a declares \"c\".",
        "pets.yaml:19:88: error not-on-this-cloud: Open Telekom Cloud has no "
        "x-apigateway-backend.httpVpcMemberGroupEndpoints, which GET /b uses."}) {
    INFO(found);
    CHECK(contains(found, finding));
  }
  CHECK(built.diagnostics.size() == 6);
  std::string here = kOfOtc;
  here.replace(here.find("is-send-fg-body-base64: false"), 29, "is-send-fg-body-base64: true");
  here.erase(here.rfind("      x-apigateway-is-send"));
  const auto there = build(here, settings(), CloudKind::Huawei);
  CHECK(
      text_of(there.diagnostics) ==
      "pets.yaml:14:9: warning left-out: Left out, because the gateway does not hold them: cookie parameters (1). The "
      "first is here. Nothing needs to be done.\n");
}

TEST_CASE("under drop it is left out and counted, and nobody is let in more easily") {
  const auto built = build(kOfOtc, settings(true), CloudKind::Otc);
  const std::string found = text_of(built.diagnostics);
  INFO(found);
  REQUIRE(built.value);
  const ResourceMap& resources = built.value->state.resources;
  CHECK(resources.size() == 3);  // the group, and two APIs
  const Value& body = resources.at(*Address::parse(R"(api.pets["GET /a"])")).body;
  CHECK(write_json(*body.find("security")) == R"({"type":"AUTHORIZER","authorizer":"custom"})");
  CHECK(body.find("x-apigateway-content-type") == nullptr);
  CHECK(write_json(*body.find("parameters")) ==
        R"([{"in":"query","name":"q","type":"string","required":false,"x-apigateway-pass-through":"always"}])");
  for (const char* finding :
       {"warning not-on-this-cloud: Left out, because the gateway does not hold them: x-apigateway-authorizer (1).",
        "hold them: x-apigateway-content-type (1).", "hold them: x-apigateway-orchestrations (1).",
        "hold them: x-apigateway-sample (1).", "hold them: cookie parameters (1).",
        "hold them: operations that need x-apigateway-backend.httpVpcMemberGroupEndpoints (1): GET /b."}) {
    CHECK(contains(found, finding));
  }
}

TEST_CASE("what an override brings in is found at the override") {
  GroupSettings group = settings();
  group.overrides.push_back({"GET /a",
                             json(R"({"x-apigateway-content-type": "text/plain", "x-apigateway-cors": "maybe"})"),
                             {"sluice.yaml", 12, 16}});
  const std::string found = text_of(build(with_members("x-apigateway-cors: true"), group, CloudKind::Otc).diagnostics);
  CHECK(contains(found,
                 "sluice.yaml:12:16: error not-on-this-cloud: Open Telekom Cloud has no x-apigateway-content-type"));
  CHECK(contains(found, "sluice.yaml:12:16: error limit: GET /a: `x-apigateway-cors` must be true or false"));
}

TEST_CASE("what one override brings in and what else is wrong with an operation is found at once") {
  GroupSettings group = settings();
  group.overrides.push_back(
      {"GET /a",
       json(R"({"x-apigateway-content-type": "text/plain", "parameters": {"query:q": {"in": "query",
                         "name": "q", "type": "string", "x-apigateway-sample": "s"}}})"),
       {"sluice.yaml", 12, 16}});
  const std::string both = text_of(build(with_members("x-apigateway-cors: true"), group, CloudKind::Otc).diagnostics);
  INFO(both);
  CHECK(contains(both, "sluice.yaml:12:16: error not-on-this-cloud: Open Telekom Cloud has no x-apigateway-sample"));
  CHECK(contains(both, "has no x-apigateway-content-type"));

  std::string text = kOfOtc;
  text.replace(text.find("operationId: getC"), 17, "operationId: getB");
  const std::string twice = text_of(build(text, settings(), CloudKind::Otc).diagnostics);
  CHECK(contains(twice, "error name-twice: The name getB is used twice"));
  CHECK_FALSE(contains(text_of(build(text, settings(true), CloudKind::Otc).diagnostics), "name-twice"));
  CHECK(contains(text_of(build(kOfOtc, settings(true), CloudKind::Otc).diagnostics),
                 "The first is here; a gateway of the other cloud has them."));
}

}  // namespace
}  // namespace sluice
