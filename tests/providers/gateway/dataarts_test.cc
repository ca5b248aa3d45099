// DataArts Factory: jobs, scripts, lists and workspaces.
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "providers/gateway/dataarts/routes.h"
#include "tests/providers/gateway/dataarts_bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

std::string names(const Answer& list, const std::string& plural) {
  std::string out;
  for (const Value& item : at(list.body, {plural}).items()) out += std::string(item.text("name")) + " ";
  return out;
}

}  // namespace

TEST_CASE("a job is created, shown, changed and deleted") {
  Factory dlf;
  CHECK(dlf.post("jobs", job("a", R"(,"targetStatus":"SAVED","unknown":{"k":[1]})")).status == 204);
  CHECK(dlf.post("jobs", job("a")).code() == "DLF.0102");
  const Answer shown = dlf.get("jobs/a");
  CHECK(
      shown.text ==
      R"({"name":"a","processType":"BATCH","nodes":[{"name":"n1","type":"HiveSQL","location":{"x":"-45.5","y":"10.0"},)"
      R"("properties":[{"name":"scriptName","value":"s1"}],"preNodeName":[],"conditions":[],"pollingInterval":10,)"
      R"("maxExecutionTime":60,"retryTimes":0,"retryInterval":120,"failPolicy":"FAIL"}],)"
      R"("schedule":{"type":"EXECUTE_ONCE"},"unknown":{"k":[1]},"directory":"/","params":[],"id":1,"version":"1",)"
      R"("createTime":1544777081487,"lastUpdateUser":"dataarts"})");
  CHECK(dlf.call("PUT", "jobs/a", job("b", R"(,"id":7)")).status == 204);
  CHECK(dlf.get("jobs/a").code() == "DLF.0100");
  CHECK(dlf.get("jobs/b").body.text("version") == "2");
  CHECK(*dlf.get("jobs/b").body.find("id") == Value(1));
  CHECK(dlf.call("DELETE", "jobs/b").status == 204);
  CHECK(dlf.call("DELETE", "jobs/b").code() == "DLF.0100");
  CHECK(dlf.call("PUT", "jobs/b", job("b")).code() == "DLF.0100");
  CHECK(dlf.call("PATCH", "jobs/b").status == 405);
  CHECK(dlf.get("nothing").status == 404);
}

TEST_CASE("jobs are listed by kind, name and page") {
  Factory dlf;
  for (int i = 10; i < 35; ++i) REQUIRE(dlf.post("jobs", job("b" + std::to_string(i))).status == 204);
  REQUIRE(dlf.post("jobs", job("r1", R"(,"directory":"/d","basicConfig":{"owner":"ann","priority":2})", "REAL_TIME"))
              .status == 204);
  CHECK(names(dlf.get("jobs"), "jobs") == "b10 b11 b12 b13 b14 b15 b16 b17 b18 b19 ");
  CHECK(names(dlf.get("jobs?limit=2&offset=24"), "jobs") == "b34 ");
  CHECK(*dlf.get("jobs?limit=2&offset=24").body.find("total") == Value(25));
  CHECK(names(dlf.get("jobs?jobName=3&limit=100"), "jobs") == "b13 b23 b30 b31 b32 b33 b34 ");
  CHECK(dlf.get("jobs?jobType=REAL_TIME").text ==
        R"({"total":1,"jobs":[{"name":"r1","jobType":"REAL_TIME","status":"STOPPED","owner":"ann","priority":2,)"
        R"("createUser":"dataarts","createTime":1544777081487,"lastUpdateUser":"dataarts",)"
        R"("lastUpdateTime":1544777081487,"path":"/d","singleNodeJobFlag":false}]})");
  for (const char* query : {"limit=0", "limit=101", "offset=-1", "limit=x", "jobType=ALL"}) {
    CHECK(dlf.get("jobs?" + std::string(query)).code() == "DLF.3051");
  }
  Factory pages(Quirks{{"list_offset", "page"}});
  for (int i = 0; i < 5; ++i) REQUIRE(pages.post("jobs", job("b" + std::to_string(i))).status == 204);
  CHECK(names(pages.get("jobs?limit=2&offset=1"), "jobs") == "b2 b3 ");
}

