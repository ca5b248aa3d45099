// Groups and environments through the protocol.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

TEST_CASE("a group is made, shown, renamed and removed") {
  Bench bench;
  const Answer made = bench.post("/api-groups", R"({"name":"api_group_001","remark":"API group 1"})");
  REQUIRE(made.status == 201);
  const std::string id(made.body.text("id"));
  CHECK(id == "00000000000000000000000000000001");
  CHECK(made.body.text("sl_domain") == id + ".apic.cn-north-7.huaweicloudapis.com");
  CHECK(made.body.text("register_time") == "2023-07-22T04:26:40.000Z");
  CHECK(at(made.body, {"status"}) == Value(1));
  CHECK(at(made.body, {"on_sell_status"}) == Value(2));
  CHECK(at(made.body, {"is_default"}) == Value(2));
  CHECK(bench.get("/api-groups/" + id).body == made.body);
  CHECK(bench.put("/api-groups/" + id, R"({"name":"renamed"})").status == 200);
  CHECK(bench.get("/api-groups/" + id).body.text("name") == "renamed");
  CHECK(bench.get("/api-groups/" + id).body.text("remark").empty());
  const Answer removed = bench.remove("/api-groups/" + id);
  CHECK(removed.status == 204);
  CHECK(removed.text.empty());
  const Answer gone = bench.get("/api-groups/" + id);
  CHECK(gone.status == 404);
  CHECK(gone.text == R"({"error_code":"APIG.3001","error_msg":"API group )" + id + R"( does not exist"})");
}

