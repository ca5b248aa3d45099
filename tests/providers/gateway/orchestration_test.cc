// Orchestration rules: their calls, and the parameters that name them.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

std::string rule(const std::string& name, const std::string& strategy = "list",
                 const std::string& map = R"([{"map_param_list":["a","b"],"mapped_param_value":"x"}])") {
  return R"({"orchestration_name":")" + name + R"(","orchestration_strategy":")" + strategy +
         R"(","orchestration_mapped_param":{"mapped_param_name":"to","mapped_param_type":"string",)" +
         R"("mapped_param_location":"query"},"orchestration_map":)" + map + "}";
}

std::string made(Bench& bench, const std::string& name) {
  const Answer answer = bench.post("/orchestrations", rule(name));
  REQUIRE(answer.status == 201);
  return std::string(answer.body.text("orchestration_id"));
}

std::string named(const std::string& rules) {
  return document(R"("/a":{"get":)" +
                  mock_operation("API_a", R"("parameters":[{"name":"q","in":"query","type":"string",)"
                                          R"("x-apigateway-orchestrations":)" +
                                              rules + "}],") +
                  "}");
}

}  // namespace

TEST_CASE("an orchestration rule is made, listed, changed and deleted") {
  Bench bench;
  const Answer answer = bench.post("/orchestrations", rule("first"));
  CHECK(answer.status == 201);
  const std::string id(answer.body.text("orchestration_id"));
  for (const char* name : {"orchestration_create_time", "orchestration_update_time", "orchestration_strategy"}) {
    CHECK_FALSE(answer.body.text(name).empty());
  }
  CHECK(at(answer.body, {"orchestration_mapped_param", "mapped_param_name"}) == Value("to"));
  CHECK(at(answer.body, {"orchestration_map", "0", "map_param_list", "1"}) == Value("b"));
  CHECK(at(answer.body, {"is_preprocessing"}) == Value(false));
  CHECK(bench.get("/orchestrations/" + id).body == answer.body);
  made(bench, "second");
  const Answer list = bench.get("/orchestrations?orchestration_name=first");
  CHECK(at(list.body, {"total"}) == Value(1));
  CHECK(at(list.body, {"orchestrations", "0", "orchestration_name"}) == Value("first"));
  CHECK(bench.get("/orchestrations?orchestration_name=s").body.find("total")->as_integer() == 2);
  CHECK(bench.get("/orchestrations?orchestration_name=s&precise_search=orchestration_name")
            .body.find("total")
            ->as_integer() == 0);
  const Answer changed =
      bench.put("/orchestrations/" + id, rule("first", "none_value", R"([{"mapped_param_value":"z"}])"));
  CHECK(changed.status == 200);
  CHECK(changed.body.text("orchestration_strategy") == "none_value");
  CHECK(bench.put("/orchestrations/" + id, rule("second")).code() == "APIG.3331");
  CHECK(bench.remove("/orchestrations/" + id).status == 204);
  CHECK(bench.get("/orchestrations/" + id).status == 404);
  CHECK(bench.get("/orchestrations/" + id).code() == "APIG.3095");
  CHECK(bench.remove("/orchestrations/" + id).code() == "APIG.3095");
}

TEST_CASE("each strategy asks for what it needs") {
  Bench bench;
  struct Case {
    const char* strategy;
    const char* map;
    int status;
  };
  const Case cases[] = {
      {"list", R"([{"mapped_param_value":"x"}])", 400},
      {"list", R"([{"map_param_list":["a","a"],"mapped_param_value":"x"}])", 400},
      {"range", R"([{"map_param_range":{"range_start":"1","range_end":"9"},"mapped_param_value":"x"}])", 201},
      {"range", R"([{"map_param_range":{"range_start":"1"},"mapped_param_value":"x"}])", 400},
      {"range", R"([{"mapped_param_value":"x"}])", 400},
      {"hash_range", R"([{"map_param_range":{"range_start":"1","range_end":"9"},"mapped_param_value":"x"}])", 201},
      {"hash", "[]", 201},
      {"default", R"([{"mapped_param_value":"x"}])", 201},
      {"default", "[]", 400},
      {"none_value", R"([{}])", 400},
      {"head_n", R"([{"intercept_length":5}])", 201},
      {"head_n", R"([{"intercept_length":101}])", 400},
      {"tail_n", R"([{}])", 400},
      {"tail_n", R"([{"intercept_length":1,"mapped_param_value":""}])", 201},
      {"other", "[]", 400},
      {"list", "[7]", 400},
  };
  int number = 0;
  for (const Case& one : cases) {
    INFO(one.strategy << " " << one.map);
    CHECK(bench.post("/orchestrations", rule("rule_" + std::to_string(++number), one.strategy, one.map)).status ==
          one.status);
  }
  CHECK(bench.post("/orchestrations", rule("1st")).code() == "APIG.2011");
  CHECK(bench.post("/orchestrations", R"({"orchestration_name":"abc","orchestration_strategy":"hash"})").code() ==
        "APIG.2001");
  CHECK(bench
            .post("/orchestrations",
                  R"({"orchestration_name":"abc","orchestration_strategy":"hash","is_preprocessing":true})")
            .status == 201);
}

