#include "plan/import_document.h"

#include <algorithm>

#include "plan/check.h"
#include "plan/json.h"

namespace sluice {
namespace {

/// The types of policies, and where a document defines them.
constexpr std::pair<std::string_view, std::string_view> kDefinitions[] = {{"ratelimit", "x-apigateway-ratelimits"},
                                                                          {"acl", "x-apigateway-access-controls"}};

std::string method_key(std::string_view method) {
  if (method == "ANY") return "x-apigateway-any-method";
  std::string key(method);
  for (char& c : key) c = static_cast<char>(c | 0x20);
  return key;
}

std::string method_of(std::string_view key) {
  if (key == "x-apigateway-any-method") return "ANY";
  std::string method(key);
  for (char& c : method) c = static_cast<char>(c & ~0x20);
  return method;
}

Value api_key_scheme(std::string_view name, std::string_view type) {
  Value scheme = Value::object();
  scheme.set("type", "apiKey").set("name", name).set("in", "header").set("x-apigateway-auth-type", type);
  return scheme;
}

/// The name of the security scheme for `auth`; "" for none. Defines it in `schemes`.
std::string use_scheme(const Value& auth, Value& schemes) {
  const std::string_view type = auth.text("type");
  std::string name;
  Value scheme;
  if (type == "APP") {
    const bool with_code = auth.text("app_code") == "header";
    name = with_code ? "apig-auth-app-header" : "apig-auth-app";
    scheme = api_key_scheme("Authorization", "AppSigv1");
    if (with_code) scheme.set("x-apigateway-auth-opt", Value::object({{"appcode-auth-type", "header", 0}}));
  } else if (type == "IAM") {
    name = "apig-auth-iam";
    scheme = api_key_scheme("unused", "IAM");
  } else if (type == "AUTHORIZER") {
    name = auth.text("authorizer");
    scheme = api_key_scheme("unused", "AUTHORIZER");
    const Value* definition = auth.find("definition");
    if (definition != nullptr) scheme.set("x-apigateway-authorizer", *definition);
    if (definition == nullptr && schemes.find(name) != nullptr) return name;  // another API may say more
  }
  if (!name.empty()) schemes.set(name, std::move(scheme));
  return name;
}

Value operation_from(const Value& body, Value& schemes) {
  Value operation = Value::object();
  Value responses = Value::object();
  responses.set("default", Value::object({{"description", "default", 0}}));
  for (const auto& member : body.members()) {
    if (member.key == "method" || member.key == "path") continue;
    if (member.key == "security") {
      const std::string scheme = use_scheme(member.value, schemes);
      if (!scheme.empty()) {
        operation.set("security", Value::array({Value::object({{scheme, Value::array(), 0}})}));
      }
    } else if (member.key.starts_with("x-apigateway-result-")) {
      responses.set(member.key, member.value);
    } else {
      operation.set(member.key, member.value);
    }
  }
  operation.set("responses", std::move(responses));
  return operation;
}

}  // namespace

Value import_swagger(std::string_view group, std::span<const Value* const> bodies,
                     std::span<const Resource* const> policies) {
  std::vector<const Value*> sorted(bodies.begin(), bodies.end());
  std::sort(sorted.begin(), sorted.end(), [](const Value* a, const Value* b) {
    return std::pair(a->text("path"), a->text("method")) < std::pair(b->text("path"), b->text("method"));
  });
  Value paths = Value::object();
  Value schemes = Value::object();
  Value::Object& members = paths.mutable_members();
  for (const Value* body : sorted) {
    const std::string_view path = body->text("path");
    if (members.empty() || members.back().key != path) members.push_back({std::string(path), Value::object(), 0});
    members.back().value.set(method_key(body->text("method")), operation_from(*body, schemes));
  }
  Value document = Value::object();
  document.set("swagger", "2.0");
  document.set("info", Value::object({{"title", group, 0}, {"version", "1", 0}}));
  document.set("paths", std::move(paths)).set("securityDefinitions", std::move(schemes));
  for (const auto& [type, member] : kDefinitions) {
    Value definitions = Value::object();
    for (const Resource* policy : policies) {
      if (policy->address.type() == type) definitions.set(policy->address.name(), policy->body);
    }
    if (!definitions.empty()) document.set(member, std::move(definitions));
  }
  return document;
}

std::string import_document(std::string_view group, std::span<const Value* const> bodies,
                            std::span<const Resource* const> policies) {
  return write_json(import_swagger(group, bodies, policies));
}

bool defines_policy(std::string_view document, const Address& policy) {
  const auto parsed = parse_json(document);
  check(parsed.has_value(), "an import document is not what was written");
  for (const auto& [type, member] : kDefinitions) {
    const Value* definitions = policy.type() == type ? parsed->find(member) : nullptr;
    if (definitions != nullptr && definitions->find(policy.name()) != nullptr) return true;
  }
  return false;
}

std::string filtered_import_document(std::string_view document, std::span<const std::string> names) {
  auto parsed = parse_json(document);
  check(parsed.has_value() && parsed->find("paths") != nullptr, "an import document is not what was written");
  Value paths = Value::object();
  for (const auto& path : parsed->find("paths")->members()) {
    Value kept = Value::object();
    for (const auto& operation : path.value.members()) {
      const std::string name = method_of(operation.key) + " " + path.key;
      if (std::find(names.begin(), names.end(), name) != names.end()) kept.set(operation.key, operation.value);
    }
    if (!kept.empty()) paths.set(path.key, std::move(kept));
  }
  parsed->set("paths", std::move(paths));
  return write_json(*parsed);
}

}  // namespace sluice
