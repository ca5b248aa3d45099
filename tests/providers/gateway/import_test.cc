// Imports: what a document becomes, and what conflicts do.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

/// The failure code of a document with this one operation at GET /a/{id}; "" when it was taken.
std::string code_of(const std::string& operation) {
  Bench bench;
  const Answer result = bench.import(document(R"("/a/{id}":{"get":)" + operation + "}"));
  REQUIRE(result.status == 200);
  const Value code = at(result.body, {"failure", "0", "error_code"});
  return code.is_string() ? code.as_string() : std::string();
}

const std::string kId = R"("parameters":[{"name":"id","in":"path","required":true,"type":"string"}],)";

std::string with_parameters(const std::string& more) {
  return mock_operation("API_a",
                        R"("parameters":[{"name":"id","in":"path","required":true,"type":"string"},)" + more + "],");
}

Value show_first(Bench& bench, const Answer& result) {
  REQUIRE(at(result.body, {"success", "0", "id"}).is_string());
  return bench.get("/apis/" + at(result.body, {"success", "0", "id"}).as_string()).body;
}

}  // namespace

TEST_CASE("an import answers in the documented shape") {
  Bench bench;
  const std::string file = document(R"("/test1":{"get":)" + mock_operation("API_a") + "}");
  const Answer first = bench.import(file);
  CHECK(first.status == 200);
  CHECK(first.text ==
        R"({"success":[{"id":"00000000000000000000000000000002","action":"create","method":"GET","path":"/test1"}],)"
        R"("failure":[],"swagger":{"id":"00000000000000000000000000000003","result":"Success"},)"
        R"("group_id":"00000000000000000000000000000001","ignore":[]})");
  CHECK(bench.get("/api-groups/00000000000000000000000000000001").body.text("name") == "petstore");
  const Answer again = bench.import(file);
  CHECK(again.status == 400);
  CHECK(again.text == R"({"error_code":"APIG.3201","error_msg":"The API group name already exists"})");
}

TEST_CASE("merge keeps what exists and override replaces all of it") {
  Bench bench;
  const std::string group = bench.group();
  const std::string old =
      document(R"("/a":{"get":)" +
               mock_operation("API_a", R"("description":"old","tags":["t"],"x-apigateway-cors":true,)") + "}");
  const std::string created = at(bench.import_into(group, old).body, {"success", "0", "id"}).as_string();
  const std::string fresh =
      document(R"("/a":{"get":)" + mock_operation("API_b") + R"(,"post":)" + mock_operation("API_c") + "}");
  const Answer merged = bench.import_into(group, fresh, "merge");
  CHECK(write_json(at(merged.body, {"ignore"})) == R"([{"method":"GET","path":"/a"}])");
  CHECK(at(merged.body, {"success", "0", "action"}) == Value("create"));
  CHECK(at(merged.body, {"failure"}).empty());
  CHECK(bench.get("/apis/" + created).body.text("name") == "API_a");

  bench.now += std::chrono::seconds(5);
  const Answer replaced = bench.import_into(group, fresh, "override");
  CHECK(at(replaced.body, {"success", "0", "action"}) == Value("update"));
  CHECK(at(replaced.body, {"success", "0", "id"}) == Value(created));
  const Value api = bench.get("/apis/" + created).body;
  CHECK(api.text("name") == "API_b");
  CHECK(api.text("remark").empty());
  CHECK(at(api, {"tags"}).empty());
  CHECK(at(api, {"cors"}) == Value(false));
  CHECK(api.text("register_time") == "2023-07-22T04:26:40.000Z");
  CHECK(api.text("update_time") == "2023-07-22T04:26:45.000Z");
  CHECK(at(bench.get("/apis").body, {"total"}) == Value(2));
}

TEST_CASE("switches change what merge and results say") {
  gateway::Options options;
  options.quirks["merge"] = "failure";
  options.quirks["ignore"] = "absent";
  Bench bench(options);
  const std::string group = bench.group();
  const std::string file = document(R"("/a":{"get":)" + mock_operation("API_a") + "}");
  bench.import_into(group, file);
  const Answer merged = bench.import_into(group, file, "merge");
  CHECK(at(merged.body, {"failure", "0", "error_code"}) == Value("APIG.3301"));
  CHECK(merged.body.find("ignore") == nullptr);
}

