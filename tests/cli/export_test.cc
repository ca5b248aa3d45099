// Live groups as files: written, planned from, owned.
#include <regex>

#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kRich = R"(swagger: "2.0"
info: {title: pets, version: "1"}
securityDefinitions:
  app: {type: apiKey, name: Authorization, in: header, x-apigateway-auth-type: AppSigv1}
x-apigateway-responses:
  teapot: {THROTTLED: {status: 418, body: {application/json: '{"m": "slow"}'}}}
paths:
  /pets:
    get:
      operationId: listPets
      description: "yes: *no*, 010 # \"quoted\" ${X}"
      tags: [public]
      security: [{app: []}]
      parameters: [{in: query, name: limit, type: integer, maximum: 50}]
      x-apigateway-ratelimit: gold
      x-apigateway-access-control: office
      x-apigateway-response: teapot
      x-apigateway-cors: true
      x-apigateway-backend:
        type: HTTP
        parameters: [{in: header, name: X-Api-Key, origin: CONSTANT, value: hunter22}]
        httpEndpoints: {address: "b:80", method: GET, path: /pets, timeout: 3000}
  /pets/{id}:
    get:
      operationId: getPet
      security: []
      parameters: [{in: path, name: id, type: string, required: true}]
      x-apigateway-backend:
        type: HTTP
        parameters: [{in: path, name: id, origin: REQUEST, value: id}]
        httpEndpoints: {address: "b:80", method: GET, path: "/pets/{id}"}
  /wide:
    post: {operationId: mock, security: [], x-apigateway-match-mode: SWA, x-apigateway-backend: {type: MOCK, mockEndpoints: {result-content: "a\nb\n"}}}
)";

