// Groups that get another name: one update, however far an earlier run came.
#include "tests/cli/hand.h"
#include "tests/cli/moves.h"

using namespace sluice;
using namespace sluice::test;

namespace {

const std::vector<Api> kApis = {{"get", "/a", "one"}, {"get", "/b/{id}", "two"}};

/// A group of a manifest: its name, and what it was called before.
struct Named {
  std::string name;
  std::string renamed_from = {};
};

struct Renaming {
  explicit Renaming(const std::vector<Named>& groups, const std::string& latency = "0s",
                    const std::vector<std::string>& flags = {})
      : served(latency, flags), bench(served) {
    say(groups);
    for (const Named& group : groups) files(group.name, kApis);
    bench.applied();
  }
  void say(const std::vector<Named>& groups) const {
    std::vector<std::string> names;
    for (const Named& group : groups) names.push_back(group.name);
    std::string text = manifest(names, served.gateway_block());
    for (const Named& group : groups) {
      if (group.renamed_from.empty()) continue;
      const std::string line = "- name: " + group.name + "\n";
      text.insert(text.find(line) + line.size(), "    renamed_from: " + group.renamed_from + "\n");
    }
    bench.folder.write("sluice.yaml", text);
  }
  void files(const std::string& group, const std::vector<Api>& apis) const {
    bench.folder.write(group + ".json", document(apis));
  }
  /// The names of the gateway's groups, by their ids.
  std::map<std::string, std::string> groups() const {
    std::map<std::string, std::string> found;
    for (const Value& group : list_at(served.ask("GET", "/api-groups?limit=100"), "groups")) {
      found.emplace(group.text("id"), group.text("name"));
    }
    return found;
  }
  std::string state() const { return bench.run({"state", "list"}).out; }
  Finished refused(const std::string& part) const {
    Finished plan = bench.run({"plan"});
    const Finished apply = bench.apply({"--max-deletes", "99"});
    INFO(plan.out + plan.err + apply.err);
    CHECK(plan.code == 4);
    CHECK(apply.code == 4);
    CHECK(contains(apply.err, part));
    return plan;
  }

  Served served;
  ServedBench bench;
};

void expect_renamed(const Renaming& renaming, const std::string& id, const std::string& name) {
  CHECK(renaming.groups().at(id) == name);
  renaming.bench.converged();
  const std::string state = renaming.state();
  INFO(state);
  CHECK(contains(state, "group." + name + "\n"));
  CHECK(contains(state, "api." + name + "[\"GET /a\"]"));
  CHECK(contains(state, "publication." + name + ".RELEASE[\"GET /a\"]"));
  CHECK_FALSE(contains(state, "pets"));
}

}  // namespace

TEST_CASE("a renamed group is one update, and its APIs stay") {
  const Renaming renaming({{"pets"}});
  const std::string id = renaming.groups().begin()->first;
  renaming.say({{"animals", "pets"}});
  renaming.files("animals", kApis);
  const Finished planned = renaming.bench.run({"plan", "--format", "json"});
  INFO(planned.out + planned.err);
  const Value plan = json_of(planned.out);
  CHECK(changes_of(planned) == "update group.animals from group.pets\n");
  const Value change = change_at(plan, "group.animals");
  bool named = false;
  for (const Value& field : list_at(change, "change/fields")) {
    if (field.text("path") != "/name") continue;
    named = field.text("before") == "pets" && field.text("after") == "animals" && field.text("origin") == "pending";
  }
  CHECK(named);
  CHECK(at(plan, "summary/no_op") == Value(2));
  CHECK(at(plan, "resource_drift").items().empty());
  CHECK(contains(renaming.bench.run({"plan"}).out, "# group.pets has moved to group.animals"));
  CHECK(contains(renaming.state(), "group.pets\n"));  // a plan changes nothing
  renaming.bench.applied();
  expect_renamed(renaming, id, "animals");
  // The line may stay, or go.
  renaming.bench.applied();
  renaming.say({{"animals"}});
  expect_renamed(renaming, id, "animals");
}

