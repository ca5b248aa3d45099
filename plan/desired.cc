#include "plan/desired.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/limits.h"
#include "plan/swagger.h"

namespace sluice {
namespace {

constexpr std::size_t kRemarkLimit = 255;  // of an API, in characters
constexpr std::size_t kGroupRemarkLimit = 1000;
constexpr std::size_t kGroupApis = 1000;

bool is_name_character(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 ||
         std::string_view("-_./():").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_valid_name(std::string_view name) {
  const auto first = static_cast<unsigned char>(name.empty() ? ' ' : name[0]);
  const bool starts_well = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') ||
                           (first >= '0' && first <= '9') || first >= 0x80;
  return name.size() >= 3 && name.size() <= 255 && starts_well &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_name_character(static_cast<unsigned char>(c)); });
}

std::string sanitized(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool kept = is_name_character(static_cast<unsigned char>(c)) && c != '/';
    if (kept) name += c;
    if (!kept && !name.empty() && name.back() != '_') name += '_';
  }
  while (name.ends_with('_')) name.pop_back();
  std::size_t end = std::min<std::size_t>(name.size(), 255);
  while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

class DesiredBuilder {
 public:
  DesiredBuilder(const GroupSettings& group, const SwaggerFile& file, Explanations* explanations)
      : group_(group),
        explanations_(explanations),
        places_(file.source),
        selector_(group.select),
        overrides_(group.overrides),
        swagger_(read_swagger(file.document, SwaggerOrigin::File,
                              [this](std::string_view method, std::string_view path, const Value& operation) {
                                return selector_.takes(method, path, operation.find("tags"));
                              })) {}

  Parsed<DesiredGroup> run() {
    report_findings();
    add_group();
    for (Operation& operation : swagger_.operations) add_api(operation);
    report_counts();
    for (Diagnostic& unmet : selector_.unmet()) diagnostics_.push_back(std::move(unmet));
    for (Diagnostic& unmet : overrides_.unmet()) diagnostics_.push_back(std::move(unmet));
    if (state_.resources.size() > kGroupApis + 1) {
      report(Severity::Error, "group-full",
             fmt::format("The group {} would hold {} APIs; a gateway takes {} in a group.", group_.name,
                         state_.resources.size() - 1, kGroupApis),
             "Split it into several groups.", group_.at);
    }
    sort_diagnostics(diagnostics_);
    if (has_errors(diagnostics_)) return {std::nullopt, std::move(diagnostics_)};
    return {DesiredGroup{std::move(state_), {}}, std::move(diagnostics_)};
  }

 private:
  /// A fault of many operations that is reported once.
  struct Counted {
    std::size_t count = 0;
    std::string first;
    std::uint32_t mark = 0;
  };

  void report(Severity severity, std::string code, std::string summary, std::string detail, SourceSpan at) {
    diagnostics_.push_back({severity, std::move(code), std::move(summary), std::move(detail), std::move(at)});
  }
  SourceSpan at(std::uint32_t mark) const { return places_.at(mark); }
  static void count(Counted& counted, const Operation& operation) {
    if (counted.count++ > 0) return;
    counted.first = fmt::format("{} {}", operation.method, operation.path);
    counted.mark = operation.mark;
  }

  void report_findings() {
    for (const Finding& finding : swagger_.findings) {
      report(finding.severity, finding.code, finding.summary, finding.detail, at(finding.mark));
    }
    for (const auto& [kind, entry] : swagger_.left_out) {
      report(Severity::Warning, "left-out",
             fmt::format("Left out, because the gateway does not hold them: {} ({}).", kind, entry.count),
             "The first is here. Nothing needs to be done.", at(entry.first_mark));
    }
  }

