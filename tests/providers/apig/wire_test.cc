// What the client sends and reads, pinned to the documented samples: it shares no code with the embedded gateway.
#include "providers/apig/wire.h"

#include <catch2/catch.hpp>

#include "plan/json.h"
#include "plan/swagger.h"

namespace sluice::apig {
namespace {

HttpResponse answer(int status, std::string body) { return {status, {}, std::move(body)}; }

// APIG API reference, "Querying the Result of an Asynchronous Task", example 2, as it stands there.
constexpr std::string_view kExportAnswer = R"json({
  "task_id" : "d6e8834b6f0f4711a2fa5345e5b60833",
  "task_status" : "succeed",
  "task_type" : "export_api",
  "task_result" : "{\"FileName\":\"test8-RELEASE-all-2023-07-11-19:54:22\",\"FileType\":\".json\",\"Comment\":\"{\\n\\t\\\"swagger\\\": \\\"2.0\\\",\\n\\t\\\"info\\\": {\\n\\t\\t\\\"title\\\": \\\"test8\\\",\\n\\t\\t\\\"version\\\": \\\"2023-07-11-19:54:22\\\"\\n\\t},\\n\\t\\\"host\\\": \\\"9100ae30705947cc9543d37cd7fb388c.apic.cn-north-7.huaweicloudapis.com\\\",\\n\\t\\\"paths\\\": {\\n\\t\\t\\\"/test1\\\": {\\n\\t\\t\\t\\\"get\\\": {\\n\\t\\t\\t\\t\\\"security\\\": [\\n\\t\\t\\t\\t\\t{\\n\\t\\t\\t\\t\\t\\t\\\"apig-auth-app\\\": []\\n\\t\\t\\t\\t\\t}\\n\\t\\t\\t\\t],\\n\\t\\t\\t\\t\\\"schemes\\\": [\\n\\t\\t\\t\\t\\t\\\"https\\\"\\n\\t\\t\\t\\t],\\n\\t\\t\\t\\t\\\"operationId\\\": \\\"API_zjev\\\",\\n\\t\\t\\t\\t\\\"responses\\\": {\\n\\t\\t\\t\\t\\t\\\"default\\\": {\\n\\t\\t\\t\\t\\t\\t\\\"$ref\\\": \\\"#/responses/default\\\"\\n\\t\\t\\t\\t\\t},\\n\\t\\t\\t\\t\\t\\\"x-apigateway-result-failure-sample\\\": \\\"\\\",\\n\\t\\t\\t\\t\\t\\\"x-apigateway-result-normal-sample\\\": \\\"\\\"\\n\\t\\t\\t\\t},\\n\\t\\t\\t\\t\\\"x-apigateway-backend\\\": {\\n\\t\\t\\t\\t\\t\\\"mockEndpoints\\\": {\\n\\t\\t\\t\\t\\t\\t\\\"description\\\": \\\"\\\",\\n\\t\\t\\t\\t\\t\\t\\\"result-content\\\": \\\"not ok\\\"\\n\\t\\t\\t\\t\\t},\\n\\t\\t\\t\\t\\t\\\"type\\\": \\\"MOCK\\\"\\n\\t\\t\\t\\t},\\n\\t\\t\\t\\t\\\"x-apigateway-cors\\\": false,\\n\\t\\t\\t\\t\\\"x-apigateway-match-mode\\\": \\\"NORMAL\\\",\\n\\t\\t\\t\\t\\\"x-apigateway-request-type\\\": \\\"public\\\"\\n\\t\\t\\t}\\n\\t\\t}\\n\\t},\\n\\t\\\"responses\\\": {\\n\\t\\t\\\"default\\\": {\\n\\t\\t\\t\\\"description\\\": \\\"response example\\\"\\n\\t\\t}\\n\\t},\\n\\t\\\"securityDefinitions\\\": {\\n\\t\\t\\\"apig-auth-app\\\": {\\n\\t\\t\\t\\\"type\\\": \\\"apiKey\\\",\\n\\t\\t\\t\\\"name\\\": \\\"Authorization\\\",\\n\\t\\t\\t\\\"in\\\": \\\"header\\\",\\n\\t\\t\\t\\\"x-apigateway-auth-type\\\": \\\"AppSigv1\\\"\\n\\t\\t},\\n\\t\\t\\\"apig-auth-app-header\\\": {\\n\\t\\t\\t\\\"type\\\": \\\"apiKey\\\",\\n\\t\\t\\t\\\"name\\\": \\\"Authorization\\\",\\n\\t\\t\\t\\\"in\\\": \\\"header\\\",\\n\\t\\t\\t\\\"x-apigateway-auth-opt\\\": {\\n\\t\\t\\t\\t\\\"appcode-auth-type\\\": \\\"header\\\"\\n\\t\\t\\t},\\n\\t\\t\\t\\\"x-apigateway-auth-type\\\": \\\"AppSigv1\\\"\\n\\t\\t},\\n\\t\\t\\\"apig-auth-iam\\\": {\\n\\t\\t\\t\\\"type\\\": \\\"apiKey\\\",\\n\\t\\t\\t\\\"name\\\": \\\"unused\\\",\\n\\t\\t\\t\\\"in\\\": \\\"header\\\",\\n\\t\\t\\t\\\"x-apigateway-auth-type\\\": \\\"IAM\\\"\\n\\t\\t}\\n\\t}\\n,\\n\\t\\\"x-apigateway-responses\\\": {}\\n}\"}"
})json";

