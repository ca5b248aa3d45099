// Policies and responses of documents: what an import takes, what publishing binds, what an export shows.
#include <sqlite3.h>

#include <filesystem>

#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

const std::string kGold =
    R"("x-apigateway-ratelimits":{"gold":{"api-limit":100,"user-limit":50,"interval":1,"unit":"minute"}},)";
const std::string kOffice =
    R"("x-apigateway-access-controls":{"office":{"acl-type":"PERMIT","entity-type":"IP","value":"10.0.0.0/8"}},)";
const std::string kErrors =
    R"("x-apigateway-responses":{"errors":{"THROTTLED":{"status":429,"body":{"application/json":"slow"}}}},)";
const std::string kUseGold = R"("x-apigateway-ratelimit":"gold",)";
const std::string kUseOffice = R"("x-apigateway-access-control":"office",)";
const std::string kUseErrors = R"("x-apigateway-response":"errors",)";

std::string get_a(const std::string& more = "") { return R"("/a":{"get":)" + mock_operation("API_a", more) + "}"; }

/// A gateway with a group and imports into it.
struct Importing : Bench {
  explicit Importing(gateway::Options options = {}) : Bench(std::move(options)), group_id(group()) {}
  static gateway::Options with(const std::string& quirk, const std::string& position) {
    gateway::Options options;
    options.quirks[quirk] = position;
    return options;
  }
  Answer take(const std::string& file, const std::string& extend_mode = "merge") {
    return import(
        file,
        {{"is_create_group", "false"}, {"group_id", group_id}, {"api_mode", "override"}, {"extend_mode", extend_mode}});
  }
  /// The failure code of the first operation; "" when all were taken.
  std::string code(const Answer& answer) {
    REQUIRE(answer.status == 200);
    const Value found = at(answer.body, {"failure", "0", "error_code"});
    return found.is_string() ? found.as_string() : std::string();
  }
  Value throttle(const std::string& name) {
    return at(get("/throttles?precise_search=name&name=" + name).body, {"throttles", "0"});
  }
  Value bound(const std::string& name) { return at(throttle(name), {"bind_num"}); }
  Value acl(const std::string& name) { return at(get("/acls?precise_search=name&name=" + name).body, {"acls", "0"}); }
  std::string text(const std::string& define, std::string_view env = kRelease) {
    const Answer done = post("/openapi/export", R"({"env_id":")" + std::string(env) + R"(","group_id":")" + group_id +
                                                    R"(","define":")" + define + R"(","version":"1"})");
    REQUIRE(done.status == 200);
    return done.text;
  }
  Value exported(const std::string& define = "all", std::string_view env = kRelease) {
    auto parsed = parse_json(text(define, env));
    REQUIRE(parsed);
    return *parsed;
  }
  std::string group_id;
};

}  // namespace

TEST_CASE("a document's policies are created, also without operations") {
  Importing bench;
  const Answer done = bench.take(document("", kGold + kOffice + kErrors));
  CHECK(done.status == 200);
  CHECK(at(done.body, {"failure"}).empty());
  const Value gold = bench.throttle("gold");
  CHECK(at(gold, {"api_call_limits"}) == Value(100));
  CHECK(at(gold, {"user_call_limits"}) == Value(50));
  CHECK(at(gold, {"time_interval"}) == Value(1));
  CHECK(gold.text("time_unit") == "MINUTE");
  CHECK(at(gold, {"type"}) == Value(1));
  CHECK(at(gold, {"bind_num"}) == Value(0));
  CHECK(bench.acl("office").text("acl_value") == "10.0.0.0/8");
  const std::string responses = "/api-groups/" + bench.group_id + "/gateway-responses";
  const std::string errors = at(bench.get(responses).body, {"responses", "1", "id"}).as_string();
  CHECK(at(bench.get(responses + "/" + errors).body, {"responses", "THROTTLED", "body"}) == Value("slow"));
}

