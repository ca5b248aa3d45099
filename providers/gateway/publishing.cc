#include "providers/gateway/publishing.h"

#include <algorithm>

#include "providers/gateway/apis.h"
#include "providers/gateway/bindings.h"
#include "providers/gateway/environments.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/limits.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kLongestRemark = 255;

Value write_publication(const Api& api, const Publication& version) {
  Value out;
  out.set("publish_id", version.publish_id).set("api_id", api.id).set("api_name", api.definition.text("name"));
  out.set("env_id", version.env_id).set("remark", version.remark).set("publish_time", write_time(version.at));
  return out.set("version_id", version.version_id);
}

Publication* active_in(Api& api, std::string_view env_id) { return const_cast<Publication*>(api.published_in(env_id)); }

void deactivate(Session& session, Publication& version) {
  version.active = false;
  version.definition = Value();
  session.store.set_active(session.scope, version.version_id, false);
}

/// Drops the oldest versions of one environment beyond what is kept.
void forget_oldest(Session& session, Api& api, std::string_view env_id) {
  const auto here = [&](const Publication& version) { return version.env_id == env_id; };
  auto count = static_cast<std::size_t>(std::count_if(api.publications.begin(), api.publications.end(), here));
  for (; count > kMostVersions; --count) {
    const auto oldest = std::find_if(api.publications.begin(), api.publications.end(), here);
    session.store.erase_version(session.scope, oldest->version_id);
    api.publications.erase(oldest);
  }
}

/// Publishes the draft; the publication keeps its id, and what is bound to it, while the API stays online in the
/// environment.
Value put_online(Session& session, Api& api, std::string_view env_id, const std::string& remark) {
  Publication version;
  version.version_id = session.new_id();
  version.env_id = env_id;
  version.remark = remark;
  version.at = session.now;
  version.definition = api.definition;
  if (Publication* before = active_in(api, env_id); before != nullptr) {
    version.publish_id = before->publish_id;
    deactivate(session, *before);
  } else {
    version.publish_id = session.new_id();
  }
  session.store.put_version(session.scope, api.id, version);
  api.publications.push_back(std::move(version));
  forget_oldest(session, api, env_id);
  grant_wishes(session, api, env_id);
  return write_publication(api, *api.published_in(env_id));
}

Result<Value, Fault> take_offline(Session& session, Api& api, std::string_view env_id) {
  Publication* version = active_in(api, env_id);
  if (version == nullptr && session.rules.accept_offline) {
    Publication none;
    none.env_id = env_id;
    none.at = session.now;
    return write_publication(api, none);
  }
  if (version == nullptr) return refuse("APIG.3015");
  const Value out = write_publication(api, *version);
  deactivate(session, *version);
  unbind_all(session, api, env_id);
  return out;
}

/// What both calls say besides which APIs they mean.
struct Order {
  bool online = true;
  std::string env_id;
  std::string remark;
};

Result<Order, Fault> read_order(const Session& session, const Value& body, std::string_view action) {
  if (action != "online" && action != "offline") {
    return refuse("APIG.2011", "Invalid parameter value: parameter action should be \"online\" or \"offline\"");
  }
  const auto env_id = required_text(body, "env_id");
  if (!env_id) return env_id.forward();
  if (session.environment(*env_id) == nullptr) return Unexpected<Fault>{unknown_environment(*env_id)};
  const auto remark = optional_text(body, "remark", kLongestRemark);
  if (!remark) return remark.forward();
  return Order{action == "online", *env_id, *remark};
}

Result<Value, Fault> carry_out(Session& session, Api& api, const Order& order) {
  if (order.online) return put_online(session, api, order.env_id, order.remark);
  return take_offline(session, api, order.env_id);
}

/// The ids that a batch means: those it lists, else all of the group that the action can apply to.
Result<std::vector<std::string>, Fault> read_targets(const Session& session, const Value& body, const Order& order) {
  std::vector<std::string> ids;
  if (const Value* list = body.find("apis"); list != nullptr && !list->empty()) {
    if (list->items().size() > kMostInBatch) return refuse_invalid("apis");
    for (const Value& item : list->items()) {
      if (!item.is_string()) return refuse_invalid("apis");
      ids.push_back(item.as_string());
    }
    if (ids.empty()) return refuse_invalid("apis");
    return ids;
  }
  const std::string_view group_id = body.text("group_id");
  if (group_id.empty()) return refuse_missing("apis");
  if (session.instance.groups.find(group_id) == nullptr) return Unexpected<Fault>{unknown_group(group_id)};
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (api.group_id != group_id) continue;
    if (order.online || api.published_in(order.env_id) != nullptr) ids.push_back(api.id);
  }
  return ids;
}

Value write_failure(const std::string& id, const Api* api, const Fault& fault) {
  Value out;
  out.set("api_id", id);
  if (api != nullptr) out.set("api_name", api->definition.text("name"));
  return out.set("error_code", fault.code).set("error_msg", fault.message);
}

/// An API and one of its versions, found by the version's id.
struct Found {
  Api* api = nullptr;
  Publication* version = nullptr;
};

Found find_version(Session& session, std::string_view version_id) {
  for (auto& [number, api] : session.instance.apis.rows()) {
    for (Publication& version : api.publications) {
      if (version.version_id == version_id) return {&api, &version};
    }
  }
  return {};
}