TEST_CASE("a job is started and stopped") {
  gateway::Options options;
  options.latency = std::chrono::milliseconds(1000);
  Factory dlf({}, options);
  const auto status = [&](const std::string& type) {
    return std::string(dlf.get("jobs?jobType=" + type).body.find("jobs")->items().at(0).text("status"));
  };
  REQUIRE(dlf.post("jobs", job("b")).status == 204);
  REQUIRE(dlf.post("jobs", job("r", "", "REAL_TIME")).status == 204);
  CHECK(status("REAL_TIME") == "STOPPED");
  CHECK(dlf.post("jobs/b/start").status == 204);
  CHECK(dlf.post("jobs/r/start", R"({"jobParams":[]})").status == 204);
  CHECK(status("BATCH") == "SCHEDULING");
  CHECK(status("REAL_TIME") == "STARTING");
  dlf.now += std::chrono::seconds(1);
  CHECK(status("REAL_TIME") == "NORMAL");
  CHECK(dlf.post("jobs/b/stop").status == 204);
  CHECK(dlf.post("jobs/r/stop").status == 204);
  CHECK(status("BATCH") == "STOPPED");
  CHECK(status("REAL_TIME") == "STOPPING");
  dlf.now += std::chrono::seconds(1);
  CHECK(status("REAL_TIME") == "STOPPED");
  CHECK(dlf.post("jobs/x/start").code() == "DLF.0100");
  CHECK(dlf.post("jobs/x/stop").code() == "DLF.0100");
}

TEST_CASE("a job that breaks a rule is refused") {
  Factory dlf;
  const std::string good = job("a");
  const auto with = [&](std::string from, const std::string& to) {
    std::string out = good;
    const std::size_t where = out.find(from);
    REQUIRE(where != std::string::npos);
    return out.replace(where, from.size(), to);
  };
  const std::pair<std::string, const char*> wrong[] = {
      {"[]", "DLF.3051"},
      {"{}", "DLF.3004"},
      {job("a b"), "DLF.3018"},
      {job(std::string(129, 'a')), "DLF.3018"},
      {job("a", "", "OTHER"), "DLF.3051"},
      {job("a", R"(,"description":7)"), "DLF.3050"},
      {job("a", R"(,"basicConfig":{"priority":3})"), "DLF.3051"},
      {job("a", R"(,"params":[{"name":"p"}])"), "DLF.3051"},
      {job("a", R"(,"params":[{"name":"p","value":"v","type":"x"}])"), "DLF.3051"},
      {with(R"("EXECUTE_ONCE")", R"("SOMETIMES")"), "DLF.3025"},
      {with(R"("EXECUTE_ONCE")", R"("CRON","cron":{"expression":"5 0 0 * * ?"})"), "DLF.3025"},
      {with(R"("EXECUTE_ONCE")", R"("EVENT","event":{"eventType":"MAIL"})"), "DLF.3025"},
      {with(R"("HiveSQL")", R"("")"), "DLF.3051"},
      {with(R"("-45.5")", R"("left")"), "DLF.3051"},
      {with(R"("type":"HiveSQL")", R"("type":"HiveSQL","retryTimes":6)"), "DLF.3051"},
      {with(R"("type":"HiveSQL")", R"("type":"HiveSQL","pollingInterval":0)"), "DLF.3051"},
      {with(R"("type":"HiveSQL")", R"("type":"HiveSQL","failPolicy":"SHRUG")"), "DLF.3051"},
      {with(R"("type":"HiveSQL")", R"("type":"HiveSQL","preNodeName":["nobody"])"), "DLF.3051"}};
  for (const auto& [body, code] : wrong) {
    INFO(body);
    const Answer answer = dlf.post("jobs", body);
    CHECK(answer.status == 400);
    CHECK(answer.code() == code);
  }
  CHECK(dlf.post("jobs", with(R"("EXECUTE_ONCE")", R"("CRON","cron":{"expression":"0 20 1 * * ?"})")).status == 204);
  const HttpResponse typed =
      dlf.send("POST", std::string(kFactory) + "jobs", job("c"), {{"Content-Type", "text/plain"}});
  CHECK(typed.body.find("DLF.3051") != std::string::npos);
}

