#include "providers/gateway/references.h"

#include <algorithm>

#include "providers/gateway/channels.h"
#include "providers/gateway/limits.h"
#include "providers/gateway/pointers.h"
#include "providers/gateway/policies.h"

namespace sluice::gateway {
namespace {

/// The same for the orchestration rules of the parameters.
template <typename Visit>
void visit_rules(Value& definition, const Visit& visit) {
  const Value* params = definition.find("req_params");
  const auto has_rules = [](const Value& p) { return p.find("orchestrations") != nullptr; };
  if (params == nullptr || std::none_of(params->items().begin(), params->items().end(), has_rules)) return;
  Value list = *params;
  for (Value& parameter : list.mutable_items()) {
    const Value* found = parameter.find("orchestrations");
    if (found == nullptr) continue;
    Value rules = *found;
    for (Value& rule : rules.mutable_items()) {
      const std::string other = visit(PolicyKind::Orchestration, rule.as_string());
      if (!other.empty()) rule = Value(other);
    }
    parameter.set("orchestrations", std::move(rules));
  }
  definition.set("req_params", std::move(list));
}

/// Calls `visit(backend, value)` for the backend and the policies that have this member, and writes them back.
template <typename Visit>
void visit_backends(Value& definition, std::string_view member, const Visit& visit) {
  // What has it not is not copied: an export comes by here once for every API.
  if (const Value* found = definition.find("backend_api"); found != nullptr && found->find(member) != nullptr) {
    Value backend = *found;
    visit(backend, Value(*found->find(member)));
    definition.set("backend_api", std::move(backend));
  }
  const auto has_member = [&](const Value& backend) { return backend.find(member) != nullptr; };
  const Value* policies = definition.find("policy_https");
  if (policies == nullptr || std::none_of(policies->items().begin(), policies->items().end(), has_member)) return;
  Value list = *policies;
  for (Value& backend : list.mutable_items()) {
    if (has_member(backend)) visit(backend, Value(*backend.find(member)));
  }
  definition.set("policy_https", std::move(list));
}

/// Calls `visit(kind, reference)` for each reference of a definition and writes back what it gives; "" leaves it.
template <typename Visit>
void visit_references(Value& definition, const Visit& visit) {
  if (const std::string authorizer(definition.text("authorizer_id")); !authorizer.empty()) {
    const std::string other = visit(PolicyKind::Authorizer, authorizer);
    if (!other.empty()) definition.set("authorizer_id", other);
  }
  visit_rules(definition, visit);
  visit_backends(definition, "vpc_channel_info", [&](Value& backend, const Value& info) {
    const std::string channel(info.text("vpc_channel_id"));
    const std::string other = channel.empty() ? channel : visit(PolicyKind::Channel, channel);
    if (other.empty()) return;
    Value changed = info;
    changed.set("vpc_channel_id", other);
    backend.set("vpc_channel_info", std::move(changed));
  });
}

/// Calls `visit(channel, reference)` for each member group of a backend whose channel, by id, was made.
template <typename Visit>
void visit_groups(const Instance& instance, Value& definition, const Visit& visit) {
  visit_backends(definition, "member_group_url_infos", [&](Value& backend, const Value& urls) {
    const Value* info = backend.find("vpc_channel_info");
    const Policy* channel = info != nullptr
                                ? instance.policies(PolicyKind::Channel).find(std::string(info->text("vpc_channel_id")))
                                : nullptr;
    if (channel == nullptr) return;
    Value changed = urls;
    for (Value& url : changed.mutable_items()) {
      const std::string other = visit(*channel, url.text("member_group_id"));
      if (!other.empty()) url.set("member_group_id", other);
    }
    backend.set("member_group_url_infos", std::move(changed));
  });
}

/// The name of the member group of a channel, by name or id; "" when it has none of these.
std::string group_name(const Policy& channel, std::string_view reference) {
  for (const Value& group : member_of(channel.body, "member_groups").items()) {
    const std::string_view name = group.text("member_group_name");
    if (name == reference || member_group_id(channel.id, name) == reference) return std::string(name);
  }
  return {};
}

std::size_t count_rules(const Value& definition) {
  const Value* params = definition.find("req_params");
  std::size_t count = 0;
  if (params == nullptr) return count;
  for (const Value& parameter : params->items()) {
    if (const Value* rules = parameter.find("orchestrations"); rules != nullptr) count += rules->items().size();
  }
  return count;
}

}  // namespace

bool refers(const Value& definition, PolicyKind kind, std::string_view id) {
  if (kind == PolicyKind::Orchestration) {
    const Value* params = definition.find("req_params");
    return params != nullptr && std::any_of(params->items().begin(), params->items().end(), [&](const Value& p) {
             const Value* rules = p.find("orchestrations");
             return rules != nullptr &&
                    std::find(rules->items().begin(), rules->items().end(), Value(id)) != rules->items().end();
           });
  }
  const auto through = [&](const Value* backend) {
    const Value* info = backend != nullptr ? backend->find("vpc_channel_info") : nullptr;
    return info != nullptr && info->text("vpc_channel_id") == id;
  };
  if (kind == PolicyKind::Authorizer) return definition.text("authorizer_id") == id;
  if (through(definition.find("backend_api"))) return true;
  const Value* list = definition.find("policy_https");
  if (list == nullptr) return false;
  return std::any_of(list->items().begin(), list->items().end(), [&](const Value& p) { return through(&p); });
}

Result<void, Fault> link_references(const Session& session, ReferBy by, Value& definition) {
  std::optional<Fault> fault;
  visit_references(definition, [&](PolicyKind kind, const std::string& reference) -> std::string {
    const Policy* found = by == ReferBy::Id ? session.instance.policies(kind).find(reference)
                                            : find_policy_named(session.instance, kind, reference);
    const bool checked = kind == PolicyKind::Orchestration ||
                         (kind == PolicyKind::Channel ? session.rules.check_channels
                                                      : session.rules.authorizers != AuthorizerRule::Named);
    if (found == nullptr && checked && !fault) fault = unknown_policy(kind, reference);
    return found != nullptr ? found->id : std::string();
  });
  visit_groups(session.instance, definition, [&](const Policy& channel, std::string_view reference) {
    const std::string name = group_name(channel, reference);
    if (name.empty() && session.rules.check_channels && !fault) fault = invalid("member_group_id");
    return name.empty() ? name : member_group_id(channel.id, name);
  });
  if (fault) return Unexpected<Fault>{*fault};
  if (count_rules(definition) > kMostOrchestrationsOfApi) return refuse("APIG.3151");
  return {};
}

void drop_unknown_rules(const Instance& instance, Value& definition) {
  const Value* params = definition.find("req_params");
  if (params == nullptr || count_rules(definition) == 0) return;
  Value list = *params;
  for (Value& parameter : list.mutable_items()) {
    const Value* found = parameter.find("orchestrations");
    if (found == nullptr) continue;
    const Value named = *found;
    Value kept = Value::array();
    for (const Value& name : named.items()) {
      if (find_policy_named(instance, PolicyKind::Orchestration, name.as_string()) != nullptr) kept.push(name);
    }
    parameter.erase("orchestrations");
    if (!kept.empty()) parameter.set("orchestrations", std::move(kept));
  }
  definition.set("req_params", std::move(list));
}

Value name_references(const Instance& instance, const Value& definition) {
  Value out = definition;
  // First the groups: they are looked up by the channel's id.
  visit_groups(instance, out, group_name);
  visit_references(out, [&](PolicyKind kind, const std::string& reference) -> std::string {
    const Policy* found = instance.policies(kind).find(reference);
    return found != nullptr ? found->name : std::string();
  });
  return out;
}

bool is_referred_to(const Instance& instance, PolicyKind kind, std::string_view id) {
  return std::any_of(instance.apis.rows().begin(), instance.apis.rows().end(), [&](const auto& row) {
    const Api& api = row.second;
    return refers(api.definition, kind, id) ||
           std::any_of(api.publications.begin(), api.publications.end(),
                       [&](const Publication& p) { return p.active && refers(p.definition, kind, id); });
  });
}

}  // namespace sluice::gateway
