#include "providers/apig/policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "plan/canonical.h"
#include "plan/json.h"

namespace sluice::apig {
namespace {

constexpr std::string_view kDefault = "default";

Result<std::vector<ListedPolicy>> all_policies(const Calls& calls, PolicyKind kind) {
  return calls.all_pages<ListedPolicy>([&](std::size_t offset) { return list_policies(calls.base(), kind, offset); },
                                       [kind](HttpResponse& answer) { return read_policies(answer, kind); });
}

Result<std::vector<ListedBinding>> all_bindings(const Calls& calls, PolicyKind kind, const std::string& id,
                                                const std::string& env_id) {
  return calls.all_pages<ListedBinding>(
      [&](std::size_t offset) { return list_bindings(calls.base(), kind, id, env_id, offset); }, read_bindings);
}

Result<std::vector<ListedResponse>> all_responses(const Calls& calls, const std::string& group_id) {
  return calls.all_pages<ListedResponse>(
      [&](std::size_t offset) { return list_responses(calls.base(), group_id, offset); }, read_responses);
}

std::string id_of(const RemoteIds& ids, const Address& address) {
  const auto at = ids.find(address);
  return at == ids.end() ? std::string() : at->second;
}

Result<void> add_specials(const Calls& calls, ListedPolicy& policy) {
  if (!policy.has_specials) return {};
  auto specials = calls.all_pages<Value>(
      [&](std::size_t offset) { return list_specials(calls.base(), policy.id, offset); }, read_specials);
  if (!specials) return specials.forward();
  policy.body.set("special", Value::array(std::move(*specials)));
  return {};
}

Result<void> add_policy(const Calls& calls, PolicyKind kind, const Address& address, ListedPolicy& policy,
                        LiveState& live) {
  if (auto added = add_specials(calls, policy); !added) return added;
  Resource resource = make_resource(address, policy.body);
  resource.remote_id = policy.id;
  live.resources.emplace(address, std::move(resource));
  if (!policy.may_be_bound) return {};
  const auto bindings = all_bindings(calls, kind, policy.id, "");
  if (!bindings) return bindings.forward();
  for (const ListedBinding& binding : *bindings) {
    const bool has_path = !binding.path.empty();  // lists of access control policies give none
    live.users[address].emplace(binding.api_id,
                                has_path ? Address::api(binding.group, binding.method, binding.path, "NORMAL").text()
                                         : fmt::format("{} of the group {}", binding.name, binding.group));
  }
  return {};
}

/// The publish ids of a group's APIs in one environment, by plain API id.
Result<std::map<std::string, std::string>> publish_ids(const Calls& calls, const std::string& group_id,
                                                       const std::string& env_id, const std::string& environment) {
  const auto apis = calls.all_pages<ListedApi>(
      [&](std::size_t offset) { return list_apis(calls.base(), group_id, offset); }, read_apis);
  if (!apis) return apis.forward();
  std::map<std::string, std::string> ids;
  for (const ListedApi& api : *apis) {
    const bool by_id = !api.env_ids.empty();
    const std::vector<std::string>& places = by_id ? api.env_ids : api.published_in;
    const auto at = std::find(places.begin(), places.end(), by_id ? env_id : environment);
    const auto index = static_cast<std::size_t>(at - places.begin());
    if (at != places.end() && index < api.publish_ids.size()) ids.emplace(plain_id(api.id), api.publish_ids[index]);
  }
  return ids;
}

PolicyKind kind_named(std::string_view type) {
  if (type == "plugin") return PolicyKind::Plugin;
  return type == "acl" ? PolicyKind::Acl : PolicyKind::Ratelimit;
}

/// One Bind or Unbind step.
class BindingChange {
 public:
  BindingChange(const Calls& calls, const Step& step, const std::string& group_id, const std::string& env_id,
                const RemoteIds& ids)
      : calls_(calls), step_(step), group_id_(group_id), env_id_(env_id), ids_(ids) {}

