// `protect`: what is protected is not deleted, in one step with its line or after it.
#include "tests/cli/hand.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kA = "api.pets[\"GET /a\"]";

/// The group pets with keys of its own.
struct Protecting {
  explicit Protecting(const std::string& keys) : bench(served), hand(served, "pets") {
    text = bench.folder.read("sluice.yaml");
    with(keys);
    bench.applied();
  }
  void with(const std::string& keys) const { bench.folder.write("sluice.yaml", text + keys); }
  void without_a() const { bench.pets({{"/b/{id}", "two"}}); }
  void whole() const { bench.pets({{"/a", "one"}, {"/b/{id}", "two"}}); }
  /// Refused in plan, apply and as a saved plan, and nothing changes.
  void refused(const std::string& words, const std::vector<std::string>& flags = {}) const {
    const Value before = hand.all();
    std::vector<std::string> command = {"plan", "--out", "p.json"};
    command.insert(command.end(), flags.begin(), flags.end());
    const Finished plan = bench.run(command);
    INFO(plan.out + plan.err);
    CHECK(plan.code == 4);
    CHECK(contains(plan.out, "will be destroyed"));
    CHECK(contains(plan.err, words));
    CHECK(contains(bench.run({"plan", "--format", "markdown", "--max-deletes", "9"}).out, "is protected"));
    const Finished apply = bench.apply(flags);
    CHECK(apply.code == 4);
    CHECK(contains(apply.err, words));
    const Finished saved = bench.run({"apply", "p.json"});
    CHECK(saved.code == 4);
    CHECK(contains(saved.err, words));
    CHECK(hand.all() == before);
  }

  Served served;
  ServedBench bench;
  Hand hand;
  std::string text;
};

}  // namespace

