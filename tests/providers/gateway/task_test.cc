// Tasks: their states in time, their order, and their survival.
#include <unistd.h>

#include <filesystem>

#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;
using std::chrono::milliseconds;

namespace {

const std::string kFile = document(R"("/test1":{"get":)" + mock_operation("API_a") + "}");

std::string start_import(Bench& bench, const Bench::Fields& fields = {}) {
  const Answer answer = bench.form("/openapi/async-import", fields, &kFile);
  REQUIRE(answer.status == 202);
  return std::string(answer.body.text("task_id"));
}

std::string status(Bench& bench, const std::string& task) {
  return std::string(bench.get("/async-tasks/" + task).body.text("task_status"));
}

gateway::Options slow() {
  gateway::Options options;
  options.latency = milliseconds(1000);
  return options;
}

/// A file name that is removed at the end, with what SQLite puts beside it.
struct TemporaryFile {
  TemporaryFile() { remove(); }
  ~TemporaryFile() { remove(); }
  void remove() const {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(name + end);
  }
  std::string name = (std::filesystem::temp_directory_path() / ("gateway_test_" + std::to_string(::getpid()))).string();
};

}  // namespace

TEST_CASE("a task waits, is processed and ends by the clock") {
  Bench bench(slow());
  const std::string task = start_import(bench);
  CHECK(bench.get("/async-tasks/" + task).text ==
        R"({"task_id":")" + task + R"(","task_status":"waiting","task_type":"import_api","task_result":""})");
  bench.now += milliseconds(499);
  CHECK(status(bench, task) == "waiting");
  bench.now += milliseconds(1);
  CHECK(status(bench, task) == "processing");
  CHECK(at(bench.get("/apis").body, {"total"}) == Value(0));
  bench.now += milliseconds(500);
  CHECK(at(bench.get("/apis").body, {"total"}) == Value(1));
  const Answer done = bench.get("/async-tasks/" + task);
  CHECK(done.body.text("task_status") == "succeed");
  const auto result = parse_json(done.body.text("task_result"));
  REQUIRE(result);
  CHECK(at(*result, {"success", "0", "action"}) == Value("create"));
}

TEST_CASE("without latency a task is done at the first query") {
  Bench bench;
  CHECK(status(bench, start_import(bench)) == "succeed");
  const std::string second = start_import(bench);
  CHECK(bench.get("/async-tasks/" + second).text ==
        R"({"task_id":")" + second +
            R"(","task_status":"failed","task_type":"import_api","task_result":)"
            R"("{\"error_code\":\"APIG.3201\",\"error_msg\":\"The API group name already exists\"}"})");
}

TEST_CASE("an unknown task is named in the refusal") {
  Bench bench;
  const Answer answer = bench.get("/async-tasks/d9ce");
  CHECK(answer.status == 404);
  CHECK(answer.text == R"({"error_code":"APIG.3093","error_msg":"The asynchronous task d9ce does not exist"})");
}

TEST_CASE("what is wrong with a document shows in the task") {
  Bench bench;
  const std::string bad = R"({"openapi":"3.1.0"})";
  const Answer answer = bench.form("/openapi/async-import", {}, &bad);
  CHECK(answer.status == 202);
  const Answer task = bench.get("/async-tasks/" + std::string(answer.body.text("task_id")));
  CHECK(task.body.text("task_status") == "failed");
  CHECK(task.body.text("task_result").find("APIG.3601") != std::string_view::npos);
}

TEST_CASE("tasks wait for a free slot") {
  gateway::Options options = slow();
  options.concurrent_tasks = 1;
  Bench bench(options);
  const std::string first = start_import(bench);
  const std::string second = start_import(bench);
  bench.now += milliseconds(1000);
  CHECK(status(bench, first) == "succeed");
  CHECK(status(bench, second) == "waiting");
  bench.now += milliseconds(600);
  CHECK(status(bench, second) == "processing");
  bench.now += milliseconds(400);
  CHECK(status(bench, second) == "failed");
}