TEST_CASE("extend_mode decides about policies that exist") {
  Importing bench;
  const auto file = [](const std::string& limit, const std::string& more, const std::string& value,
                       const std::string& status) {
    return document("", R"("x-apigateway-ratelimits":{"gold":{"api-limit":)" + limit + R"(,"interval":1,"unit":"DAY")" +
                            more +
                            R"(}},"x-apigateway-access-controls":{"office":{"acl-type":"DENY","entity-type":"IP",)"
                            R"("value":")" +
                            value + R"("}},"x-apigateway-responses":{"default":{"NOT_FOUND":{"status":)" + status +
                            R"(}},"errors":{"THROTTLED":{"status":)" + status + "}}},");
  };
  const std::string special = R"(,"special":[{"type":"APP","limit":5,"instance":"app1"}])";
  bench.take(file("1", special, "1.1.1.1", "401"));
  const Value before = bench.throttle("gold");
  CHECK(at(before, {"is_inclu_special_throttle"}) == Value(1));
  const std::string specials = "/throttles/" + std::string(before.text("id")) + "/throttle-specials";
  CHECK(at(bench.get(specials).body, {"throttle_specials", "0", "object_id"}) == Value("app1"));
  CHECK(at(bench.get(specials).body, {"throttle_specials", "0", "call_limits"}) == Value(5));

  bench.take(file("2", R"(,"shared":true)", "2.2.2.2", "402"));
  CHECK(bench.throttle("gold") == before);
  CHECK(bench.acl("office").text("acl_value") == "1.1.1.1");
  const std::string responses = "/api-groups/" + bench.group_id + "/gateway-responses";
  const auto status = [&](const char* row, const char* type) {
    const std::string id = at(bench.get(responses).body, {"responses", row, "id"}).as_string();
    return at(bench.get(responses + "/" + id).body, {"responses", type, "status"});
  };
  // The default one existed before the first import.
  CHECK(status("0", "NOT_FOUND") == Value(404));
  CHECK(status("1", "THROTTLED") == Value(401));

  bench.take(file("2", R"(,"shared":true)", "2.2.2.2", "402"), "override");
  const Value after = bench.throttle("gold");
  CHECK(after.text("id") == before.text("id"));
  CHECK(at(after, {"api_call_limits"}) == Value(2));
  CHECK(at(after, {"type"}) == Value(2));
  CHECK(at(after, {"is_inclu_special_throttle"}) == Value(2));
  CHECK(bench.acl("office").text("acl_value") == "2.2.2.2");
  CHECK(status("0", "NOT_FOUND") == Value(402));
  CHECK(status("1", "THROTTLED") == Value(402));
}

TEST_CASE("extend_mode waits with its task") {
  Importing bench;
  bench.take(document("", kGold));
  const std::string file =
      document("", R"("x-apigateway-ratelimits":{"gold":{"api-limit":7,"interval":1,"unit":"DAY"}},)");
  const Answer accepted =
      bench.form("/openapi/async-import",
                 {{"is_create_group", "false"}, {"group_id", bench.group_id}, {"extend_mode", "override"}}, &file);
  REQUIRE(accepted.status == 202);
  bench.get("/async-tasks/" + std::string(accepted.body.text("task_id")));
  CHECK(at(bench.throttle("gold"), {"api_call_limits"}) == Value(7));
}

TEST_CASE("a bad definition fails those that use it and is not taken") {
  Importing bench;
  const auto limits = [](const std::string& definition) {
    return R"("x-apigateway-ratelimits":{"gold":)" + definition +
           R"(,"good":{"api-limit":1,"interval":1,"unit":"DAY"}},)";
  };
  const std::string bad = limits(R"({"api-limit":1,"user-limit":2,"interval":1,"unit":"DAY"})");
  const Answer mixed = bench.take(document(
      get_a(kUseGold) + R"(,"/b":{"get":)" + mock_operation("API_b", R"("x-apigateway-ratelimit":"good",)") + "}",
      bad));
  CHECK(bench.code(mixed) == "APIG.2011");
  CHECK(at(mixed.body, {"failure"}).items().size() == 1);
  CHECK(at(mixed.body, {"success", "0", "path"}) == Value("/b"));
  CHECK(bench.throttle("gold").is_null());
  CHECK_FALSE(bench.throttle("good").is_null());
  for (const char* definition : {"7", "{}", R"({"api-limit":1,"interval":1,"unit":"YEAR"})",
                                 R"({"api-limit":1,"interval":1,"unit":"DAY","shared":"yes"})",
                                 R"({"api-limit":1,"interval":1,"unit":"DAY","special":{}})",
                                 R"({"api-limit":1,"interval":1,"unit":"DAY","special":[{"type":"APP","limit":1}]})"}) {
    const std::string code = bench.code(bench.take(document(get_a(kUseGold), limits(definition))));
    CHECK((code == "APIG.2011" || code == "APIG.2001"));
  }
  const std::string twice = R"({"type":"APP","limit":1,"instance":"a"})";
  CHECK(
      bench.code(bench.take(document(get_a(kUseGold), limits(R"({"api-limit":1,"interval":1,"unit":"DAY","special":[)" +
                                                             twice + "," + twice + "]}")))) == "APIG.3308");
  CHECK(bench.throttle("gold").is_null());

  // Without operations the import says it, and takes nothing.
  const Answer refused = bench.take(document("", bad + kOffice));
  CHECK(refused.status == 400);
  CHECK(refused.code() == "APIG.2011");
  CHECK(bench.acl("office").is_null());
  const std::string file = document("", bad);
  const Answer accepted = bench.form("/openapi/async-import", {}, &file);
  const Answer task = bench.get("/async-tasks/" + std::string(accepted.body.text("task_id")));
  CHECK(task.body.text("task_status") == "failed");
  CHECK(task.body.text("task_result").find("APIG.2011") != std::string_view::npos);
  CHECK(at(bench.get("/api-groups").body, {"total"}) == Value(1));
  CHECK(bench.take(document("", R"("x-apigateway-ratelimits":[],)")).code() == "APIG.3602");
}

