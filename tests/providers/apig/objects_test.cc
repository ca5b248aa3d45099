// What the client makes of the lists of objects and quotas, over a gateway that says what the test tells it to.
#include "providers/apig/objects.h"

#include <catch2/catch.hpp>

#include "plan/json.h"

namespace sluice::apig {
namespace {

/// Answers each list by its path; the second page of a list by "PATH 2".
class Lists final : public Transport {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    std::string path = request.target.substr(request.target.find("/instances/i/") + 13);
    const bool first = path.ends_with("offset=0");
    path.resize(path.find('?'));
    asked.push_back(path);
    const auto answer = answers.find(first ? path : path + " 2");
    if (answer == answers.end()) return HttpResponse{404, {}, R"({"error_code":"APIG.9999","error_msg":"none"})"};
    return answer->second;
  }
  std::map<std::string, HttpResponse> answers;
  std::vector<std::string> asked;
};

GatewayObjects listed(Lists& lists, const std::set<ObjectKind>& kinds) {
  auto objects = list_objects(Calls(lists, base_path("p", "i")), kinds);
  if (!objects) FAIL(objects.error().message);
  return std::move(*objects);
}

TEST_CASE("only what is wanted is asked for, and every page is read") {
  Lists lists;
  lists.answers["plugins"] = {
      200, {}, R"({"total":2,"size":1,"plugins":[{"plugin_id":"1","plugin_name":"a","plugin_type":"cors"}]})"};
  lists.answers["plugins 2"] = {
      200, {}, R"({"total":2,"size":1,"plugins":[{"plugin_id":"2","plugin_name":"b","plugin_type":"breaker"}]})"};
  const GatewayObjects objects = listed(lists, {ObjectKind::Plugin});
  CHECK(lists.asked == std::vector<std::string>{"plugins", "plugins"});
  REQUIRE(objects.by_kind.size() == 1);
  const auto& plugins = objects.by_kind.at(ObjectKind::Plugin);
  REQUIRE(plugins.size() == 2);
  CHECK(plugins.at("a").type == "cors");
  CHECK(plugins.at("b").type == "breaker");
}

TEST_CASE("channels come with their member groups, authorizers with their definition, rules with their names") {
  Lists lists;
  lists.answers["vpc-channels"] = {
      200,
      {},
      R"({"total":1,"vpc_channels":[{"id":"1","name":"web","member_groups":[{"member_group_name":"blue"}]}]})"};
  lists.answers["authorizers"] = {
      200,
      {},
      R"({"total":1,"authorizer_list":[{"id":"1","name":"fun","type":"FRONTEND","ttl":5,"create_time":"x"}]})"};
  lists.answers["orchestrations"] = {
      200, {}, R"({"total":1,"orchestrations":[{"orchestration_id":"1","orchestration_name":"rule"}]})"};
  const GatewayObjects objects =
      listed(lists, {ObjectKind::Channel, ObjectKind::Authorizer, ObjectKind::Orchestration});
  CHECK(objects.by_kind.at(ObjectKind::Channel).at("web").member_groups == std::set<std::string>{"blue"});
  const GatewayObject& fun = objects.by_kind.at(ObjectKind::Authorizer).at("fun");
  CHECK(fun.type == "FRONTEND");
  CHECK(write_json(fun.definition) == R"({"type":"FRONTEND","ttl":5})");
  CHECK(objects.by_kind.at(ObjectKind::Orchestration).contains("rule"));
}

TEST_CASE("names are found by id, those of member groups too, whatever page they stand on") {
  Lists lists;
  lists.answers["vpc-channels"] = {200, {}, R"({"total":2,"vpc_channels":[{"id":"c1","name":"one","member_groups":[
    {"member_group_id":"m1","member_group_name":"green"},{"member_group_name":"blue"}]}]})"};
  lists.answers["vpc-channels 2"] = {200, {}, R"({"total":2,"vpc_channels":[{"id":"c2","name":"two"}]})"};
  const auto names = list_names(Calls(lists, base_path("p", "i")), ObjectKind::Channel);
  REQUIRE(names);
  CHECK(*names == std::map<std::string, std::string>{{"c1", "one"}, {"c2", "two"}, {"m1", "green"}});
}

TEST_CASE("a cloud without orchestration rules has none, and any other failure is one") {
  Lists lists;
  CHECK(listed(lists, {ObjectKind::Orchestration}).by_kind.at(ObjectKind::Orchestration).empty());
  lists.answers["orchestrations"] = {403, {}, R"({"error_code":"APIG.3458","error_msg":"not supported"})"};
  CHECK(listed(lists, {ObjectKind::Orchestration}).by_kind.at(ObjectKind::Orchestration).empty());
  lists.answers["orchestrations"] = {500, {}, ""};
  const Calls calls(lists, base_path("p", "i"));
  CHECK_FALSE(list_objects(calls, {ObjectKind::Orchestration}));
  CHECK_FALSE(list_objects(calls, {ObjectKind::Channel}));
  CHECK(list_objects(calls, {}));
}

TEST_CASE("quotas are numbers, also as texts; a gateway that does not tell them is not asked again") {
  Lists lists;
  const Calls calls(lists, base_path("p", "i"));
  for (const int status : {403, 404, 405}) {
    lists.answers["project/configs"] = {status, {}, R"({"error_code":"APIG.1005","error_msg":"no"})"};
    const auto none = list_quotas(calls);
    REQUIRE(none);
    CHECK_FALSE(*none);
  }
  lists.answers["project/configs"] = {500, {}, ""};
  CHECK_FALSE(list_quotas(calls));
  lists.answers["project/configs"] = {200, {}, R"({"total":4,"configs":[
      {"config_name":"API_NUM_LIMIT","config_value":"250","used":245},
      {"config_name":"ACL_NUM_LIMIT","config_value":100},
      {"config_name":"APP_MODE","config_value":"on","used":0},
      {"config_name":"API_TAG_NUM_LIMIT","config_value":"10","used":"3"}]})"};
  const auto quotas = list_quotas(calls);
  REQUIRE(quotas);
  REQUIRE(*quotas);
  REQUIRE((*quotas)->size() == 3);
  CHECK((*quotas)->at("API_NUM_LIMIT").limit == 250);
  CHECK((*quotas)->at("API_NUM_LIMIT").used == 245);
  CHECK_FALSE((*quotas)->at("ACL_NUM_LIMIT").used);
  CHECK((*quotas)->at("API_TAG_NUM_LIMIT").used == 3);
}

}  // namespace
}  // namespace sluice::apig
