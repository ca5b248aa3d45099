// Exports: the text, byte for byte, and what it is made from.
#include <chrono>

#include "plan/yaml.h"
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

constexpr std::string_view kExpected = R"({
	"swagger": "2.0",
	"info": {
		"title": "test8",
		"version": "2023-07-11-19:54:22"
	},
	"host": "GROUP.apic.cn-north-7.huaweicloudapis.com",
	"paths": {
		"/test1": {
			"get": {
				"security": [
					{
						"apig-auth-app": []
					}
				],
				"schemes": [
					"https"
				],
				"operationId": "API_zjev",
				"responses": {
					"default": {
						"$ref": "#/responses/default"
					},
					"x-apigateway-result-failure-sample": "",
					"x-apigateway-result-normal-sample": ""
				},
				"x-apigateway-backend": {
					"mockEndpoints": {
						"description": "",
						"result-content": "not ok"
					},
					"type": "MOCK"
				},
				"x-apigateway-cors": false,
				"x-apigateway-match-mode": "NORMAL",
				"x-apigateway-request-type": "public"
			}
		}
	},
	"responses": {
		"default": {
			"description": "response example"
		}
	},
	"securityDefinitions": {
		"apig-auth-app": {
			"type": "apiKey",
			"name": "Authorization",
			"in": "header",
			"x-apigateway-auth-type": "AppSigv1"
		},
		"apig-auth-app-header": {
			"type": "apiKey",
			"name": "Authorization",
			"in": "header",
			"x-apigateway-auth-opt": {
				"appcode-auth-type": "header"
			},
			"x-apigateway-auth-type": "AppSigv1"
		},
		"apig-auth-iam": {
			"type": "apiKey",
			"name": "unused",
			"in": "header",
			"x-apigateway-auth-type": "IAM"
		}
	}
,
	"x-apigateway-responses": {}
})";

std::string export_body(const std::string& group, const std::string& more = "") {
  return R"({"env_id":")" + std::string(kRelease) + R"(","group_id":")" + group + R"(")" + more + "}";
}

void publish_all(Bench& bench, const std::string& group) {
  const Answer done = bench.post("/apis/publish?action=online", export_body(group));
  REQUIRE(done.status == 200);
  REQUIRE(at(done.body, {"failure"}).empty());
}

/// What a finished export task holds.
Value task_result(Bench& bench, const std::string& body) {
  const Answer accepted = bench.post("/openapi/async-export", body);
  REQUIRE(accepted.status == 202);
  const Answer task = bench.get("/async-tasks/" + std::string(accepted.body.text("task_id")));
  REQUIRE(task.body.text("task_status") == "succeed");
  CHECK(task.body.text("task_type") == "export_api");
  auto result = parse_json(task.body.text("task_result"));
  REQUIRE(result);
  return *result;
}

}  // namespace

TEST_CASE("an export has the documented text") {
  Bench bench;
  const std::string group = bench.group("test8");
  const Answer api = bench.post("/apis", R"({"group_id":")" + group + R"(","name":"API_zjev","type":1,
    "req_protocol":"HTTPS","req_method":"GET","req_uri":"/test1","auth_type":"APP","backend_type":"MOCK",
    "mock_info":{"result_content":"not ok"}})");
  REQUIRE(api.status == 201);
  publish_all(bench, group);
  const Value result = task_result(bench, export_body(group, R"(,"define":"all","version":"2023-07-11-19:54:22")"));
  std::string expected(kExpected);
  expected.replace(expected.find("GROUP"), 5, group);
  CHECK(result.text("FileName") == "test8-RELEASE-all-2023-07-11-19:54:22");
  CHECK(result.text("FileType") == ".json");
  CHECK(std::string(result.text("Comment")) == expected);
  const Answer now =
      bench.post("/openapi/export", export_body(group, R"(,"define":"all","version":"2023-07-11-19:54:22")"));
  CHECK(now.status == 200);
  CHECK(now.text == expected);
}

TEST_CASE("the keys of a result can be those of the field table") {
  gateway::Options options;
  options.quirks["export_keys"] = "text";
  Bench bench(options);
  const Value result = task_result(bench, export_body(bench.group()));
  CHECK(result.text("file_type") == "json");
  CHECK_FALSE(result.text("content").empty());
}