TEST_CASE("more policies than there is room for fail like bad ones") {
  Importing bench;
  for (int i = 0; i < 299; ++i) {
    bench.made("/throttles", R"({"name":"policy_)" + std::to_string(i) +
                                 R"(","api_call_limits":1,"time_interval":1,"time_unit":"DAY"})");
  }
  const std::string two = R"("x-apigateway-ratelimits":{"one":{"api-limit":1,"interval":1,"unit":"DAY"},)"
                          R"("gold":{"api-limit":1,"interval":1,"unit":"DAY"}},)";
  CHECK(bench.code(bench.take(document(get_a(kUseGold), two))) == "APIG.3107");
  CHECK_FALSE(bench.throttle("one").is_null());
  std::string many = R"("x-apigateway-responses":{"r0":{})";
  for (int i = 1; i < 4; ++i) many += ",\"r" + std::to_string(i) + "\":{}";
  CHECK(bench.code(bench.take(document(get_a(R"("x-apigateway-response":"r3",)"), many + "},"))) == "APIG.3136");
}

TEST_CASE("an operation that names what is nowhere fails with its code") {
  Importing bench;
  const auto code = [&](const std::string& more) { return bench.code(bench.take(document(get_a(more)))); };
  CHECK(code(kUseGold) == "APIG.3005");
  CHECK(code(kUseOffice) == "APIG.3006");
  CHECK(code(kUseErrors) == "APIG.3007");
  CHECK(code(R"("x-apigateway-plugins":["cors_1"],)") == "APIG.3068");
  CHECK(code(R"("x-apigateway-ratelimit":7,)") == "APIG.2011");
  CHECK(code(R"("x-apigateway-plugins":"cors_1",)") == "APIG.2011");
  CHECK(code(R"("x-apigateway-plugins":[7],)") == "APIG.2011");
  CHECK(code(R"("x-apigateway-response":7,)") == "APIG.2011");
  // On the gateway is enough.
  bench.made("/throttles", R"({"name":"gold","api_call_limits":1,"time_interval":1,"time_unit":"DAY"})");
  CHECK(code(kUseGold).empty());
  CHECK(code(R"("x-apigateway-response":"default","x-apigateway-plugins":[],"x-apigateway-ratelimit":"",)").empty());
}

TEST_CASE("what a draft names takes effect when it is published") {
  Importing bench;
  bench.post("/plugins",
             R"({"plugin_name":"cors_1","plugin_type":"cors","plugin_scope":"global","plugin_content":"{}"})");
  const std::string file = document(get_a(kUseGold + kUseOffice + kUseErrors + R"("x-apigateway-plugins":["cors_1"],)"),
                                    kGold + kOffice + kErrors);
  CHECK(bench.code(bench.take(file)).empty());
  CHECK(bench.bound("gold") == Value(0));
  bench.publish(bench.group_id);
  CHECK(bench.bound("gold") == Value(1));
  CHECK(at(bench.acl("office"), {"bind_num"}) == Value(1));
  const std::string api = at(bench.get("/apis").body, {"apis", "0", "id"}).as_string();
  CHECK(at(bench.get("/apis/" + api + "/attached-plugins").body, {"plugins", "0", "plugin_name"}) == Value("cors_1"));
  const Value bind = at(bench.get("/throttle-bindings/binded-throttles?api_id=" + api).body, {"throttles", "0"});

  // Published again it stays the same binding; in another environment it is another one.
  bench.now += std::chrono::seconds(1);
  bench.publish(bench.group_id);
  CHECK(at(bench.get("/throttle-bindings/binded-throttles?api_id=" + api).body, {"throttles", "0"}) == bind);
  const std::string dev = bench.made("/envs", R"({"name":"DEV"})");
  bench.publish(bench.group_id, "online", dev);
  CHECK(bench.bound("gold") == Value(2));
  bench.publish(bench.group_id, "offline", dev);
  CHECK(bench.bound("gold") == Value(1));
}

