// Throttling and access control policies and what they are bound to, through the protocol.
#include <filesystem>

#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

std::string throttle(const std::string& name, const std::string& more = "") {
  return R"({"name":")" + name + R"(","api_call_limits":800,"time_interval":1,"time_unit":"SECOND")" + more + "}";
}

std::string acl(const std::string& name, const std::string& value = "10.0.0.0/8", const std::string& entity = "IP") {
  return R"({"acl_name":")" + name + R"(","acl_type":"PERMIT","entity_type":")" + entity + R"(","acl_value":")" +
         value + R"("})";
}

std::string bind_body(const std::string& id_name, const std::string& id, const std::vector<std::string>& publish_ids) {
  std::string list;
  for (const std::string& publish_id : publish_ids) list += (list.empty() ? "\"" : ",\"") + publish_id + "\"";
  return "{\"" + id_name + "\":\"" + id + R"(","publish_ids":[)" + list + "]}";
}

std::string api_named(Bench& bench, const std::string& name) {
  return at(bench.get("/apis?precise_search=name&name=" + name).body, {"apis", "0", "id"}).as_string();
}

}  // namespace

TEST_CASE("a throttling policy is made, shown, changed and removed") {
  Bench bench;
  const Answer made = bench.post(
      "/throttles", throttle("throttle_demo", R"(,"user_call_limits":500,"app_call_limits":300,"ip_call_limits":600)"));
  REQUIRE(made.status == 201);
  CHECK(made.text ==
        R"({"id":"00000000000000000000000000000001","name":"throttle_demo","api_call_limits":800,)"
        R"("user_call_limits":500,"app_call_limits":300,"ip_call_limits":600,"time_interval":1,"time_unit":"SECOND",)"
        R"("type":1,"remark":"","is_inclu_special_throttle":2,"bind_num":0,)"
        R"("create_time":"2023-07-22T04:26:40.000Z","enable_adaptive_control":"FALSE"})");
  const std::string id(made.body.text("id"));
  CHECK(bench.get("/throttles/" + id).body == made.body);
  bench.now += std::chrono::seconds(5);
  const Answer changed = bench.put("/throttles/" + id, throttle("renamed", R"(,"type":2,"remark":"r")"));
  CHECK(changed.status == 200);
  CHECK(changed.body.find("user_call_limits") == nullptr);
  CHECK(at(changed.body, {"type"}) == Value(2));
  CHECK(changed.body.text("create_time") == "2023-07-22T04:26:40.000Z");
  CHECK(bench.remove("/throttles/" + id).status == 204);
  const Answer gone = bench.get("/throttles/" + id);
  CHECK(gone.status == 404);
  CHECK(gone.code() == "APIG.3005");
  CHECK(bench.put("/throttles/" + id, throttle("abc")).code() == "APIG.3005");
  CHECK(bench.remove("/throttles/" + id).code() == "APIG.3005");
}