TEST_CASE("the documented answer to a succeeded import is read entry by entry") {
  HttpResponse response = answer(200, R"({
  "task_id" : "d9ce8c9eede54b3f841ec324fe0bfdc2",
  "task_status" : "succeed",
  "task_type" : "import_api",
  "task_result" : "{\"success\":[{\"id\":\"ee93ce6815f04896b301452982b92222\",\"action\":\"create\",\"method\":\"GET\",\"path\":\"/test1\"}],\"failure\":[],\"swagger\":{\"id\":\"de1852ab6c5e4090b0bd88a02058e650\",\"result\":\"Success\"},\"group_id\":\"9100ae30705947cc9543d37cd7fb388c\"}"
})");
  const auto task = read_task(response);
  REQUIRE(task);
  CHECK(task->state == TaskAnswer::State::Succeeded);
  CHECK(task->task_id == "d9ce8c9eede54b3f841ec324fe0bfdc2");
  const Address address = Address::api("pets", "GET", "/test1", "NORMAL");
  const auto entries = read_import_entries(task->result, {{address, Effected::Created}});
  REQUIRE(entries);
  REQUIRE(entries->size() == 1);
  CHECK(entries->front().address == address);
  CHECK(entries->front().effect == Effected::Created);
  CHECK(entries->front().remote_id == "ee93ce6815f04896b301452982b92222");
}

TEST_CASE("updates, refusals and kept APIs are told apart, and strangers are left out") {
  std::string text =
      R"({"success":[{"path":"/a","method":"PUT","action":"update","id":"1"},{"path":"/zzz","method":"GET","action":"create","id":"9"}],
    "failure":[{"path":"/test/demo","method":"GET","error_code":"APIG.3301","error_msg":"The API already exists"}],
    "ignore":[{"method":"GET","path":"/swa"}],"swagger":{"id":"","result":""},"group_id":"g"})";
  const Address updated = Address::api("g", "PUT", "/a", "NORMAL");
  const Address failed = Address::api("g", "GET", "/test/demo", "NORMAL");
  const Address kept = Address::api("g", "GET", "/swa", "SWA");
  const auto entries =
      read_import_entries(std::span<char>(text.data(), text.size()),
                          {{updated, Effected::Updated}, {failed, Effected::Created}, {kept, Effected::Created}});
  REQUIRE(entries);
  REQUIRE(entries->size() == 3);
  CHECK((*entries)[0].effect == Effected::Updated);
  CHECK((*entries)[1].address == failed);
  CHECK((*entries)[1].effect == Effected::Failed);
  CHECK((*entries)[1].error_code == "APIG.3301");
  CHECK((*entries)[1].error_message == "The API already exists");
  CHECK((*entries)[2].address == kept);
  CHECK((*entries)[2].effect == Effected::Ignored);
}

