#include "plan/desired.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "plan/api_names.h"
#include "plan/backend_from.h"
#include "plan/canonical.h"
#include "plan/limits.h"
#include "plan/place.h"
#include "plan/policies.h"
#include "plan/policy_definition.h"
#include "plan/sensitive.h"
#include "plan/swagger.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kGroupRemarkLimit = 1000;
constexpr std::size_t kGroupApis = 1000;
constexpr std::size_t kShownErrors = 200;      ///< a file with more is broken as a whole
constexpr std::size_t kShownOperations = 100;  ///< names in one warning

/// `text` with its beginning in other words, where it has that.
std::string begun_with(std::string_view text, std::string_view from, std::string_view to) {
  return text.starts_with(from) ? std::string(to).append(text.substr(from.size())) : std::string(text);
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
    for (Operation& operation : operations_) layers.push_back(lay(operation));
    const std::vector<ApiName> names = api_names(operations_, group_.operations.name);
    for (std::size_t i = 0; i < operations_.size(); ++i) add_api(operations_[i], names[i], layers[i]);
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
      return {DesiredGroup{std::move(state_), std::move(policies_), std::move(responses_), std::move(objects_),
                           std::move(policies_at_)},
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

  /// What a gateway may take, by operations that say the same.
  struct Milder {
    std::size_t count = 0;
    std::string first;
    std::string advice;
    SourceSpan at;
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
      report(Severity::Warning, "left-out", fmt::format("{}{} ({}).", kLeftOut, kind, entry.count),
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
             fmt::format("{}{} ({}){}.", kLeftOut, kind, dropped.count, dropped.operations),
             advice_on_dropped(*dropped.first), place_of(*dropped.first));
    }
  }

  static std::string advice_on_dropped(const Unsupported& first) {
    const bool of_cloud =
        first.code == "not-on-this-cloud" && first.kind != "cookie parameters";  // no import has those
    if (of_cloud) return "The first is here; a gateway of the other cloud has them.";
    const bool without = first.detail.starts_with("Leave") || first.detail.starts_with("Take");
    return fmt::format("The first is here. To {}: {}", without ? "end this warning" : "have them", first.detail);
  }

  void report_cut(const Counted& cut, std::string_view what, std::size_t limit) {
    if (cut.count == 0) return;
    report(Severity::Warning, "text-cut",
           fmt::format("{} {}{} cut to {} characters, the gateway's limit; the first is that of {}.", cut.count, what,
                       cut.count == 1 ? " was" : "s were", limit, cut.first),
           "Nothing needs to be done.", at(cut.mark));
  }

  /// What a gateway may take, once for all operations that say the same.
  void report_milder() {
    for (const auto& [what, milder] : milder_) {
      const std::string more = milder.count == 1   ? ""
                               : milder.count == 2 ? " (1 more operation says so)"
                                                   : fmt::format(" ({} more operations say so)", milder.count - 1);
      report(Severity::Warning, "limit", fmt::format("{}: {}{}.", shown(milder.first), what, more), milder.advice,
             milder.at);
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
    report_cut(cut_descriptions_, "description", kRemarkLimit);
    report_cut(cut_samples_, "sample", kRemarkLimit);
    report_cut(cut_answers_, "sample of an answer", kSampleLimit);
    report_milder();
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

  void cut(Operation& operation) {
    const CutTexts cuts = cut_texts(operation.body);
    for (int i = 0; i < cuts.descriptions; ++i) count(cut_descriptions_, operation);
    for (int i = 0; i < cuts.samples; ++i) count(cut_samples_, operation);
    for (int i = 0; i < cuts.answers; ++i) count(cut_answers_, operation);
  }

  void add_api(Operation& operation, const ApiName& name, const BodyLayers& layers) {
    Value& body = operation.body;
    body.set("operationId", name.name);
    if (name.made) count(renamed_, operation);
    // The canonical form takes a missing type for NONE, which nobody asked for.
    const Value* security = body.find("security");
    if (security == nullptr || (security->is_object() && security->text("type").empty())) count(no_auth_, operation);
    if (body.find("x-apigateway-backend") == nullptr) count(no_backend_, operation);
    drop_tags(operation);
    cut(operation);
    check_plugins(operation, layers);
    const Address address = Address::api(group_.name, operation.method, operation.path, operation.match_mode);
    Resource resource = make_resource(address, body);
    const bool stands = cloud_ == CloudKind::Huawei || fit_cloud(resource, layers);
    if (!stands && group_.drop_unsupported) return;  // else it is an error, and so is what follows
    resource.source = at(operation.mark);
    for (Broken& broken : limits_broken(resource.body, cloud_)) report_broken(std::move(broken), address, layers);
    check_authorizer(resource, layers);
    check_unique(address, resource);
    note_objects(resource, layers);
    for (const Address& policy : policies_used_by(resource.body)) {
      const std::string member = policy.type() == "acl" ? "x-apigateway-access-control" : "x-apigateway-ratelimit";
      policies_at_[policy].emplace(address, place_anywhere({member}, layers));
    }
    if (explanations_ != nullptr) {
      explanations_->emplace(
          address, explain(resource.body, layers, group_.overrides, [this](std::uint32_t mark) { return at(mark); }));
    }
    state_.resources.emplace(address, std::move(resource));
  }

  void report_broken(Broken broken, const Address& address, const BodyLayers& layers) {
    const Severity severity = broken.refused ? Severity::Error : Severity::Warning;
    if (names_place(group_.sensitive, broken.place)) broken.what = without_value(broken);
    const auto [key, place] = of_operations(broken.place, layers);
    if (!key.empty()) return report_operations(severity, key, broken, place);
    const SourceSpan where = place_of(broken.place, layers);
    const bool of_scheme = !broken.place.empty() && broken.place.front() == "security" &&
                           std::none_of(layers.overrides.begin(), layers.overrides.end(), [&](std::size_t index) {
                             return says(group_.overrides[index].set, {"security"});
                           });
    if (of_scheme) broken.what = in_words_of_schemes(std::move(broken.what));
    if (!broken.refused) {
      Milder& milder = milder_[broken.what];
      if (milder.count++ == 0) milder = {1, std::string(address.name()), broken.advice, where};
      return;
    }
    // A scheme that many operations use is one finding.
    if (of_scheme && !told_.insert(fmt::format("{} {}", to_string(where), broken.what)).second) return;
    report(severity, "limit", fmt::format("{}: {}.", shown(address.name()), broken.what),
           broken.advice.empty()
               ? "Correct it here, or in the manifest's `operations` or `overrides` where it comes from there."
               : broken.advice,
           where);
  }

  static std::string in_words_of_schemes(std::string what) {
    what = begun_with(what, "`security/definition", "`x-apigateway-authorizer");
    what = begun_with(what, "`security/app_code`", "`x-apigateway-auth-opt/appcode-auth-type`");
    return begun_with(what, "`security/authorizer`", "the name of its security scheme");
  }

  /// What the manifest's `operations` make wrong in each of many operations is one finding, where it stands.
  void report_operations(Severity severity, std::string_view key, const Broken& broken, const SourceSpan& place) {
    if (!told_.insert(broken.what).second) return;
    const std::string what = begun_with(broken.what, "`security/authorizer`", "the name of the authorizer");
    report(severity, "limit", fmt::format("`operations.{}` of the group {}: {}.", key, group_.name, what),
           fmt::format("{} every operation without {} of its own takes it.",
                       broken.advice.empty() ? "Correct it here;" : broken.advice + " Note that",
                       key == "backend" ? "a backend" : "one"),
           place);
  }

  /// The key of the manifest's `operations` that alone gives this place of a body, and where it stands; "" when it is
  /// something else that does.
  std::pair<std::string_view, SourceSpan> of_operations(const std::vector<std::string>& place,
                                                        const BodyLayers& layers) const {
    if (place.empty() || layers.file.find(place.front()) != nullptr) return {};
    for (const std::size_t index : layers.overrides) {
      if (says(group_.overrides[index].set, place)) return {};
    }
    const OperationDefaults& defaults = group_.operations;
    const std::string& member = place.front();
    if (member == "x-apigateway-backend") {
      const bool mapping = place.size() > 1 && place[1] == "parameters";  // made of the operation's parameters
      return defaults.backend && !mapping ? std::pair(std::string_view("backend"), defaults.backend_at)
                                          : std::pair<std::string_view, SourceSpan>();
    }
    const std::pair<std::string_view, std::pair<std::string_view, const SourceSpan*>> kKeys[] = {
        {"security", {"auth", &defaults.auth_at}},
        {"x-apigateway-response", {"response", &defaults.response_at}},
        {"x-apigateway-ratelimit", {"ratelimit", &defaults.ratelimit_at}},
        {"x-apigateway-access-control", {"acl", &defaults.acl_at}}};
    for (const auto& [name, key] : kKeys) {
      if (name == member && !key.second->file.empty()) return {key.first, *key.second};
    }
    if (member != "x-apigateway-plugins" || place.size() < 2) return {};
    const auto plugin = std::find(defaults.plugins.begin(), defaults.plugins.end(), place[1]);
    const auto at = static_cast<std::size_t>(plugin - defaults.plugins.begin());
    return at < defaults.plugins_at.size() ? std::pair(std::string_view("plugins"), defaults.plugins_at[at])
                                           : std::pair<std::string_view, SourceSpan>();
  }

  /// The place in whichever layer says it, `operations` among them.
  SourceSpan place_anywhere(const std::vector<std::string>& place, const BodyLayers& layers) const {
    const auto [key, at] = of_operations(place, layers);
    return key.empty() || at.file.empty() ? place_of(place, layers) : at;
  }

  /// Canonical form holds each once, so a twin would go unseen.
  void check_plugins(const Operation& operation, const BodyLayers& layers) {
    const Value* plugins = operation.body.find("x-apigateway-plugins");
    if (plugins == nullptr) return;
    std::set<std::string_view> seen;
    for (const Value& plugin : plugins->items()) {
      if (!plugin.is_string() || seen.insert(plugin.as_string()).second) continue;
      const Address address = Address::api(group_.name, operation.method, operation.path, operation.match_mode);
      report_broken({fmt::format("`x-apigateway-plugins` holds \"{}\" twice", shown(plugin.as_string())),
                     {"x-apigateway-plugins", plugin.as_string()},
                     "Keep one of the two."},
                    address, layers);
    }
  }

  void note_objects(const Resource& resource, const BodyLayers& layers) {
    for (const auto& [name, place] : places_of_objects(resource.body)) {
      const auto known = objects_.find(name);
      if (known == objects_.end()) {
        objects_.emplace(name, ObjectUses{1, resource.address.text(), place_anywhere(place, layers)});
      } else {
        ++known->second.count;
      }
    }
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
    body.set("x-apigateway-backend", backend_from(group_.operations, operation));
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
  std::map<Address, std::map<Address, SourceSpan>> policies_at_;
  std::set<std::string> told_;  ///< what is wrong for many operations at once
  std::map<std::string, Milder> milder_;
  Diagnostics diagnostics_;
  std::map<std::string, SourceSpan> names_;
  std::map<std::string, std::pair<Value, SourceSpan>> authorizers_;
  Counted no_auth_;
  Counted no_backend_;
  Counted cut_descriptions_;
  Counted cut_samples_;
  Counted cut_answers_;
  Counted renamed_;
};

}  // namespace

Parsed<DesiredGroup> build_desired(const GroupSettings& group, std::span<const SwaggerFile> files,
                                   Explanations* explanations, CloudKind cloud) {
  return DesiredBuilder(group, files, explanations, cloud).run();
}

}  // namespace sluice
