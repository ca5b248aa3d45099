#include "providers/gateway/definition.h"

#include <algorithm>
#include <set>

#include "plan/digest.h"
#include "providers/gateway/backend.h"
#include "providers/gateway/fields.h"
#include "providers/gateway/limits.h"
#include "providers/gateway/names.h"
#include "providers/gateway/orchestrations.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kLongestRemark = 255;
constexpr std::size_t kLongestSample = 20480;

Fault in_words(std::string_view code) { return refuse(code).error; }

void check_header_name(Fields& fields, const Rules& rules, const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const bool authentication = lower == "authorization" || lower == "x-auth-token";
  if (authentication && rules.accept_auth_headers) return;
  if (authentication || lower == "x-stage" || lower.starts_with("x-apig-") || lower.starts_with("x-sdk-")) {
    fields.report(invalid(name));
  }
}

Value check_parameter(const Value& from, const Rules& rules, std::optional<Fault>& fault) {
  Fields fields(from, fault);
  Value out;
  const std::string name = fields.required("name", 32);
  if (!is_parameter_name(name)) fields.report(invalid("name"));
  const std::string location = fields.word("location", {"PATH", "QUERY", "HEADER"});
  if (location == "HEADER") check_header_name(fields, rules, name);
  out.set("name", name).set("type", fields.word("type", {"STRING", "NUMBER"})).set("location", location);
  out.set("default_value", fields.text("default_value", 255)).set("sample_value", fields.text("sample_value", 255));
  out.set("required", location == "PATH" ? 1 : fields.integer("required", 1, 2, 2));
  out.set("valid_enable", fields.integer("valid_enable", 1, 2, 2)).set("remark", fields.text("remark", kLongestRemark));
  out.set("enumerations", fields.text("enumerations", kLongestSample));
  for (const char* bound : {"min_num", "max_num", "min_size", "max_size"}) fields.copy_number(bound, out);
  out.set("pass_through", fields.integer("pass_through", 1, 2, 1));
  if (const Value* given = from.find("orchestrations"); given != nullptr) {
    const auto rules = read_orchestrations(*given);
    if (!rules) fields.report(rules.error());
    if (rules && !rules->empty()) out.set("orchestrations", *rules);
  }
  return out;
}

Value check_parameters(Fields& fields, const Rules& rules, std::optional<Fault>& fault) {
  const Value::Array& list = fields.list("req_params");
  if (list.size() > kMostParameters) fields.report(in_words("APIG.3111"));
  Value out = Value::array();
  std::set<std::string> seen;
  for (const Value& item : list) {
    if (!fields.ok()) break;
    Value parameter = check_parameter(item, rules, fault);
    const std::string key = std::string(parameter.text("location")) + " " + std::string(parameter.text("name"));
    if (!seen.insert(key).second) {
      fields.report({"APIG.3209", "The parameter name already exists, name:" + std::string(parameter.text("name"))});
    }
    out.push(std::move(parameter));
  }
  return out;
}

void check_path(Fields& fields, const std::string& path, const Value& parameters) {
  const auto variables = front_variables(path);
  if (!variables) return fields.report(invalid("req_uri"));
  for (const std::string& variable : *variables) {
    const auto& list = parameters.items();
    const bool declared = std::any_of(list.begin(), list.end(), [&](const Value& p) {
      return p.text("location") == "PATH" && p.text("name") == variable;
    });
    if (!declared) {
      fields.report({"APIG.2026", "The request path parameters are not defined,parameterName:" + variable});
    }
  }
}

Value check_tags(Fields& fields) {
  const Value::Array& list = fields.list("tags");
  if (list.size() > kMostTags) fields.report(in_words("APIG.3133"));
  Value out = Value::array();
  std::set<std::string> seen;
  for (const Value& tag : list) {
    if (!tag.is_string() || !is_tag(tag.as_string())) fields.report(invalid("tags"));
    if (!fields.ok()) break;
    if (seen.insert(tag.as_string()).second) out.push(tag);
  }
  return out;
}

void check_authentication(Fields& fields, std::optional<Fault>& fault, Value& out) {
  const std::string type = fields.word("auth_type", {"NONE", "APP", "IAM", "AUTHORIZER"});
  out.set("auth_type", type);
  const Value* given = fields.find("auth_opt");
  const Value options = given != nullptr ? *given : Value();
  Fields inner(options, fault);
  const std::string code = inner.word("app_code_auth_type", {"DISABLE", "HEADER"}, "DISABLE");
  Value auth_opt;
  auth_opt.set("app_code_auth_type", code);
  out.set("auth_opt", std::move(auth_opt));
  const std::string authorizer = fields.text("authorizer_id", kLongestRemark);
  if (type == "AUTHORIZER" && authorizer.empty()) fields.report(missing("authorizer_id"));
  if (type != "AUTHORIZER" && !authorizer.empty()) fields.report(in_words("APIG.2036"));
  if (!authorizer.empty()) out.set("authorizer_id", authorizer);
}