TEST_CASE("a rich API is exported with its defaults spelled out") {
  Bench bench;
  const std::string group = bench.group();
  const std::string file = document(
      R"("/pets/{id}":{"post":{"operationId":"postPet","description":"words","tags":["t1"],"schemes":["http","https"],
        "parameters":[{"name":"id","in":"path","required":true,"type":"integer","minimum":0,"enum":[1,2]},
          {"name":"X-H","in":"header","type":"string","default":"d","description":"h","maxLength":5}],
        "x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"a.example.com","scheme":"HTTPS","method":"POST",
          "path":"/{id}"},"parameters":[{"name":"id","value":"id","in":"path","origin":"request"}]},
        "x-apigateway-backend-policies":[{"name":"p1","type":"HTTP-VPC","conditions":[{"origin":"source","value":"10.0.0.0/8"}],
          "httpVpcEndpoints":{"name":"VPC_1","scheme":"http","method":"POST","path":"/"}}]}})");
  REQUIRE(at(bench.import_into(group, file).body, {"success"}).items().size() == 1);
  publish_all(bench, group);
  const Answer exported = bench.post("/openapi/export", export_body(group, R"(,"define":"all")"));
  const Value operation = at(exported.body, {"paths", "/pets/{id}", "post"});
  CHECK(write_json(operation) ==
        R"({"description":"words","schemes":["http","https"],"tags":["t1"],"operationId":"postPet","parameters":[)"
        R"({"minimum":0,"enum":["1","2"],"type":"number","name":"id","in":"path","required":true},)"
        R"({"maxLength":5,"type":"string","default":"d","description":"h","name":"X-H","in":"header"}],)"
        R"("responses":{"default":{"$ref":"#/responses/default"},"x-apigateway-result-failure-sample":"",)"
        R"("x-apigateway-result-normal-sample":""},"x-apigateway-backend":{"httpEndpoints":{"address":"a.example.com",)"
        R"("description":"","enableClientSsl":false,"method":"POST","path":"/{id}","retryCount":"-1","scheme":"https",)"
        R"("timeout":5000},"parameters":[{"description":"","in":"PATH","name":"id","origin":"REQUEST","value":"id"}],)"
        R"("type":"HTTP"},"x-apigateway-backend-policies":[{"conditions":[{"origin":"source","parameter":"","type":"",)"
        R"("value":"10.0.0.0/8"}],"effectMode":"ANY","httpVpcEndpoints":{"cascade_flag":false,"description":"",)"
        R"("enableClientSsl":false,"method":"POST","name":"VPC_1","path":"/","retryCount":"-1","scheme":"HTTP",)"
        R"("timeout":5000},"name":"p1","type":"HTTP-VPC"}],"x-apigateway-cors":false,)"
        R"("x-apigateway-match-mode":"NORMAL","x-apigateway-request-type":"public"})");
  CHECK(exported.body.find("basePath") == nullptr);

  const Value front = bench.post("/openapi/export", export_body(group)).body;
  CHECK(at(front, {"paths", "/pets/{id}", "post", "x-apigateway-backend"}).is_null());
  CHECK(at(front, {"paths", "/pets/{id}", "post", "x-apigateway-backend-policies"}).is_null());
}

TEST_CASE("an export imports again without a change") {
  Bench bench;
  const std::string group = bench.group();
  const std::string file =
      document(R"("/a/{id}":{"parameters":[{"name":"id","in":"path","required":true,"type":"string"}],"get":)" +
                   mock_operation("API_a", R"("security":[{"k":[]}],)") + R"(,"x-apigateway-any-method":)" +
                   mock_operation("API_b") + "}",
               R"("securityDefinitions":{"k":{"x-apigateway-auth-type":"IAM"}},)");
  bench.import_into(group, file);
  const std::string dev = export_body(group, R"(,"define":"dev","version":"1")");
  const std::string before = bench.post("/openapi/export", dev).text;
  const Answer again = bench.import_into(group, before);
  CHECK(at(again.body, {"success"}).items().size() == 2);
  CHECK(bench.post("/openapi/export", dev).text == before);
}

TEST_CASE("dev exports drafts, the others what is published") {
  Bench bench;
  const std::string group = bench.group();
  bench.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_old") + "}"));
  publish_all(bench, group);
  bench.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_new") + R"(},"/b":{"get":)" +
                                    mock_operation("API_b") + "}"));
  const Value published = bench.post("/openapi/export", export_body(group, R"(,"define":"proxy")")).body;
  CHECK(at(published, {"paths", "/a", "get", "operationId"}) == Value("API_old"));
  CHECK(at(published, {"paths", "/b"}).is_null());
  const Value draft = bench.post("/openapi/export", export_body(group, R"(,"define":"dev")")).body;
  CHECK(at(draft, {"paths", "/a", "get", "operationId"}) == Value("API_new"));
  CHECK(at(draft, {"paths", "/b", "get", "operationId"}) == Value("API_b"));
  const std::string id = at(bench.get("/apis?name=API_b").body, {"apis", "0", "id"}).as_string();
  const Value one = bench.post("/openapi/export", export_body(group, R"(,"define":"dev","apis":[")" + id + "\"]")).body;
  CHECK(at(one, {"paths"}).members().size() == 1);
  CHECK(at(draft, {"info", "version"}) == Value("2023-07-22-04:26:40"));
}

