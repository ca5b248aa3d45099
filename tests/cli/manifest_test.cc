// What a whole manifest makes of its files: render, several files, secrets.
#include <filesystem>
#include <fstream>

#include "plan/yaml.h"
#include "tests/cli/bench.h"

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kOperations = "    operations: {auth: app, backend: {type: HTTP, address: 'b:80', timeout: 3000}}\n";

/// Whether the bytes stand in any file of the folder but the gateway's own.
std::string files_with(const TempFolder& folder, const std::string& bytes) {
  std::string found;
  for (const std::string& name : folder.files()) {
    if (name.find("gateway.db") == std::string::npos && contains(folder.read(name), bytes)) found += name + " ";
  }
  return found;
}

void secret_manifest(const Bench& bench) {
  bench.folder.write("sluice.yaml",
                     "version: 1\ngroups:\n  - name: pets\n    swagger: pets.json\n"
                     "    operations: {auth: none, backend: {type: HTTP, address: 'b:80', path: "
                     "'/hook/${secret:HOOK}{path}'}}\n"
                     "    overrides:\n      - match: GET /a0\n        set: {x-apigateway-backend: {parameters: [{in: "
                     "header, name: X-Tenant, origin: CONSTANT, value: 'Bearer ${secret:KEY}'}]}}\n");
}

const Process::Variables kSecrets = {{"HOOK", "hook-plain-1"}, {"KEY", "key-plain-1"}};
/// With a key of their hashes, for a plan that is saved before the first apply.
const Process::Variables kKeyed = {
    {"HOOK", "hook-plain-1"}, {"KEY", "key-plain-1"}, {"SLUICE_HASH_KEY", "a key of the team"}};

}  // namespace

TEST_CASE("what render prints is what an import carries: as a manifest's file it plans to no change") {
  const Bench bench(Operations{{"/a0", "one"}, {"/b/{id}", "two"}});
  bench.folder.write("sluice.yaml",
                     "version: 1\ngroups:\n  - name: pets\n    description: pets\n    swagger: pets.json\n" +
                         kOperations +
                         "    overrides:\n      - match: GET /a0\n        set: {description: patched, tags: "
                         "[x]}\n");
  bench.applied();
  const Finished rendered = bench.run({"render"});
  INFO(rendered.err);
  REQUIRE(rendered.code == 0);
  CHECK(bench.run({"render"}).out == rendered.out);
  CHECK(contains(rendered.out, "description: patched"));
  bench.folder.write("rendered.yaml", rendered.out);
  bench.folder.write("sluice.yaml",
                     "version: 1\ngroups:\n  - {name: pets, description: pets, swagger: rendered.yaml}\n");
  bench.converged();
  const Value json = json_of(bench.run({"render", "--format", "json"}).out);
  CHECK(at(json, "info/title") == Value("pets"));
  CHECK(json == *parse_yaml(bench.run({"render"}).out));
}

TEST_CASE("render chooses groups, explains values and sends nothing") {
  const Bench bench;
  bench.folder.write("sluice.yaml", manifest({"pets", "toys"}));
  bench.folder.write("toys.json", swagger({{"/t", "toy"}}));
  const Finished all = bench.run({"render"});
  CHECK(contains(all.out, "\n---\n"));
  CHECK(json_of(bench.run({"render", "--format", "json"}).out).items().size() == 2);
  const Finished toys = bench.run({"render", "--group", "toys"});
  CHECK(contains(toys.out, "title: toys"));
  CHECK_FALSE(contains(toys.out, "title: pets"));
  const Finished unknown = bench.run({"render", "--group", "toy"});
  CHECK(unknown.code == 1);
  CHECK(unknown.err == "Error: The manifest has no group \"toy\": perhaps \"toys\" is meant.\n");
  const Finished explained = bench.run({"render", "--group", "toys", "--explain"});
  CHECK(contains(explained.out, "    # /description: toys.json:"));
  CHECK(contains(explained.out, "    # /security/type: operations\n"));
  CHECK(contains(explained.out, "    # /x-apigateway-cors: gateway default\n"));
  CHECK(*parse_yaml(explained.out) == *parse_yaml(toys.out));  // comments beside the same document
  const Value json = json_of(bench.run({"render", "--group", "toys", "--explain", "--format", "json"}).out);
  CHECK(at(json, "document/info/title") == Value("toys"));
  CHECK(json.find("origins")->find("api.toys[\"GET /t\"]") != nullptr);
  CHECK_FALSE(std::filesystem::exists(bench.folder / ".sluice"));
}

