// APIs through the JSON calls: shapes, rules, filters.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

/// A body of an HTTP API; `changed` replaces members, null removes them.
Value api_body(const std::string& group, const std::string& changed = "{}") {
  auto body = parse_json(R"({"name":"Api_http","type":1,"req_protocol":"HTTPS","req_method":"GET",
    "req_uri":"/users/{id}","auth_type":"APP","backend_type":"HTTP",
    "backend_api":{"url_domain":"users.example.com","req_protocol":"HTTP","req_method":"GET","req_uri":"/u/{uid}-x",
      "timeout":3000,"vpc_channel_status":2},
    "req_params":[{"name":"id","type":"STRING","location":"PATH"}],
    "backend_params":[{"name":"uid","location":"PATH","origin":"REQUEST","value":"id"}]})");
  REQUIRE(body);
  body->set("group_id", group);
  const auto changes = parse_json(changed);
  REQUIRE(changes);
  for (const auto& member : changes->members()) body->set(member.key, member.value);
  return *body;
}

struct Apis : Bench {
  Apis() { group_id = group(); }
  Answer create(const std::string& changed = "{}") { return post("/apis", write_json(api_body(group_id, changed))); }
  std::string group_id;
};

}  // namespace

TEST_CASE("an API is made with every default filled in") {
  Apis bench;
  const Answer made = bench.create();
  REQUIRE(made.status == 201);
  CHECK(made.body.text("version") == "V0.0.1");
  CHECK(made.body.text("match_mode") == "NORMAL");
  CHECK(made.body.text("group_name") == "petstore");
  CHECK(made.body.text("group_version") == "V1");
  CHECK(at(made.body, {"auth_opt", "app_code_auth_type"}) == Value("DISABLE"));
  CHECK(at(made.body, {"backend_api", "retry_count"}) == Value("-1"));
  CHECK(at(made.body, {"backend_api", "timeout"}) == Value(3000));
  CHECK(at(made.body, {"req_params", "0", "required"}) == Value(1));
  CHECK(at(made.body, {"req_params", "0", "id"}).as_string().size() == 32);
  CHECK(at(made.body, {"arrange_necessary"}) == Value(2));
  CHECK(made.body.text("register_time") == "2023-07-22T04:26:40.000Z");
  const std::string path = "/apis/" + std::string(made.body.text("id"));
  CHECK(bench.get(path).body == made.body);
  CHECK(at(bench.get("/apis").body, {"apis", "0"}) == made.body);
}

TEST_CASE("an update replaces the whole definition") {
  Apis bench;
  const Answer made = bench.create(R"({"remark":"old","tags":["one"]})");
  const std::string path = "/apis/" + std::string(made.body.text("id"));
  bench.now += std::chrono::milliseconds(1500);
  const Answer updated = bench.put(path, write_json(api_body(bench.group_id, R"({"name":"Api_new"})")));
  REQUIRE(updated.status == 200);
  CHECK(updated.body.text("name") == "Api_new");
  CHECK(updated.body.text("remark").empty());
  CHECK(at(updated.body, {"tags"}).empty());
  CHECK(updated.body.text("register_time") == made.body.text("register_time"));
  CHECK(updated.body.text("update_time") == "2023-07-22T04:26:41.500Z");
  CHECK(bench.put("/apis/nope", "{}").code() == "APIG.3002");
}

TEST_CASE("definitions that break a rule are refused with its code") {
  Apis bench;
  struct Broken {
    const char* change;
    const char* code;
  };
  const Broken broken[] = {
      {R"({"name":"ab"})", "APIG.2011"},
      {R"({"name":null})", "APIG.2001"},
      {R"({"type":3})", "APIG.2011"},
      {R"({"type":null})", "APIG.2001"},
      {R"({"group_id":null})", "APIG.2001"},
      {R"({"group_id":"nope"})", "APIG.3001"},
      {R"({"req_method":"TRACE"})", "APIG.2011"},
      {R"({"req_uri":"no-slash"})", "APIG.2011"},
      {R"({"req_uri":"/a/pre-{id}"})", "APIG.2011"},
      {R"({"req_uri":"/users/{id}/{other}"})", "APIG.2026"},
      {R"({"req_uri":"/a b"})", "APIG.2011"},
      {R"({"auth_type":"AUTHORIZER"})", "APIG.2001"},
      {R"({"authorizer_id":"a"})", "APIG.2036"},
      {R"({"match_mode":"FUZZY"})", "APIG.2011"},
      {R"({"cors":"yes"})", "APIG.2011"},
      {R"({"backend_type":"GRPC"})", "APIG.2011"},
      {R"({"backend_api":null})", "APIG.2001"},
      {R"({"backend_params":[]})", "APIG.2027"},
      {R"({"backend_params":[{"name":"uid","location":"PATH","origin":"REQUEST","value":"ghost"}]})", "APIG.2028"},
      {R"({"req_params":[{"name":"id","type":"STRING","location":"PATH"},{"name":"X-Auth-Token","type":"STRING","location":"HEADER"}]})",
       "APIG.2011"},
      {R"({"req_params":[{"name":"id","type":"STRING","location":"PATH"},{"name":"id","type":"STRING","location":"PATH"}]})",
       "APIG.3209"},
      {R"({"tags":["1a"]})", "APIG.2011"},
      {R"({"tags":["a","b","c","d","e","f","g","h","i","j","k"]})", "APIG.3133"},
      {R"({"content_type":"text/html"})", "APIG.2011"},
      {R"({"is_send_fg_body_base64":false})", "APIG.2011"},
      {R"({"policy_mocks":[{"name":"p1","effect_mode":"ANY","conditions":[{"condition_origin":"source","condition_value":"1.1.1.1"}]}]})",
       "APIG.2011"},
  };
  for (const Broken& it : broken) {
    INFO(it.change);
    CHECK(bench.create(it.change).code() == it.code);
  }
  CHECK(bench.create(R"({"remark":")" + std::string(256, 'x') + R"("})").code() == "APIG.2011");
  CHECK(at(bench.get("/apis").body, {"total"}) == Value(0));
}

