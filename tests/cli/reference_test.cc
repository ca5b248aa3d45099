// What the files only name: looked up at plan, before anything is sent. And validate, which tells everything at once.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// One group whose `operations` are these.
void write_manifest(const Bench& bench, const std::string& head, const std::string& operations,
                    const std::string& more = "") {
  bench.folder.write("sluice.yaml", "version: 1\n" + head + "groups:\n  - name: pets\n    swagger: pets.json\n" + more +
                                        "    operations: {" + operations + "}\n");
}

const std::string kBackend = "backend: {type: HTTP, address: 'b:80', scheme: http}";

}  // namespace

TEST_CASE("names that the gateway does not have end a plan and an apply, and nothing is sent") {
  const Served served;
  const ServedBench bench(served);
  served.ask("POST", "/plugins",
             R"({"plugin_name":"cors1","plugin_type":"cors","plugin_scope":"global","plugin_content":"{}"})");
  write_manifest(bench, served.gateway_block(),
                 "auth: authorizer login, plugins: [cors2], backend: {type: HTTP-VPC, channel: web, scheme: http}",
                 "    environments: [RELEASE, TEST]\n");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"plan"}, {"apply", "--auto-approve"}}) {
    const Finished done = bench.run(words);
    INFO(done.out + done.err);
    CHECK(done.code == 1);
    CHECK(contains(done.out, words[0] == "plan" ? "No plan: 4 errors are in the way." : ""));
    CHECK((words[0] == "plan" || done.out.empty()));
    CHECK(contains(done.err, "sluice.yaml:6:29: error: The environment TEST does not exist"));
    CHECK(contains(done.err, "sluice.yaml:7:24: error: The authorizer login does not exist"));
    CHECK(
        contains(done.err, "The plug-in cors2 does not exist on the gateway; 2 operations of the group pets name it"));
    CHECK(contains(done.err, "Did you mean cors1? Create it on the gateway, or correct the name."));
    CHECK(contains(done.err, "error: The VPC channel web does not exist"));
  }
  CHECK(at(served.ask("GET", "/api-groups?name=pets"), "total") == Value(0));
  const auto events = events_of(bench.run({"apply", "--auto-approve", "--format", "json"}));
  CHECK(events_of_type(events, "diagnostic").size() == 4);
  served.ask("POST", "/envs", R"({"name":"TEST"})");
  served.ask("POST", "/vpc-channels", R"({"name":"web","port":80,"balance_strategy":1,"member_type":"ip"})");
  served.ask("POST", "/authorizers",
             R"({"name":"login","type":"FRONTEND","authorizer_type":"FUNC","authorizer_uri":"urn:x"})");
  served.ask("POST", "/plugins",
             R"({"plugin_name":"cors2","plugin_type":"cors","plugin_scope":"global","plugin_content":"{}"})");
  bench.applied();
  bench.converged();
}

TEST_CASE("the embedded gateway of a first try takes channels and authorizers that were never made, with a warning") {
  const Bench bench;
  const std::string operations = "auth: authorizer login, backend: {type: HTTP-VPC, channel: web, scheme: http}";
  write_manifest(bench, "", operations);
  bench.applied();
  const Finished plan = bench.run({"plan", "--detailed-exitcode"});
  CHECK(plan.code == 0);
  CHECK(contains(plan.err, "warning: The VPC channel web does not exist on the gateway"));
  CHECK(contains(plan.err, "a cloud would refuse"));
  write_manifest(bench, "gateway: {provider: embedded, quirks: {channels: checked, authorizers: checked}}\n",
                 operations);
  const Finished refused = bench.run({"plan"});
  CHECK(refused.code == 1);
  CHECK(contains(refused.err, "error: The VPC channel web does not exist on the gateway"));
  CHECK(contains(refused.err, "error: The authorizer login does not exist on the gateway"));
}

TEST_CASE("a plan that needs more than the quota allows is shown and refused") {
  const Bench bench(many(252));
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded, quirks: {edition: basic}}\n"));
  const Finished plan = bench.run({"plan", "--out", "plan.json"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 4);
  CHECK(contains(plan.out, "Plan: 253 to add"));
  CHECK(contains(plan.err, "Refused: This plan needs 2 more APIs than the gateway allows (it holds 0 of 250)"));
  CHECK(bench.apply().code == 4);
  CHECK(bench.run({"apply", "plan.json"}).code == 4);
  bench.pets(many(250));
  bench.applied();
  bench.converged();
}