TEST_CASE("of duplicates in one file the first wins") {
  Bench bench;
  const Answer result = bench.import(
      document(R"("/a/{x}":{"get":)" +
               mock_operation("API_1", R"("parameters":[{"name":"x","in":"path","required":true,"type":"string"}],)") +
               R"(},"/a/{y}":{"get":)" +
               mock_operation("API_2", R"("parameters":[{"name":"y","in":"path","required":true,"type":"string"}],)") +
               R"(},"/b":{"get":)" + mock_operation("API_1") + R"(,"post":)" + mock_operation("API_3") + "}"));
  CHECK(at(result.body, {"success"}).items().size() == 2);
  CHECK(write_json(at(result.body, {"failure", "0"})) ==
        R"({"method":"GET","path":"/a/{y}","error_code":"APIG.3301","error_msg":"The API already exists, )"
        R"(An API with the same combination of the method, path, and x-apigateway-match-mode fields already exists. )"
        R"(API name: API_1"})");
  CHECK(at(result.body, {"failure", "1", "error_code"}) == Value("APIG.3202"));
}

TEST_CASE("a name held by another API of the group is a failure") {
  Bench bench;
  const std::string group = bench.group();
  bench.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_a") + "}"));
  const Answer result = bench.import_into(group, document(R"("/b":{"get":)" + mock_operation("API_a") + "}"));
  CHECK(at(result.body, {"failure", "0", "error_code"}) == Value("APIG.3202"));
  CHECK(at(result.body, {"failure", "0", "error_msg"}) == Value("The API name already exists, api_name:API_a"));
  CHECK(at(bench.get("/apis").body, {"total"}) == Value(1));
}

TEST_CASE("match modes are different APIs and ANY lives beside GET") {
  Bench bench;
  const std::string group = bench.group();
  bench.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_n") + R"(,"x-apigateway-any-method":)" +
                                    mock_operation("API_any") + "}"));
  bench.import_into(group,
                    document(R"("/a":{"get":)" + mock_operation("API_s", R"("x-apigateway-match-mode":"SWA",)") + "}"));
  CHECK(at(bench.get("/apis").body, {"total"}) == Value(3));
  CHECK(at(bench.get("/apis?req_method=ANY").body, {"total"}) == Value(1));
}