TEST_CASE("a plan is not written over any of its files") {
  const Bench bench;
  bench.folder.write("sluice.yaml", "version: 1\ninclude: [teams/*.yaml]\n");
  bench.folder.write("teams/a.yaml", "groups:\n  - name: pets\n    swagger: '*.json'\n" + kOperations);
  bench.folder.write("teams/pets.json", bench.folder.read("pets.json"));
  bench.folder.write("vars.env", "A=1\n");
  for (const std::string file : {"sluice.yaml", "teams/a.yaml", "teams/pets.json", "vars.env"}) {
    const std::string before = bench.folder.read(file);
    const Finished done = bench.run({"plan", "--var-file", "vars.env", "--out", file});
    CHECK(done.code == 1);
    CHECK(contains(done.err, "--out " + file + " is one of the files that the plan is made of"));
    CHECK(bench.folder.read(file) == before);
  }
  CHECK(bench.run({"plan", "--var-file", "vars.env", "--out", "plan.json"}).code == 0);
}

TEST_CASE("no byte of a secret is in a plan, the state, output or an error, and the gateway has it") {
  const Bench bench(many(1));
  secret_manifest(bench);
  std::string said;
  const auto run = [&](const std::vector<std::string>& words) {
    const Finished done = bench.run(words, kKeyed);
    said += done.out + done.err;
    return done.code;
  };
  CHECK(run({"plan", "--out", "plan.json"}) == 0);
  CHECK(run({"show", "plan.json"}) == 0);
  CHECK(run({"plan", "--format", "json"}) == 0);
  CHECK(run({"apply", "plan.json"}) == 0);
  CHECK(run({"plan", "--detailed-exitcode"}) == 0);
  CHECK(run({"drift"}) == 0);
  CHECK(run({"state", "show", "--format", "json"}) == 0);
  CHECK(run({"render", "--explain"}) == 0);
  CHECK(contains(said, "${secret:KEY}"));
  CHECK(contains(said, "(sensitive)"));
  for (const std::string plain : {"hook-plain-1", "key-plain-1", "a key of the team"}) {
    CHECK_FALSE(contains(said, plain));
    CHECK(files_with(bench.folder, plain).empty());
  }
  const std::string live = bench.folder.read(".sluice/gateway.db") + bench.folder.read(".sluice/gateway.db-wal");
  CHECK(contains(live, "hook-plain-1"));
  CHECK(contains(live, "key-plain-1"));
}

TEST_CASE("a rotated secret is an update that shows nothing of it, and another value on the gateway is drift") {
  const Bench bench(many(1));
  secret_manifest(bench);
  REQUIRE(bench.run({"apply", "--auto-approve"}, kSecrets).code == 0);
  Process::Variables rotated = kSecrets;
  rotated["KEY"] = "key-plain-2";
  const Finished plan = bench.run({"plan", "--detailed-exitcode"}, rotated);
  CHECK(plan.code == 2);
  CHECK(contains(plan.out, "/x-apigateway-backend/parameters/header:X-Tenant/value: (sensitive) -> (sensitive)"));
  const Value json = json_of(bench.run({"plan", "--format", "json"}, rotated).out);
  const Value change = at(json, "resource_changes/0/change");
  CHECK(write_json(at(change, "after_sensitive")) ==
        R"({"x-apigateway-backend":{"httpEndpoints":{"path":true},"parameters":[{"value":true}]}})");
  const std::string before = write_json(at(change, "before"));
  CHECK_FALSE(contains(before, "plain"));
  CHECK(bench.run({"apply", "--auto-approve"}, rotated).code == 0);
  CHECK(bench.run({"plan", "--detailed-exitcode"}, rotated).code == 0);
  CHECK(bench.run({"plan", "--detailed-exitcode"}, kSecrets).code == 2);
  // Somebody else puts the first secret back.
  TempFolder other;
  other.write("sluice.yaml", "gateway: {provider: embedded, data: '" + (bench.folder / ".sluice/gateway.db") + "'}\n" +
                                 bench.folder.read("sluice.yaml"));
  other.write("pets.json", bench.folder.read("pets.json"));
  REQUIRE(Process(other.path(), {SLUICE_BINARY, "apply", "--auto-approve", "--adopt", "**"}, kSecrets).wait().code ==
          0);
  const Finished drift = bench.run({"drift"}, kSecrets);
  CHECK(drift.code == 2);
  CHECK(contains(drift.out, "header:X-Tenant/value: (sensitive) -> (sensitive)"));
  CHECK_FALSE(contains(drift.out + drift.err, "plain"));
}

