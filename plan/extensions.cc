#include "plan/extensions.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/json.h"

namespace sluice {
namespace {

constexpr Level kScheme[] = {Level::SecurityScheme};
constexpr Level kOperation[] = {Level::Operation};
constexpr Level kPathItem[] = {Level::PathItem};
constexpr Level kRoot[] = {Level::Root};
constexpr Level kResponses[] = {Level::Responses, Level::Response};
constexpr Level kDefinitions[] = {Level::Root, Level::Components, Level::Operation};
/// The user guide names the operation as the place of these; exports write them in parameters.
constexpr Level kParameter[] = {Level::Parameter, Level::Operation};

constexpr std::string_view kBackends = "`x-apigateway-backend`, `x-apigateway-backend-policies[]`";
constexpr std::string_view kEndpoint = "fields, ranges, variables of the path";

constexpr Extension kExtensions[] = {
    {"x-apigateway-auth-type", kScheme, "", "", "AppSigv1, IAM or AUTHORIZER; one for an operation"},
    {"x-apigateway-auth-opt", kScheme, "", "disable", "disable or header"},
    {"x-apigateway-authorizer", kScheme, "", "what the gateway has", "fields, ranges, URN, identities", false},
    {"x-apigateway-request-type", kOperation, "", "public", "public or private"},
    {"x-apigateway-match-mode", kOperation, "", "NORMAL", "NORMAL or SWA"},
    {"x-apigateway-cors", kOperation, "", "false", "true or false"},
    {"x-apigateway-is-send-fg-body-base64", kOperation, "", "what the gateway has", "false takes JSON"},
    {"x-apigateway-any-method", kPathItem, "", "", "as any operation"},
    {"x-apigateway-backend", kOperation, "", "`operations.backend`", "type, and the endpoint that it names"},
    {"x-apigateway-backend.parameters", {}, kBackends, "", "names, places, origins, what they hand on"},
    {"x-apigateway-backend.httpEndpoints", {}, kBackends, "", kEndpoint},
    {"x-apigateway-backend.httpVpcEndpoints", {}, kBackends, "", kEndpoint},
    {"x-apigateway-backend.httpVpcMemberGroupEndpoints", {}, kBackends, "", kEndpoint, false},
    {"x-apigateway-backend.httpVpcMemberGroupEndpoints.memberGroupUrlInfos",
     {},
     "`httpVpcMemberGroupEndpoints`",
     "",
     "names, fields, variables of the path",
     false},
    {"x-apigateway-backend.functionEndpoints", {}, kBackends, "", "fields, ranges, URN"},
    {"x-apigateway-backend.mockEndpoints", {}, kBackends, "", "fields"},
    {"x-apigateway-backend-policies", kOperation, "", "", "5, names, kinds of backend, effectMode"},
    {"x-apigateway-backend-policies.conditions", {}, "`x-apigateway-backend-policies[]`", "", "one or more, words"},
    {"x-apigateway-ratelimit", kOperation, "", "", "is defined, or `external`"},
    {"x-apigateway-ratelimits", kRoot, "", "", "names; one definition"},
    {"x-apigateway-ratelimits.policy", {}, "`x-apigateway-ratelimits`", "", "fields, limits among themselves"},
    {"x-apigateway-ratelimits.policy.special",
     {},
     "`x-apigateway-ratelimits.policy`",
     "",
     "fields, 30 of each kind, twins"},
    {"x-apigateway-access-control", kOperation, "", "", "is defined, or `external`"},
    {"x-apigateway-access-controls", kRoot, "", "", "names; one definition"},
    {"x-apigateway-access-controls.policy", {}, "`x-apigateway-access-controls`", "", "fields, 100 addresses"},
    {"x-apigateway-plugins", kOperation, "", "", "names of 3 to 255"},
    {"x-apigateway-result-normal-sample", kResponses, "", "", "cut to 20,480"},
    {"x-apigateway-result-failure-sample", kResponses, "", "", "cut to 20,480"},
    {"x-apigateway-response", kOperation, "", "default", "a name of 1 to 64"},
    {"x-apigateway-responses", kDefinitions, "", "what the gateway has", "kinds of error, status, 10 headers"},
    {"x-apigateway-pass-through", kParameter, "", "always", "always or never"},
    {"x-apigateway-sample", kParameter, "", "`example` in OpenAPI 3", "cut to 255", false},
    {"x-apigateway-content-type", kOperation, "", "what the gateway has", "one of four", false},
    {"x-apigateway-orchestrations", kParameter, "", "", "names of 3 to 64, each once", false},
};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::Root:
      return "top";
    case Level::Components:
      return "`components`";
    case Level::PathItem:
      return "path";
    case Level::Operation:
      return "operation";
    case Level::Parameter:
      return "parameter";
    case Level::Responses:
      return "`responses`";
    case Level::Response:
      return "its `default`";
    case Level::SecurityScheme:
      return "security scheme";
  }
  return {};
}

