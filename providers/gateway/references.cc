#include "providers/gateway/references.h"

#include <algorithm>

#include "providers/gateway/limits.h"
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

/// Calls `visit(kind, reference)` for each reference of a definition and writes back what it gives; "" leaves it.
template <typename Visit>
void visit_references(Value& definition, const Visit& visit) {
  if (const std::string authorizer(definition.text("authorizer_id")); !authorizer.empty()) {
    const std::string other = visit(PolicyKind::Authorizer, authorizer);
    if (!other.empty()) definition.set("authorizer_id", other);
  }
  const auto visit_backend = [&](Value& backend) {
    const Value* info = backend.find("vpc_channel_info");
    if (info == nullptr) return;
    const std::string channel(info->text("vpc_channel_id"));
    const std::string other = channel.empty() ? channel : visit(PolicyKind::Channel, channel);
    if (other.empty()) return;
    Value changed = *info;
    changed.set("vpc_channel_id", other);
    backend.set("vpc_channel_info", std::move(changed));
  };
  visit_rules(definition, visit);
  const auto has_channel = [](const Value& backend) { return backend.find("vpc_channel_info") != nullptr; };
  // What refers to nothing is not copied: an export comes by here once for every API.
  if (const Value* found = definition.find("backend_api"); found != nullptr && has_channel(*found)) {
    Value backend = *found;
    visit_backend(backend);
    definition.set("backend_api", std::move(backend));
  }
  const Value* policies = definition.find("policy_https");
  if (policies != nullptr && std::any_of(policies->items().begin(), policies->items().end(), has_channel)) {
    Value list = *policies;
    for (Value& backend : list.mutable_items()) visit_backend(backend);
    definition.set("policy_https", std::move(list));
  }
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
