#include <algorithm>
#include <unordered_map>

#include "providers/gateway/apis.h"
#include "providers/gateway/bindings.h"
#include "providers/gateway/throttles.h"

namespace sluice::gateway {
namespace {

std::string env_name(const Session& session, const Publication& version) {
  const Environment* environment = session.environment(version.env_id);
  return environment != nullptr ? environment->name : std::string();
}

std::string group_name(const Session& session, const Api& api) {
  const Group* group = session.instance.groups.find(api.group_id);
  return group != nullptr ? group->name : std::string();
}

/// A publication in effect, found by its id.
struct Place {
  Api* api = nullptr;
  std::string env_id;
};

/// Binds one policy to all publications of a body, or to none: `id_name` is the member that holds the policy's id.
/// Gives each binding with its publication's id.
Result<std::vector<std::pair<std::string, Binding>>, Fault> bind_to_all(Session& session, const Call& call,
                                                                        PolicyKind kind, std::string_view id_name) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto policy_id = required_text(*body, id_name);
  if (!policy_id) return policy_id.forward();
  const auto publish_ids = read_id_list(*body, "publish_ids");
  if (!publish_ids) return publish_ids.forward();
  const Policy* policy = session.instance.policies(kind).find(*policy_id);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(kind, *policy_id)};
  std::unordered_map<std::string, Place> places;
  for (auto& [number, api] : session.instance.apis.rows()) {
    for (const Publication& version : api.publications) {
      if (version.active) places.emplace(version.publish_id, Place{&api, version.env_id});
    }
  }
  for (const std::string& id : *publish_ids) {
    if (!places.contains(id)) return refuse("APIG.3015", "The API publication record does not exist,id:" + id);
  }
  std::vector<std::pair<std::string, Binding>> out;
  for (const std::string& id : *publish_ids) {
    const Place& place = places.at(id);
    out.emplace_back(id, bind_policy(session, *place.api, place.env_id, *policy));
  }
  return out;
}

Result<void, Fault> unbind_one(Session& session, PolicyKind kind, const std::string& id) {
  for (auto& [number, api] : session.instance.apis.rows()) {
    const bool here = std::any_of(api.bindings.begin(), api.bindings.end(),
                                  [&](const Binding& binding) { return binding.kind == kind && binding.id == id; });
    if (!here) continue;
    unbind_policy(session, api, id);
    return {};
  }
  return refuse(kind == PolicyKind::Throttle ? "APIG.3012" : "APIG.3010");
}

Reply unbind_from_path(Session& session, const Call& call, PolicyKind kind) {
  if (auto done = unbind_one(session, kind, call.ids[0]); !done) return done.forward();
  return empty_answer();
}

Reply unbind_batch(Session& session, const Call& call, PolicyKind kind, std::string_view list) {
  if (auto allowed = action_is_delete(call); !allowed) return allowed.forward();
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto ids = read_id_list(*body, list);
  if (!ids) return ids.forward();
  std::int64_t count = 0;
  Value failure = Value::array();
  for (const std::string& id : *ids) {
    const auto done = unbind_one(session, kind, id);
    if (done) {
      ++count;
      continue;
    }
    Value item;
    item.set("bind_id", id).set("error_code", done.error().code).set("error_msg", done.error().message);
    failure.push(std::move(item));
  }
  Value answer;
  answer.set("success_count", count).set("failure", std::move(failure));
  return json_answer(200, answer);
}

/// The query parameter, which must be there.
Result<std::string, Fault> required_parameter(const Call& call, std::string_view name) {
  if (call.parameter(name).empty()) return refuse_missing(name);
  return std::string(call.parameter(name));
}

/// What is bound to the API that the query names, as far as the query's filters let it through.
Result<std::vector<BoundRow>, Fault> rows_of_api(const Session& session, const Call& call, PolicyKind kind,
                                                 std::string_view id_filter, std::string_view name_filter) {
  const auto api_id = required_parameter(call, "api_id");
  if (!api_id) return api_id.forward();
  if (session.instance.apis.find(*api_id) == nullptr) return Unexpected<Fault>{unknown_api(*api_id)};
  auto rows = bound_rows(session, kind);
  std::erase_if(rows, [&](const BoundRow& row) {
    return row.api->id != *api_id || !passes(call.parameter("env_id"), row.version->env_id, true) ||
           !passes(call.parameter("env_name"), env_name(session, *row.version), true) ||
           !passes(call.parameter(id_filter), row.policy->id, true) ||
           !passes(call.parameter(name_filter), row.policy->name, is_precise(call, name_filter));
  });
  return rows;
}