TEST_CASE("throttling policies keep to their limits") {
  Bench bench;
  const auto code = [&](const std::string& body) { return bench.post("/throttles", body).code(); };
  CHECK(code(throttle("ab")) == "APIG.2011");
  CHECK(code(throttle("1abc")) == "APIG.2011");
  CHECK(code(throttle("a-bc")) == "APIG.2011");
  CHECK(code(throttle("\u4E2D\u6587a")).empty());
  CHECK(code(R"({"name":"abc","time_interval":1,"time_unit":"DAY"})") == "APIG.2001");
  CHECK(code(R"({"name":"abc","api_call_limits":1,"time_unit":"DAY"})") == "APIG.2001");
  CHECK(code(R"({"name":"abc","api_call_limits":1,"time_interval":1})") == "APIG.2001");
  CHECK(code(R"({"name":"abc","api_call_limits":0,"time_interval":1,"time_unit":"DAY"})") == "APIG.2011");
  CHECK(code(R"({"name":"abc","api_call_limits":2147483648,"time_interval":1,"time_unit":"DAY"})") == "APIG.2011");
  CHECK(code(R"({"name":"abc","api_call_limits":1,"time_interval":1,"time_unit":"day"})") == "APIG.2011");
  CHECK(code(throttle("abc", R"(,"user_call_limits":801)")) == "APIG.2011");
  CHECK(code(throttle("abc", R"(,"user_call_limits":10,"app_call_limits":11)")) == "APIG.2011");
  CHECK(code(throttle("abc", R"(,"app_call_limits":801)")) == "APIG.2011");
  CHECK(code(throttle("abc", R"(,"ip_call_limits":801)")) == "APIG.2011");
  CHECK(code(throttle("abc", R"(,"type":3)")) == "APIG.2011");
  CHECK(code(throttle("abc", R"(,"remark":")" + std::string(256, 'x') + "\"")) == "APIG.2011");
  CHECK(code(throttle("edge", R"(,"user_call_limits":800,"app_call_limits":800,"ip_call_limits":800)")).empty());
  const Answer taken = bench.post("/throttles", throttle("edge"));
  CHECK(taken.status == 400);
  CHECK(taken.text == R"({"error_code":"APIG.3204","error_msg":"The request throttling policy name already exists"})");
  const std::string other = bench.made("/throttles", throttle("other"));
  CHECK(bench.put("/throttles/" + other, throttle("edge")).code() == "APIG.3204");
  CHECK(bench.put("/throttles/" + other, throttle("other")).status == 200);
  for (int i = 3; i < 300; ++i) bench.made("/throttles", throttle("policy_" + std::to_string(i)));
  const Answer full = bench.post("/throttles", throttle("one_more"));
  CHECK(full.status == 403);
  CHECK(full.code() == "APIG.3107");
}

TEST_CASE("throttling policies are listed by page and filter") {
  Bench bench;
  for (const char* name : {"gold", "golden", "silver"}) bench.made("/throttles", throttle(name));
  CHECK(at(bench.get("/throttles").body, {"total"}) == Value(3));
  CHECK(at(bench.get("/throttles?name=gold").body, {"total"}) == Value(2));
  const Answer exact = bench.get("/throttles?name=gold&precise_search=name");
  CHECK(at(exact.body, {"total"}) == Value(1));
  CHECK(at(bench.get("/throttles?id=00000000000000000000000000000003").body, {"throttles", "0", "name"}) ==
        Value("silver"));
  const Answer page = bench.get("/throttles?offset=1&limit=1");
  CHECK(at(page.body, {"size"}) == Value(1));
  CHECK(at(page.body, {"total"}) == Value(3));
  CHECK(at(page.body, {"throttles", "0", "name"}) == Value("golden"));
}

