#include "providers/gateway/configs.h"

#include <array>

#include "plan/digest.h"
#include "providers/gateway/limits.h"

namespace sluice::gateway {
namespace {

struct Config {
  std::string_view name;
  std::size_t value;
  std::size_t used;
  std::string_view remark;
};

Value write_config(const Config& config) {
  Value out;
  out.set("config_id", sha256_hex("config " + std::string(config.name)).substr(0, 32));
  out.set("config_name", config.name).set("config_value", std::to_string(config.value));
  out.set("config_time", write_time(Now{})).set("remark", config.remark);
  return out.set("used", static_cast<std::int64_t>(config.used));
}

}  // namespace

Reply list_configs(Session& session, const Call& call) {
  const Instance& held = session.instance;
  const std::array configs = {
      Config{"API_NUM_LIMIT", session.rules.most_apis, held.apis.size(), "APIs in the gateway"},
      Config{"APIGROUP_NUM_LIMIT", kMostGroups, held.groups.size(), "API groups in the gateway"},
      Config{"API_NUM_LIMIT_PER_GROUP", kMostApisInGroup, 0, "APIs in a group"},
      Config{"ENVIRONMENT_NUM_LIMIT", kMostEnvironments, held.environments.size() + 1, "Environments"},
      Config{"THROTTLE_NUM_LIMIT", kMostThrottles, held.throttles.size(), "Request throttling policies"},
      Config{"ACL_NUM_LIMIT", kMostAcls, held.acls.size(), "Access control policies"},
      Config{"PLUGIN_NUM_LIMIT", kMostPlugins, held.plugins.size(), "Plug-ins"},
      Config{"VPC_NUM_LIMIT", kMostChannels, held.channels.size(), "VPC channels"},
      Config{"VPC_INSTANCE_NUM_LIMIT", kMostMembers, 0, "Servers in a VPC channel"},
      Config{"AUTHORIZER_NUM_LIMIT", kMostAuthorizers, held.authorizers.size(), "Custom authorizers"},
      Config{"ORCHESTRATION_NUM_LIMIT", kMostOrchestrations, held.orchestrations.size(), "Orchestration rules"},
      Config{"API_PARAM_NUM_LIMIT", kMostParameters, 0, "Parameters of an API"},
      Config{"API_POLICY_NUM_LIMIT", kMostBackendPolicies, 0, "Backend policies of an API"},
      Config{"API_VERSION_NUM_LIMIT", kMostVersions, 0, "Versions of an API in an environment"},
      Config{"API_TAG_NUM_LIMIT", kMostTags, 0, "Tags of an API"},
      Config{"RESPONSE_NUM_LIMIT", kMostResponses, 0, "Responses of a group"},
  };
  std::vector<const Config*> rows;
  for (const Config& config : configs) {
    if (passes(call.parameter("config_name"), config.name, false)) rows.push_back(&config);
  }
  return list_answer(call, "configs", rows, write_config);
}

}  // namespace sluice::gateway
