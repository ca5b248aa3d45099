#include "providers/gateway/import_backend.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "providers/gateway/backend.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway {
namespace {

struct Renamed {
  std::string_view from;
  std::string_view to;
};

constexpr std::array kHttpMembers = {Renamed{"method", "req_method"},
                                     Renamed{"path", "req_uri"},
                                     Renamed{"timeout", "timeout"},
                                     Renamed{"retryCount", "retry_count"},
                                     Renamed{"enableClientSsl", "enable_client_ssl"},
                                     Renamed{"enableSmChannel", "enable_sm_channel"},
                                     Renamed{"description", "remark"}};
constexpr std::array kMemberGroupMembers = {Renamed{"timeout", "timeout"}, Renamed{"retryCount", "retry_count"},
                                            Renamed{"enableClientSsl", "enable_client_ssl"},
                                            Renamed{"enableSmChannel", "enable_sm_channel"}};
constexpr std::array kFunctionMembers = {
    Renamed{"function-urn", "function_urn"}, Renamed{"version", "version"}, Renamed{"alias-urn", "alias_urn"},
    Renamed{"network-type", "network_type"}, Renamed{"timeout", "timeout"}, Renamed{"req_protocol", "req_protocol"},
    Renamed{"description", "remark"}};
constexpr std::array kMockMembers = {Renamed{"result-content", "result_content"}, Renamed{"description", "remark"}};

template <std::size_t N>
void rename(const Value& from, const std::array<Renamed, N>& members, Value& to) {
  for (const Renamed& member : members) {
    if (const Value* value = from.find(member.from); value != nullptr) to.set(member.to, *value);
  }
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

Value translate_parameters(const Value& from) {
  Value out = Value::array();
  for (const Value& item : member_of(from, "parameters").items()) {
    Value parameter;
    parameter.set("name", item.text("name")).set("value", item.text("value"));
    parameter.set("location", upper(item.text("in"))).set("origin", upper(item.text("origin")));
    out.push(parameter.set("remark", item.text("description")));
  }
  return out;
}

void translate_http(const Value& endpoint, bool channel, Value& out) {
  out.set("vpc_channel_status", channel ? 1 : 2);
  if (channel) {
    Value info;
    info.set("vpc_channel_id", endpoint.text("name"));
    if (!endpoint.text("host").empty()) info.set("vpc_channel_proxy_host", endpoint.text("host"));
    out.set("vpc_channel_info", std::move(info));
  } else {
    out.set("url_domain", endpoint.text("address"));
  }
  out.set("req_protocol", upper(endpoint.text("scheme")));
  rename(endpoint, kHttpMembers, out);
}

void translate_member_groups(const Value& endpoint, Value& out) {
  Value info;
  info.set("vpc_channel_id", endpoint.text("name"));
  out.set("vpc_channel_status", 4).set("vpc_channel_info", std::move(info));
  Value urls = Value::array();
  for (const Value& item : member_of(endpoint, "memberGroupUrlInfos").items()) {
    Value url;
    url.set("member_group_id", item.text("name")).set("req_protocol", upper(item.text("scheme")));
    urls.push(url.set("req_method", item.text("method")).set("req_uri", item.text("path")));
  }
  out.set("member_group_url_infos", std::move(urls));
  rename(endpoint, kMemberGroupMembers, out);
}

void translate_function(const Value& endpoint, Value& out) {
  const std::string_view invocation = endpoint.text("invocation-type");
  out.set("invocation_type", invocation == "synchronous" ? std::string_view("sync") : invocation);
  rename(endpoint, kFunctionMembers, out);
}

/// Writes the endpoint into `out` and gives the backend_type of the JSON API; "" when the type is unknown.
std::string_view translate_endpoint(const Value& backend, Value& out) {
  const std::string_view type = backend.text("type");
  if (type == "HTTP") translate_http(member_of(backend, "httpEndpoints"), false, out);
  if (type == "HTTP-VPC") translate_http(member_of(backend, "httpVpcEndpoints"), true, out);
  if (type == "HTTP-VPC-MEMBER-GROUP") translate_member_groups(member_of(backend, "httpVpcMemberGroupEndpoints"), out);
  if (type == "HTTP" || type == "HTTP-VPC" || type == "HTTP-VPC-MEMBER-GROUP") return "HTTP";
  if (type == "FUNCTION") {
    translate_function(member_of(backend, "functionEndpoints"), out);
    return type;
  }
  if (type != "MOCK") return {};
  rename(member_of(backend, "mockEndpoints"), kMockMembers, out);
  return type;
}

std::string_view condition_origin(std::string_view word) {
  return word == "request" || word == "request_parameter" ? std::string_view("param") : word;
}

Value translate_condition(const Value& from) {
  Value out;
  const std::string_view type = from.text("type");
  const std::string_view origin = condition_origin(from.text("origin"));
  out.set("condition_origin", origin);
  out.set("condition_type", type == "equal" ? std::string_view("exact") : type);
  out.set("condition_value", member_of(from, "value"));
  const std::string_view parameter = from.text("parameter");
  if (const std::string_view name = condition_name(origin); !name.empty()) {
    out.set(name, parameter.empty() ? from.text("parameter_name") : parameter);
  }
  return out;
}

const char* policy_member(std::string_view backend_type) {
  return backend_type == "HTTP" ? "policy_https" : backend_type == "FUNCTION" ? "policy_functions" : "policy_mocks";
}

Result<void, Fault> translate_policies(const Value& operation, Value& definition) {
  for (const Value& item : member_of(operation, "x-apigateway-backend-policies").items()) {
    Value policy;
    policy.set("name", item.text("name"));
    policy.set("effect_mode", item.text("effectMode").empty() ? std::string_view("ANY") : item.text("effectMode"));
    Value conditions = Value::array();
    for (const Value& condition : member_of(item, "conditions").items()) {
      conditions.push(translate_condition(condition));
    }
    policy.set("conditions", std::move(conditions)).set("backend_params", translate_parameters(item));
    const std::string_view type = translate_endpoint(item, policy);
    if (type.empty()) return refuse_invalid("policy.type");
    const Value* known = definition.find(policy_member(type));
    Value list = known != nullptr ? *known : Value::array();
    list.push(std::move(policy));
    definition.set(policy_member(type), std::move(list));
  }
  return {};
}

}  // namespace

Result<void, Fault> translate_backends(const Value& operation, MockBackend mock, Value& definition) {
  const Value* backend = operation.find("x-apigateway-backend");
  if (mock == MockBackend::Always || (backend == nullptr && mock == MockBackend::IfMissing)) {
    definition.set("backend_type", "MOCK").set("mock_info", Value::object());
    return {};
  }
  if (backend == nullptr || !backend->is_object()) return refuse_invalid("backend_type");
  Value endpoint = Value::object();
  const std::string_view type = translate_endpoint(*backend, endpoint);
  if (type.empty()) return refuse_invalid("backend_type");
  definition.set("backend_type", type);
  definition.set(type == "HTTP" ? "backend_api" : type == "FUNCTION" ? "func_info" : "mock_info", std::move(endpoint));
  definition.set("backend_params", translate_parameters(*backend));
  return translate_policies(operation, definition);
}

}  // namespace sluice::gateway
