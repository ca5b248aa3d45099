// Requests that no client should send.
#include <functional>
#include <random>
#include <thread>

#include "providers/gateway/local_transport.h"
#include "providers/gateway/routes.h"
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

TEST_CASE("what is no call is answered so") {
  Bench bench;
  CHECK(bench.get("/nothing").status == 404);
  CHECK(bench.get("/nothing").code() == "APIG.0101");
  CHECK(bench.get("/apis/").status == 404);
  CHECK(bench.call("PATCH", "/apis").status == 405);
  CHECK(bench.remove("/envs").status == 405);
  CHECK(bench.post("/api-groups", "not json").code() == "APIG.2000");
  CHECK(bench.post("/api-groups", "[]").code() == "APIG.2000");
  CHECK(bench.post("/api-groups", R"({"name":7})").code() == "APIG.2011");
  HttpRequest request{"GET", "/v1/p/system-tasks/42", {}, {}};
  const HttpResponse task = bench.gateway->handle(request, bench.now);
  CHECK(task.status == 400);
  CHECK(task.body == R"({"error_code":"DLF.0810","error_msg":"Task does not exist"})");
  for (const char* target : {"", "//", "?", "/v2", "/v2//apigw/instances", "no slash", "/v2/p/apigw/instances/"}) {
    request.target = target;
    CHECK(bench.gateway->handle(request, bench.now).status == 404);
  }
}

TEST_CASE("answers are JSON whatever bytes a path holds") {
  Bench bench;
  for (const std::string_view id : {"%ff%fe", "a%00b", "%zz", "%c3%a9", "%ed%a0%80"}) {
    INFO(id);
    const Answer answer = bench.get("/api-groups/" + std::string(id));
    CHECK(answer.status == 404);
    CHECK(answer.code() == "APIG.3001");
  }
  CHECK(bench.get("/api-groups/%c3%a9").body.text("error_msg") == "API group \xC3\xA9 does not exist");
}

TEST_CASE("requests are counted and logged without their query") {
  Bench bench;
  bench.get("/envs?limit=1");
  bench.call("PATCH", "/apis");
  CHECK(bench.gateway->requests_handled() == 2);
  const auto log = bench.gateway->request_log();
  REQUIRE(log.size() == 2);
  CHECK(log[0] == std::pair<std::string, std::string>("GET", std::string(kBase) + "/envs"));
  CHECK(log[1].first == "PATCH");
}

TEST_CASE("the local transport passes requests on at its own time") {
  Bench bench;
  gateway::LocalTransport transport(*bench.gateway, [&] { return bench.now; });
  const auto answer = transport.send({"POST", std::string(kBase) + "/api-groups", {}, R"({"name":"local"})"});
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(answer->body.find("2023-07-22T04:26:40.000Z") != std::string::npos);
}

TEST_CASE("random bytes never harm") {
  Bench bench;
  std::mt19937 random(7);
  const std::string good =
      document(R"("/a/{x}":{"parameters":[{"name":"x","in":"path","required":true,"type":"string"}],"get":)" +
                   mock_operation("API_a", R"("security":[{"k":[]}],"tags":["t"],)") + "}",
               R"("securityDefinitions":{"k":{"x-apigateway-auth-type":"IAM"}},"basePath":"/v1",)");
  const std::string group = bench.group();
  const auto spoil = [&](std::string text, int changes) {
    for (int i = 0; i < changes && !text.empty(); ++i) {
      const std::size_t where = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[where] = static_cast<char>(random());
          break;
        case 1:
          text.erase(where, random() % 20);
          break;
        default:
          text.insert(where, text.substr(random() % text.size(), random() % 20));
      }
    }
    return text;
  };
  const char* paths[] = {"/apis",       "/apis/check",     "/apis/action",       "/apis/publish",
                         "/api-groups", "/openapi/import", "/openapi/export",    "/openapi/async-import",
                         "/envs",       "/async-tasks/x",  "/instances",         "/throttles",
                         "/acls",       "/plugins",        "/throttle-bindings", "/acl-bindings"};
  for (int i = 0; i < 3000; ++i) {
    const std::string file = spoil(good, static_cast<int>(random() % 4));
    const Answer imported = bench.import_into(group, file);
    REQUIRE((imported.status == 200 || imported.status == 400 || imported.status == 403));
    HttpRequest request{
        random() % 2 == 0 ? "POST" : "GET",
        spoil(std::string(kBase) + paths[random() % std::size(paths)] + "?limit=1%2", i % 2),
        {{"Content-Type", spoil("multipart/form-data; boundary=B", i % 2)}},
        spoil("--B\r\nContent-Disposition: form-data; name=\"file_name\"\r\n\r\n" + good + "\r\n--B--", 3)};
    const int status = bench.gateway->handle(request, bench.now).status;
    REQUIRE(status >= 200);
    REQUIRE(status < 500);
  }
}

