#include "plan/gateway_objects.h"

#include <catch2/catch.hpp>

#include "plan/desired.h"
#include "plan/policies.h"
#include "plan/secrets.h"
#include "plan/yaml.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using namespace test;

std::string named(const std::string& body) {
  std::string text;
  for (const ObjectName& name : objects_named_by(json(body))) {
    text += std::string(to_string(name.kind)) + " " + name.name;
    text += (name.member_group.empty() ? "" : "/" + name.member_group) + "\n";
  }
  return text;
}

TEST_CASE("every place of an API that names an object is read") {
  CHECK(named("{}").empty());
  CHECK(
      objects_named_by(Value::object({{"security", Value::object({{"authorizer", as_mark(secret_piece("A")), 0}}), 0}}))
          .empty());  // a secret
  CHECK(named(R"({"x-apigateway-plugins": ["cors", "log", "cors"]})") == "plug-in cors\nplug-in log\n");
  CHECK(named(R"({"security": {"type": "AUTHORIZER", "authorizer": "fun"}})") == "authorizer fun\n");
  CHECK(named(R"({"parameters": [{"name": "a", "x-apigateway-orchestrations": ["rule"]}]})") ==
        "orchestration rule rule\n");
  CHECK(named(R"({"x-apigateway-backend": {"httpVpcEndpoints": {"name": "one"}},
                  "x-apigateway-backend-policies": [
                    {"httpVpcMemberGroupEndpoints": {"name": "two", "memberGroupUrlInfos": [{"name": "g"}]}}]})") ==
        "VPC channel one\nVPC channel two\nVPC channel two/g\n");
}

/// The group of a manifest and its one file, with what it names.
struct Named {
  explicit Named(const std::string& manifest_text, const std::string& swagger) {
    auto manifest = parse_manifest({"sluice.yaml", manifest_text}, {});
    for (const Diagnostic& one : manifest.diagnostics) INFO(one.summary);
    REQUIRE(manifest.value);
    settings = manifest.value->groups.at(0);
    SwaggerFile file{{"pets.yaml", swagger}, {}};
    auto document = parse_document(file.source);
    REQUIRE(document.value);
    file.document = *document.value;
    auto built = build_desired(settings, {&file, 1});
    for (const Diagnostic& one : built.diagnostics) UNSCOPED_INFO(one.summary);
    REQUIRE(built.value);
    group = std::move(*built.value);
    settle_references(settings, group);
  }
  std::string findings(const GatewayObjects& objects, const Capabilities& capabilities = {},
                       std::set<std::string> environments = {}) const {
    const GroupNames names{settings.name, &group.objects, &group.state, &settings.environments_at,
                           std::move(environments)};
    std::string text;
    for (const Diagnostic& one : unresolved_names({&names, 1}, objects, capabilities)) {
      text += to_string(one.at) + (one.severity == Severity::Error ? " error " : " warning ") + one.code + ": " +
              one.summary + " " + one.detail + "\n";
    }
    return text;
  }
  GroupSettings settings;
  DesiredGroup group;
};

const std::string kManifest = R"(version: 1
groups:
  - name: pets
    swagger: pets.yaml
    environments: [RELEASE, TSET]
    operations:
      auth: authorizer fun
      plugins: [cors]
      backend: {type: HTTP-VPC, channel: web, scheme: http}
    overrides:
      - match: GET /b
        set: {x-apigateway-plugins: [log]}
)";
const std::string kSwagger = R"(swagger: "2.0"
info: {title: pets, version: "1"}
paths:
  /a:
    get: {operationId: getA}
  /b:
    get: {operationId: getB}
  /c:
    get: {operationId: getC, x-apigateway-plugins: [corz]}
)";

TEST_CASE("what the gateway does not have is named with the place that names it, all at once") {
  const Named pets(kManifest, kSwagger);
  GatewayObjects objects;
  objects.by_kind[ObjectKind::Plugin] = {{"cors", {.type = "cors"}}};
  objects.by_kind[ObjectKind::Channel] = {};
  objects.by_kind[ObjectKind::Authorizer] = {};
  CHECK(
      pets.findings(objects, {}, {"RELEASE", "TEST"}) ==
      "pets.yaml:9:53 error object-missing: The plug-in corz does not exist on the gateway; api.pets[\"GET /c\"] names "
      "it. Did you mean cors? Create it on the gateway, or correct the name.\n"
      "sluice.yaml:5:29 error environment-missing: The environment TSET does not exist on the gateway; the group pets "
      "publishes there. Did you mean TEST? Create it on the gateway, or correct or take out the name.\n"
      "sluice.yaml:7:13 error object-missing: The authorizer fun does not exist on the gateway; 3 operations of the "
      "group pets name it, the first being api.pets[\"GET /a\"]. Create it on the gateway, or correct the name.\n"
      "sluice.yaml:9:16 error object-missing: The VPC channel web does not exist on the gateway; 3 operations of the "
      "group pets name it, the first being api.pets[\"GET /a\"]. Create it on the gateway, or correct the name.\n"
      "sluice.yaml:12:38 error object-missing: The plug-in log does not exist on the gateway; api.pets[\"GET /b\"] "
      "names it. Create it on the gateway, or correct the name.\n");
  CHECK(pets.findings(objects).find("TSET") == std::string::npos);  // which environments there are is not known
}

