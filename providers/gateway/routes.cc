#include "providers/gateway/routes.h"

#include <array>

#include "providers/gateway/acls.h"
#include "providers/gateway/apis.h"
#include "providers/gateway/authorizers.h"
#include "providers/gateway/bindings.h"
#include "providers/gateway/channels.h"
#include "providers/gateway/configs.h"
#include "providers/gateway/documents.h"
#include "providers/gateway/encoding.h"
#include "providers/gateway/environments.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/instances.h"
#include "providers/gateway/orchestrations.h"
#include "providers/gateway/plugins.h"
#include "providers/gateway/publishing.h"
#include "providers/gateway/responses.h"
#include "providers/gateway/throttles.h"

namespace sluice::gateway {
namespace {

Reply refuse_unnamed_task(Session&, const Call&) { return refuse_missing("task_id"); }

// Of two paths that match, the first counts: fixed words come before ids.
constexpr std::array kInstanceRoutes = {
    Route{"GET", "", show_instance, false},
    Route{"GET", "features", list_features, false},
    Route{"POST", "api-groups", create_group, true},
    Route{"GET", "api-groups", list_groups, false},
    Route{"POST", "api-groups/check", check_group_name, false},
    Route{"GET", "api-groups/{}", show_group, false},
    Route{"PUT", "api-groups/{}", update_group, true},
    Route{"DELETE", "api-groups/{}", delete_group, true},
    Route{"POST", "api-groups/{}/gateway-responses", create_response, true},
    Route{"GET", "api-groups/{}/gateway-responses", list_responses, false},
    Route{"GET", "api-groups/{}/gateway-responses/{}", show_response, false},
    Route{"PUT", "api-groups/{}/gateway-responses/{}", update_response, true},
    Route{"DELETE", "api-groups/{}/gateway-responses/{}", delete_response, true},
    Route{"GET", "api-groups/{}/gateway-responses/{}/{}", show_response_type, false},
    Route{"PUT", "api-groups/{}/gateway-responses/{}/{}", update_response_type, true},
    Route{"DELETE", "api-groups/{}/gateway-responses/{}/{}", reset_response_type, true},
    Route{"POST", "envs", create_environment, true},
    Route{"GET", "envs", list_environments, false},
    Route{"PUT", "envs/{}", update_environment, true},
    Route{"DELETE", "envs/{}", delete_environment, true},
    Route{"POST", "apis", create_api, true},
    Route{"GET", "apis", list_apis, false},
    Route{"POST", "apis/check", check_api, false},
    Route{"POST", "apis/debug/{}", debug_api, false},
    Route{"POST", "apis/action", publish_one, true},
    Route{"POST", "apis/publish", publish_batch, true},
    Route{"GET", "apis/publish/{}", list_versions, false},
    Route{"PUT", "apis/publish/{}", switch_version, true},
    Route{"GET", "apis/versions/{}", show_version, false},
    Route{"DELETE", "apis/versions/{}", delete_version, true},
    Route{"GET", "apis/runtime/{}", show_runtime, false},
    Route{"GET", "apis/{}", show_api, false},
    Route{"PUT", "apis/{}", update_api, true},
    Route{"DELETE", "apis/{}", delete_api, true},
    Route{"POST", "openapi/import", import_now, true},
    Route{"POST", "openapi/async-import", import_later, true},
    Route{"POST", "openapi/export", export_now, false},
    Route{"POST", "openapi/async-export", export_later, true},
    Route{"GET", "async-tasks", refuse_unnamed_task, false},
    Route{"GET", "async-tasks/", refuse_unnamed_task, false},
    Route{"GET", "async-tasks/{}", show_task, false},
    Route{"GET", "project/configs", list_configs, false},
    Route{"POST", "throttles", create_throttle, true},
    Route{"GET", "throttles", list_throttles, false},
    Route{"GET", "throttles/{}", show_throttle, false},
    Route{"PUT", "throttles/{}", update_throttle, true},
    Route{"DELETE", "throttles/{}", delete_throttle, true},
    Route{"POST", "throttles/{}/throttle-specials", create_special, true},
    Route{"GET", "throttles/{}/throttle-specials", list_specials, false},
    Route{"PUT", "throttles/{}/throttle-specials/{}", update_special, true},
    Route{"DELETE", "throttles/{}/throttle-specials/{}", delete_special, true},
    Route{"POST", "throttle-bindings", bind_throttle, true},
    Route{"PUT", "throttle-bindings", unbind_throttles, true},
    Route{"GET", "throttle-bindings/binded-throttles", list_bound_throttles, false},
    Route{"GET", "throttle-bindings/binded-apis", list_throttled_apis, false},
    Route{"GET", "throttle-bindings/unbinded-apis", list_unthrottled_apis, false},
    Route{"DELETE", "throttle-bindings/{}", unbind_throttle, true},
    Route{"POST", "acls", create_acl, true},
    Route{"GET", "acls", list_acls, false},
    Route{"PUT", "acls", delete_acls, true},
    Route{"GET", "acls/{}", show_acl, false},
    Route{"PUT", "acls/{}", update_acl, true},
    Route{"DELETE", "acls/{}", delete_acl, true},
    Route{"POST", "acl-bindings", bind_acl, true},
    Route{"PUT", "acl-bindings", unbind_acls, true},
    Route{"GET", "acl-bindings/binded-acls", list_bound_acls, false},
    Route{"GET", "acl-bindings/binded-apis", list_guarded_apis, false},
    Route{"GET", "acl-bindings/unbinded-apis", list_unguarded_apis, false},
    Route{"DELETE", "acl-bindings/{}", unbind_acl, true},
    Route{"POST", "authorizers", create_authorizer, true},
    Route{"GET", "authorizers", list_authorizers, false},
    Route{"GET", "authorizers/{}", show_authorizer, false},
    Route{"PUT", "authorizers/{}", update_authorizer, true},
    Route{"DELETE", "authorizers/{}", delete_authorizer, true},
    Route{"POST", "vpc-channels", create_channel, true},
    Route{"GET", "vpc-channels", list_channels, false},
    Route{"GET", "vpc-channels/{}", show_channel, false},
    Route{"PUT", "vpc-channels/{}", update_channel, true},
    Route{"DELETE", "vpc-channels/{}", delete_channel, true},
    Route{"POST", "orchestrations", create_orchestration, true},
    Route{"GET", "orchestrations", list_orchestrations, false},
    Route{"GET", "orchestrations/{}", show_orchestration, false},
    Route{"PUT", "orchestrations/{}", update_orchestration, true},
    Route{"DELETE", "orchestrations/{}", delete_orchestration, true},
    Route{"GET", "orchestrations/{}/attached-apis", list_orchestrated_apis, false},
    Route{"POST", "plugins", create_plugin, true},
    Route{"GET", "plugins", list_plugins, false},
    Route{"GET", "plugins/{}", show_plugin, false},
    Route{"PUT", "plugins/{}", update_plugin, true},
    Route{"DELETE", "plugins/{}", delete_plugin, true},
    Route{"POST", "plugins/{}/attach", attach_plugin, true},
    Route{"PUT", "plugins/{}/detach", detach_plugin, true},
    Route{"GET", "plugins/{}/attached-apis", list_attached_apis, false},
    Route{"GET", "plugins/{}/attachable-apis", list_attachable_apis, false},
    Route{"GET", "apis/{}/attachable-plugins", list_attachable_plugins, false},
    Route{"GET", "apis/{}/attached-plugins", list_attached_plugins, false},
    Route{"POST", "apis/{}/plugins/attach", attach_to_api, true},
    Route{"POST", "apis/{}/plugins/detach", detach_from_api, true},
    Route{"PUT", "apis/{}/plugins/detach", detach_from_api, true},
};
constexpr Route kListInstances{"GET", "", list_instances, false};

void settle(Target& target, const Route& route, std::string_view method) {
  target.path_known = true;
  if (route.method == method) target.route = &route;
}

}  // namespace

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> out;
  if (path.empty()) return out;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    out.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return out;
}

