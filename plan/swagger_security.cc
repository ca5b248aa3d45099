#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/json.h"
#include "plan/schema.h"
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

constexpr std::string_view kAuthType = "x-apigateway-auth-type";
constexpr std::string_view kAuthOptions = "x-apigateway-auth-opt";
constexpr std::string_view kAuthorizer = "x-apigateway-authorizer";
/// The way in which AppCodes are used, by any of its names.
constexpr std::string_view kAppCodes[] = {"appcode-auth-type", "appcode_auth_type", "app_code_auth_type"};

const Value* app_code_of(const Value& scheme) {
  const Value* options = scheme.find(kAuthOptions);
  if (options == nullptr) return nullptr;
  for (const std::string_view name : kAppCodes) {
    if (const Value* code = options->find(name)) return code;
  }
  return nullptr;
}

bool is_app_code(const Value& code) {
  const std::string word = code.is_string() ? lower(code.as_string()) : "";
  return word == "disable" || word == "header";
}

std::string words_of(const Value& value) { return value.is_string() ? value.as_string() : write_json(value); }

/// What an authorizer's definition may hold, by the table; and each of its identities.
std::span<const FieldSchema> fields_of_authorizer() {
  return find_field(find_field(kApiSchema.fields, "security")->fields, "definition")->fields;
}

void refuse_auth_type(Reading& reading, std::string_view name, Place scheme) {
  const Value* at = scheme.value->find(kAuthType);
  const std::string type = words_of(*at);
  const bool none = lower(type) == "iam_none";
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
    const Value* code = app_code_of(*scheme.value);
    const bool told = code != nullptr && reading.of_file() && !is_app_code(*code);  // with the scheme
    if (code != nullptr && !told) auth.set("app_code", marked(*code, code));
  } else if (kind == "iam") {
    auth.set("type", marked("IAM", type));
  } else if (kind == "authorizer") {
    auth.set("type", marked("AUTHORIZER", type)).set("authorizer", marked(name, scheme.value));
    const Value* definition = scheme.value->find("x-apigateway-authorizer");
    if (definition != nullptr && (definition->is_object() || !reading.of_file()) && !definition->is_null()) {
      Value body = *definition;
      shift_marks(body, reading.mark(scheme.file, 0));
      auth.set("definition", marked(std::move(body), definition));
    }
  } else {
    refuse_auth_type(reading, name, scheme);
    auth.set("type", "NONE");  // an error stands for it: nothing more is to be said
  }
  return auth;
}

/// What the requirements of one operation ask of the gateway.
class Requirements {
 public:
  Requirements(Reading& reading, Place document) : reading_(reading), document_(document) {}

  void read(const Value& security, std::size_t file, Value& body) {
    if (!security.is_array()) return refuse_shape(security, file, body);
    for (const Value& requirement : security.items()) {
      if (!requirement.is_object()) return refuse_shape(security, file, body);
      if (requirement.members().empty()) open_ = true;
      for (const auto& member : requirement.members()) read_scheme(member, file);
    }
    if (!auth_ && refused_ && reading_.of_file())
      auth_ = Value::object({{"type", "NONE", 0}});  // the error says it all
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
  void refuse_shape(const Value& security, std::size_t file, Value& body) {
    if (!reading_.of_file()) return;
    body.set("security", Value::object({{"type", "NONE", 0}}));
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
      refused_ = true;
      return;
    }
    const Place scheme = reading_.resolve({found, document_.file});
    refused_ = refused_ || scheme.value == nullptr;
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
  bool refused_ = false;  ///< something that it names is no scheme
};

/// What one scheme says beside the way to call: what a gateway would drop here weakens the authentication silently.
class SchemeChecker {
 public:
  SchemeChecker(Reading& reading, std::string_view name, Place scheme)
      : reading_(reading), name_(name), scheme_(scheme), kind_(lower(scheme.value->text(kAuthType))) {}

  void run() {
    if (is_of_gateway(*scheme_.value)) check_form();
    if (const Value* options = scheme_.value->find(kAuthOptions)) check_options(*options);
    if (const Value* authorizer = scheme_.value->find(kAuthorizer)) check_authorizer(*authorizer);
  }

