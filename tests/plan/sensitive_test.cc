#include "plan/sensitive.h"

#include "plan/export_files.h"
#include "plan/secrets.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::body;
using test::contains;
using test::json;
using test::text_of;
using test::with;

using Paths = std::map<std::string, std::vector<std::string>>;

/// `value` with every text that is sensitive replaced by "#".
std::string hidden(const Value& value, const std::vector<std::string>& paths) {
  const Value form = canonical(value, kApiSchema.fields);
  return write_json(with_sensitive(form, kApiSchema.fields, PathWalk(paths), [](const std::string&) { return "#"; }));
}

Value with_parameters(const std::string& parameters, const std::string& name = "listPets") {
  Value backend = *body("GET", "/pets", name).find("x-apigateway-backend");
  backend.set("parameters", json(parameters));
  return with(body("GET", "/pets", name), "x-apigateway-backend", backend);
}

Value with_constant(const std::string& value, const std::string& header = "X-Api-Key") {
  return with_parameters(R"([{"in":"header","name":")" + header + R"(","origin":"CONSTANT","value":")" + value +
                         "\"}]");
}

TEST_CASE("a constant whose name looks like a credential's is one, and nothing else is") {
  for (const std::string name : {"Authorization", "X-Api-Key", "apikey", "x_auth_mode", "client.secret", "PASSWORD",
                                 "passwd", "X-Token", "credentials", "Cookie", "X-AppCode"}) {
    CAPTURE(name);
    CHECK(contains(hidden(with_constant("plain", name), {}), "\"value\":\"#\""));
  }
  for (const std::string name : {"X-Version", "Accept", "X-Tenant", "keyboard"}) {
    CAPTURE(name);
    CHECK(contains(hidden(with_constant("plain", name), {}), "\"value\":\"plain\""));
  }
  CHECK(contains(
      hidden(with_parameters(R"([{"in":"header","name":"X-Api-Key","origin":"REQUEST","value":"X-Api-Key"}])"), {}),
      "\"value\":\"X-Api-Key\""));
  Value policy = json(R"({"name":"blue","type":"MOCK","mockEndpoints":{},"conditions":[]})");
  policy.set("parameters", json(R"([{"in":"query","name":"token","origin":"CONSTANT","value":"plain"}])"));
  const Value several = with(body("GET", "/pets", "x"), "x-apigateway-backend-policies", Value::array({policy}));
  CHECK_FALSE(contains(hidden(several, {}), "plain"));
}

TEST_CASE("a path hides the texts that it names or is above, and leaves names, words, numbers and booleans") {
  Value value = with_constant("plain", "X-Tenant");
  value.set("description", "about").set("tags", json(R"(["one"])"));
  value.set("parameters",
            json(R"([{"in":"query","name":"limit","type":"string","default":"ten","enum":["ten","two"]}])"));
  const auto differs = [&](const std::string& path) {
    std::string places;
    for (const FieldChange& field :
         differences("api", canonical(value, kApiSchema.fields), json(hidden(value, {path}))))
      places += field.path + " ";
    return places;
  };
  CHECK(differs("/description") == "/description ");
  CHECK(differs("/x-apigateway-backend/parameters/header:x-tenant/value") ==
        "/x-apigateway-backend/parameters/header:X-Tenant/value ");
  CHECK(differs("/x-apigateway-backend/parameters/*/value") ==
        "/x-apigateway-backend/parameters/header:X-Tenant/value ");
  CHECK(differs("/parameters") == "/parameters/query:limit/default /parameters/query:limit/enum ");
  CHECK(differs("/x-apigateway-backend") ==
        "/x-apigateway-backend/httpEndpoints/address /x-apigateway-backend/httpEndpoints/path "
        "/x-apigateway-backend/parameters/header:X-Tenant/value ");
  CHECK(differs("/**/value") == "/x-apigateway-backend/parameters/header:X-Tenant/value ");
  CHECK(differs("/**").find("tags") == std::string::npos);
  CHECK(differs("/**").find("/description") != std::string::npos);
}

TEST_CASE("a path that can name no text is refused, with what to do") {
  for (const std::string path :
       {"/description", "/parameters/query:limit/default", "/parameters/*", "/x-apigateway-backend",
        "/x-apigateway-backend/httpEndpoints/address", "/x-apigateway-backend-policies/*/conditions", "/**",
        "/**/value", "/x-apigateway-backend/parameters/header:X-Key/value", "/x-apigateway-backend/**"}) {
    CAPTURE(path);
    CHECK_FALSE(sensitive_path_problem(path));
  }
  for (const std::string path :
       {"/operationId", "/tags", "/security", "/x-apigateway-cors", "/x-apigateway-backend/httpEndpoints/timeout",
        "/x-apigateway-backend/httpEndpoints/scheme", "/x-apigateway-backend/httpVpcEndpoints/name", "/method",
        "/parameters/query:limit/required", "/x-apigateway-ratelimit", "/x-apigateway-backend/type", "description",
        "/descripton", "/parameters/query:limit/name"}) {
    CAPTURE(path);
    const auto problem = sensitive_path_problem(path);
    REQUIRE(problem);
    CHECK_FALSE(problem->detail.empty());
  }
  CHECK(contains(sensitive_path_problem("/descripton")->detail, "Did you mean `description`?"));
  const auto read = [](const std::string& lines) {
    return parse_manifest({"sluice.yaml", "version: 1\n" + lines}, {});
  };
  CHECK(contains(text_of(read("groups: [{name: pets, swagger: x, sensitive: [/tags]}]\n").diagnostics),
                 "error sensitive-path: \"/tags\" names nothing that can be sensitive: only names"));
  const auto good = read(
      "defaults: {sensitive: [/description]}\n"
      "groups: [{name: pets, swagger: x, sensitive: ['/**/value', /description]}]\n");
  REQUIRE(good.value);
  CHECK(good.value->groups[0].sensitive == std::vector<std::string>{"/description", "/**/value"});
}