TEST_CASE("excluded apps and users belong to their policy") {
  Bench bench;
  const std::string policy = "/throttles/" + bench.made("/throttles", throttle("gold"));
  const std::string specials = policy + "/throttle-specials";
  const Answer made = bench.post(specials, R"({"call_limits":5,"object_id":"app1","object_type":"APP"})");
  REQUIRE(made.status == 201);
  CHECK(
      made.text ==
      R"({"id":"00000000000000000000000000000002","call_limits":5,"object_id":"app1","object_type":"APP",)"
      R"("apply_time":"2023-07-22T04:26:40.000Z","throttle_id":"00000000000000000000000000000001","object_name":""})");
  CHECK(at(bench.get(policy).body, {"is_inclu_special_throttle"}) == Value(1));
  CHECK(bench.post(specials, R"({"call_limits":6,"object_id":"app1","object_type":"APP"})").code() == "APIG.3308");
  CHECK(bench.post(specials, R"({"call_limits":6,"object_id":"app1","object_type":"USER"})").status == 201);
  CHECK(bench.post(specials, R"({"call_limits":0,"object_id":"app2","object_type":"APP"})").code() == "APIG.2011");
  CHECK(bench.post(specials, R"({"call_limits":1,"object_id":"app2","object_type":"GROUP"})").code() == "APIG.2011");
  CHECK(bench.post(specials, R"({"call_limits":1,"object_type":"APP"})").code() == "APIG.2001");
  CHECK(at(bench.get(specials).body, {"total"}) == Value(2));
  CHECK(at(bench.get(specials + "?object_type=USER").body, {"throttle_specials", "0", "call_limits"}) == Value(6));
  const std::string one = specials + "/" + std::string(made.body.text("id"));
  CHECK(at(bench.put(one, R"({"call_limits":7})").body, {"call_limits"}) == Value(7));
  CHECK(bench.put(one, "{}").code() == "APIG.2001");
  CHECK(bench.put(policy, throttle("gold")).status == 200);
  CHECK(at(bench.get(specials).body, {"throttle_specials", "0", "call_limits"}) == Value(7));
  CHECK(bench.remove(one).status == 204);
  CHECK(bench.remove(one).code() == "APIG.3013");
  CHECK(bench.put(one, R"({"call_limits":7})").code() == "APIG.3013");
  CHECK(at(bench.get(specials).body, {"total"}) == Value(1));
  for (int i = 0; i < 29; ++i) {
    bench.made(specials, R"({"call_limits":1,"object_id":"u)" + std::to_string(i) + R"(","object_type":"USER"})");
  }
  CHECK(bench.post(specials, R"({"call_limits":1,"object_id":"ux","object_type":"USER"})").code() == "APIG.3107");
  CHECK(bench.get("/throttles/nope/throttle-specials").code() == "APIG.3005");
}

TEST_CASE("a throttling policy is bound to publications, one to each") {
  Bench bench;
  const auto publish_ids = bench.published(bench.group(), 2);
  const std::string gold = bench.made("/throttles", throttle("gold"));
  const Answer bound = bench.post("/throttle-bindings", bind_body("strategy_id", gold, publish_ids));
  REQUIRE(bound.status == 201);
  const Value first = at(bound.body, {"throttle_applys", "0"});
  CHECK(first.text("publish_id") == publish_ids[0]);
  CHECK(at(first, {"scope"}) == Value(1));
  CHECK(first.text("strategy_id") == gold);
  CHECK(first.text("apply_time") == "2023-07-22T04:26:40.000Z");
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(2));
  const Answer refused = bench.remove("/throttles/" + gold);
  CHECK(refused.status == 403);
  CHECK(refused.code() == "APIG.3451");
  // Once more changes nothing.
  CHECK(bench.post("/throttle-bindings", bind_body("strategy_id", gold, publish_ids)).body == bound.body);

  const std::string api = api_named(bench, "API_a");
  const Answer of_api = bench.get("/throttle-bindings/binded-throttles?api_id=" + api);
  CHECK(at(of_api.body, {"total"}) == Value(1));
  CHECK(at(of_api.body, {"throttles", "0", "name"}) == Value("gold"));
  CHECK(at(of_api.body, {"throttles", "0", "bind_id"}) == Value(first.text("id")));
  CHECK(at(of_api.body, {"throttles", "0", "env_name"}) == Value("RELEASE"));
  CHECK(at(of_api.body, {"throttles", "0", "bind_time"}) == Value("2023-07-22T04:26:40.000Z"));

  const Answer apis = bench.get("/throttle-bindings/binded-apis?throttle_id=" + gold);
  CHECK(at(apis.body, {"total"}) == Value(2));
  CHECK(write_json(at(apis.body, {"apis", "0"})) ==
        R"({"auth_type":"NONE","run_env_name":"RELEASE","group_name":"petstore","publish_id":")" + publish_ids[0] +
            R"(","group_id":"00000000000000000000000000000001","name":"API_a","remark":"",)"
            R"("run_env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","id":")" +
            api + R"(","req_uri":"/a","req_method":"GET","type":1,"throttle_apply_id":")" +
            std::string(first.text("id")) + R"(","throttle_name":"gold","apply_time":"2023-07-22T04:26:40.000Z"})");
  const auto count = [&](const std::string& list, const std::string& more) {
    return at(bench.get("/throttle-bindings/" + list + "?throttle_id=" + gold + more).body, {"total"});
  };
  CHECK(count("binded-apis", "&api_name=API_b") == Value(1));
  CHECK(count("binded-apis", "&api_id=" + api) == Value(1));
  CHECK(count("binded-apis", "&env_id=" + std::string(kRelease)) == Value(2));
  CHECK(count("binded-apis", "&env_id=other") == Value(0));
  CHECK(count("binded-apis", "&group_id=other") == Value(0));
  CHECK(count("unbinded-apis", "") == Value(0));

  // Another one takes its place.
  const std::string silver = bench.made("/throttles", throttle("silver"));
  CHECK(bench.post("/throttle-bindings", bind_body("strategy_id", silver, {publish_ids[0]})).status == 201);
  CHECK(count("binded-apis", "") == Value(1));
  CHECK(count("unbinded-apis", "") == Value(1));
  const Answer unbound = bench.get("/throttle-bindings/unbinded-apis?throttle_id=" + gold);
  CHECK(at(unbound.body, {"apis", "0", "throttle_name"}) == Value("silver"));
  CHECK(at(bench.get("/throttle-bindings/binded-throttles?api_id=" + api).body, {"total"}) == Value(1));
}

