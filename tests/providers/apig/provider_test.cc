// What the client makes of answers that do not fit together, over a gateway that says what the test tells it to.
#include "providers/apig/apig_provider.h"

#include <catch2/catch.hpp>

#include "plan/json.h"

namespace sluice {
namespace {

struct List {
  Value items = Value::array();
  std::size_t missing = 0;  ///< announced, but on no page
};

/// A gateway of one group, "pets".
class Scripted final : public Transport {
 public:
  Scripted() {
    groups.items.push(Value::object({{"id", "g1", 0}, {"name", "pets", 0}, {"remark", "", 0}}));
    environments.items.push(Value::object({{"id", "DEFAULT_ENVIRONMENT_RELEASE_ID", 0}, {"name", "RELEASE", 0}}));
  }

  void list_api(const std::string& path, const std::string& served_in = "") {
    apis.items.push(Value::object({{"id", "id of " + path, 0},
                                   {"req_method", "GET", 0},
                                   {"req_uri", path, 0},
                                   {"match_mode", "NORMAL", 0},
                                   {"run_env_name", served_in, 0}}));
  }

  /// Every export gives these.
  void export_apis(const std::vector<std::string>& paths) {
    Value document = Value::object();
    Value operations = Value::object();
    for (const std::string& path : paths) {
      std::string parameters = "[]";
      if (const auto open = path.find('{'); open != std::string::npos) {
        parameters = R"([{"name":")" + path.substr(open + 1, path.find('}') - open - 1) +
                     R"(","in":"path","type":"string","required":true}])";
      }
      const auto operation = parse_json(
          R"({"get":{"operationId":")" + std::string("api") + std::to_string(operations.members().size()) +
          R"(","schemes":["https"],"parameters":)" + parameters +
          R"(,"responses":{"default":{"description":"x"}},"x-apigateway-backend":{"type":"MOCK","mockEndpoints":)" +
          R"({"description":"","result-content":"ok"}},"x-apigateway-cors":false,"x-apigateway-match-mode":"NORMAL",)" +
          R"("x-apigateway-request-type":"public"}})");
      REQUIRE(operation);
      operations.set(path, *operation);
    }
    document.set("swagger", "2.0");
    document.set("info", Value::object({{"title", "pets", 0}, {"version", "sluice", 0}}));
    document.set("paths", std::move(operations));
    Value result = Value::object();
    result.set("FileName", "pets").set("FileType", ".json").set("Comment", write_json(document));
    Value answer = Value::object();
    answer.set("task_id", "t1").set("task_status", "succeed").set("task_type", "export_api");
    answer.set("task_result", write_json(result));
    task = write_json(answer);
  }

  Result<HttpResponse> send(const HttpRequest& request) override {
    const auto names = [&](std::string_view part) { return request.target.find(part) != std::string::npos; };
    const bool first = names("offset=0");
    if (names("/envs?")) return page("envs", environments, first);
    if (names("/api-groups?")) return page("groups", groups, first);
    if (names("/api-groups/g1") && renamed) return HttpResponse{200, {}, R"({"id":"g1","name":"zoo","remark":"r"})"};
    if (names("/api-groups/")) return HttpResponse{404, {}, R"({"error_code":"APIG.3001","error_msg":"none"})"};
    if (names("/apis?")) return page("apis", apis, first);
    if (names("/async-export") || names("/async-import")) return HttpResponse{200, {}, R"({"task_id":"t1"})"};
    if (names("/async-tasks/")) return HttpResponse{200, {}, task};
    return HttpResponse{500, {}, ""};
  }

  List environments;
  List groups;
  List apis;
  std::string task;      ///< the answer about any task
  bool renamed = false;  ///< the group g1 is called zoo

 private:
  static HttpResponse page(std::string_view key, const List& list, bool first) {
    Value body = Value::object();
    body.set("total", static_cast<std::int64_t>(list.items.items().size() + list.missing));
    body.set(key, first ? list.items : Value::array());
    return {200, {}, write_json(body)};
  }
};

