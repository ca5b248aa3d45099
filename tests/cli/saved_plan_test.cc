// Approved on Monday, carried out on Wednesday: what others did on Tuesday.
#include <filesystem>

#include "tests/cli/bench.h"

namespace sluice::test {
namespace {

/// Two groups of one manifest, and one state.
struct TwoTeams {
  TwoTeams() {
    bench.folder.write("sluice.yaml", manifest({"pets", "shop"}));
    bench.folder.write("shop.json", swagger({{"/s", "one"}, {"/t", "one"}}));
    bench.applied();
  }
  void shop(const std::string& description) const {
    bench.folder.write("shop.json", swagger({{"/s", description}, {"/t", "one"}}));
  }
  Bench bench;
};

TEST_CASE("what another team applied meanwhile blocks no plan that does not touch it") {
  const TwoTeams teams;
  const Bench& bench = teams.bench;
  bench.pets({{"/a", "Monday"}, {"/b/{id}", "two"}, {"/new", "Monday"}});
  REQUIRE(bench.run({"plan", "--out", "monday.plan"}).code == 0);
  bench.pets({{"/a", "one"}, {"/b/{id}", "two"}});
  teams.shop("Tuesday");
  bench.applied();
  const Finished wednesday = bench.run({"apply", "monday.plan", "--format", "json"});
  INFO(wednesday.out << wednesday.err);
  CHECK(wednesday.code == 0);
  for (const Value& outcome : events_of_type(events_of(wednesday), "outcome"))
    CHECK(contains(std::string(outcome.text("address")), "pets"));
  bench.pets({{"/a", "Monday"}, {"/b/{id}", "two"}, {"/new", "Monday"}});
  bench.converged();
}

TEST_CASE("within one group, too, only what a plan touches must be as it was") {
  const TwoTeams teams;
  const Bench& bench = teams.bench;
  teams.shop("Monday");
  REQUIRE(bench.run({"plan", "--out", "monday.plan"}).code == 0);
  bench.folder.write("shop.json", swagger({{"/s", "one"}, {"/t", "Tuesday"}, {"/u", "Tuesday"}}));
  bench.applied();
  CHECK(bench.run({"apply", "monday.plan"}).code == 0);
  bench.folder.write("shop.json", swagger({{"/s", "Monday"}, {"/t", "Tuesday"}, {"/u", "Tuesday"}}));
  bench.converged();
}

TEST_CASE("a plan that touches what another team applied is refused, with all that moved, and nothing is sent") {
  const TwoTeams teams;
  const Bench& bench = teams.bench;
  bench.pets({{"/a", "Monday"}, {"/new", "Monday"}});
  teams.shop("Monday");
  REQUIRE(bench.run({"plan", "--out", "monday.plan"}).code == 0);
  bench.pets({{"/a", "one"}, {"/b/{id}", "Tuesday"}, {"/new", "Tuesday"}});
  teams.shop("Tuesday");
  bench.applied();
  const std::string state = bench.run({"state", "show", "--format", "json"}).out;
  for (const char* format : {"text", "json"}) {
    const Finished wednesday = bench.run({"apply", "monday.plan", "--format", format, "--max-deletes", "1"});
    INFO(wednesday.out << wednesday.err);
    CHECK(wednesday.code == 4);
    CHECK(contains(wednesday.err, "The plan is stale: "));
    for (const char* moved : {"api.pets[\"GET /b/{id}\"]", "api.pets[\"GET /new\"]", "api.shop[\"GET /s\"]"})
      CHECK(contains(wednesday.err, moved));
    CHECK_FALSE(contains(wednesday.err, "GET /t"));
    CHECK_FALSE(contains(wednesday.err, "api.pets[\"GET /a\"]"));
  }
  CHECK(bench.run({"state", "show", "--format", "json"}).out == state);
  bench.converged();
}

TEST_CASE("a plan that was carried out by half goes on, and what it wanted anyway is skipped") {
  const Bench bench;
  bench.applied();
  bench.folder.write("faults.yaml", "- {method: POST, path: '**/openapi/async-import', nth: 2, action: failed_task}\n");
  bench.pets({{"/a", "two"}, {"/b/{id}", "two"}, {"/new", "one"}});
  REQUIRE(bench.run({"plan", "--out", "p.plan"}).code == 0);
  bench.folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded, faults: faults.yaml}\n"));
  const Finished half = bench.run({"apply", "p.plan"});
  INFO(half.out << half.err);
  CHECK(half.code == 3);
  bench.folder.write("sluice.yaml", manifest({"pets"}));
  const Finished rest = bench.run({"apply", "p.plan", "--format", "json"});
  INFO(rest.out << rest.err);
  CHECK(rest.code == 0);
  const auto events = events_of(rest);
  CHECK(events_of_type(events, "step_start").size() == 2);  // the update that failed, and its publication
  bench.converged();
  const Finished again = bench.run({"apply", "p.plan", "--format", "json"});
  CHECK(again.code == 0);
  CHECK(events_of_type(events_of(again), "step_start").empty());
}

}  // namespace
}  // namespace sluice::test
