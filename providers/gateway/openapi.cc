#include "providers/gateway/openapi.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "providers/gateway/groups.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway {
namespace {

constexpr std::array<std::string_view, 8> kMethods = {"get",  "put",   "post",    "delete",
                                                      "head", "patch", "options", "x-apigateway-any-method"};
constexpr std::array<std::string_view, 3> kPolicies = {"x-apigateway-ratelimits", "x-apigateway-access-controls",
                                                       "x-apigateway-responses"};

bool is_method(std::string_view key) { return std::find(kMethods.begin(), kMethods.end(), key) != kMethods.end(); }

bool is_zero(const Value& value) { return value.is_number() && value.as_number() == 0; }

/// Schemes of servers; those whose URL is relative say nothing.
Result<Value, Fault> schemes_of(const Value& servers) {
  const Fault broken = refuse("APIG.2045").error;
  if (!servers.is_array()) return Unexpected<Fault>{broken};
  std::set<std::string> schemes;
  for (const Value& server : servers.items()) {
    const std::string_view url = server.text("url");
    if (url.empty()) return Unexpected<Fault>{broken};
    for (const std::string_view scheme : {"http", "https"}) {
      if (url.starts_with(std::string(scheme) + "://")) schemes.emplace(scheme);
    }
  }
  Value out = Value::array();
  for (const std::string& scheme : schemes) out.push(scheme);
  return out;
}

/// Moves `servers` of a document, path or operation to `schemes`.
Result<void, Fault> move_servers(Value& object) {
  const Value& servers = member_of(object, "servers");
  if (servers.is_null()) return {};
  auto schemes = schemes_of(servers);
  if (!schemes) return schemes.forward();
  object.erase("servers");
  if (!schemes->empty()) object.set("schemes", std::move(*schemes));
  return {};
}

/// A schema's limits; zeros stand for none, as exports write them.
void take_schema(const Value& schema, Value& out) {
  for (const char* name : {"type", "default", "enum"}) {
    if (const Value* value = schema.find(name); value != nullptr) out.set(name, *value);
  }
  const bool unbounded = is_zero(member_of(schema, "maximum")) && is_zero(member_of(schema, "minimum"));
  for (const char* name : {"maximum", "minimum"}) {
    if (const Value* value = schema.find(name); value != nullptr && !unbounded) out.set(name, *value);
  }
  for (const char* name : {"maxLength", "minLength"}) {
    if (const Value* value = schema.find(name); value != nullptr && !is_zero(*value)) out.set(name, *value);
  }
}

Value swagger_parameter(const Value& document, const Value& from) {
  const Value* found = resolve(document, from);
  if (found == nullptr || !found->is_object()) return from;
  Value out = *found;
  const Value* schema = resolve(document, member_of(*found, "schema"));
  out.erase("schema");
  if (schema != nullptr) take_schema(*schema, out);
  const Value& example = member_of(*found, "example");
  const bool given = !example.is_null() && example != Value("");
  if (given && found->find("x-apigateway-sample") == nullptr) out.set("x-apigateway-sample", example);
  return out;
}

void move_parameters(const Value& document, Value& object) {
  const Value* list = object.find("parameters");
  if (list == nullptr || !list->is_array()) return;
  Value out = Value::array();
  for (const Value& item : list->items()) out.push(swagger_parameter(document, item));
  object.set("parameters", std::move(out));
}

Result<Value, Fault> swagger_path(const Value& document, const Value& from) {
  Value item = from;
  if (!item.is_object()) return item;
  if (auto moved = move_servers(item); !moved) return moved.forward();
  move_parameters(document, item);
  const Value schemes = member_of(item, "schemes");
  for (Value::Member& member : item.mutable_members()) {
    if (!is_method(member.key) || !member.value.is_object()) continue;
    Value operation = member.value;
    if (auto moved = move_servers(operation); !moved) return moved.forward();
    if (operation.find("schemes") == nullptr && !schemes.is_null()) operation.set("schemes", schemes);
    move_parameters(document, operation);
    member.value = std::move(operation);
  }
  return item;
}

// ---- and back

Value server_list(const Value& schemes, std::string_view host) {
  Value out = Value::array();
  for (const Value& scheme : schemes.items()) {
    Value server;
    out.push(server.set("url", scheme.as_string() + "://" + std::string(host)));
  }
  return out;
}

Value openapi_parameter(const Value& from) {
  Value schema;
  for (const char* name : {"type", "default", "enum", "maxLength", "minLength", "maximum", "minimum"}) {
    if (const Value* value = from.find(name); value != nullptr) schema.set(name, *value);
  }
  if (schema.find("maxLength") == nullptr) schema.set("maxLength", 0);
  if (schema.find("maximum") == nullptr && schema.find("minimum") == nullptr) {
    schema.set("maximum", 0).set("minimum", 0);
  }
  Value out;
  for (const char* name : {"name", "in", "description", "required"}) {
    if (const Value* value = from.find(name); value != nullptr) out.set(name, *value);
  }
  out.set("schema", std::move(schema)).set("example", from.text("x-apigateway-sample"));
  const std::string_view pass = from.text("x-apigateway-pass-through");
  out.set("x-apigateway-pass-through", pass.empty() ? std::string_view("always") : pass);
  const Value* rules = from.find("x-apigateway-orchestrations");
  return out.set("x-apigateway-orchestrations", rules != nullptr ? *rules : Value::array());
}

Value openapi_responses(const Value& operation) {
  const Value& from = member_of(operation, "responses");
  const bool cors = member_of(operation, "x-apigateway-cors") == Value(true);
  Value fallback;
  fallback.set("description", "response example");
  if (cors) {
    Value schema;
    schema.set("type", "string").set("default", "*");
    Value header;
    header.set("schema", std::move(schema));
    Value headers;
    headers.set("Access-Control-Allow-Origin", std::move(header));
    fallback.set("headers", std::move(headers));
  }
  for (const char* name : {"x-apigateway-result-failure-sample", "x-apigateway-result-normal-sample"}) {
    const std::string_view inside = member_of(from, "default").text(name);
    fallback.set(name, inside.empty() ? from.text(name) : inside);
  }
  Value out;
  return out.set(cors ? "default-cors" : "default", std::move(fallback));
}

Value openapi_body(std::string_view remark) {
  Value schema;
  schema.set("type", "object").set("example", remark);
  Value media;
  media.set("schema", std::move(schema));
  Value content;
  content.set("application/json", std::move(media));
  Value out;
  return out.set("content", std::move(content));
}

Value openapi_operation(const Value& from, std::string_view host, std::string_view body_remark) {
  Value out;
  for (const Value::Member& member : from.members()) {
    if (member.key == "schemes") {
      out.set("servers", server_list(member.value, host));
    } else if (member.key == "parameters") {
      Value list = Value::array();
      for (const Value& item : member.value.items()) list.push(openapi_parameter(item));
      out.set("parameters", std::move(list));
    } else if (member.key == "responses") {
      if (!body_remark.empty()) out.set("requestBody", openapi_body(body_remark));
      out.set("responses", openapi_responses(from));
    } else {
      out.set(member.key, member.value);
    }
  }
  if (out.find("x-apigateway-response") == nullptr) out.set("x-apigateway-response", "default");
  return out;
}

}  // namespace

