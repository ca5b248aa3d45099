// What moved behind the manifest's back.
#include "tests/cli/bench.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("drift without a state is an error, and leaves no state") {
  const Bench bench;
  const Finished done = bench.run({"drift"});
  CHECK(done.code == 1);
  CHECK(done.out.empty());
  CHECK(contains(done.err, "There is no state"));
  CHECK(bench.run({"drift", "--format", "json"}).code == 1);
  CHECK_FALSE(bench.folder.files().contains(".sluice/state.db"));
}

TEST_CASE("drift is 0 when nothing moved, whatever the files say now") {
  const Bench bench;
  bench.applied();
  bench.pets({{"/a", "pending"}});
  const Finished text = bench.run({"drift"});
  CHECK(text.code == 0);
  CHECK(contains(text.out, "No drift."));
  CHECK(text.err.empty());
  const Value json = json_of(bench.run({"drift", "--format", "json"}).out);
  CHECK(at(json, "resource_drift").items().empty());
  CHECK(at(json, "steps").items().empty());
}

TEST_CASE("drift is 2 after a change behind the manifest's back, and apply decides what becomes of it") {
  const Bench bench;
  bench.applied();
  bench.changed_behind_the_back({{"/a", "theirs"}, {"/b/{id}", "two"}});
  const Finished text = bench.run({"drift"});
  CHECK(text.code == 2);
  CHECK(contains(text.out, "api.pets[\"GET /a\"]"));
  const Finished drift = bench.run({"drift", "--format", "json"});
  CHECK(drift.code == 2);
  const Value json = json_of(drift.out);
  CHECK(at(json, "resource_drift/0/address") == Value("api.pets[\"GET /a\"]"));
  CHECK(at(json, "resource_drift/0/change/actions") == Value::array({"update"}));
  CHECK(at(json, "resource_changes").items().empty());
  CHECK(at(json, "steps").items().empty());

  CHECK(bench.run({"plan"}).code == 0);
  CHECK(at(json_of(bench.run({"plan", "--format", "json"}).out), "resource_drift/0/address") ==
        Value("api.pets[\"GET /a\"]"));
  CHECK(bench.run({"plan", "--on-drift", "fail"}).code == 6);
  const Finished unsaid = bench.apply();
  CHECK(unsaid.code == 4);
  CHECK(contains(unsaid.err, "--on-drift"));
  const Finished policy = bench.apply({"--on-drift", "fail"});
  CHECK(policy.code == 6);
  CHECK(contains(policy.out, "api.pets[\"GET /a\"]"));
  const Finished events = bench.apply({"--on-drift", "fail", "--format", "json"});
  CHECK(events.code == 6);
  events_of(events);
  CHECK(bench.run({"drift"}).code == 2);

  SECTION("revert") {
    CHECK(bench.apply({"--on-drift", "revert"}).code == 0);
    bench.converged();
  }
  SECTION("keep") {
    const Finished kept = bench.apply({"--on-drift", "keep"});
    CHECK(kept.code == 0);
    bench.converged();  // and what was kept is not hidden
    const std::string plan = bench.run({"plan"}).out;
    CHECK(contains(plan, "Kept as on the gateway, though the files differ: 1 resource (the first is api.pets"));
    CHECK(at(json_of(bench.run({"plan", "--format", "json"}).out), "kept/0") == Value("api.pets[\"GET /a\"]"));
    SECTION("until the file changes") {
      bench.pets({{"/a", "newer"}, {"/b/{id}", "two"}});
      bench.applied();
    }
    SECTION("until revert is said in so many words") {
      CHECK(contains(bench.run({"plan", "--on-drift", "revert"}).out, "theirs"));
      CHECK(bench.apply({"--on-drift", "revert"}).code == 0);
    }
    bench.converged();
    CHECK_FALSE(contains(bench.run({"plan"}).out, "Kept"));
  }
}

TEST_CASE("a field that both sides changed is a conflict until --on-drift is said") {
  const Bench bench;
  bench.applied();
  bench.changed_behind_the_back({{"/a", "theirs"}, {"/b/{id}", "two"}});
  bench.pets({{"/a", "mine"}, {"/b/{id}", "two"}});
  const Finished refused = bench.run({"plan"});
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "/description of api.pets[\"GET /a\"] was changed both"));
  CHECK(bench.apply({"--on-drift", "revert"}).code == 0);
  bench.converged();
}

TEST_CASE("an API that appeared is drift unless it is only to be reported") {
  const Bench bench;
  bench.applied();
  bench.changed_behind_the_back({{"/a", "one"}, {"/b/{id}", "two"}, {"/new", "theirs"}});
  const Finished fails = bench.run({"drift"});
  CHECK(fails.code == 2);
  CHECK(contains(fails.out, "api.pets[\"GET /new\"]"));
  const Finished reports = bench.run({"drift", "--unmanaged", "report", "--format", "json"});
  CHECK(reports.code == 0);
  CHECK(at(json_of(reports.out), "unmanaged") == Value::array({"api.pets[\"GET /new\"]"}));
  bench.applied();
  CHECK(bench.run({"drift"}).code == 0);  // seen by an apply: known, and still not ours
  CHECK_FALSE(contains(bench.run({"state", "list"}).out, "/new"));
}

TEST_CASE("what becomes a secret along with another change is no drift") {
  const Bench bench;
  bench.applied();
  const std::map<std::string, std::string> env = {{"WORD", "one"}};
  const std::string plain = bench.folder.read("sluice.yaml");
  bench.folder.write("sluice.yaml", plain +
                                        "    overrides: [{match: 'GET /a', set: {description: '${secret:WORD}', "
                                        "x-apigateway-cors: true}}]\n");
  const Value plan = json_of(bench.run({"plan", "--format", "json"}, env).out);
  CHECK(at(plan, "resource_drift").items().empty());
  CHECK(at(plan, "resource_changes").items().size() == 1);
  const Finished done = bench.run({"apply", "--auto-approve"}, env);
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(contains(bench.run({"state", "list"}, env).out, "publication.pets.RELEASE[\"GET /a\"]"));
  CHECK(bench.run({"plan", "--detailed-exitcode"}, env).code == 0);
  CHECK(bench.run({"drift"}, env).code == 0);
}
