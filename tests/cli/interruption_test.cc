// Applies that are killed or interrupted in the middle, and the one after.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

using std::chrono::milliseconds;

/// One gateway and one bench for each moment; all of them side by side.
struct Run {
  explicit Run(int delay) : after(delay), bench(served, {"orders", "pets"}) {}
  int after;
  Served served{"500ms"};
  ServedBench bench;
  std::unique_ptr<Process> process;
};

using Runs = std::vector<std::shared_ptr<Run>>;

void start(const Runs& runs, const std::vector<std::string>& words) {
  for (const auto& run : runs) run->process = run->bench.start(words);
}

void kill_each_in_time(const Runs& runs) {
  start(runs, {"apply", "--auto-approve"});
  int waited = 0;
  for (const auto& run : runs) {  // in the order of their moments
    std::this_thread::sleep_for(milliseconds(run->after - waited));
    waited = run->after;
    run->process->send_signal(SIGKILL);
    run->process->wait();
  }
}

void expect_all(const Runs& runs, const std::vector<std::string>& words) {
  start(runs, words);
  for (const auto& run : runs) {
    const Finished done = run->process->wait();
    INFO("killed after " << run->after << " ms, then " << words[0] << "\n" << done.out << done.err);
    CHECK(done.code == 0);
  }
}

void expect_convergence(const Runs& runs) {
  expect_all(runs, {"apply", "--auto-approve"});
  expect_all(runs, {"plan", "--detailed-exitcode"});
  expect_all(runs, {"drift"});
}

}  // namespace

TEST_CASE("after a kill at any moment the next apply converges") {
  Runs runs;
  for (const int after : {50, 200, 400, 700, 1000}) runs.push_back(std::make_shared<Run>(after));
  kill_each_in_time(runs);  // while creating
  expect_convergence(runs);
  for (const auto& run : runs) run->bench.pets({{"/a", "changed"}, {"/c", "new"}});
  kill_each_in_time(runs);  // while changing and deleting
  expect_convergence(runs);
}

TEST_CASE("after a kill at any moment of an apply with policies the next apply converges") {
  Runs runs;
  for (const int after : {300, 600, 800, 1050, 1150, 1300}) {
    runs.push_back(std::make_shared<Run>(after));
    std::string text =
        manifest({"orders", "pets"},
                 runs.back()->served.gateway_block() + "ratelimits:\n  gold: {api-limit: 9, interval: 1, unit: DAY}\n");
    for (auto at = text.find("{auth: none"); at != std::string::npos; at = text.find("{auth: none", at + 1)) {
      text.insert(at + 1, "ratelimit: gold, ");
    }
    runs.back()->bench.folder.write("sluice.yaml", text);
  }
  kill_each_in_time(runs);
  start(runs, {"state", "list"});  // readable, where there is one
  for (const auto& run : runs) CHECK_FALSE(contains(run->process->wait().err, "unknown word"));
  expect_convergence(runs);
}

TEST_CASE("a signal stops the waiting, says what is in flight, and the next apply converges") {
  Runs runs;
  for (int i = 0; i < 3; ++i) runs.push_back(std::make_shared<Run>(0));
  const int signals[] = {SIGINT, SIGTERM, SIGINT};
  const int codes[] = {130, 143, 130};
  start({runs.begin(), runs.begin() + 2}, {"apply", "--auto-approve"});
  runs[2]->process = runs[2]->bench.start({"apply", "--auto-approve", "--format", "json"});
  for (const auto& run : runs) REQUIRE(run->process->wait_for("import"));
  REQUIRE(runs[2]->process->wait_for("task_progress"));
  std::this_thread::sleep_for(milliseconds(50));
  for (std::size_t i = 0; i < 3; ++i) runs[i]->process->send_signal(signals[i]);
  for (std::size_t i = 0; i < 3; ++i) {
    const Finished done = runs[i]->process->wait();
    INFO(done.out + done.err);
    CHECK(done.code == codes[i]);
    if (i < 2) {
      CHECK(contains(done.err, "in flight"));
      CHECK(contains(done.err, "run `sluice apply` again"));
      continue;
    }
    const auto events = events_of(done);
    CHECK(at(events.back(), "converged") == Value(false));
    const auto notices = events_of_type(events, "diagnostic");
    REQUIRE_FALSE(notices.empty());
    for (const Value& notice : notices) CHECK(notice.text("code") == "in-flight");
  }
  CHECK(contains(runs[0]->bench.run({"plan"}).err, "interrupted"));
  expect_convergence(runs);
}

