// Each switch in its other position, and the table of switches itself.
#include "providers/gateway/quirks.h"

#include <fstream>
#include <iterator>
#include <set>

#include "providers/gateway/routes.h"
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

/// A bench with some switches moved.
Bench with(std::map<std::string, std::string> quirks) {
  gateway::Options options;
  options.quirks = std::move(quirks);
  return Bench(std::move(options));
}

std::string http_operation(const std::string& name, const std::string& more = "") {
  return "{" + more + R"("operationId":")" + name +
         R"(","x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"a.example.com","scheme":"http",)"
         R"("method":"GET","path":"/","timeout":5000}}})";
}

Answer export_of(Bench& bench, const std::string& group, const std::string& define = "all") {
  return bench.post("/openapi/export", R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":")" + group +
                                           R"(","define":")" + define + R"("})");
}

/// The parsed result of a task, once it is over.
Value result_of(Bench& bench, const Answer& accepted, std::string* status = nullptr) {
  REQUIRE(accepted.status == 202);
  const Answer task = bench.get("/async-tasks/" + std::string(accepted.body.text("task_id")));
  if (status != nullptr) *status = task.body.text("task_status");
  const auto parsed = parse_json(task.body.text("task_result"));
  REQUIRE(parsed);
  return *parsed;
}

