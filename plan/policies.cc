#include "plan/policies.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/policy_definition.h"

namespace sluice {
namespace {

constexpr std::string_view kRatelimit = "x-apigateway-ratelimit";
constexpr std::string_view kAcl = "x-apigateway-access-control";
constexpr std::string_view kPlugins = "x-apigateway-plugins";

std::string_view words_of(const Address& policy) {
  return policy.type() == "acl" ? "access control policy" : "throttling policy";
}

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
        if (address.type() == "api") note_uses(resource, group);
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
    SourceSpan at = {};  ///< where that one names it
  };

  void define(const PolicyDefinition& definition) {
    const std::size_t before = diagnostics_.size();
    const Value body =
        read_definition(definition.address, definition.body,
                        [&](std::string code, std::string summary, std::string detail, std::uint32_t /*mark*/) {
                          diagnostics_.push_back(
                              {Severity::Error, std::move(code), std::move(summary), std::move(detail), definition.at});
                        });
    if (diagnostics_.size() != before) {
      broken_.insert(definition.address);
      return;
    }
    Resource resource = make_resource(definition.address, body);
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

  void note_uses(const Resource& api, const DesiredGroup& group) {
    for (const Address& policy : policies_used_by(api.body)) {
      state_.users[policy].emplace(api.address.text(), api.address.text());
      const auto& external = manifest_.external;
      const bool known = state_.resources.contains(policy) || broken_.contains(policy) ||
                         std::find(external.begin(), external.end(), policy) != external.end();
      if (known) continue;
      Undefined& undefined = undefined_[policy];
      if (undefined.count++ > 0) continue;
      undefined.first = &api;
      const auto users = group.policies_at.find(policy);
      const bool told = users != group.policies_at.end() && users->second.contains(api.address);
      undefined.at = told ? users->second.at(api.address) : api.source;
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
           undefined.at});
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

std::string unbound_digest(const Resource& resource) {
  const std::string_view type = resource.address.type();
  if ((type != "api" && type != "publication") || bindings_of(resource.body).empty()) return resource.digest;
  Value body = resource.body;
  for (const std::string_view member : {kRatelimit, kAcl, kPlugins}) body.erase(member);
  return digest_of(body, kApiSchema.fields);
}

bool is_binding_field(std::string_view pointer) {
  if (!pointer.starts_with('/')) return false;
  const std::string_view member = pointer.substr(1, pointer.find('/', 1) - 1);
  return member == kRatelimit || member == kAcl || member == kPlugins;
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
  std::erase_if(group.objects, [](const auto& entry) { return entry.first.kind == ObjectKind::Plugin; });
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