TEST_CASE("a script is created, listed, shown, changed and deleted") {
  Factory dlf;
  CHECK(dlf.post("scripts", script("s1")).status == 204);
  CHECK(dlf.post("scripts", script("s1")).code() == "DLF.0202");
  CHECK(dlf.post("scripts", script("s2")).status == 204);
  CHECK(names(dlf.get("scripts"), "scripts") == "s1 s2 ");
  CHECK(names(dlf.get("scripts?scriptName=2"), "scripts") == "s2 ");
  CHECK(dlf.get("scripts/s1").text ==
        R"({"name":"s1","type":"HiveSQL","content":"select 1","directory":"/","description":"","configuration":{},)"
        R"("id":1,"autoAcquireLock":false})");
  CHECK(dlf.call("PUT", "scripts/s1", script("s1", "select 2")).status == 204);
  CHECK(dlf.get("scripts/s1").body.text("content") == "select 2");
  CHECK(dlf.call("PUT", "scripts/s1", script("s3")).code() == "DLF.0203");
  CHECK(dlf.call("PUT", "scripts/s9", script("s9")).code() == "DLF.6201");
  CHECK(dlf.call("DELETE", "scripts/s1").status == 204);
  CHECK(dlf.call("DELETE", "scripts/s1").code() == "DLF.6201");
  CHECK(dlf.get("scripts/s1").code() == "DLF.6201");
  CHECK(dlf.post("scripts", R"({"name":"s","content":""})").code() == "DLF.6247");
  CHECK(dlf.post("scripts", R"({"name":"s","type":"HiveSQL"})").code() == "DLF.3051");
  CHECK(dlf.post("scripts", R"({"name":"s","type":"Cobol","content":""})").code() == "DLF.3051");
}

TEST_CASE("workspaces are apart, and so are projects") {
  Factory dlf;
  REQUIRE(dlf.post("jobs", job("a")).status == 204);
  dlf.workspace = "default";
  CHECK(dlf.get("jobs/a").status == 200);
  dlf.workspace = "d1cd7861478748a6925bc02f47c69279";
  CHECK(dlf.get("jobs/a").code() == "DLF.0100");
  REQUIRE(dlf.post("jobs", job("a")).status == 204);
  CHECK(dlf.send("GET", "/v1/other/jobs/a", "").status == 400);
}

TEST_CASE("only listed workspaces exist, and the one called default is meant by none") {
  gateway::Options options;
  options.directory = gateway::Directory{};
  const std::string project(kFactory.substr(4, 32));
  options.directory->workspaces = {{"w1", project, "team"}, {"w2", project, "default"}, {"w3", "another", "team"}};
  Factory dlf({}, options);
  REQUIRE(dlf.post("jobs", job("a")).status == 204);
  dlf.workspace = "w2";
  CHECK(dlf.get("jobs/a").status == 200);
  dlf.workspace = "w1";
  CHECK(dlf.get("jobs/a").code() == "DLF.0100");
  dlf.workspace = "w3";
  CHECK(dlf.get("jobs/a").text == R"({"error_code":"DLF.0819","error_msg":"Workspace does not exist."})");
  options.directory->workspaces = {{"w1", project, "team"}};
  Factory without(Quirks{{"dlf_codes", "long"}}, options);
  CHECK(without.get("jobs").code() == "DLF.20819");
  Factory required(Quirks{{"workspace", "required"}});
  CHECK(required.get("jobs").code() == "DLF.0819");
  required.workspace = "w";
  CHECK(required.get("jobs").status == 200);
}

TEST_CASE("workspaces stand in the file of instances") {
  const auto read = gateway::Directory::read(
      {"i", "workspaces: [{id: w1, project_id: p1, name: default}, {id: w2, project_id: p1}]"});
  REQUIRE(read.value);
  REQUIRE(read.value->find_workspace("p1", "") != nullptr);
  CHECK(read.value->find_workspace("p1", "")->id == "w1");
  CHECK(read.value->find_workspace("p1", "w2")->name == "w2");
  CHECK(read.value->find_workspace("p2", "w2") == nullptr);
  CHECK_FALSE(gateway::Directory::read({"i", "workspaces: [{id: w1}]"}).value);
}