Answer import_later(Bench& bench, const std::string& group, const std::string& file, Bench::Fields more = {}) {
  Bench::Fields fields = {{"is_create_group", "false"}, {"group_id", group}, {"api_mode", "override"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return bench.form("/openapi/async-import", fields, &file);
}

std::string code_of_first_failure(const Answer& answer) {
  const Value code = at(answer.body, {"failure", "0", "error_code"});
  return code.is_string() ? code.as_string() : "";
}

std::string read_readme() {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/providers/gateway/README.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("README has the table of switches as the code has it") {
  const std::string readme = read_readme();
  std::set<std::string_view> names;
  for (const gateway::Quirk& quirk : gateway::quirks()) {
    CHECK(names.insert(quirk.name).second);
    const std::string row = "| `" + std::string(quirk.name) + "` | " + gateway::describe_positions(quirk) + " | " +
                            std::string(quirk.question) + " | " + std::string(quirk.sentence) + " |\n";
    INFO(row);
    CHECK(readme.find(row) != std::string::npos);
  }
  std::size_t rows = 0;
  const std::size_t begin = readme.find("| Name | Positions |");
  const std::size_t end = readme.find("\n\n", begin);
  REQUIRE(end != std::string::npos);
  for (std::size_t at = readme.find("\n| `", begin); at < end; at = readme.find("\n| `", at + 1)) ++rows;
  CHECK(rows == gateway::quirks().size());
  for (int question = 1; question <= 36; ++question) {
    CHECK(readme.find("\n| " + std::to_string(question) + " | ") != std::string::npos);
  }
}

TEST_CASE("every position of every switch opens a gateway, and no other does") {
  for (const gateway::Quirk& quirk : gateway::quirks()) {
    std::vector<std::string> positions;
    for (const std::string_view word : gateway::positions_of(quirk)) positions.emplace_back(word);
    if (quirk.largest > 0) positions = {"1", std::to_string(quirk.largest)};
    for (const std::string& position : positions) {
      gateway::Options options;
      options.quirks.emplace(quirk.name, position);
      INFO(quirk.name << "=" << position);
      CHECK(gateway::Gateway::open(options));
    }
    for (const char* wrong : {"", "0", "-1", "65", "4x", "blue"}) {
      gateway::Options options;
      options.quirks.emplace(quirk.name, wrong);
      const auto opened = gateway::Gateway::open(options);
      REQUIRE_FALSE(opened);
      CHECK(opened.error().message.find("Its positions are ") != std::string::npos);
    }
  }
  gateway::Rules rules;
  CHECK(gateway::set_quirk(rules, "merg", "ignore").error().message ==
        "unknown quirk merg=ignore. Did you mean merge?");
}

TEST_CASE("the edition limits how many APIs an instance holds") {
  Bench bench = with({{"edition", "basic"}});
  std::string paths;
  for (int i = 0; i < 251; ++i) {
    const std::string name = "api_" + std::to_string(i);
    paths += (i > 0 ? "," : "") + ("\"/" + name + "\":{\"get\":") + mock_operation(name) + "}";
  }
  const Answer answer = bench.import(document(paths));
  CHECK(at(answer.body, {"success"}).items().size() == 250);
  CHECK(code_of_first_failure(answer) == "APIG.3102");

  for (const auto& [edition, allowed] : {std::pair("platinum", "8000"), std::pair("unlimited", "2147483647")}) {
    Bench other = with({{"edition", edition}});
    const Answer configs = other.get("/project/configs?limit=100");
    CHECK(at(configs.body, {"configs", "0", "config_value"}) == Value(allowed));
  }
}

TEST_CASE("statuses follow the pages or the table") {
  for (const bool table : {false, true}) {
    Bench bench = with({{"status", table ? "table" : "page"}});
    const std::string group = bench.group();
    bench.published(group, 1);
    const std::string id(at(bench.get("/apis").body, {"apis", "0", "id"}).as_string());
    CHECK(bench.remove("/api-groups/" + group).status == (table ? 403 : 412));
    CHECK(bench.remove("/apis/" + id).status == (table ? 403 : 409));
  }
}

TEST_CASE("a group with APIs is deleted only where that is the rule") {
  Bench bench = with({{"group_delete", "cascade"}});
  const std::string group = bench.group();
  bench.published(group, 2);
  CHECK(bench.remove("/api-groups/" + group).status == 204);
  CHECK(at(bench.get("/apis").body, {"total"}) == Value(0));
}

TEST_CASE("exports of drafts follow their switches") {
  const std::string changed = document(R"("/a":{"get":)" + mock_operation("API_a", R"("description":"new",)") + "}");
  const auto exported = [&](const std::map<std::string, std::string>& quirks) {
    Bench bench = with(quirks);
    const std::string group = bench.group();
    bench.published(group, 1);
    bench.import_into(group, changed);
    bench.post("/apis", R"({"group_id":")" + group + R"(","name":"API_z","type":1,"req_protocol":"HTTPS",
      "req_method":"GET","req_uri":"/z","auth_type":"NONE","backend_type":"MOCK","mock_info":{}})");
    return export_of(bench, group, "dev").body;
  };
  const Value usual = exported({});
  CHECK(at(usual, {"paths", "/a", "get", "description"}) == Value("new"));
  CHECK_FALSE(at(usual, {"paths", "/z"}).is_null());
  const Value unpublished = exported({{"dev", "unpublished"}});
  CHECK(at(unpublished, {"paths", "/a"}).is_null());
  CHECK_FALSE(at(unpublished, {"paths", "/z"}).is_null());
  const Value runtime = exported({{"dev_definition", "runtime"}});
  CHECK(at(runtime, {"paths", "/a", "get", "description"}).is_null());
  CHECK_FALSE(at(runtime, {"paths", "/z"}).is_null());
}

TEST_CASE("exports are worded as their switches say") {
  const std::string file = document(
      R"("/a":{"get":{"operationId":"API_a","parameters":[{"name":"q","in":"query","type":"string"}],
      "responses":{"x-apigateway-result-normal-sample":"fine"},
      "x-apigateway-backend":{"type":"MOCK","mockEndpoints":{"result-content":"ok"},
      "parameters":[{"name":"q","value":"q","in":"query","origin":"REQUEST"}]},
      "x-apigateway-backend-policies":[{"name":"pol","type":"MOCK","effectMode":"ANY","mockEndpoints":{"result-content":"x"},
      "conditions":[{"type":"equal","origin":"request","parameter":"q","value":"1"}]}]}})");
  const auto exported = [&](const std::map<std::string, std::string>& quirks) {
    Bench bench = with(quirks);
    const std::string group = bench.group();
    REQUIRE(at(bench.import_into(group, file).body, {"failure"}).items().empty());
    bench.publish(group);
    const Answer answer = export_of(bench, group);
    // What was exported is what an import takes.
    REQUIRE(at(bench.import_into(group, answer.text).body, {"failure"}).items().empty());
    CHECK(at(export_of(bench, group, "dev").body, {"paths"}) == at(answer.body, {"paths"}));
    return answer;
  };
  const std::vector<std::string> get = {"paths", "/a", "get"};
  const auto member = [&](const Answer& answer, std::vector<std::string> keys) {
    keys.insert(keys.begin(), get.begin(), get.end());
    return at(answer.body, keys);
  };
  const std::vector<std::string> condition = {"x-apigateway-backend-policies", "0", "conditions", "0"};
  const auto of = [&](std::vector<std::string> keys, const char* last) {
    keys.emplace_back(last);
    return keys;
  };
  const Answer usual = exported({});
  CHECK(usual.text.find("\n,\n\t\"") != std::string::npos);
  CHECK(member(usual, of(condition, "origin")) == Value("param"));
  CHECK(member(usual, {"x-apigateway-backend", "parameters", "0", "in"}) == Value("QUERY"));
  CHECK(member(usual, {"responses", "x-apigateway-result-normal-sample"}) == Value("fine"));
  const Answer other = exported(
      {{"condition_words", "documented"}, {"export_case", "lower"}, {"samples", "inside"}, {"export_text", "plain"}});
  CHECK(other.text.find("\n,\n\t\"") == std::string::npos);
  CHECK(member(other, of(condition, "origin")) == Value("request"));
  CHECK(member(other, of(condition, "type")) == Value("equal"));
  CHECK(member(other, of(condition, "parameter_name")) == Value("q"));
  CHECK(member(other, {"x-apigateway-backend", "parameters", "0", "in"}) == Value("query"));
  CHECK(member(other, {"responses", "default", "x-apigateway-result-normal-sample"}) == Value("fine"));
  Bench bench = with({{"export_text", "plain"}});
  const std::string group = bench.group();
  const Value result =
      result_of(bench, bench.post("/openapi/async-export",
                                  R"({"group_id":")" + group + R"(","env_id":")" + std::string(kRelease) + R"("})"));
  CHECK(result.text("FileType") == "json");
}

