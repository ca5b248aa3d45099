// APIs that go from one group to another: the new one serves before the old one goes, or the old one stays.
#include "tests/cli/moves.h"

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kMoved = "moved: [{from: 'api.orders[\"* /returns/**\"]', to: group.returns}]\n";
const std::vector<Api> kReturns = {{"get", "/returns/{id}", "findReturn"}, {"post", "/returns", "makeReturn"}};

/// The groups "orders" and "returns" on a served gateway.
struct Two {
  explicit Two(const std::vector<std::string>& flags = {}, const std::string& latency = "20ms")
      : served(latency, flags), bench(served, {"orders", "returns"}) {
    files(true);
    bench.applied();
  }
  void say(const std::string& moved, const std::vector<std::string>& groups = {"orders", "returns"}) const {
    bench.folder.write("sluice.yaml", manifest(groups, moved + served.gateway_block()));
  }
  /// With the returns where they were before, or where they are to be.
  void files(bool before) const {
    std::vector<Api> orders = {{"get", "/orders", "findOrders"}};
    std::vector<Api> returns = {{"get", "/hello", "hello"}};
    (before ? orders : returns).insert((before ? orders : returns).end(), kReturns.begin(), kReturns.end());
    bench.folder.write("orders.json", document(orders));
    bench.folder.write("returns.json", document(returns));
  }
  Finished plan() const {
    Finished done = bench.run({"plan", "--format", "json"});
    INFO(done.out + done.err);
    REQUIRE(done.code == 0);
    return done;
  }

  Served served;
  ServedBench bench;
};

const std::string kLinked =
    "delete api.orders[\"POST /returns\"] to api.returns[\"POST /returns\"]\n"
    "delete api.orders[\"GET /returns/{id}\"] to api.returns[\"GET /returns/{id}\"]\n"
    "create api.returns[\"POST /returns\"] from api.orders[\"POST /returns\"]\n"
    "create api.returns[\"GET /returns/{id}\"] from api.orders[\"GET /returns/{id}\"]\n";

bool serves_returns(const ServedApis& now) {
  return now.contains("GET /returns/{id}") && now.contains("POST /returns");
}

}  // namespace

TEST_CASE("APIs that move to another group are served there before they go") {
  const Two two;
  two.files(false);
  CHECK_FALSE(contains(changes_of(two.plan()), " to "));  // without a word in the manifest
  two.say(kMoved);
  const Finished planned = two.plan();
  CHECK(changes_of(planned) == kLinked);
  const Value plan = json_of(planned.out);
  const Value gone = change_at(plan, "api.orders[\"POST /returns\"]");
  CHECK(gone.text("rule") == "api-moved");
  CHECK(contains(std::string(gone.text("reason")), "its group's domain"));
  // What takes away depends on what publishes, and stands behind it.
  std::set<std::int64_t> publishing;
  for (const Value& step : list_at(plan, "steps")) {
    if (step.text("kind") == "publish") publishing.insert(at(step, "id").as_integer());
    if (step.text("kind") != "offline") continue;
    CHECK(step.text("group") == "orders");
    bool waits = false;
    for (const Value& id : list_at(step, "depends_on")) waits = waits || publishing.contains(id.as_integer());
    CHECK(waits);
  }
  CHECK(publishing.size() == 1);
  for (const std::string parallelism : {"1", "8"}) {
    const Two fresh;
    fresh.files(false);
    fresh.say(kMoved);
    bool outage = false;
    const Finished done = watched_apply(fresh.bench, fresh.served,
                                        [&](const ServedApis& now) { outage = outage || !serves_returns(now); },
                                        {"--parallelism", parallelism});
    INFO(done.out + done.err);
    CHECK(done.code == 0);
    CHECK_FALSE(outage);
    CHECK(served_apis(fresh.served).at("POST /returns") == "returns makeReturn");
    const Finished after = fresh.bench.run({"plan", "--detailed-exitcode"});
    CHECK(after.code == 0);
    CHECK(contains(after.err, "Take the line out: it has done its work."));
    CHECK(fresh.bench.run({"drift"}).code == 0);
  }
}