  void report_counts() {
    if (no_auth_.count > 0) {
      report(Severity::Error, "auth-missing",
             fmt::format("{} {} not say who may call, the first being {}.", no_auth_.count,
                         no_auth_.count == 1 ? "operation does" : "operations do", no_auth_.first),
             "Give `operations.auth` in the manifest, or name a security scheme with x-apigateway-auth-type.",
             at(no_auth_.mark));
    }
    if (no_backend_.count > 0) {
      report(
          Severity::Error, "backend-missing",
          fmt::format("{} no backend, the first being {}.",
                      no_backend_.count == 1 ? "1 operation has" : fmt::format("{} operations have", no_backend_.count),
                      no_backend_.first),
          "Give `operations.backend` in the manifest, or x-apigateway-backend in the file.", at(no_backend_.mark));
    }
    if (cut_.count > 0) {
      report(Severity::Warning, "text-cut",
             fmt::format("{} cut to {} characters, the gateway's limit; the first is that of {}.",
                         cut_.count == 1 ? "1 description was" : fmt::format("{} descriptions were", cut_.count),
                         kRemarkLimit, cut_.first),
             "Nothing needs to be done.", at(cut_.mark));
    }
    if (renamed_.count > 0) {
      report(Severity::Warning, "name-made",
             fmt::format("{} made because operationId is absent or not a valid name; the first is that of {}.",
                         renamed_.count == 1 ? "1 name was" : fmt::format("{} names were", renamed_.count),
                         renamed_.first),
             "Give an operationId of 3 to 255 letters, digits and -_./(): to choose it yourself.", at(renamed_.mark));
    }
  }

  void add_group() {
    Value body = Value::object();
    std::string description = group_.description.value_or(swagger_.description);
    if (cut_text(description, kGroupRemarkLimit)) {
      report(Severity::Warning, "text-cut",
             fmt::format("The group's description was cut to {} characters.", kGroupRemarkLimit),
             "Give a shorter `description` in the manifest.", group_.at);
    }
    body.set("name", group_.name).set("description", description);
    const Address address = Address::group(group_.name);
    Resource resource = make_resource(address, body);
    resource.source = group_.at;
    state_.resources.emplace(address, std::move(resource));
  }

  void add_api(Operation& operation) {
    Value& body = operation.body;
    BodyLayers layers{explanations_ != nullptr ? body : Value(), {}, {}, operation.mark};
    if (holds_secret_form(body)) {
      return report(Severity::Error, "text-reserved",
                    fmt::format("{} {} holds a text that stands for a secret.", operation.method, operation.path),
                    "Take it out; a secret is written as ${secret:NAME}, in the manifest.", at(operation.mark));
    }
    fill_security(operation);
    fill_backend(operation);
    const OperationDefaults& defaults = group_.operations;
    const auto fill = [&body](std::string_view key, const Value& value) {
      if (body.find(key) == nullptr) body.set(key, value);
    };
    if (!defaults.request_type.empty()) fill("x-apigateway-request-type", defaults.request_type);
    if (!defaults.response.empty()) fill("x-apigateway-response", defaults.response);
    if (defaults.schemes) fill("schemes", *defaults.schemes);
    if (explanations_ != nullptr) layers.filled = body;
    layers.overrides = overrides_.apply(operation.method, operation.path, body);
    fill_name(operation);
    if (body.find("security") == nullptr) count(no_auth_, operation);
    if (body.find("x-apigateway-backend") == nullptr) count(no_backend_, operation);
    for (int cuts = cut_descriptions(body); cuts > 0; --cuts) count(cut_, operation);
    const Address address = Address::api(group_.name, operation.method, operation.path, operation.match_mode);
    Resource resource = make_resource(address, body);
    resource.source = at(operation.mark);
    for (const std::string& broken : limits_broken(resource.body)) {
      report(Severity::Error, "limit", fmt::format("{}: {}.", address.name(), broken),
             "Correct it here, or in the manifest's `operations` or `overrides` where it comes from there.",
             resource.source);
    }
    check_unique(address, resource);
    if (explanations_ != nullptr) {
      explanations_->emplace(
          address, explain(resource.body, layers, group_.overrides, [this](std::uint32_t mark) { return at(mark); }));
    }
    state_.resources.emplace(address, std::move(resource));
  }

  void fill_name(Operation& operation) {
    Value& body = operation.body;
    const std::string own(body.text("operationId"));
    if (is_valid_name(own)) return;
    std::string name = replaced(group_.operations.name, "{operationId}", own);
    name = replaced(std::move(name), "{method}", operation.method);
    name = sanitized(replaced(std::move(name), "{path}", operation.path));
    if (!is_valid_name(name)) name = sanitized(operation.method + " " + operation.path);
    if (!is_valid_name(name)) name = "API_" + name;
    body.set("operationId", name);
    count(renamed_, operation);
  }