Unexpected<Fault> unknown_version(std::string_view id) {
  return refuse("APIG.3022", "API version " + std::string(id) + " does not exist");
}

}  // namespace

void end_publications(Session& session, Api& api) {
  for (Publication& version : api.publications) {
    if (!version.active) continue;
    deactivate(session, version);
    unbind_all(session, api, version.env_id);
  }
}

void publish_draft(Session& session, Api& api, std::string_view env_id) { put_online(session, api, env_id, ""); }

Reply publish_one(Session& session, const Call& call) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto action = required_text(*body, "action");
  if (!action) return action.forward();
  if (*action != "online" && *action != "offline") return refuse_invalid("action");
  const auto api_id = required_text(*body, "api_id");
  if (!api_id) return api_id.forward();
  const auto order = read_order(session, *body, *action);
  if (!order) return order.forward();
  Api* api = session.instance.apis.find(*api_id);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(*api_id)};
  const auto done = carry_out(session, *api, *order);
  if (!done) return done.forward();
  return json_answer(201, *done);
}

Reply publish_batch(Session& session, const Call& call) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto order = read_order(session, *body, call.parameter("action"));
  if (!order) return order.forward();
  const auto ids = read_targets(session, *body, *order);
  if (!ids) return ids.forward();
  Value success = Value::array();
  Value failure = Value::array();
  for (const std::string& id : *ids) {
    Api* api = session.instance.apis.find(id);
    if (api == nullptr) {
      failure.push(write_failure(id, api, {"APIG.3002", "Api " + id + " not found"}));
    } else if (auto done = carry_out(session, *api, *order); done) {
      success.push(*done);
    } else {
      failure.push(write_failure(id, api, done.error()));
    }
  }
  Value answer;
  answer.set("success", std::move(success)).set("failure", std::move(failure));
  return json_answer(200, answer);
}

Reply list_versions(Session& session, const Call& call) {
  const Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  const auto env_name = [&](const Publication& version) {
    const Environment* environment = session.environment(version.env_id);
    return environment != nullptr ? environment->name : std::string();
  };
  std::vector<const Publication*> rows;
  for (const Publication& version : api->publications) {
    if (passes(call.parameter("env_id"), version.env_id, true) &&
        passes(call.parameter("env_name"), env_name(version), true)) {
      rows.push_back(&version);
    }
  }
  std::reverse(rows.begin(), rows.end());
  return list_answer(call, "api_versions", rows, [&](const Publication& version) {
    Value out;
    out.set("version_id", version.version_id).set("version_no", write_time_digits(version.at)).set("api_id", api->id);
    out.set("env_id", version.env_id).set("env_name", env_name(version)).set("remark", version.remark);
    return out.set("publish_time", write_time(version.at)).set("status", version.active ? 1 : 2);
  });
}

Reply switch_version(Session& session, const Call& call) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto version_id = required_text(*body, "version_id");
  if (!version_id) return version_id.forward();
  Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  const Found found = find_version(session, *version_id);
  auto snapshot = session.store.version(session.scope, *version_id);
  if (found.api != api || !snapshot) return unknown_version(*version_id);
  if (Publication* before = active_in(*api, found.version->env_id); before != nullptr) deactivate(session, *before);
  found.version->active = true;
  found.version->definition = std::move(*snapshot);
  session.store.set_active(session.scope, *version_id, true);
  return json_answer(200, write_publication(*api, *found.version));
}

Reply show_version(Session& session, const Call& call) {
  const Found found = find_version(session, call.ids[0]);
  const auto snapshot = session.store.version(session.scope, call.ids[0]);
  if (found.api == nullptr || !snapshot) return unknown_version(call.ids[0]);
  Value out = write_api(session, *found.api, *snapshot);
  const Environment* environment = session.environment(found.version->env_id);
  out.set("version_id", found.version->version_id).set("publish_id", found.version->publish_id);
  out.set("publish_time", write_time(found.version->at)).set("run_env_id", found.version->env_id);
  out.set("run_env_name", environment != nullptr ? environment->name : "");
  return json_answer(200, out);
}

Reply delete_version(Session& session, const Call& call) {
  const Found found = find_version(session, call.ids[0]);
  if (found.api == nullptr || !found.version->active) return unknown_version(call.ids[0]);
  deactivate(session, *found.version);
  unbind_all(session, *found.api, found.version->env_id);
  return empty_answer();
}

Reply show_runtime(Session& session, const Call& call) {
  const Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  const std::string_view asked = call.parameter("env_id");
  const std::string_view env_id = asked.empty() ? kReleaseId : asked;
  const Environment* environment = session.environment(env_id);
  if (environment == nullptr) return Unexpected<Fault>{unknown_environment(env_id)};
  const Publication* version = api->published_in(env_id);
  if (version == nullptr) return refuse("APIG.3015");
  Value out = write_api(session, *api, version->definition);
  out.set("run_env_id", version->env_id).set("run_env_name", environment->name);
  out.set("publish_id", version->publish_id).set("publish_time", write_time(version->at));
  return json_answer(200, out.set("version_id", version->version_id));
}

}  // namespace sluice::gateway