bool matches_path(std::string_view pattern, const std::vector<std::string_view>& segments,
                  std::vector<std::string>& ids) {
  ids.clear();
  const auto words = split_path(pattern);
  if (words.size() != segments.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_id = words[i] == "{}" && !segments[i].empty();
    if (!is_id && words[i] != segments[i]) return false;
    if (is_id) ids.push_back(decode_percent(segments[i], false));
  }
  return true;
}

std::span<const Route> instance_routes() { return kInstanceRoutes; }

Target find_route(std::string_view method, std::string_view path) {
  Target target;
  if (path.empty() || path.front() != '/') return target;
  auto segments = split_path(path.substr(1));
  const bool gateway = segments.size() >= 4 && segments[0] == "v2" && segments[2] == "apigw" &&
                       segments[3] == "instances" && !segments[1].empty();
  if (!gateway) return target;
  target.project_id = segments[1];
  if (segments.size() == 4) {
    settle(target, kListInstances, method);
    return target;
  }
  target.instance_id = segments[4];
  if (target.instance_id.empty()) return target;
  segments.erase(segments.begin(), segments.begin() + 5);
  std::vector<std::string> ids;
  for (const Route& route : kInstanceRoutes) {
    if (target.route != nullptr || !matches_path(route.path, segments, ids)) continue;
    settle(target, route, method);
    target.ids = ids;
  }
  return target;
}

std::map<std::string, std::string, std::less<>> read_query(std::string_view target) {
  std::map<std::string, std::string, std::less<>> out;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return out;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    std::string& kept = out[decode_percent(pair.substr(0, equals), true)];
    const bool more = pair.substr(0, equals) == "tags" && !kept.empty();
    if (more) kept += ',';
    if (!more) kept.clear();
    kept += decode_percent(value, true);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace sluice::gateway
