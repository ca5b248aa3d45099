#include "providers/gateway/policies.h"

#include <algorithm>

#include "providers/gateway/limits.h"

namespace sluice::gateway {
namespace {

/// The quota and the codes of one kind.
struct KindRules {
  std::size_t most;
  std::string_view full;
  std::string_view taken;
  std::string_view unknown;
  std::string_view words;
};

const KindRules& rules_of(PolicyKind kind) {
  static constexpr KindRules kThrottle{kMostThrottles, "APIG.3107", "APIG.3204", "APIG.3005",
                                       "Request throttling policy "};
  static constexpr KindRules kAcl{kMostAcls, "APIG.3112", "APIG.3206", "APIG.3006", "Access control policy "};
  static constexpr KindRules kPlugin{kMostPlugins, "APIG.3100", "APIG.2011", "APIG.3068", "Plugin "};
  static constexpr KindRules kResponse{kMostResponses, "APIG.3136", "APIG.3216", "APIG.3007", "Response "};
  static constexpr KindRules kAuthorizer{kMostAuthorizers, "APIG.3116", "APIG.3211", "APIG.3081", "Authorizer "};
  static constexpr KindRules kOrchestration{kMostOrchestrations, "APIG.3150", "APIG.3331", "APIG.3095",
                                            "Orchestration rule "};
  static constexpr KindRules kChannel{kMostChannels, "APIG.3109", "APIG.3208", "APIG.3023", "VPC channel "};
  switch (kind) {
    case PolicyKind::Throttle:
      return kThrottle;
    case PolicyKind::Acl:
      return kAcl;
    case PolicyKind::Plugin:
      return kPlugin;
    case PolicyKind::Authorizer:
      return kAuthorizer;
    case PolicyKind::Channel:
      return kChannel;
    case PolicyKind::Orchestration:
      return kOrchestration;
    case PolicyKind::Response:
      break;
  }
  return kResponse;
}

}  // namespace

const Policy* find_policy_named(const Instance& instance, PolicyKind kind, std::string_view name,
                                std::string_view group_id) {
  const auto& rows = instance.policies(kind).rows();
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.second.name == name && row.second.group_id == group_id;
  });
  return at != rows.end() ? &at->second : nullptr;
}

Fault unknown_policy(PolicyKind kind, std::string_view id) {
  const KindRules& rules = rules_of(kind);
  return {std::string(rules.unknown), std::string(rules.words) + std::string(id) + " does not exist"};
}

Policy& add_policy(Session& session, PolicyKind kind, WantedPolicy wanted, std::string_view group_id) {
  Policy policy{kind,        session.new_id(), std::string(group_id), std::move(wanted.name), std::move(wanted.body),
                session.now, session.now};
  Policy& added = session.instance.policies(kind).add(std::move(policy));
  session.store.put(session.scope, added);
  return added;
}

void replace_policy(Session& session, Policy& policy, WantedPolicy wanted) {
  policy.name = std::move(wanted.name);
  policy.body = std::move(wanted.body);
  policy.updated = session.now;
  session.store.put(session.scope, policy);
}

void erase_policy(Session& session, PolicyKind kind, const std::string& id) {
  session.store.erase_policy(session.scope, id);
  session.instance.policies(kind).erase(id);
}

Result<void, Fault> room_for_policy(PolicyKind kind, std::size_t held) {
  const KindRules& rules = rules_of(kind);
  if (held >= rules.most) return refuse(rules.full);
  return {};
}

Result<void, Fault> name_is_free(const Instance& instance, PolicyKind kind, std::string_view name,
                                 std::string_view self, std::string_view group_id) {
  const Policy* holder = find_policy_named(instance, kind, name, group_id);
  if (holder == nullptr || holder->id == self) return {};
  if (kind == PolicyKind::Plugin) return refuse_invalid("plugin_name");
  return refuse(rules_of(kind).taken);
}

std::map<std::string, std::int64_t, std::less<>> count_bindings(const Instance& instance, PolicyKind kind) {
  std::map<std::string, std::int64_t, std::less<>> counts;
  for (const auto& [number, api] : instance.apis.rows()) {
    for (const Binding& binding : api.bindings) {
      if (binding.kind == kind) ++counts[binding.policy_id];
    }
  }
  return counts;
}

std::int64_t count_of(const std::map<std::string, std::int64_t, std::less<>>& counts, const Policy& policy) {
  const auto at = counts.find(policy.id);
  return at != counts.end() ? at->second : 0;
}

std::vector<const Policy*> filtered_policies(const Session& session, const Call& call, PolicyKind kind,
                                             std::string_view id_filter, std::string_view name_filter) {
  const bool exact = is_precise(call, name_filter);
  std::vector<const Policy*> rows;
  for (const auto& [number, policy] : session.instance.policies(kind).rows()) {
    if (passes(call.parameter(id_filter), policy.id, true) && passes(call.parameter(name_filter), policy.name, exact)) {
      rows.push_back(&policy);
    }
  }
  return rows;
}

Result<std::vector<std::string>, Fault> read_id_list(const Value& body, std::string_view name) {
  const Value* list = body.find(name);
  if (list == nullptr || list->is_null()) return refuse_missing(name);
  if (!list->is_array()) return refuse_invalid(name);
  if (list->empty()) return refuse_missing(name);
  std::vector<std::string> ids;
  for (const Value& item : list->items()) {
    if (!item.is_string()) return refuse_invalid(name);
    if (std::find(ids.begin(), ids.end(), item.as_string()) == ids.end()) ids.push_back(item.as_string());
  }
  return ids;
}

Result<void, Fault> action_is_delete(const Call& call) {
  if (call.parameter("action") == "delete") return {};
  return refuse("APIG.2011", "Invalid parameter value: parameter action should be \"delete\"");
}

}  // namespace sluice::gateway
