// What is known after a change, by what the gateway answers to it and to the questions before it.
#include <catch2/catch.hpp>

#include "plan/json.h"
#include "providers/apig/apig_provider.h"
#include "providers/apig/policies.h"

namespace sluice::apig {
namespace {

/// Answers each request by the first rule whose text is a part of "METHOD path?query", and keeps what it was asked.
class Ruled final : public Transport {
 public:
  explicit Ruled(std::vector<std::pair<std::string, HttpResponse>> rules) : rules_(std::move(rules)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    const std::string line = request.method + " " + request.target.substr(request.target.find("/instances/i") + 12);
    asked.push_back(line + " " + request.body);
    for (const auto& [part, answer] : rules_) {
      if (line.find(part) != std::string::npos) return answer;
    }
    return HttpResponse{500, {}, ""};
  }
  std::vector<std::string> asked;

 private:
  std::vector<std::pair<std::string, HttpResponse>> rules_;
};

HttpResponse ok(const std::string& body) { return {200, {}, body}; }
HttpResponse refusal(int status, const std::string& code) {
  return {status, {}, R"({"error_code":")" + code + R"(","error_msg":"no"})"};
}

const Address kApi = Address::api("pets", "GET", "/a", "NORMAL");
const RemoteIds kIds = {{Address::group("pets"), "g1"},
                        {kApi, "5f918d10-4dc8-4480-a751-66ba99efff21"},
                        {Address::response("pets", "teapot"), "r1"},
                        {Address::acl("office"), "acl1"}};

Step deletion(StepKind kind, const Address& address) {
  Step step{.kind = kind, .group = std::string(address.group())};
  step.predicted = {{address, Effected::Deleted}};
  return step;
}

Step binding(StepKind kind, const std::string& type) {
  Step step{.kind = kind, .group = "pets", .environment = "TEST"};
  step.document = R"({"type":")" + type + R"(","name":"gold"})";
  step.predicted = {{Address::publication(kApi, "TEST"), kind == StepKind::Bind ? Effected::Bound : Effected::Unbound}};
  return step;
}

Result<std::vector<EntryResult>> result_of(Ruled& gateway, const Step& step) {
  ApigProvider provider(gateway, {{"apig", "test", "p", "i"}, {}});
  auto task = provider.start(step, kIds);
  if (!task) return task.forward();
  auto status = provider.poll(*task);
  REQUIRE(status);
  return std::get<StepDone>(*status).entries;
}

TEST_CASE("what is gone already counts as deleted, and nothing else does") {
  struct Row {
    Step step;
    std::string request;
    std::string gone;
  };
  const Row rows[] = {
      {deletion(StepKind::DeleteApi, kApi), "DELETE /apis/", "APIG.3002"},
      {deletion(StepKind::DeleteGroup, Address::group("pets")), "DELETE /api-groups/g1", "APIG.3001"},
      {deletion(StepKind::DeletePolicy, Address::acl("office")), "DELETE /acls/acl1", "APIG.3006"},
      {deletion(StepKind::DeleteResponse, Address::response("pets", "teapot")),
       "DELETE /api-groups/g1/gateway-responses/r1", "APIG.3087"},
  };
  for (const Row& row : rows) {
    INFO(row.request);
    Ruled gone({{row.request, refusal(404, row.gone)}});
    const auto entries = result_of(gone, row.step);
    REQUIRE(entries);
    REQUIRE(entries->size() == 1);
    CHECK(entries->front().effect == Effected::Deleted);
    for (const HttpResponse& other :
         {refusal(404, "APIG.3030"), refusal(403, "APIG.1005"), refusal(409, "APIG.3416")}) {
      Ruled refused({{row.request, other}});
      const auto error = result_of(refused, row.step);
      REQUIRE_FALSE(error);
      CHECK(error.error().effect == Effect::None);
    }
    Ruled unclear({{row.request, {404, {}, "<html>not here</html>"}}});
    const auto lost = result_of(unclear, row.step);
    REQUIRE_FALSE(lost);
    CHECK(lost.error().effect == Effect::Unknown);
  }
}

TEST_CASE("questions before a change that are answered with nonsense leave everything as it was") {
  const auto policies = ok(R"({"total":1,"throttles":[{"id":"t1","name":"gold"}],"plugins":[]})");
  const std::vector<std::vector<std::pair<std::string, HttpResponse>>> gateways = {
      {{"GET /throttles?", ok("<html>")}},
      {{"GET /throttles?", policies}, {"GET /throttle-bindings/binded-apis?", ok("{}")}},
      {{"GET /throttles?", policies},
       {"GET /throttle-bindings/binded-apis?", ok(R"({"total":0,"apis":[]})")},
       {"GET /apis?", ok("[]")}}};
  for (const auto& rules : gateways) {
    Ruled gateway(rules);
    const Calls calls(gateway, base_path("p", "i"));
    const auto result = change_bindings(calls, binding(StepKind::Bind, "ratelimit"), "g1", "env1", kIds);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Protocol);
    CHECK(result.error().effect == Effect::None);
  }
}

TEST_CASE("a policy is bound to the publication of its environment, which a list names by id or by name") {
  const std::string named = R"("run_env_name":"RELEASE|TEST")";
  const std::string by_id = R"("run_env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID|env1")";
  for (const std::string& envs : {named, by_id, named + "," + by_id}) {
    INFO(envs);
    Ruled gateway(
        {{"GET /throttles?", ok(R"({"total":1,"throttles":[{"id":"t1","name":"gold"}]})")},
         {"GET /throttle-bindings/binded-apis?", ok(R"({"total":0,"apis":[]})")},
         {"GET /apis?", ok(R"({"total":1,"apis":[{"id":"5f918d104dc84480a75166ba99efff21","req_method":"GET",)"
                           R"("req_uri":"/a","publish_id":"pub1|pub2",)" +
                           envs + "}]}")},
         {"POST /throttle-bindings", {201, {}, "{}"}}});
    const Calls calls(gateway, base_path("p", "i"));
    const auto result = change_bindings(calls, binding(StepKind::Bind, "ratelimit"), "g1", "env1", kIds);
    REQUIRE(result);
    CHECK(result->front().effect == Effected::Bound);
    CHECK(gateway.asked.back() == R"(POST /throttle-bindings {"strategy_id":"t1","publish_ids":["pub2"]})");
  }
}

TEST_CASE("what has no publication to be bound to was not bound") {
  Ruled gateway({{"GET /throttles?", ok(R"({"total":1,"throttles":[{"id":"t1","name":"gold"}]})")},
                 {"GET /throttle-bindings/binded-apis?", ok(R"({"total":0,"apis":[]})")},
                 {"GET /apis?", ok(R"({"total":0,"apis":[]})")}});
  const Calls calls(gateway, base_path("p", "i"));
  const auto result = change_bindings(calls, binding(StepKind::Bind, "ratelimit"), "g1", "env1", kIds);
  REQUIRE(result);
  CHECK(result->front().effect == Effected::Failed);
  CHECK(result->front().error_message.find("TEST") != std::string::npos);
}

TEST_CASE("bindings are found by ids with dashes or without") {
  const std::string plain = "5f918d104dc84480a75166ba99efff21";
  Ruled bound({{"GET /plugins?", ok(R"({"total":1,"plugins":[{"plugin_id":"p1","plugin_name":"gold"}]})")},
               {"GET /plugins/p1/attached-apis?", ok(R"({"total":1,"apis":[{"api_id":")" + plain + R"("}]})")},
               {"PUT /plugins/p1/detach", ok("{}")}});
  const Calls calls(bound, base_path("p", "i"));
  REQUIRE(change_bindings(calls, binding(StepKind::Bind, "plugin"), "g1", "env1", kIds));
  CHECK(bound.asked.size() == 2);
  REQUIRE(change_bindings(calls, binding(StepKind::Unbind, "plugin"), "g1", "env1", kIds));
  CHECK(bound.asked.back() == R"(PUT /plugins/p1/detach {"env_id":"env1","api_ids":[")" + plain + R"("]})");
}

TEST_CASE("bindings that a list gives no ids of their own are read all the same") {
  Ruled gateway({{"GET /plugins?", ok(R"({"total":1,"plugins":[{"plugin_id":"p1","plugin_name":"gold"}]})")},
                 {"GET /plugins/p1/attached-apis?", ok(R"({"total":2,"apis":[{"api_id":"a1"},{"api_id":"a2"}]})")},
                 {"POST /plugins/p1/attach", ok("{}")}});
  const Calls calls(gateway, base_path("p", "i"));
  REQUIRE(change_bindings(calls, binding(StepKind::Bind, "plugin"), "g1", "env1", kIds));
  CHECK(gateway.asked.back().starts_with("POST /plugins/p1/attach"));
}

TEST_CASE("a change that was throttled to the end did nothing, under whatever status") {
  const HttpRequest request = delete_api(base_path("p", "i"), "a1");
  CHECK(error_of(request, refusal(500, "APIG.9008"), true).effect == Effect::None);
  CHECK(error_of(request, refusal(500, "APIG.9008"), true).kind == ErrorKind::Throttled);
  CHECK(error_of(request, refusal(500, "APIG.9999"), true).effect == Effect::Unknown);
  CHECK(error_of(request, refusal(500, "APIG.3500"), true).effect == Effect::Unknown);
}

}  // namespace
}  // namespace sluice::apig