/// The id of the policy that the query names, which must exist.
Result<std::string, Fault> named_policy(const Session& session, const Call& call, PolicyKind kind,
                                        std::string_view id_name) {
  auto id = required_parameter(call, id_name);
  if (!id) return id.forward();
  if (session.instance.policies(kind).find(*id) == nullptr) return Unexpected<Fault>{unknown_policy(kind, *id)};
  return id;
}

bool passes_api_filters(const Call& call, const BoundRow& row) {
  return passes(call.parameter("env_id"), row.version->env_id, true) &&
         passes(call.parameter("group_id"), row.api->group_id, true) &&
         passes(call.parameter("api_id"), row.api->id, true) &&
         passes(call.parameter("api_name"), row.api->definition.text("name"), is_precise(call, "api_name"));
}

/// The publications that a policy is not bound to, with one that is in its place.
std::vector<BoundRow> unbound_rows(const Session& session, const Call& call, PolicyKind kind, std::string_view id) {
  std::vector<BoundRow> rows;
  for (const auto& [number, api] : session.instance.apis.rows()) {
    for (const Publication& version : api.publications) {
      if (!version.active) continue;
      BoundRow row{&api, &version, nullptr, nullptr};
      bool bound = false;
      for (const Binding& binding : api.bindings) {
        if (binding.kind != kind || binding.env_id != version.env_id) continue;
        row.binding = &binding;
        row.policy = session.instance.policies(kind).find(binding.policy_id);
        bound = bound || binding.policy_id == id;
      }
      if (!bound && passes_api_filters(call, row)) rows.push_back(row);
    }
  }
  return rows;
}

template <typename Write>
Reply list_rows(const Call& call, std::string_view plural, const std::vector<BoundRow>& rows, const Write& write) {
  std::vector<const BoundRow*> pointers;
  pointers.reserve(rows.size());
  for (const BoundRow& row : rows) pointers.push_back(&row);
  return list_answer(call, plural, pointers, write);
}

/// An API as lists of throttled and of other APIs show it.
/// A publication that a policy may be bound to.
Value write_candidate(const Session& session, const BoundRow& row) {
  const Value& d = row.version->definition;
  Value out;
  out.set("auth_type", d.text("auth_type")).set("run_env_name", env_name(session, *row.version));
  out.set("group_name", group_name(session, *row.api)).set("publish_id", row.version->publish_id);
  out.set("group_id", row.api->group_id).set("name", d.text("name")).set("remark", d.text("remark"));
  out.set("run_env_id", row.version->env_id).set("id", row.api->id).set("req_uri", d.text("req_uri"));
  return out.set("req_method", d.text("req_method"))
      .set("type", d.find("type") != nullptr ? *d.find("type") : Value(1));
}

Value write_throttled_api(const Session& session, const BoundRow& row) {
  Value out = write_candidate(session, row);
  out.set("throttle_apply_id", row.binding != nullptr ? row.binding->id : std::string());
  out.set("throttle_name", row.policy != nullptr ? row.policy->name : std::string());
  return out.set("apply_time", row.binding != nullptr ? write_time(row.binding->at) : std::string());
}

Value write_unguarded_api(const Session& session, const BoundRow& row) {
  return write_candidate(session, row).set("acl_name", row.policy != nullptr ? row.policy->name : std::string());
}

Value write_guarded_api(const Session& session, const BoundRow& row) {
  const Value& d = row.version->definition;
  Value out;
  out.set("api_id", row.api->id).set("api_name", d.text("name"));
  out.set("api_type", d.find("type") != nullptr ? *d.find("type") : Value(1)).set("api_remark", d.text("remark"));
  out.set("env_id", row.version->env_id).set("env_name", env_name(session, *row.version));
  out.set("bind_id", row.binding->id).set("group_name", group_name(session, *row.api));
  out.set("bind_time", write_time(row.binding->at)).set("publish_id", row.version->publish_id);
  return out.set("req_method", d.text("req_method"));
}

}  // namespace

Reply bind_throttle(Session& session, const Call& call) {
  const auto bound = bind_to_all(session, call, PolicyKind::Throttle, "strategy_id");
  if (!bound) return bound.forward();
  Value list = Value::array();
  for (const auto& [publish_id, binding] : *bound) {
    Value item;
    item.set("publish_id", publish_id).set("scope", 1).set("strategy_id", binding.policy_id);
    list.push(item.set("apply_time", write_time(binding.at)).set("id", binding.id));
  }
  Value answer;
  return json_answer(201, answer.set("throttle_applys", std::move(list)));
}