TEST_CASE("every kind of value is survived in every place") {
  Bench bench;
  const std::string group = bench.group();
  const char* values[] = {"null", "true", "7", "-1.5", R"("")", R"("x")", "[]", "{}", "[[]]", R"({"a":[null]})"};
  const std::string operation =
      R"({"operationId":"API_a","description":"d","tags":["a"],"schemes":["https"],"security":[{"k":[]}],
    "parameters":[{"name":"x","in":"path","required":true,"type":"string","enum":["a"],"minLength":1}],
    "responses":{"default":{"description":"x"}},"x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"a",
    "scheme":"http","method":"GET","path":"/","timeout":1},"parameters":[{"name":"x","in":"query","origin":"REQUEST","value":"x"}]},
    "x-apigateway-backend-policies":[{"name":"p","type":"HTTP","conditions":[{"origin":"source","value":"1"}]}],
    "x-apigateway-ratelimit":"gold","x-apigateway-access-control":"office","x-apigateway-response":"errors",
    "x-apigateway-plugins":[],"x-apigateway-cors":true})";
  const auto parsed = parse_json(
      document(R"("/a/{x}":{"get":)" + operation + "}",
               R"("securityDefinitions":{"k":{"x-apigateway-auth-type":"IAM"}},"basePath":"/v1",)"
               R"("x-apigateway-ratelimits":{"gold":{"api-limit":2,"interval":1,"unit":"DAY","shared":false,)"
               R"("special":[{"type":"APP","limit":1,"instance":"a"}]}},)"
               R"("x-apigateway-access-controls":{"office":{"acl-type":"DENY","entity-type":"IP",)"
               R"("value":"1.1.1.1"}},"x-apigateway-responses":{"errors":{"THROTTLED":{"status":429,)"
               R"("body":{"application/json":"x"}}}},)"));
  REQUIRE(parsed);
  // Replaces every value of the document in turn by each of the kinds.
  std::size_t count = 0;
  const std::function<Value(const Value&, std::size_t&, const Value&)> replace =
      [&](const Value& from, std::size_t& left, const Value& with) -> Value {
    ++count;
    if (left-- == 0) return with;
    Value out = from;
    if (out.is_array()) {
      for (Value& item : out.mutable_items()) item = replace(Value(item), left, with);
    } else if (out.is_object()) {
      for (auto& member : out.mutable_members()) member.value = replace(Value(member.value), left, with);
    }
    return out;
  };
  std::size_t none = SIZE_MAX;
  replace(*parsed, none, Value());
  const std::size_t places = count;
  REQUIRE(places > 40);
  for (const char* text : values) {
    const auto value = parse_json(text);
    REQUIRE(value);
    for (std::size_t place = 0; place < places; ++place) {
      std::size_t left = place;
      const Answer answer = bench.import(
          write_json(replace(*parsed, left, *value)),
          {{"is_create_group", "false"}, {"group_id", group}, {"api_mode", "override"}, {"extend_mode", "override"}});
      REQUIRE(answer.status < 500);
    }
  }
}

TEST_CASE("every call answers every kind of body, and never with an error of its own") {
  Bench bench;
  const std::string group = bench.group();
  const std::string api = [&] {
    bench.published(group, 1);
    return at(bench.get("/apis").body, {"apis", "0", "id"}).as_string();
  }();
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  for (const gateway::Route& route : gateway::instance_routes()) {
    for (const std::string& id : {group, api, std::string("nope"), std::string("%00%2F"), std::string(9000, 'x')}) {
      std::string path = "/" + std::string(route.path);
      for (std::size_t at = path.find("{}"); at != std::string::npos; at = path.find("{}")) path.replace(at, 2, id);
      for (const std::string& body :
           {std::string(), std::string("null"), std::string("{}"), std::string("[7]"), deep}) {
        const Answer answer = bench.call(std::string(route.method), path == "/" ? "" : path, body);
        INFO(route.method << " " << path.substr(0, 200) << " " << body.substr(0, 20) << "\n" << answer.text);
        CHECK(answer.status < 500);
        if (answer.status >= 400) CHECK_FALSE(answer.body.text("error_msg").empty());
      }
    }
  }
}

TEST_CASE("every kind of value is survived in every member of a policy") {
  Bench bench;
  const std::string responses = "/api-groups/" + bench.group() + "/gateway-responses";
  const std::pair<std::string, const char*> bodies[] = {
      {"/throttles", R"({"name":"abc","api_call_limits":1,"user_call_limits":1,"time_interval":1,"time_unit":"DAY",
        "type":1,"remark":""})"},
      {"/throttles/x/throttle-specials", R"({"call_limits":1,"object_id":"a","object_type":"APP"})"},
      {"/throttle-bindings", R"({"strategy_id":"a","publish_ids":["a"]})"},
      {"/acls", R"({"acl_name":"abc","acl_type":"DENY","entity_type":"IP","acl_value":"1.1.1.1"})"},
      {"/acl-bindings", R"({"acl_id":"a","publish_ids":["a"]})"},
      {"/plugins", R"({"plugin_name":"abc","plugin_type":"cors","plugin_scope":"global","plugin_content":"{}"})"},
      {"/plugins/x/attach", R"({"env_id":"a","api_ids":["a"]})"},
      {responses, R"({"name":"errors","responses":{"THROTTLED":{"status":429,"body":"x","headers":[{"key":"a"}]}}})"}};
  for (const auto& [path, text] : bodies) {
    const auto body = parse_json(text);
    REQUIRE(body);
    for (const Value::Member& member : body->members()) {
      for (const char* other :
           {"null", "true", "-1", "1e99", R"("")", R"("\u0000")", "[]", "[7]", "{}", R"({"a":7})"}) {
        Value changed = *body;
        changed.set(member.key, *parse_json(other));
        const int status = bench.post(path, write_json(changed)).status;
        CHECK(status >= 200);
        CHECK(status < 500);
      }
    }
  }
}

TEST_CASE("several threads may ask at once") {
  Bench bench;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&bench, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string name = "group_" + std::to_string(t) + "_" + std::to_string(i);
        bench.gateway->handle({"POST", std::string(kBase) + "/api-groups", {}, R"({"name":")" + name + "\"}"},
                              bench.now);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(at(bench.get("/api-groups").body, {"total"}) == Value(200));
}