TEST_CASE("throttling bindings are ended one by one, in a batch and by going offline") {
  Bench bench;
  const std::string group = bench.group();
  const auto publish_ids = bench.published(group, 3);
  const std::string gold = bench.made("/throttles", throttle("gold"));
  const Value bound =
      at(bench.post("/throttle-bindings", bind_body("strategy_id", gold, publish_ids)).body, {"throttle_applys"});
  const auto id = [&](std::size_t i) { return std::string(bound.items()[i].text("id")); };
  CHECK(bench.remove("/throttle-bindings/" + id(0)).status == 204);
  CHECK(bench.remove("/throttle-bindings/" + id(0)).code() == "APIG.3012");
  const Answer batch =
      bench.put("/throttle-bindings?action=delete", R"({"throttle_bindings":[")" + id(0) + R"(",")" + id(1) + R"("]})");
  CHECK(batch.status == 200);
  CHECK(batch.text == R"({"success_count":1,"failure":[{"bind_id":")" + id(0) +
                          R"(","error_code":"APIG.3012","error_msg":"The request throttling policy binding record )"
                          R"(does not exist"}]})");
  CHECK(bench.put("/throttle-bindings?action=add", R"({"throttle_bindings":["x"]})").code() == "APIG.2011");
  CHECK(bench.put("/throttle-bindings?action=delete", "{}").code() == "APIG.2001");
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(1));
  bench.publish(group);
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(1));
  CHECK(bench.get("/apis/" + api_named(bench, "API_c")).body.text("publish_id") == publish_ids[2]);
  bench.publish(group, "offline");
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(0));
  bench.publish(group);
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(0));
  CHECK(bench.remove("/throttles/" + gold).status == 204);
}

TEST_CASE("bindings outlive a switch of versions, and a version that is taken offline ends them") {
  Bench bench;
  const std::string group = bench.group();
  const auto publish_ids = bench.published(group, 1);
  const std::string gold = bench.made("/throttles", throttle("gold"));
  bench.post("/throttle-bindings", bind_body("strategy_id", gold, publish_ids));
  bench.publish(group);
  const std::string api = api_named(bench, "API_a");
  const std::string first = at(bench.get("/apis/publish/" + api).body, {"api_versions", "1", "version_id"}).as_string();
  CHECK(bench.put("/apis/publish/" + api, R"({"version_id":")" + first + "\"}").status == 200);
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(1));
  CHECK(bench.remove("/apis/versions/" + first).status == 204);
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(0));
}

