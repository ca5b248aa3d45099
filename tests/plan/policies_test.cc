#include "plan/policies.h"

#include <catch2/catch.hpp>

#include "plan/canonical.h"
#include "plan/import_document.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using namespace test;

const std::string kGold = R"({"api-limit": 100, "interval": 1, "unit": "second"})";

PolicyDefinition ratelimit(const std::string& name, const std::string& body, SourceSpan at = {"sluice.yaml", 5, 3}) {
  return {Address::ratelimit(name), json(body), std::move(at)};
}
PolicyDefinition acl(const std::string& name, const std::string& body) {
  return {Address::acl(name), json(body), {"sluice.yaml", 9, 3}};
}

/// A group whose one API has these members.
DesiredGroup group_with(const std::string& name, const std::string& members) {
  DesiredGroup group;
  Value body = json(members);
  body.set("method", "GET").set("path", "/x");
  const Address address = Address::api(name, "GET", "/x", "NORMAL");
  Resource resource = make_resource(address, body);
  resource.source = {name + ".yaml", 7, 5};
  group.state.resources.emplace(address, std::move(resource));
  return group;
}

struct Found {
  std::string code;
  std::string text;
};

Found only_finding(const Manifest& manifest, const std::vector<DesiredGroup>& groups) {
  const auto built = build_policies(manifest, groups);
  REQUIRE(built.diagnostics.size() == 1);
  CHECK_FALSE(built.value);
  const Diagnostic& found = built.diagnostics.front();
  return {found.code, to_string(found.at) + " " + found.summary + " " + found.detail};
}

Manifest manifest_with(std::vector<PolicyDefinition> policies, std::vector<Address> external = {}) {
  Manifest manifest;
  manifest.groups.resize(1);
  manifest.policies = std::move(policies);
  manifest.external = std::move(external);
  return manifest;
}

TEST_CASE("policies of the manifest and of all files are joined, with the APIs that use them") {
  std::vector<DesiredGroup> groups = {group_with("pets", R"({"x-apigateway-ratelimit": "gold"})"),
                                      group_with("shop", R"({"x-apigateway-ratelimit": "gold",
                                                             "x-apigateway-access-control": "office"})")};
  groups[1].policies = {ratelimit("gold", R"({"unit": "SECOND", "interval": 1, "api-limit": "100", "shared": false})")};
  const auto built = build_policies(
      manifest_with({ratelimit("gold", kGold), acl("office", R"({"acl-type": "deny", "value": "10.0.0.1 ,1.1.1.1"})")}),
      groups);
  INFO(text_of(built.diagnostics));
  REQUIRE(built.value);
  REQUIRE(built.value->resources.size() == 2);
  CHECK(built.value->users.at(Address::ratelimit("gold")) ==
        std::map<std::string, std::string>{{R"(api.pets["GET /x"])", R"(api.pets["GET /x"])"},
                                           {R"(api.shop["GET /x"])", R"(api.shop["GET /x"])"}});
  CHECK(built.value->resources.at(Address::acl("office")).body ==
        json(R"({"acl-type": "DENY", "entity-type": "IP", "value": "1.1.1.1,10.0.0.1"})"));
}

TEST_CASE("one policy defined in two ways names both places") {
  std::vector<DesiredGroup> groups = {group_with("pets", "{}")};
  groups[0].policies = {
      ratelimit("gold", R"({"api-limit": 99, "interval": 1, "unit": "SECOND"})", {"pets.yaml", 20, 3})};
  const auto found = only_finding(manifest_with({ratelimit("gold", kGold)}), groups);
  CHECK(found.code == "policy-conflict");
  CHECK(found.text ==
        "pets.yaml:20:3 ratelimit.gold is defined in two ways. The other is at sluice.yaml:5:3; policies belong to the "
        "gateway, so define it once, best in the manifest.");
}

TEST_CASE("a reference to nothing is found, once a policy") {
  const std::vector<DesiredGroup> groups = {group_with("pets", R"({"x-apigateway-ratelimit": "gold"})"),
                                            group_with("shop", R"({"x-apigateway-ratelimit": "gold"})")};
  const auto found = only_finding(manifest_with({}), groups);
  CHECK(found.code == "policy-undefined");
  CHECK(
      found.text ==
      "pets.yaml:7:5 api.pets[\"GET /x\"] uses the throttling policy gold, which nothing defines (1 more does so). "
      "Define it below `ratelimits` in the manifest, or list ratelimit.gold in `external` when it is on the gateway.");
  CHECK(build_policies(manifest_with({}, {Address::ratelimit("gold")}), groups).value);
}

TEST_CASE("what is external is not defined, and policies need a group to travel with") {
  const std::vector<DesiredGroup> groups = {group_with("pets", "{}")};
  CHECK(only_finding(manifest_with({ratelimit("gold", kGold)}, {Address::ratelimit("gold")}), groups).code ==
        "policy-conflict");
  Manifest manifest = manifest_with({ratelimit("gold", kGold)});
  manifest.groups.clear();
  CHECK(only_finding(manifest, {}).code == "policy-without-group");
}

