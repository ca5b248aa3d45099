#include "plan/gateway_objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/schema.h"
#include "plan/secrets.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::string_view kPlugins = "x-apigateway-plugins";
constexpr std::string_view kOrchestrations = "x-apigateway-orchestrations";
constexpr std::string_view kDefinition = "definition";
constexpr std::string_view kBuiltIn = "RELEASE";

using Tokens = std::vector<std::string>;
using Names = std::map<ObjectName, Tokens>;

Tokens below(Tokens place, std::initializer_list<std::string_view> more) {
  place.insert(place.end(), more.begin(), more.end());
  return place;
}

/// A name that is a secret is not known here, and looked up by nobody.
void add(ObjectName name, Tokens place, Names& names) {
  const auto secret = [](const std::string& text) { return is_mark(text) || is_mask(text); };
  if (name.name.empty() || secret(name.name) || secret(name.member_group)) return;
  names.emplace(std::move(name), std::move(place));
}

void add_texts(const Value* list, ObjectKind kind, const Tokens& place, Names& names) {
  if (list == nullptr) return;
  for (const Value& item : list->items()) {
    if (item.is_string()) add({kind, item.as_string()}, below(place, {item.as_string()}), names);
  }
}

void add_channels(const Value& backend, const Tokens& place, Names& names) {
  for (const std::string_view member : {"httpVpcEndpoints", "httpVpcMemberGroupEndpoints"}) {
    const Value* endpoint = backend.find(member);
    if (endpoint == nullptr) continue;
    const std::string channel(endpoint->text("name"));
    if (channel.empty()) continue;
    add({ObjectKind::Channel, channel}, below(place, {member, "name"}), names);
    const Value* urls = endpoint->find("memberGroupUrlInfos");
    if (urls == nullptr) continue;
    for (const Value& url : urls->items()) {
      const std::string_view group = url.text("name");
      if (group.empty()) continue;
      add({ObjectKind::Channel, channel, std::string(group)},
          below(place, {member, "memberGroupUrlInfos", group, "name"}), names);
    }
  }
}

std::string operations(std::size_t count) { return count == 1 ? "1 operation" : fmt::format("{} operations", count); }

template <typename Names>
std::string nearest(std::string_view word, const Names& names) {
  std::vector<std::string_view> known;
  for (const auto& name : names) known.push_back(name);
  return did_you_mean(word, known);
}

std::vector<std::string> keys_of(const std::map<std::string, GatewayObject>& objects) {
  std::vector<std::string> keys;
  for (const auto& [name, object] : objects) keys.push_back(name);
  return keys;
}

std::string meant(const std::string& near) { return near.empty() ? "" : fmt::format("Did you mean {}? ", shown(near)); }

class Resolver {
 public:
  Resolver(std::span<const GroupNames> groups, const GatewayObjects& objects, const Capabilities& capabilities)
      : groups_(groups), objects_(objects), capabilities_(capabilities) {}

  Diagnostics run() {
    for (const GroupNames& group : groups_) {
      check_environments(group);
      if (group.objects == nullptr) continue;
      for (const auto& [name, uses] : *group.objects) check_name(group, name, uses);
      check_types_once(group);
      check_definitions(group);
    }
    sort_diagnostics(diagnostics_);
    return std::move(diagnostics_);
  }

 private:
  const GatewayObject* find(const ObjectName& name) const {
    const auto kind = objects_.by_kind.find(name.kind);
    if (kind == objects_.by_kind.end()) return nullptr;
    const auto at = kind->second.find(name.name);
    return at == kind->second.end() ? nullptr : &at->second;
  }

  void check_environments(const GroupNames& group) {
    if (group.environments == nullptr || group.existing_environments.empty()) return;
    for (const auto& [name, at] : *group.environments) {
      if (name == kBuiltIn || group.existing_environments.contains(name)) continue;
      diagnostics_.push_back(
          {Severity::Error, "environment-missing",
           fmt::format("The environment {} does not exist on the gateway; the group {} publishes there.", shown(name),
                       shown(group.group)),
           fmt::format("{}Create it on the gateway, or correct or take out the name.",
                       meant(nearest(name, group.existing_environments))),
           at});
    }
  }

  bool makes_by_naming(ObjectKind kind) const {
    return (kind == ObjectKind::Channel && capabilities_.names_make_channels) ||
           (kind == ObjectKind::Authorizer && capabilities_.names_make_authorizers);
  }

