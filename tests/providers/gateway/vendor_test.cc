// What the examples on the pages of the service's documents say, with their facts and in our words.
#include <set>

#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

Bench with(std::map<std::string, std::string> quirks) {
  gateway::Options options;
  options.quirks = std::move(quirks);
  return Bench(options);
}

/// The keys of an object, sorted.
std::string keys(const Value& value) {
  std::set<std::string> names;
  for (const Value::Member& member : value.members()) names.insert(member.key);
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

/// The file of "Importing APIs to a New Group": one API of every kind of parameter, with a policy backend through a VPC
/// channel.
std::string sample_group() {
  const std::string parameters =
      R"("parameters":[{"type":"string","description":"header parameter","name":"header","in":"header","required":true},)"
      R"({"type":"string","description":"path parameter","name":"path","in":"path","required":true},)"
      R"({"type":"number","default":"123","description":"query parameter","name":"query","in":"query"}],)";
  const auto mapped = [](const std::string& place, const std::string& name) {
    return R"({"description":"","in":")" + place + R"(","name":")" + name + R"(","origin":"REQUEST","value":")" + name +
           "\"}";
  };
  const std::string backend =
      R"("x-apigateway-backend":{"httpEndpoints":{"address":"1.1.1.1:443","description":"","method":"GET",)"
      R"("path":"/test/{path}","scheme":"https","timeout":5000},"parameters":[)" +
      mapped("HEADER", "header") + "," + mapped("PATH", "path") + "," + mapped("QUERY", "query") +
      R"(],"type":"HTTP"},)";
  const std::string policies =
      R"("x-apigateway-backend-policies":[{"conditions":[{"origin":"param","parameter":"path","type":"exact",)"
      R"("value":"path"},{"origin":"source","parameter":"","type":"","value":"1.0.0.0/8"}],"effectMode":"ANY",)"
      R"("httpVpcEndpoints":{"method":"POST","name":"VPC_n9ct","path":"/","scheme":"HTTPS","timeout":5000},)"
      R"("name":"policy_test","type":"HTTP-VPC"}],)";
  return R"({"swagger":"2.0","info":{"description":"api group test","title":"APIGroup_test",)"
         R"("version":"2019-09-12-17:38:10"},"paths":{"/test/{path}":{"get":{"security":[{"apig-auth-app":[]}],)"
         R"("description":"api test","schemes":["https"],"operationId":"API_test",)" +
         parameters +
         R"("responses":{"default":{"$ref":"#/responses/default"},"x-apigateway-result-failure-sample":"",)"
         R"("x-apigateway-result-normal-sample":"success"},)" +
         backend + policies +
         R"("x-apigateway-cors":false,"x-apigateway-match-mode":"NORMAL","x-apigateway-request-type":"public"}}},)"
         R"("responses":{"default":{"description":"response example"}},"securityDefinitions":{"apig-auth-app":)"
         R"({"type":"apiKey","name":"Authorization","in":"header","x-apigateway-auth-type":"AppSigv1"},)"
         R"("apig-auth-iam":{"type":"apiKey","name":"unused","in":"header","x-apigateway-auth-type":"IAM"}}})";
}

}  // namespace

TEST_CASE("the example of an import into a new group is taken, with everything that it says") {
  Bench bench;
  const Answer answer = bench.import(sample_group());
  CHECK(answer.status == 200);
  CHECK(keys(answer.body) == "failure group_id ignore success swagger");
  CHECK(at(answer.body, {"failure"}).empty());
  CHECK(keys(at(answer.body, {"success", "0"})) == "action id method path");
  CHECK(at(answer.body, {"success", "0", "action"}) == Value("create"));
  CHECK(at(answer.body, {"success", "0", "path"}) == Value("/test/{path}"));
  CHECK(keys(at(answer.body, {"swagger"})) == "id result");
  const Answer group = bench.get("/api-groups/" + std::string(answer.body.text("group_id")));
  CHECK(group.body.text("name") == "APIGroup_test");
  CHECK(group.body.text("remark") == "api group test");
  const Answer api = bench.get("/apis/" + at(answer.body, {"success", "0", "id"}).as_string());
  CHECK(api.body.text("auth_type") == "APP");
  CHECK(api.body.text("result_normal_sample") == "success");
  CHECK(at(api.body, {"req_params"}).items().size() == 3);
  CHECK(at(api.body, {"backend_params"}).items().size() == 3);
  CHECK(at(api.body, {"policy_https", "0", "vpc_channel_info", "vpc_channel_id"}) == Value("VPC_n9ct"));
  CHECK(at(api.body, {"policy_https", "0", "conditions", "1", "condition_origin"}) == Value("source"));
}

