#include "providers/gateway/importer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "plan/json.h"
#include "plan/words.h"
#include "plan/yaml.h"
#include "providers/gateway/authorizers.h"
#include "providers/gateway/import_backend.h"
#include "providers/gateway/limits.h"
#include "providers/gateway/openapi.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway {
namespace {

struct Method {
  std::string_view key;
  std::string_view name;
};
constexpr std::array kMethods = {Method{"get", "GET"},         Method{"put", "PUT"},
                                 Method{"post", "POST"},       Method{"delete", "DELETE"},
                                 Method{"head", "HEAD"},       Method{"patch", "PATCH"},
                                 Method{"options", "OPTIONS"}, Method{"x-apigateway-any-method", "ANY"}};

std::string scalar_text(const Value& value) {
  if (value.is_string()) return value.as_string();
  return value.is_null() || value.is_array() || value.is_object() ? std::string() : write_json(value);
}

std::string_view gateway_type(std::string_view type) {
  if (type == "string") return "STRING";
  const bool number = type == "integer" || type == "number" || type == "long" || type == "float" || type == "double";
  return number ? "NUMBER" : "";
}

std::string_view gateway_location(std::string_view in) {
  if (in == "path") return "PATH";
  if (in == "query") return "QUERY";
  return in == "header" ? "HEADER" : "";
}

std::string joined(const Value& list) {
  std::string out;
  for (const Value& item : list.items()) out.append(out.empty() ? "" : ",").append(scalar_text(item));
  return out;
}

void translate_bounds(const Value& from, bool number, Value& to) {
  struct Bound {
    const char* from;
    const char* to;
    bool number;
  };
  for (const Bound& bound : {Bound{"minimum", "min_num", true}, Bound{"maximum", "max_num", true},
                             Bound{"minLength", "min_size", false}, Bound{"maxLength", "max_size", false}}) {
    const Value& value = member_of(from, bound.from);
    if (bound.number == number && value.is_number()) to.set(bound.to, value);
  }
}

/// The parameter in the words of the JSON API; null for kinds that the service does not keep.
Value translate_parameter(const Value& from) {
  const std::string_view type = gateway_type(from.text("type"));
  const std::string_view location = gateway_location(from.text("in"));
  if (type.empty() || location.empty()) return {};
  const Value& required = member_of(from, "required");
  Value out;
  out.set("name", from.text("name")).set("type", type).set("location", location);
  out.set("required", required.is_bool() && required.as_bool() ? 1 : 2).set("remark", from.text("description"));
  out.set("default_value", scalar_text(member_of(from, "default")));
  out.set("enumerations", joined(member_of(from, "enum")));
  out.set("sample_value", scalar_text(member_of(from, "x-apigateway-sample")));
  out.set("pass_through", from.text("x-apigateway-pass-through") == "never" ? 2 : 1);
  if (const Value& rules = member_of(from, "x-apigateway-orchestrations"); !rules.is_null()) {
    out.set("orchestrations", rules);
  }
  translate_bounds(from, type == "NUMBER", out);
  const bool bounded = out.find("min_num") != nullptr || out.find("max_num") != nullptr ||
                       out.find("min_size") != nullptr || out.find("max_size") != nullptr;
  return out.set("valid_enable", bounded || !out.text("enumerations").empty() ? 1 : 2);
}

/// The parameters of the path and of the operation, which replaces those of the same name and place.
Result<std::vector<Value>, Fault> merged_parameters(const Value& document, const Value& path, const Value& operation) {
  std::vector<Value> merged;
  for (const Value* level : {&path, &operation}) {
    const std::size_t inherited = level == &operation ? merged.size() : 0;
    for (const Value& item : member_of(*level, "parameters").items()) {
      const Value* found = resolve(document, item);
      if (found == nullptr || !found->is_object()) {
        return refuse("APIG.3602",
                      "Syntax error in the Swagger file, unresolved $ref: " + std::string(item.text("$ref")));
      }
      const auto last = merged.begin() + static_cast<std::ptrdiff_t>(inherited);
      const auto same = std::find_if(merged.begin(), last, [&](const Value& p) {
        return p.text("name") == found->text("name") && p.text("in") == found->text("in");
      });
      if (same != last) {
        *same = *found;
      } else {
        merged.push_back(*found);
      }
    }
  }
  return merged;
}

Result<void, Fault> translate_parameters(const Value& document, const Value& path, const Value& operation,
                                         Value& definition) {
  const auto merged = merged_parameters(document, path, operation);
  if (!merged) return merged.forward();
  Value list = Value::array();
  for (const Value& item : *merged) {
    Value parameter = translate_parameter(item);
    if (!parameter.is_null()) list.push(std::move(parameter));
  }
  definition.set("req_params", std::move(list));
  return {};
}

/// The operation's own member, or the document's.
const Value& inherited(const Value& document, const Value& operation, std::string_view name) {
  const Value& own = member_of(operation, name);
  return own.is_null() ? member_of(document, name) : own;
}

std::string_view protocol_of(const Value& schemes) {
  bool http = false;
  bool https = false;
  for (const Value& scheme : schemes.items()) {
    if (scheme == Value("http")) {
      http = true;
    } else if (scheme == Value("https")) {
      https = true;
    } else {
      return "unknown";
    }
  }
  return http && https ? "BOTH" : http ? "HTTP" : "HTTPS";
}

/// Writes the authentication that one security scheme stands for; false when it stands for none of the gateway's.
bool translate_scheme(const std::string& name, const Value& scheme, const Rules& rules, Value& definition) {
  std::string_view type = scheme.text("x-apigateway-auth-type");
  if (type == "IAM_NONE" && rules.iam_none) type = "NONE";
  if (type.empty()) return false;
  definition.set("auth_type", type == "AppSigv1" ? std::string_view("APP") : type);
  if (type == "AUTHORIZER") definition.set("authorizer_id", name);
  const std::string code = lower(member_of(scheme, "x-apigateway-auth-opt").text("appcode-auth-type"));
  Value options;
  options.set("app_code_auth_type", type == "AppSigv1" && code == "header" ? "HEADER" : "DISABLE");
  definition.set("auth_opt", std::move(options));
  return true;
}

/// The first scheme with an authentication of the gateway counts.
Result<void, Fault> translate_security(const Value& document, const Value& operation, const Rules& rules,
                                       Value& definition) {
  definition.set("auth_type", "NONE");
  const Value& schemes = member_of(document, "securityDefinitions");
  for (const Value& requirement : inherited(document, operation, "security").items()) {
    for (const Value::Member& member : requirement.members()) {
      const Value* scheme = schemes.find(member.key);
      if (scheme == nullptr) return refuse_invalid("security." + member.key);
      if (translate_scheme(member.key, *scheme, rules, definition)) return {};
    }
  }
  return {};
}

void translate_samples(const Value& document, const Value& operation, Value& definition) {
  const Value& responses = member_of(operation, "responses");
  const Value* fallback = resolve(document, member_of(responses, "default"));
  for (const char* kind : {"normal", "failure"}) {
    const std::string key = std::string("x-apigateway-result-") + kind + "-sample";
    std::string_view text = responses.text(key);
    if (text.empty() && fallback != nullptr) text = fallback->text(key);
    definition.set(std::string("result_") + kind + "_sample", text);
  }
}

/// The remark on the body, which only OpenAPI 3 has a place for.
std::string_view body_remark(const Value& operation) {
  const Value& content = member_of(member_of(operation, "requestBody"), "content");
  return member_of(member_of(content, "application/json"), "schema").text("example");
}

void translate_rest(const Value& document, const Value& operation, Value& definition) {
  if (const Value& name = member_of(operation, "operationId"); !name.is_null()) definition.set("name", name);
  const std::string_view visibility = operation.text("x-apigateway-request-type");
  definition.set("type", visibility == "private" ? 2 : visibility.empty() || visibility == "public" ? 1 : 0);
  definition.set("req_protocol", protocol_of(inherited(document, operation, "schemes")));
  definition.set("match_mode", member_of(operation, "x-apigateway-match-mode"));
  definition.set("cors", member_of(operation, "x-apigateway-cors"));
  definition.set("body_remark", body_remark(operation));
  definition.set("remark", operation.text("description")).set("tags", member_of(operation, "tags"));
  definition.set("content_type", member_of(operation, "x-apigateway-content-type"));
  definition.set("is_send_fg_body_base64", member_of(operation, "x-apigateway-is-send-fg-body-base64"));
  const Value& response = member_of(operation, "x-apigateway-response");
  if (response != Value(kDefaultResponse)) definition.set("response_id", response);
}

/// What an operation is read with.
struct Context {
  const Value& document;
  const Rules& rules;
  bool mock_backend;
};

/// The extensions that the extension pages call required, though all have defaults.
Result<void, Fault> has_required_extensions(const Value& operation) {
  for (const char* name : {"x-apigateway-request-type", "x-apigateway-match-mode", "x-apigateway-cors"}) {
    if (member_of(operation, name).is_null()) return refuse_missing(name);
  }
  return {};
}

MockBackend mock_of(const Context& context) {
  if (!context.mock_backend) return MockBackend::Never;
  return context.rules.mock_everything ? MockBackend::Always : MockBackend::IfMissing;
}

Result<Value, Fault> translate(const Context& context, const Value& path, const Value& operation) {
  if (!operation.is_object()) return refuse("APIG.3602");
  const Value& document = context.document;
  if (context.rules.require_extensions) {
    if (auto done = has_required_extensions(operation); !done) return done.forward();
  }
  if (context.rules.require_name && member_of(operation, "operationId").is_null()) return refuse_missing("operationId");
  Value out;
  translate_rest(document, operation, out);
  translate_samples(document, operation, out);
  if (auto done = translate_security(document, operation, context.rules, out); !done) return done.forward();
  if (auto done = translate_parameters(document, path, operation, out); !done) return done.forward();
  if (auto done = translate_backends(operation, mock_of(context), out); !done) return done.forward();
  return out;
}

void read_path(const Context& context, const std::string& path, const Value& item, ImportedDocument& out) {
  for (const Value::Member& member : item.members()) {
    const auto* method =
        std::find_if(kMethods.begin(), kMethods.end(), [&](const Method& m) { return m.key == member.key; });
    if (method == kMethods.end()) continue;
    const auto wishes = read_wishes(member.value);
    auto definition = wishes ? translate(context, item, member.value) : wishes;
    if (definition) definition->set("req_method", method->name).set("req_uri", path);
    out.operations.push_back(
        {std::string(method->name), path, std::move(definition), wishes ? *wishes : Value::object()});
  }
}

/// The authorizers that security schemes define.
void read_authorizers(const Value& document, std::vector<DocumentPolicy>& out) {
  for (const Value::Member& scheme : member_of(document, "securityDefinitions").members()) {
    const Value& extension = member_of(scheme.value, "x-apigateway-authorizer");
    if (!extension.is_object()) continue;
    out.push_back({PolicyKind::Authorizer, scheme.key, authorizer_of_scheme(scheme.key, extension)});
  }
}

void refuse_domains(std::vector<DocumentPolicy>& policies) {
  for (DocumentPolicy& policy : policies) {
    if (policy.kind != PolicyKind::Acl || !policy.body || policy.body->text("entity_type") == "IP") continue;
    policy.body = refuse_invalid("entity-type");
  }
}

std::string base_path(const Value& document) {
  std::string base(document.text("basePath"));
  while (!base.empty() && base.back() == '/') base.pop_back();
  if (!base.empty() && base.front() != '/') base.insert(0, 1, '/');
  return base;
}

/// A Swagger document in either format; what `parse_document` would take, without its places.
Result<Value, Fault> parse(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  auto parsed = json ? parse_json(text) : parse_yaml(text);
  if (parsed) return std::move(*parsed);
  return refuse("APIG.3600", "JSON or YAML format error: " + parsed.error().message);
}

}  // namespace