TEST_CASE("parameters and policies are limited in number") {
  Apis bench;
  std::string parameters;
  for (int i = 0; i < 51; ++i) {
    parameters += R"(,{"name":"q)" + std::to_string(i) + R"(","type":"STRING","location":"QUERY"})";
  }
  const Answer many =
      bench.create(R"({"req_params":[{"name":"id","type":"STRING","location":"PATH"})" + parameters + "]}");
  CHECK(many.status == 403);
  CHECK(many.code() == "APIG.3111");
  const auto policies = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) {
      list += std::string(i > 0 ? "," : "") + R"({"name":"p)" + std::to_string(i) +
              R"(","effect_mode":"ANY","conditions":[{"condition_origin":"source","condition_value":"10.0.0.0/8"}],
                "url_domain":"a.example.com","req_protocol":"HTTP","req_method":"GET","req_uri":"/"})";
    }
    return R"({"policy_https":[)" + list + "]}";
  };
  CHECK(bench.create(policies(6)).code() == "APIG.3113");
  CHECK(bench.create(policies(5)).status == 201);
}

TEST_CASE("name and path are unique inside a group") {
  Apis bench;
  REQUIRE(bench.create().status == 201);
  const std::string other = R"("req_params":[{"name":"key","type":"STRING","location":"PATH"}],)"
                            R"("backend_params":[{"name":"uid","location":"PATH","origin":"REQUEST","value":"key"}])";
  CHECK(bench.create(R"({"name":"Api_2","req_uri":"/users/{key}",)" + other + "}").code() == "APIG.3301");
  CHECK(bench.create(R"({"name":"Api_2","match_mode":"SWA"})").status == 201);
  CHECK(bench.create(R"({"req_method":"POST"})").text ==
        R"({"error_code":"APIG.3202","error_msg":"The API name already exists, api_name:Api_http"})");
  const std::string check = R"("group_id":")" + bench.group_id + R"(")";
  CHECK(bench.post("/apis/check", R"({"type":"name","name":"Api_http",)" + check + "}").code() == "APIG.3202");
  CHECK(bench.post("/apis/check", R"({"type":"name","name":"free",)" + check + "}").status == 204);
  CHECK(
      bench.post("/apis/check", R"({"type":"path","req_method":"GET","req_uri":"/users/{x}",)" + check + "}").code() ==
      "APIG.3301");
  CHECK(bench.post("/apis/check", R"({"type":"path","req_method":"PUT","req_uri":"/users/{x}"})").status == 204);
}

TEST_CASE("variable names can be made to count") {
  gateway::Options options;
  options.quirks["path_variables"] = "distinct";
  Bench bench(options);
  const std::string group = bench.group();
  const auto path = [](const std::string& name, const std::string& variable) {
    return R"("/a/{)" + variable + R"(}":{"get":)" +
           mock_operation(
               name, R"("parameters":[{"name":")" + variable + R"(","in":"path","required":true,"type":"string"}],)") +
           "}";
  };
  const Answer result = bench.import_into(group, document(path("API_1", "x") + "," + path("API_2", "y")));
  CHECK(at(result.body, {"success"}).items().size() == 2);
}