TEST_CASE("the same file goes into an existing group, and fails where its channel must be there") {
  Bench bench = with({{"channels", "checked"}});
  const std::string group = bench.group();
  const Answer refused = bench.import_into(group, sample_group());
  CHECK(at(refused.body, {"failure", "0", "error_code"}) == Value("APIG.3023"));
  const Answer channel =
      bench.post("/vpc-channels",
                 R"({"name":"VPC_n9ct","port":443,"balance_strategy":1,"member_type":"ip","type":2,"members":[]})");
  INFO(channel.text);
  REQUIRE(channel.status == 201);
  CHECK(at(bench.import_into(group, sample_group()).body, {"success", "0", "action"}) == Value("create"));
  CHECK(at(bench.import_into(group, sample_group()).body, {"success", "0", "action"}) == Value("update"));
}

TEST_CASE("the example of an import result: one API is new, one is there already") {
  Bench bench = with({{"merge", "failure"}});
  const std::string group = bench.group();
  bench.import_into(group, document(R"("/test/demo":{"get":)" + mock_operation("API_demo") + "}"));
  const Answer answer = bench.import_into(group,
                                          document(R"("/test/demo":{"get":)" + mock_operation("API_demo") +
                                                   R"(},"/test":{"get":)" + mock_operation("API_new") + "}"),
                                          "merge");
  CHECK(write_json(at(answer.body, {"failure"})) ==
        R"([{"method":"GET","path":"/test/demo","error_code":"APIG.3301","error_msg":"The API already exists, An API )"
        R"(with the same combination of the method, path, and x-apigateway-match-mode fields already exists. )"
        R"(API name: API_demo"}])");
  CHECK(at(answer.body, {"success", "0", "path"}) == Value("/test"));
  CHECK(at(answer.body, {"swagger", "result"}) == Value("Success"));
}

TEST_CASE("the example of a failed operation: no backend") {
  Bench bench;
  const Answer answer = bench.import(document(R"("/test01":{"get":)" + mock_operation("API_one") +
                                              R"(},"/test02":{"get":{"operationId":"API_two"}})"));
  CHECK(at(answer.body, {"success", "0", "path"}) == Value("/test01"));
  CHECK(at(answer.body, {"failure", "0", "path"}) == Value("/test02"));
  CHECK(at(answer.body, {"failure", "0", "error_code"}) == Value("APIG.2011"));
  CHECK(at(answer.body, {"failure", "0", "error_msg"}).as_string().find("parameterName:backend_type") !=
        std::string::npos);
}

TEST_CASE("the examples of a task: waiting, processing, succeeded") {
  gateway::Options options;
  options.quirks = {{"ignore", "absent"}, {"concurrent_tasks", "1"}};
  options.latency = std::chrono::seconds(2);
  Bench bench(options);
  const std::string file = document(R"("/test1":{"get":)" + mock_operation("API_one") + "}");
  const std::string other = bench.group("other");
  const auto start = [&](const Bench::Fields& fields) {
    const Answer answer = bench.form("/openapi/async-import", fields, &file);
    CHECK(answer.status == 202);
    CHECK(keys(answer.body) == "task_id");
    return std::string(answer.body.text("task_id"));
  };
  const std::string first = start({});
  const std::string second = start({{"is_create_group", "false"}, {"group_id", other}});
  bench.now += std::chrono::seconds(1);
  const auto show = [&](const std::string& id) { return bench.get("/async-tasks/" + id).body; };
  CHECK(write_json(show(first)) ==
        R"({"task_id":")" + first + R"(","task_status":"processing","task_type":"import_api","task_result":""})");
  CHECK(write_json(show(second)) ==
        R"({"task_id":")" + second + R"(","task_status":"waiting","task_type":"import_api","task_result":""})");
  bench.now += std::chrono::seconds(10);
  const Value done = show(first);
  CHECK(done.text("task_status") == "succeed");
  CHECK(keys(done) == "task_id task_result task_status task_type");
  const auto result = parse_json(done.text("task_result"));
  REQUIRE(result);
  CHECK(keys(*result) == "failure group_id success swagger");
  CHECK(write_json(at(*result, {"failure"})) == "[]");
  CHECK(keys(at(*result, {"success", "0"})) == "action id method path");
}

