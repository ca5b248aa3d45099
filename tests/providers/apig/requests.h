// One of every kind of request that the client sends.
#pragma once

#include <string>
#include <vector>

#include "plan/json.h"
#include "providers/apig/api_wire.h"
#include "providers/apig/objects.h"
#include "providers/apig/policy_wire.h"
#include "providers/apig/wire.h"

namespace sluice::apig::test {

struct RequestKind {
  std::string name;
  HttpRequest request;
  bool changes = false;  ///< something on the gateway
};

inline const std::string kProject = "0123456789abcdef0123456789abcdef";
inline const std::string kInstance = "fedcba9876543210fedcba9876543210";

inline std::vector<RequestKind> request_kinds() {
  const std::string base = base_path(kProject, kInstance);
  const std::string group = "c77f5e81d9cb4424bf704ef2b0ac7600";
  const std::string api = "5f918d104dc84480a75166ba99efff21";
  const std::string other = "ee93ce6815f04896b301452982b92222";
  const std::string policy = "3437448ad06f4e0c91a224183116e965";
  const std::string response = "981e6c8f847f47199a9faf4409b751a5";
  const std::string env = "DEFAULT_ENVIRONMENT_RELEASE_ID";
  const Value body = Value::object({{"name", "petstore", 0}, {"description", "Pets", 0}});
  const Value teapot = *parse_json(R"({"name":"teapot","responses":{"THROTTLED":{"status":418,"body":"slow down"}}})");
  Step step{.kind = StepKind::Import, .group = "petstore", .api_mode = Mode::Override};
  step.document = R"({"swagger":"2.0","info":{"title":"petstore","version":"1"},"paths":{}})";
  using enum PolicyKind;
  return {
      {"find_group", find_group(base, "petstore", 0)},
      {"list_groups", list_groups(base, 500)},
      {"show_group", show_group(base, group)},
      {"list_environments", list_environments(base, 0)},
      {"list_apis", list_apis(base, group, 500)},
      {"show_api", show_api(base, api)},
      {"query_task", query_task(base, "d9ce8c9eede54b3f841ec324fe0bfdc2")},
      {"export_drafts", export_group(base, group, env, "dev")},
      {"export_served", export_group(base, group, env, "all")},
      {"list_throttles", list_policies(base, Ratelimit, 0)},
      {"list_acls", list_policies(base, Acl, 0)},
      {"list_plugins", list_policies(base, Plugin, 0)},
      {"list_specials", list_specials(base, policy, 0)},
      {"list_throttle_bindings", list_bindings(base, Ratelimit, policy, env, 0)},
      {"list_acl_bindings", list_bindings(base, Acl, policy, env, 0)},
      {"list_plugin_bindings", list_bindings(base, Plugin, policy, env, 0)},
      {"list_responses", list_responses(base, group, 0)},
      {"show_response", show_response(base, group, response)},
      {"list_authorizers", list_objects(base, ObjectKind::Authorizer, 0)},
      {"list_channels", list_objects(base, ObjectKind::Channel, 0)},
      {"list_orchestrations", list_objects(base, ObjectKind::Orchestration, 0)},
      {"list_quotas", list_quotas(base, 0)},
      {"create_group", create_group(base, body), true},
      {"update_group", update_group(base, group, body), true},
      {"delete_group", delete_group(base, group), true},
      {"import", import_apis(base, group, step), true},
      {"publish", publish_apis(base, env, {api, other}, true), true},
      {"take_offline", publish_apis(base, env, {api, other}, false), true},
      {"delete_api", delete_api(base, api), true},
      {"bind_throttle", bind_policy(base, Ratelimit, policy, env, {"publish-1"}), true},
      {"bind_acl", bind_policy(base, Acl, policy, env, {"publish-1"}), true},
      {"bind_plugin", bind_policy(base, Plugin, policy, env, {api}), true},
      {"unbind_throttle", unbind_policy(base, Ratelimit, policy, env, {"binding-1"}), true},
      {"unbind_acl", unbind_policy(base, Acl, policy, env, {"binding-1"}), true},
      {"unbind_plugin", unbind_policy(base, Plugin, policy, env, {api}), true},
      {"delete_throttle", delete_policy(base, Ratelimit, policy), true},
      {"delete_acl", delete_policy(base, Acl, policy), true},
      {"create_response", write_response(base, group, "", teapot), true},
      {"replace_response", write_response(base, group, response, teapot), true},
      {"delete_response", delete_response(base, group, response), true},
  };
}

}  // namespace sluice::apig::test