TEST_CASE("the documented answer to a succeeded export is decoded through its three layers") {
  HttpResponse response = answer(200, std::string(kExportAnswer));
  const auto task = read_task(response);
  REQUIRE(task);
  REQUIRE(task->state == TaskAnswer::State::Succeeded);
  const auto file = read_exported_file(task->result);
  REQUIRE(file);
  CHECK(std::string_view(file->data(), 12) == "{\n\t\"swagger\"");
  const auto document = read_exported_document(*file);
  REQUIRE(document);
  const Swagger swagger = read_swagger(*document, SwaggerOrigin::Export);
  CHECK(swagger.findings.empty());
  CHECK(swagger.title == "test8");
  REQUIRE(swagger.operations.size() == 1);
  CHECK(swagger.operations[0].method == "GET");
  CHECK(swagger.operations[0].path == "/test1");
  CHECK(write_json(swagger.operations[0].body) ==
        R"({"method":"GET","path":"/test1","operationId":"API_zjev","x-apigateway-match-mode":"NORMAL",)"
        R"("x-apigateway-request-type":"public","x-apigateway-cors":false,"x-apigateway-backend":{"mockEndpoints":)"
        R"({"description":"","result-content":"not ok"},"type":"MOCK"},"schemes":["https"],"security":{"type":"APP"},)"
        R"("x-apigateway-result-normal-sample":"","x-apigateway-result-failure-sample":""})");
}

TEST_CASE("the keys of the field table are read like those of the example") {
  std::string result = R"({"file_type":"json","content":"{\"swagger\":\"2.0\"}"})";
  const auto file = read_exported_file(std::span<char>(result.data(), result.size()));
  REQUIRE(file);
  CHECK(std::string_view(file->data(), file->size()) == R"({"swagger":"2.0"})");
  std::string neither = R"({"FileName":"x"})";
  CHECK_FALSE(read_exported_file(std::span<char>(neither.data(), neither.size())));
  CHECK_FALSE(read_exported_file({}));
}

TEST_CASE("waiting, processing and words that are not known are all still running") {
  for (const char* status : {"waiting", "processing", "resting"}) {
    HttpResponse response =
        answer(200, std::string(R"({"task_id" : "c3b78a52fb28461aab92bf6c6989f731", "task_status" : ")") + status +
                        R"(", "task_type" : "import_api", "task_result" : ""})");
    const auto task = read_task(response);
    REQUIRE(task);
    CHECK(task->state == TaskAnswer::State::Running);
  }
}

TEST_CASE("a failed task gives the service's code and never claims that nothing happened") {
  HttpResponse response = answer(200, R"({
      "task_id" : "f01d2772ea4944408fa544c8ae5a9999",
      "task_status" : "failed",
      "task_type" : "import_api",
      "task_result" : "{\"error_code\":\"APIG.3201\",\"error_msg\":\"The API group name already exists\"}"
    })");
  const auto task = read_task(response);
  REQUIRE(task);
  REQUIRE(task->state == TaskAnswer::State::Failed);
  const Error error = read_task_error(task->result);
  CHECK(error.code == "APIG.3201");
  CHECK(error.effect == Effect::Unknown);
  CHECK(error.message == "The task failed: The API group name already exists (APIG.3201).");
}

TEST_CASE("every documented error body becomes one sentence, and its effect is known only when it is sure") {
  struct Row {
    int status;
    const char* body;
    ErrorKind kind;
    Effect effect_of_change;
  };
  const Row rows[] = {
      {400,
       R"({"error_code" : "APIG.2001", "error_msg" : "The request parameters must be specified,parameterName:task_id. Please refer to the support documentation"})",
       ErrorKind::Invalid, Effect::None},
      {400, R"({ "error_code" : "APIG.3603", "error_msg" : "The input data is too long" })", ErrorKind::Invalid,
       Effect::None},
      {401, R"({"error_code" : "APIG.1002", "error_msg" : "Incorrect token or token resolution failed"})",
       ErrorKind::Denied, Effect::None},
      {403, R"({"error_code" : "APIG.1005", "error_msg" : "No permissions to request this method"})", ErrorKind::Denied,
       Effect::None},
      {404,
       R"({"error_code" : "APIG.3093", "error_msg" : "The asynchronous task d9ce8c9eede54b3f841ec324fe0bfdc2 does not exist"})",
       ErrorKind::NotFound, Effect::None},
      {409, R"({"error_code":"APIG.3416","error_msg":"The API cannot be deleted because it has been published"})",
       ErrorKind::Conflict, Effect::None},
      {412, R"({"error_code":"APIG.3415","error_msg":"The API group cannot be deleted because it contains APIs"})",
       ErrorKind::Conflict, Effect::None},
      {500, R"({"error_code" : "APIG.9999", "error_msg" : "System error"})", ErrorKind::Unavailable, Effect::Unknown},
      {500, R"({"error_code" : "APIG.9008", "error_msg" : "Too many requests. Try again later."})",
       ErrorKind::Throttled, Effect::None},
      {502, "<html>bad gateway</html>", ErrorKind::Unavailable, Effect::Unknown},
      {404, "<html>not here</html>", ErrorKind::NotFound, Effect::Unknown},
  };
  for (const Row& row : rows) {
    const HttpRequest request{"POST", "/v2/p/apigw/instances/i/openapi/async-import?x=y", {}, ""};
    const Error changed = error_of(request, answer(row.status, row.body), true);
    CHECK(changed.kind == row.kind);
    CHECK(changed.effect == row.effect_of_change);
    CHECK(changed.message.starts_with("POST /v2/p/apigw/instances/i/openapi/async-import was answered with status "));
    CHECK(error_of(request, answer(row.status, row.body), false).effect == Effect::None);
  }
}