TEST_CASE("binding refuses what is not there and then binds nothing") {
  Bench bench;
  const auto publish_ids = bench.published(bench.group(), 1);
  const std::string gold = bench.made("/throttles", throttle("gold"));
  CHECK(bench.post("/throttle-bindings", bind_body("strategy_id", "nope", publish_ids)).code() == "APIG.3005");
  const Answer unknown = bench.post("/throttle-bindings", bind_body("strategy_id", gold, {publish_ids[0], "nope"}));
  CHECK(unknown.status == 404);
  CHECK(unknown.code() == "APIG.3015");
  CHECK(at(bench.get("/throttles/" + gold).body, {"bind_num"}) == Value(0));
  CHECK(bench.post("/throttle-bindings", R"({"strategy_id":")" + gold + "\"}").code() == "APIG.2001");
  CHECK(bench.post("/acl-bindings", bind_body("acl_id", "nope", publish_ids)).code() == "APIG.3006");
  CHECK(bench.get("/throttle-bindings/binded-throttles").code() == "APIG.2001");
  CHECK(bench.get("/throttle-bindings/binded-throttles?api_id=nope").code() == "APIG.3002");
  CHECK(bench.get("/throttle-bindings/binded-apis").code() == "APIG.2001");
  CHECK(bench.get("/throttle-bindings/binded-apis?throttle_id=nope").code() == "APIG.3005");
  CHECK(bench.get("/acl-bindings/binded-acls?api_id=nope").code() == "APIG.3002");
  CHECK(bench.get("/acl-bindings/binded-apis?acl_id=nope").code() == "APIG.3006");
}

TEST_CASE("an access control policy is made, listed, changed and removed") {
  Bench bench;
  const Answer made = bench.post("/acls", acl("acl_demo", "192.168.1.5,192.168.10.1"));
  REQUIRE(made.status == 201);
  CHECK(made.text ==
        R"({"id":"00000000000000000000000000000001","acl_name":"acl_demo","acl_type":"PERMIT","entity_type":"IP",)"
        R"("acl_value":"192.168.1.5,192.168.10.1","bind_num":0,"update_time":"2023-07-22T04:26:40.000Z"})");
  const std::string id(made.body.text("id"));
  bench.now += std::chrono::seconds(1);
  CHECK(bench.put("/acls/" + id, acl("acl_demo", "10.0.0.1")).body.text("update_time") == "2023-07-22T04:26:41.000Z");
  CHECK(bench.get("/acls/" + id).body.text("acl_value") == "10.0.0.1");
  bench.made("/acls", acl("domains", "someone", "DOMAIN"));
  CHECK(at(bench.get("/acls").body, {"total"}) == Value(2));
  CHECK(at(bench.get("/acls?entity_type=DOMAIN").body, {"acls", "0", "acl_name"}) == Value("domains"));
  CHECK(at(bench.get("/acls?acl_type=DENY").body, {"total"}) == Value(0));
  CHECK(at(bench.get("/acls?name=demo").body, {"total"}) == Value(1));
  CHECK(at(bench.get("/acls?name=demo&precise_search=name").body, {"total"}) == Value(0));
  CHECK(bench.remove("/acls/" + id).status == 204);
  CHECK(bench.remove("/acls/" + id).code() == "APIG.3006");
  CHECK(bench.get("/acls/" + id).status == 404);
}