TEST_CASE("an export may leave its environment out and use the words of V1") {
  Bench bench = with({{"env_id", "optional"}, {"define", "any"}});
  const std::string group = bench.group();
  CHECK(bench.post("/openapi/export", R"({"group_id":")" + group + R"(","define":"full"})").status == 200);
  Bench strict;
  const std::string other = strict.group();
  CHECK(strict.post("/openapi/export", R"({"group_id":")" + other + R"("})").code() == "APIG.2001");
  CHECK(export_of(strict, other, "full").code() == "APIG.2011");
}

TEST_CASE("the parts of import results that the documents leave open") {
  Bench bench = with({{"swagger_object", "absent"}, {"import_outcome", "failed"}});
  const std::string group = bench.group();
  std::string status;
  const std::string good = document(R"("/a":{"get":)" + mock_operation("API_a") + "}");
  CHECK(result_of(bench, import_later(bench, group, good), &status).find("swagger") == nullptr);
  CHECK(status == "succeed");
  const std::string half =
      document(R"("/a":{"get":)" + mock_operation("API_a") + R"(},"/b":{"get":{"operationId":"API_b"}})");
  const Value result = result_of(bench, import_later(bench, group, half), &status);
  CHECK(status == "failed");
  CHECK(result.text("error_code") == "APIG.2011");
  CHECK(at(result, {"success"}).items().size() == 1);
}

TEST_CASE("a document that fails as a whole is refused where the switch says") {
  const std::string nonsense = R"({"swagger":"1.2","paths":{}})";
  Bench late;
  std::string status;
  CHECK(result_of(late, import_later(late, late.group(), nonsense), &status).text("error_code") == "APIG.3601");
  CHECK(status == "failed");
  Bench early = with({{"import_checks", "post"}, {"too_many_apis", "post"}});
  const std::string group = early.group();
  CHECK(import_later(early, group, nonsense).code() == "APIG.3601");
  CHECK(import_later(early, "unknown", document("")).code() == "APIG.3001");
  CHECK(early.import(document(""), {{"is_create_group", "true"}}).code() == "APIG.3201");
  std::string paths;
  for (int i = 0; i < 301; ++i) {
    paths += (i > 0 ? "," : "") + ("\"/p" + std::to_string(i)) + "\":{\"get\":" + mock_operation("api") + "}";
  }
  CHECK(import_later(early, group, document(paths)).code() == "APIG.3127");
  Bench only_count = with({{"too_many_apis", "post"}});
  const std::string other = only_count.group();
  CHECK(import_later(only_count, other, nonsense).status == 202);
  CHECK(import_later(only_count, other, document(paths)).status == 403);
}

TEST_CASE("the size of a document is limited by its switch") {
  Bench bench = with({{"import_size", "1"}});
  const std::string group = bench.group();
  const std::string large = document(
      R"("/a":{"get":)" + mock_operation("API_a", "\"summary\":\"" + std::string(1U << 20U, 'x') + "\",") + "}");
  CHECK(bench.import_into(group, large).code() == "APIG.3603");
  CHECK(Bench().import(large).status == 200);
}