  Result<std::vector<EntryResult>> run() {
    const auto document = parse_json(step_.document);
    check(document.has_value(), "a binding step's document is not JSON");
    kind_ = kind_named(document->text("type"));
    const std::string name(document->text("name"));
    const auto policies = all_policies(calls_, kind_);
    if (!policies) return policies.forward();
    const auto policy =
        std::find_if(policies->begin(), policies->end(), [&](const ListedPolicy& p) { return p.name == name; });
    const bool binds = step_.kind == StepKind::Bind;
    if (policy == policies->end()) {
      if (!binds) return as_predicted();
      return fail(ErrorKind::NotFound, fmt::format("{} {} is not on the gateway, so nothing can be bound to it: create "
                                                   "it, or take the reference out of the files.",
                                                   document->text("type"), name));
    }
    policy_id_ = policy->id;
    const auto bindings = all_bindings(calls_, kind_, policy_id_, env_id_);
    if (!bindings) return bindings.forward();
    return binds ? bind_missing(*bindings) : unbind_named(*bindings);
  }

 private:
  std::vector<EntryResult> as_predicted() const {
    std::vector<EntryResult> entries;
    for (const Prediction& prediction : step_.predicted) entries.push_back({prediction.address, prediction.effect});
    return entries;
  }

  Result<std::vector<EntryResult>> bind_missing(const std::vector<ListedBinding>& bindings) {
    std::set<std::string> bound;
    for (const ListedBinding& binding : bindings) bound.insert(plain_id(binding.api_id));
    std::vector<std::string> missing;
    for (const Prediction& prediction : step_.predicted) {
      const std::string id = id_of(ids_, prediction.address.api_of_publication());
      if (!id.empty() && !bound.contains(plain_id(id))) missing.push_back(id);
    }
    if (missing.empty()) return as_predicted();
    std::vector<std::string> targets = missing;
    std::set<std::string> unpublished;
    if (kind_ != PolicyKind::Plugin) {
      const auto published = publish_ids(calls_, group_id_, env_id_, step_.environment);
      if (!published) return published.forward();
      targets.clear();
      for (const std::string& id : missing) {
        const auto at = published->find(plain_id(id));
        if (at != published->end()) {
          targets.push_back(at->second);
        } else {
          unpublished.insert(id);
        }
      }
    }
    if (!targets.empty()) {
      auto answer = calls_.change(bind_policy(calls_.base(), kind_, policy_id_, env_id_, targets));
      if (!answer) return answer.forward();
    }
    std::vector<EntryResult> entries = as_predicted();
    for (EntryResult& entry : entries) {
      if (!unpublished.contains(id_of(ids_, entry.address.api_of_publication()))) continue;
      entry.effect = Effected::Failed;
      entry.error_message = fmt::format("it is not published in {}, so nothing can be bound to it", step_.environment);
    }
    return entries;
  }

  Result<std::vector<EntryResult>> unbind_named(const std::vector<ListedBinding>& bindings) {
    std::set<std::string> doomed;
    for (const Prediction& prediction : step_.predicted) {
      doomed.insert(plain_id(id_of(ids_, prediction.address.api_of_publication())));
    }
    std::vector<std::string> targets;
    for (const ListedBinding& binding : bindings) {
      if (doomed.contains(plain_id(binding.api_id))) {
        targets.push_back(kind_ == PolicyKind::Plugin ? binding.api_id : binding.id);
      }
    }
    if (targets.empty()) return as_predicted();
    auto answer = calls_.change(unbind_policy(calls_.base(), kind_, policy_id_, env_id_, targets));
    if (!answer) return answer.forward();
    const auto failures = read_unbind_failures(*answer);
    if (!failures) return failures.forward();
    if (failures->empty()) return as_predicted();
    std::vector<EntryResult> entries = as_predicted();
    for (EntryResult& entry : entries) {
      entry.effect = Effected::Failed;
      entry.error_message = failures->front();
    }
    return entries;
  }

