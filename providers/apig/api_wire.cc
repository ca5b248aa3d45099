#include "providers/apig/api_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/swagger.h"
#include "plan/words.h"

namespace sluice::apig {
namespace {

constexpr std::int64_t kYes = 1;
constexpr std::int64_t kNo = 2;
constexpr std::int64_t kPrivate = 2;
constexpr std::int64_t kThroughChannel = 1;
constexpr std::int64_t kMemberGroups = 4;

constexpr std::string_view kAppScheme = "apig-auth-app";
constexpr std::string_view kAppCodeScheme = "apig-auth-app-header";
constexpr std::string_view kIamScheme = "apig-auth-iam";

/// The member, or null when it is absent.
const Value& member(const Value& object, std::string_view name) {
  static const Value kNothing;
  const Value* found = object.find(name);
  return found != nullptr ? *found : kNothing;
}

bool is(const Value& object, std::string_view name, std::int64_t number) {
  return member(object, name) == Value(number);
}

struct Renamed {
  std::string_view from;
  std::string_view to;
};

/// Members that a definition has and that are not null.
void copy(const Value& from, std::span<const Renamed> names, Value& to) {
  for (const Renamed& name : names) {
    const Value& value = member(from, name.from);
    if (!value.is_null()) to.set(name.to, value);
  }
}

void set_unless_empty(Value& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.set(name, text);
}

std::string name_of(const ReferredNames& names, Referred kind, std::string_view id) {
  const auto of_kind = names.find(kind);
  if (of_kind == names.end()) return std::string(id);
  const auto at = of_kind->second.find(std::string(id));
  return at != of_kind->second.end() ? at->second : std::string(id);
}

constexpr std::array kHttp = {Renamed{"req_method", "method"},
                              Renamed{"req_uri", "path"},
                              Renamed{"timeout", "timeout"},
                              Renamed{"retry_count", "retryCount"},
                              Renamed{"enable_client_ssl", "enableClientSsl"},
                              Renamed{"enable_sm_channel", "enableSmChannel"},
                              Renamed{"remark", "description"}};
// Without the remark: documents have no place for that of member groups.
constexpr std::array kMemberGroupBackend = {Renamed{"timeout", "timeout"}, Renamed{"retry_count", "retryCount"},
                                            Renamed{"enable_client_ssl", "enableClientSsl"},
                                            Renamed{"enable_sm_channel", "enableSmChannel"}};
constexpr std::array kFunction = {
    Renamed{"function_urn", "function-urn"}, Renamed{"version", "version"},
    Renamed{"alias_urn", "alias-urn"},       Renamed{"invocation_type", "invocation-type"},
    Renamed{"network_type", "network-type"}, Renamed{"timeout", "timeout"},
    Renamed{"req_protocol", "req_protocol"}, Renamed{"remark", "description"}};
constexpr std::array kMock = {Renamed{"result_content", "result-content"}, Renamed{"remark", "description"}};
constexpr std::array kParameter = {Renamed{"name", "name"}, Renamed{"max_num", "maximum"},
                                   Renamed{"min_num", "minimum"}, Renamed{"max_size", "maxLength"},
                                   Renamed{"min_size", "minLength"}};

/// Retries are a text in documents, whatever an answer makes of them.
void set_retries(Value& endpoint) {
  const Value* retries = endpoint.find("retryCount");
  if (retries != nullptr && retries->is_integer()) endpoint.set("retryCount", std::to_string(retries->as_integer()));
}

Value member_groups(const Value& backend, const ReferredNames& names) {
  Value out = Value::object();
  copy(backend, kMemberGroupBackend, out);
  set_retries(out);
  out.set("name", name_of(names, Referred::Channel, member(backend, "vpc_channel_info").text("vpc_channel_id")));
  Value infos = Value::array();
  for (const Value& info : member(backend, "member_group_url_infos").items()) {
    Value one = Value::object();
    one.set("name", name_of(names, Referred::Channel, info.text("member_group_id")));
    one.set("scheme", lower(info.text("req_protocol"))).set("method", info.text("req_method"));
    infos.push(one.set("path", info.text("req_uri")));
  }
  return out.set("memberGroupUrlInfos", std::move(infos));
}

Value http_endpoint(const Value& backend, bool channel, const ReferredNames& names) {
  Value out = Value::object();
  copy(backend, kHttp, out);
  set_retries(out);
  out.set("scheme", lower(backend.text("req_protocol")));
  if (!channel) return out.set("address", backend.text("url_domain"));
  const Value& info = member(backend, "vpc_channel_info");
  set_unless_empty(out, "host", info.text("vpc_channel_proxy_host"));
  const Value& cascade = member(info, "cascade_flag");
  out.set("cascade_flag", cascade.is_bool() && cascade.as_bool());
  return out.set("name", name_of(names, Referred::Channel, info.text("vpc_channel_id")));
}

/// Where calls go, into a backend or a backend policy.
void set_endpoint(std::string_view type, const Value& backend, const ReferredNames& names, Value& out) {
  if (type == "FUNCTION") {
    Value endpoint = Value::object();
    copy(backend, kFunction, endpoint);
    out.set("type", type).set("functionEndpoints", std::move(endpoint));
  } else if (type == "MOCK") {
    Value endpoint = Value::object();
    copy(backend, kMock, endpoint);
    out.set("type", type).set("mockEndpoints", std::move(endpoint));
  } else if (is(backend, "vpc_channel_status", kMemberGroups)) {
    out.set("type", "HTTP-VPC-MEMBER-GROUP").set("httpVpcMemberGroupEndpoints", member_groups(backend, names));
  } else {
    const bool told = member(backend, "vpc_channel_status").is_integer();
    const bool named = !member(backend, "vpc_channel_info").text("vpc_channel_id").empty();
    const bool channel = told ? is(backend, "vpc_channel_status", kThroughChannel) : named;
    out.set("type", channel ? "HTTP-VPC" : "HTTP");
    out.set(channel ? "httpVpcEndpoints" : "httpEndpoints", http_endpoint(backend, channel, names));
  }
}

void set_backend_parameters(const Value& list, Value& out) {
  Value parameters = Value::array();
  for (const Value& item : list.items()) {
    Value one = Value::object();
    one.set("name", item.text("name")).set("in", lower(item.text("location"))).set("origin", item.text("origin"));
    one.set("value", item.text("value")).set("description", item.text("remark"));
    parameters.push(std::move(one));
  }
  if (!parameters.empty()) out.set("parameters", std::move(parameters));
}

Value condition_of(const Value& from) {
  Value out = Value::object();
  std::string_view parameter = from.text("req_param_name");
  for (const std::string_view other :
       {"sys_param_name", "cookie_param_name", "frontend_authorizer_param_name", "mapped_param_name"}) {
    if (parameter.empty()) parameter = from.text(other);
  }
  out.set("origin", from.text("condition_origin")).set("parameter", parameter);
  return out.set("type", from.text("condition_type")).set("value", from.text("condition_value"));
}

void set_policies(std::string_view type, const Value& definition, const ReferredNames& names, Value& operation) {
  Value policies = Value::array();
  for (const std::string_view list : {"policy_https", "policy_functions", "policy_mocks"}) {
    for (const Value& item : member(definition, list).items()) {
      Value conditions = Value::array();
      for (const Value& condition : member(item, "conditions").items()) conditions.push(condition_of(condition));
      Value policy = Value::object();
      policy.set("name", item.text("name")).set("effectMode", item.text("effect_mode"));
      policy.set("conditions", std::move(conditions));
      set_backend_parameters(member(item, "backend_params"), policy);
      set_endpoint(type, item, names, policy);
      policies.push(std::move(policy));
    }
  }
  if (!policies.empty()) operation.set("x-apigateway-backend-policies", std::move(policies));
}

Value words_of(std::string_view list) {
  Value out = Value::array();
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(','));
    out.push(word);
    list.remove_prefix(std::min(word.size() + 1, list.size()));
  }
  return out;
}