TEST_CASE("an edit of the draft leaves what its import named") {
  Importing bench;
  bench.take(document(get_a(kUseGold), kGold));
  Value api = at(bench.get("/apis").body, {"apis", "0"});
  api.set("remark", "edited");
  CHECK(bench.put("/apis/" + std::string(api.text("id")), write_json(api)).status == 200);
  bench.publish(bench.group_id);
  CHECK(bench.bound("gold") == Value(1));
}

TEST_CASE("merge leaves the wishes of an API that it ignores") {
  Importing bench;
  bench.take(document(get_a(kUseGold), kGold));
  const Answer ignored = bench.import_into(bench.group_id, document(get_a()), "merge");
  CHECK(at(ignored.body, {"ignore"}).items().size() == 1);
  bench.publish(bench.group_id);
  CHECK(bench.bound("gold") == Value(1));
}

TEST_CASE("what is deleted between import and publish is skipped") {
  Importing bench;
  bench.take(document(get_a(kUseGold + kUseOffice), kGold + kOffice));
  CHECK(bench.remove("/throttles/" + std::string(bench.throttle("gold").text("id"))).status == 204);
  CHECK(at(bench.publish(bench.group_id).body, {"success"}).items().size() == 1);
  CHECK(at(bench.acl("office"), {"bind_num"}) == Value(1));
  CHECK(at(bench.exported(), {"paths", "/a", "get", "x-apigateway-ratelimit"}).is_null());
}

TEST_CASE("a dropped reference stays bound, or does not") {
  for (const char* position : {"keep", "unbind"}) {
    Importing bench(Importing::with("dropped_reference", position));
    bench.take(document(get_a(kUseGold + kUseOffice), kGold + kOffice));
    bench.publish(bench.group_id);
    bench.take(document(get_a(kUseOffice)));
    CHECK(bench.bound("gold") == Value(1));
    bench.publish(bench.group_id);
    const bool keeps = std::string_view(position) == "keep";
    CHECK(bench.bound("gold") == Value(keeps ? 1 : 0));
    CHECK(at(bench.acl("office"), {"bind_num"}) == Value(1));
    // The wish is gone in both.
    bench.publish(bench.group_id, "offline");
    bench.publish(bench.group_id);
    CHECK(bench.bound("gold") == Value(0));
    CHECK(at(bench.acl("office"), {"bind_num"}) == Value(1));
  }
}

TEST_CASE("only drafts that an import made drop references") {
  Importing bench(Importing::with("dropped_reference", "unbind"));
  const auto publish_ids = bench.published(bench.group_id, 1);
  const std::string gold =
      bench.made("/throttles", R"({"name":"gold","api_call_limits":1,"time_interval":1,"time_unit":"DAY"})");
  bench.post("/throttle-bindings", R"({"strategy_id":")" + gold + R"(","publish_ids":[")" + publish_ids[0] + "\"]}");
  bench.publish(bench.group_id);
  CHECK(bench.bound("gold") == Value(1));
}

TEST_CASE("a wish replaces what was bound by hand") {
  Importing bench;
  bench.take(document(get_a()));
  bench.publish(bench.group_id);
  const std::string publish_id = at(bench.get("/apis").body, {"apis", "0", "publish_id"}).as_string();
  const std::string silver =
      bench.made("/throttles", R"({"name":"silver","api_call_limits":1,"time_interval":1,"time_unit":"DAY"})");
  bench.post("/throttle-bindings", R"({"strategy_id":")" + silver + R"(","publish_ids":[")" + publish_id + "\"]}");
  bench.take(document(get_a(kUseGold), kGold));
  CHECK(bench.bound("silver") == Value(1));
  bench.publish(bench.group_id);
  CHECK(bench.bound("silver") == Value(0));
  CHECK(bench.bound("gold") == Value(1));
}

