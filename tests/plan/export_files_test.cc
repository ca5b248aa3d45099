// Live groups as files: what is written, and that it asks for just what is there.
#include "plan/export_files.h"

#include <algorithm>

#include "plan/policies.h"
#include "plan/secrets.h"
#include "tests/plan/support.h"
#include "tests/plan/table_generator.h"

namespace sluice {
namespace {

using test::api;
using test::body;
using test::contains;
using test::json;
using test::text_of;

LiveState live(std::vector<Resource> apis, const std::vector<std::string>& environments = {"RELEASE"}) {
  LiveState state = test::live({test::group("pets", "Pets")});
  for (Resource& resource : apis) {
    for (const std::string& environment : environments) {
      Resource served = test::published(resource, environment);
      state.resources.emplace(served.address, std::move(served));
    }
    state.resources.emplace(resource.address, std::move(resource));
  }
  return state;
}

ExportedFiles written(const LiveState& state, const ExportOptions& options = {}, const LiveState& policies = {}) {
  return export_files({{"pets", state}}, policies, options);
}

std::string text_of(const ExportedFiles& files, const std::string& path) {
  for (const ExportedFile& file : files.files) {
    if (file.path == path) return file.text;
  }
  FAIL("no file " << path);
  return {};
}

/// A backend parameter that says a constant.
Value with_constant(Value api, const std::string& name, const std::string& value) {
  Value backend = *api.find("x-apigateway-backend");
  Value parameters = backend.find("parameters") == nullptr ? Value::array() : *backend.find("parameters");
  Value parameter = Value::object();
  parameter.set("in", "header").set("name", name).set("origin", "CONSTANT").set("value", value);
  backend.set("parameters", parameters.push(std::move(parameter)));
  return api.set("x-apigateway-backend", std::move(backend));
}

TEST_CASE("a group becomes a manifest and a Swagger file without what goes without saying") {
  const ExportedFiles files = written(live({api(body("GET", "/b", "get_b")), api(body("GET", "/a", "get_a"))}));
  CHECK(text_of(files.warnings).empty());
  CHECK(text_of(files, "sluice.yaml") ==
        "version: 1\ngroups:\n  - name: pets\n    description: Pets\n    environments:\n      - RELEASE\n    swagger: "
        "pets.yaml\n    operations:\n      auth: none\n");
  CHECK(text_of(files, "pets.yaml") == R"(swagger: "2.0"
info:
  title: pets
  version: "1"
paths:
  /a:
    get:
      operationId: get_a
      x-apigateway-backend:
        type: HTTP
        httpEndpoints:
          address: pets.internal:8080
          method: GET
          path: /a
      responses:
        default:
          description: default
  /b:
    get:
      operationId: get_b
      x-apigateway-backend:
        type: HTTP
        httpEndpoints:
          address: pets.internal:8080
          method: GET
          path: /b
      responses:
        default:
          description: default
)");
}

TEST_CASE("beside APIs that take authentication, one that takes none says so itself") {
  const Resource closed = api(test::with(body("GET", "/a", "get_a"), "security", json(R"({"type": "APP"})")));
  const ExportedFiles files = written(live({closed, api(body("GET", "/b", "get_b"))}));
  CHECK(text_of(files.warnings).empty());
  CHECK(contains(text_of(files, "pets.yaml"), "      operationId: get_b\n"));
  CHECK(contains(text_of(files, "pets.yaml"), "      security: []\n"));
  CHECK_FALSE(contains(text_of(files, "sluice.yaml"), "operations"));
}

TEST_CASE("texts survive, whatever they hold") {
  std::vector<Resource> apis;
  const char* const texts[] = {
      "yes",    "010",    "*star", "a: b",        "# no comment", "line\nline\n", "\"quoted\"", "'single'",
      "- dash", "${X} y", "$${X}", "  spaced  ",  "null",         "{a: 1}",       "tab\tis",    "\xC3\xA4\xE4\xB8\xAD",
      "<<",     "~",      "1e3",   "back\\slash", "%x",           "@at",          "!t"};
  int count = 0;
  for (const char* text : texts) {
    const std::string path = "/t" + std::to_string(++count);
    Value one = test::with(body("GET", path, "op_" + std::to_string(count)), "description", text);
    apis.push_back(api(one));
  }
  LiveState state = live(apis);
  state.resources.erase(Address::group("pets"));
  const Resource group = test::group("pets", "${HOME} \"x\": yes\n*");
  state.resources.emplace(group.address, group);
  CHECK(text_of(written(state).warnings).empty());
  CHECK(text_of(written(state, {.split = SplitBy::Paths}).warnings).empty());
}

TEST_CASE("values that look like credentials are not written, and the manifest asks for them") {
  const Resource one = api(with_constant(body("GET", "/a", "get_a"), "X-Api-Key", "hunter22"));
  const Resource two = api(with_constant(body("GET", "/b", "get_b"), "Authorization", "Basic abc"));
  const Resource three = api(with_constant(body("GET", "/c", "get_c"), "X-Api-Key", "hunter22"));
  const Resource plain = api(with_constant(body("GET", "/d", "get_d"), "X-Region", "eu"));
  const ExportedFiles files = written(live({one, two, three, plain}));
  CHECK(text_of(files.warnings).empty());
  REQUIRE(files.secrets.size() == 2);
  CHECK(files.secrets[0].name == "PETS_X_API_KEY");
  CHECK(files.secrets[0].uses == 2);
  CHECK(files.secrets[1].name == "PETS_AUTHORIZATION");
  for (const ExportedFile& file : files.files) {
    CHECK_FALSE(contains(file.text, "hunter22"));
    CHECK_FALSE(contains(file.text, "abc"));
  }
  CHECK(contains(text_of(files, "pets.yaml"), "value: eu"));
  CHECK(contains(text_of(files, "sluice.yaml"), "header:X-Api-Key"));
  CHECK(contains(text_of(files, "sluice.yaml"), "${secret:PETS_X_API_KEY}"));
}

TEST_CASE("the value of a credential is written nowhere else either") {
  const Resource one = api(with_constant(body("GET", "/z", "get_z"), "X-Api-Key", "hunter2222"));
  const Resource two = api(with_constant(body("GET", "/b", "get_b"), "X-Caller", "hunter2222"));
  const ExportedFiles files = written(live({one, two}));
  CHECK(text_of(files.warnings).empty());
  REQUIRE(files.secrets.size() == 1);
  CHECK(files.secrets[0].uses == 2);
  for (const ExportedFile& file : files.files) CHECK_FALSE(contains(file.text, "hunter2222"));
}

TEST_CASE("one path matched exactly and as a prefix is two operations, in two files") {
  Value prefix = body("GET", "/a", "get_all");
  prefix.set("x-apigateway-match-mode", "SWA");
  const ExportedFiles files = written(live({api(body("GET", "/a", "get_a")), api(prefix)}));
  CHECK(text_of(files.warnings).empty());
  CHECK(contains(text_of(files, "pets.yaml"), "operationId: get_a\n"));
  CHECK(contains(text_of(files, "pets-2.yaml"), "operationId: get_all\n"));
}

TEST_CASE("two values of one name are two secrets; one that all APIs have is one override") {
  const ExportedFiles two = written(live({api(with_constant(body("GET", "/a", "get_a"), "token", "first1")),
                                          api(with_constant(body("GET", "/b", "get_b"), "token", "second2"))}));
  CHECK(text_of(two.warnings).empty());
  REQUIRE(two.secrets.size() == 2);
  CHECK(two.secrets[1].name == "PETS_TOKEN_2");
  const ExportedFiles one = written(live({api(with_constant(body("GET", "/a", "get_a"), "token", "first1")),
                                          api(with_constant(body("GET", "/b", "get_b"), "token", "first1"))}));
  CHECK(text_of(one.warnings).empty());
  CHECK(contains(text_of(one, "sluice.yaml"), "* /**"));
}

TEST_CASE("a group is split by its first tag or by the first segment of the path") {
  const Resource a = api(test::with(body("GET", "/x/a", "get_a"), "tags", Value::array({"red"})));
  const Resource b = api(body("GET", "/y/b", "get_b"));
  const Resource root = api(body("GET", "/", "root"));
  const auto paths = [](const ExportedFiles& files) {
    std::vector<std::string> list;
    for (const ExportedFile& file : files.files) list.push_back(file.path);
    return list;
  };
  const ExportedFiles tags = written(live({a, b, root}), {.split = SplitBy::Tags});
  CHECK(text_of(tags.warnings).empty());
  CHECK(paths(tags) == std::vector<std::string>{"sluice.yaml", "pets/red.yaml", "pets/untagged.yaml"});
  const ExportedFiles segments = written(live({a, b, root}), {.split = SplitBy::Paths});
  CHECK(text_of(segments.warnings).empty());
  CHECK(paths(segments) == std::vector<std::string>{"sluice.yaml", "pets/root.yaml", "pets/x.yaml", "pets/y.yaml"});
}

TEST_CASE("groups whose names make one file name get files of their own") {
  const LiveState state = live({api(body("GET", "/a", "get_a"))});
  std::map<std::string, LiveState> groups;
  for (const char* name : {"a.b", "a:b", "A_B", "sluice"}) {
    LiveState own;
    const Resource group = test::group(name);
    own.resources.emplace(group.address, group);
    const Resource one = api(body("GET", "/a", "get_a"), name);
    own.resources.emplace(one.address, one);
    groups.emplace(name, own);
  }
  const ExportedFiles files = export_files(groups, {}, {});
  CHECK(text_of(files.warnings).empty());
  std::set<std::string> lower_case;
  for (const ExportedFile& file : files.files) lower_case.insert(lower(file.path));
  CHECK(lower_case.size() == 5);
}

TEST_CASE("environments are those in which every API is served as it is; of others it warns") {
  LiveState state = live({api(body("GET", "/a", "get_a")), api(body("GET", "/b", "get_b"))}, {"RELEASE", "TEST"});
  state.resources.erase(Address::publication(Address::api("pets", "GET", "/b", "NORMAL"), "TEST"));
  const ExportedFiles files = written(state);
  REQUIRE(files.groups.size() == 1);
  CHECK(files.groups[0].environments == std::vector<std::string>{"RELEASE"});
  REQUIRE(files.warnings.size() == 1);
  CHECK(files.warnings[0].summary ==
        "The group pets is published in TEST, but not every API as it is (the first is api.pets[\"GET /b\"]).");
  // A draft that was edited is not served as it is.
  LiveState edited = live({api(body("GET", "/a", "get_a"))});
  Resource& draft = edited.resources.at(Address::api("pets", "GET", "/a", "NORMAL"));
  draft = api(test::with(body("GET", "/a", "get_a"), "description", "edited"));
  CHECK(written(edited).groups[0].environments.empty());
}

TEST_CASE("policies and responses come along; what the gateway does not show is external") {
  Value used = test::with(body("GET", "/a", "get_a"), "x-apigateway-ratelimit", "gold");
  used.set("x-apigateway-access-control", "elsewhere").set("x-apigateway-response", "teapot");
  LiveState state = live({api(used)});
  const Resource teapot =
      make_resource(Address::response("pets", "teapot"), json(R"({"THROTTLED": {"status": 418, "body": "x"}})"));
  state.resources.emplace(teapot.address, teapot);
  LiveState policies;
  const Resource gold = make_resource(Address::ratelimit("gold"), json(R"({"api-limit": 9, "unit": "DAY"})"));
  policies.resources.emplace(gold.address, gold);
  const ExportedFiles files = written(state, {}, policies);
  CHECK(text_of(files.warnings).empty());
  CHECK(contains(text_of(files, "sluice.yaml"),
                 "ratelimits:\n  gold:\n    api-limit: 9\n    interval: 1\n    unit: DAY\n"));
  CHECK(contains(text_of(files, "sluice.yaml"), "external:\n  - acl.elsewhere\n"));
  CHECK(contains(text_of(files, "pets.yaml"), "x-apigateway-responses:\n  teapot:\n"));
}

TEST_CASE("one API that is not served keeps others from being bound, so it is left out") {
  const Resource bound = api(test::with(body("GET", "/a", "get_a"), "x-apigateway-plugins", Value::array({"cors"})));
  LiveState state = live({bound});
  const Resource draft = api(body("GET", "/draft", "draft"));
  state.resources.emplace(draft.address, draft);
  const ExportedFiles files = written(state);
  REQUIRE(files.warnings.size() == 1);
  CHECK(files.warnings[0].code == "export-unpublished");
  CHECK(files.groups[0].apis == 1);
}

TEST_CASE("a thousand random APIs, written and read, ask for nothing new") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    test::TableGenerator random(seed);
    std::vector<Resource> apis;
    for (int i = 0; i < 25; ++i) {
      Value one = random.api();
      for (const std::string_view policy : {"x-apigateway-ratelimit", "x-apigateway-access-control"}) {
        if (one.find(policy) != nullptr) one.set(policy, "policy_" + std::string(one.text(policy)));
      }
      apis.push_back(api(one));
    }
    LiveState state = live(apis);
    LiveState policies;
    for (const Resource& one : apis) {
      for (const Address& policy : policies_used_by(one.body)) {
        const Resource made = make_resource(policy, policy.type() == "acl" ? random.acl() : random.ratelimit());
        policies.resources.emplace(policy, made);
      }
    }
    ExportOptions options;
    if (seed % 3 == 1) options.split = SplitBy::Tags;
    if (seed % 3 == 2) options.split = SplitBy::Paths;
    const ExportedFiles files = written(state, options, policies);
    INFO("seed " << seed << "\n" << text_of(files.warnings));
    CHECK(files.warnings.empty());
    // Each file is read by itself too, so that not only the exporter's own check says so.
    std::size_t operations = 0;
    for (const ExportedFile& file : files.files) {
      const auto document = parse_document({file.path, file.text});
      REQUIRE(document.value);
      const Value* paths = document.value->find("paths");
      if (paths == nullptr) continue;
      for (const auto& path : paths->members()) operations += path.value.members().size();
    }
    CHECK(operations == apis.size());
  }
}

TEST_CASE("what cannot be said is said") {
  const Resource odd = api(test::with(body("GET", "/a", "get_x"), "operationId", "!"));  // no name that an import takes
  const ExportedFiles files = written(live({odd}));
  CHECK(std::any_of(files.warnings.begin(), files.warnings.end(), [](const Diagnostic& warning) {
    return warning.code == "export-differs" || warning.code == "export-unreadable";
  }));
}

}  // namespace
}  // namespace sluice