Value parameter_of(const Value& from, const ReferredNames& names) {
  Value out = Value::object();
  copy(from, kParameter, out);
  out.set("in", lower(from.text("location"))).set("type", lower(from.text("type")));
  out.set("required", is(from, "required", kYes));
  set_unless_empty(out, "description", from.text("remark"));
  set_unless_empty(out, "default", from.text("default_value"));
  set_unless_empty(out, "x-apigateway-sample", from.text("sample_value"));
  if (is(from, "pass_through", kNo)) out.set("x-apigateway-pass-through", "never");
  Value allowed = words_of(from.text("enumerations"));
  if (!allowed.empty()) out.set("enum", std::move(allowed));
  Value rules = Value::array();
  for (const Value& rule : member(from, "orchestrations").items()) {
    if (rule.is_string()) rules.push(name_of(names, Referred::Rule, rule.as_string()));
  }
  if (!rules.empty()) out.set("x-apigateway-orchestrations", std::move(rules));
  return out;
}

Value scheme_of(std::string_view type) {
  Value out = Value::object();
  return out.set("type", "apiKey").set("name", "unused").set("in", "header").set("x-apigateway-auth-type", type);
}

/// The security of the operation, and the scheme that it names.
void set_security(const Value& definition, const ReferredNames& names, Value& operation, Value& schemes) {
  const std::string_view type = definition.text("auth_type");
  std::string name;
  Value scheme;
  if (type == "IAM") {
    name = kIamScheme;
    scheme = scheme_of("IAM");
  } else if (type == "AUTHORIZER") {
    name = name_of(names, Referred::Authorizer, definition.text("authorizer_id"));
    scheme = scheme_of("AUTHORIZER");
  } else if (type == "APP") {
    const bool code = member(definition, "auth_opt").text("app_code_auth_type") == "HEADER";
    name = code ? kAppCodeScheme : kAppScheme;
    scheme = scheme_of("AppSigv1");
    if (code) scheme.set("x-apigateway-auth-opt", Value::object({{"appcode-auth-type", "header", 0}}));
  } else {
    return;
  }
  schemes.set(name, std::move(scheme));
  operation.set("security", Value::array({Value::object({{name, Value::array(), 0}})}));
}