Result<ImportedDocument, Fault> read_swagger(std::string_view text, bool mock_backend, const Rules& rules) {
  auto document = parse(text);
  if (!document) return document.forward();
  if (!document->is_object()) return refuse("APIG.3602");
  if (scalar_text(member_of(*document, "openapi")).starts_with("3.0")) {
    document = swagger_of(*document);
    if (!document) return document.forward();
  }
  const std::string version = scalar_text(member_of(*document, "swagger"));
  if (version != "2.0") return refuse("APIG.3601");
  const Value& paths = member_of(*document, "paths");
  if (!paths.is_object()) return refuse("APIG.3602", "Syntax error in the Swagger file, paths must be an object");
  auto policies = read_document_policies(*document);
  if (!policies) return policies.forward();
  ImportedDocument out;
  out.policies = std::move(*policies);
  out.title = member_of(*document, "info").text("title");
  out.description = member_of(*document, "info").text("description");
  if (rules.refuse_acl_domains) refuse_domains(out.policies);
  if (rules.authorizers == AuthorizerRule::Created) read_authorizers(*document, out.policies);
  const Context context{*document, rules, mock_backend};
  const std::string base = base_path(*document);
  for (const Value::Member& path : paths.members()) {
    if (!path.key.starts_with("x-")) read_path(context, base + path.key, path.value, out);
  }
  if (out.operations.size() > kMostApisInImport) return refuse("APIG.3127");
  return out;
}

}  // namespace sluice::gateway