TEST_CASE("answers that are not what they should be are refused, not guessed") {
  for (const char* body : {"", "[]", "null", "{\"task_status\":1}", "{\"task_status\":\"succeed\"", "<html>"}) {
    HttpResponse response = answer(200, body);
    CHECK_FALSE(read_task(response));
    HttpResponse list = answer(200, body);
    CHECK_FALSE(read_groups(list));
    HttpResponse id = answer(200, body);
    CHECK_FALSE(read_id(id));
  }
}

TEST_CASE("an import is a form with its texts first and its file last") {
  Step step;
  step.group = "pets";
  step.api_mode = Mode::Override;
  step.document = R"({"swagger":"2.0"})";
  const HttpRequest request = import_apis("/v2/p/apigw/instances/i", "c77f5e81d9cb4424bf704ef2b0ac7600", step);
  CHECK(request.method == "POST");
  CHECK(request.target == "/v2/p/apigw/instances/i/openapi/async-import");
  const std::string type(find_header(request.headers, "content-type"));
  const std::string prefix = "multipart/form-data; boundary=";
  REQUIRE(type.starts_with(prefix));
  const std::string line = "--" + type.substr(prefix.size());
  const auto text_part = [&](const char* name, const char* value) {
    return line + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  };
  CHECK(request.body == text_part("is_create_group", "false") +
                            text_part("group_id", "c77f5e81d9cb4424bf704ef2b0ac7600") +
                            text_part("extend_mode", "merge") + text_part("api_mode", "override") + line +
                            "\r\nContent-Disposition: form-data; name=\"file_name\"; filename=\"sluice.json\"\r\n"
                            "Content-Type: application/octet-stream\r\n\r\n{\"swagger\":\"2.0\"}\r\n" +
                            line + "--\r\n");
}

TEST_CASE("the other requests are what the reference says") {
  const std::string base = base_path("p 1", "i");
  CHECK(base == "/v2/p%201/apigw/instances/i");
  CHECK(find_group(base, "pets (v1)", 0).target ==
        base + "/api-groups?limit=500&name=pets%20%28v1%29&offset=0&precise_search=name");
  CHECK(list_apis(base, "g", 500).target == base + "/apis?group_id=g&limit=500&offset=500");
  CHECK(list_environments(base, 0).target == base + "/envs?limit=500&offset=0");
  CHECK(query_task(base, "t").target == base + "/async-tasks/t");
  const HttpRequest exported = export_group(base, "g", "DEFAULT_ENVIRONMENT_RELEASE_ID", "dev");
  CHECK(exported.target == base + "/openapi/async-export");
  CHECK(
      exported.body ==
      R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":"g","define":"dev","type":"json","version":"sluice"})");
  const Value group = Value::object({{"name", "pets", 0}, {"description", "Pets", 0}});
  CHECK(create_group(base, group).body == R"({"name":"pets","remark":"Pets"})");
  CHECK(update_group(base, "g", group).method == "PUT");
  CHECK(update_group(base, "g", group).target == base + "/api-groups/g");
  CHECK(delete_group(base, "g").method == "DELETE");
  CHECK(delete_api(base, "a").target == base + "/apis/a");
  const HttpRequest published = publish_apis(base, "e", {"a", "b"}, true);
  CHECK(published.target == base + "/apis/publish?action=online");
  CHECK(published.body == R"({"apis":["a","b"],"env_id":"e","remark":"sluice"})");
  CHECK(publish_apis(base, "e", {"a"}, false).target == base + "/apis/publish?action=offline");
}