TEST_CASE("access control policies keep to their limits") {
  Bench bench;
  const auto code = [&](const std::string& body) { return bench.post("/acls", body).code(); };
  CHECK(code(acl("ab")) == "APIG.2011");
  CHECK(code(acl("abc", "10.0.0.0/33")) == "APIG.2015");
  CHECK(code(acl("abc", "10.0.0")) == "APIG.2015");
  CHECK(code(acl("abc", "10.0.0.256")) == "APIG.2015");
  CHECK(code(acl("abc", "10.0.0.1,")) == "APIG.2015");
  CHECK(code(acl("abc", "")) == "APIG.2001");
  CHECK(code(acl("abc", "x", "HOST")) == "APIG.2011");
  CHECK(code(R"({"acl_name":"abc","acl_type":"ALLOW","entity_type":"IP","acl_value":"1.1.1.1"})") == "APIG.2011");
  CHECK(code(acl("good", "127.0.0.1,192.168.0.1/16,10.0.0.1-10.0.0.9,2001:db8::/32")).empty());
  CHECK(code(acl("good")) == "APIG.3206");
  std::string many = "1.1.1.1";
  for (int i = 1; i < 100; ++i) many += ",1.1.1.1";
  CHECK(code(acl("hundred", many)).empty());
  CHECK(code(acl("more", many + ",1.1.1.1")) == "APIG.2011");
  for (int i = 2; i < 100; ++i) bench.made("/acls", acl("acl_" + std::to_string(i)));
  const Answer full = bench.post("/acls", acl("one_more"));
  CHECK(full.status == 403);
  CHECK(full.code() == "APIG.3112");
}

TEST_CASE("access control policies on the same entities replace each other") {
  Bench bench;
  const auto publish_ids = bench.published(bench.group(), 1);
  const std::string office = bench.made("/acls", acl("office"));
  const std::string home = bench.made("/acls", acl("home", "10.1.0.0/16"));
  const std::string domains = bench.made("/acls", acl("domains", "someone", "DOMAIN"));
  const Answer bound = bench.post("/acl-bindings", bind_body("acl_id", office, publish_ids));
  REQUIRE(bound.status == 201);
  const std::string bind_id = at(bound.body, {"acl_bindings", "0", "id"}).as_string();
  CHECK(bound.text == R"({"acl_bindings":[{"id":")" + bind_id + R"(","publish_id":")" + publish_ids[0] +
                          R"(","acl_id":")" + office + R"(","bind_time":"2023-07-22T04:26:40.000Z"}]})");
  CHECK(bench.remove("/acls/" + office).code() == "APIG.3447");
  const Answer batch = bench.put("/acls?action=delete", R"({"acls":[")" + home + R"(",")" + office + R"(","x"]})");
  CHECK(batch.status == 200);
  CHECK(at(batch.body, {"success_count"}) == Value(1));
  CHECK(write_json(at(batch.body, {"failure", "0"})) ==
        R"({"acl_id":")" + office +
            R"(","acl_name":"office","error_code":"APIG.3447","error_msg":)"
            R"("The access control policy cannot be deleted because it has been bound to APIs"})");
  CHECK(at(batch.body, {"failure", "1", "error_code"}) == Value("APIG.3006"));
  CHECK(bench.put("/acls?action=purge", "{}").code() == "APIG.2011");

  const std::string api = api_named(bench, "API_a");
  bench.post("/acl-bindings", bind_body("acl_id", domains, publish_ids));
  const Answer both = bench.get("/acl-bindings/binded-acls?api_id=" + api);
  CHECK(at(both.body, {"total"}) == Value(2));
  CHECK(write_json(at(both.body, {"acls", "0"})) ==
        R"({"acl_id":")" + office +
            R"(","acl_name":"office","entity_type":"IP","acl_type":"PERMIT",)"
            R"("acl_value":"10.0.0.0/8","env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID",)"
            R"("env_name":"RELEASE","bind_id":")" +
            bind_id + R"(","bind_time":"2023-07-22T04:26:40.000Z"})");
  const std::string garden = bench.made("/acls", acl("garden", "10.2.0.0/16"));
  bench.post("/acl-bindings", bind_body("acl_id", garden, publish_ids));
  const Answer after = bench.get("/acl-bindings/binded-acls?api_id=" + api);
  CHECK(at(after.body, {"total"}) == Value(2));
  CHECK(at(after.body, {"acls", "0", "acl_name"}) == Value("domains"));
  CHECK(at(after.body, {"acls", "1", "acl_name"}) == Value("garden"));
  CHECK(bench.remove("/acl-bindings/" + bind_id).code() == "APIG.3010");

  const Answer apis = bench.get("/acl-bindings/binded-apis?acl_id=" + garden);
  const std::string garden_bind = at(after.body, {"acls", "1", "bind_id"}).as_string();
  CHECK(write_json(at(apis.body, {"apis", "0"})) ==
        R"({"api_id":")" + api +
            R"(","api_name":"API_a","api_type":1,"api_remark":"",)"
            R"("env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","env_name":"RELEASE","bind_id":")" +
            garden_bind + R"(","group_name":"petstore","bind_time":"2023-07-22T04:26:40.000Z","publish_id":")" +
            publish_ids[0] + R"(","req_method":"GET"})");
  CHECK(bench.remove("/acl-bindings/" + garden_bind).status == 204);
  const std::string left = at(after.body, {"acls", "0", "bind_id"}).as_string();
  CHECK(bench.put("/acl-bindings?action=delete", R"({"acl_bindings":[")" + left + R"("]})").text ==
        R"({"success_count":1,"failure":[]})");
  CHECK(at(bench.get("/acl-bindings/binded-acls?api_id=" + api).body, {"total"}) == Value(0));
}