TEST_CASE("a group that goes altogether moves its APIs first") {
  const Two two;
  two.files(false);
  std::vector<Api> all = kReturns;
  all.push_back({"get", "/hello", "hello"});
  all.push_back({"get", "/orders", "findOrders"});
  two.bench.folder.write("returns.json", document(all));
  two.say("moved: [{from: group.orders, to: group.returns}]\n", {"returns"});
  bool outage = false;
  const Finished done = watched_apply(
      two.bench, two.served,
      [&](const ServedApis& now) { outage = outage || !serves_returns(now) || !now.contains("GET /orders"); },
      {"--max-deletes", "3"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK_FALSE(outage);
  CHECK(at(two.served.ask("GET", "/api-groups"), "total") == Value(1));
  two.bench.converged();
}

TEST_CASE("both ways at once") {
  const Two two;
  two.bench.folder.write("orders.json", document({{"get", "/orders", "findOrders"}, {"get", "/hello", "hello"}}));
  two.bench.folder.write("returns.json", document(kReturns));
  two.say(
      "moved:\n  - {from: 'api.orders[\"* /returns/**\"]', to: group.returns}\n"
      "  - {from: 'api.returns[\"GET /hello\"]', to: group.orders}\n");
  bool outage = false;
  const Finished done = watched_apply(two.bench, two.served,
                                      [&](const ServedApis& now) {
                                        outage = outage || !serves_returns(now) || !now.contains("GET /hello") ||
                                                 !now.contains("GET /orders");
                                      },
                                      {"--max-deletes", "9"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK_FALSE(outage);
  two.bench.converged();
}

TEST_CASE("what cannot be served in the other group stays where it is") {
  const std::string faults[] = {
      R"([{method: POST, path: "**/openapi/async-import", nth: 3, action: partial_failure}])",
      R"([{method: POST, path: "**/openapi/async-import", nth: 3, action: ignored}])",
      R"([{method: POST, path: "**/openapi/async-import", nth: 3, action: failed_task}])",
      R"([{method: POST, path: "**/apis/publish", nth: 3, action: status, status: 400, error_code: APIG.2000}])",
  };
  for (const std::string& fault : faults) {
    INFO(fault);
    const TempFolder folder;
    folder.write("faults.yaml", fault);
    const Two two({"--faults", folder / "faults.yaml"});
    two.files(false);
    two.say(kMoved);
    bool outage = false;
    const Finished failed =
        watched_apply(two.bench, two.served, [&](const ServedApis& now) { outage = outage || !serves_returns(now); });
    INFO(failed.out + failed.err);
    CHECK(failed.code == 3);
    CHECK_FALSE(outage);
    CHECK(served_apis(two.served).size() >= 4);
    CHECK(contains(failed.out, "skipped"));
    const Finished again = two.bench.apply();
    INFO(again.out + again.err);
    CHECK(again.code == 0);
    two.bench.converged();
    CHECK(served_apis(two.served).at("POST /returns") == "returns makeReturn");
    CHECK(served_apis(two.served).size() == 4);
  }
}

TEST_CASE("a saved plan of a move between groups can be applied again") {
  const Two two;
  two.files(false);
  two.say(kMoved);
  REQUIRE(two.bench.run({"plan", "--out", "p.json"}).code == 0);
  CHECK(contains(two.bench.run({"show", "p.json"}).out, "has moved to api.returns[\"POST /returns\"]"));
  const Finished first = two.bench.run({"apply", "p.json"});
  INFO(first.out + first.err);
  CHECK(first.code == 0);
  const Finished second = two.bench.run({"apply", "p.json"});
  INFO(second.out + second.err);
  CHECK(second.code == 0);
  two.bench.converged();
}

TEST_CASE("a line of moved that links nothing is a warning") {
  const Two two;
  two.say("moved: [{from: 'api.orders[\"* /nowhere\"]', to: group.returns}]\n");
  const Finished plan = two.bench.run({"plan", "--detailed-exitcode"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  CHECK(contains(plan.err, "`moved` from api.orders[\"* /nowhere\"] to group.returns links nothing"));
  CHECK(contains(plan.err, "Correct it, or take it out."));
}

TEST_CASE("after a kill at any moment of a move between groups the next apply converges, without an outage") {
  std::vector<std::unique_ptr<Two>> runs;
  const std::vector<int> moments = {40, 90, 140, 190, 240, 300};
  for (std::size_t i = 0; i < moments.size(); ++i) {
    runs.push_back(std::make_unique<Two>(std::vector<std::string>{}, "50ms"));
    runs.back()->files(false);
    runs.back()->say(kMoved);
  }
  kill_applies(runs, moments);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    INFO("killed after " << moments[i] << " ms");
    bool outage = false;
    const Finished done = watched_apply(runs[i]->bench, runs[i]->served,
                                        [&](const ServedApis& now) { outage = outage || !serves_returns(now); });
    INFO(done.out + done.err);
    CHECK(done.code == 0);
    CHECK_FALSE(outage);
    runs[i]->bench.converged();
  }
}

TEST_CASE("a part of a plan takes nothing away that has not arrived") {
  const Two two;
  two.files(false);
  two.say(kMoved);
  const std::vector<std::vector<std::string>> parts = {
      {"--target", "group.orders"},
      {"--target", "api.orders[\"POST /returns\"]"},
      {"--exclude", "group.returns"},
      {"--exclude", "api.returns[\"**\"]"},
  };
  for (const auto& part : parts) {
    std::vector<std::string> words = {"plan", "--format", "json", "--format", "text=plan.txt"};
    words.insert(words.end(), part.begin(), part.end());
    const Finished planned = two.bench.run(words);
    INFO(planned.out + planned.err);
    CHECK(planned.code == 0);
    CHECK(changes_of(planned).empty());
    CHECK_FALSE(contains(planned.err, "links nothing"));
    CHECK(contains(two.bench.folder.read("plan.txt"),
                   "api.orders[\"POST /returns\"] stays: it moves to api.returns[\"POST /returns\"], whose change is "
                   "left out."));
  }
  // What arrives may come first.
  const Finished first = two.bench.run({"apply", "--auto-approve", "--target", "group.returns"});
  CHECK(first.code == 0);
  CHECK_FALSE(contains(first.err, "links nothing"));
  const Finished rest = two.bench.run({"plan", "--format", "json", "--changed"});
  CHECK(changes_of(rest) ==
        "delete api.orders[\"POST /returns\"] to api.returns[\"POST /returns\"]\n"
        "delete api.orders[\"GET /returns/{id}\"] to api.returns[\"GET /returns/{id}\"]\n");
  CHECK(two.bench.run({"apply", "--auto-approve", "--target", "group.orders"}).code == 0);
  two.bench.converged();
}

TEST_CASE("what is not owned and goes by prune: all waits for what takes its place, too") {
  const Two two;
  REQUIRE(two.bench.run({"state", "rm", "api.orders[\"POST /returns\"]"}).code == 0);
  two.files(false);
  two.say(kMoved + "defaults: {prune: all}\n");
  const Finished plan = two.plan();
  CHECK(changes_of(plan) == kLinked);
  CHECK_FALSE(contains(plan.err, "links nothing"));
}

TEST_CASE("a group that publishes elsewhere, or nowhere, does not take over what was served") {
  const Two two;
  two.files(false);
  two.say(kMoved);
  const std::string text = two.bench.folder.read("sluice.yaml");
  const std::string line = "- name: returns\n";
  std::string nowhere = text;
  two.bench.folder.write("sluice.yaml", nowhere.insert(nowhere.find(line) + line.size(), "    environments: []\n"));
  const Value plan = json_of(two.bench.run({"plan", "--format", "json", "--max-deletes", "9"}).out);
  CHECK(contains(std::string(change_at(plan, "api.orders[\"POST /returns\"]").text("reason")),
                 "The other group does not publish in RELEASE: nothing serves it there any more."));
}
