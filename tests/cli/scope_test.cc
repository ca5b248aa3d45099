// A part of the manifest: --target, --exclude, --changed; and --refresh-only, which sends nothing.
#include <set>

#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// Two groups on the embedded gateway.
struct Pair : Bench {
  Pair() {
    folder.write("sluice.yaml", manifest({"cats", "dogs"}));
    cats({{"/a", "one"}, {"/b/{id}", "two"}});
    folder.write("dogs.json", swagger({{"/d", "one"}}));
  }
  void cats(const Operations& operations) const { folder.write("cats.json", swagger(operations)); }
};

Value json_plan(const Bench& bench, std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"plan", "--format", "json"});
  const Finished done = bench.run(flags);
  INFO(done.err);
  REQUIRE(done.code == 0);
  return json_of(done.out);
}

std::vector<std::string> changes_in(const Value& plan) {
  std::vector<std::string> addresses;
  for (const Value& change : at(plan, "resource_changes").items()) addresses.emplace_back(change.text("address"));
  return addresses;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("a targeted apply makes what it names and what that needs; the rest stays to be done") {
  const Pair bench;
  const Finished done = bench.apply({"--target", "api.cats[\"GET /a\"]"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(contains(done.out, "Targeting: 1 change is left out; 1 group was not looked at.\n"));
  CHECK(contains(done.out, "group.cats comes along: what is targeted needs it.\n"));
  CHECK(contains(done.out, "Resources: 2 added, 0 changed, 0 destroyed."));
  CHECK(bench.run({"state", "list"}).out == "group.cats\napi.cats[\"GET /a\"]\npublication.cats.RELEASE[\"GET /a\"]\n");
  const Value rest = json_plan(bench, {});
  CHECK(at(rest, "complete") == Value(true));
  CHECK(changes_in(rest) == List{"api.cats[\"GET /b/{id}\"]", "group.dogs", "api.dogs[\"GET /d\"]"});
  const Value part = json_plan(bench, {"--exclude", "group.dogs"});
  CHECK(at(part, "complete") == Value(false));
  CHECK(at(part, "scope/excludes/0") == Value("group.dogs"));
  CHECK(at(part, "scope/unseen_groups") == Value(1));
  CHECK(changes_in(part) == List{"api.cats[\"GET /b/{id}\"]"});
  bench.applied();
  bench.converged();
}

TEST_CASE("a deletion outside the targets does not happen, and nothing outside them moves in the state") {
  const Pair bench;
  bench.applied();
  const std::string before = bench.run({"state", "show"}).out;
  bench.cats({{"/a", "other"}});  // b is to go
  const Value plan = json_plan(bench, {"--target", "api.cats[\"GET /a\"]"});
  CHECK(changes_in(plan) == List{"api.cats[\"GET /a\"]"});
  CHECK(at(plan, "scope/left_out") == Value(1));
  CHECK(bench.apply({"--target", "api.cats[\"GET /a\"]"}).code == 0);
  const std::string after = bench.run({"state", "show", "api.cats[\"GET /b/{id}\"]", "group.**"}).out;
  CHECK(contains(before, after.substr(0, after.find('\n'))));
  CHECK(changes_in(json_plan(bench, {})) == List{"api.cats[\"GET /b/{id}\"]"});
  CHECK(bench.run({"drift"}).code == 0);
}

TEST_CASE("a saved plan of a part applies just that, and takes no other targets") {
  const Pair bench;
  const std::string target = "group.dogs";
  REQUIRE(bench.run({"plan", "--out", "p.json", "--target", target}).code == 0);
  CHECK(at(json_of(bench.folder.read("p.json")), "complete") == Value(false));
  CHECK(contains(bench.run({"show", "p.json"}).out, "1 group was not looked at."));
  CHECK(bench.run({"apply", "p.json", "--target", "group.cats"}).code == 64);
  const Finished done = bench.run({"apply", "p.json"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(bench.run({"state", "list", "--exclude", "publication.**"}).out == "group.dogs\napi.dogs[\"GET /d\"]\n");
  CHECK(bench.run({"apply", "p.json"}, {{"SLUICE_TARGET", target}}).code == 0);  // done: nothing is sent
}

TEST_CASE("a target that names nothing is an error, and nothing is sent") {
  const Pair bench;
  for (const std::string command : {"plan", "apply"}) {
    const Finished done = bench.run({command, "--target", "group.cat"});
    INFO(done.err);
    CHECK(done.code == 1);
    CHECK(contains(done.err, "--target group.cat names nothing"));
    CHECK(contains(done.err, "Did you mean group.cats?"));
  }
  CHECK(contains(bench.run({"plan", "--exclude", "api.cats[\"GET /zz\"]"}).err, "Warning: --exclude api.cats"));
  CHECK(bench.run({"plan", "--exclude", "api.**[\"GET /zz\"]"}).err.empty());
}

TEST_CASE("a name that something left out still has is refused with the way out") {
  const Bench bench(Operations{{"/a", "one"}});
  bench.applied();
  std::string moved = swagger({{"/v2", "one"}});
  moved.replace(moved.find("get_v2"), 6, "get_a");
  bench.folder.write("pets.json", moved);
  const Finished done = bench.apply({"--target", "api.pets[\"GET /v2\"]"});
  INFO(done.out + done.err);
  CHECK(done.code == 4);
  CHECK(contains(done.err, "whose own change is left out by --target or --exclude"));
  CHECK(contains(done.err, "Let the change of api.pets[\"GET /a\"] be planned as well"));
  CHECK_FALSE(contains(done.err, "not owned by Sluice"));
  CHECK(bench.apply({"--target", "group.pets", "--max-deletes", "1"}).code == 0);
  bench.converged();
}

TEST_CASE("drift, import and validate look at their part only") {
  const Pair bench;
  bench.applied();
  {
    TempFolder other;
    other.write("sluice.yaml", manifest({"dogs"}, "gateway: {provider: embedded, data: '" +
                                                      (bench.folder / ".sluice/gateway.db") + "'}\n"));
    other.write("dogs.json", swagger({{"/d", "by hand"}, {"/new", "theirs"}}));
    REQUIRE(Process(other.path(), {SLUICE_BINARY, "apply", "--auto-approve", "--adopt", "**"}).wait().code == 0);
  }
  CHECK(bench.run({"drift"}).code == 2);
  CHECK(bench.run({"drift", "--target", "group.cats"}).code == 0);
  CHECK(bench.run({"drift", "--exclude", "api.dogs[\"GET /d\"]"}).code == 2);  // another one appeared
  CHECK(bench.run({"drift", "--exclude", "api.dogs[\"GET /d\"]", "--exclude", "api.dogs[\"GET /new\"]"}).code == 0);
  const Finished imported = bench.run({"import", "api.dogs**", "--exclude", "api.dogs[\"GET /d\"]"});
  CHECK(imported.out == "api.dogs[\"GET /new\"]\npublication.dogs.RELEASE[\"GET /new\"]\n");
  bench.folder.write("dogs.json", "{");
  CHECK(bench.run({"validate"}).code == 2);
  CHECK(bench.run({"validate", "--target", "group.cats"}).code == 0);
  CHECK(bench.run({"validate", "--target", "api.cats[\"GET /a\"]"}).code == 0);
  CHECK(bench.run({"validate", "--target", "group.cat"}).code == 1);
}

TEST_CASE("--changed looks at groups that prune all: what is not ours there is asked away") {
  const Pair bench;
  bench.applied();
  TempFolder other;
  other.write("sluice.yaml", manifest({"cats"}, "gateway: {provider: embedded, data: '" +
                                                    (bench.folder / ".sluice/gateway.db") + "'}\n"));
  other.write("cats.json", swagger({{"/a", "one"}, {"/b/{id}", "two"}, {"/hand", "made"}}));
  const Process::Variables user = {{"USER", "bob"}};
  REQUIRE(Process(other.path(), {SLUICE_BINARY, "apply", "--auto-approve", "--adopt", "**"}, user).wait().code == 0);
  CHECK(changes_in(json_plan(bench, {"--changed"})).empty());
  CHECK(changes_in(json_plan(bench, {"--changed", "--prune", "all"})) == List{"api.cats[\"GET /hand\"]"});
}

TEST_CASE("--changed looks only where the files ask for something new, and costs no calls elsewhere") {
  const Served served;
  std::vector<std::string> groups;
  for (int i = 0; i < 12; ++i) groups.push_back("g" + std::to_string(10 + i));
  const ServedBench bench(served, groups);
  bench.applied();
  const auto calls = [](const Finished& done) {
    return std::count(done.err.begin(), done.err.end(), '\n');  // one line a request at this log level
  };
  bench.folder.write("g11.json", swagger({{"/a", "new"}, {"/b/{id}", "two"}}));
  const Finished all = bench.run({"plan", "--log-level", "debug", "--log-format", "json"});
  const Finished some = bench.run({"plan", "--changed", "--log-level", "debug", "--log-format", "json"});
  INFO(some.out + some.err);
  CHECK(some.code == 0);
  CHECK(contains(some.out, "Only changed groups: 11 groups were not looked at"));
  CHECK(contains(some.out, "~ api.g11[\"GET /a\"]"));
  CHECK(calls(some) * 6 < calls(all));
  const Value plan = json_plan(bench, {"--changed"});
  CHECK(at(plan, "complete") == Value(false));
  CHECK(at(plan, "scope/unseen_groups") == Value(11));
  CHECK(changes_in(plan) == List{"api.g11[\"GET /a\"]"});
  CHECK(bench.apply({"--changed"}).code == 0);
  bench.converged();
  const Finished none = bench.run({"plan", "--changed", "--detailed-exitcode"});
  CHECK(none.code == 0);
  CHECK(contains(none.out, "No changes in what was looked at."));
  // A group that left the manifest is looked at.
  groups.pop_back();
  bench.folder.write("sluice.yaml", manifest(groups, served.gateway_block()));
  CHECK(changes_in(json_plan(bench, {"--changed", "--max-deletes", "2"})).size() == 3);
}

TEST_CASE("--refresh-only takes what was changed into the state; the files ask for theirs again") {
  const Bench bench;
  bench.applied();
  bench.changed_behind_the_back({{"/a", "by hand"}, {"/b/{id}", "two"}, {"/new", "theirs"}});
  CHECK(bench.run({"drift"}).code == 2);
  const Finished plan = bench.run({"plan", "--refresh-only", "--detailed-exitcode", "--out", "r.json"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 2);
  CHECK(contains(plan.out, "Refresh only: 1 resource changed since the last apply"));
  CHECK(contains(plan.out, "Digest: sha256:"));
  const Value saved = json_of(bench.folder.read("r.json"));
  CHECK(at(saved, "refresh_only") == Value(true));
  CHECK(at(saved, "applyable") == Value(true));
  CHECK(at(saved, "steps").items().empty());
  CHECK(contains(bench.run({"show", "r.json"}).out, "Refresh only: 1 resource"));
  CHECK(bench.run({"apply", "--refresh-only"}).code == 4);  // nobody to ask
  CHECK(bench.run({"drift"}).code == 2);
  const Finished done = bench.run({"apply", "r.json"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(contains(done.out, "Refreshed: the state has 1 resource as the gateway has it now"));
  CHECK(bench.run({"drift"}).code == 0);
  const Value next = json_plan(bench, {});
  CHECK(changes_in(next) == List{"api.pets[\"GET /a\"]"});
  CHECK(at(next, "resource_changes/0/origin") == Value("pending"));
  CHECK(at(next, "resource_changes/0/change/before/description") == Value("by hand"));  // nothing was sent
  CHECK(at(next, "resource_drift").items().empty());
  bench.applied();
  bench.converged();
}

TEST_CASE("a forced extend_mode does not replace a policy that is left out") {
  const Bench bench;
  const auto say = [&](const std::string& limit, const std::string& mode, const std::string& description) {
    bench.folder.write("sluice.yaml", "ratelimits: {gold: {api-limit: " + limit + ", interval: 1, unit: SECOND}}\n" +
                                          "defaults: {operations: {ratelimit: gold}, extend_mode: " + mode + "}\n" +
                                          manifest({"pets"}));
    bench.pets({{"/a", description}});
  };
  say("10", "auto", "one");
  bench.applied();
  say("5", "override", "two");
  for (const std::vector<std::string>& part :
       std::vector<std::vector<std::string>>{{"--exclude", "ratelimit.gold"}, {"--target", "api.pets[\"GET /a\"]"}}) {
    const Finished done = bench.apply(part);
    INFO(done.out + done.err);
    CHECK(done.code == 4);
    CHECK(contains(done.err, "ratelimit.gold"));
  }
  say("5", "auto", "two");
  CHECK(bench.apply({"--exclude", "ratelimit.gold"}).code == 0);
  CHECK(changes_in(json_plan(bench, {})) == List{"ratelimit.gold"});
}

TEST_CASE("a refresh takes policies and what is in groups alike") {
  const Bench bench;
  const auto say = [](const TempFolder& folder, const std::string& limit, const std::string& more) {
    folder.write("sluice.yaml", "ratelimits: {gold: {api-limit: " + limit + ", interval: 1, unit: SECOND}}\n" +
                                    manifest({"pets"}, more));
  };
  say(bench.folder, "10", "");
  bench.applied();
  TempFolder other;
  say(other, "20", "gateway: {provider: embedded, data: '" + (bench.folder / ".sluice/gateway.db") + "'}\n");
  other.write("pets.json", swagger({{"/a", "by hand"}, {"/b/{id}", "two"}}));
  REQUIRE(Process(other.path(), {SLUICE_BINARY, "apply", "--auto-approve", "--adopt", "**"}, {}).wait().code == 0);
  CHECK(bench.run({"drift"}).code == 2);
  const Finished done = bench.run({"apply", "--refresh-only", "--auto-approve"});
  INFO(done.out + done.err);
  CHECK(contains(done.out, "Refreshed: the state has 2 resources"));
  const Finished drift = bench.run({"drift"});
  INFO(drift.out);
  CHECK(drift.code == 0);
}

TEST_CASE("a refresh that was saved is bound to what it saw, and one of what is gone lets it go") {
  const Bench bench;
  bench.applied();
  bench.changed_behind_the_back({{"/a", "by hand"}, {"/b/{id}", "two"}});
  REQUIRE(bench.run({"plan", "--refresh-only", "--out", "r.json"}).code == 0);
  {
    TempFolder other;
    other.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded, data: '" +
                                                      (bench.folder / ".sluice/gateway.db") + "'}\n"));
    other.write("pets.json", swagger({{"/a", "by another hand"}}));
    const Process::Variables none;
    Process all(other.path(),
                {SLUICE_BINARY, "apply", "--auto-approve", "--adopt", "**", "--prune", "all", "--max-deletes", "5"},
                none);
    REQUIRE(all.wait().code == 0);
  }
  const Finished stale = bench.run({"apply", "r.json"});
  INFO(stale.err);
  CHECK(stale.code == 4);
  CHECK(contains(stale.err, "The plan is stale: api.pets[\"GET /a\"] was changed on the gateway since"));
  const Finished done = bench.run({"apply", "--refresh-only", "--auto-approve"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(bench.run({"drift"}).code == 0);
  CHECK(bench.run({"state", "list", "--target", "api.**"}).out ==
        "api.pets[\"GET /a\"]\npublication.pets.RELEASE[\"GET /a\"]\n");
  const Value plan = json_plan(bench, {});
  CHECK(changes_in(plan) == List{"api.pets[\"GET /a\"]", "api.pets[\"GET /b/{id}\"]"});
  CHECK(bench.run({"plan", "--refresh-only", "--adopt", "x"}).code == 64);
  CHECK(Bench().run({"plan", "--refresh-only"}).code == 1);  // no state
}

TEST_CASE("a plan of what was changed on the gateway is the same whichever export comes first") {
  const TempFolder folder;
  folder.write("faults.yaml",
               R"([{method: POST, path: "**/openapi/async-export", nth: 3, action: delay, milliseconds: 700}])");
  const Served served("0s", {"--faults", folder / "faults.yaml"});
  const ServedBench bench(served, {"orders", "pets"});
  bench.applied();
  std::set<std::string> digests;
  for (int i = 0; i < 6; ++i) {
    const Finished plan = bench.run({"plan", "--refresh-only"});
    REQUIRE(plan.code == 0);
    digests.insert(plan.out.substr(plan.out.find("Digest: ")));
  }
  CHECK(digests.size() == 1);
}