void check_content(Fields& fields, Value& out) {
  std::string content_type;
  if (!fields.text("content_type", kLongestRemark).empty()) {
    content_type = fields.word("content_type",
                               {"application/json", "application/xml", "multipart/form-data", "text/plain"}, "none");
    out.set("content_type", content_type);
  }
  if (fields.find("is_send_fg_body_base64") == nullptr) return;
  const bool base64 = fields.flag("is_send_fg_body_base64", true);
  if (!base64 && content_type != "application/json") fields.report(invalid("is_send_fg_body_base64"));
  out.set("is_send_fg_body_base64", base64);
}

std::string part_id(std::string_view api_id, std::string_view kind, std::string_view name) {
  std::string seed(api_id);
  seed.append(" ").append(kind).append(" ").append(name);
  return sha256_hex(seed).substr(0, 32);
}

/// The id of the request parameter of this name; "" when there is none.
std::string_view request_parameter_id(const Value& definition, std::string_view name) {
  const Value* list = definition.find("req_params");
  if (list == nullptr) return {};
  const auto at = std::find_if(list->items().begin(), list->items().end(),
                               [name](const Value& parameter) { return parameter.text("name") == name; });
  return at != list->items().end() ? at->text("id") : std::string_view();
}

/// Gives the backend parameters of `backend` their ids, and those of the request parameters they come from.
void add_backend_ids(const Value& definition, std::string_view api_id, const std::string& kind, Value& backend) {
  const Value* found = backend.find("backend_params");
  if (found == nullptr || found->empty()) return;
  Value list = *found;
  for (Value& p : list.mutable_items()) {
    p.set("id", part_id(api_id, std::string(kind).append(p.text("location")), p.text("name")));
    if (p.text("origin") == "REQUEST") p.set("req_param_id", request_parameter_id(definition, p.text("value")));
  }
  backend.set("backend_params", std::move(list));
}

}  // namespace

Result<Value, Fault> check_definition(const Value& body, const Rules& rules) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  Value out;
  out.set("name", fields.required("name", 255));
  if (fields.ok() && !is_wide_name(out.text("name"))) fields.report(invalid("name"));
  const Value* type = fields.find("type");
  if (type == nullptr) fields.report(missing("type"));
  out.set("type", fields.integer("type", 1, 2, 0));
  const std::string version = fields.text("version", 64);
  out.set("version", version.empty() ? "V0.0.1" : version);
  out.set("req_protocol", fields.word("req_protocol", {"HTTP", "HTTPS", "BOTH"}, "HTTPS"));
  out.set("req_method", fields.word("req_method", {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ANY"}));
  out.set("req_uri", fields.required("req_uri", 512));
  out.set("match_mode", fields.word("match_mode", {"NORMAL", "SWA"}, "NORMAL"));
  check_authentication(fields, fault, out);
  out.set("cors", fields.flag("cors", false));
  Value parameters = check_parameters(fields, rules, fault);
  if (fields.ok()) check_path(fields, std::string(out.text("req_uri")), parameters);
  if (fields.ok()) check_backends(body, parameters, rules, fault, out);
  out.set("req_params", std::move(parameters));
  out.set("remark", fields.text("remark", kLongestRemark))
      .set("body_remark", fields.text("body_remark", kLongestSample));
  out.set("result_normal_sample", fields.text("result_normal_sample", kLongestSample));
  out.set("result_failure_sample", fields.text("result_failure_sample", kLongestSample));
  out.set("tags", check_tags(fields));
  const std::string response = fields.text("response_id", 64);
  if (!response.empty()) out.set("response_id", response);
  check_content(fields, out);
  if (fault) return Unexpected<Fault>{*fault};
  return out;
}

std::string identity_of(std::string_view method, std::string_view path, std::string_view match_mode,
                        bool distinct_variables) {
  std::string out(method);
  out.append(" ").append(distinct_variables ? std::string(path) : path_shape(path)).append(" ").append(match_mode);
  return out;
}

std::string identity_of(const Value& definition, bool distinct_variables) {
  return identity_of(definition.text("req_method"), definition.text("req_uri"), definition.text("match_mode"),
                     distinct_variables);
}

Value with_part_ids(Value definition, std::string_view api_id) {
  if (const Value* found = definition.find("req_params"); found != nullptr && !found->empty()) {
    Value list = *found;
    for (Value& p : list.mutable_items()) {
      p.set("id", part_id(api_id, p.text("location"), p.text("name")));
    }
    definition.set("req_params", std::move(list));
  }
  add_backend_ids(definition, api_id, "backend ", definition);
  for (const char* name : {"policy_https", "policy_functions", "policy_mocks"}) {
    const Value* found = definition.find(name);
    if (found == nullptr || found->empty()) continue;
    Value list = *found;
    for (Value& policy : list.mutable_items()) {
      add_backend_ids(definition, api_id, "policy " + std::string(policy.text("name")) + " ", policy);
    }
    definition.set(name, std::move(list));
  }
  for (const char* name : {"backend_api", "func_info", "mock_info"}) {
    const Value* found = definition.find(name);
    if (found == nullptr) continue;
    Value backend = *found;
    backend.set("id", part_id(api_id, "backend", name)).set("status", 1);
    definition.set(name, std::move(backend));
  }
  return definition;
}

}  // namespace sluice::gateway