Value schemes_of(std::string_view protocol) {
  if (protocol == "BOTH") return Value::array({"http", "https"});
  return Value::array({protocol.empty() ? "https" : lower(protocol)});
}

std::string_view backend_member(std::string_view type) {
  if (type == "FUNCTION") return "func_info";
  return type == "MOCK" ? "mock_info" : "backend_api";
}

constexpr std::array kOperation = {Renamed{"name", "operationId"},
                                   Renamed{"remark", "description"},
                                   Renamed{"tags", "tags"},
                                   Renamed{"cors", "x-apigateway-cors"},
                                   Renamed{"match_mode", "x-apigateway-match-mode"},
                                   Renamed{"is_send_fg_body_base64", "x-apigateway-is-send-fg-body-base64"}};

bool channel_is_named(const Value& backend) {
  return !member(backend, "vpc_channel_info").text("vpc_channel_id").empty() ||
         !member(backend, "member_group_url_infos").empty();
}

/// Takes out what an item of a list has by id only, and what only publications have.
Value without_references(Value body) {
  for (const char* name :
       {"x-apigateway-response", "x-apigateway-ratelimit", "x-apigateway-access-control", "x-apigateway-plugins"}) {
    body.erase(name);
  }
  if (const Value* found = body.find("security"); found != nullptr && found->is_object()) {
    Value security = *found;
    security.erase("authorizer");
    body.set("security", std::move(security));
  }
  const auto without_names = [](Value backend) {
    for (const char* endpoint : {"httpVpcEndpoints", "httpVpcMemberGroupEndpoints"}) {
      const Value* found = backend.find(endpoint);
      if (found == nullptr || !found->is_object()) continue;
      Value plain = *found;
      plain.erase("name");
      plain.erase("memberGroupUrlInfos");
      backend.set(endpoint, std::move(plain));
    }
    return backend;
  };
  if (const Value* backend = body.find("x-apigateway-backend")) {
    body.set("x-apigateway-backend", without_names(Value(*backend)));
  }
  if (const Value* list = body.find("x-apigateway-backend-policies"); list != nullptr && list->is_array()) {
    Value policies = Value::array();
    for (const Value& policy : list->items()) policies.push(without_names(policy));
    body.set("x-apigateway-backend-policies", std::move(policies));
  }
  return body;
}

}  // namespace

HttpRequest show_api(std::string_view base, std::string_view api_id) {
  return get_request(fmt::format("{}/apis/{}", base, api_id));
}