TEST_CASE("with bind=never a client must bind by itself") {
  Importing bench(Importing::with("bind", "never"));
  bench.take(document(get_a(kUseGold), kGold));
  bench.publish(bench.group_id);
  CHECK(bench.bound("gold") == Value(0));
  CHECK(at(bench.exported(), {"paths", "/a", "get", "x-apigateway-ratelimit"}).is_null());
}

TEST_CASE("define=all shows what is bound, the others do not") {
  Importing bench;
  bench.post("/plugins",
             R"({"plugin_name":"cors_1","plugin_type":"cors","plugin_scope":"global","plugin_content":"{}"})");
  const std::string silver = R"("x-apigateway-ratelimits":{"silver":{"api-limit":9,"interval":1,"unit":"DAY",)"
                             R"("shared":true,"special":[{"type":"USER","limit":2,"instance":"u1"}]}},)";
  bench.take(document("", silver));
  bench.take(document(get_a(kUseGold + kUseOffice + kUseErrors + R"("x-apigateway-plugins":["cors_1"],)") +
                          R"(,"/b":{"get":)" + mock_operation("API_b") + "}",
                      kGold + kOffice + kErrors));
  bench.publish(bench.group_id);
  const Value all = bench.exported();
  const Value operation = at(all, {"paths", "/a", "get"});
  std::string keys;
  for (const auto& member : operation.members()) keys += member.key + " ";
  CHECK(keys ==
        "schemes operationId responses x-apigateway-access-control x-apigateway-backend x-apigateway-cors "
        "x-apigateway-match-mode x-apigateway-plugins x-apigateway-ratelimit x-apigateway-request-type "
        "x-apigateway-response ");
  CHECK(operation.text("x-apigateway-access-control") == "office");
  CHECK(operation.text("x-apigateway-ratelimit") == "gold");
  CHECK(operation.text("x-apigateway-response") == "errors");
  CHECK(write_json(at(operation, {"x-apigateway-plugins"})) == R"(["cors_1"])");
  CHECK(at(all, {"paths", "/b", "get", "x-apigateway-ratelimit"}).is_null());
  // Only what the operations use; silver is not.
  CHECK(write_json(at(all, {"x-apigateway-ratelimits"})) ==
        R"({"gold":{"api-limit":100,"interval":1,"shared":false,"unit":"MINUTE","user-limit":50}})");
  CHECK(write_json(at(all, {"x-apigateway-access-controls"})) ==
        R"({"office":{"acl-type":"PERMIT","entity-type":"IP","value":"10.0.0.0/8"}})");
  CHECK(write_json(at(all, {"x-apigateway-responses"})) ==
        R"({"errors":{"THROTTLED":{"body":{"application/json":"slow"},"status":429}}})");
  CHECK(all.members().back().key == "x-apigateway-responses");
  for (const char* define : {"spec", "proxy", "dev"}) {
    const Value other = bench.exported(define);
    for (const char* key : {"x-apigateway-access-control", "x-apigateway-plugins", "x-apigateway-ratelimit"}) {
      CHECK(at(other, {"paths", "/a", "get", key}).is_null());
    }
    CHECK(at(other, {"paths", "/a", "get", "x-apigateway-response"}) == Value("errors"));
    CHECK(at(other, {"x-apigateway-ratelimits"}).is_null());
    CHECK(at(other, {"x-apigateway-access-controls"}).is_null());
    CHECK(at(other, {"x-apigateway-responses"}) == Value::object());
  }
  // Each environment shows its own.
  const std::string dev = bench.made("/envs", R"({"name":"DEV"})");
  CHECK(at(bench.exported("all", dev), {"x-apigateway-ratelimits"}).is_null());

  bench.take(document(R"("/b":{"get":)" + mock_operation("API_b", R"("x-apigateway-ratelimit":"silver",)") + "}"));
  bench.publish(bench.group_id);
  CHECK(write_json(at(bench.exported(), {"x-apigateway-ratelimits", "silver"})) ==
        R"({"api-limit":9,"interval":1,"shared":true,"special":[{"instance":"u1","limit":2,"type":"USER"}],)"
        R"("unit":"DAY"})");
}

TEST_CASE("an export with policies imports again without a change") {
  Importing bench;
  bench.take(document(get_a(kUseGold + kUseOffice + kUseErrors), kGold + kOffice + kErrors));
  bench.publish(bench.group_id);
  const std::string before = bench.text("all");
  CHECK(bench.code(bench.take(before, "override")).empty());
  bench.publish(bench.group_id);
  CHECK(bench.text("all") == before);
  Bench other;
  CHECK(at(other.import(before).body, {"failure"}).empty());
}