TEST_CASE("finished tasks are forgotten after a while if the switch says so") {
  Bench bench = with({{"task_retention", "1m"}});
  const std::string group = bench.group();
  const Answer made = import_later(bench, group, document(""));
  const std::string path = "/async-tasks/" + std::string(made.body.text("task_id"));
  CHECK(bench.get(path).status == 200);
  bench.now += std::chrono::seconds(61);
  CHECK(bench.get(path).code() == "APIG.3093");
}

TEST_CASE("an import may match by name") {
  const std::string first = document(R"("/a":{"get":)" + mock_operation("API_a") + "}");
  const std::string moved = document(R"("/b":{"get":)" + mock_operation("API_a") + "}");
  Bench by_path;
  std::string group = by_path.group();
  by_path.import_into(group, first);
  CHECK(code_of_first_failure(by_path.import_into(group, moved)) == "APIG.3202");
  Bench by_name = with({{"conflict_key", "name"}});
  group = by_name.group();
  by_name.import_into(group, first);
  CHECK(at(by_name.import_into(group, moved).body, {"success", "0", "action"}) == Value("update"));
  CHECK(at(by_name.get("/apis").body, {"apis", "0", "req_uri"}) == Value("/b"));
  CHECK(at(by_name.import_into(group, moved, "merge").body, {"ignore"}).items().size() == 1);
  const std::string both =
      document(R"("/b":{"get":)" + mock_operation("API_c") + R"(},"/c":{"get":)" + mock_operation("API_a") + "}");
  // The path of the first is held by an API of another name.
  const Answer answer = by_name.import_into(group, both);
  CHECK(at(answer.body, {"success"}).items().size() + at(answer.body, {"failure"}).items().size() == 2);
}

TEST_CASE("what overwriting does to the old API is a switch") {
  const std::string file =
      document(R"("/a":{"get":)" + mock_operation("API_a", R"("x-apigateway-ratelimit":"gold",)") + "}",
               R"("x-apigateway-ratelimits":{"gold":{"api-limit":2,"interval":1,"unit":"DAY"}},)");
  for (const std::string position : {"keep", "unbind", "offline", "replace"}) {
    Bench bench = with({{"override", position}});
    const std::string group = bench.group();
    bench.import_into(group, file);
    bench.publish(group);
    const Value before = at(bench.get("/apis").body, {"apis", "0"});
    bench.import_into(group, file);
    const Value after = at(bench.get("/apis").body, {"apis", "0"});
    INFO(position);
    CHECK((after.text("id") == before.text("id")) == (position != "replace"));
    CHECK((after.text("run_env_id").empty()) == (position == "offline" || position == "replace"));
    const Answer bound = bench.get("/throttle-bindings/binded-throttles?api_id=" + std::string(after.text("id")));
    CHECK(at(bound.body, {"total"}) == Value(position == "keep" ? 1 : 0));
    CHECK(at(bench.get("/apis").body, {"total"}) == Value(1));
  }
}

TEST_CASE("names of policies that are not there fail an operation or are dropped") {
  const std::string file =
      document(R"("/a":{"get":)" +
               mock_operation("API_a", R"("x-apigateway-ratelimit":"gone","x-apigateway-response":"gone",)") + "}");
  Bench bench;
  CHECK(code_of_first_failure(bench.import_into(bench.group(), file)) == "APIG.3005");
  Bench lenient = with({{"missing_policy", "drop"}});
  CHECK(at(lenient.import_into(lenient.group(), file).body, {"success"}).items().size() == 1);
}

TEST_CASE("what documents leave out fails an operation where the switches are strict") {
  const std::string nameless = document(R"("/a":{"get":{"x-apigateway-backend":{"type":"MOCK"}}})");
  Bench bench = with({{"operation_id", "refuse"}});
  CHECK(code_of_first_failure(bench.import_into(bench.group(), nameless)) == "APIG.2001");
  const std::string plain = document(R"("/a":{"get":)" + mock_operation("API_a") + "}");
  Bench strict = with({{"required_extensions", "refuse"}});
  CHECK(code_of_first_failure(strict.import_into(strict.group(), plain)) == "APIG.2001");
  const std::string full = document(
      R"("/a":{"get":)" + mock_operation("API_a", R"("x-apigateway-request-type":"public","x-apigateway-cors":false,
                                         "x-apigateway-match-mode":"NORMAL",)") +
      "}");
  Bench again = with({{"required_extensions", "refuse"}});
  CHECK(at(again.import_into(again.group(), full).body, {"failure"}).items().empty());
}