Result<Value> read_api(HttpResponse& answer) {
  auto definition = parse_json_in_place(answer.body);
  if (!definition) return unreadable("definition of an API", definition.error().message);
  if (definition->text("req_method").empty() || definition->text("req_uri").empty()) {
    return unreadable("definition of an API", "`req_method` or `req_uri` is missing");
  }
  return std::move(*definition);
}

bool refers_to(const Value& definition, Referred kind) {
  if (kind == Referred::Authorizer) return !definition.text("authorizer_id").empty();
  if (kind == Referred::Response) return !definition.text("response_id").empty();
  if (kind == Referred::Rule) {
    const auto& parameters = member(definition, "req_params").items();
    return std::any_of(parameters.begin(), parameters.end(),
                       [](const Value& parameter) { return !member(parameter, "orchestrations").empty(); });
  }
  if (channel_is_named(member(definition, "backend_api"))) return true;
  const auto& policies = member(definition, "policy_https").items();
  return std::any_of(policies.begin(), policies.end(), channel_is_named);
}

Value document_of(const Value& definition, const ReferredNames& names) {
  Value operation = Value::object();
  Value schemes = Value::object();
  copy(definition, kOperation, operation);
  set_security(definition, names, operation, schemes);
  operation.set("schemes", schemes_of(definition.text("req_protocol")));
  operation.set("x-apigateway-request-type", is(definition, "type", kPrivate) ? "private" : "public");
  set_unless_empty(operation, "x-apigateway-content-type", definition.text("content_type"));
  if (const std::string_view response = definition.text("response_id"); !response.empty()) {
    operation.set("x-apigateway-response", name_of(names, Referred::Response, response));
  }
  Value parameters = Value::array();
  for (const Value& parameter : member(definition, "req_params").items()) {
    parameters.push(parameter_of(parameter, names));
  }
  if (!parameters.empty()) operation.set("parameters", std::move(parameters));
  Value responses = Value::object();
  responses.set("x-apigateway-result-normal-sample", definition.text("result_normal_sample"));
  responses.set("x-apigateway-result-failure-sample", definition.text("result_failure_sample"));
  operation.set("responses", std::move(responses));

  const std::string_view type = definition.text("backend_type");
  Value backend = Value::object();
  set_backend_parameters(member(definition, "backend_params"), backend);
  set_endpoint(type, member(definition, backend_member(type)), names, backend);
  operation.set("x-apigateway-backend", std::move(backend));
  set_policies(type, definition, names, operation);

  const std::string_view method = definition.text("req_method");
  Value path = Value::object();
  path.set(method == "ANY" ? "x-apigateway-any-method" : lower(method), std::move(operation));
  Value paths = Value::object();
  paths.set(definition.text("req_uri"), std::move(path));
  Value document = Value::object();
  document.set("swagger", "2.0").set("paths", std::move(paths));
  return document.set("securityDefinitions", std::move(schemes));
}

bool item_differs(const Value& item, const Value& body) {
  if (item.text("name").empty()) return false;
  const bool whole =
      item.find("req_params") != nullptr && item.find(backend_member(item.text("backend_type"))) != nullptr;
  const Swagger read = read_swagger(document_of(item, {}), SwaggerOrigin::Export);
  if (read.operations.size() != 1) return true;
  const Operation& operation = read.operations.front();
  Value told = make_resource(Address::api("x", operation.method, operation.path, operation.match_mode),
                             without_references(operation.body))
                   .body;
  const Value known =
      make_resource(Address::api("x", operation.method, operation.path, operation.match_mode), without_references(body))
          .body;
  if (whole) return !(told == known);
  // A brief item: what it does not have says nothing.
  constexpr std::array kBrief = {Renamed{"name", "operationId"},
                                 Renamed{"req_uri", "path"},
                                 Renamed{"remark", "description"},
                                 Renamed{"tags", "tags"},
                                 Renamed{"req_protocol", "schemes"},
                                 Renamed{"auth_type", "security"},
                                 Renamed{"type", "x-apigateway-request-type"},
                                 Renamed{"cors", "x-apigateway-cors"}};
  return std::any_of(kBrief.begin(), kBrief.end(), [&](const Renamed& name) {
    return item.find(name.from) != nullptr && !(member(told, name.to) == member(known, name.to));
  });
}

}  // namespace sluice::apig