TEST_CASE("a saved plan reads its secrets again, and is refused when they are not the same") {
  const Bench bench(many(1));
  secret_manifest(bench);
  REQUIRE(bench.run({"plan", "--out", "plan.json"}, kKeyed).code == 0);
  Process::Variables rotated = kKeyed;
  rotated["HOOK"] = "hook-plain-2";
  const Finished refused = bench.run({"apply", "plan.json"}, rotated);
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "The plan holds a secret that no ${secret:NAME} of the manifest has now"));
  CHECK(bench.run({"apply", "plan.json"}, {{"KEY", "key-plain-1"}, {"SLUICE_HASH_KEY", "a key of the team"}}).code ==
        1);  // one is not set
  CHECK(bench.run({"apply", "plan.json"}, kKeyed).code == 0);
  CHECK(bench.run({"apply", "plan.json"}, kKeyed).code == 0);  // done: sends nothing
  CHECK(bench.run({"plan", "--detailed-exitcode"}, kKeyed).code == 0);
}

TEST_CASE("a plan with secrets is not saved before there is a key, and only its owner reads plan and state") {
  const Bench bench(many(1));
  secret_manifest(bench);
  const Finished refused = bench.run({"plan", "--out", "plan.json"}, kSecrets);
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "set SLUICE_HASH_KEY for plan and apply, or apply once without a saved plan"));
  CHECK_FALSE(std::filesystem::exists(bench.folder / "plan.json"));
  const Finished shown = bench.run({"plan"}, kSecrets);
  CHECK(shown.code == 0);
  CHECK(contains(shown.err, "the digest differs each time"));
  CHECK(bench.run({"apply", "--auto-approve"}, kSecrets).code == 0);
  const Finished saved = bench.run({"plan", "--out", "plan.json"}, kSecrets);
  CHECK(saved.code == 0);
  CHECK_FALSE(contains(saved.err, "digest"));
  CHECK_FALSE(contains(bench.folder.read("plan.json"), "hash_key"));
  constexpr auto kOthers = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  for (const std::string file : {"plan.json", ".sluice/state.db"}) {
    CHECK((std::filesystem::status(bench.folder / file).permissions() & kOthers) == std::filesystem::perms::none);
  }
}

TEST_CASE("a secret that is renamed on the gateway is shown, kept and told without a byte of it") {
  const Bench bench(many(1));
  secret_manifest(bench);
  REQUIRE(bench.run({"apply", "--auto-approve"}, kSecrets).code == 0);
  TempFolder other;
  std::string manifest = bench.folder.read("sluice.yaml");
  manifest.replace(manifest.find("X-Tenant"), 8, "X-Moved");
  other.write("sluice.yaml",
              "gateway: {provider: embedded, data: '" + (bench.folder / ".sluice/gateway.db") + "'}\n" + manifest);
  other.write("pets.json", bench.folder.read("pets.json"));
  REQUIRE(Process(other.path(), {SLUICE_BINARY, "apply", "--auto-approve", "--adopt", "**"}, kSecrets).wait().code ==
          0);
  std::string said;
  const auto run = [&](const std::vector<std::string>& words) {
    const Finished done = bench.run(words, kSecrets);
    said += done.out + done.err;
    return done.code;
  };
  CHECK(run({"drift"}) == 2);
  CHECK(contains(said, "header:X-Moved"));
  CHECK(run({"plan", "--out", "plan.json", "--format", "json"}) == 0);
  CHECK(run({"apply", "--auto-approve", "--on-drift", "keep"}) == 0);
  CHECK(run({"drift"}) == 0);
  CHECK_FALSE(contains(said, "key-plain-1"));
  CHECK(files_with(bench.folder, "key-plain-1").empty());
}