 private:
  void error(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
    reading_.error(std::move(code), std::move(summary), std::move(detail), reading_.mark(scheme_.file, mark));
  }

  void check_form() {
    for (const auto& [member, wanted] : {std::pair("type", "apiKey"), std::pair("in", "header")}) {
      const Value* value = scheme_.value->find(member);
      if (value == nullptr || lower(words_of(*value)) == lower(wanted)) continue;
      error("scheme-form",
            fmt::format("The security scheme \"{}\" has `{}: {}`, and one with {} has `{}: {}`.", shown(name_), member,
                        shown(words_of(*value)), kAuthType, member, wanted),
            fmt::format("Write `type: apiKey` and `in: header`, or take {} out.", kAuthType), value->mark());
    }
  }

  /// Whether the extension counts for this way to call.
  void check_kind(std::string_view extension, std::string_view kind, const Value& value) {
    if (kind_ == lower(kind)) return;
    reading_.warning("scheme-extension",
                     fmt::format("`{}` of the security scheme \"{}\" does not count: its {} is not {}.", extension,
                                 shown(name_), kAuthType, kind),
                     "Take it out, or correct the type.", reading_.mark(scheme_.file, value.mark()));
  }

  bool is_map(std::string_view extension, const Value& value, std::string_view example) {
    if (value.is_object() || value.is_null()) return value.is_object();
    error("scheme-extension", fmt::format("`{}` of the security scheme \"{}\" is not a map.", extension, shown(name_)),
          fmt::format("Write it as `{}: {{{}}}`, or leave it out.", extension, example), value.mark());
    return false;
  }

  void unknown(std::string_view extension, const Value::Member& member, const std::string& near,
               std::string_view known) {
    error("scheme-member", fmt::format("`{}` is not a member of `{}`.", shown(member.key), extension),
          near.empty() ? fmt::format("Known {}.", known) : fmt::format("Did you mean `{}`?", near), member.key_mark);
  }

  void check_options(const Value& options) {
    check_kind(kAuthOptions, "AppSigv1", options);
    if (!is_map(kAuthOptions, options, "appcode-auth-type: header")) return;
    for (const auto& member : options.members()) {
      if (!is_one_of(member.key, kAppCodes)) {
        unknown(kAuthOptions, member, did_you_mean(member.key, {kAppCodes[0]}), "is `appcode-auth-type`");
      } else if (!is_app_code(member.value)) {
        error("scheme-value",
              fmt::format("`{}/{}` cannot be \"{}\".", kAuthOptions, member.key, shown(words_of(member.value))),
              "Write disable or header.", member.value.mark());
      }
    }
  }

  void check_authorizer(const Value& authorizer) {
    check_kind(kAuthorizer, "AUTHORIZER", authorizer);
    if (!is_map(kAuthorizer, authorizer, "authorizer_uri: URN, type: FRONTEND")) return;
    check_fields(authorizer, fields_of_authorizer(), kAuthorizer);
    const Value* identities = authorizer.find("identities");
    if (identities == nullptr) return;
    const auto fields = find_field(fields_of_authorizer(), "identities")->fields;
    for (const Value& identity : identities->items()) {
      check_fields(identity, fields, "x-apigateway-authorizer/identities");
    }
  }

  void check_fields(const Value& holder, std::span<const FieldSchema> fields, std::string_view extension) {
    std::vector<std::string_view> names;
    for (const FieldSchema& field : fields) names.push_back(field.name);
    for (const auto& member : holder.members()) {
      if (find_field(fields, member.key) != nullptr) continue;
      unknown(extension, member, did_you_mean(member.key, names), fmt::format("are {}", fmt::join(names, ", ")));
    }
  }

  Reading& reading_;
  std::string_view name_;
  Place scheme_;
  std::string kind_;
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
    if (scheme.value == nullptr) continue;
    reading.check_members(scheme, Level::SecurityScheme);
    SchemeChecker(reading, member.key, scheme).run();
  }
}

}  // namespace sluice
