// Drafts, publications and what runs.
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

struct Published : Bench {
  Published() {
    group_id = group();
    api = std::string(at(import_text("one"), {"success", "0", "id"}).as_string());
  }
  Value import_text(const std::string& remark) {
    return import_into(group_id, document(R"("/a":{"get":)" +
                                          mock_operation("API_a", R"("description":")" + remark + R"(",)") + "}"))
        .body;
  }
  Answer act(const std::string& action) {
    return post("/apis/action", R"({"action":")" + action + R"(","env_id":")" + std::string(kRelease) +
                                    R"(","api_id":")" + api + R"(","remark":"r"})");
  }
  std::string group_id;
  std::string api;
};

}  // namespace

TEST_CASE("publishing takes a snapshot that later drafts do not touch") {
  Published bench;
  const Answer online = bench.act("online");
  REQUIRE(online.status == 201);
  for (const char* name : {"publish_id", "api_id", "api_name", "env_id", "remark", "publish_time", "version_id"}) {
    CHECK_FALSE(online.body.text(name).empty());
  }
  CHECK(at(bench.import_text("two"), {"success", "0", "action"}) == Value("update"));
  CHECK(bench.get("/apis/" + bench.api).body.text("remark") == "two");
  const Answer running = bench.get("/apis/runtime/" + bench.api);
  CHECK(running.body.text("remark") == "one");
  CHECK(running.body.text("run_env_name") == "RELEASE");
  bench.act("online");
  CHECK(bench.get("/apis/runtime/" + bench.api).body.text("remark") == "two");
}

TEST_CASE("the API shows all its publications joined by a bar") {
  Published bench;
  CHECK(bench.get("/apis/" + bench.api).body.text("run_env_id").empty());
  const std::string env(bench.post("/envs", R"({"name":"DEV"})").body.text("id"));
  bench.act("online");
  bench.post("/apis/publish?action=online", R"({"env_id":")" + env + R"(","apis":[")" + bench.api + R"("]})");
  const Answer shown = bench.get("/apis/" + bench.api);
  CHECK(shown.body.text("run_env_id") == std::string(kRelease) + "|" + env);
  CHECK(shown.body.text("run_env_name") == "RELEASE|DEV");
  CHECK(shown.body.text("publish_time") == "2023-07-22T04:26:40.000Z|2023-07-22T04:26:40.000Z");
  CHECK(at(bench.get("/apis?env_id=" + env).body, {"total"}) == Value(1));
  CHECK(at(bench.get("/apis?env_id=unknown").body, {"total"}) == Value(0));
}

TEST_CASE("a published API is not removed before it is offline everywhere") {
  Published bench;
  bench.act("online");
  const Answer refused = bench.remove("/apis/" + bench.api);
  CHECK(refused.status == 409);
  CHECK(refused.text ==
        R"({"error_code":"APIG.3416","error_msg":"The API cannot be deleted because it has been published"})");
  CHECK(bench.act("offline").status == 201);
  CHECK(bench.act("offline").code() == "APIG.3015");
  CHECK(bench.get("/apis/runtime/" + bench.api).code() == "APIG.3015");
  CHECK(bench.remove("/apis/" + bench.api).status == 204);
  CHECK(bench.remove("/apis/" + bench.api).code() == "APIG.3002");
}

TEST_CASE("ten versions are kept per environment, newest first, and one can be put back") {
  Published bench;
  for (int i = 0; i < 12; ++i) {
    bench.now += std::chrono::seconds(1);
    bench.import_text("draft " + std::to_string(i));
    bench.act("online");
  }
  const Answer history = bench.get("/apis/publish/" + bench.api);
  CHECK(at(history.body, {"total"}) == Value(10));
  CHECK(at(history.body, {"api_versions", "0", "version_no"}) == Value("20230722042652"));
  CHECK(at(history.body, {"api_versions", "0", "status"}) == Value(1));
  CHECK(at(history.body, {"api_versions", "9", "status"}) == Value(2));
  const std::string oldest = at(history.body, {"api_versions", "9", "version_id"}).as_string();
  CHECK(bench.get("/apis/versions/" + oldest).body.text("remark") == "draft 2");
  CHECK(bench.put("/apis/publish/" + bench.api, R"({"version_id":")" + oldest + R"("})").status == 200);
  CHECK(bench.get("/apis/runtime/" + bench.api).body.text("remark") == "draft 2");
  CHECK(bench.remove("/apis/versions/" + oldest).status == 204);
  CHECK(bench.remove("/apis/versions/" + oldest).code() == "APIG.3022");
  CHECK(bench.get("/apis/runtime/" + bench.api).status == 404);
}

TEST_CASE("a batch reports each API, and a group stands for all its APIs") {
  Published bench;
  const std::string release = R"({"env_id":")" + std::string(kRelease) + R"(",)";
  const Answer mixed =
      bench.post("/apis/publish?action=online", release + R"("apis":[")" + bench.api + R"(","nope"]})");
  CHECK(mixed.status == 200);
  CHECK(at(mixed.body, {"success", "0", "api_id"}) == Value(bench.api));
  CHECK(write_json(at(mixed.body, {"failure", "0"})) ==
        R"({"api_id":"nope","error_code":"APIG.3002","error_msg":"Api nope not found"})");
  const std::string all = release + R"("group_id":")" + bench.group_id + R"("})";
  CHECK(at(bench.post("/apis/publish?action=offline", all).body, {"success"}).items().size() == 1);
  CHECK(at(bench.post("/apis/publish?action=online", all).body, {"success"}).items().size() == 1);
  const Answer wrong = bench.post("/apis/publish?action=maybe", all);
  CHECK(wrong.status == 400);
  CHECK(wrong.code() == "APIG.2011");
  CHECK(bench.post("/apis/publish?action=online", R"({"env_id":"e1","apis":["a"]})").code() == "APIG.3003");
  CHECK(bench.post("/apis/publish?action=online", release + R"("group_id":"g"})").code() == "APIG.3001");
  std::string many = release + R"("apis":["x")";
  for (int i = 0; i < 1000; ++i) many += R"(,"x")";
  CHECK(bench.post("/apis/publish?action=online", many + "]}").code() == "APIG.2011");
}

TEST_CASE("publishing refuses what is not there") {
  Published bench;
  CHECK(bench.act("sideways").code() == "APIG.2011");
  bench.api = "nope";
  const Answer unknown = bench.act("online");
  CHECK(unknown.status == 404);
  CHECK(unknown.text == R"({"error_code":"APIG.3002","error_msg":"API nope does not exist"})");
  CHECK(bench.post("/apis/action", R"({"action":"online","api_id":"a"})").code() == "APIG.2001");
  CHECK(bench.get("/apis/publish/nope").code() == "APIG.3002");
}