TEST_CASE("deletions go first where a quota leaves no room for what is new beside them") {
  const Bench bench(many(250));
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded, quirks: {edition: basic}}\n"));
  bench.applied();
  Operations operations = many(250);
  operations[3] = {"/new", "three"};
  operations[4] = {"/newer", "four"};
  bench.pets(operations);
  const Finished plan = bench.run({"plan"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  CHECK(contains(plan.out, "It goes first: the gateway has no room for what is new beside it."));
  CHECK(plan.out.find("pets delete") < plan.out.find("pets import"));
  bench.applied();
  bench.converged();
}

TEST_CASE("validate tells what is wrong with the manifest and with the files of its sound groups, sorted") {
  const Bench bench;
  bench.folder.write("sluice.yaml",
                     "version: 2\ngroups:\n"
                     "  - name: pets\n    swagger: pets.json\n    operations: {auth: none, " +
                         kBackend +
                         "}\n"
                         "  - name: shop\n    swagger: shop.json\n    operations: {auht: none}\n");
  bench.folder.write("pets.json", swagger({{"/a/pre-{x}", "one"}}));
  bench.folder.write("shop.json", swagger({{"/a", "one"}}));
  const Finished done = bench.run({"validate"});
  INFO(done.err);
  CHECK(done.code == 2);
  CHECK(contains(done.err, "sluice.yaml:1:10: error: The manifest's version is 2"));
  CHECK(contains(done.err, "sluice.yaml:8:18: error: `auht` is not a key"));
  CHECK(contains(done.err, "pets.json:1:107: error"));
  CHECK(done.err.find("pets.json") < done.err.find("sluice.yaml"));
  CHECK_FALSE(contains(done.err, "shop.json"));  // what is wrong with it may come from the manifest
}

TEST_CASE("a wrong value of operations.backend is one finding, where it stands") {
  const Bench bench(many(30));
  write_manifest(bench, "", "auth: none, backend: {type: HTTP, address: 'http://b', scheme: http, timeout: 0}");
  const Finished done = bench.run({"validate"});
  INFO(done.err);
  CHECK(contains(done.err, "sluice.yaml:5:39: error: `operations.backend` of the group pets"));
  CHECK(contains(done.out, "Not valid: 2 errors."));
}

TEST_CASE("the last lines of an apply count what was adopted") {
  const Served served;
  const ServedBench bench(served);
  bench.applied();
  const ServedBench other(served);
  const Finished adopted = other.apply({"--adopt", "**"});
  INFO(adopted.out + adopted.err);
  CHECK(adopted.code == 0);
  CHECK(contains(adopted.out, "Resources: 0 added, 0 changed, 0 destroyed, 3 adopted."));
  CHECK_FALSE(contains(other.apply().out, "adopted"));
}

TEST_CASE("an API whose path was changed by hand is taken back as the refusal says") {
  const Served served;
  const ServedBench bench(served);
  bench.applied();
  const Value listed = at(served.ask("GET", "/apis"), "apis");
  for (const Value& api : listed.items()) {
    if (api.text("req_uri") != "/a") continue;
    Value body = served.ask("GET", "/apis/" + std::string(api.text("id")));
    body.set("req_uri", "/z");
    served.ask("PUT", "/apis/" + std::string(api.text("id")), write_json(body));
  }
  const Finished plan = bench.run({"plan"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 4);
  CHECK(contains(plan.err, "run `sluice import 'api.pets[\"GET /z\"]'`, then apply again"));
  CHECK(contains(plan.err, "say --adopt 'api.pets[\"GET /z\"]'"));
  CHECK(bench.run({"import", "api.pets[\"GET /z\"]"}).code == 0);
  const Finished done = bench.apply({"--on-drift", "revert"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  bench.converged();
  CHECK(at(served.ask("GET", "/apis"), "total") == Value(2));
}