TEST_CASE("a full operation keeps all that the service keeps") {
  Bench bench;
  const std::string file = R"({"swagger":"2.0","info":{"title":"petstore","description":"demo"},"basePath":"/v1/",
    "schemes":["http","https"],"security":[{"code":[]}],
    "securityDefinitions":{"code":{"type":"apiKey","in":"header","name":"Authorization",
      "x-apigateway-auth-type":"AppSigv1","x-apigateway-auth-opt":{"appcode-auth-type":"header"}}},
    "parameters":{"Limit":{"name":"limit","in":"query","type":"integer","minimum":0,"maximum":50,"default":10}},
    "responses":{"ok":{"description":"ok","x-apigateway-result-failure-sample":"bad"}},
    "paths":{"/pets/{petId}":{"parameters":[{"name":"petId","in":"path","required":true,"type":"string"},
        {"name":"X-Trace","in":"header","type":"string","description":"of the path"}],
      "put":{"operationId":"putPet","description":"words","tags":["pets"],
        "parameters":[{"$ref":"#/parameters/Limit"},{"name":"body","in":"body","schema":{"type":"object"}},
          {"name":"X-Trace","in":"header","type":"string","enum":["a","b"],"maxLength":9,"x-apigateway-pass-through":"never",
           "x-apigateway-sample":"a"},{"name":"flag","in":"query","type":"boolean"}],
        "responses":{"default":{"$ref":"#/responses/ok"},"x-apigateway-result-normal-sample":"good"},
        "x-apigateway-request-type":"private","x-apigateway-match-mode":"SWA","x-apigateway-cors":true,
        "x-apigateway-content-type":"application/json","x-apigateway-is-send-fg-body-base64":false,
        "x-apigateway-backend":{"type":"HTTP-VPC","httpVpcEndpoints":{"name":"channel-1","scheme":"HTTPS","method":"PUT",
            "path":"/p/{id}","timeout":700,"retryCount":"3"},
          "parameters":[{"name":"id","value":"petId","in":"PATH","origin":"REQUEST"},
            {"name":"X-Caller","value":"me","in":"header","origin":"CONSTANT","description":"who"}]},
        "x-apigateway-backend-policies":[{"name":"p1","type":"HTTP","effectMode":"ALL",
          "httpEndpoints":{"address":"a.example.com","scheme":"http","method":"PUT","path":"/"},
          "conditions":[{"type":"equal","origin":"request","parameter_name":"limit","value":"5"},
            {"type":"","origin":"source","parameter":"","value":"10.0.0.0/8"}]}]}}}})";
  const Value api = show_first(bench, bench.import(file));
  CHECK(api.text("req_uri") == "/v1/pets/{petId}");
  CHECK(api.text("req_method") == "PUT");
  CHECK(api.text("req_protocol") == "BOTH");
  CHECK(api.text("auth_type") == "APP");
  CHECK(at(api, {"auth_opt", "app_code_auth_type"}) == Value("HEADER"));
  CHECK(at(api, {"type"}) == Value(2));
  CHECK(api.text("match_mode") == "SWA");
  CHECK(at(api, {"cors"}) == Value(true));
  CHECK(api.text("remark") == "words");
  CHECK(api.text("content_type") == "application/json");
  CHECK(at(api, {"is_send_fg_body_base64"}) == Value(false));
  CHECK(api.text("result_normal_sample") == "good");
  CHECK(api.text("result_failure_sample") == "bad");
  CHECK(at(api, {"req_params"}).items().size() == 3);
  CHECK(at(api, {"req_params", "1", "enumerations"}) == Value("a,b"));
  CHECK(at(api, {"req_params", "1", "remark"}) == Value(""));
  CHECK(at(api, {"req_params", "1", "max_size"}) == Value(9));
  CHECK(at(api, {"req_params", "1", "pass_through"}) == Value(2));
  CHECK(at(api, {"req_params", "2", "type"}) == Value("NUMBER"));
  CHECK(at(api, {"req_params", "2", "default_value"}) == Value("10"));
  CHECK(at(api, {"req_params", "2", "min_num"}) == Value(0));
  CHECK(at(api, {"backend_api", "vpc_channel_status"}) == Value(1));
  CHECK(at(api, {"backend_api", "vpc_channel_info", "vpc_channel_id"}) == Value("channel-1"));
  CHECK(at(api, {"backend_api", "retry_count"}) == Value("3"));
  CHECK(at(api, {"backend_params", "1", "remark"}) == Value("who"));
  CHECK(at(api, {"policy_https", "0", "conditions", "0", "condition_type"}) == Value("exact"));
  CHECK(at(api, {"policy_https", "0", "conditions", "0", "req_param_name"}) == Value("limit"));
  CHECK(at(api, {"policy_https", "0", "timeout"}) == Value(5000));
  CHECK(bench.get("/api-groups").text.find(R"("remark":"demo")") != std::string::npos);
}

TEST_CASE("a YAML document is read by its content") {
  Bench bench;
  const Value api =
      show_first(bench, bench.import("swagger: '2.0'\ninfo: {title: petstore, version: '1'}\npaths:\n"
                                     "  /f:\n    post:\n      operationId: API_fn\n      security: []\n"
                                     "      x-apigateway-backend:\n        type: FUNCTION\n"
                                     "        functionEndpoints: {function-urn: 'urn:f', version: latest, "
                                     "invocation-type: synchronous}\n"));
  CHECK(api.text("auth_type") == "NONE");
  CHECK(at(api, {"func_info", "invocation_type"}) == Value("sync"));
  CHECK(at(api, {"func_info", "network_type"}) == Value("V1"));
  CHECK(at(api, {"func_info", "timeout"}) == Value(5000));
}