  static std::string who(const GroupNames& group, const ObjectUses& uses) {
    if (uses.count == 1) return fmt::format("{} names it", shown(uses.first));
    return fmt::format("{} of the group {} name it, the first being {}", operations(uses.count), shown(group.group),
                       shown(uses.first));
  }

  void check_name(const GroupNames& group, const ObjectName& name, const ObjectUses& uses) {
    const auto kind = objects_.by_kind.find(name.kind);
    if (kind == objects_.by_kind.end()) return;
    const GatewayObject* object = find(name);
    if (object == nullptr) {
      if (name.member_group.empty()) report_missing(group, name, uses, keys_of(kind->second));
      return;  // with its channel
    }
    if (!name.member_group.empty() && !object->member_groups.contains(name.member_group)) {
      diagnostics_.push_back({Severity::Error, "object-missing",
                              fmt::format("The VPC channel {} has no member group {}; {}.", shown(name.name),
                                          shown(name.member_group), who(group, uses)),
                              fmt::format("{}Create it on the gateway, or correct the name.",
                                          meant(nearest(name.member_group, object->member_groups))),
                              uses.at});
    }
    if (name.kind == ObjectKind::Authorizer && !object->type.empty() && object->type != "FRONTEND") {
      diagnostics_.push_back(
          {Severity::Error, "authorizer-type",
           fmt::format("The authorizer {} is of type {}, and only one of type FRONTEND can say who may call; {}.",
                       shown(name.name), shown(object->type), who(group, uses)),
           "Name another authorizer, or create one of type FRONTEND on the gateway.", uses.at});
    }
  }

  void report_missing(const GroupNames& group, const ObjectName& name, const ObjectUses& uses,
                      const std::vector<std::string>& known) {
    const std::string summary = fmt::format("The {} {} does not exist on the gateway; {}.", to_string(name.kind),
                                            shown(name.name), who(group, uses));
    if (makes_by_naming(name.kind)) {
      diagnostics_.push_back({Severity::Warning, "object-missing", summary,
                              "The embedded gateway takes it as it is; a cloud would refuse.", uses.at});
      return;
    }
    diagnostics_.push_back(
        {Severity::Error, "object-missing", summary,
         fmt::format("{}Create it on the gateway, or correct the name.", meant(nearest(name.name, known))), uses.at});
  }

  /// Of one type only one plug-in works on an API.
  void check_types_once(const GroupNames& group) {
    if (group.desired == nullptr || !objects_.by_kind.contains(ObjectKind::Plugin)) return;
    struct Pair {
      std::size_t count = 0;
      const Resource* first = nullptr;
      std::string type;
    };
    std::map<std::pair<std::string, std::string>, Pair> pairs;
    for (const auto& [address, resource] : group.desired->resources) {
      const Value* plugins = address.type() == "api" ? resource.body.find(kPlugins) : nullptr;
      if (plugins == nullptr || plugins->items().size() < 2) continue;
      std::map<std::string, std::string> by_type;
      for (const Value& plugin : plugins->items()) {
        if (!plugin.is_string()) continue;
        const GatewayObject* object = find({ObjectKind::Plugin, plugin.as_string()});
        if (object == nullptr || object->type.empty()) continue;
        const auto [twin, fresh] = by_type.emplace(object->type, plugin.as_string());
        if (fresh) continue;
        Pair& pair = pairs[{twin->second, plugin.as_string()}];
        if (pair.count++ == 0) pair.first = &resource;
        pair.type = object->type;
      }
    }
    for (const auto& [names, pair] : pairs) {
      diagnostics_.push_back(
          {Severity::Error, "plugin-type-twice",
           fmt::format("{} {} the plug-ins {} and {}, both of type {}: of one type only one works on an API.",
                       pair.count == 1 ? shown(pair.first->address.text())
                                       : fmt::format("{} of the group {}", operations(pair.count), shown(group.group)),
                       pair.count == 1 ? "names" : "name", shown(names.first), shown(names.second), shown(pair.type)),
           "Take one of them out.", pair.first->source});
    }
  }