TEST_CASE("the parameter that a rule gives cannot change") {
  Bench bench;
  const std::string id = made(bench, "first");
  std::string other = rule("first");
  other.replace(other.find("\"to\""), 4, "\"at\"");
  const Answer answer = bench.put("/orchestrations/" + id, other);
  CHECK(answer.status == 412);
  CHECK(answer.code() == "APIG.3713");
}

TEST_CASE("there are at most 300 rules") {
  Bench bench;
  for (int i = 0; i < 300; ++i) made(bench, "rule_" + std::to_string(i));
  const Answer answer = bench.post("/orchestrations", rule("another"));
  CHECK(answer.status == 403);
  CHECK(answer.code() == "APIG.3150");
}

TEST_CASE("an import names rules, which must be there") {
  Bench bench;
  const std::string group = bench.group();
  const Answer failed = bench.import_into(group, named(R"(["first"])"));
  CHECK(at(failed.body, {"failure", "0", "error_code"}) == Value("APIG.3095"));
  const std::string id = made(bench, "first");
  const Answer taken = bench.import_into(group, named(R"(["first"])"));
  REQUIRE(at(taken.body, {"success", "0", "path"}) == Value("/a"));
  const std::string api(at(taken.body, {"success", "0", "id"}).as_string());
  CHECK(at(bench.get("/apis/" + api).body, {"req_params", "0", "orchestrations", "0"}) == Value(id));

  const Answer users = bench.get("/orchestrations/" + id + "/attached-apis");
  CHECK(at(users.body, {"total"}) == Value(1));
  CHECK(at(users.body, {"apis", "0", "api_id"}) == Value(api));
  CHECK(at(users.body, {"apis", "0", "group_name"}) == Value("petstore"));
  const Answer kept = bench.remove("/orchestrations/" + id);
  CHECK(kept.status == 409);
  CHECK(kept.code() == "APIG.3716");

  REQUIRE(bench.publish(group).status == 200);
  const std::string wanted =
      R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":")" + group + R"(","define":"all"})";
  const Answer two = bench.post("/openapi/export", wanted);
  CHECK(at(two.body, {"paths", "/a", "get", "parameters", "0", "x-apigateway-orchestrations", "0"}) == Value("first"));
  const Answer three = bench.post("/openapi/export?oas_version=3.0", wanted);
  CHECK(at(three.body, {"paths", "/a", "get", "parameters", "0", "x-apigateway-orchestrations", "0"}) ==
        Value("first"));
  CHECK(at(bench.import_into(group, three.text).body, {"success", "0", "action"}) == Value("update"));

  // A rule that only a published version uses is in use too.
  REQUIRE(at(bench.import_into(group, named("[]")).body, {"success", "0", "path"}) == Value("/a"));
  CHECK(bench.remove("/orchestrations/" + id).code() == "APIG.3716");
  REQUIRE(bench.publish(group, "offline").status == 200);
  CHECK(bench.remove("/orchestrations/" + id).status == 204);
}

TEST_CASE("an operation has at most 50 rules, and what is no list fails it") {
  Bench bench;
  const std::string group = bench.group();
  made(bench, "first");
  std::string many;
  for (int i = 0; i < 51; ++i) many += std::string(i == 0 ? "" : ",") + R"("first")";
  CHECK(at(bench.import_into(group, named("[" + many + "]")).body, {"failure", "0", "error_code"}) ==
        Value("APIG.3151"));
  CHECK(at(bench.import_into(group, named(R"("first")")).body, {"failure", "0", "error_code"}) == Value("APIG.2011"));
}

TEST_CASE("missing_policy=drop loses the names of rules that are not there") {
  gateway::Options options;
  options.quirks = {{"missing_policy", "drop"}};
  Bench bench(options);
  const std::string id = made(bench, "first");
  const Answer taken = bench.import_into(bench.group(), named(R"(["gone","first"])"));
  const std::string api(at(taken.body, {"success", "0", "id"}).as_string());
  const Answer shown = bench.get("/apis/" + api);
  CHECK(at(shown.body, {"req_params", "0", "orchestrations"}).items().size() == 1);
  CHECK(at(shown.body, {"req_params", "0", "orchestrations", "0"}) == Value(id));
}

TEST_CASE("the JSON calls name rules by id, which must be there") {
  Bench bench;
  const std::string group = bench.group();
  const std::string id = made(bench, "first");
  const auto body = [&](const std::string& rules) {
    return R"({"group_id":")" + group +
           R"(","name":"API_a","type":1,"req_protocol":"HTTPS","req_method":"GET","req_uri":"/a",)"
           R"("auth_type":"NONE","backend_type":"MOCK","mock_info":{},"req_params":[{"name":"q","type":"STRING",)"
           R"("location":"QUERY","orchestrations":)" +
           rules + "}]}";
  };
  const Answer answer = bench.post("/apis", body("[\"" + id + "\"]"));
  REQUIRE(answer.status == 201);
  CHECK(at(answer.body, {"req_params", "0", "orchestrations", "0"}) == Value(id));
  const std::string path = "/apis/" + std::string(answer.body.text("id"));
  CHECK(bench.put(path, body(R"(["nope"])")).code() == "APIG.3095");
  CHECK(bench.put(path, body("7")).code() == "APIG.2011");
  CHECK(bench.put(path, body("[]")).status == 200);
  CHECK(bench.remove("/orchestrations/" + id).status == 204);
}
