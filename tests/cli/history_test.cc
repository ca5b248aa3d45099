// Past applies: listed, shown, carried on, and taken back; and the state as a text.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::vector<Value> history(const Bench& bench) {
  const Finished done = bench.run({"history", "--format", "json"});
  INFO(done.out + done.err);
  REQUIRE(done.code == 0);
  return at(json_of(done.out), "runs").items();
}

std::string newest_run(const Bench& bench) {
  const auto runs = history(bench);
  REQUIRE_FALSE(runs.empty());
  return std::string(runs[0].text("id"));
}

std::string serial(const Bench& bench) {
  return write_json(at(json_of(bench.run({"state", "list", "--format", "json"}).out), "serial"));
}

/// A bench in which `/a` and `/b/{id}` were applied, and then a change, a deletion and a creation.
struct TwoRuns : Bench {
  TwoRuns() {
    applied();
    pets({{"/a", "changed"}, {"/c", "new"}});
    applied();
  }
};

}  // namespace

TEST_CASE("history lists applies, the newest first, with who, what and where from") {
  const Bench bench;
  CHECK(bench.run({"history"}).out == "No apply has been recorded.\n");
  bench.applied();
  bench.pets({{"/a", "two"}, {"/b/{id}", "two"}});
  REQUIRE(bench
              .run({"apply", "--auto-approve"}, {{"GITHUB_SHA", "abc123"},
                                                 {"GITHUB_ACTOR", "bob"},
                                                 {"GITHUB_SERVER_URL", "https://ci.example"},
                                                 {"GITHUB_REPOSITORY", "team/api"},
                                                 {"GITHUB_RUN_ID", "7"}})
              .code == 0);
  const auto runs = history(bench);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].text("actor") == "bob");
  CHECK(runs[0].text("revision") == "abc123");
  CHECK(runs[0].text("ci_url") == "https://ci.example/team/api/actions/runs/7");
  CHECK(at(runs[0], "exit_code") == Value(0));
  CHECK(at(runs[0], "outcomes/updated") == Value(1));
  CHECK(at(runs[0], "open_requests") == Value(0));
  CHECK(runs[0].text("plan_digest").starts_with("sha256:"));
  CHECK(runs[1].text("actor") == "alice");
  CHECK(at(runs[1], "revision") == Value());
  const Finished text = bench.run({"history"});
  INFO(text.out);
  CHECK(text.out.starts_with(std::string(runs[0].text("id"))));
  CHECK(contains(text.out, "bob  exit 0  1 updated"));
  CHECK(contains(text.out, "revision abc123"));

  const Finished shown = bench.run({"history", "show", std::string(runs[0].text("id"))});
  INFO(shown.out + shown.err);
  CHECK(shown.code == 0);
  CHECK(contains(shown.out, "api.pets[\"GET /a\"]: updated"));
  CHECK(contains(shown.out, "import of pets: done, task "));
  const Value json = json_of(bench.run({"history", "show", std::string(runs[0].text("id")), "--format", "json"}).out);
  CHECK(at(json, "outcomes/0/actual") == Value("updated"));
  CHECK(at(json, "requests/0/settled") == Value(true));
  CHECK_FALSE(at(json, "journal").items().empty());
  bench.pets({{"/a", "three"}, {"/b/{id}", "two"}});
  REQUIRE(bench.run({"apply", "--auto-approve"}, {{"GITHUB_ACTOR", "\xFFx"}, {"GITHUB_SHA", "\xFFx"}}).code == 0);
  CHECK(history(bench)[0].text("actor") == "alice");  // what is no text is not kept
  CHECK(at(history(bench)[0], "revision") == Value());
  const Finished unknown = bench.run({"history", "show", "nobody"});
  CHECK(unknown.code == 1);
  CHECK(contains(unknown.err, std::string(runs[0].text("id"))));
  CHECK(bench.run({"history", "show"}).code == 64);
}

