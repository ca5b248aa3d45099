#include "providers/gateway/export_backend.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "plan/words.h"
#include "providers/gateway/backend.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway {
namespace {

bool through_channel(const Value& backend) { return member_of(backend, "vpc_channel_status") == Value(1); }
bool by_member_group(const Value& backend) { return member_of(backend, "vpc_channel_status") == Value(4); }

/// Default backends write their scheme in lower case, policies in upper case.
std::string write_scheme(std::string_view protocol, bool policy) {
  return policy ? std::string(protocol) : lower(protocol);
}

Value write_http(const Value& backend, bool policy) {
  const bool channel = through_channel(backend);
  const Value& info = member_of(backend, "vpc_channel_info");
  Value out;
  if (!channel) out.set("address", backend.text("url_domain"));
  if (channel) out.set("cascade_flag", false);
  out.set("description", backend.text("remark")).set("enableClientSsl", member_of(backend, "enable_client_ssl"));
  if (const Value* sm = backend.find("enable_sm_channel"); sm != nullptr) out.set("enableSmChannel", *sm);
  if (channel && !info.text("vpc_channel_proxy_host").empty()) out.set("host", info.text("vpc_channel_proxy_host"));
  out.set("method", backend.text("req_method"));
  if (channel) out.set("name", info.text("vpc_channel_id"));
  out.set("path", backend.text("req_uri")).set("retryCount", backend.text("retry_count"));
  out.set("scheme", write_scheme(backend.text("req_protocol"), policy));
  return out.set("timeout", member_of(backend, "timeout"));
}

Value write_member_groups(const Value& backend, bool policy) {
  Value out;
  out.set("enableClientSsl", member_of(backend, "enable_client_ssl"));
  if (const Value* sm = backend.find("enable_sm_channel"); sm != nullptr) out.set("enableSmChannel", *sm);
  Value urls = Value::array();
  for (const Value& from : member_of(backend, "member_group_url_infos").items()) {
    Value url;
    url.set("method", from.text("req_method")).set("name", from.text("member_group_id"));
    urls.push(url.set("path", from.text("req_uri")).set("scheme", write_scheme(from.text("req_protocol"), policy)));
  }
  out.set("memberGroupUrlInfos", std::move(urls));
  out.set("name", member_of(backend, "vpc_channel_info").text("vpc_channel_id"));
  return out.set("retryCount", backend.text("retry_count")).set("timeout", member_of(backend, "timeout"));
}

Value write_function(const Value& backend) {
  Value out;
  out.set("alias-urn", backend.text("alias_urn")).set("description", backend.text("remark"));
  out.set("function-urn", backend.text("function_urn")).set("invocation-type", backend.text("invocation_type"));
  out.set("network-type", backend.text("network_type")).set("req_protocol", backend.text("req_protocol"));
  return out.set("timeout", member_of(backend, "timeout")).set("version", backend.text("version"));
}

Value write_mock(const Value& backend) {
  Value out;
  return out.set("description", backend.text("remark")).set("result-content", backend.text("result_content"));
}

Value write_parameters(const Value& list, const ExportStyle& style) {
  Value out = Value::array();
  for (const Value& parameter : list.items()) {
    Value item;
    item.set("description", parameter.text("remark"));
    item.set("in", style.lower_case ? lower(parameter.text("location")) : std::string(parameter.text("location")));
    item.set("name", parameter.text("name")).set("origin", parameter.text("origin"));
    out.push(item.set("value", parameter.text("value")));
  }
  return out;
}

/// The members that say where calls go. The caller sorts.
void write_endpoint(std::string_view type, const Value& backend, bool policy, Value& out) {
  if (type == "FUNCTION") out.set("functionEndpoints", write_function(backend)).set("type", type);
  if (type == "MOCK") out.set("mockEndpoints", write_mock(backend)).set("type", type);
  if (type != "HTTP") return;
  if (by_member_group(backend)) {
    out.set("httpVpcMemberGroupEndpoints", write_member_groups(backend, policy)).set("type", "HTTP-VPC-MEMBER-GROUP");
    return;
  }
  const bool channel = through_channel(backend);
  out.set(channel ? "httpVpcEndpoints" : "httpEndpoints", write_http(backend, policy));
  out.set("type", channel ? "HTTP-VPC" : "HTTP");
}

void sort_members(Value& object) {
  auto& members = object.mutable_members();
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
}

Value write_condition(const Value& from, const ExportStyle& style) {
  Value out;
  std::string_view origin = from.text("condition_origin");
  std::string_view type = from.text("condition_type");
  if (style.documented_words && type == "exact") type = "equal";
  const std::string_view member = condition_name(origin);
  const std::string_view name = member.empty() ? std::string_view() : from.text(member);
  if (style.documented_words && origin == "param") origin = "request";
  out.set("origin", origin).set(style.documented_words ? "parameter_name" : "parameter", name);
  return out.set("type", type).set("value", from.text("condition_value"));
}

Value write_policy(std::string_view type, const Value& policy, const ExportStyle& style) {
  Value conditions = Value::array();
  for (const Value& condition : member_of(policy, "conditions").items()) {
    conditions.push(write_condition(condition, style));
  }
  Value out;
  out.set("conditions", std::move(conditions)).set("effectMode", policy.text("effect_mode"));
  out.set("name", policy.text("name"));
  Value parameters = write_parameters(member_of(policy, "backend_params"), style);
  if (!parameters.empty()) out.set("parameters", std::move(parameters));
  write_endpoint(type, policy, true, out);
  sort_members(out);
  return out;
}

}  // namespace

void write_backends(const Value& api, const ExportStyle& style, Value& operation) {
  const std::string_view type = api.text("backend_type");
  const char* member = type == "HTTP" ? "backend_api" : type == "FUNCTION" ? "func_info" : "mock_info";
  Value backend;
  Value parameters = write_parameters(member_of(api, "backend_params"), style);
  if (!parameters.empty()) backend.set("parameters", std::move(parameters));
  write_endpoint(type, member_of(api, member), false, backend);
  sort_members(backend);
  operation.set("x-apigateway-backend", std::move(backend));
  Value policies = Value::array();
  for (const char* list : {"policy_https", "policy_functions", "policy_mocks"}) {
    for (const Value& policy : member_of(api, list).items()) {
      policies.push(write_policy(type, policy, style));
    }
  }
  if (!policies.empty()) operation.set("x-apigateway-backend-policies", std::move(policies));
}

}  // namespace sluice::gateway
