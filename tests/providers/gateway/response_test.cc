// Group responses through the protocol.
#include <filesystem>

#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

struct Group : Bench {
  Group() : id(group()), path("/api-groups/" + id + "/gateway-responses") {}
  std::string default_path() { return path + "/" + at(get(path).body, {"responses", "0", "id"}).as_string(); }
  /// The answer to an API of the group that uses a response.
  Answer api(const std::string& response) {
    return post("/apis", R"({"group_id":")" + id +
                             R"(","name":"API_a","type":1,"req_protocol":"HTTPS",)"
                             R"("req_method":"GET","req_uri":"/a","auth_type":"NONE",)"
                             R"("backend_type":"MOCK","mock_info":{},"response_id":")" +
                             response + "\"}");
  }
  std::string id;
  std::string path;
};

const std::string kErrors = R"({"name":"errors","responses":{"THROTTLED":{"status":429,"body":"slow down"}}})";

}  // namespace

TEST_CASE("every group has a default response that stays") {
  Group bench;
  const Answer list = bench.get(bench.path);
  CHECK(at(list.body, {"total"}) == Value(1));
  const Value only = at(list.body, {"responses", "0"});
  CHECK(only.text("name") == "default");
  CHECK(at(only, {"default"}) == Value(true));
  CHECK(only.text("id").size() == 32);
  CHECK(only.text("create_time") == "2023-07-22T04:26:40.000Z");
  const Value shown = bench.get(bench.default_path()).body;
  CHECK(at(shown, {"responses"}).members().size() == 17);
  CHECK(write_json(at(shown, {"responses", "ACCESS_DENIED"})) ==
        R"({"body":"{\"error_code\":\"$context.error.code\",\"error_msg\":\"$context.error.message\",)"
        R"(\"request_id\":\"$context.requestId\"}","default":true,"status":403})");
  CHECK(at(shown, {"responses", "DEFAULT_4XX", "status"}).is_null());
  CHECK(at(shown, {"responses", "THIRD_AUTH_CONF_FAILURE", "status"}) == Value(500));
  const Answer removed = bench.remove(bench.default_path());
  CHECK(removed.status == 409);
  CHECK(removed.code() == "APIG.3491");
  const Answer renamed = bench.put(bench.default_path(), R"({"name":"other"})");
  CHECK(renamed.status == 409);
  CHECK(renamed.code() == "APIG.3492");
  CHECK(bench.put(bench.default_path(), R"({"name":"default"})").status == 200);
  CHECK(bench.get("/api-groups/nope/gateway-responses").code() == "APIG.3001");
}

TEST_CASE("a response is made, changed and removed") {
  Group bench;
  const Answer made = bench.post(bench.path, kErrors);
  REQUIRE(made.status == 201);
  CHECK(at(made.body, {"default"}) == Value(false));
  CHECK(write_json(at(made.body, {"responses", "THROTTLED"})) == R"({"status":429,"body":"slow down"})");
  CHECK(at(made.body, {"responses", "NOT_FOUND", "default"}) == Value(true));
  const std::string one = bench.path + "/" + std::string(made.body.text("id"));
  CHECK(bench.get(one).body == made.body);
  // What an answer shows, sent back, changes nothing.
  const Value shown = bench.get(one).body;
  bench.now += std::chrono::seconds(1);
  const Value again = bench.put(one, write_json(shown)).body;
  CHECK(at(again, {"responses"}) == at(shown, {"responses"}));
  CHECK(again.text("update_time") == "2023-07-22T04:26:41.000Z");
  const Value replaced = bench.put(one, R"({"name":"faults","responses":{"NOT_FOUND":{"status":410}}})").body;
  CHECK(replaced.text("name") == "faults");
  CHECK(at(replaced, {"responses", "THROTTLED", "default"}) == Value(true));
  CHECK(at(replaced, {"responses", "NOT_FOUND", "status"}) == Value(410));
  CHECK(at(replaced, {"responses", "NOT_FOUND", "default"}).is_null());
  CHECK(bench.remove(one).status == 204);
  CHECK(bench.get(one).status == 404);
  CHECK(bench.get(one).code() == "APIG.3007");
}

