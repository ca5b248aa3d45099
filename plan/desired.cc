#include "plan/desired.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "plan/api_names.h"
#include "plan/canonical.h"
#include "plan/limits.h"
#include "plan/place.h"
#include "plan/policy_definition.h"
#include "plan/swagger.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kGroupRemarkLimit = 1000;
constexpr std::size_t kGroupApis = 1000;
constexpr std::size_t kShownErrors = 200;      ///< a file with more is broken as a whole
constexpr std::size_t kShownOperations = 100;  ///< names in one warning
constexpr std::string_view kBackend = "x-apigateway-backend/";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

class DesiredBuilder {
 public:
  DesiredBuilder(const GroupSettings& group, std::span<const SwaggerFile> files, Explanations* explanations,
                 CloudKind cloud)
      : group_(group),
        cloud_(cloud),
        files_(files),
        references_(files),
        explanations_(explanations),
        selector_(group.select),
        overrides_(group.overrides) {}

  Parsed<DesiredGroup> run() {
    read_files();
    add_group();
    if (operations_.size() > 2 * kGroupApis) wanted_ = operations_.size();
    if (operations_.size() > 2 * kGroupApis) operations_.resize(2 * kGroupApis);  // which is too many already
    std::vector<BodyLayers> layers;
    std::vector<Written> written;  // before anything is laid over it
    for (const Operation& operation : operations_) written.push_back(written_in(operation.body));
    for (Operation& operation : operations_) layers.push_back(lay(operation));
    const std::vector<ApiName> names = api_names(operations_, group_.operations.name);
    for (std::size_t i = 0; i < operations_.size(); ++i) add_api(operations_[i], names[i], layers[i], written[i]);
    for (const Definition& definition : definitions_) add_definition(definition);
    report_left_out();
    report_unsupported();
    report_counts();
    for (Diagnostic& unmet : selector_.unmet()) diagnostics_.push_back(std::move(unmet));
    for (Diagnostic& unmet : overrides_.unmet()) diagnostics_.push_back(std::move(unmet));
    if (state_.resources.size() > kGroupApis + 1) {
      report(Severity::Error, "group-full",
             fmt::format("The group {} would hold {} APIs; a gateway takes {} in a group.", group_.name,
                         std::max(wanted_, state_.resources.size() - 1), kGroupApis),
             "Split it into several groups, each with a `select` of its own paths or tags.", group_.at);
    }
    sort_diagnostics(diagnostics_);
    if (!has_errors(diagnostics_)) {
      return {DesiredGroup{std::move(state_), std::move(policies_), std::move(responses_), std::move(objects_)},
              std::move(diagnostics_)};
    }
    cut_errors();
    return {std::nullopt, std::move(diagnostics_)};
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
  void reserved(const std::string& what, SourceSpan at) {
    report(Severity::Error, "text-reserved", fmt::format("{} holds a text that stands for a secret.", what),
           "Take it out; a secret is written as ${secret:NAME}, in the manifest.", std::move(at));
  }
  SourceSpan at(std::uint32_t mark) const { return references_.at(mark); }
  static std::string name_of(const Operation& operation) {
    return fmt::format("{} {}", operation.method, operation.path);
  }
  static void count(Counted& counted, const Operation& operation) {
    if (counted.count++ > 0) return;
    counted.first = name_of(operation);
    counted.mark = operation.mark;
  }

  void read_files() {
    bool first = true;
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (!files_[file].named) continue;
      Swagger swagger = read_swagger(
          references_, file, SwaggerOrigin::File,
          [this](std::string_view method, std::string_view path, const Value& operation) {
            return selector_.takes(method, path, operation.find("tags"));
          },
          cloud_);
      if (first) description_ = swagger.description;
      if (first && holds_mask(description_)) {
        reserved("info.description", {files_[file].source.name, 1, 1});
        description_.clear();
      }
      first = false;
      for (const Finding& finding : swagger.findings) {
        report(finding.severity, finding.code, finding.summary, finding.detail, at(finding.mark));
      }
      for (const auto& [kind, entry] : swagger.left_out) {
        LeftOut& sum = left_out_[kind];
        if (sum.count == 0) sum.first_mark = entry.first_mark;
        sum.count += entry.count;
      }
      const auto append = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
      };
      append(operations_, swagger.operations);
      append(definitions_, swagger.definitions);
      append(unsupported_, swagger.unsupported);
    }
  }

  SourceSpan place_of(const Unsupported& one) const { return one.at.line != 0 ? one.at : at(one.mark); }
  SourceSpan place_of(const std::vector<std::string>& place, const BodyLayers& layers) const {
    return sluice::place_of(place, layers, group_.overrides, [this](std::uint32_t mark) { return at(mark); });
  }

  void report_left_out() {
    for (const auto& [kind, entry] : left_out_) {
      report(Severity::Warning, "left-out",
             fmt::format("Left out, because the gateway does not hold them: {} ({}).", kind, entry.count),
             "The first is here. Nothing needs to be done.", at(entry.first_mark));
    }
  }

  void report_unsupported() {
    if (group_.drop_unsupported) return report_dropped();
    std::set<std::pair<std::string, std::string>> told;  // what several operations share is one finding
    for (const Unsupported& one : unsupported_) {
      const SourceSpan where = place_of(one);
      if (!told.emplace(one.kind, to_string(where)).second) continue;
      report(Severity::Error, one.code, one.summary, one.detail, where);
    }
  }

  void report_dropped() {
    struct Dropped {
      std::size_t count = 0;
      const Unsupported* first = nullptr;
      std::string operations;
    };
    std::map<std::string, Dropped> kinds;
    for (const Unsupported& one : unsupported_) {
      Dropped& kind = kinds[one.kind];
      if (kind.count++ == 0) kind.first = &one;
      if (one.operation.empty() || kind.count > kShownOperations + 1) continue;
      kind.operations += kind.operations.empty() ? ": " : ", ";
      kind.operations += kind.count > kShownOperations ? "and others" : shown(one.operation);
    }
    for (const auto& [kind, dropped] : kinds) {
      report(Severity::Warning, dropped.first->code,
             fmt::format("Left out, because the gateway does not hold them: {} ({}){}.", kind, dropped.count,
                         dropped.operations),
             dropped.first->code == "not-on-this-cloud"
                 ? "The first is here; a gateway of the other cloud has them."
                 : fmt::format("The first is here. To have them: {}", dropped.first->detail),
             place_of(*dropped.first));
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

  /// Keeps the first errors and says how many there were: nobody reads a million lines.
  void cut_errors() {
    if (diagnostics_.size() <= kShownErrors) return;
    std::stable_partition(diagnostics_.begin(), diagnostics_.end(),
                          [](const Diagnostic& one) { return one.severity == Severity::Error; });
    const std::size_t more = diagnostics_.size() - kShownErrors;
    diagnostics_.resize(kShownErrors);
    sort_diagnostics(diagnostics_);
    report(Severity::Error, "more-findings", fmt::format("{} more findings are not shown.", more),
           "Correct these first, and run the command again.", group_.at);
  }

  void add_group() {
    Value body = Value::object();
    std::string description = group_.description.value_or(description_);
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

  /// Lays `operations` below what the file says, and the overrides over both.
  BodyLayers lay(Operation& operation) {
    Value& body = operation.body;
    BodyLayers layers{body, {}, {}, operation.mark};
    if (holds_secret_form(body)) {
      reserved(name_of(operation), at(operation.mark));
    }
    fill_security(operation);
    fill_backend(operation);
    fill_policies(body);
    const OperationDefaults& defaults = group_.operations;
    const auto fill = [&body](std::string_view key, const Value& value) {
      if (body.find(key) == nullptr) body.set(key, value);
    };
    if (!defaults.request_type.empty()) fill("x-apigateway-request-type", defaults.request_type);
    if (!defaults.response.empty()) fill("x-apigateway-response", defaults.response);
    if (defaults.schemes) fill("schemes", *defaults.schemes);
    if (explanations_ != nullptr) layers.filled = body;
    layers.overrides = overrides_.apply(operation.method, operation.path, body);
    return layers;
  }

  /// What the file says of an operation itself, as far as messages ask.
  struct Written {
    std::vector<ObjectName> objects;
    bool backend = false;
  };
  static Written written_in(const Value& body) {
    return {objects_named_by(body), body.find("x-apigateway-backend") != nullptr};
  }

  void add_api(Operation& operation, const ApiName& name, const BodyLayers& layers, const Written& written) {
    Value& body = operation.body;
    body.set("operationId", name.name);
    if (name.made) count(renamed_, operation);
    // The canonical form takes a missing type for NONE, which nobody asked for.
    const Value* security = body.find("security");
    if (security == nullptr || (security->is_object() && security->text("type").empty())) count(no_auth_, operation);
    if (body.find("x-apigateway-backend") == nullptr) count(no_backend_, operation);
    drop_tags(operation);
    for (int cuts = cut_texts(body); cuts > 0; --cuts) count(cut_, operation);
    const Address address = Address::api(group_.name, operation.method, operation.path, operation.match_mode);
    Resource resource = make_resource(address, body);
    const bool stands = cloud_ == CloudKind::Huawei || fit_cloud(resource, layers);
    if (!stands && group_.drop_unsupported) return;  // else it is an error, and so is what follows
    resource.source = at(operation.mark);
    for (const Broken& broken : limits_broken(resource.body, cloud_)) {
      const bool of_manifest = !written.backend && layers.overrides.empty() && broken.what.find(kBackend) < 2;
      if (of_manifest && broken.what.find("/parameters") == std::string::npos) {
        report_backend(broken.what);
        continue;
      }
      report(Severity::Error, "limit", fmt::format("{}: {}.", shown(address.name()), broken.what),
             "Correct it here, or in the manifest's `operations` or `overrides` where it comes from there.",
             place_of(broken.place, layers));
    }
    check_authorizer(resource, layers);
    check_unique(address, resource);
    note_objects(resource, layers, written);
    if (explanations_ != nullptr) {
      explanations_->emplace(
          address, explain(resource.body, layers, group_.overrides, [this](std::uint32_t mark) { return at(mark); }));
    }
    state_.resources.emplace(address, std::move(resource));
  }

  /// What `operations.backend` makes wrong in each of many operations is one finding, where it stands.
  void report_backend(const std::string& broken) {
    if (!backend_faults_.insert(broken).second) return;
    report(Severity::Error, "limit", fmt::format("`operations.backend` of the group {}: {}.", group_.name, broken),
           "Correct it here; every operation without a backend of its own takes it.", group_.operations.backend_at);
  }

  void note_objects(const Resource& resource, const BodyLayers& layers, const Written& written) {
    for (ObjectName& name : objects_named_by(resource.body)) {
      const SourceSpan place = place_of(name, resource, layers, written);
      const auto [uses, fresh] = objects_.try_emplace(std::move(name), ObjectUses{0, resource.address.text(), place});
      ++uses->second.count;
    }
  }

  /// Where a name comes from: the file, the last override that gives it, or `operations`.
  SourceSpan place_of(const ObjectName& name, const Resource& resource, const BodyLayers& layers,
                      const Written& written) const {
    const auto holds = [&](const std::vector<ObjectName>& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (holds(written.objects)) return resource.source;
    for (auto index = layers.overrides.rbegin(); index != layers.overrides.rend(); ++index) {
      const Override& override = group_.overrides[*index];
      if (holds(objects_named_by(patched(Value::object(), override.set)))) return override.at;
    }
    const OperationDefaults& defaults = group_.operations;
    if (name.kind == ObjectKind::Authorizer && !defaults.auth_at.file.empty()) return defaults.auth_at;
    if (name.kind == ObjectKind::Channel && !defaults.backend_at.file.empty()) return defaults.backend_at;
    const auto plugin = std::find(defaults.plugins.begin(), defaults.plugins.end(), name.name);
    const auto at = static_cast<std::size_t>(plugin - defaults.plugins.begin());
    return name.kind == ObjectKind::Plugin && at < defaults.plugins_at.size() ? defaults.plugins_at[at]
                                                                              : resource.source;
  }

  void fill_security(Operation& operation) {
    if (operation.body.find("security") != nullptr || !group_.operations.security) return;
    operation.body.set("security", *group_.operations.security);
  }

  void fill_policies(Value& body) const {
    const OperationDefaults& defaults = group_.operations;
    const auto fill = [&body](std::string_view key, const std::string& name) {
      if (!name.empty() && body.find(key) == nullptr) body.set(key, name);
    };
    fill("x-apigateway-ratelimit", defaults.ratelimit);
    fill("x-apigateway-access-control", defaults.acl);
    if (defaults.plugins.empty() || body.find("x-apigateway-plugins") != nullptr) return;
    Value plugins = Value::array();
    for (const std::string& plugin : defaults.plugins) plugins.push(plugin);
    body.set("x-apigateway-plugins", std::move(plugins));
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
      // A backend's path has no greedy variables.
      const std::string plain = replaced(operation.path, "+}", "}");
      endpoint.set("path", replaced(std::string(path.empty() ? "{path}" : path), "{path}", plain));
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

  /// Takes out what the cloud's gateways do not have; false when the API cannot stand without it.
  bool fit_cloud(Resource& resource, const BodyLayers& layers) {
    OnCloud on_cloud = body_on(cloud_, resource.body);
    if (on_cloud.lacking.empty()) return true;
    bool stands = true;
    for (const Lacking& lacking : on_cloud.lacking) {
      const std::string name(resource.address.name());
      const std::string summary =
          fmt::format("{} has no {}, which {} uses.", to_string(cloud_), lacking.what, shown(name));
      unsupported_.push_back(
          {"not-on-this-cloud", lacking.vital ? fmt::format("operations that need {}", lacking.what) : lacking.what,
           summary, lacking.vital ? "Use another backend or condition, or leave the operation out." : "Leave it out.",
           0, lacking.vital ? name : std::string(), place_of(lacking.place, layers)});
      stands = stands && !lacking.vital;
    }
    resource = make_resource(resource.address, on_cloud.body);
    return stands;
  }

  /// One name is one authorizer, whichever file says what it is.
  void check_authorizer(const Resource& resource, const BodyLayers& layers) {
    const Value* security = resource.body.find("security");
    const Value* definition = security != nullptr ? security->find("definition") : nullptr;
    if (definition == nullptr) return;
    const SourceSpan where = place_of({"security", "definition"}, layers);
    const std::string name(security->text("authorizer"));
    const auto [first, fresh] = authorizers_.emplace(name, std::pair(*definition, where));
    if (fresh || first->second.first == *definition) return;
    report(Severity::Error, "definition-twice",
           fmt::format("The authorizer {} is defined twice, and differently.", shown(name)),
           fmt::format("The other is at {}; keep one of them.", to_string(first->second.second)), where);
  }

  void drop_tags(Operation& operation) {
    const Value* tags = operation.body.find("tags");
    if (tags == nullptr || !tags->is_array()) return;
    Value kept = Value::array();
    for (const Value& tag : tags->items()) {
      const std::string name = tag.is_string() ? tag.as_string() : "";
      const bool full = kept.items().size() == kTagLimit;
      if (is_tag(name) && !full) {
        kept.push(tag);
      } else if (full) {
        unsupported_.push_back({"tags-too-many", fmt::format("tags beyond the {} that an API may have", kTagLimit),
                                fmt::format("{} has {} tags; the gateway takes {}.", shown(name_of(operation)),
                                            tags->items().size(), kTagLimit),
                                "Leave some out.", operation.mark});
      } else {
        unsupported_.push_back({"tag-name", "tags that the gateway does not take",
                                fmt::format("{} has the tag \"{}\", which the gateway does not take.",
                                            shown(name_of(operation)), shown(name)),
                                "A tag starts with a letter and has letters, digits and -*#%.:_, at most 128.",
                                operation.mark});
      }
    }
    operation.body.set("tags", std::move(kept));
  }

  void check_unique(const Address& address, const Resource& resource) {
    if (const auto twin = state_.resources.find(address); twin != state_.resources.end()) {
      report(Severity::Error, "operation-twice",
             fmt::format(
                 "{} is the same API as {}: the gateway compares method, path without variable names, and match mode.",
                 shown(address.name()), shown(twin->second.address.name())),
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

  void add_definition(const Definition& definition) {
    const bool response = definition.kind == Definition::Kind::Response;
    if (response && definition.body.empty()) return;  // the untouched one, as exports write it
    Address address = response                                         ? Address::response(group_.name, definition.name)
                      : definition.kind == Definition::Kind::RateLimit ? Address::ratelimit(definition.name)
                                                                       : Address::acl(definition.name);
    if (holds_secret_form(definition.body)) reserved(address.text(), at(definition.mark));
    const DefinitionReport told = [&](std::string code, std::string summary, std::string detail, std::uint32_t mark) {
      report(Severity::Error, std::move(code), std::move(summary), std::move(detail),
             at(mark != 0 ? mark : definition.mark));
    };
    if (response) {
      check_response_definition(address, definition.body, told);
    } else {
      (void)read_definition(address, definition.body, told);
    }
    auto& list = response ? responses_ : policies_;
    const auto twin = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.address == address; });
    if (twin == list.end()) {
      list.push_back({std::move(address), definition.body, at(definition.mark)});
    } else if (!(twin->body == definition.body)) {
      report(Severity::Error, "definition-twice", fmt::format("{} is defined twice, and differently.", address.text()),
             fmt::format("The other is at {}; keep one of them.", to_string(twin->at)), at(definition.mark));
    }
  }

  const GroupSettings& group_;
  CloudKind cloud_;
  std::span<const SwaggerFile> files_;
  References references_;
  Explanations* explanations_;
  Selector selector_;
  Overrides overrides_;
  std::string description_;  ///< of the first file
  std::vector<Operation> operations_;
  std::vector<Definition> definitions_;
  std::map<std::string, LeftOut> left_out_;
  std::vector<Unsupported> unsupported_;
  std::size_t wanted_ = 0;  ///< operations, when there are far too many
  DesiredState state_;
  std::vector<PolicyDefinition> policies_;
  std::vector<PolicyDefinition> responses_;
  NamedObjects objects_;
  std::set<std::string> backend_faults_;
  Diagnostics diagnostics_;
  std::map<std::string, SourceSpan> names_;
  std::map<std::string, std::pair<Value, SourceSpan>> authorizers_;
  Counted no_auth_;
  Counted no_backend_;
  Counted cut_;
  Counted renamed_;
};

}  // namespace

Parsed<DesiredGroup> build_desired(const GroupSettings& group, std::span<const SwaggerFile> files,
                                   Explanations* explanations, CloudKind cloud) {
  return DesiredBuilder(group, files, explanations, cloud).run();
}

}  // namespace sluice