  /// A file may define an authorizer, which no import changes.
  void check_definitions(const GroupNames& group) {
    if (group.desired == nullptr || !objects_.by_kind.contains(ObjectKind::Authorizer)) return;
    std::set<std::string> told;
    for (const auto& [address, resource] : group.desired->resources) {
      const Value* security = address.type() == "api" ? resource.body.find("security") : nullptr;
      const Value* wanted = security != nullptr ? security->find(kDefinition) : nullptr;
      if (wanted == nullptr || wanted->empty()) continue;
      const std::string name(security->text("authorizer"));
      const GatewayObject* object = find({ObjectKind::Authorizer, name});
      if (object == nullptr || !told.insert(name).second) continue;
      std::string differing;
      for (const auto& member : wanted->members()) {
        if (holds_mask(write_json(member.value))) continue;  // a secret: what it stands for is not known here
        const Value* has = object->definition.find(member.key);
        if (same(member.key, member.value, has != nullptr ? *has : Value())) continue;
        differing += (differing.empty() ? "" : ", ") + shown(member.key);
      }
      if (differing.empty()) continue;
      diagnostics_.push_back(
          {Severity::Warning, "authorizer-differs",
           fmt::format("The authorizer {} is defined differently on the gateway ({}).", shown(name), differing),
           "Sluice does not change authorizers: change it on the gateway, or take the definition out of the file.",
           resource.source});
    }
  }

  /// Lists of identities have no order, and letters of words do not count.
  static bool same(std::string_view field, const Value& wanted, const Value& has) {
    if (wanted == has) return true;
    const bool nothing = wanted.is_null() || wanted == Value("") || wanted == Value(false) || wanted == Value(0);
    if (has.is_null()) return nothing || (wanted.is_array() && wanted.empty());
    if (field == "identities") return same_identities(wanted, has);
    if (!wanted.is_string() || !has.is_string()) return false;
    const bool word = field == "type" || field == "authorizer_type" || field == "network_type";
    return word && upper(wanted.as_string()) == upper(has.as_string());
  }

  static bool same_identities(const Value& wanted, const Value& has) {
    const auto key = [](const Value& identity) {
      std::string location = upper(identity.text("location").empty() ? identity.text("in") : identity.text("location"));
      return fmt::format("{} {} {}", location, identity.text("name"), identity.text("validation"));
    };
    std::set<std::string> a;
    std::set<std::string> b;
    for (const Value& identity : wanted.items()) a.insert(key(identity));
    for (const Value& identity : has.items()) b.insert(key(identity));
    return a == b;
  }

  std::span<const GroupNames> groups_;
  const GatewayObjects& objects_;
  const Capabilities& capabilities_;
  Diagnostics diagnostics_;
};

}  // namespace

std::string_view to_string(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Plugin:
      return "plug-in";
    case ObjectKind::Channel:
      return "VPC channel";
    case ObjectKind::Authorizer:
      return "authorizer";
    case ObjectKind::Orchestration:
      return "orchestration rule";
  }
  return "";
}

std::vector<ObjectName> objects_named_by(const Value& api) {
  std::vector<ObjectName> names;
  for (const auto& [name, place] : places_of_objects(api)) names.push_back(name);
  return names;
}

std::map<ObjectName, std::vector<std::string>> places_of_objects(const Value& api) {
  Names names;
  const std::string plugins(kPlugins);
  const std::string backends = "x-apigateway-backend";
  const std::string policies = "x-apigateway-backend-policies";
  add_texts(api.find(plugins), ObjectKind::Plugin, {plugins}, names);
  if (const Value* security = api.find("security")) {
    add({ObjectKind::Authorizer, std::string(security->text("authorizer"))}, {"security", "authorizer"}, names);
  }
  if (const Value* backend = api.find(backends)) add_channels(*backend, {backends}, names);
  if (const Value* list = api.find(policies)) {
    for (const Value& policy : list->items()) add_channels(policy, {policies, std::string(policy.text("name"))}, names);
  }
  if (const Value* parameters = api.find("parameters")) {
    const FieldSchema& list = *find_field(kApiSchema.fields, "parameters");
    for (const Value& parameter : parameters->items()) {
      const Tokens place = {"parameters", folded_element_key(parameter, list), std::string(kOrchestrations)};
      add_texts(parameter.find(kOrchestrations), ObjectKind::Orchestration, place, names);
    }
  }
  return names;
}

std::set<ObjectKind> kinds_named_by(std::span<const GroupNames> groups) {
  std::set<ObjectKind> kinds;
  for (const GroupNames& group : groups) {
    if (group.objects == nullptr) continue;
    for (const auto& [name, uses] : *group.objects) kinds.insert(name.kind);
  }
  return kinds;
}

Diagnostics unresolved_names(std::span<const GroupNames> groups, const GatewayObjects& objects,
                             const Capabilities& capabilities) {
  return Resolver(groups, objects, capabilities).run();
}

}  // namespace sluice