TEST_CASE("words and places that only some documents have") {
  const std::string iam_none = document(
      R"("/a":{"get":)" + mock_operation("API_a", R"("security":[{"k":[]}],)") + "}",
      R"("securityDefinitions":{"k":{"type":"apiKey","name":"x","in":"header","x-apigateway-auth-type":"IAM_NONE"}},)");
  Bench bench;
  CHECK(code_of_first_failure(bench.import_into(bench.group(), iam_none)) == "APIG.2011");
  Bench none = with({{"iam_none", "none"}, {"auth_headers", "accept"}, {"json_import", "accept"}});
  std::string group = none.group();
  none.import_into(group, iam_none);
  CHECK(at(none.get("/apis").body, {"apis", "0", "auth_type"}) == Value("NONE"));
  const std::string header = document(
      R"("/b":{"get":)" +
      mock_operation("API_b", R"("parameters":[{"name":"X-Auth-Token","in":"header","type":"string"}],)") + "}");
  CHECK(at(none.import_into(group, header).body, {"failure"}).items().empty());
  CHECK(code_of_first_failure(bench.import_into(bench.group("other"), header)) == "APIG.2011");
  const std::string body =
      R"({"is_create_group":false,"group_id":")" + group + R"(","api_mode":"override","swagger":)" + header + "}";
  CHECK(at(none.post("/openapi/import", body).body, {"success"}).items().size() == 1);
  CHECK(bench.post("/openapi/import", body).code() == "APIG.2001");
  CHECK(none.post("/openapi/import", R"({"is_create_group":false})").code() == "APIG.2001");
}

TEST_CASE("mock_mode gives a MOCK backend to those without one or to all") {
  const std::string file = document(R"("/a":{"get":)" + http_operation("API_a") + "}");
  for (const std::string position : {"missing", "all"}) {
    Bench bench = with({{"mock_mode", position}});
    const std::string group = bench.group();
    bench.import(file, {{"is_create_group", "false"}, {"group_id", group}, {"mock_mode", "true"}});
    CHECK(at(bench.get("/apis").body, {"apis", "0", "backend_type"}) == Value(position == "all" ? "MOCK" : "HTTP"));
  }
}

TEST_CASE("access control policies on accounts are taken from documents unless the switch is strict") {
  const std::string file =
      document(R"("/a":{"get":)" + mock_operation("API_a", R"("x-apigateway-access-control":"office",)") + "}",
               R"("x-apigateway-access-controls":{"office":{"acl-type":"DENY","entity-type":"DOMAIN","value":"me"}},)");
  Bench bench;
  CHECK(at(bench.import_into(bench.group(), file).body, {"failure"}).items().empty());
  Bench strict = with({{"acl_domain", "refuse"}});
  CHECK(code_of_first_failure(strict.import_into(strict.group(), file)) == "APIG.2011");
}

TEST_CASE("small differences between the pages") {
  Bench bench;
  CHECK(bench.get("/api-groups/unknown").code() == "APIG.3001");
  Bench instance = with({{"group_missing", "instance"}, {"offline_unpublished", "accept"}});
  CHECK(instance.get("/api-groups/unknown").code() == "APIG.3030");
  const std::string group = instance.group();
  instance.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_a") + "}"));
  const std::string id(at(instance.get("/apis").body, {"apis", "0", "id"}).as_string());
  const std::string body = R"({"env_id":")" + std::string(kRelease) + R"(","apis":[")" + id + R"("]})";
  CHECK(at(instance.post("/apis/publish?action=offline", body).body, {"success"}).items().size() == 1);
}

TEST_CASE("README lists every call with its methods and tests") {
  const std::string readme = read_readme();
  for (const gateway::Route& route : gateway::instance_routes()) {
    if (route.path.empty() || route.path.ends_with('/')) continue;
    const std::size_t at = readme.find("\n| `" + std::string(route.path) + "` | ");
    INFO(route.method << " " << route.path);
    REQUIRE(at != std::string::npos);
    const std::string line = readme.substr(at + 1, readme.find('\n', at + 1) - at - 1);
    CHECK(line.find(route.method) != std::string::npos);
    std::string tests = line.substr(line.rfind(" | ", line.size() - 3) + 3);
    tests = tests.substr(0, tests.find(" |"));
    const std::string first = tests.substr(0, tests.find(','));
    CHECK(std::ifstream(std::string(SLUICE_SOURCE_DIR) + "/tests/providers/gateway/" + first + "_test.cc").good());
  }
}