TEST_CASE("with credentials the calls of DataArts need them too") {
  gateway::Options options;
  options.credentials = gateway::Credentials{{{"good", "", std::nullopt}, {"other", "another", std::nullopt}}, {}, {}};
  Factory dlf({}, options);
  CHECK(dlf.get("jobs").status == 401);
  const std::string path = std::string(kFactory) + "jobs";
  CHECK(dlf.send("GET", path, "", {{"X-Auth-Token", "good"}}).status == 200);
  CHECK(dlf.send("GET", path, "", {{"X-Auth-Token", "other"}}).status == 403);
}

TEST_CASE("jobs, tasks and objects outlive the process") {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("gateway_dataarts_" + std::to_string(::getpid()))).string();
  const auto remove = [&] {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file + end);
  };
  remove();
  gateway::Options options;
  options.data = file;
  options.latency = std::chrono::milliseconds(1000);
  std::string task;
  {
    Factory dlf({}, options);
    REQUIRE(dlf.post("jobs", job("a")).status == 204);
    dlf.stage({{"b.job", job("b")}});
    task = dlf.import();
  }
  Factory dlf({}, options);
  CHECK(dlf.get("jobs/a").status == 200);
  CHECK(dlf.send("HEAD", "/aaaaa/job_batch.zip").status == 200);
  CHECK(dlf.outcome(task) == "RUNNING");
  dlf.now += std::chrono::seconds(1);
  CHECK(dlf.outcome(task) == "SUCCESSFUL");
  CHECK(dlf.get("jobs/b").status == 200);
  remove();
}

TEST_CASE("every call of DataArts answers every kind of body, and never with an error of its own") {
  Factory dlf;
  REQUIRE(dlf.post("jobs", job("a")).status == 204);
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  for (const auto& route : gateway::dataarts::routes()) {
    for (const std::string& id :
         {std::string("a"), std::string("%00%2F"), std::string("%ff"), std::string(9000, 'x')}) {
      std::string path(route.path);
      if (const std::size_t where = path.find("{}"); where != std::string::npos) path.replace(where, 2, id);
      for (const std::string& body : {std::string(), std::string("null"), std::string("{}"), std::string("[7]"), deep,
                                      std::string(R"({"path":7,"jobList":[7],"params":[1],"obsPath":{}})")}) {
        const Answer answer = dlf.call(std::string(route.method), path, body);
        INFO(route.method << " " << path.substr(0, 200) << " " << body.substr(0, 20) << "\n"
                          << answer.text.substr(0, 300));
        CHECK(answer.status < 500);
        if (answer.status >= 400) CHECK_FALSE(answer.body.text("error_msg").empty());
      }
    }
  }
}

TEST_CASE("every kind of value is survived in every member of a job") {
  Factory dlf;
  const auto body =
      parse_json(job("a", R"(,"params":[],"basicConfig":{},"directory":"/","description":"","logPath":"")"));
  REQUIRE(body);
  const auto try_all = [&](const std::function<Value(const Value&)>& place) {
    for (const char* other : {"null", "true", "-1", "1e99", R"("")", R"("x")", "[]", "[7]", "{}", R"({"a":7})"}) {
      const Value changed = place(*parse_json(other));
      CHECK(dlf.post("jobs", write_json(changed)).status < 500);
      CHECK(dlf.get("jobs/a").status < 500);
      CHECK(dlf.get("jobs").status < 500);
      CHECK(dlf.post("jobs/a/export").status < 500);
      dlf.call("DELETE", "jobs/a");
    }
  };
  for (const Value::Member& member : body->members()) {
    try_all([&](const Value& other) {
      Value changed = *body;
      return changed.set(member.key, other);
    });
  }
  const Value node = body->find("nodes")->items().at(0);
  for (const Value::Member& member : node.members()) {
    try_all([&](const Value& other) {
      Value changed = node;
      changed.set(member.key, other);
      Value whole = *body;
      return whole.set("nodes", Value::array({changed}));
    });
  }
}