Reply unbind_throttle(Session& session, const Call& call) {
  return unbind_from_path(session, call, PolicyKind::Throttle);
}

Reply unbind_throttles(Session& session, const Call& call) {
  return unbind_batch(session, call, PolicyKind::Throttle, "throttle_bindings");
}

Reply list_bound_throttles(Session& session, const Call& call) {
  const auto rows = rows_of_api(session, call, PolicyKind::Throttle, "throttle_id", "throttle_name");
  if (!rows) return rows.forward();
  const auto counts = count_bindings(session.instance, PolicyKind::Throttle);
  return list_rows(call, "throttles", *rows, [&](const BoundRow& row) {
    Value out = write_throttle(*row.policy, count_of(counts, *row.policy));
    out.set("env_name", env_name(session, *row.version)).set("bind_id", row.binding->id);
    return out.set("bind_time", write_time(row.binding->at));
  });
}

Reply list_throttled_apis(Session& session, const Call& call) {
  const auto id = named_policy(session, call, PolicyKind::Throttle, "throttle_id");
  if (!id) return id.forward();
  auto rows = bound_rows(session, PolicyKind::Throttle);
  std::erase_if(rows, [&](const BoundRow& row) { return row.policy->id != *id || !passes_api_filters(call, row); });
  return list_rows(call, "apis", rows, [&](const BoundRow& row) { return write_throttled_api(session, row); });
}

Reply list_unthrottled_apis(Session& session, const Call& call) {
  const auto id = named_policy(session, call, PolicyKind::Throttle, "throttle_id");
  if (!id) return id.forward();
  const auto rows = unbound_rows(session, call, PolicyKind::Throttle, *id);
  return list_rows(call, "apis", rows, [&](const BoundRow& row) { return write_throttled_api(session, row); });
}

Reply list_unguarded_apis(Session& session, const Call& call) {
  const auto id = named_policy(session, call, PolicyKind::Acl, "acl_id");
  if (!id) return id.forward();
  const auto rows = unbound_rows(session, call, PolicyKind::Acl, *id);
  return list_rows(call, "apis", rows, [&](const BoundRow& row) { return write_unguarded_api(session, row); });
}

Reply bind_acl(Session& session, const Call& call) {
  const auto bound = bind_to_all(session, call, PolicyKind::Acl, "acl_id");
  if (!bound) return bound.forward();
  Value list = Value::array();
  for (const auto& [publish_id, binding] : *bound) {
    Value item;
    item.set("id", binding.id).set("publish_id", publish_id).set("acl_id", binding.policy_id);
    list.push(item.set("bind_time", write_time(binding.at)));
  }
  Value answer;
  return json_answer(201, answer.set("acl_bindings", std::move(list)));
}

Reply unbind_acl(Session& session, const Call& call) { return unbind_from_path(session, call, PolicyKind::Acl); }

Reply unbind_acls(Session& session, const Call& call) {
  return unbind_batch(session, call, PolicyKind::Acl, "acl_bindings");
}

Reply list_bound_acls(Session& session, const Call& call) {
  const auto rows = rows_of_api(session, call, PolicyKind::Acl, "acl_id", "acl_name");
  if (!rows) return rows.forward();
  return list_rows(call, "acls", *rows, [&](const BoundRow& row) {
    const Value& body = row.policy->body;
    Value out;
    out.set("acl_id", row.policy->id).set("acl_name", row.policy->name).set("entity_type", body.text("entity_type"));
    out.set("acl_type", body.text("acl_type")).set("acl_value", body.text("acl_value"));
    out.set("env_id", row.version->env_id).set("env_name", env_name(session, *row.version));
    return out.set("bind_id", row.binding->id).set("bind_time", write_time(row.binding->at));
  });
}

Reply list_guarded_apis(Session& session, const Call& call) {
  const auto id = named_policy(session, call, PolicyKind::Acl, "acl_id");
  if (!id) return id.forward();
  auto rows = bound_rows(session, PolicyKind::Acl);
  std::erase_if(rows, [&](const BoundRow& row) { return row.policy->id != *id || !passes_api_filters(call, row); });
  return list_rows(call, "apis", rows, [&](const BoundRow& row) { return write_guarded_api(session, row); });
}

}  // namespace sluice::gateway
