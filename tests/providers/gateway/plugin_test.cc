// Plug-ins and the published APIs that they are attached to.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

std::string plugin(const std::string& name, const std::string& type = "cors",
                   const std::string& content = R"({\"allow_origin\":\"*\"})") {
  return R"({"plugin_name":")" + name + R"(","plugin_type":")" + type +
         R"(","plugin_scope":"global","plugin_content":")" + content + R"("})";
}

struct Plugged : Bench {
  Plugged() {
    group_id = group();
    publish_ids = published(group_id, 2);
    cors = make("cors_1");
    const Value list = at(get("/apis").body, {"apis"});
    for (const Value& api : list.items()) apis.emplace_back(api.text("id"));
  }
  std::string make(const std::string& name, const std::string& type = "cors") {
    const Answer made = post("/plugins", plugin(name, type));
    REQUIRE(made.status == 201);
    return std::string(made.body.text("plugin_id"));
  }
  std::string in_release(const std::string& list, const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += (text.empty() ? "\"" : ",\"") + id + "\"";
    return R"({"env_id":")" + std::string(kRelease) + R"(",")" + list + "\":[" + text + "]}";
  }
  Answer attach(const std::string& plugin_id, const std::vector<std::string>& ids) {
    return post("/plugins/" + plugin_id + "/attach", in_release("api_ids", ids));
  }
  std::string group_id;
  std::string cors;
  std::vector<std::string> publish_ids;
  std::vector<std::string> apis;
};

}  // namespace

TEST_CASE("a plug-in is made, listed, changed and removed") {
  Bench bench;
  const Answer made = bench.post("/plugins", plugin("CORS"));
  REQUIRE(made.status == 201);
  CHECK(made.text == R"({"plugin_id":"00000000000000000000000000000001","plugin_name":"CORS","plugin_type":"cors",)"
                     R"("plugin_scope":"global","plugin_content":"{\"allow_origin\":\"*\"}","remark":"",)"
                     R"("create_time":"2023-07-22T04:26:40.000Z","update_time":"2023-07-22T04:26:40.000Z"})");
  const std::string one = "/plugins/" + std::string(made.body.text("plugin_id"));
  bench.now += std::chrono::seconds(1);
  CHECK(bench.put(one, plugin("CORS", "cors", "{}")).body.text("plugin_content") == "{}");
  CHECK(bench.get(one).body.text("update_time") == "2023-07-22T04:26:41.000Z");
  bench.post("/plugins", plugin("limits", "rate_limit"));
  CHECK(at(bench.get("/plugins").body, {"total"}) == Value(2));
  CHECK(at(bench.get("/plugins?plugin_type=cors").body, {"plugins", "0", "plugin_name"}) == Value("CORS"));
  CHECK(at(bench.get("/plugins?plugin_name=imi").body, {"total"}) == Value(1));
  CHECK(at(bench.get("/plugins?plugin_name=imi&precise_search=plugin_name").body, {"total"}) == Value(0));
  CHECK(bench.remove(one).status == 204);
  const Answer gone = bench.get(one);
  CHECK(gone.status == 404);
  CHECK(gone.text ==
        R"({"error_code":"APIG.3068","error_msg":"Plugin 00000000000000000000000000000001 does not exist"})");
}

TEST_CASE("plug-ins keep to their limits") {
  Bench bench;
  const auto code = [&](const std::string& body) { return bench.post("/plugins", body).code(); };
  CHECK(code(plugin("ab")) == "APIG.2011");
  CHECK(code(plugin("1abc")) == "APIG.2011");
  CHECK(code(plugin("abc", "magic")) == "APIG.2011");
  CHECK(code(plugin("abc", "cors", "no json")) == "APIG.2011");
  CHECK(code(plugin("abc", "cors", "")) == "APIG.2001");
  CHECK(code(R"({"plugin_name":"abc","plugin_type":"cors","plugin_content":"{}"})") == "APIG.2001");
  CHECK(code(R"({"plugin_name":"abc","plugin_type":"cors","plugin_scope":"app","plugin_content":"{}"})") ==
        "APIG.2011");
  CHECK(code(plugin("good-1_")).empty());
  CHECK(code(plugin("good-1_")) == "APIG.2011");
  for (int i = 1; i < 500; ++i) REQUIRE(code(plugin("plugin_" + std::to_string(i))).empty());
  CHECK(bench.post("/plugins", plugin("more")).status == 403);
  CHECK(code(plugin("more")) == "APIG.3100");
}

