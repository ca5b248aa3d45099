#include "providers/gateway/bindings.h"

#include <algorithm>

namespace sluice::gateway {
namespace {

/// Whether a publication has room for only one of the two.
bool exclude_each_other(const Policy& one, const Policy& other) {
  switch (one.kind) {
    case PolicyKind::Throttle:
      return true;
    case PolicyKind::Acl:
      return one.body.text("entity_type") == other.body.text("entity_type");
    case PolicyKind::Plugin:
      return one.body.text("plugin_type") == other.body.text("plugin_type");
    case PolicyKind::Response:
    case PolicyKind::Authorizer:
    case PolicyKind::Channel:
    case PolicyKind::Orchestration:
      break;
  }
  return false;
}

/// Ends the bindings for which `ends` says so.
template <typename Ends>
void unbind_if(Session& session, Api& api, const Ends& ends) {
  std::erase_if(api.bindings, [&](const Binding& binding) {
    if (!ends(binding)) return false;
    session.store.erase_binding(session.scope, binding.id);
    return true;
  });
}

/// The policies that the draft's import named and that exist.
std::vector<const Policy*> wished_policies(const Instance& instance, const Value& wishes) {
  std::vector<const Policy*> out;
  const auto add = [&](PolicyKind kind, std::string_view name) {
    const Policy* policy = name.empty() ? nullptr : find_policy_named(instance, kind, name);
    if (policy != nullptr) out.push_back(policy);
  };
  add(PolicyKind::Throttle, wishes.text("throttle"));
  add(PolicyKind::Acl, wishes.text("acl"));
  if (const Value* plugins = wishes.find("plugins"); plugins != nullptr) {
    for (const Value& name : plugins->items()) {
      if (name.is_string()) add(PolicyKind::Plugin, name.as_string());
    }
  }
  return out;
}

}  // namespace

std::vector<BoundRow> bound_rows(const Session& session, PolicyKind kind) {
  std::vector<BoundRow> rows;
  for (const auto& [number, api] : session.instance.apis.rows()) {
    for (const Binding& binding : api.bindings) {
      if (binding.kind != kind) continue;
      const Publication* version = api.published_in(binding.env_id);
      const Policy* policy = session.instance.policies(kind).find(binding.policy_id);
      if (version != nullptr && policy != nullptr) rows.push_back({&api, version, &binding, policy});
    }
  }
  return rows;
}

Binding bind_policy(Session& session, Api& api, std::string_view env_id, const Policy& policy) {
  const auto same = std::find_if(api.bindings.begin(), api.bindings.end(), [&](const Binding& binding) {
    return binding.policy_id == policy.id && binding.env_id == env_id;
  });
  if (same != api.bindings.end()) return *same;
  const auto& policies = session.instance.policies(policy.kind);
  unbind_if(session, api, [&](const Binding& binding) {
    if (binding.kind != policy.kind || binding.env_id != env_id) return false;
    const Policy* other = policies.find(binding.policy_id);
    return other == nullptr || exclude_each_other(policy, *other);
  });
  api.bindings.push_back({session.new_id(), policy.kind, policy.id, std::string(env_id), session.now});
  session.store.put_binding(session.scope, api.id, api.bindings.back());
  return api.bindings.back();
}

void unbind_policy(Session& session, Api& api, const std::string& binding_id) {
  unbind_if(session, api, [&](const Binding& binding) { return binding.id == binding_id; });
}

void unbind_all(Session& session, Api& api, std::string_view env_id) {
  unbind_if(session, api, [&](const Binding& binding) { return binding.env_id == env_id; });
}

void grant_wishes(Session& session, Api& api, std::string_view env_id) {
  if (api.wishes.is_null() || session.rules.never_bind) return;
  const auto wished = wished_policies(session.instance, api.wishes);
  if (session.rules.unbind_dropped) {
    unbind_if(session, api, [&](const Binding& binding) {
      return binding.env_id == env_id && std::none_of(wished.begin(), wished.end(), [&](const Policy* policy) {
               return policy->id == binding.policy_id;
             });
    });
  }
  for (const Policy* policy : wished) bind_policy(session, api, env_id, *policy);
}

}  // namespace sluice::gateway