ApigSettings settings() { return {{"apig", "https://gateway.example", "project", "instance"}, {}}; }

Address pet(const std::string& path) { return Address::api("pets", "GET", path, "NORMAL"); }

/// How the export ends; an error of its start counts as one of its task.
TaskStatus exported(Scripted& gateway, const ExportRequest& request) {
  ApigProvider provider(gateway, settings());
  auto task = provider.start_export(request);
  if (!task) return TaskFailed{task.error()};
  auto status = provider.poll(*task);
  if (!status) return TaskFailed{status.error()};
  return std::move(*status);
}

/// The error with which the export ends.
Error export_error(Scripted& gateway, const ExportRequest& request) {
  const TaskStatus status = exported(gateway, request);
  const auto* failed = std::get_if<TaskFailed>(&status);
  REQUIRE(failed != nullptr);
  return failed->error;
}

/// How an import ends of which the gateway says this.
TaskStatus imported(const std::string& state, const std::string& result) {
  Scripted gateway;
  gateway.task = R"({"task_id":"t1","task_status":")" + state + R"(","task_type":"import_api")" + result + "}";
  ApigProvider provider(gateway, settings());
  Step step{.kind = StepKind::Import, .group = "pets"};
  step.document = "{}";
  step.predicted = {{pet("/a"), Effected::Created}};
  auto task = provider.start(step, {{Address::group("pets"), "g1"}});
  REQUIRE(task);
  auto status = provider.poll(*task);
  REQUIRE(status);
  return std::move(*status);
}

TEST_CASE("an import that ended without a readable result may have done anything") {
  const std::string state = GENERATE(as<std::string>(), "succeed", "failed");
  const std::string result = GENERATE(as<std::string>(), "", R"(,"task_result":null)", R"(,"task_result":42)",
                                      R"(,"task_result":"")", R"(,"task_result":"{")", R"(,"task_result":["success"])");
  INFO(state << result);
  const TaskStatus status = imported(state, result);
  const auto* failed = std::get_if<TaskFailed>(&status);
  REQUIRE(failed != nullptr);
  CHECK(failed->error.effect == Effect::Unknown);
}

TEST_CASE("an import whose result is JSON and no object may have done anything") {
  const std::string state = GENERATE(as<std::string>(), "succeed", "failed");
  const std::string result = GENERATE(as<std::string>(), "null", "42", "[]");
  INFO(state << ", " << result);
  const TaskStatus status = imported(state, R"(,"task_result":")" + result + "\"");
  const auto* failed = std::get_if<TaskFailed>(&status);
  REQUIRE(failed != nullptr);
  CHECK(failed->error.effect == Effect::Unknown);
}

TEST_CASE("a list that ends before all it announced is not taken for whole") {
  Scripted gateway;
  gateway.list_api("/a");
  gateway.export_apis({"/a"});
  REQUIRE(std::holds_alternative<ExportDone>(exported(gateway, {"pets", {}, {}})));
  List Scripted::*const cut = GENERATE(&Scripted::environments, &Scripted::groups, &Scripted::apis);
  (gateway.*cut).missing = 2;
  CHECK(export_error(gateway, {"pets", {}, {}}).kind == ErrorKind::Unavailable);
}

TEST_CASE("an API that is exported and not listed was made meanwhile") {
  Scripted gateway;
  gateway.list_api("/a");
  gateway.export_apis({"/a", "/b"});
  const Error error = export_error(gateway, {"pets", {}, {}});
  CHECK(error.kind == ErrorKind::Unavailable);
  CHECK(error.message.find("/b") != std::string::npos);
}