TEST_CASE("lists are filtered") {
  Apis bench;
  bench.create();
  bench.create(R"({"name":"Api_two","req_method":"POST","req_uri":"/pets/{id}","type":2,"tags":["blue"]})");
  const auto total = [&](const std::string& query) { return at(bench.get("/apis?" + query).body, {"total"}); };
  CHECK(total("") == Value(2));
  CHECK(total("name=Api") == Value(2));
  CHECK(total("name=Api&precise_search=name") == Value(0));
  CHECK(total("name=Api_two&precise_search=req_uri,name") == Value(1));
  CHECK(total("req_method=POST") == Value(1));
  CHECK(total("req_uri=%2Fpets") == Value(1));
  CHECK(total("req_uri=/pets&precise_search=req_uri") == Value(0));
  CHECK(total("type=2") == Value(1));
  CHECK(total("tags=blue") == Value(1));
  CHECK(total("tags=%23no_tags%23") == Value(1));
  CHECK(total("auth_type=IAM") == Value(0));
  CHECK(total("group_id=" + bench.group_id) == Value(2));
  CHECK(total("group_id=nope") == Value(0));
  CHECK(at(bench.get("/apis?limit=1&offset=1").body, {"apis", "0", "name"}) == Value("Api_two"));
}

TEST_CASE("several tags are asked for by naming the parameter again") {
  Apis bench;
  bench.create(R"({"tags":["red"]})");
  bench.create(R"({"name":"Api_two","req_uri":"/two","tags":["blue"]})");
  bench.create(R"({"name":"Api_three","req_uri":"/three"})");
  const auto total = [&](const std::string& query) { return at(bench.get("/apis?" + query).body, {"total"}); };
  CHECK(total("tags=red&tags=blue") == Value(2));
  CHECK(total("tags=red&tags=green") == Value(1));
  CHECK(total("tags=re") == Value(0));
}

TEST_CASE("debugging answers what a MOCK backend would, and says that no other is called") {
  Bench bench;
  const std::string group = bench.group();
  const Answer made = bench.import_into(
      group, document(R"("/a":{"get":)" + mock_operation("API_a") +
                      R"(},"/b":{"get":{"operationId":"API_b","x-apigateway-backend":{"type":"HTTP","httpEndpoints":)"
                      R"({"address":"b.internal:80","scheme":"http","method":"GET","path":"/b"}}}})"));
  REQUIRE(at(made.body, {"success"}).items().size() == 2);
  const std::string mock = "/apis/debug/" + at(made.body, {"success", "0", "id"}).as_string();
  const std::string body = R"({"mode":"DEVELOPER","scheme":"HTTPS","method":"GET","path":"/a"})";
  const Answer answer = bench.post(mock, body);
  CHECK(answer.status == 200);
  CHECK(answer.body.text("request").find("GET /a HTTP/1.1") == 0);
  CHECK(answer.body.text("response").find("\r\n\r\nok") != std::string_view::npos);
  CHECK_FALSE(answer.body.text("latency").empty());
  const std::string consumer = R"({"mode":"CONSUMER","scheme":"HTTPS","method":"GET","path":"/a"})";
  CHECK(bench.post(mock, consumer).code() == "APIG.3015");
  REQUIRE(bench.publish(group).status == 200);
  CHECK(bench.post(mock, consumer).status == 200);
  CHECK(bench.post("/apis/debug/" + at(made.body, {"success", "1", "id"}).as_string(), body).code() == "APIG.2030");
  CHECK(bench.post("/apis/debug/nope", body).code() == "APIG.3002");
  CHECK(bench.post(mock, R"({"mode":"x"})").code() == "APIG.2011");
}

TEST_CASE("backend parameters tell the request parameter they come from, those of policies too") {
  Bench bench;
  const std::string to_id = R"("parameters":[{"name":"uid","value":"id","in":"path","origin":"REQUEST"}])";
  const std::string end = R"("httpEndpoints":{"address":"a","scheme":"http","method":"GET","path":"/{uid}"})";
  const std::string group = bench.group();
  bench.import_into(group, document(R"("/a/{id}":{"get":{"operationId":"API_a",
      "parameters":[{"name":"id","in":"path","type":"string","required":true}],"x-apigateway-backend":{"type":"HTTP",)" +
                                    to_id + "," + end + R"(},"x-apigateway-backend-policies":[{"type":"HTTP","name":"p",
      "conditions":[{"origin":"source","value":"1.0.0.0/8"}],)" +
                                    to_id + "," + end + "}]}}"));
  const Value api = at(bench.get("/apis?group_id=" + group).body, {"apis", "0"});
  const Value request = at(api, {"req_params", "0", "id"});
  REQUIRE(request.is_string());
  CHECK(at(api, {"backend_params", "0", "req_param_id"}) == request);
  const Value other = at(api, {"policy_https", "0", "backend_params", "0"});
  CHECK(at(other, {"req_param_id"}) == request);
  CHECK(at(other, {"id"}) != at(api, {"backend_params", "0", "id"}));
}