TEST_CASE("the examples of a task: failed, unknown, not named") {
  Bench bench;
  bench.group("taken_name");
  const std::string file = R"({"swagger":"2.0","info":{"title":"taken_name","version":"1"},"paths":{}})";
  const std::string id(bench.form("/openapi/async-import", {}, &file).body.text("task_id"));
  const Answer failed = bench.get("/async-tasks/" + id);
  CHECK(failed.body.text("task_status") == "failed");
  CHECK(failed.body.text("task_result") ==
        R"({"error_code":"APIG.3201","error_msg":"The API group name already exists"})");
  const Answer unknown = bench.get("/async-tasks/d9ce8c9eede54b3f841ec324fe0bfdc2");
  CHECK(unknown.status == 404);
  CHECK(unknown.text == R"({"error_code":"APIG.3093",)"
                        R"("error_msg":"The asynchronous task d9ce8c9eede54b3f841ec324fe0bfdc2 does not exist"})");
  for (const char* path : {"/async-tasks", "/async-tasks/"}) {
    const Answer unnamed = bench.get(path);
    CHECK(unnamed.status == 400);
    CHECK(unnamed.text == R"({"error_code":"APIG.2001","error_msg":"The request parameters must be specified,)"
                          R"(parameterName:task_id. Please refer to the support documentation"})");
  }
}

TEST_CASE("the example of an export: its name, its order, its last key apart") {
  Bench bench;
  const std::string group = bench.group("test8");
  const std::string operation =
      R"("/test1":{"get":{"operationId":"API_zjev","security":[{"apig-auth-app":[]}],"schemes":["https"],)"
      R"("x-apigateway-backend":{"type":"MOCK","mockEndpoints":{"result-content":"not ok"}}}})";
  const std::string scheme =
      R"("securityDefinitions":{"apig-auth-app":{"type":"apiKey","in":"header","name":"Authorization",)"
      R"("x-apigateway-auth-type":"AppSigv1"}},)";
  REQUIRE(at(bench.import_into(group, document(operation, scheme)).body, {"success", "0", "path"}) == Value("/test1"));
  REQUIRE(bench.publish(group).status == 200);
  const Answer started =
      bench.post("/openapi/async-export", R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":")" + group +
                                              R"(","define":"all","version":"2023-07-11-19:54:22"})");
  const Answer task = bench.get("/async-tasks/" + std::string(started.body.text("task_id")));
  const auto result = parse_json(task.body.text("task_result"));
  REQUIRE(result);
  CHECK(keys(*result) == "Comment FileName FileType");
  CHECK(result->text("FileName") == "test8-RELEASE-all-2023-07-11-19:54:22");
  CHECK(result->text("FileType") == ".json");
  const std::string text(result->text("Comment"));
  CHECK(text.starts_with("{\n\t\"swagger\": \"2.0\",\n\t\"info\": {\n\t\t\"title\": \"test8\",\n"));
  CHECK(text.ends_with("\n\t}\n,\n\t\"x-apigateway-responses\": {}\n}"));
  const auto file = parse_json(text);
  REQUIRE(file);
  std::string order;
  for (const Value::Member& member : file->members()) order += member.key + " ";
  CHECK(order == "swagger info host paths responses securityDefinitions x-apigateway-responses ");
  CHECK(write_json(at(*file, {"paths", "/test1", "get"})) ==
        R"({"security":[{"apig-auth-app":[]}],"schemes":["https"],"operationId":"API_zjev","responses":{"default":)"
        R"({"$ref":"#/responses/default"},"x-apigateway-result-failure-sample":"",)"
        R"("x-apigateway-result-normal-sample":""},"x-apigateway-backend":{"mockEndpoints":{"description":"",)"
        R"("result-content":"not ok"},"type":"MOCK"},"x-apigateway-cors":false,"x-apigateway-match-mode":"NORMAL",)"
        R"("x-apigateway-request-type":"public"})");
  CHECK(write_json(at(*file, {"responses"})) == R"({"default":{"description":"response example"}})");
  CHECK(keys(at(*file, {"securityDefinitions"})) == "apig-auth-app apig-auth-app-header apig-auth-iam");
}

TEST_CASE("microservices are not imported, which is said as for every call that is not there") {
  Bench bench;
  const Answer answer = bench.post("/microservice/import", R"({"service_type":"CSE"})");
  CHECK(answer.status == 404);
  CHECK(answer.code() == "APIG.0101");
}