TEST_CASE("validate finds what a secret breaks, and what only looks like one") {
  const Bench bench(many(1));
  secret_manifest(bench);
  const std::string good = bench.folder.read("sluice.yaml");
  CHECK(bench.run({"validate"}, kSecrets).code == 0);
  std::string bad = good;
  bad.replace(bad.find("{x-apigateway-backend"), 1, "{description: '" + std::string(250, 'x') + "${secret:KEY}', ");
  bench.folder.write("sluice.yaml", bad);
  const Finished longer = bench.run({"validate"}, kSecrets);
  CHECK(longer.code == 2);
  CHECK(contains(longer.err, "a description or sample is longer than the gateway takes"));
  CHECK(bench.run({"apply", "--auto-approve"}, kSecrets).code == 1);
  bench.folder.write("sluice.yaml", good);
  const std::string mask = "pre secret:hmac-sha256:" + std::string(32, 'a') + " post";
  std::string swagger = bench.folder.read("pets.json");
  swagger.replace(
      swagger.find("\"info\""), 6,
      R"("x-apigateway-responses":{"mine":{"AUTH_FAILURE":{"status":401,"body":")" + mask + R"("}}},"info")");
  bench.folder.write("pets.json", swagger);
  const Finished looks = bench.run({"validate"}, kSecrets);
  CHECK(looks.code == 2);
  CHECK(contains(looks.err, "response.pets.mine holds a text that stands for a secret"));
}

TEST_CASE("SLUICE_HASH_KEY makes the hashes the same everywhere") {
  const Bench one(many(1));
  const Bench two(many(1));
  Process::Variables keyed = kSecrets;
  keyed["SLUICE_HASH_KEY"] = "a key of the team";
  for (const Bench* bench : {&one, &two}) secret_manifest(*bench);
  const auto digest = [](const Bench& bench, const Process::Variables& variables) {
    return at(json_of(bench.run({"plan", "--format", "json"}, variables).out), "digest");
  };
  CHECK(digest(one, keyed) == digest(two, keyed));
  CHECK_FALSE(digest(one, kSecrets) == digest(two, kSecrets));
  CHECK(one.run({"apply", "--auto-approve"}, keyed).code == 0);
  CHECK(one.run({"plan", "--detailed-exitcode"}, keyed).code == 0);
  CHECK_FALSE(contains(one.folder.read(".sluice/state.db"), "a key of the team"));
}

TEST_CASE("a value that becomes a secret is no change, and leaves the state with the next apply") {
  const Bench bench(many(1));
  secret_manifest(bench);
  const std::string secret = bench.folder.read("sluice.yaml");
  std::string plain = secret;
  plain.replace(plain.find("${secret:HOOK}"), 14, "hook-plain-1");
  plain.replace(plain.find("${secret:KEY}"), 13, "key-plain-1");
  bench.folder.write("sluice.yaml", plain);
  bench.applied();
  CHECK_FALSE(files_with(bench.folder, "hook-plain-1").empty());
  bench.folder.write("sluice.yaml", secret);
  const Finished plan = bench.run({"plan", "--detailed-exitcode"}, kSecrets);
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  CHECK(bench.run({"apply", "--auto-approve"}, kSecrets).code == 0);
  CHECK(files_with(bench.folder, "hook-plain-1").empty());
  CHECK(bench.run({"drift"}, kSecrets).code == 0);
}

TEST_CASE("a secret that becomes plain text converges, from a saved plan too") {
  const Bench bench(many(1));
  secret_manifest(bench);
  const std::string secret = bench.folder.read("sluice.yaml");
  REQUIRE(bench.run({"apply", "--auto-approve"}, kSecrets).code == 0);
  std::string plain = secret;
  plain.replace(plain.find("${secret:HOOK}"), 14, "hook-plain-1");  // as it was
  plain.replace(plain.find("Bearer ${secret:KEY}"), 20, "open");
  bench.folder.write("sluice.yaml", plain);
  const Finished plan = bench.run({"plan", "--out", "plan.json", "--detailed-exitcode"});
  CHECK(plan.code == 2);
  CHECK(contains(plan.out, "header:X-Tenant/value: (sensitive) -> \"open\""));
  CHECK_FALSE(contains(plan.out, "hook-plain-1"));
  CHECK(bench.run({"drift"}).code == 0);
  const Finished applied = bench.run({"apply", "plan.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  CHECK(bench.run({"drift"}).code == 0);
  bench.converged();
}