TEST_CASE("a rename comes along with what is targeted in the group") {
  const Renaming renaming({{"pets"}});
  const std::string id = renaming.groups().begin()->first;
  renaming.say({{"animals", "pets"}});
  renaming.files("animals", {{"get", "/a", "uno"}, {"get", "/b/{id}", "two"}});
  const Finished done = renaming.bench.apply({"--target", "api.animals[\"GET /a\"]"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(contains(done.out, "group.animals comes along"));
  expect_renamed(renaming, id, "animals");
}

TEST_CASE("what is protected in a group is protected under its new name") {
  const Renaming renaming({{"pets"}});
  const std::string plain = renaming.bench.folder.read("sluice.yaml");
  renaming.bench.folder.write("sluice.yaml", plain + "    protect: true\n");
  renaming.bench.applied();
  renaming.say({{"animals", "pets"}});
  renaming.files("animals", kApis);
  const std::string renamed = renaming.bench.folder.read("sluice.yaml");
  renaming.bench.folder.write("sluice.yaml", renamed + "    protect: true\n");
  renaming.bench.applied();
  renaming.say({{"other"}});
  renaming.files("other", kApis);
  renaming.refused("group.animals is protected");
}

TEST_CASE("a rename goes together with changes of the group's APIs") {
  const Renaming renaming({{"pets"}}, "20ms");
  const std::string id = renaming.groups().begin()->first;
  renaming.say({{"animals", "pets"}});
  renaming.files(
      "animals",
      {{"get", "/a", "uno"}, {"get", "/c/{id}", "two"}, {"get", "/new", "three", R"("description": "n", )"}});
  const Finished planned = renaming.bench.run({"plan", "--format", "json"});
  CHECK(changes_of(planned) ==
        "update group.animals from group.pets\nupdate api.animals[\"GET /a\"]\ndelete api.animals[\"GET /b/{id}\"] to "
        "api.animals[\"GET /c/{id}\"]\ncreate api.animals[\"GET /c/{id}\"] from api.animals[\"GET /b/{id}\"]\ncreate "
        "api.animals[\"GET /new\"]\n");
  CHECK(at(json_of(planned.out), "steps/0/kind") == Value("update-group"));
  bool outage = false;
  const Finished done = watched_apply(renaming.bench, renaming.served, [&](const ServedApis& now) {
    outage = outage || !now.contains("GET /a") || (!now.contains("GET /b/{id}") && !now.contains("GET /c/{id}"));
  });
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK_FALSE(outage);
  expect_renamed(renaming, id, "animals");
}

TEST_CASE("a group that has its new name already is only known by it") {
  const Renaming renaming({{"pets"}});
  const std::string id = renaming.groups().begin()->first;
  renaming.served.ask("PUT", "/api-groups/" + id, R"({"name":"animals","remark":"animals"})");
  renaming.say({{"animals", "pets"}});
  renaming.files("animals", kApis);
  const Finished plan = renaming.bench.run({"plan", "--detailed-exitcode"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  renaming.bench.applied();
  expect_renamed(renaming, id, "animals");
}

TEST_CASE("a rename that is in doubt is refused, with a way out") {
  SECTION("both are there") {
    const Renaming renaming({{"pets"}});
    renaming.served.ask("POST", "/api-groups", R"({"name":"animals"})");
    renaming.say({{"animals", "pets"}});
    renaming.files("animals", kApis);
    renaming.refused("the gateway has another group of that name");
    CHECK(renaming.groups().size() == 2);
  }
  SECTION("both are ours") {
    const Renaming renaming({{"animals"}, {"pets"}});
    renaming.say({{"animals", "pets"}});
    renaming.refused("the gateway has both groups");
  }
  SECTION("the old one is not ours") {
    const Renaming renaming({{"other"}});
    renaming.served.ask("POST", "/api-groups", R"({"name":"pets"})");
    renaming.say({{"animals", "pets"}, {"other"}});
    renaming.files("animals", kApis);
    renaming.refused("sluice import 'group.pets' 'api.pets**'");
  }
  SECTION("the manifest asks for both") {
    const Renaming renaming({{"pets"}});
    renaming.say({{"animals", "pets"}, {"pets"}});
    renaming.files("animals", kApis);
    renaming.refused("Do it in two steps: take pets out of the manifest");
    renaming.say({{"animals", "pets"}});
    renaming.bench.applied();
    renaming.say({{"animals", "pets"}, {"pets"}});
    renaming.bench.applied();
    renaming.bench.converged();
    CHECK(renaming.groups().size() == 2);
  }
  SECTION("two in a chain") {
    const Renaming renaming({{"first"}, {"second"}});
    renaming.say({{"second", "first"}, {"third", "second"}});
    renaming.files("third", kApis);
    renaming.refused("Do it in two steps: call the other first until this is applied, and rename it then.");
    renaming.say({{"first"}, {"third", "second"}});
    renaming.bench.applied();
    renaming.say({{"second", "first"}, {"third", "second"}});
    renaming.bench.applied();
    renaming.bench.converged();
    CHECK(renaming.groups().size() == 2);
    CHECK_FALSE(contains(renaming.state(), "first"));
  }
  SECTION("renamed by hand, and the manifest has only the new name") {
    const Renaming renaming({{"pets"}});
    renaming.served.ask("PUT", "/api-groups/" + renaming.groups().begin()->first, R"({"name":"animals"})");
    renaming.say({{"animals"}});
    renaming.files("animals", kApis);
    renaming.refused("Say `renamed_from: pets` in the group animals of the manifest.");
    CHECK(served_apis(renaming.served).size() == 2);
  }
}

TEST_CASE("a group whose old name nobody knows is made, and that is said") {
  const Renaming renaming({{"other"}});
  renaming.say({{"animals", "pets"}, {"other"}});
  renaming.files("animals", kApis);
  const Finished plan = renaming.bench.run({"plan"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  CHECK(contains(plan.err, "which neither the gateway nor the state has: it is made anew"));
  renaming.bench.applied();
  renaming.bench.converged();
}

TEST_CASE("a saved rename is carried out once, and refused when the gateway has moved on") {
  const Renaming renaming({{"pets"}});
  const std::string id = renaming.groups().begin()->first;
  renaming.say({{"animals", "pets"}});
  renaming.files("animals", kApis);
  REQUIRE(renaming.bench.run({"plan", "--out", "p.json"}).code == 0);
  SECTION("carried out") {
    const Finished first = renaming.bench.run({"apply", "p.json"});
    INFO(first.out + first.err);
    CHECK(first.code == 0);
    expect_renamed(renaming, id, "animals");
    const Finished second = renaming.bench.run({"apply", "p.json"});
    INFO(second.out + second.err);
    CHECK(second.code == 0);
    expect_renamed(renaming, id, "animals");
  }
  SECTION("somebody else made one of the new name") {
    renaming.served.ask("POST", "/api-groups", R"({"name":"animals"})");
    const Finished stale = renaming.bench.run({"apply", "p.json"});
    INFO(stale.out + stale.err);
    CHECK(stale.code == 4);
    CHECK(contains(stale.err, "stale"));
    CHECK(contains(renaming.state(), "group.pets"));
  }
  SECTION("somebody else gave the old one yet another name") {
    renaming.served.ask("PUT", "/api-groups/" + id, R"({"name":"beasts"})");
    const Finished stale = renaming.bench.run({"apply", "p.json"});
    INFO(stale.out + stale.err);
    CHECK(stale.code == 4);
    CHECK(contains(renaming.state(), "group.pets"));
  }
}

TEST_CASE("a rename that does not get through is sent again, or taken back") {
  const std::string faults[] = {
      R"([{method: PUT, path: "**/api-groups/*", nth: 1, action: status, status: 400, error_code: APIG.2000}])",
      R"([{method: PUT, path: "**/api-groups/*", nth: 1, action: status, status: 500}])",
      R"([{method: PUT, path: "**/api-groups/*", nth: 1, action: drop}])",
      R"([{method: PUT, path: "**/api-groups/*", nth: 1, action: refuse}])",
  };
  for (const bool back : {false, true}) {
    for (const std::string& fault : faults) {
      INFO(fault << (back ? ", then taken back" : ", then again"));
      const TempFolder folder;
      folder.write("faults.yaml", fault);
      const Renaming renaming({{"pets"}}, "0s", {"--faults", folder / "faults.yaml"});
      const std::string id = renaming.groups().begin()->first;
      renaming.say({{"animals", "pets"}});
      renaming.files("animals", kApis);
      const Finished failed = renaming.bench.apply();
      INFO(failed.out + failed.err);
      const bool lost = contains(fault, "drop");
      CHECK((failed.code == 3 || failed.code == 5 || (lost && failed.code == 0)));
      if (back) {
        renaming.say({{"pets"}});
        if (!lost) renaming.refused("Say `renamed_from: animals` in the group pets of the manifest.");
        renaming.say({{"pets", "animals"}});
        renaming.bench.applied();
        CHECK(renaming.groups().at(id) == "pets");
        renaming.bench.converged();
        CHECK_FALSE(contains(renaming.state(), "animals"));
        continue;
      }
      renaming.bench.applied();
      expect_renamed(renaming, id, "animals");
    }
  }
}

TEST_CASE("drift is told by the new name, and decided as ever") {
  const Renaming renaming({{"pets"}});
  const std::string id = renaming.groups().begin()->first;
  for (const Value& api : list_at(renaming.served.ask("GET", "/apis"), "apis")) {
    if (api.text("name") == "one")
      renaming.served.ask(
          "DELETE", "/apis/" + [&] {
            const std::string one(api.text("id"));
            renaming.served.ask(
                "POST", "/apis/action",
                R"({"action":"offline","env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","api_id":")" + one + "\"}");
            return one;
          }());
  }
  renaming.say({{"animals", "pets"}});
  renaming.files("animals", kApis);
  const Value plan = json_of(renaming.bench.run({"plan", "--format", "json"}).out);
  CHECK(at(plan, "resource_drift/0/address") == Value("api.animals[\"GET /a\"]"));
  CHECK(renaming.bench.apply().code == 4);
  CHECK(contains(renaming.state(), "group.pets\n"));
  CHECK(renaming.bench.apply({"--on-drift", "revert"}).code == 0);
  expect_renamed(renaming, id, "animals");
}

TEST_CASE("responses and policies of a renamed group follow") {
  const Renaming renaming({{"pets"}});
  const std::string id = renaming.groups().begin()->first;
  const auto files = [&](const std::string& group) {
    std::string text =
        document({{"get", "/a", "one", R"("x-apigateway-response": "teapot", "x-apigateway-ratelimit": "gold", )"}});
    text.insert(1, R"("x-apigateway-responses": {"teapot": {"THROTTLED": {"status": 418, "body": "slow"}}}, )");
    renaming.bench.folder.write(group + ".json", text);
  };
  const auto say = [&](const std::vector<Named>& groups) {
    renaming.say(groups);
    renaming.bench.folder.write("sluice.yaml", renaming.bench.folder.read("sluice.yaml") +
                                                   "ratelimits: {gold: {api-limit: 9, interval: 1, unit: DAY}}\n");
  };
  files("pets");
  say({{"pets"}});
  renaming.bench.applied();
  renaming.bench.converged();
  files("animals");
  say({{"animals", "pets"}});
  CHECK(changes_of(renaming.bench.run({"plan", "--format", "json"})) == "update group.animals from group.pets\n");
  renaming.bench.applied();
  expect_renamed(renaming, id, "animals");
  CHECK(contains(renaming.state(), "response.animals.teapot"));
}

TEST_CASE("after a kill at any moment of a rename the next apply converges") {
  std::vector<std::unique_ptr<Renaming>> runs;
  std::vector<std::string> ids;
  const std::vector<int> moments = {15, 30, 45, 60, 90, 140, 200};
  for (std::size_t i = 0; i < moments.size(); ++i) {
    runs.push_back(std::make_unique<Renaming>(std::vector<Named>{{"pets"}}, "50ms"));
    ids.push_back(runs.back()->groups().begin()->first);
    runs.back()->say({{"animals", "pets"}});
    runs.back()->files("animals", {{"get", "/a", "uno"}, {"get", "/c/{id}", "two"}});
  }
  kill_applies(runs, moments);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    INFO("killed after " << moments[i] << " ms");
    const Finished done = runs[i]->bench.apply();
    INFO(done.out + done.err);
    CHECK(done.code == 0);
    expect_renamed(*runs[i], ids[i], "animals");
    CHECK(runs[i]->groups().size() == 1);
  }
}

TEST_CASE("drift and a saved refresh know a group by its new name before it has it") {
  const Renaming renaming({{"pets"}});
  renaming.say({{"animals", "pets"}});
  renaming.files("animals", kApis);
  const std::string plain = renaming.bench.folder.read("sluice.yaml");
  renaming.bench.folder.write("sluice.yaml", plain + "    ignore: [{path: /description, reason: by hand}]\n");
  const Hand hand(renaming.served, "pets");
  hand.describe("/a", "theirs");
  const Finished quiet = renaming.bench.run({"drift"});
  CHECK(quiet.code == 0);
  CHECK(contains(quiet.out, "1 field is ignored"));
  hand.edit("/b/{id}", [](Value& api) { api.set("cors", true); });
  CHECK(contains(renaming.bench.run({"drift", "--target", "group.animals"}).out, "api.animals[\"GET /b/{id}\"] has"));
  REQUIRE(renaming.bench.run({"plan", "--refresh-only", "--out", "p.json"}).code == 0);
  const Finished done = renaming.bench.run({"apply", "p.json"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(contains(renaming.state(), "group.animals\n"));
  CHECK_FALSE(contains(renaming.state(), "pets"));
  CHECK(renaming.bench.run({"drift"}).code == 0);
}
