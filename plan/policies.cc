#include "plan/policies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/canonical.h"

namespace sluice {
namespace {

constexpr std::string_view kRatelimit = "x-apigateway-ratelimit";
constexpr std::string_view kAcl = "x-apigateway-access-control";
constexpr std::string_view kPlugins = "x-apigateway-plugins";
constexpr std::int64_t kHighestLimit = 2'147'483'647;

std::string_view words_of(const Address& policy) {
  return policy.type() == "acl" ? "access control policy" : "throttling policy";
}

bool is_policy_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
  };
  const auto characters =
      std::count_if(name.begin(), name.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return characters >= 3 && characters <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

/// What the gateway would refuse in one definition.
class DefinitionCheck {
 public:
  DefinitionCheck(const PolicyDefinition& definition, Diagnostics& diagnostics)
      : definition_(definition), body_(definition.body), diagnostics_(diagnostics) {}

  void run() {
    if (!is_policy_name(definition_.address.name())) {
      add("policy-name", "has a name that the gateway does not take",
          "A name has 3 to 64 letters, digits and _, and starts with a letter.");
    }
    if (!body_.is_object()) return add("policy-shape", "is not a map", "Write its fields below its name.");
    check_keys(body_, schema_of(definition_.address.type()).fields);
    if (definition_.address.type() == "acl") {
      check_acl();
    } else {
      check_ratelimit();
    }
  }

 private:
  void add(std::string code, std::string_view what, std::string detail) {
    diagnostics_.push_back({Severity::Error, std::move(code), fmt::format("{} {}.", definition_.address.text(), what),
                            std::move(detail), definition_.at});
  }

  void check_keys(const Value& body, std::span<const FieldSchema> fields) {
    std::vector<std::string_view> names;
    for (const FieldSchema& field : fields) names.push_back(field.name);
    for (const auto& member : body.members()) {
      if (find_field(fields, member.key) != nullptr) continue;
      const std::string near = did_you_mean(member.key, names);
      add("key-unknown", fmt::format("has the key \"{}\", which is not known there", member.key),
          near.empty() ? fmt::format("Known keys are {}.", fmt::join(names, ", "))
                       : fmt::format("Did you mean \"{}\"?", near));
    }
  }

  void check_choice(const Value& holder, std::string_view key, std::initializer_list<std::string_view> choices) {
    const Value* value = holder.find(key);
    std::string word = value != nullptr && value->is_string() ? value->as_string() : "";
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (std::find(choices.begin(), choices.end(), word) != choices.end()) return;
    add("value-unknown", fmt::format("has no `{}` of {}", key, fmt::join(choices, ", ")), "Choose one of them.");
  }

  /// The number, or 0 where there is none.
  std::int64_t limit(const Value& holder, std::string_view key, bool needed) {
    const Value* value = holder.find(key);
    if (value == nullptr && !needed) return 0;
    constexpr FieldSchema kInteger[] = {{.name = "n", .kind = FieldKind::Integer}};
    const Value form = value == nullptr ? Value() : canonical(Value::object({{"n", *value, 0}}), kInteger);
    const Value number = form.find("n") != nullptr ? *form.find("n") : Value();
    if (number.is_integer() && number.as_integer() >= (needed ? 1 : 0) && number.as_integer() <= kHighestLimit) {
      return number.as_integer();
    }
    add("value-unknown", fmt::format("has no `{}` that is a whole number from 1 to {}", key, kHighestLimit),
        "Give a number.");
    return 0;
  }

  void check_order(std::string_view key, std::int64_t value, std::string_view above, std::int64_t most) {
    if (value <= most || most == 0) return;
    add("limit", fmt::format("has a `{}` of {}, above its `{}` of {}", key, value, above, most), "Lower it.");
  }

  void check_ratelimit() {
    const std::int64_t api = limit(body_, "api-limit", true);
    const std::int64_t user = limit(body_, "user-limit", false);
    const std::int64_t app = limit(body_, "app-limit", false);
    check_order("user-limit", user, "api-limit", api);
    check_order("app-limit", app, user != 0 ? "user-limit" : "api-limit", user != 0 ? user : api);
    check_order("ip-limit", limit(body_, "ip-limit", false), "api-limit", api);
    if (body_.find("interval") != nullptr) limit(body_, "interval", true);
    check_choice(body_, "unit", {"SECOND", "MINUTE", "HOUR", "DAY"});
    const Value* shared = body_.find("shared");
    if (shared != nullptr && !shared->is_bool()) add("value-unknown", "has a `shared` that is not true or false", "");
    const Value* special = body_.find("special");
    if (special == nullptr) return;
    if (!special->is_array()) return add("key-shape", "has a `special` that is not a list", "Write a list of maps.");
    for (const Value& item : special->items()) {
      check_keys(item, find_field(kRatelimitSchema.fields, "special")->fields);
      check_choice(item, "type", {"APP", "USER"});
      limit(item, "limit", true);
      if (item.text("instance").empty()) add("value-unknown", "has a `special` without `instance`", "Give the id.");
    }
  }

  void check_acl() {
    check_choice(body_, "acl-type", {"PERMIT", "DENY"});
    if (body_.find("entity-type") != nullptr) check_choice(body_, "entity-type", {"IP", "DOMAIN", "DOMAIN_ID"});
    const Value body = canonical(body_, kAclSchema.fields);
    const std::string value(body.text("value"));
    if (value.empty()) return add("value-unknown", "has no `value`", "Give addresses, with commas between them.");
    if (std::count(value.begin(), value.end(), ',') >= 100) {
      add("limit", "has more than 100 addresses", "Join some to a range, or use two policies.");
    }
  }

  const PolicyDefinition& definition_;
  const Value& body_;
  Diagnostics& diagnostics_;
};

class PolicyJoin {
 public:
  PolicyJoin(const Manifest& manifest, std::span<const DesiredGroup> groups) : manifest_(manifest), groups_(groups) {}

  Parsed<DesiredState> run() {
    for (const PolicyDefinition& definition : manifest_.policies) define(definition);
    for (const DesiredGroup& group : groups_) {
      for (const PolicyDefinition& definition : group.policies) define(definition);
    }
    check_external();
    if (manifest_.groups.empty() && !state_.resources.empty()) {
      diagnostics_.push_back({Severity::Error, "policy-without-group",
                              "The manifest defines policies and names no group; they travel with a group's import.",
                              "Name a group, or leave the policies out.", state_.resources.begin()->second.source});
    }
    for (const DesiredGroup& group : groups_) {
      for (const auto& [address, resource] : group.state.resources) {
        if (address.type() == "api") note_uses(resource);
      }
    }
    report_undefined();
    sort_diagnostics(diagnostics_);
    if (has_errors(diagnostics_)) return {std::nullopt, std::move(diagnostics_)};
    return {std::move(state_), std::move(diagnostics_)};
  }

 private:
  struct Undefined {
    std::size_t count = 0;
    const Resource* first = nullptr;
  };

  void define(const PolicyDefinition& definition) {
    const std::size_t before = diagnostics_.size();
    DefinitionCheck(definition, diagnostics_).run();
    if (diagnostics_.size() != before) {
      broken_.insert(definition.address);
      return;
    }
    Resource resource = make_resource(definition.address, definition.body);
    resource.source = definition.at;
    const auto [first, fresh] = state_.resources.emplace(definition.address, resource);
    if (fresh || first->second.digest == resource.digest) return;
    diagnostics_.push_back({Severity::Error, "policy-conflict",
                            fmt::format("{} is defined in two ways.", definition.address.text()),
                            fmt::format("The other is at {}; policies belong to the gateway, so define it once, best "
                                        "in the manifest.",
                                        to_string(first->second.source)),
                            definition.at});
  }

  void check_external() {
    for (const Address& address : manifest_.external) {
      const auto defined = state_.resources.find(address);
      if (defined == state_.resources.end()) continue;
      diagnostics_.push_back(
          {Severity::Error, "policy-conflict", fmt::format("{} is `external` and defined as well.", address.text()),
           "Take it out of `external` to have it changed, or leave its definition out.", defined->second.source});
    }
  }

  void note_uses(const Resource& api) {
    for (const Address& policy : policies_used_by(api.body)) {
      state_.users[policy].insert(api.address.text());
      const auto& external = manifest_.external;
      const bool known = state_.resources.contains(policy) || broken_.contains(policy) ||
                         std::find(external.begin(), external.end(), policy) != external.end();
      if (known) continue;
      Undefined& undefined = undefined_[policy];
      if (undefined.count++ == 0) undefined.first = &api;
    }
  }

  void report_undefined() {
    for (const auto& [policy, undefined] : undefined_) {
      const std::string more = undefined.count > 1 ? fmt::format(" ({} more {} so)", undefined.count - 1,
                                                                 undefined.count == 2 ? "does" : "do")
                                                   : "";
      diagnostics_.push_back(
          {Severity::Error, "policy-undefined",
           fmt::format("{} uses the {} {}, which nothing defines{}.", undefined.first->address.text(), words_of(policy),
                       policy.name(), more),
           fmt::format("Define it below `{}` in the manifest, or list {} in `external` when it is on the gateway.",
                       policy.type() == "acl" ? "acls" : "ratelimits", policy.text()),
           undefined.first->source});
    }
  }

  const Manifest& manifest_;
  std::span<const DesiredGroup> groups_;
  DesiredState state_;
  Diagnostics diagnostics_;
  std::set<Address> broken_;
  std::map<Address, Undefined> undefined_;
};

/// One error response of a file: its body is a map from media type to text there, and a text on the gateway.
Value error_response(const Value& definition) {
  Value result = definition;
  const Value* body = definition.find("body");
  if (body == nullptr || !body->is_object() || body->empty()) return result;
  const Value* json = body->find("application/json");
  return result.set("body", json != nullptr ? *json : body->members().front().value);
}

void add_response(const GroupSettings& settings, const PolicyDefinition& definition, DesiredState& state,
                  Diagnostics& diagnostics) {
  Value body = Value::object();
  std::vector<std::string_view> types;
  for (const FieldSchema& field : kResponseSchema.fields) types.push_back(field.name);
  for (const auto& member : definition.body.members()) {
    if (find_field(kResponseSchema.fields, member.key) == nullptr) {
      const std::string near = did_you_mean(member.key, types);
      diagnostics.push_back(
          {Severity::Error, "response-type",
           fmt::format("{} names the error \"{}\", which the gateway does not know.", definition.address.text(),
                       member.key),
           near.empty() ? "THROTTLED and AUTH_FAILURE are two that it knows." : fmt::format("Did you mean {}?", near),
           definition.at});
      continue;
    }
    body.set(member.key, error_response(member.value));
  }
  Resource resource = make_resource(definition.address, body);
  resource.source = definition.at;
  const auto [first, fresh] = state.resources.emplace(definition.address, resource);
  if (fresh || first->second.digest == resource.digest) return;
  diagnostics.push_back({Severity::Error, "policy-conflict",
                         fmt::format("The files of the group {} define the response {} in two ways.", settings.name,
                                     definition.address.name()),
                         fmt::format("The other is at {}; define it once.", to_string(first->second.source)),
                         definition.at});
}

}  // namespace

std::vector<Address> policies_used_by(const Value& api) {
  std::vector<Address> policies;
  if (const auto name = api.text(kRatelimit); !name.empty()) policies.push_back(Address::ratelimit(name));
  if (const auto name = api.text(kAcl); !name.empty()) policies.push_back(Address::acl(name));
  return policies;
}

std::vector<Binding> bindings_of(const Value& api) {
  std::vector<Binding> bindings;
  for (const Address& policy : policies_used_by(api)) {
    bindings.push_back({policy.type() == "acl" ? "acl" : "ratelimit", policy.name()});
  }
  const Value* plugins = api.find(kPlugins);
  if (plugins == nullptr) return bindings;
  for (const Value& plugin : plugins->items()) {
    if (plugin.is_string()) bindings.push_back({"plugin", plugin.as_string()});
  }
  return bindings;
}

Diagnostics settle_references(const GroupSettings& settings, DesiredGroup& group) {
  Diagnostics diagnostics;
  for (const PolicyDefinition& definition : group.responses) {
    add_response(settings, definition, group.state, diagnostics);
  }
  if (!settings.environments.empty()) return diagnostics;
  std::size_t count = 0;
  SourceSpan first;
  for (auto& [address, resource] : group.state.resources) {
    if (address.type() != "api" || bindings_of(resource.body).empty()) continue;
    if (count++ == 0) first = resource.source;
    Value body = resource.body;
    for (const std::string_view member : {kRatelimit, kAcl, kPlugins}) body.erase(member);
    const SourceSpan source = resource.source;
    resource = make_resource(resource.address, body);
    resource.source = source;
  }
  if (count > 0) {
    diagnostics.push_back({Severity::Warning, "policy-unbound",
                           fmt::format("{} of the group {} name policies or plug-ins, and the group publishes nowhere.",
                                       count == 1 ? "1 API" : fmt::format("{} APIs", count), settings.name),
                           "They are left out: a gateway binds them to what is published. Give `environments`.",
                           first});
  }
  return diagnostics;
}

Parsed<DesiredState> build_policies(const Manifest& manifest, std::span<const DesiredGroup> groups) {
  return PolicyJoin(manifest, groups).run();
}

}  // namespace sluice