TEST_CASE("an API that is offline already counts as taken offline, and not as published") {
  const Address one = Address::publication(Address::api("g", "GET", "/a", "NORMAL"), "RELEASE");
  for (const bool online : {false, true}) {
    HttpResponse response = answer(
        200,
        R"({"success":[],"failure":[{"api_id":"a1","api_name":"x","error_code":"APIG.3015","error_msg":"The API is not published"}]})");
    const auto entries = read_publish_entries(response, {{"a1", one}}, online);
    REQUIRE(entries);
    REQUIRE(entries->size() == 1);
    CHECK((*entries)[0].effect == (online ? Effected::Failed : Effected::Offline));
    CHECK((*entries)[0].error_code == (online ? "APIG.3015" : ""));
  }
}

TEST_CASE("the documented answer to a batch publication is read by id") {
  HttpResponse response = answer(
      200,
      R"({"success":[{"publish_id":"p1","api_id":"a1","api_name":"x","env_id":"e","remark":"","publish_time":"2020-08-03T01:36:00.318557179Z","version_id":"v"}],
    "failure":[{"api_id":"abd9c4b2ff974888b0ba79be7e6b2762","api_name":"y","error_code":"APIG.3002","error_msg":"Api abd9c4b2ff974888b0ba79be7e6b2762 not found"}]})");
  const Address one = Address::publication(Address::api("g", "GET", "/a", "NORMAL"), "RELEASE");
  const Address two = Address::publication(Address::api("g", "GET", "/b", "NORMAL"), "RELEASE");
  const auto entries = read_publish_entries(response, {{"a1", one}, {"abd9c4b2ff974888b0ba79be7e6b2762", two}}, true);
  REQUIRE(entries);
  REQUIRE(entries->size() == 2);
  CHECK((*entries)[0].effect == Effected::Published);
  CHECK((*entries)[1].effect == Effected::Failed);
  CHECK((*entries)[1].error_code == "APIG.3002");
}

TEST_CASE("lists are read with what their items leave out") {
  HttpResponse response = answer(200, R"({"size":2,"total":7,"apis":[
    {"id":"1","name":"a","req_method":"GET","req_uri":"/a","match_mode":"SWA","run_env_name":"RELEASE|TEST","run_env_id":"x|y"},
    {"id":"2","name":"b","req_method":"ANY","req_uri":"/b"}]})");
  const auto page = read_apis(response);
  REQUIRE(page);
  CHECK(page->total == 7);
  REQUIRE(page->items.size() == 2);
  CHECK(page->items[0].match_mode == "SWA");
  CHECK(page->items[0].published_in == std::vector<std::string>{"RELEASE", "TEST"});
  CHECK(page->items[1].match_mode == "NORMAL");
  CHECK(page->items[1].published_in.empty());
  CHECK(page->items[1].published_at.empty());
}

TEST_CASE("the times of publications are paired with their environments, or left out") {
  struct Row {
    const char* times;
    std::vector<std::string> expected;
  };
  const Row rows[] = {{"2020-08-03T01:36:00Z|2020-08-04T01:36:00Z", {"2020-08-03T01:36:00Z", "2020-08-04T01:36:00Z"}},
                      {"2020-08-03T01:36:00Z", {}},
                      {"", {}}};
  for (const Row& row : rows) {
    HttpResponse response{200, {}, ""};
    response.body = std::string(R"({"total":1,"size":1,"apis":[{"id":"1","req_method":"GET","req_uri":"/a",)") +
                    R"("run_env_name":"RELEASE|TEST","update_time":"2020-07-31T12:42:51.314357324Z","publish_time":")" +
                    row.times + "\"}]}";
    const auto page = read_apis(response);
    REQUIRE(page);
    CHECK(page->items[0].published_at == row.expected);
    CHECK(page->items[0].updated_at == "2020-07-31T12:42:51.314357324Z");
  }
}

}  // namespace
}  // namespace sluice::apig
