#include "tests/property/others.h"

#include "plan/import_document.h"
#include "tests/plan/support.h"
#include "tests/property/random_state.h"

namespace sluice::property {

Others::Others(test::InProcessGateway& gateway, const Value& api) : gateway_(gateway) {
  for (const char* name : {"TEST", "PROD"}) gateway_.make_environment(name);
  for (const auto& [name, type] : kPlugins) gateway_.make_plugin(std::string(name), std::string(type));
  for (const std::string_view name : kRules) {
    gateway_.call("POST", "/orchestrations",
                  R"({"orchestration_name":")" + std::string(name) +
                      R"(","orchestration_strategy":"hash","is_preprocessing":true})");
  }
  gateway_.call("POST", "/vpc-channels",
                R"({"name":"channel_1","port":80,"balance_strategy":1,"member_type":"ip",
      "member_groups":[{"member_group_name":"blue"},{"member_group_name":"green"}]})");
  group_ = gateway_.call("POST", "/api-groups", R"({"name":"foreign"})").text("id");
  const Resource theirs = test::api(api, "foreign");
  const Value* const bodies[] = {&theirs.body};
  gateway_.import(group_, import_document("foreign", bodies));
  gateway_.call("POST", "/apis/publish?action=online",
                R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":")" + group_ + "\"}");
}

void Others::add_unmanaged(const Value& api) {
  const Resource theirs = test::api(api, "alpha");
  const Value* const bodies[] = {&theirs.body};
  gateway_.import(gateway_.group_id("alpha"), import_document("alpha", bodies));
  unmanaged_.insert(theirs.address.text());
  their_ids_.push_back(gateway_.api_id("alpha", theirs.body.text("operationId")));
}

std::string Others::all() {
  std::string all;
  Value document = gateway_.call(
      "POST", "/openapi/export",
      R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":")" + group_ + R"(","define":"all","type":"json"})");
  document.erase("info");  // has the time
  all += write_json(document) + "\n";
  for (const std::string& id : their_ids_) all += write_json(gateway_.call("GET", "/apis/" + id)) + "\n";
  return all;
}

}  // namespace sluice::property