TEST_CASE("with nothing bound the text for all is that for dev") {
  Importing bench;
  bench.take(document(get_a(kUseGold), kGold + kOffice));
  bench.publish(bench.group_id);
  const std::string bound = bench.text("all");
  const std::string api = at(bench.get("/apis").body, {"apis", "0", "id"}).as_string();
  const Value bind = at(bench.get("/throttle-bindings/binded-throttles?api_id=" + api).body, {"throttles", "0"});
  CHECK(bench.remove("/throttle-bindings/" + std::string(bind.text("bind_id"))).status == 204);
  CHECK(bench.text("all") != bound);
  CHECK(bench.text("all") == bench.text("dev"));
}

TEST_CASE("of several access control policies the one for addresses is exported") {
  Importing bench;
  bench.take(document(get_a()));
  bench.publish(bench.group_id);
  const std::string publish_id = at(bench.get("/apis").body, {"apis", "0", "publish_id"}).as_string();
  const auto bind = [&](const std::string& name, const std::string& entity, const std::string& value) {
    const std::string id = bench.made("/acls", R"({"acl_name":")" + name + R"(","acl_type":"DENY","entity_type":")" +
                                                   entity + R"(","acl_value":")" + value + "\"}");
    bench.post("/acl-bindings", R"({"acl_id":")" + id + R"(","publish_ids":[")" + publish_id + "\"]}");
  };
  bind("domains", "DOMAIN", "someone");
  CHECK(at(bench.exported(), {"paths", "/a", "get", "x-apigateway-access-control"}) == Value("domains"));
  bind("addresses", "IP", "1.1.1.1");
  CHECK(at(bench.exported(), {"paths", "/a", "get", "x-apigateway-access-control"}) == Value("addresses"));
  CHECK(at(bench.exported(), {"x-apigateway-access-controls"}).members().size() == 1);
}

TEST_CASE("an import with its own group brings responses and wishes") {
  Bench bench;
  const Answer done = bench.import(document(get_a(kUseErrors + kUseGold), kErrors + kGold));
  REQUIRE(at(done.body, {"failure"}).empty());
  const std::string group(done.body.text("group_id"));
  const Value responses = at(bench.get("/api-groups/" + group + "/gateway-responses").body, {"responses"});
  REQUIRE(responses.items().size() == 2);
  CHECK(responses.items()[0].text("name") == "default");
  const Value api = at(bench.get("/apis").body, {"apis", "0"});
  CHECK(api.text("response_id") == responses.items()[1].text("id"));
}

TEST_CASE("wishes are in the file, and files from before have no policies") {
  const auto file = std::filesystem::temp_directory_path() / "sluice_policy_import_test.db";
  std::filesystem::remove(file);
  gateway::Options options;
  options.data = file.string();
  std::string group;
  {
    Importing bench(options);
    group = bench.group_id;
    bench.take(document(get_a(kUseGold), kGold));
  }
  {
    Bench bench(options);
    bench.publish(group);
    CHECK(at(bench.get("/throttles").body, {"throttles", "0", "bind_num"}) == Value(1));
  }
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  const char* older = R"(DROP TABLE policies; DROP TABLE bindings; DROP TABLE wishes;
    UPDATE apis SET definition = json_set(definition, '$.response_id', 'by_name');
    UPDATE versions SET definition = json_set(definition, '$.response_id', 'by_name');)";
  CHECK(sqlite3_exec(db, older, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  Bench bench(options);
  CHECK(at(bench.get("/throttles").body, {"total"}) == Value(0));
  CHECK(at(bench.get("/api-groups/" + group + "/gateway-responses").body, {"total"}) == Value(1));
  const Answer exported = bench.post("/openapi/export", R"({"env_id":")" + std::string(kRelease) + R"(","group_id":")" +
                                                            group + R"(","define":"all"})");
  CHECK(at(exported.body, {"paths", "/a", "get", "x-apigateway-response"}) == Value("by_name"));
  CHECK(bench.import_into(group, document(get_a(kUseGold), kGold)).status == 200);
  bench.publish(group);
  CHECK(at(bench.get("/throttles").body, {"throttles", "0", "bind_num"}) == Value(1));
  for (const char* more : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + more);
}