TEST_CASE("a plan that is interrupted changes nothing and says so") {
  const Served served("2s");
  const ServedBench bench(served);
  served.ask("POST", "/api-groups", R"({"name":"pets"})");
  const std::string group(at(served.ask("GET", "/api-groups"), "groups/0/id").as_string());
  served.ask("POST", "/apis",
             R"({"name":"made_by_hand","type":1,"req_protocol":"HTTPS","req_method":"GET","req_uri":"/x",)"
             R"("auth_type":"NONE","backend_type":"MOCK","group_id":")" +
                 group + R"(","mock_info":{"result_content":"ok"}})");
  const auto process = bench.start({"plan"});
  std::this_thread::sleep_for(milliseconds(400));
  process->send_signal(SIGINT);
  const Finished done = process->wait();
  INFO(done.out + done.err);
  CHECK(done.code == 130);
  CHECK(done.out.empty());
  CHECK(contains(done.err, "nothing was sent"));
}

TEST_CASE("what is left of bound APIs when their move stops half way is no drift, and the next apply ends it") {
  struct Row {
    std::string what;
    std::string fault;
    std::string stops_at;  // killed once this is told; "" when the apply ends by itself
  };
  const Row rows[] = {
      {"deleting is refused", R"({method: DELETE, path: "**/apis/*", nth: 1, action: status, status: 400})", ""},
      {"killed at the first request to delete",
       R"({method: DELETE, path: "**/apis/*", nth: 1, action: delay, milliseconds: 2000})", "delete"},
      {"killed while it goes offline",
       R"({method: POST, path: "**/apis/publish", nth: 3, action: delay, milliseconds: 2000})", "offline"},
      {"killed with a temporary name",
       R"({method: POST, path: "**/openapi/async-import", nth: 3, action: delay, milliseconds: 2000})", "creates"},
  };
  for (const Row& row : rows) {
    for (const bool saved : {false, true}) {
      INFO(row.what << (saved ? ", then the saved plan" : ", then a new plan"));
      const TempFolder folder;
      folder.write("faults.yaml", "[" + row.fault + "]");
      const Served served("20ms", {"--faults", folder / "faults.yaml"});
      const ServedBench bench(served);
      std::string text =
          manifest({"pets"}, served.gateway_block() + "ratelimits:\n  gold: {api-limit: 9, interval: 1, unit: DAY}\n");
      text.insert(text.find("{auth: none") + 1, "ratelimit: gold, ");
      bench.folder.write("sluice.yaml", text);
      bench.applied();
      std::string file = bench.folder.read("pets.json");
      file.insert(file.find("\"paths\""), R"("basePath": "/v2", )");
      bench.folder.write("pets.json", file);
      REQUIRE(bench.run({"plan", "--out", "plan.json"}).code == 0);
      const auto process = bench.start({"apply", "plan.json"});
      if (!row.stops_at.empty()) {
        std::this_thread::sleep_for(milliseconds(900));
        process->send_signal(SIGKILL);
      }
      const Finished stopped = process->wait();
      INFO(stopped.out + stopped.err);
      CHECK(stopped.code != 0);
      const Finished plan = bench.run({"plan"});
      INFO(plan.out + plan.err);
      CHECK(plan.code == 0);
      CHECK(contains(plan.out, "Drift") == false);
      const Finished again = saved ? bench.run({"apply", "plan.json"}) : bench.run({"apply", "--auto-approve"});
      INFO(again.out + again.err);
      CHECK(again.code == 0);
      CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 0);
      CHECK(bench.run({"drift"}).code == 0);
    }
  }
}
