#include "providers/gateway/backend.h"

#include <algorithm>
#include <set>

#include "providers/gateway/fields.h"
#include "providers/gateway/limits.h"
#include "providers/gateway/names.h"

namespace sluice::gateway {
namespace {

constexpr std::int64_t kLongestTimeout = 60'000;
constexpr std::int64_t kDefaultTimeout = 5'000;
constexpr std::int64_t kThroughChannel = 1;
constexpr std::int64_t kByAddress = 2;
constexpr std::int64_t kByMemberGroup = 4;
constexpr std::size_t kMostMemberGroups = 10;

bool names_parameter(const Value& parameters, std::string_view name) {
  const auto& list = parameters.items();
  return std::any_of(list.begin(), list.end(), [&](const Value& p) { return p.text("name") == name; });
}

Value check_backend_parameter(const Value& from, const Value& request_parameters, std::optional<Fault>& fault) {
  Fields fields(from, fault);
  Value out;
  const std::string name = fields.required("name", 32);
  if (!is_parameter_name(name)) fields.report(invalid("name"));
  const std::string origin = fields.word("origin", {"REQUEST", "CONSTANT", "SYSTEM"});
  const std::string value = fields.required("value", 255);
  if (origin == "REQUEST" && !names_parameter(request_parameters, value)) {
    fields.report({"APIG.2028",
                   "The request parameters mapped to the backend parameters are not defined,parameterName:" + value});
  }
  out.set("name", name).set("value", value).set("location", fields.word("location", {"HEADER", "QUERY", "PATH"}));
  return out.set("origin", origin).set("remark", fields.text("remark", 255));
}

Value check_backend_parameters(Fields& fields, const Value& request_parameters, std::optional<Fault>& fault) {
  Value out = Value::array();
  std::set<std::string> seen;
  for (const Value& item : fields.list("backend_params")) {
    if (!fields.ok()) break;
    Value parameter = check_backend_parameter(item, request_parameters, fault);
    const std::string key = std::string(parameter.text("location")) + " " + std::string(parameter.text("name"));
    if (!seen.insert(key).second) {
      fields.report({"APIG.3209", "The parameter name already exists, name:" + std::string(parameter.text("name"))});
    }
    out.push(std::move(parameter));
  }
  return out;
}

void check_backend_path(Fields& fields, const std::string& path, const Value& backend_parameters) {
  const auto variables = backend_variables(path);
  if (!variables) return fields.report(invalid("backend_api.req_uri"));
  const auto& list = backend_parameters.items();
  for (const std::string& variable : *variables) {
    const bool declared = std::any_of(list.begin(), list.end(), [&](const Value& p) {
      return p.text("location") == "PATH" && p.text("name") == variable;
    });
    if (!declared) {
      fields.report({"APIG.2027", "The backend path parameters are not defined,parameterName:" + variable});
    }
  }
}

void check_channel(Fields& fields, std::optional<Fault>& fault, Value& out) {
  const Value* info = fields.object("vpc_channel_info");
  if (info == nullptr) return;
  Fields inner(*info, fault);
  Value written;
  written.set("vpc_channel_id", inner.required("vpc_channel_id", 255));
  const std::string host = inner.text("vpc_channel_proxy_host", 255);
  if (!host.empty()) written.set("vpc_channel_proxy_host", host);
  out.set("vpc_channel_info", std::move(written));
}

/// Protocol, method and path of a backend, or of one member group of it.
void check_url(Fields& fields, const Value& backend_parameters, Value& out) {
  out.set("req_protocol", fields.word("req_protocol", {"HTTP", "HTTPS"}));
  out.set("req_method", fields.word("req_method", {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ANY"}));
  const std::string path = fields.required("req_uri", 512);
  if (fields.ok()) check_backend_path(fields, path, backend_parameters);
  out.set("req_uri", path);
}

void check_member_groups(Fields& fields, const Value& backend_parameters, std::optional<Fault>& fault, Value& out) {
  const Value::Array& list = fields.list("member_group_url_infos");
  if (list.empty()) fields.report(missing("member_group_url_infos"));
  if (list.size() > kMostMemberGroups) fields.report(invalid("member_group_url_infos"));
  Value infos = Value::array();
  std::set<std::string> seen;
  for (const Value& item : list) {
    if (!fields.ok()) break;
    Fields inner(item, fault);
    Value info;
    const std::string group = inner.required("member_group_id", 64);
    if (!seen.insert(group).second) inner.report(invalid("member_group_id"));
    info.set("member_group_id", group);
    check_url(inner, backend_parameters, info);
    infos.push(std::move(info));
  }
  out.set("member_group_url_infos", std::move(infos));
}

/// Where calls go: an address, a channel, or a channel with a URL for each of its member groups.
void check_target(Fields& fields, const Value& backend_parameters, const Rules& rules, std::optional<Fault>& fault,
                  Value& out) {
  const std::int64_t most = rules.member_groups ? kByMemberGroup : kByAddress;
  const std::int64_t status = fields.integer("vpc_channel_status", kThroughChannel, most, kByAddress);
  if (status > kByAddress && status < kByMemberGroup) fields.report(invalid("vpc_channel_status"));
  if (status == kByAddress) out.set("url_domain", fields.required("url_domain", 255));
  out.set("vpc_channel_status", status);
  if (status != kByAddress) check_channel(fields, fault, out);
  if (status == kByMemberGroup) return check_member_groups(fields, backend_parameters, fault, out);
  check_url(fields, backend_parameters, out);
}

void check_http(Fields& fields, const Value& backend_parameters, const Rules& rules, std::optional<Fault>& fault,
                Value& out) {
  check_target(fields, backend_parameters, rules, fault, out);
  out.set("timeout", fields.integer("timeout", 1, kLongestTimeout, kDefaultTimeout));
  out.set("retry_count", std::to_string(fields.integer("retry_count", -1, 10, -1)));
  out.set("enable_client_ssl", fields.flag("enable_client_ssl", false));
  if (fields.find("enable_sm_channel") != nullptr) {
    out.set("enable_sm_channel", fields.flag("enable_sm_channel", false));
  }
}

void check_function(Fields& fields, Value& out) {
  out.set("function_urn", fields.required("function_urn", 255));
  out.set("version", fields.text("version", 64)).set("alias_urn", fields.text("alias_urn", 255));
  out.set("invocation_type", fields.word("invocation_type", {"async", "sync"}));
  out.set("network_type", fields.word("network_type", {"V1", "V2"}, "V1"));
  out.set("timeout", fields.integer("timeout", 1, kLongestTimeout, kDefaultTimeout));
  out.set("req_protocol", fields.word("req_protocol", {"HTTPS", "GRPCS"}, "HTTPS"));
}

/// The members that a backend of this type has, whether default or of a policy.
void check_backend(std::string_view type, Fields& fields, const Value& backend_parameters, const Rules& rules,
                   std::optional<Fault>& fault, Value& out) {
  if (type == "HTTP") check_http(fields, backend_parameters, rules, fault, out);
  if (type == "FUNCTION") check_function(fields, out);
  if (type == "MOCK") out.set("result_content", fields.text("result_content", 20480));
  out.set("remark", fields.text("remark", 255));
}

Value check_condition(const Value& from, std::optional<Fault>& fault) {
  Fields fields(from, fault);
  Value out;
  const std::string origin =
      fields.word("condition_origin", {"param", "source", "system", "cookie", "frontend_authorizer", "orchestration"});
  out.set("condition_origin", origin);
  if (const std::string_view name = condition_name(origin); !name.empty()) {
    out.set(name, fields.required(name, origin == "param" ? 32 : 255));
  }
  if (origin == "orchestration" && fields.find("mapped_param_location") != nullptr) {
    out.set("mapped_param_location", fields.word("mapped_param_location", {"header", "query"}));
  }
  const std::string type = fields.text("condition_type", 16);
  if (!type.empty() || origin != "source") {
    out.set("condition_type", fields.word("condition_type", {"exact", "enum", "pattern"}));
  }
  return out.set("condition_value", fields.required("condition_value", 1024));
}

Value check_policy(std::string_view type, const Value& from, const Value& request_parameters, const Rules& rules,
                   std::optional<Fault>& fault) {
  Fields fields(from, fault);
  Value out;
  out.set("name", fields.required("name", 64)).set("effect_mode", fields.word("effect_mode", {"ALL", "ANY"}));
  Value conditions = Value::array();
  for (const Value& item : fields.list("conditions")) conditions.push(check_condition(item, fault));
  if (conditions.empty()) fields.report(missing("conditions"));
  out.set("conditions", std::move(conditions));
  const Value parameters = check_backend_parameters(fields, request_parameters, fault);
  check_backend(type, fields, parameters, rules, fault, out);
  return out.set("backend_params", parameters);
}

void check_policies(std::string_view backend, Fields& fields, const Value& request_parameters, const Rules& rules,
                    std::optional<Fault>& fault, Value& out) {
  struct Family {
    const char* member;
    std::string_view type;
  };
  std::set<std::string> names;
  std::size_t count = 0;
  for (const Family& family :
       {Family{"policy_https", "HTTP"}, Family{"policy_functions", "FUNCTION"}, Family{"policy_mocks", "MOCK"}}) {
    Value list = Value::array();
    for (const Value& item : fields.list(family.member)) {
      if (family.type != backend) fields.report(invalid(family.member));
      if (!fields.ok()) break;
      Value policy = check_policy(family.type, item, request_parameters, rules, fault);
      const std::string name(policy.text("name"));
      if (!names.insert(name).second) {
        fields.report({"APIG.3210", "The backend policy name already exists, name:" + name});
      }
      list.push(std::move(policy));
      ++count;
    }
    out.set(family.member, std::move(list));
  }
  if (count > kMostBackendPolicies) fields.report(refuse("APIG.3113").error);
}

}  // namespace

std::string_view condition_name(std::string_view origin) {
  if (origin == "param") return "req_param_name";
  if (origin == "system") return "sys_param_name";
  if (origin == "cookie") return "cookie_param_name";
  if (origin == "frontend_authorizer") return "frontend_authorizer_param_name";
  return origin == "orchestration" ? std::string_view("mapped_param_name") : std::string_view();
}

void check_backends(const Value& body, const Value& request_parameters, const Rules& rules, std::optional<Fault>& fault,
                    Value& out) {
  Fields fields(body, fault);
  const std::string type = fields.word("backend_type", {"HTTP", "FUNCTION", "MOCK"});
  out.set("backend_type", type);
  const char* member = type == "HTTP" ? "backend_api" : type == "FUNCTION" ? "func_info" : "mock_info";
  const Value parameters = check_backend_parameters(fields, request_parameters, fault);
  const Value* from = fields.ok() ? fields.object(member) : nullptr;
  if (from == nullptr) return;
  Fields inner(*from, fault);
  Value backend;
  check_backend(type, inner, parameters, rules, fault, backend);
  out.set(member, std::move(backend)).set("backend_params", parameters);
  check_policies(type, fields, request_parameters, rules, fault, out);
}

}  // namespace sluice::gateway