TEST_CASE("--resume carries on the plan of a run that was killed, whatever the files say by now") {
  for (const std::string moment : {"pets: create-group", "pets: import", "pets: publish"}) {
    INFO("killed at " << moment);
    const Served served("1s");
    const ServedBench bench(served);
    const auto process = bench.start({"apply", "--auto-approve"});
    REQUIRE(process->wait_for(moment));
    process->send_signal(SIGKILL);
    process->wait();
    const std::string run = newest_run(bench);
    bench.pets({{"/a", "edited meanwhile"}, {"/b/{id}", "two"}});
    const Finished resumed = bench.run({"apply", "--resume", run});
    INFO(resumed.out + resumed.err);
    CHECK(resumed.code == 0);
    CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 2);
    CHECK(bench.run({"drift"}).code == 0);
    bench.pets({{"/a", "one"}, {"/b/{id}", "two"}});
    bench.converged();
    CHECK(history(bench)[0].text("resumed_from") == run);
    const Finished again = bench.run({"apply", "--resume", run});
    INFO(again.out + again.err);
    CHECK(again.code == 0);
  }
}

TEST_CASE("--resume of what ended well sends nothing, and of what is not known names what is") {
  const Bench bench;
  bench.applied();
  const std::string run = newest_run(bench);
  const std::string before = serial(bench);
  bench.pets({{"/a", "not to be applied"}, {"/b/{id}", "two"}});
  const Finished done = bench.run({"apply", "--resume", run});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(contains(done.err, "ended well"));
  CHECK(serial(bench) == before);
  const Finished unknown = bench.run({"apply", "--resume", "nobody"});
  CHECK(unknown.code == 1);
  CHECK(contains(unknown.err, run));
  CHECK(bench.run({"apply", "plan.json", "--resume", run}).code == 64);
  CHECK(bench.run({"apply", "--prune", "none", "--resume", run}).code == 64);
  CHECK(bench.run({"apply", "--resume", ""}).code == 64);
}