TEST_CASE("imports into one group run one after the other, into others at once") {
  Bench bench(slow());
  const std::string one = bench.group("group_1");
  const std::string two = bench.group("group_2");
  const auto into = [](const std::string& id) { return Bench::Fields{{"is_create_group", "false"}, {"group_id", id}}; };
  const std::string first = start_import(bench, into(one));
  const std::string same = start_import(bench, into(one));
  const std::string other = start_import(bench, into(two));
  bench.now += milliseconds(1000);
  CHECK(status(bench, first) == "succeed");
  CHECK(status(bench, same) == "waiting");
  CHECK(status(bench, other) == "succeed");
}

TEST_CASE("data and tasks in flight survive a restart") {
  const TemporaryFile file;
  gateway::Options options = slow();
  options.data = file.name;
  std::string task;
  std::string group;
  {
    Bench bench(options);
    group = bench.group("kept");
    task = start_import(bench);
  }
  Bench bench(options);
  CHECK(bench.get("/api-groups/" + group).body.text("name") == "kept");
  CHECK(status(bench, task) == "waiting");
  bench.now += milliseconds(1000);
  CHECK(status(bench, task) == "succeed");
  const Answer apis = bench.get("/apis");
  CHECK(at(apis.body, {"total"}) == Value(1));
  CHECK(at(apis.body, {"apis", "0", "register_time"}) == Value("2023-07-22T04:26:41.000Z"));
}

TEST_CASE("two gateways on one file see each other's changes") {
  const TemporaryFile file;
  gateway::Options options;
  options.data = file.name;
  Bench one(options);
  Bench two(options);
  const std::string group = one.group("shared");
  CHECK(two.get("/api-groups/" + group).status == 200);
  for (int i = 0; i < 20; ++i) {
    REQUIRE((i % 2 == 0 ? one : two).post("/api-groups", R"({"name":"group_)" + std::to_string(i) + R"("})").status ==
            201);
  }
  CHECK(at(one.get("/api-groups").body, {"total"}) == Value(21));
  CHECK(one.get("/api-groups?limit=50").text == two.get("/api-groups?limit=50").text);

  const std::string export_body = R"({"env_id":")" + std::string(kRelease) + R"(","group_id":")" + group + R"("})";
  const std::string task(one.post("/openapi/async-export", export_body).body.text("task_id"));
  const std::string result(one.get("/async-tasks/" + task).body.text("task_result"));
  CHECK(result.find("FileName") != std::string::npos);
  CHECK(std::string(two.get("/async-tasks/" + task).body.text("task_result")) == result);
}

TEST_CASE("publications survive a restart with their snapshots") {
  const TemporaryFile file;
  gateway::Options options;
  options.data = file.name;
  std::string api;
  {
    Bench bench(options);
    const Answer imported = bench.import(kFile);
    api = at(imported.body, {"success", "0", "id"}).as_string();
    const std::string body =
        R"({"action":"online","env_id":")" + std::string(kRelease) + R"(","api_id":")" + api + "\"}";
    REQUIRE(bench.post("/apis/action", body).status == 201);
    const std::string group(imported.body.text("group_id"));
    bench.import_into(group, document(R"("/test1":{"get":)" + mock_operation("API_b") + "}"));
  }
  Bench bench(options);
  CHECK(bench.get("/apis/" + api).body.text("name") == "API_b");
  CHECK(bench.get("/apis/runtime/" + api).body.text("name") == "API_a");
}

TEST_CASE("a file that cannot be opened is an error") {
  gateway::Options options;
  options.data = "/nonexistent/folder/gateway.db";
  const auto opened = gateway::Gateway::open(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::Storage);
  options.data = ":memory:";
  options.quirks["colour"] = "blue";
  REQUIRE_FALSE(gateway::Gateway::open(options));
}