TEST_CASE("of two match modes on one path the exact one is exported") {
  Bench bench;
  const std::string group = bench.group();
  bench.import_into(group,
                    document(R"("/a":{"get":)" + mock_operation("API_s", R"("x-apigateway-match-mode":"SWA",)") + "}"));
  bench.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_n") + "}"));
  const Value exported = bench.post("/openapi/export", export_body(group, R"(,"define":"dev")")).body;
  CHECK(at(exported, {"paths", "/a", "get", "operationId"}) == Value("API_n"));
}

TEST_CASE("YAML exports say the same") {
  Bench bench;
  const std::string group = bench.group();
  bench.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_a") + "}"));
  const std::string dev = R"(,"define":"dev","version":"2023-07-11-19:54:22")";
  const Value json = bench.post("/openapi/export", export_body(group, dev)).body;
  const Value result = task_result(bench, export_body(group, dev + R"(,"type":"yaml")"));
  CHECK(result.text("FileType") == ".yaml");
  const auto yaml = parse_yaml(result.text("Comment"));
  REQUIRE(yaml);
  CHECK(*yaml == json);
}

TEST_CASE("export calls are checked") {
  Bench bench;
  const std::string group = bench.group();
  CHECK(
      bench.post("/openapi/async-export", R"({"group_id":"g"})").text ==
      R"({"error_code":"APIG.2001","error_msg":"The request parameters must be specified,parameterName:env_id. Please refer to the support documentation"})");
  CHECK(bench.post("/openapi/export", export_body(group, R"(,"define":"full")")).code() == "APIG.2011");
  CHECK(bench.post("/openapi/export", export_body(group, R"(,"type":"xml")")).code() == "APIG.2011");
  CHECK(bench.post("/openapi/export?oas_version=2.0", export_body(group)).status == 200);
  CHECK(bench.post("/openapi/async-export?oas_version=3.1", export_body(group)).code() == "APIG.2011");
  CHECK(bench.post("/openapi/export", export_body("nope")).status == 404);
  CHECK(bench.post("/openapi/export", R"({"env_id":"e","group_id":")" + group + "\"}").code() == "APIG.3003");
  const Answer later = bench.post("/openapi/async-export", export_body("nope"));
  CHECK(later.status == 202);
  const Answer task = bench.get("/async-tasks/" + std::string(later.body.text("task_id")));
  CHECK(task.body.text("task_status") == "failed");
  CHECK(task.body.text("task_result") == R"({"error_code":"APIG.3001","error_msg":"API group nope does not exist"})");
}

TEST_CASE("a thousand APIs are exported and listed quickly") {
  Bench bench;
  const std::string group = bench.group();
  for (int from = 0; from < 1000; from += 250) {
    std::string paths;
    for (int i = from; i < from + 250; ++i) {
      paths += std::string(i > from ? "," : "") + R"("/path/number)" + std::to_string(i) +
               R"(/{id}":{"get":{"operationId":"API_)" + std::to_string(i) +
               R"(","parameters":[{"name":"id","in":"path","required":true,"type":"string"},{"name":"q","in":"query",)"
               R"("type":"integer","default":1}],"x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":)"
               R"("a.example.com","scheme":"http","method":"GET","path":"/{id}"},"parameters":[{"name":"id",)"
               R"("value":"id","in":"path","origin":"REQUEST"}]}}})";
    }
    REQUIRE(at(bench.import_into(group, document(paths)).body, {"success"}).items().size() == 250);
  }
  publish_all(bench, group);
  const auto timed = [](const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Answer exported;
  const double export_seconds =
      timed([&] { exported = bench.post("/openapi/export", export_body(group, R"(,"define":"all")")); });
  CHECK(at(exported.body, {"paths"}).members().size() == 1000);
  HttpRequest list{"GET", std::string(kBase) + "/apis?name=nothing", {}, {}};
  const double list_seconds = timed([&] { bench.gateway->handle(list, bench.now); });
  WARN("1,000 APIs: export " << export_seconds << " s, list of none " << list_seconds << " s");
  CHECK(export_seconds < 1.0);
  CHECK(list_seconds < 0.1);
}