TEST_CASE("responses keep to their limits") {
  Group bench;
  const auto code = [&](const std::string& responses) {
    return bench.post(bench.path, R"({"name":"errors","responses":)" + responses + "}").code();
  };
  CHECK(bench.post(bench.path, "{}").code() == "APIG.2001");
  CHECK(bench.post(bench.path, R"({"name":"a b"})").code() == "APIG.2011");
  CHECK(bench.post(bench.path, R"({"name":")" + std::string(65, 'a') + "\"}").code() == "APIG.2011");
  CHECK(code("[]") == "APIG.2011");
  CHECK(code(R"({"NO_SUCH_TYPE":{}})") == "APIG.2011");
  CHECK(code(R"({"THROTTLED":7})") == "APIG.2011");
  CHECK(code(R"({"THROTTLED":{"status":199}})") == "APIG.2011");
  CHECK(code(R"({"THROTTLED":{"status":600}})") == "APIG.2011");
  CHECK(code(R"({"THROTTLED":{"status":444}})") == "APIG.2011");
  CHECK(code(R"({"THROTTLED":{"body":{}}})") == "APIG.2011");
  std::string headers = R"({"key":"h","value":"v"})";
  for (int i = 1; i < 10; ++i) headers += R"(,{"key":"h","value":"v"})";
  CHECK(code(R"({"THROTTLED":{"headers":[)" + headers + R"(,{"key":"x"}]}})") == "APIG.2011");
  CHECK(code(R"({"THROTTLED":{"headers":[)" + headers + R"(]},"JWT_AUTH_FAILURE":{"status":401}})").empty());
  CHECK(bench.post(bench.path, R"({"name":"errors"})").code() == "APIG.3216");
  CHECK(bench.post(bench.path, R"({"name":"default"})").code() == "APIG.3216");
  for (const char* name : {"two", "three"}) {
    CHECK(bench.post(bench.path, std::string(R"({"name":")") + name + "\"}").status == 201);
  }
  const Answer full = bench.post(bench.path, R"({"name":"four"})");
  CHECK(full.status == 403);
  CHECK(full.code() == "APIG.3136");
  // Another group has its own.
  const std::string other = "/api-groups/" + bench.group("other") + "/gateway-responses";
  CHECK(bench.post(other, R"({"name":"errors"})").status == 201);
}

TEST_CASE("one type of a response is shown, set and reset") {
  Group bench;
  const std::string type = bench.default_path() + "/THROTTLED";
  CHECK(at(bench.get(type).body, {"THROTTLED", "default"}) == Value(true));
  CHECK(bench.put(type, R"({"status":503,"body":"later"})").text == R"({"THROTTLED":{"status":503,"body":"later"}})");
  CHECK(at(bench.get(bench.default_path()).body, {"responses", "THROTTLED", "status"}) == Value(503));
  CHECK(bench.put(type, R"({"status":444})").code() == "APIG.2011");
  CHECK(bench.remove(type).status == 204);
  CHECK(at(bench.get(type).body, {"THROTTLED", "status"}) == Value(429));
  CHECK(bench.get(bench.default_path() + "/NO_SUCH_TYPE").code() == "APIG.2011");
  CHECK(bench.get(bench.path + "/nope/THROTTLED").code() == "APIG.3007");
}

TEST_CASE("an API refers to a response of its group, which then stays") {
  Group bench;
  const std::string errors(bench.post(bench.path, kErrors).body.text("id"));
  CHECK(bench.api("nope").status == 404);
  const std::string other = "/api-groups/" + bench.group("other") + "/gateway-responses";
  CHECK(bench.api(std::string(bench.post(other, kErrors).body.text("id"))).code() == "APIG.3007");
  const Answer made = bench.api(errors);
  REQUIRE(made.status == 201);
  CHECK(made.body.text("response_id") == errors);
  const Answer kept = bench.remove(bench.path + "/" + errors);
  CHECK(kept.status == 403);
  CHECK(kept.code() == "APIG.1107");
  // What runs keeps it too.
  bench.publish(bench.id);
  Value plain = made.body;
  plain.erase("response_id");
  const std::string api = "/apis/" + std::string(made.body.text("id"));
  CHECK(bench.put(api, write_json(plain)).status == 200);
  CHECK(bench.remove(bench.path + "/" + errors).status == 403);
  bench.publish(bench.id);
  CHECK(bench.remove(bench.path + "/" + errors).status == 204);
}

TEST_CASE("responses are in the file and end with their group") {
  const auto file = std::filesystem::temp_directory_path() / "sluice_response_test.db";
  std::filesystem::remove(file);
  gateway::Options options;
  options.data = file.string();
  std::string path;
  std::string untouched;
  std::string group;
  {
    Bench bench(options);
    group = bench.group();
    path = "/api-groups/" + group + "/gateway-responses";
    untouched = at(bench.get(path).body, {"responses", "0", "id"}).as_string();
    bench.post(path, kErrors);
  }
  {
    Bench bench(options);
    CHECK(at(bench.get(path).body, {"total"}) == Value(2));
    CHECK(at(bench.get(path).body, {"responses", "0", "id"}) == Value(untouched));
    bench.put(path + "/" + untouched + "/NOT_FOUND", R"({"status":410})");
  }
  Bench bench(options);
  CHECK(at(bench.get(path).body, {"responses", "0", "id"}) == Value(untouched));
  CHECK(at(bench.get(path + "/" + untouched).body, {"responses", "NOT_FOUND", "status"}) == Value(410));
  CHECK(bench.remove("/api-groups/" + group).status == 204);
  CHECK(bench.get(path).code() == "APIG.3001");
  for (const char* more : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + more);
}