TEST_CASE("group names are unique and follow the wide rule") {
  Bench bench;
  bench.group("taken");
  CHECK(bench.post("/api-groups", R"({"name":"taken"})").code() == "APIG.3201");
  CHECK(bench.post("/api-groups/check", R"({"group_name":"taken"})").code() == "APIG.3201");
  CHECK(bench.post("/api-groups/check", R"({"group_name":"free"})").status == 204);
  CHECK(bench.post("/api-groups", R"({"name":"9-a./():"})").status == 201);
  CHECK(bench.post("/api-groups", "{\"name\":\"\u4E2D\u6587\uFF08a\"}").status == 201);
  for (const char* bad : {"ab", "-ab", "a b c", "a\u00E9b"}) {
    CHECK(bench.post("/api-groups", std::string(R"({"name":")") + bad + R"("})").code() == "APIG.2011");
  }
  CHECK(bench.post("/api-groups", R"({"name":")" + std::string(256, 'a') + R"("})").code() == "APIG.2011");
  CHECK(bench.post("/api-groups", R"({"name":"long","remark":")" + std::string(1001, 'a') + R"("})").code() ==
        "APIG.2011");
  CHECK(
      bench.post("/api-groups", "{}").text ==
      R"({"error_code":"APIG.2001","error_msg":"The request parameters must be specified,parameterName:name. Please refer to the support documentation"})");
  const std::string id = bench.group("other");
  CHECK(bench.put("/api-groups/" + id, R"({"name":"x"})").code() == "APIG.2012");
  CHECK(bench.put("/api-groups/" + id, R"({"name":"taken"})").code() == "APIG.3201");
}

TEST_CASE("lists are paged and out-of-range values corrected") {
  Bench bench;
  for (int i = 0; i < 25; ++i) bench.group("group_" + std::to_string(100 + i));
  const Answer page = bench.get("/api-groups");
  CHECK(at(page.body, {"size"}) == Value(20));
  CHECK(at(page.body, {"total"}) == Value(25));
  CHECK(at(page.body, {"groups", "0", "name"}) == Value("group_100"));
  CHECK(at(bench.get("/api-groups?offset=20&limit=10").body, {"size"}) == Value(5));
  CHECK(at(bench.get("/api-groups?offset=-3&limit=0").body, {"size"}) == Value(20));
  CHECK(at(bench.get("/api-groups?limit=9999").body, {"size"}) == Value(25));
  CHECK(at(bench.get("/api-groups?offset=99").body, {"size"}) == Value(0));
  CHECK(at(bench.get("/api-groups?name=group_11").body, {"total"}) == Value(10));
  CHECK(at(bench.get("/api-groups?name=group_11&precise_search=name").body, {"total"}) == Value(0));
  CHECK(at(bench.get("/api-groups?name=group_110&precise_search=name").body, {"total"}) == Value(1));
  CHECK(bench.get("/api-groups?limit=x").code() == "APIG.2011");
}

TEST_CASE("a group that holds APIs is not removed") {
  Bench bench;
  const std::string group = bench.group();
  bench.import_into(group, document(R"("/a":{"get":)" + mock_operation("API_a") + "}"));
  const Answer refused = bench.remove("/api-groups/" + group);
  CHECK(refused.status == 412);
  CHECK(refused.code() == "APIG.3415");
}

TEST_CASE("RELEASE is always there and others come and go") {
  Bench bench;
  const Answer list = bench.get("/envs");
  CHECK(at(list.body, {"total"}) == Value(1));
  CHECK(at(list.body, {"envs", "0", "id"}) == Value(kRelease));
  CHECK(at(list.body, {"envs", "0", "name"}) == Value("RELEASE"));
  const Answer made = bench.post("/envs", R"({"name":"DEV","remark":"d"})");
  CHECK(made.status == 201);
  const std::string id(made.body.text("id"));
  CHECK(bench.post("/envs", R"({"name":"DEV"})").code() == "APIG.3205");
  CHECK(bench.post("/envs", R"({"name":"RELEASE"})").code() == "APIG.3205");
  CHECK(bench.post("/envs", R"({"name":"1ab"})").code() == "APIG.2012");
  CHECK(bench.put("/envs/" + id, R"({"name":"TEST"})").body.text("name") == "TEST");
  CHECK(bench.remove("/envs/" + id).status == 204);
  const Answer gone = bench.remove("/envs/" + id);
  CHECK(gone.status == 404);
  CHECK(gone.code() == "APIG.3003");
  CHECK(bench.remove("/envs/" + std::string(kRelease)).status == 403);
}

TEST_CASE("an environment with published APIs is not removed") {
  Bench bench;
  const std::string env(bench.post("/envs", R"({"name":"DEV"})").body.text("id"));
  const Answer imported = bench.import(document(R"("/a":{"get":)" + mock_operation("API_a") + "}"));
  const std::string api(at(imported.body, {"success", "0", "id"}).as_string());
  const std::string body = R"("env_id":")" + env + R"(","api_id":")" + api + R"("})";
  REQUIRE(bench.post("/apis/action", R"({"action":"online",)" + body).status == 201);
  CHECK(bench.remove("/envs/" + env).code() == "APIG.3418");
  REQUIRE(bench.post("/apis/action", R"({"action":"offline",)" + body).status == 201);
  CHECK(bench.remove("/envs/" + env).status == 204);
  CHECK(at(bench.get("/apis/publish/" + api).body, {"total"}) == Value(0));
}

TEST_CASE("instances are apart, and listed once written to") {
  Bench bench;
  bench.group();
  HttpRequest request{"GET", "/v2/0123456789abcdef/apigw/instances/other/api-groups", {}, {}};
  CHECK(bench.gateway->handle(request, bench.now).body == R"({"size":0,"total":0,"groups":[]})");
  request.target = "/v2/0123456789abcdef/apigw/instances";
  const auto list = parse_json(bench.gateway->handle(request, bench.now).body);
  REQUIRE(list);
  CHECK(at(*list, {"total"}) == Value(1));
  CHECK(at(*list, {"instances", "0", "id"}) == Value("fedcba9876543210"));
  CHECK(bench.get("").body.text("status") == "Running");
}

TEST_CASE("with the switch every instance has the group DEFAULT, which stays") {
  gateway::Options options;
  options.quirks = {{"default_group", "present"}};
  Bench bench(options);
  const Answer list = bench.get("/api-groups");
  REQUIRE(at(list.body, {"total"}) == Value(1));
  CHECK(at(list.body, {"groups", "0", "name"}) == Value("DEFAULT"));
  CHECK(at(list.body, {"groups", "0", "is_default"}) == Value(1));
  const std::string id = at(list.body, {"groups", "0", "id"}).as_string();
  const Answer kept = bench.remove("/api-groups/" + id);
  CHECK(kept.status == 403);
  CHECK(kept.code() == "APIG.1101");
  CHECK(bench.put("/api-groups/" + id, R"({"name":"OTHER"})").code() == "APIG.1101");
  CHECK(bench.put("/api-groups/" + id, R"({"name":"DEFAULT","remark":"ours"})").status == 200);
  bench.group();
  const Answer both = bench.get("/api-groups");
  CHECK(at(both.body, {"groups", "0", "remark"}) == Value("ours"));
  CHECK(at(both.body, {"groups", "1", "is_default"}) == Value(2));
  CHECK(bench.post("/api-groups", R"({"name":"DEFAULT"})").code() == "APIG.3201");
  CHECK(at(bench.import_into(id, document(R"("/a":{"get":)" + mock_operation("API_a") + "}")).body,
           {"success", "0", "path"}) == Value("/a"));
  CHECK(bench.publish(id).status == 200);
  CHECK(at(bench.get("/api-groups/" + id + "/gateway-responses").body, {"responses", "0", "name"}) == Value("default"));
}

TEST_CASE("an instance tells its details and features") {
  Bench bench;
  const Answer one = bench.get("");
  CHECK(one.body.text("status") == "Running");
  CHECK(one.body.text("spec") == "PLATINUM");
  CHECK(at(one.body, {"supported_features"}).is_array());
  const Answer features = bench.get("/features?limit=1");
  CHECK(at(features.body, {"size"}) == Value(1));
  CHECK(at(features.body, {"features", "0", "enable"}) == Value(true));
  CHECK(at(features.body, {"features", "0", "name"}) == at(one.body, {"supported_features", "0"}));
}