TEST_CASE("what the gateway would refuse in a definition is found") {
  struct Row {
    PolicyDefinition definition;
    std::string code;
    std::string words;
  };
  const Row rows[] = {
      {ratelimit("a", kGold), "policy-name", "3 to 64"},
      {ratelimit("1gold", kGold), "policy-name", "starts with a letter"},
      {ratelimit("gold", R"({"api-limit": 0, "interval": 1, "unit": "DAY"})"), "policy-value", "`api-limit`"},
      {ratelimit("gold", R"({"api-limit": 3000000000, "interval": 1, "unit": "DAY"})"), "policy-value", "2147483647"},
      {ratelimit("gold", R"({"interval": 1, "unit": "DAY"})"), "policy-value", "`api-limit`"},
      {ratelimit("gold", R"({"api-limit": 5, "interval": 1, "unit": "WEEK"})"), "policy-value",
       "SECOND, MINUTE, HOUR, DAY"},
      {ratelimit("gold", R"({"api-limit": 5, "user-limit": 6, "interval": 1, "unit": "DAY"})"), "policy-limit",
       "above its `api-limit` of 5"},
      {ratelimit("gold", R"({"api-limit": 5, "user-limit": 3, "app-limit": 4, "interval": 1, "unit": "DAY"})"),
       "policy-limit", "above its `user-limit` of 3"},
      {ratelimit("gold", R"({"api-limit": 5, "ip-limit": 6, "interval": 1, "unit": "DAY"})"), "policy-limit",
       "`ip-limit`"},
      {ratelimit("gold", R"({"api-limit": 5, "unti": "DAY", "interval": 1, "unit": "DAY"})"), "key-unknown",
       "Did you mean `unit`?"},
      {ratelimit(
           "gold",
           R"({"api-limit": 5, "interval": 1, "unit": "DAY", "special": [{"type": "CAT", "limit": 1, "instance": "x"}]})"),
       "policy-value", "APP, USER"},
      {ratelimit("gold", R"([1])"), "key-shape", "not a map"},
      {acl("office", R"({"acl-type": "MAYBE", "value": "1.1.1.1"})"), "policy-value", "PERMIT, DENY"},
      {acl("office", R"({"acl-type": "DENY"})"), "policy-value", "`value`"},
  };
  for (const Row& row : rows) {
    INFO(write_json(row.definition.body));
    const std::vector<DesiredGroup> groups = {group_with("pets", "{}")};
    const auto found = only_finding(manifest_with({row.definition}), groups);
    CHECK(found.code == row.code);
    CHECK(found.text.find(row.words) != std::string::npos);
  }
}

TEST_CASE("a group that publishes nowhere leaves references out and says so") {
  GroupSettings settings;
  settings.name = "pets";
  settings.environments = {};
  DesiredGroup group = group_with("pets", R"({"x-apigateway-ratelimit": "gold", "x-apigateway-plugins": ["cors1"]})");
  const Diagnostics said = settle_references(settings, group);
  REQUIRE(said.size() == 1);
  CHECK(said[0].code == "policy-unbound");
  CHECK(to_string(said[0].at) == "pets.yaml:7:5");
  CHECK(bindings_of(group.state.resources.begin()->second.body).empty());
  settings.environments = {"RELEASE"};
  DesiredGroup published = group_with("pets", R"({"x-apigateway-ratelimit": "gold"})");
  CHECK(settle_references(settings, published).empty());
  CHECK(bindings_of(published.state.resources.begin()->second.body).size() == 1);
}

TEST_CASE("responses of the files become resources of the group") {
  GroupSettings settings;
  settings.name = "pets";
  DesiredGroup group = group_with("pets", "{}");
  const Address teapot = Address::response("pets", "teapot");
  const std::string body = R"({"THROTTLED": {"status": 418, "body": {"application/json": "slow down"}}})";
  group.responses = {{teapot, json(body), {"pets.yaml", 3, 1}}};
  CHECK(settle_references(settings, group).empty());
  CHECK(group.state.resources.at(teapot).body == json(R"({"THROTTLED": {"status": 418, "body": "slow down"}})"));

  DesiredGroup twice = group_with("pets", "{}");
  twice.responses = {{teapot, json(body), {"a.yaml", 3, 1}},
                     {teapot, json(R"({"THROTTLED": {"status": 429}})"), {"b.yaml", 4, 1}},
                     {teapot, json(R"({"THROTTLE": {"status": 429}})"), {"c.yaml", 5, 1}}};
  const Diagnostics said = settle_references(settings, twice);
  REQUIRE(said.size() == 3);
  CHECK(said[0].code == "policy-conflict");
  CHECK(said[0].detail.find("a.yaml:3:1") != std::string::npos);
  CHECK(said[1].code == "response-type");
  CHECK(said[1].detail == "Did you mean THROTTLED?");
}

TEST_CASE("an import document carries the definitions that it is given") {
  const Resource gold = make_resource(Address::ratelimit("gold"), json(kGold));
  const Resource office = make_resource(Address::acl("office"), json(R"({"acl-type": "DENY", "value": "1.1.1.1"})"));
  const std::vector<const Resource*> policies = {&gold, &office};
  const Value document = json(import_document("pets", {}, policies));
  CHECK(*document.find("paths") == Value::object());
  CHECK(*document.find("x-apigateway-ratelimits") ==
        json(R"({"gold": {"api-limit": 100, "interval": 1, "unit": "SECOND", "shared": false}})"));
  CHECK(*document.find("x-apigateway-access-controls") ==
        json(R"({"office": {"acl-type": "DENY", "entity-type": "IP", "value": "1.1.1.1"}})"));
}

}  // namespace
}  // namespace sluice