TEST_CASE("lists and details show all publications in one order") {
  Bench bench;
  const std::string group = bench.group();
  const std::string dev = bench.made("/envs", R"({"name":"DEV"})");
  const std::string first = bench.published(group, 1)[0];
  bench.now += std::chrono::seconds(1);
  bench.publish(group, "online", dev);
  const std::string api = api_named(bench, "API_a");
  for (const Value& shown :
       {bench.get("/apis/" + api).body, at(bench.get("/apis?group_id=" + group).body, {"apis", "0"})}) {
    CHECK(shown.text("run_env_id") == std::string(kRelease) + "|" + dev);
    CHECK(shown.text("run_env_name") == "RELEASE|DEV");
    CHECK(shown.text("publish_id").substr(0, 33) == first + "|");
    CHECK(shown.text("publish_time") == "2023-07-22T04:26:40.000Z|2023-07-22T04:26:41.000Z");
  }
  // The parts stay together when one of them moves.
  bench.now += std::chrono::seconds(1);
  bench.publish(group);
  const Value shown = at(bench.get("/apis").body, {"apis", "0"});
  CHECK(shown.text("run_env_name") == "DEV|RELEASE");
  CHECK(shown.text("publish_id").substr(33) == first);
  CHECK(shown.text("publish_time") == "2023-07-22T04:26:41.000Z|2023-07-22T04:26:42.000Z");
}

TEST_CASE("policies and bindings are in the file") {
  const auto file = std::filesystem::temp_directory_path() / "sluice_policy_test.db";
  std::filesystem::remove(file);
  gateway::Options options;
  options.data = file.string();
  std::string gold;
  std::string bound;
  {
    Bench bench(options);
    const auto publish_ids = bench.published(bench.group(), 1);
    gold = bench.made("/throttles", throttle("gold"));
    bench.made("/throttles/" + gold + "/throttle-specials", R"({"call_limits":5,"object_id":"a","object_type":"APP"})");
    bench.post("/throttle-bindings", bind_body("strategy_id", gold, publish_ids));
    bench.made("/acls", acl("office"));
    bound = bench.get("/throttle-bindings/binded-apis?throttle_id=" + gold).text;
  }
  Bench bench(options);
  CHECK(bench.get("/throttle-bindings/binded-apis?throttle_id=" + gold).text == bound);
  CHECK(at(bench.get("/throttles/" + gold + "/throttle-specials").body, {"total"}) == Value(1));
  CHECK(at(bench.get("/acls").body, {"acls", "0", "acl_name"}) == Value("office"));
  for (const char* more : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + more);
}
