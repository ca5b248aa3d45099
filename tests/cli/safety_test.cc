// What is refused for safety: shown by plan, and not carried out by apply nor as a saved plan.
#include "tests/cli/hand.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// A served gateway, and a manifest for it that was applied.
struct Guarded {
  explicit Guarded(const Operations& operations = {{"/a", "one"}, {"/b/{id}", "two"}})
      : bench(served), hand(served, "pets") {
    bench.pets(operations);
    bench.applied();
  }

  /// Exit code 4 and these words, in plan, apply and as a saved plan; the gateway stays as it is.
  void refused(const std::string& words, const std::vector<std::string>& flags = {}) const {
    const Value before = hand.all();
    const auto with = [&](std::vector<std::string> command) {
      command.insert(command.end(), flags.begin(), flags.end());
      return command;
    };
    const Finished plan = bench.run(with({"plan", "--out", "p.json"}));
    INFO(plan.out + plan.err);
    CHECK(plan.code == 4);
    CHECK(contains(plan.err, words));
    CHECK((contains(plan.out, "Refused as it stands.") || contains(plan.out, "in the way.")));
    const Finished apply = bench.run(with({"apply", "--auto-approve"}));
    INFO(apply.out + apply.err);
    CHECK(apply.code == 4);
    CHECK(contains(apply.err, words));
    const Finished saved = bench.run({"apply", "p.json"});
    INFO(saved.out + saved.err);
    CHECK(saved.code == 4);
    CHECK(contains(saved.err, words));
    CHECK(hand.all() == before);
  }

  Served served;
  ServedBench bench;
  Hand hand;
};

}  // namespace

TEST_CASE("too many deletes are refused with the flag that allows them") {
  const Guarded group(many(24));
  group.bench.pets(many(3));
  group.refused("The plan deletes 21 APIs, more than 20 in one run: say --max-deletes 21 if that is meant.");
  group.refused("--max-deletes allows 20", {"--max-deletes", "20"});
  group.bench.pets(many(13));
  group.refused("11 of 24 owned APIs of the group pets, more than 10 and 30 %: say --max-deletes 11");
  group.bench.pets(many(0));
  group.refused("--max-deletes 24");
  group.bench.folder.write("sluice.yaml", "version: 1\n" + group.served.gateway_block() + "groups: []\n");
  group.refused("--max-deletes 24");
}

TEST_CASE("a group that would become empty is refused, however small") {
  const Guarded group;
  group.bench.pets({});
  group.refused("every API that Sluice owns in the group pets: say --max-deletes 2");
}

TEST_CASE("a field that both changed is refused, whoever keeps what") {
  const Guarded group;
  group.hand.describe("/a", "theirs");
  group.bench.pets({{"/a", "ours"}, {"/b/{id}", "two"}});
  group.refused("/description of api.pets[\"GET /a\"] was changed both in the files and on the gateway");
  group.refused("--on-drift revert", {"--on-drift", "keep"});
  CHECK(group.bench.apply({"--on-drift", "revert"}).code == 0);
  group.bench.converged();
}

TEST_CASE("an API that the files gave up and somebody changed is not deleted without a word") {
  const Guarded group;
  group.hand.describe("/a", "theirs");
  group.bench.pets({{"/b/{id}", "two"}});
  group.refused(
      "The files no longer name api.pets[\"GET /a\"], and it was changed on the gateway since the last apply");
  group.refused("--on-drift revert", {"--on-drift", "keep"});
  CHECK(group.bench.apply({"--on-drift", "revert"}).code == 0);
  group.bench.converged();
}

TEST_CASE("an API that somebody deleted and the files changed is not made again without a word") {
  const Guarded group;
  group.hand.remove("/a");
  group.bench.pets({{"/a", "ours"}, {"/b/{id}", "two"}});
  group.refused("api.pets[\"GET /a\"] was changed in the files and deleted on the gateway");
  group.refused("--on-drift revert", {"--on-drift", "keep"});
  CHECK(group.bench.apply({"--on-drift", "revert"}).code == 0);
  group.bench.converged();
}

TEST_CASE("an environment that serves somebody else's version is not taken offline without a word") {
  const Guarded group;
  group.hand.describe("/a", "theirs");
  group.hand.publish("/a");
  group.hand.describe("/a", "one");
  std::string manifest = group.bench.folder.read("sluice.yaml");
  group.bench.folder.write("sluice.yaml", manifest + "    environments: []\n");
  group.refused("publication.pets.RELEASE[\"GET /a\"] is to be served otherwise", {"--max-deletes", "5"});
}

TEST_CASE("what others made is not overwritten, and the ways out are told") {
  const Guarded group;
  Value definition = group.hand.api("/a");
  definition.set("req_uri", "/theirs").set("name", "get_theirs");
  group.hand.create(definition);
  group.bench.pets({{"/a", "one"}, {"/b/{id}", "two"}, {"/theirs", "ours"}});
  group.refused("--adopt 'api.pets[\"GET /theirs\"]'");
}

TEST_CASE("a state of another gateway is refused with the flag that names the right one") {
  const Guarded group;
  const Served another;
  std::string manifest = group.bench.folder.read("sluice.yaml");
  manifest.replace(manifest.find(group.served.endpoint()), group.served.endpoint().size(), another.endpoint());
  REQUIRE(group.bench.run({"plan", "--out", "p.json"}).code == 0);
  group.bench.folder.write("sluice.yaml", manifest);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"plan"}, {"drift"}, {"apply", "--auto-approve"}, {"apply", "p.json"}}) {
    const Finished done = group.bench.run(command);
    INFO(done.out + done.err);
    CHECK(done.code == 4);
    CHECK(contains(done.err, "(--state)"));
  }
  CHECK(at(another.ask("GET", "/api-groups?precise_search=name&name=pets"), "total") == Value(0));
}

TEST_CASE("a policy that is changed names every API that it touches, in other groups too") {
  const Served served;
  const ServedBench bench(served, {"pets", "shops"});
  const auto files = [&](const std::string& limit) {
    std::string text = manifest({"pets", "shops"}, served.gateway_block() + "ratelimits: {gold: {api-limit: " + limit +
                                                       ", interval: 1, unit: SECOND}}\n");
    for (std::size_t at = text.find("{auth: none"); at != std::string::npos; at = text.find("{auth: none", at + 20))
      text.replace(at, 11, "{auth: none, ratelimit: gold");
    bench.folder.write("sluice.yaml", text);
  };
  files("100");
  bench.applied();
  files("50");
  const Finished shown = bench.run({"plan"});
  INFO(shown.out + shown.err);
  for (const char* api : {"api.pets[\"GET /a\"]", "api.pets[\"GET /b/{id}\"]", "api.shops[\"GET /a\"]"})
    CHECK(contains(shown.out, std::string("      #   ") + api));
}