  void fill_security(Operation& operation) {
    if (operation.body.find("security") != nullptr || !group_.operations.security) return;
    operation.body.set("security", *group_.operations.security);
  }

  void fill_backend(Operation& operation) {
    Value& body = operation.body;
    if (body.find("x-apigateway-backend") != nullptr || !group_.operations.backend) return;
    body.set("x-apigateway-backend", backend_from(*group_.operations.backend, operation));
  }

  Value backend_from(const Value& settings, const Operation& operation) const {
    const std::string type(settings.text("type"));
    Value endpoint = Value::object();
    const auto take = [&](std::string_view key, std::string_view name) {
      if (const Value* value = settings.find(key)) endpoint.set(name, *value);
    };
    take("timeout", "timeout");
    std::string_view member = "mockEndpoints";
    if (type == "HTTP" || type == "HTTP-VPC") {
      member = type == "HTTP" ? "httpEndpoints" : "httpVpcEndpoints";
      take("address", "address");
      take("channel", "name");
      take("scheme", "scheme");
      take("host", "host");
      const std::string_view method = settings.text("method");
      const std::string_view path = settings.text("path");
      endpoint.set("method", method.empty() ? std::string_view(operation.method) : method);
      endpoint.set("path", replaced(std::string(path.empty() ? "{path}" : path), "{path}", operation.path));
    } else if (type == "FUNCTION") {
      member = "functionEndpoints";
      take("function_urn", "function-urn");
      take("version", "version");
      take("invocation_type", "invocation-type");
      take("network_type", "network-type");
    } else {
      endpoint.erase("timeout");
      take("result", "result-content");
    }
    Value backend = Value::object();
    backend.set("type", type).set(member, std::move(endpoint));
    if (type != "MOCK") backend.set("parameters", forwarded_parameters(operation));
    return backend;
  }

  /// One REQUEST mapping per path variable, or per parameter that the gateway keeps.
  Value forwarded_parameters(const Operation& operation) const {
    Value mappings = Value::array();
    const Value* parameters = operation.body.find("parameters");
    if (parameters == nullptr) return mappings;
    for (const Value& parameter : parameters->items()) {
      if (parameter.text("in") != "path" && !group_.operations.forward_all_parameters) continue;
      Value mapping = Value::object();
      mapping.set("in", parameter.text("in")).set("name", parameter.text("name"));
      mapping.set("origin", "REQUEST").set("value", parameter.text("name"));
      mappings.push(std::move(mapping));
    }
    return mappings;
  }

  void check_unique(const Address& address, const Resource& resource) {
    if (const auto twin = state_.resources.find(address); twin != state_.resources.end()) {
      report(Severity::Error, "operation-twice",
             fmt::format(
                 "{} is the same API as {}: the gateway compares method, path without variable names, and match mode.",
                 address.name(), twin->second.address.name()),
             fmt::format("The other is at {}; remove one of them.", to_string(twin->second.source)), resource.source);
    }
    const std::string name(resource.body.text("operationId"));
    const auto [first, fresh] = names_.emplace(name, resource.source);
    if (!fresh) {
      report(
          Severity::Error, "name-twice", fmt::format("The name {} is used twice in the group {}.", name, group_.name),
          fmt::format("The other is at {}; give each operation an operationId of its own.", to_string(first->second)),
          resource.source);
    }
  }

  const GroupSettings& group_;
  Explanations* explanations_;
  Places places_;
  Selector selector_;
  Overrides overrides_;
  Swagger swagger_;
  DesiredState state_;
  Diagnostics diagnostics_;
  std::map<std::string, SourceSpan> names_;
  Counted no_auth_;
  Counted no_backend_;
  Counted cut_;
  Counted renamed_;
};

}  // namespace

Parsed<DesiredGroup> build_desired(const GroupSettings& group, std::span<const SwaggerFile> files,
                                   Explanations* explanations) {
  return DesiredBuilder(group, files.front(), explanations).run();
}

}  // namespace sluice