TEST_CASE(
    "what is sensitive compares by its hash on all sides: equal is no change, another one is shown and told by none") {
  const auto diff_with = [](const std::string& files, const std::string& held) {
    const auto constant = [](const std::string& value) { return with(with_constant(value), "description", value); };
    SecretVault vault(Secret("k"), {}, Paths{{"pets", {"/description"}}});
    ResourceMap desired = test::resources({api(constant(files))});
    CHECK(vault.seal(desired).empty());
    const Resource left = api(constant("before"));
    Baseline base = test::base({left, test::published(left)});
    vault.expect(left.address, base.bodies.begin()->second);
    vault.mask(base);
    CHECK_FALSE(contains(base.bodies.begin()->second, "before"));
    const Resource now = api(constant(held));
    LiveState live = test::live({now, test::published(now)});
    vault.mask_and_learn(live.resources);
    std::optional<Baseline> own;
    const GroupDiff diff = diff_group(vault.comparable(base, live, own), {desired}, live, test::options({"RELEASE"}));
    for (const Change& change : diff.changes) {
      for (const Value* side : {&change.before, &change.after}) {
        CHECK_FALSE(contains(write_json(*side), files));
        CHECK_FALSE(contains(write_json(*side), held));
      }
    }
    return std::tuple(diff.changes.size(), diff.drift.size(), diff.records.size());
  };
  CHECK(diff_with("before", "before") == std::tuple(0, 0, 2));  // both are written anew, masked
  CHECK(diff_with("after1", "before") == std::tuple(1, 0, 0));
  CHECK(diff_with("before", "other1") == std::tuple(1, 1, 0));
  CHECK(diff_with("after1", "after1") == std::tuple(0, 0, 2));
}

TEST_CASE(
    "what another key hashed says nothing: the gateway's own counts as left, and the files are compared with it") {
  const auto diff_with = [](const std::string& files, const std::string& held, const std::string& description) {
    SecretVault before(Secret("old"), {});
    ResourceMap applied = test::resources({api(with_constant("before"))});
    before.seal(applied);
    const Resource left = applied.begin()->second;
    const Baseline base = test::base({left, test::published(left)});
    SecretVault vault(Secret("new"), {});
    vault.expect(left.address, base.bodies.begin()->second);
    CHECK(vault.saw_other_key());
    ResourceMap desired = test::resources({api(with_constant(files))});
    vault.seal(desired);
    const Resource now = api(with(with_constant(held), "description", description));
    LiveState live = test::live({now, test::published(now)});
    vault.mask_and_learn(live.resources);
    std::optional<Baseline> own;
    const GroupDiff diff = diff_group(vault.comparable(base, live, own), {desired}, live, test::options({"RELEASE"}));
    return text_of(diff.changes).substr(0, 90) + (diff.drift.empty() ? "" : " drift") +
           (diff.records.size() == 2 ? " written anew" : "");
  };
  CHECK(diff_with("before", "before", "") == " written anew");
  CHECK(contains(diff_with("after", "before", ""), "update api.pets[\"GET /pets\"] pending"));
  CHECK_FALSE(contains(diff_with("after", "before", ""), "drift"));
  CHECK(contains(diff_with("before", "before", "by hand"), "drift"));  // what is no secret is compared as ever
  SecretVault same(Secret("old"), {});
  ResourceMap applied = test::resources({api(with_constant("before"))});
  same.seal(applied);
  same.expect(applied.begin()->first, write_json(applied.begin()->second.body));
  CHECK_FALSE(same.saw_other_key());
}

TEST_CASE("the sensitive texts of files are told once each, and a plan of them is sent in plain") {
  SecretVault vault(Secret("k"), {}, Paths{{"pets", {"/description"}}});
  ResourceMap desired = test::resources({api(with(with_constant("one"), "description", "two")),
                                         api(with(body("PUT", "/pets", "putPets"), "description", "two"))});
  CHECK(vault.sensitive_texts(desired) == std::vector<std::string>{"one", "two"});
  vault.seal(desired);
  CHECK(vault.sensitive_texts(desired).size() == 2);  // masks by now
  const auto sent = vault.reveal(write_json(desired.begin()->second.body));
  REQUIRE(sent);
  CHECK(contains(*sent, "\"value\":\"one\""));
  CHECK(contains(*sent, "\"description\":\"two\""));
  const auto refused = SecretVault(Secret("other"), {}).reveal(write_json(desired.begin()->second.body));
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "hashed with another key: set SLUICE_HASH_KEY"));
}

TEST_CASE("an export takes what is sensitive out of its files, and its manifest puts it back from the environment") {
  Value held = with_constant("plain-value", "X-Tenant");
  held.set("description", "plain-text");
  held.set("parameters", json(R"([{"in":"query","name":"limit","type":"string","default":"plain-ten"}])"));
  ExportOptions options;
  options.sensitive = {{"pets", {"/description", "/**/value", "/parameters/*/default"}}};
  const Resource resource = api(held);
  const LiveState live = test::live({test::group(), resource, test::published(resource)});
  const ExportedFiles exported = export_files({{"pets", live}}, {}, options);
  std::string all;
  for (const ExportedFile& file : exported.files) all += file.text;
  INFO(all << text_of(exported.warnings));
  CHECK_FALSE(contains(all, "plain-"));
  CHECK(contains(all, "sensitive:"));
  CHECK(exported.secrets.size() == 3);
  CHECK(exported.warnings.empty());  // what was read back plans to no change
}

}  // namespace
}  // namespace sluice
