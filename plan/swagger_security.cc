#include <fmt/format.h>

#include <algorithm>

#include "plan/swagger_reading.h"
#include "plan/words.h"

namespace sluice {
namespace {

using Place = Reading::Place;

/// The map of security schemes, wherever the document's specification puts it; null when there is none.
const Value* schemes_of(const Reading& reading, const Value& document) {
  if (reading.dialect == Dialect::Swagger2) return document.find("securityDefinitions");
  const Value* components = document.find("components");
  return components != nullptr ? components->find("securitySchemes") : nullptr;
}

std::string_view place_of_schemes(const Reading& reading) {
  return reading.dialect == Dialect::Swagger2 ? "securityDefinitions" : "components.securitySchemes";
}

bool is_of_gateway(const Value& scheme) { return scheme.find("x-apigateway-auth-type") != nullptr; }

/// The way in which AppCodes are used, by any of its names.
const Value* app_code_of(const Value& scheme) {
  const Value* options = scheme.find("x-apigateway-auth-opt");
  if (options == nullptr) return nullptr;
  for (const std::string_view name : {"appcode-auth-type", "appcode_auth_type", "app_code_auth_type"}) {
    if (const Value* code = options->find(name)) return code;
  }
  return nullptr;
}

void refuse_auth_type(Reading& reading, std::string_view name, Place scheme) {
  const std::string_view type = scheme.value->text("x-apigateway-auth-type");
  const bool none = lower(type) == "iam_none";
  const Value* at = scheme.value->find("x-apigateway-auth-type");
  reading.error("auth-type-unknown",
                fmt::format("The security scheme \"{}\" has the {} x-apigateway-auth-type \"{}\".", shown(name),
                            none ? "outdated" : "unknown", shown(type)),
                none
                    ? "What IAM_NONE means is not documented, so nothing is guessed: use IAM, or `security: []` in the "
                      "operation for calls without authentication."
                    : "Use AppSigv1, IAM or AUTHORIZER.",
                reading.mark({at, scheme.file}));
}

Value auth_of(Reading& reading, std::string_view name, Place scheme) {
  const std::string kind = lower(scheme.value->text("x-apigateway-auth-type"));
  const auto marked = [&](Value value, const Value* source) {
    value.set_mark(reading.mark({source, scheme.file}));
    return value;
  };
  const Value* type = scheme.value->find("x-apigateway-auth-type");
  Value auth = Value::object();
  if (kind == "appsigv1") {
    auth.set("type", marked("APP", type));
    if (const Value* code = app_code_of(*scheme.value)) auth.set("app_code", marked(*code, code));
  } else if (kind == "iam") {
    auth.set("type", marked("IAM", type));
  } else if (kind == "authorizer") {
    auth.set("type", marked("AUTHORIZER", type)).set("authorizer", marked(name, scheme.value));
    const Value* definition = scheme.value->find("x-apigateway-authorizer");
    if (definition != nullptr && !definition->is_null()) {
      Value body = *definition;
      shift_marks(body, reading.mark(scheme.file, 0));
      auth.set("definition", marked(std::move(body), definition));
    }
  } else {
    refuse_auth_type(reading, name, scheme);
  }
  return auth;
}

/// What the requirements of one operation ask of the gateway.
class Requirements {
 public:
  Requirements(Reading& reading, Place document) : reading_(reading), document_(document) {}

  void read(const Value& security, std::size_t file, Value& body) {
    if (!security.is_array()) return refuse_shape(security, file);
    for (const Value& requirement : security.items()) {
      if (!requirement.is_object()) return refuse_shape(security, file);
      if (requirement.members().empty()) open_ = true;
      for (const auto& member : requirement.members()) read_scheme(member, file);
    }
    if (!auth_) return;
    if ((several_ || open_) && reading_.of_file()) {
      reading_.error("security-several",
                     "`security` names several ways to call, and the gateway has one for each operation.",
                     "Name one security scheme with x-apigateway-auth-type, and no empty requirement.",
                     reading_.mark(file, security.mark()));
    }
    auth_->set_mark(reading_.mark(file, security.mark()));
    body.set("security", *auth_);
  }

 private:
  void refuse_shape(const Value& security, std::size_t file) {
    if (!reading_.of_file()) return;
    reading_.error("security-shape", "`security` is not a list of maps.",
                   "Write it as `security: [{SCHEME: []}]`, or `security: []` for none.",
                   reading_.mark(file, security.mark()));
  }

  void read_scheme(const Value::Member& member, std::size_t file) {
    const Value* schemes = schemes_of(reading_, *document_.value);
    const Value* found = schemes != nullptr ? schemes->find(member.key) : nullptr;
    if (found == nullptr) {
      reading_.error("scheme-undefined", fmt::format("The security scheme \"{}\" is not defined.", shown(member.key)),
                     fmt::format("Define it below `{}`, or correct the name.", place_of_schemes(reading_)),
                     reading_.mark(file, member.key_mark));
      return;
    }
    const Place scheme = reading_.resolve({found, document_.file});
    if (scheme.value == nullptr || !is_of_gateway(*scheme.value)) return;
    if (auth_ && !reading_.of_file()) return;  // the first counts
    Value auth = auth_of(reading_, member.key, scheme);
    if (auth_ && !(*auth_ == auth)) several_ = true;
    if (!auth_) auth_ = std::move(auth);
  }

  Reading& reading_;
  Place document_;
  std::optional<Value> auth_;
  bool several_ = false;
  bool open_ = false;
};

bool has_gateway_schemes(Reading& reading, Place document) {
  const Value* schemes = schemes_of(reading, *document.value);
  if (schemes == nullptr) return false;
  return std::any_of(schemes->members().begin(), schemes->members().end(), [&](const auto& member) {
    const Place scheme = reading.resolve({&member.value, document.file});
    return scheme.value != nullptr && is_of_gateway(*scheme.value);
  });
}

}  // namespace

void read_security(Reading& reading, Place document, Place operation, Value& body) {
  const Value* security = operation.value->find("security");
  std::size_t file = operation.file;
  if (security == nullptr && reading.of_file()) {
    security = document.value->find("security");
    file = document.file;
  }
  const bool nothing = security == nullptr || (security->is_array() && security->items().empty());
  if (!nothing) return Requirements(reading, document).read(*security, file, body);
  const bool none = !reading.of_file() || (security != nullptr && has_gateway_schemes(reading, document));
  if (none) body.set("security", Value::object({{"type", "NONE", 0}}));
}

void check_security_schemes(Reading& reading, Place document) {
  const Value* schemes = schemes_of(reading, *document.value);
  if (schemes == nullptr || !reading.of_file()) return;
  if (!schemes->is_object()) {
    reading.error("schemes-shape", fmt::format("`{}` is not a map.", place_of_schemes(reading)),
                  "Name each security scheme below it.", reading.mark(document.file, schemes->mark()));
    return;
  }
  for (const auto& member : schemes->members()) {
    if (!member.value.is_object()) {
      reading.error("schemes-shape", fmt::format("The security scheme \"{}\" is not a map.", shown(member.key)),
                    "Give its type, or take it out.", reading.mark(document.file, member.key_mark));
      continue;
    }
    const Place scheme = reading.resolve({&member.value, document.file});
    if (scheme.value != nullptr) reading.check_members(scheme, Level::SecurityScheme);
  }
}

}  // namespace sluice