TEST_CASE("a plug-in is attached to published APIs and to no others") {
  Plugged bench;
  const Answer attached = bench.attach(bench.cors, bench.apis);
  REQUIRE(attached.status == 201);
  const std::string id = at(attached.body, {"bindings", "0", "plugin_attach_id"}).as_string();
  CHECK(write_json(at(attached.body, {"bindings", "0"})) ==
        R"({"plugin_attach_id":")" + id + R"(","plugin_id":")" + bench.cors +
            R"(","plugin_name":"cors_1","plugin_type":"cors","plugin_scope":"global",)"
            R"("env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","env_name":"RELEASE","api_id":")" +
            bench.apis[0] + R"(","api_name":"API_a","attached_time":"2023-07-22T04:26:40.000Z"})");
  CHECK(at(attached.body, {"attached_plugins"}) == at(attached.body, {"bindings"}));
  const Answer apis = bench.get("/plugins/" + bench.cors + "/attached-apis?env_id=" + std::string(kRelease));
  CHECK(at(apis.body, {"total"}) == Value(2));
  CHECK(at(apis.body, {"apis", "0", "api_name"}) == Value("API_a"));
  CHECK(at(apis.body, {"apis", "0", "group_name"}) == Value("petstore"));
  CHECK(at(apis.body, {"apis", "0", "publish_id"}) == Value(bench.publish_ids[0]));
  CHECK(at(apis.body, {"apis", "0", "plugin_attach_id"}) == Value(id));
  CHECK(at(bench.get("/plugins/" + bench.cors + "/attached-apis?env_id=x").body, {"total"}) == Value(0));
  const Answer plugins = bench.get("/apis/" + bench.apis[0] + "/attached-plugins");
  CHECK(at(plugins.body, {"plugins", "0", "plugin_name"}) == Value("cors_1"));
  CHECK(at(plugins.body, {"plugins", "0", "plugin_content"}) == Value(R"({"allow_origin":"*"})"));

  const Answer kept = bench.remove("/plugins/" + bench.cors);
  CHECK(kept.status == 409);
  CHECK(kept.code() == "APIG.3462");
  CHECK(bench.put("/plugins/" + bench.cors, plugin("cors_1", "breaker")).code() == "APIG.3462");
  CHECK(bench.put("/plugins/" + bench.cors, plugin("cors_2")).status == 200);

  const std::string draft(bench
                              .post("/apis", R"({"group_id":")" + bench.group_id +
                                                 R"(","name":"API_draft","type":1,"req_protocol":"HTTPS",)"
                                                 R"("req_method":"GET","req_uri":"/draft","auth_type":"NONE",)"
                                                 R"("backend_type":"MOCK","mock_info":{}})")
                              .body.text("id"));
  const std::string other = bench.make("other");
  const Answer unpublished = bench.attach(other, {bench.apis[0], draft});
  CHECK(unpublished.status == 409);
  CHECK(unpublished.code() == "APIG.3707");
  CHECK(at(bench.get("/plugins/" + other + "/attached-apis").body, {"total"}) == Value(0));
  CHECK(bench.attach("nope", bench.apis).code() == "APIG.3068");
  CHECK(bench.attach(other, {"nope"}).code() == "APIG.3002");
  CHECK(bench.attach(other, {}).code() == "APIG.2001");
  CHECK(bench.post("/plugins/" + other + "/attach", R"({"env_id":"x","api_ids":["a"]})").status == 404);
  CHECK(bench.get("/plugins/nope/attached-apis").code() == "APIG.3068");
  CHECK(bench.get("/apis/nope/attached-plugins").code() == "APIG.3002");
}