/// Which a cloud must have for the API to be what it says: another backend, or other rules for choosing one.
bool is_vital(std::string_view extension) {
  return extension.starts_with("x-apigateway-backend.httpVpcMemberGroupEndpoints");
}

class CloudFilter {
 public:
  explicit CloudFilter(std::vector<Lacking>& lacking) : lacking_(lacking) {}

  Value filtered(const Value& body, std::span<const FieldSchema> fields) {
    Value::Object kept;
    for (const auto& member : body.members()) {
      const FieldSchema* field = find_field(fields, member.key);
      if (field == nullptr) {
        kept.push_back(member);
        continue;
      }
      place_.push_back(member.key);
      const Extension* extension = extension_of(*field);
      if (extension != nullptr && !extension->on_otc) {
        lacking_.push_back({std::string(extension->name), place_, is_vital(extension->name)});
        if (is_vital(extension->name)) kept.push_back(member);
      } else {
        kept.push_back({member.key, filtered_value(member.value, *field), member.key_mark});
      }
      place_.pop_back();
    }
    return Value::object(std::move(kept));
  }

 private:
  Value filtered_value(const Value& value, const FieldSchema& field) {
    if (field.fields.empty()) return value;
    if (value.is_object()) return filtered(value, field.fields);
    if (!value.is_array()) return value;
    Value::Array items;
    for (const Value& item : value.items()) {
      place_.push_back(field.kind == FieldKind::KeyedList ? folded_element_key(item, field) : write_json_sorted(item));
      if (item.text("origin") == "orchestration") {
        lacking_.push_back({"x-apigateway-orchestrations", place_, true});
      }
      items.push_back(filtered(item, field.fields));
      place_.pop_back();
    }
    return Value::array(std::move(items));
  }

  std::vector<Lacking>& lacking_;
  std::vector<std::string> place_;
};

}  // namespace

CloudKind cloud_of(std::string_view provider, std::string_view cloud) {
  return provider == "apig" && cloud == "otc" ? CloudKind::Otc : CloudKind::Huawei;
}

std::string_view to_string(CloudKind cloud) { return cloud == CloudKind::Otc ? "Open Telekom Cloud" : "Huawei Cloud"; }

std::span<const Extension> extensions() { return kExtensions; }

const Extension* find_extension(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kExtensions), std::end(kExtensions),
                                         [&](const Extension& extension) { return extension.name == name; });
  return found == std::end(kExtensions) ? nullptr : found;
}

const Extension* extension_of(const FieldSchema& field) {
  if (!field.extension.empty()) return find_extension(field.extension);
  return field.name.starts_with("x-") ? find_extension(field.name) : nullptr;
}

OnCloud body_on(CloudKind cloud, const Value& body) {
  OnCloud result;
  if (cloud == CloudKind::Huawei) {
    result.body = body;
  } else {
    result.body = CloudFilter(result.lacking).filtered(body, kApiSchema.fields);
  }
  return result;
}

std::string extensions_table(const std::vector<std::string>& tested) {
  std::string text =
      "| # | Extension | Read in | Written in | Absent means | Checked | Open Telekom Cloud | Tested by |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
  std::size_t number = 0;
  for (const Extension& extension : kExtensions) {
    std::string read;
    for (const Level level : extension.levels) {
      if (!read.empty()) read += ", ";
      read += name_of(level);
    }
    const std::string_view written =
        extension.levels.empty() ? std::string_view("the same") : name_of(extension.levels.front());
    text += fmt::format("| {} | `{}` | {} | {} | {} | {} | {} | {} |\n", number + 1, extension.name,
                        extension.levels.empty() ? std::string(extension.inside) : read, written,
                        extension.fallback.empty() ? "nothing" : extension.fallback, extension.validated,
                        extension.on_otc ? "yes" : "no", number < tested.size() ? tested[number] : "");
    ++number;
  }
  return text;
}

}  // namespace sluice
