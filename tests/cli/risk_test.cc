// What changes mean for callers: the table, --fail-on, severities and acceptances of the manifest.
#include "tests/cli/bench.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// A bench whose group says this of risks.
struct RiskBench : Bench {
  void risks(const std::string& block) const {
    folder.write("sluice.yaml", manifest({"pets"}) + (block.empty() ? "" : "    risks: " + block + "\n"));
  }
};

/// Applied with two operations; from now on the files name one.
struct Removal : RiskBench {
  Removal() {
    applied();
    pets({{"/a", "one"}});
  }
};

}  // namespace

TEST_CASE("help risks lists every rule, aligned") {
  const Bench bench;
  const Finished done = bench.run({"help", "risks"});
  CHECK(done.code == 0);
  CHECK(contains(done.out, "\napi-removed              breaking  The API goes away: every call of it fails.\n"));
  CHECK(contains(done.out, "\ntimeout-lowered          warning   "));
  CHECK(contains(done.out, "\npath-changed             safe      "));
  CHECK(bench.run({"help", "riks"}).code == 64);
}

TEST_CASE("--fail-on ends with 6 after the plan was printed, in every format") {
  const Removal bench;
  for (const std::string format : {"text", "json", "markdown", "html", "sarif", "github"}) {
    const Finished done = bench.run({"plan", "--fail-on", "breaking", "--format", format});
    INFO(format << done.out << done.err);
    CHECK(done.code == 6);
    CHECK(contains(done.out, "api-removed"));
    CHECK(contains(done.out, "The API goes away"));
    CHECK(contains(done.err, "is breaking (api-removed), and --fail-on was said."));
  }
  CHECK(bench.run({"plan", "--fail-on", "warning"}).code == 6);
  CHECK(bench.run({"plan"}).code == 0);
  const Finished refused = bench.apply({"--fail-on", "breaking"});
  CHECK(refused.code == 6);
  CHECK(contains(refused.out, "breaking: api-removed: The API goes away: every call of it fails."));
  CHECK(bench.run({"plan", "--out", "plan.json"}).code == 0);
  CHECK(bench.run({"apply", "plan.json", "--fail-on", "breaking"}).code == 6);
  CHECK(bench.run({"apply", "plan.json", "--fail-on", "breaking", "--format", "json"}).code == 6);
  CHECK(contains(bench.run({"state", "list"}).out, "GET /b/{id}"));
  CHECK(bench.run({"apply", "plan.json"}).code == 0);
}

TEST_CASE("a plan's JSON says of each field which rule it is under, and why") {
  const RiskBench bench;
  bench.applied();
  bench.folder.write("sluice.yaml", manifest({"pets"}) +
                                        "    overrides: [{match: 'GET /a', set: {x-apigateway-backend: "
                                        "{httpEndpoints: {timeout: 3000}}}}]\n");
  const Value change = at(json_of(bench.run({"plan", "--format", "json"}).out), "resource_changes/0");
  CHECK(change.text("risk") == "warning");
  CHECK(change.text("rule") == "timeout-lowered");
  CHECK(change.text("why") == "Calls that take longer than the new timeout fail.");
  CHECK(at(change, "change/fields/0/why") == Value("Calls that take longer than the new timeout fail."));
  CHECK(bench.run({"plan", "--fail-on", "breaking"}).code == 0);
  CHECK(bench.run({"plan", "--fail-on", "warning"}).code == 6);
}

TEST_CASE("the manifest says how grave a rule is") {
  const Removal bench;
  bench.risks("{severity: {api-removed: warning}}");
  CHECK(bench.run({"plan", "--fail-on", "breaking"}).code == 0);
  CHECK(bench.run({"plan", "--fail-on", "warning"}).code == 6);
  CHECK(at(json_of(bench.run({"plan", "--format", "json"}).out), "summary/breaking") == Value(0));
  bench.risks("{severity: {api-remvoed: warning}}");
  const Finished wrong = bench.run({"validate"});
  CHECK(wrong.code == 2);
  CHECK(contains(wrong.out + wrong.err, "Did you mean api-removed?"));
}

TEST_CASE("an accepted risk is shown with its reason and counts as safe, until its day is past") {
  const Removal bench;
  bench.risks("{accept: [{rule: api-removed, api: 'GET /b/*', reason: nobody calls it, until: 2999-01-31}]}");
  const Finished plan = bench.run({"plan", "--fail-on", "warning"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  CHECK(contains(plan.out, "# accepted: api-removed (breaking): nobody calls it, until 2999-01-31\n"));
  CHECK_FALSE(contains(plan.out, "Breaking:"));
  const Value json = json_of(bench.run({"plan", "--format", "json"}).out);
  CHECK(at(json, "summary/breaking") == Value(0));
  CHECK(at(json, "resource_changes/0/risk") == Value("safe"));
  CHECK(at(json, "resource_changes/0/rule") == Value("api-removed"));
  CHECK(at(json, "resource_changes/0/accepted") ==
        json_of(R"({"risk": "breaking", "reason": "nobody calls it", "until": "2999-01-31"})"));
  for (const std::string format : {"markdown", "html", "sarif", "github"}) {
    const Finished done = bench.run({"plan", "--fail-on", "warning", "--format", format});
    INFO(format << done.out);
    CHECK(done.code == 0);
    CHECK(contains(done.out, "nobody calls it"));
  }
  CHECK(bench.run({"plan", "--out", "plan.json"}).code == 0);
  CHECK(contains(bench.run({"show", "plan.json"}).out, "accepted: api-removed (breaking): nobody calls it"));
  bench.risks("{accept: [{rule: api-removed, api: 'GET /b/*', reason: nobody calls it, until: 2001-01-31}]}");
  const Finished late = bench.run({"plan", "--fail-on", "warning"});
  CHECK(late.code == 6);
  CHECK(contains(late.err, "sluice.yaml:7:"));
  CHECK(contains(late.err, "was accepted until 2001-01-31, which is past: it counts again."));
  CHECK(bench.run({"apply", "plan.json", "--fail-on", "warning"}).code == 0);
}