TEST_CASE("defaults are the documented ones, and a missing name is made up") {
  Bench bench;
  const Value api = show_first(
      bench, bench.import(document(
                 R"("/a":{"get":{"x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"a","scheme":"http",)"
                 R"("method":"GET","path":"/"}}}})")));
  CHECK(api.text("name").size() == 8);
  CHECK(api.text("name").substr(0, 4) == "API_");
  CHECK(at(api, {"type"}) == Value(1));
  CHECK(api.text("match_mode") == "NORMAL");
  CHECK(api.text("req_protocol") == "HTTPS");
  CHECK(at(api, {"cors"}) == Value(false));
  CHECK(at(api, {"backend_api", "timeout"}) == Value(5000));
  CHECK(at(api, {"backend_api", "retry_count"}) == Value("-1"));
}

TEST_CASE("operations that break a rule fail with its code and leave the others alone") {
  CHECK(code_of(mock_operation("API_a", kId)).empty());
  CHECK(code_of(mock_operation("API_a")) == "APIG.2026");
  CHECK(code_of(R"({"operationId":"API_a",)" + kId + R"("responses":{}})") == "APIG.2011");
  CHECK(code_of(with_parameters(R"({"name":"X-Auth-Token","in":"header","type":"string"})")) == "APIG.2011");
  CHECK(code_of(with_parameters(R"({"name":"authorization","in":"header","type":"string"})")) == "APIG.2011");
  CHECK(code_of(with_parameters(R"({"$ref":"other.json#/x"})")) == "APIG.3602");
  CHECK(code_of(with_parameters(R"({"name":"upload","in":"formData","type":"file"})")).empty());
  CHECK(code_of(mock_operation("API_a", kId + R"("x-apigateway-ratelimit":"p",)")) == "APIG.3005");
  CHECK(code_of(mock_operation("API_a", kId + R"("x-apigateway-access-control":"p",)")) == "APIG.3006");
  CHECK(code_of(mock_operation("API_a", kId + R"("security":[{"unknown":[]}],)")) == "APIG.2011");
  CHECK(code_of(mock_operation("a b", kId)) == "APIG.2011");
  CHECK(code_of("7") == "APIG.3602");
  std::string many;
  for (int i = 0; i < 50; ++i)
    many += std::string(i > 0 ? "," : "") + R"({"in":"query","type":"string","name":"q)" + std::to_string(i) + "\"}";
  CHECK(code_of(with_parameters(many)) == "APIG.3111");
  const auto http = [](const std::string& path, const std::string& value) {
    return R"({"operationId":"API_a",)" + kId +
           R"("x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"a","scheme":"http","method":"GET","path":")" +
           path + R"("},"parameters":[{"name":"x","value":")" + value + R"(","in":"path","origin":"REQUEST"}]}})";
  };
  CHECK(code_of(http("/{x}", "id")).empty());
  CHECK(code_of(http("/{y}", "id")) == "APIG.2027");
  CHECK(code_of(http("/{x}", "ghost")) == "APIG.2028");
  Bench bench;
  const Answer result = bench.import(document(R"("/a/pre-{x}":{"get":)" + mock_operation("API_a", kId) +
                                              R"(},"/b":{"get":)" + mock_operation("API_b") + "}"));
  CHECK(at(result.body, {"failure", "0", "error_code"}) == Value("APIG.2011"));
  CHECK(at(result.body, {"success", "0", "path"}) == Value("/b"));
}

TEST_CASE("mock mode stands in for a missing backend") {
  Bench bench;
  const std::string file = document(R"("/a":{"get":{"operationId":"API_a"}})");
  const Value api = show_first(bench, bench.import(file, {{"mock_mode", "true"}}));
  CHECK(api.text("backend_type") == "MOCK");
}

TEST_CASE("custom authorizers are kept by the name of their scheme") {
  Bench bench;
  const Value api = show_first(
      bench,
      bench.import(document(
          R"("/a":{"get":)" + mock_operation("API_a", R"("security":[{"Auth_1":[]}],)") + "}",
          R"("securityDefinitions":{"Auth_1":{"type":"apiKey","in":"header","name":"unused","x-apigateway-auth-type":"AUTHORIZER"}},)")));
  CHECK(api.text("auth_type") == "AUTHORIZER");
  CHECK(api.text("authorizer_id") == "Auth_1");
}