TEST_CASE("an environment that is not there is not missed, and what is there says which are") {
  Scripted gateway;
  gateway.list_api("/a", "RELEASE");
  gateway.export_apis({"/a"});
  const TaskStatus status = exported(gateway, {"pets", {"RELEASE", "gone"}});
  const auto* done = std::get_if<ExportDone>(&status);
  REQUIRE(done != nullptr);
  CHECK(done->live.resources.contains(pet("/a")));
  CHECK(done->live.resources.contains(Address::publication(pet("/a"), "RELEASE")));
  CHECK(done->live.environments == std::set<std::string>{"RELEASE"});
}

TEST_CASE("where an API is served is told by names or by ids, and environments without a name are left out") {
  struct Row {
    std::string members;
    bool served;
  };
  const Row rows[] = {
      {R"("run_env_name":"RELEASE")", true},
      {R"("run_env_name":"RELEASE","run_env_id":null)", true},
      {R"("run_env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID")", true},
      {R"("run_env_name":"","run_env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID")", true},
      {R"("run_env_name":"|RELEASE","run_env_id":"e0|DEFAULT_ENVIRONMENT_RELEASE_ID","publish_time":"|2020-08-03T01:36:00Z")",
       true},
      {R"("run_env_id":"an-unknown-one")", false},
      {R"("run_env_name":"","run_env_id":"")", false},
  };
  for (const Row& row : rows) {
    INFO(row.members);
    Scripted gateway;
    gateway.apis.items.push(
        *parse_json(R"({"id":"1","req_method":"GET","req_uri":"/a","match_mode":"NORMAL",)" + row.members + "}"));
    gateway.export_apis({"/a"});
    const TaskStatus status = exported(gateway, {"pets", {"RELEASE"}, {}});
    const auto* done = std::get_if<ExportDone>(&status);
    REQUIRE(done != nullptr);
    CHECK(done->live.resources.contains(pet("/a")));
    CHECK(done->live.resources.contains(Address::publication(pet("/a"), "RELEASE")) == row.served);
    CHECK(done->live.resources.size() == (row.served ? 3 : 2));
  }
}

TEST_CASE("a group that was renamed is found by its id, and one that is gone is not there") {
  Scripted gateway;
  gateway.groups.items = Value::array();
  gateway.renamed = true;
  const auto live_of = [&](const ExportRequest& request) {
    const TaskStatus status = exported(gateway, request);
    const auto* done = std::get_if<ExportDone>(&status);
    REQUIRE(done != nullptr);
    CHECK(done->live.environments == std::set<std::string>{"RELEASE"});
    return done->live.resources;
  };
  const auto found = live_of({.group = "pets", .environments = {}, .group_id = "g1"});
  REQUIRE(found.contains(Address::group("pets")));
  CHECK(found.at(Address::group("pets")).body.text("name") == "zoo");
  CHECK(found.at(Address::group("pets")).remote_id == "g1");
  CHECK(live_of({.group = "pets", .environments = {}}).empty());
  gateway.renamed = false;
  CHECK(live_of({.group = "pets", .environments = {}, .group_id = "g1"}).empty());
}

TEST_CASE("two APIs that differ only in the names of path variables are a conflict") {
  const bool both = GENERATE(false, true);
  Scripted gateway;
  gateway.list_api("/a/{id}");
  gateway.list_api("/a/{key}");
  gateway.export_apis(both ? std::vector<std::string>{"/a/{id}", "/a/{key}"} : std::vector<std::string>{"/a/{id}"});
  INFO(both);
  const Error error = export_error(gateway, {"pets", {}, {}});
  INFO(error.message);
  CHECK(error.kind == ErrorKind::Conflict);
  for (const char* part : {"/a/{id}", "/a/{key}", "pets", "delete one of them"}) {
    CHECK(error.message.find(part) != std::string::npos);
  }
}

TEST_CASE("two APIs that only an export shows as two are a conflict too, never one of them") {
  Scripted gateway;
  gateway.list_api("/a/{id}");
  gateway.export_apis({"/a/{id}", "/a/{key}"});
  CHECK(export_error(gateway, {"pets", {}, {}}).kind == ErrorKind::Conflict);
}

}  // namespace
}  // namespace sluice