TEST_CASE("a name of a file is found at the word, with what could be meant") {
  const Named pets(kManifest, kSwagger);
  GatewayObjects objects;
  objects.by_kind[ObjectKind::Plugin] = {{"cors", {}}, {"log", {}}};
  CHECK(pets.findings(objects) ==
        "pets.yaml:9:53 error object-missing: The plug-in corz does not exist on the gateway; "
        "api.pets[\"GET /c\"] names it. Did you mean cors? Create it on the gateway, or "
        "correct the name.\n");
}

TEST_CASE("where naming a thing makes it, a name that was never made is a warning") {
  const Named pets(kManifest, kSwagger);
  GatewayObjects objects;
  objects.by_kind[ObjectKind::Channel] = {};
  const std::string found = pets.findings(objects, {.names_make_channels = true});
  CHECK(found.find("sluice.yaml:9:16 warning object-missing: The VPC channel web") == 0);
  CHECK(found.find("a cloud would refuse") != std::string::npos);
}

TEST_CASE("an object that is there must be able to serve") {
  const Named pets(kManifest, R"(swagger: "2.0"
info: {title: pets, version: "1"}
paths:
  /b:
    get: {operationId: getB, x-apigateway-plugins: [one, two, three]}
  /c:
    get: {operationId: getC, x-apigateway-plugins: [one, two, three]}
)");
  GatewayObjects objects;
  objects.by_kind[ObjectKind::Authorizer] = {{"fun", {.type = "BACKEND"}}};
  CHECK(pets.findings(objects).find("sluice.yaml:7:13 error authorizer-type: The authorizer fun is of type BACKEND") ==
        0);
  objects.by_kind.clear();
  objects.by_kind[ObjectKind::Plugin] = {
      {"log", {}}, {"one", {.type = "cors"}}, {"two", {.type = "breaker"}}, {"three", {.type = "cors"}}};
  CHECK(pets.findings(objects) ==
        "pets.yaml:7:5 error plugin-type-twice: api.pets[\"GET /c\"] names the plug-ins one and three, both of type "
        "cors: of one type only one works on an API. Take one of them out.\n");
}

TEST_CASE("a member group must be one of its channel's") {
  NamedObjects names;
  names[{ObjectKind::Channel, "web"}] = {1, "api.pets[\"GET /a\"]", {"pets.yaml", 3, 5}};
  names[{ObjectKind::Channel, "web", "blue"}] = {1, "api.pets[\"GET /a\"]", {"pets.yaml", 3, 5}};
  const GroupNames group{"pets", &names};
  GatewayObjects objects;
  objects.by_kind[ObjectKind::Channel]["web"] = {.member_groups = {"blu"}};
  const auto found = unresolved_names({&group, 1}, objects, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].summary == "The VPC channel web has no member group blue; api.pets[\"GET /a\"] names it.");
  CHECK(found[0].detail.find("Did you mean blu?") == 0);
  objects.by_kind[ObjectKind::Channel]["web"].member_groups.insert("blue");
  CHECK(unresolved_names({&group, 1}, objects, {}).empty());
}

TEST_CASE("an authorizer that a file defines otherwise is a warning that names the fields") {
  DesiredState desired;
  const Address address = Address::api("pets", "GET", "/a", "NORMAL");
  Resource resource{address, json(R"({"security": {"type": "AUTHORIZER", "authorizer": "fun", "definition":
                             {"type": "frontend", "ttl": 10, "identities": [{"name": "b", "location": "header"},
                              {"name": "a", "location": "QUERY"}], "authorizer_uri": "urn:x",
                              "user_data": "secret:hmac-sha256:00112233445566778899aabbccddeeff"}}})"),
                    ""};
  desired.resources.emplace(address, resource);
  NamedObjects names;
  names[{ObjectKind::Authorizer, "fun"}] = {1, address.text(), {}};
  const GroupNames group{"pets", &names, &desired};
  GatewayObjects objects;
  GatewayObject& fn = objects.by_kind[ObjectKind::Authorizer]["fun"];
  fn.type = "FRONTEND";
  fn.definition = json(
      R"({"type": "FRONTEND", "ttl": 5, "user_data": "plain", "authorizer_uri": "urn:x", "need_body": false, "identities":
                           [{"name": "a", "location": "QUERY"}, {"name": "b", "location": "HEADER"}]})");
  const auto found = unresolved_names({&group, 1}, objects, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::Warning);
  CHECK(found[0].summary == "The authorizer fun is defined differently on the gateway (ttl).");
}

TEST_CASE("a group that publishes nowhere needs no plug-in") {
  std::string text = kManifest;
  text.replace(text.find("[RELEASE, TSET]"), 15, "[]");
  const Named pets(text, kSwagger);
  for (const auto& [name, uses] : pets.group.objects) CHECK(name.kind != ObjectKind::Plugin);
  CHECK(pets.group.objects.size() == 2);
}

}  // namespace
}  // namespace sluice