TEST_CASE("rollback plans the way back to what was live before a run, and nothing else") {
  const TwoRuns bench;
  const std::string run = newest_run(bench);
  const Finished shown = bench.run({"rollback", run});
  INFO(shown.out + shown.err);
  CHECK(shown.code == 0);
  CHECK(contains(shown.out, "Plan: 1 to add, 1 to change, 1 to destroy"));
  CHECK(contains(shown.out, "api.pets[\"GET /b/{id}\"] is made anew"));
  CHECK(contains(shown.out, "what was live before the run " + run));
  const Finished saved = bench.run({"rollback", run, "--out", "back.json"});
  REQUIRE(saved.code == 0);
  const Finished applied = bench.run({"apply", "back.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  bench.pets({{"/a", "one"}, {"/b/{id}", "two"}});
  bench.converged();
  CHECK(contains(bench.run({"rollback", run}).out, "No changes"));
}

TEST_CASE("rollback leaves alone what later runs changed and the run did not") {
  const TwoRuns bench;
  const std::string run = newest_run(bench);
  bench.pets({{"/a", "changed"}, {"/c", "new"}, {"/d", "later"}});
  bench.applied();
  REQUIRE(bench.run({"rollback", run, "--out", "back.json"}).code == 0);
  const Finished applied = bench.run({"apply", "back.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  bench.pets({{"/a", "one"}, {"/b/{id}", "two"}, {"/d", "later"}});
  bench.converged();
}

TEST_CASE("rollback of a first run deletes what it made, within the limits of any plan") {
  const Bench bench;
  bench.applied();
  const std::string run = newest_run(bench);
  const Finished refused = bench.run({"rollback", run, "--out", "back.json"});
  INFO(refused.out + refused.err);
  CHECK(refused.code == 4);
  REQUIRE(bench.run({"rollback", run, "--out", "back.json", "--max-deletes", "5"}).code == 0);
  const Finished applied = bench.run({"apply", "back.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  CHECK(bench.run({"state", "list"}).out.empty());
  CHECK(bench.run({"rollback", "nobody"}).code == 1);
  CHECK(bench.run({"rollback"}).code == 64);
}

TEST_CASE("rollback of a first run leaves the group while something that came later is in it") {
  const Bench bench;
  bench.applied();
  const std::string run = newest_run(bench);
  bench.pets({{"/a", "one"}, {"/b/{id}", "two"}, {"/d", "later"}});
  bench.applied();
  const Finished saved = bench.run({"rollback", run, "--out", "back.json", "--max-deletes", "5"});
  INFO(saved.out + saved.err);
  REQUIRE(saved.code == 0);
  CHECK(contains(saved.out, "group.pets stays: api.pets[\"GET /d\"] came into it later."));
  const Finished applied = bench.run({"apply", "back.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  bench.pets({{"/d", "later"}});
  bench.converged();
}

TEST_CASE("rollback finds a group by the name that a later run gave it") {
  const TwoRuns bench;
  const std::string run = newest_run(bench);
  bench.folder.write("dogs.json", swagger({{"/a", "changed"}, {"/c", "new"}}));
  std::string renamed = manifest({"dogs"});
  renamed.insert(renamed.find("swagger: dogs.json"), "renamed_from: pets\n    ");
  bench.folder.write("sluice.yaml", renamed);
  bench.applied();
  const Finished saved = bench.run({"rollback", run, "--out", "back.json"});
  INFO(renamed + saved.out + saved.err);
  REQUIRE(saved.code == 0);
  CHECK(contains(saved.out, "group.pets is called dogs by now."));
  CHECK(contains(saved.out, "Plan: 1 to add, 1 to change, 1 to destroy"));
  const Finished applied = bench.run({"apply", "back.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  bench.folder.write("dogs.json", swagger({{"/a", "one"}, {"/b/{id}", "two"}}));
  bench.converged();
}

TEST_CASE("rollback makes the group anew that a later run deleted") {
  const TwoRuns bench;
  const std::string run = newest_run(bench);
  bench.folder.write("sluice.yaml", manifest({"dogs"}));
  bench.folder.write("dogs.json", swagger({{"/x", "one"}}));
  REQUIRE(bench.run({"apply", "--auto-approve", "--max-deletes", "9"}).code == 0);
  REQUIRE(bench.run({"rollback", run, "--out", "back.json"}).code == 0);
  const Finished applied = bench.run({"apply", "back.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  CHECK(contains(applied.out, "group.pets: created"));
  CHECK(contains(bench.run({"rollback", run}).out, "No changes"));
}

TEST_CASE("rollback leaves an API whose policy of that time is gone, and says which run to take back first") {
  const Bench bench;
  const std::string head = "ratelimits: {gold: {api-limit: 5, interval: 1, unit: SECOND}}\n";
  std::string with_policy = manifest({"pets"}, head);
  with_policy.insert(with_policy.find("auth: none"), "ratelimit: gold, ");
  bench.folder.write("sluice.yaml", with_policy);
  bench.applied();
  bench.pets({{"/a", "changed"}, {"/b/{id}", "two"}});
  bench.applied();
  const std::string run = newest_run(bench);
  bench.folder.write("sluice.yaml", manifest({"pets"}));
  bench.applied();
  const std::string later = newest_run(bench);
  const Finished shown = bench.run({"rollback", run});
  INFO(shown.out + shown.err);
  CHECK(shown.code == 0);
  CHECK(contains(shown.out, "No changes"));
  CHECK(contains(shown.out, "api.pets[\"GET /a\"] stays as it is: ratelimit.gold, which it used then, is gone."));
  REQUIRE(bench.run({"rollback", later, "--out", "back.json"}).code == 0);
  REQUIRE(bench.run({"apply", "back.json"}).code == 0);
  CHECK(contains(bench.run({"rollback", run}).out, "1 to change"));
}

TEST_CASE("rollback makes the response anew that an API of that time names") {
  const Bench bench;
  const auto with_response = [](std::string text) {
    text.insert(text.find("\"paths\""), R"("x-apigateway-responses": {"mine": {"AUTH_FAILURE": {"status": 401}}}, )");
    text.insert(text.find("\"operationId\""), R"("x-apigateway-response": "mine", )");
    return text;
  };
  bench.folder.write("pets.json", with_response(swagger({{"/a", "one"}, {"/b/{id}", "two"}})));
  bench.applied();
  bench.folder.write("pets.json", with_response(swagger({{"/a", "changed"}, {"/b/{id}", "two"}})));
  bench.applied();
  const std::string run = newest_run(bench);
  bench.pets({{"/a", "changed"}, {"/b/{id}", "two"}});
  bench.applied();
  const Finished saved = bench.run({"rollback", run, "--out", "back.json"});
  INFO(saved.out + saved.err);
  REQUIRE(saved.code == 0);
  const Finished applied = bench.run({"apply", "back.json"});
  INFO(applied.out + applied.err);
  CHECK(applied.code == 0);
  CHECK(contains(applied.out, "response.pets.mine: created"));
  CHECK(contains(bench.run({"rollback", run}).out, "No changes"));
}

TEST_CASE("rollback brings back sensitive values that the files still have") {
  const Bench bench;
  std::string sensitive = manifest({"pets"});
  sensitive.insert(sensitive.find("swagger: "), "sensitive: [/description]\n    ");
  bench.folder.write("sluice.yaml", sensitive);
  bench.applied();
  const Finished gone = bench.run({"rollback", newest_run(bench), "--out", "gone.json", "--max-deletes", "9"});
  INFO(gone.out + gone.err);
  REQUIRE(gone.code == 0);
  REQUIRE(bench.run({"apply", "gone.json"}).code == 0);
  const std::string run = newest_run(bench);
  bench.folder.write("pets.json", "{");
  const Finished blind = bench.run({"rollback", run});
  CHECK(blind.code == 0);
  CHECK(contains(blind.err, "does not come back"));
  bench.pets({{"/a", "one"}, {"/b/{id}", "two"}});
  REQUIRE(bench.run({"rollback", run, "--out", "back.json"}).code == 0);
  REQUIRE(bench.run({"apply", "back.json"}).code == 0);
  bench.converged();
}

TEST_CASE("a state that was pulled is pushed into another place, but not over a newer or another one") {
  const Bench bench;
  bench.applied();
  const Finished pulled = bench.run({"state", "pull"});
  REQUIRE(pulled.code == 0);
  bench.folder.write("pulled.json", pulled.out);
  const Finished moved = bench.run({"state", "push", "pulled.json", "--state", "other.db"});
  INFO(moved.out + moved.err);
  REQUIRE(moved.code == 0);
  CHECK(bench.run({"state", "list", "--state", "other.db"}).out == bench.run({"state", "list"}).out);
  CHECK(bench.run({"plan", "--detailed-exitcode", "--state", "other.db"}).code == 0);
  bench.pets({{"/a", "two"}, {"/b/{id}", "two"}});
  bench.applied();
  const Finished older = bench.run({"state", "push", "pulled.json"});
  INFO(older.out + older.err);
  CHECK(older.code == 4);
  CHECK(bench.run({"state", "push", "pulled.json", "--force"}).code == 0);
  Bench stranger;
  stranger.applied();
  stranger.folder.write("pulled.json", pulled.out);
  CHECK(stranger.run({"state", "push", "pulled.json"}).code == 4);
  bench.folder.write("torn.json", pulled.out.substr(0, pulled.out.size() / 2));
  CHECK(bench.run({"state", "push", "torn.json"}).code == 1);
  CHECK(bench.run({"state", "push"}).code == 64);
  CHECK(bench.run({"state", "pull", "--state", "nothing.db"}).code == 1);
}