Result<Value, Fault> swagger_of(const Value& openapi) {
  Value out = openapi;
  out.erase("openapi");
  out.set("swagger", "2.0");
  out.erase("basePath");
  out.erase("schemes");
  if (auto moved = move_servers(out); !moved) return moved.forward();
  const Value& components = member_of(openapi, "components");
  const Value& schemes = member_of(components, "securitySchemes");
  if (!schemes.is_null()) out.set("securityDefinitions", schemes);
  // The pages do not say where OpenAPI 3 has them; exports put responses under components.
  for (const std::string_view name : kPolicies) {
    const Value& inside = member_of(components, name);
    if (out.find(name) == nullptr && !inside.is_null()) out.set(name, inside);
  }
  const Value& paths = member_of(openapi, "paths");
  if (!paths.is_object()) return out;
  Value moved = Value::object();
  for (const Value::Member& member : paths.members()) {
    auto item = swagger_path(openapi, member.value);
    if (!item) return item.forward();
    moved.mutable_members().push_back({member.key, std::move(*item), member.key_mark});
  }
  return out.set("paths", std::move(moved));
}

Value make_openapi(const ExportedGroup& group, bool backends) {
  const Value swagger = make_swagger(group, backends);
  const std::string host = subdomain(group.id);
  std::map<std::string, std::string> remarks;
  for (const ExportedApi& api : group.apis) {
    // The names of operations are unique in their group.
    const std::string_view remark = api.definition.text("body_remark");
    if (!remark.empty()) remarks.emplace(api.definition.text("name"), remark);
  }
  Value::Object paths;
  for (const Value::Member& path : member_of(swagger, "paths").members()) {
    Value item = Value::object();
    for (const Value::Member& method : path.value.members()) {
      const auto remark = remarks.find(std::string(method.value.text("operationId")));
      item.set(method.key, openapi_operation(method.value, host, remark != remarks.end() ? remark->second : ""));
    }
    paths.push_back({path.key, std::move(item), 0});
  }
  Value components;
  components.set("responses", member_of(swagger, "responses"));
  components.set("securitySchemes", member_of(swagger, "securityDefinitions"));
  components.set("x-apigateway-responses", member_of(swagger, "x-apigateway-responses"));
  Value out;
  out.set("openapi", "3.0.3").set("info", member_of(swagger, "info"));
  out.set("servers", server_list(Value::array({"https"}), host));
  out.set("paths", Value::object(std::move(paths))).set("components", std::move(components));
  for (const char* name : {"x-apigateway-access-controls", "x-apigateway-ratelimits"}) {
    if (const Value* value = swagger.find(name); value != nullptr) out.set(name, *value);
  }
  return out;
}

}  // namespace sluice::gateway