  const Calls& calls_;
  const Step& step_;
  const std::string& group_id_;
  const std::string& env_id_;
  const RemoteIds& ids_;
  PolicyKind kind_ = PolicyKind::Ratelimit;
  std::string policy_id_;
};

}  // namespace

Result<LiveState> export_policies(const Calls& calls, const std::vector<Address>& named) {
  LiveState live;
  for (const auto& [type, kind] : {std::pair{"ratelimit", PolicyKind::Ratelimit}, std::pair{"acl", PolicyKind::Acl}}) {
    const bool wanted =
        std::any_of(named.begin(), named.end(), [&](const Address& address) { return address.type() == type; });
    if (!wanted) continue;
    auto policies = all_policies(calls, kind);
    if (!policies) return policies.forward();
    for (ListedPolicy& policy : *policies) {
      const Address address =
          kind == PolicyKind::Ratelimit ? Address::ratelimit(policy.name) : Address::acl(policy.name);
      if (std::find(named.begin(), named.end(), address) == named.end()) continue;
      if (auto added = add_policy(calls, kind, address, policy, live); !added) return added.forward();
    }
  }
  return live;
}

Result<void> export_responses(const Calls& calls, const std::string& group, const std::string& group_id,
                              LiveState& live) {
  const auto listed = all_responses(calls, group_id);
  if (!listed) return listed.forward();
  for (const ListedResponse& response : *listed) {
    auto answer = calls.ask(show_response(calls.base(), group_id, response.id));
    if (!answer) return answer.forward();
    const auto body = read_response_body(*answer);
    if (!body) return body.forward();
    if (response.name == kDefault && body->empty()) continue;
    const Address address = Address::response(group, response.name);
    Resource resource = make_resource(address, *body);
    resource.remote_id = response.id;
    live.resources.emplace(address, std::move(resource));
  }
  return {};
}

Result<std::vector<EntryResult>> change_response(const Calls& calls, const Step& step, const std::string& group_id,
                                                 const RemoteIds& ids) {
  check(step.predicted.size() == 1, "a response step names one response");
  const Address& address = step.predicted.front().address;
  std::string id = id_of(ids, address);
  if (id.empty()) {
    const auto listed = all_responses(calls, group_id);
    if (!listed) return listed.forward();
    for (const ListedResponse& response : *listed) {
      if (response.name == address.name()) id = response.id;
    }
  }
  Value document = Value::object();
  document.set("name", address.name()).set("responses", Value::object());
  if (step.kind != StepKind::DeleteResponse) {
    const auto read = parse_json(step.document);
    check(read.has_value(), "a response step's document is not JSON");
    document = *read;
  }
  const EntryResult done{address, step.predicted.front().effect, id};
  if (step.kind == StepKind::DeleteResponse && address.name() != kDefault) {
    if (id.empty()) return std::vector<EntryResult>{done};
    if (auto removed = calls.remove(delete_response(calls.base(), group_id, id)); !removed) return removed.forward();
    return std::vector<EntryResult>{done};
  }
  auto answer = calls.change(write_response(calls.base(), group_id, id, document));
  if (!answer) return answer.forward();
  if (id.empty()) {
    auto made = read_id(*answer);
    if (!made) return made.forward();
    id = std::move(*made);
  }
  return std::vector<EntryResult>{{address, step.predicted.front().effect, id}};
}

Result<std::vector<EntryResult>> change_bindings(const Calls& calls, const Step& step, const std::string& group_id,
                                                 const std::string& env_id, const RemoteIds& ids) {
  return BindingChange(calls, step, group_id, env_id, ids).run();
}

Result<std::vector<EntryResult>> delete_policy(const Calls& calls, const Address& address, const std::string& id) {
  const auto removed = calls.remove(delete_policy(calls.base(), kind_named(address.type()), id));
  if (!removed) return removed.forward();
  return std::vector<EntryResult>{{address, Effected::Deleted}};
}

}  // namespace sluice::apig