TEST_CASE("what is protected outlives its line, and goes in two steps") {
  const Protecting group("    protect: ['GET /a']\n");
  CHECK(contains(group.bench.run({"state", "show", kA}).out, "protected: true"));
  CHECK(at(json_of(group.bench.run({"state", "list", "--format", "json"}).out), "protected/0") == Value(kA));
  group.without_a();
  group.refused(std::string(kA) + " is protected by `protect` at sluice.yaml:8:15", {"--max-deletes", "9"});
  group.with("");  // the line goes with the operation
  group.refused(std::string(kA) + " is protected by `protect`, as an earlier apply remembers", {"--max-deletes", "9"});
  group.refused("as an earlier apply remembers", {"--prune", "all", "--max-deletes", "9"});
  group.whole();
  const Finished plan = group.bench.run({"plan", "--detailed-exitcode"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 2);
  CHECK(contains(plan.out, "Protection removed for 1 resource (" + std::string(kA) + ")."));
  CHECK(group.bench.run({"apply"}).code == 4);  // nobody there to ask
  const Finished done = group.bench.apply();
  CHECK(done.code == 0);
  CHECK(contains(done.out, "Protection removed for 1 resource"));
  group.bench.converged();
  CHECK_FALSE(contains(group.bench.run({"state", "show", kA}).out, "protected"));
  group.without_a();
  group.bench.applied();
  group.bench.converged();
}

TEST_CASE("a protected group outlives its block") {
  const Protecting group("    protect: true\n");
  group.bench.folder.write("sluice.yaml", "version: 1\n" + group.served.gateway_block() + "groups: []\n");
  group.refused("group.pets is protected by `protect`, as an earlier apply remembers", {"--max-deletes", "9"});
  group.refused(std::string(kA) + " is protected", {"--max-deletes", "9"});
}

TEST_CASE("what is protected is not taken offline in the last of its environments") {
  const Protecting group("    protect: ['GET /a']\n");
  group.with("    environments: []\n    protect: ['GET /a']\n");
  const Finished plan = group.bench.run({"plan", "--max-deletes", "9"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 4);
  CHECK(contains(plan.err, "may not be taken offline in the last of its environments"));
  CHECK(group.bench.apply({"--max-deletes", "9"}).code == 4);
}

TEST_CASE("a line that is added alone is recorded by an apply that sends nothing") {
  const Protecting group("");
  group.with("    protect: ['GET /a']\n");
  const Finished plan = group.bench.run({"plan"});
  CHECK(contains(plan.out, "Protection added for 1 resource (" + std::string(kA) + ")."));
  CHECK(contains(plan.out, "No changes on the gateway. What is protected changes."));
  const Value json = json_of(group.bench.run({"plan", "--format", "json"}).out);
  CHECK(at(json, "protection/added/0") == Value(kA));
  CHECK(at(json, "steps").items().empty());
  REQUIRE(group.bench.run({"plan", "--out", "p.json"}).code == 0);
  const Value before = group.hand.all();
  CHECK(group.bench.run({"apply", "p.json"}).code == 0);
  CHECK(group.hand.all() == before);
  group.bench.converged();
  group.with("");
  group.without_a();
  group.refused("as an earlier apply remembers");
}

TEST_CASE("a group in which only the protection changed is looked at under --changed") {
  const Protecting group("");
  group.with("    protect: ['GET /a']\n");
  const Finished added = group.bench.apply({"--changed"});
  INFO(added.out + added.err);
  CHECK(added.code == 0);
  CHECK(contains(added.out, "Protection added for 1 resource"));
  CHECK(contains(group.bench.run({"state", "show", kA}).out, "protected: true"));
  CHECK(contains(group.bench.run({"plan", "--changed"}).out, "1 group was not looked at"));
}

TEST_CASE("a saved plan does not take away what was protected since") {
  const Protecting group("");
  group.without_a();
  REQUIRE(group.bench.run({"plan", "--out", "old.json"}).code == 0);
  group.whole();
  group.with("    protect: true\n");
  group.bench.applied();
  group.with("");
  const Finished saved = group.bench.run({"apply", "old.json"});
  INFO(saved.out + saved.err);
  CHECK(saved.code == 4);
  CHECK(contains(saved.err, std::string(kA) + " is protected"));
}

TEST_CASE("a glob that protects nothing is reported where it stands") {
  const Bench bench;
  const std::string text = bench.folder.read("sluice.yaml");
  bench.folder.write("sluice.yaml",
                     text + "    protect: ['GET /a', 'DELETE /a']\n    ignore: [{path: /tags, api: 'GET /c'}]\n");
  const Finished done = bench.run({"validate"});
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(contains(done.err, "sluice.yaml:7:25: warning: \"DELETE /a\" in `protect` meets no operation"));
  CHECK(contains(done.err, "\"GET /c\" in `ignore` meets no operation"));
  CHECK_FALSE(contains(done.err, "\"GET /a\""));
}

TEST_CASE("a part of a plan takes nothing offline where what is to serve it instead is left out") {
  const Protecting group("    protect: ['GET /a']\n");
  group.hand.served().ask("POST", "/envs", R"({"name": "TEST"})");
  group.with("    protect: ['GET /a']\n    environments: [TEST]\n");
  const bool changed = GENERATE(false, true);  // the API itself, too
  if (changed) group.bench.pets({{"/a", "new"}, {"/b/{id}", "two"}});
  for (const std::string target : {"publication.pets.RELEASE[\"GET /a\"]", "publication.pets.RELEASE[\"**\"]"}) {
    const Finished plan = group.bench.run({"plan", "--target", target});
    INFO(plan.out + plan.err);
    CHECK(plan.code == 0);
    CHECK_FALSE(contains(plan.out, "will be taken offline"));
    CHECK(contains(plan.out, "publication.pets.RELEASE[\"GET /a\"] stays: publishing it elsewhere is left out."));
  }
  CHECK(group.bench.apply({"--target", kA}).code == 0);
  CHECK(group.hand.api("/a").text("run_env_name") == "TEST");
}