TEST_CASE("of a type one plug-in works on an API") {
  Plugged bench;
  bench.attach(bench.cors, bench.apis);
  const std::string limits = bench.make("limits", "rate_limit");
  const std::string second = bench.make("cors_2");
  const Answer attached =
      bench.post("/apis/" + bench.apis[0] + "/plugins/attach", bench.in_release("plugin_ids", {limits, second}));
  REQUIRE(attached.status == 201);
  CHECK(at(attached.body, {"bindings"}).items().size() == 2);
  const Value plugins = at(bench.get("/apis/" + bench.apis[0] + "/attached-plugins").body, {"plugins"});
  REQUIRE(plugins.items().size() == 2);
  CHECK(plugins.items()[0].text("plugin_name") == "limits");
  CHECK(plugins.items()[1].text("plugin_name") == "cors_2");
  CHECK(at(bench.get("/plugins/" + bench.cors + "/attached-apis").body, {"apis", "0", "api_id"}) ==
        Value(bench.apis[1]));
}

TEST_CASE("plug-ins are detached from either side and by going offline") {
  Plugged bench;
  const std::string limits = bench.make("limits", "rate_limit");
  bench.attach(bench.cors, bench.apis);
  bench.attach(limits, bench.apis);
  const auto count = [&](const std::string& id) {
    return at(bench.get("/plugins/" + id + "/attached-apis").body, {"total"});
  };
  CHECK(bench.put("/plugins/" + bench.cors + "/detach", bench.in_release("api_ids", {bench.apis[0]})).status == 204);
  CHECK(count(bench.cors) == Value(1));
  CHECK(count(limits) == Value(2));
  const std::string of_api = "/apis/" + bench.apis[1] + "/plugins/detach";
  CHECK(bench.post(of_api, bench.in_release("plugin_ids", {bench.cors})).status == 204);
  CHECK(count(bench.cors) == Value(0));
  CHECK(bench.put(of_api, bench.in_release("plugin_ids", {limits})).status == 204);
  CHECK(count(limits) == Value(1));
  bench.publish(bench.group_id, "offline");
  CHECK(count(limits) == Value(0));
  CHECK(bench.remove("/plugins/" + limits).status == 204);
}

TEST_CASE("what could be attached is listed from either side") {
  Plugged bench;
  const std::string other = bench.make("limits", "rate_limit");
  REQUIRE(bench.attach(bench.cors, {bench.apis[0]}).status == 201);
  const Answer apis = bench.get("/plugins/" + bench.cors + "/attachable-apis?env_id=" + std::string(kRelease));
  CHECK(at(apis.body, {"total"}) == Value(1));
  CHECK(at(apis.body, {"apis", "0", "api_id"}) == Value(bench.apis[1]));
  CHECK(at(apis.body, {"apis", "0", "group_name"}) == Value("petstore"));
  CHECK(at(apis.body, {"apis", "0", "env_name"}) == Value("RELEASE"));
  CHECK(at(apis.body, {"apis", "0", "publish_id"}) == Value(bench.publish_ids[1]));
  CHECK(at(apis.body, {"apis", "0", "plugin_attach_id"}).is_null());
  const auto total = [&](const std::string& path) { return at(bench.get(path).body, {"total"}); };
  CHECK(total("/plugins/" + other + "/attachable-apis") == Value(2));
  CHECK(total("/plugins/" + other + "/attachable-apis?api_name=API_b") == Value(1));
  CHECK(total("/plugins/" + other + "/attachable-apis?req_uri=/a&precise_search=req_uri") == Value(1));
  CHECK(total("/plugins/" + other + "/attachable-apis?env_id=x") == Value(0));
  const std::string side = "/apis/" + bench.apis[0] + "/attachable-plugins";
  CHECK(total(side + "?env_id=" + std::string(kRelease)) == Value(1));
  CHECK(at(bench.get(side).body, {"plugins", "0", "plugin_name"}) == Value("limits"));
  CHECK(total(side + "?plugin_type=cors") == Value(0));
  CHECK(total("/apis/" + bench.apis[1] + "/attachable-plugins") == Value(2));
  CHECK(bench.get("/plugins/nope/attachable-apis").code() == "APIG.3068");
  CHECK(bench.get("/apis/nope/attachable-plugins").code() == "APIG.3002");
}