/// A rich group, applied to the embedded gateway.
struct Rich : Bench {
  Rich() {
    folder.write(
        "sluice.yaml",
        "version: 1\nratelimits: {gold: {api-limit: 9, interval: 1, unit: DAY}}\nacls: {office: {acl-type: PERMIT, "
        "value: "
        "10.0.0.1}}\ngroups:\n  - {name: pets, description: 'Pets: ${X:-${X:-it}} \"x\"', swagger: pets.yaml}\n");
    folder.write("sluice.yaml",
                 std::regex_replace(folder.read("sluice.yaml"), std::regex(R"(\$\{X[^"]*)"), "$$$${X} "));
    folder.write("pets.yaml", kRich);
    applied();
  }
};

Finished in_export(const Bench& bench, std::vector<std::string> words,
                   const Process::Variables& variables = {{"PETS_X_API_KEY", "hunter22"}}) {
  words.insert(words.begin(), SLUICE_BINARY);
  return Process(bench.folder / "out", words, variables).wait();
}

void plans_to_nothing(const Bench& bench) {
  const Finished plan = in_export(bench, {"plan", "--detailed-exitcode"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  CHECK_FALSE(contains(plan.out, "Not managed"));
}

}  // namespace

TEST_CASE("what export wrote plans to no change, also once it is owned, however it is split") {
  const Rich bench;
  for (const std::vector<std::string>& split :
       std::vector<std::vector<std::string>>{{}, {"--split", "tags"}, {"--split", "paths"}}) {
    std::filesystem::remove_all(bench.folder / "out");
    std::vector<std::string> words = {"export", "--group", "p*", "--out", "out"};
    words.insert(words.end(), split.begin(), split.end());
    const Finished done = bench.run(words);
    INFO(done.out + done.err);
    CHECK(done.code == 0);
    CHECK(contains(done.out, "out/sluice.yaml\n"));
    CHECK(contains(done.err, "before `sluice plan`:\n  PETS_X_API_KEY (api.pets[\"GET /pets\"])\n"));
    for (const std::string& file : bench.folder.files()) {
      const bool exported = file.starts_with("out/") && file.ends_with(".yaml");
      if (exported) CHECK_FALSE(contains(bench.folder.read(file), "hunter22"));
    }
    plans_to_nothing(bench);
    CHECK(in_export(bench, {"plan"}, {}).code == 1);  // the secret is not set
    const Finished owned = in_export(bench, {"import", "**"});
    INFO(owned.err);
    CHECK(owned.code == 0);
    CHECK_FALSE(contains(owned.err, "Warning: The files do not ask for"));
    plans_to_nothing(bench);
    CHECK(in_export(bench, {"drift"}).code == 0);
    CHECK(in_export(bench, {"plan", "--format", "json"}).out.find("\"unowned\": []") != std::string::npos);
  }
}

TEST_CASE("an export replaces nothing: all files or none") {
  const Rich bench;
  bench.folder.write("out/pets.yaml", "mine");
  const Finished done = bench.run({"export", "--out", "out"});
  INFO(done.err);
  CHECK(done.code != 0);
  CHECK(contains(done.err, "Nothing was written."));
  CHECK(bench.folder.read("out/pets.yaml") == "mine");
  CHECK_FALSE(bench.folder.files().contains("out/sluice.yaml"));
  const Finished wrong = bench.run({"export", "--group", "pet", "--out", "out"});
  CHECK(wrong.code == 1);
  CHECK(contains(wrong.err, "near it is pets"));
  CHECK(bench.run({"export", "--split", "files", "--out", "x"}).code == 64);
}

TEST_CASE("without --out the Swagger of one group goes to stdout, and json holds everything") {
  const Rich bench;
  const Finished text = bench.run({"export", "--group", "pets"});
  INFO(text.err);
  CHECK(text.code == 0);
  CHECK(text.out.starts_with("swagger: \"2.0\"\n"));
  CHECK_FALSE(contains(text.out, "hunter22"));
  const Value json = json_of(bench.run({"export", "--format", "json"}).out);
  CHECK(at(json, "files/0/path") == Value("sluice.yaml"));
  CHECK(contains(at(json, "files/1/text").as_string(), "operationId: listPets"));
  CHECK(at(json, "groups/0/apis") == Value(3));
  CHECK(at(json, "groups/0/environments/0") == Value("RELEASE"));
  CHECK(at(json, "secrets/0/name") == Value("PETS_X_API_KEY"));
}

TEST_CASE("a draft among what is published, and another environment, are told and plan to no change") {
  const Served served;
  const ServedBench bench(served, {"cats", "dogs"});
  served.ask("POST", "/envs", R"({"name": "TEST"})");
  std::string both = manifest({"cats", "dogs"}, served.gateway_block());
  both.insert(both.find("    swagger: dogs"), "    environments: [RELEASE, TEST]\n");
  bench.folder.write("sluice.yaml", both);
  bench.applied();
  const Value groups = served.ask("GET", "/api-groups?name=dogs");
  const std::string group_id(at(groups, "groups/0/id").as_string());
  const Value listed = served.ask("GET", "/apis?group_id=" + group_id);
  Value api = at(listed, "apis/0");
  served.ask("POST", "/apis/action",
             R"({"action": "offline", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": ")" +
                 std::string(api.text("id")) + "\"}");
  const Finished done = bench.run({"export", "--out", "out"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(contains(done.err, "The group dogs is published in RELEASE, but not every API as it is"));
  CHECK(contains(bench.folder.read("out/sluice.yaml"), "environments:\n      - TEST\n"));
  plans_to_nothing(bench);
  CHECK(in_export(bench, {"import", "group.*", "api.**"}).code == 0);
  plans_to_nothing(bench);
  CHECK(contains(bench.folder.read("out/sluice.yaml"), served.endpoint()));
}

TEST_CASE("many groups are exported and owned by one glob each, in one go") {
  const Served served;
  std::vector<std::string> groups;
  for (int i = 0; i < 40; ++i) groups.push_back("g" + std::to_string(100 + i));
  const ServedBench bench(served, groups);
  bench.applied();
  REQUIRE(bench.run({"export", "--out", "out"}).code == 0);
  plans_to_nothing(bench);
  const Finished owned = in_export(bench, {"import", "group.*", "api.**"});
  INFO(owned.err);
  CHECK(owned.code == 0);
  CHECK(contains(owned.err, "Imported 200 resources; nothing was sent"));
  plans_to_nothing(bench);
  const Finished again = in_export(bench, {"import", "**"});
  CHECK(again.code == 0);
  CHECK(contains(again.err, "Imported 0 resources"));
}
