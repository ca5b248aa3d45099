#include "providers/gateway/plugins.h"

#include <algorithm>
#include <optional>

#include "plan/json.h"
#include "providers/gateway/apis.h"
#include "providers/gateway/bindings.h"
#include "providers/gateway/environments.h"
#include "providers/gateway/fields.h"
#include "providers/gateway/names.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kLongestContent = 65535;
constexpr std::size_t kLongestRemark = 255;

/// The members of a plug-in that all answers share.
void write_outline(const Policy& plugin, Value& out) {
  out.set("plugin_id", plugin.id).set("plugin_name", plugin.name);
  for (const char* name : {"plugin_type", "plugin_scope"}) out.set(name, plugin.body.text(name));
}

void write_rest(const Policy& plugin, Value& out) {
  for (const char* name : {"plugin_content", "remark"}) out.set(name, plugin.body.text(name));
  out.set("create_time", write_time(plugin.created)).set("update_time", write_time(plugin.updated));
}

Value write_plugin(const Policy& plugin) {
  Value out;
  write_outline(plugin, out);
  write_rest(plugin, out);
  return out;
}

Fault unknown_plugin(std::string_view id) { return unknown_policy(PolicyKind::Plugin, id); }

/// The definition of a body whose name no other plug-in than `self` has.
Result<WantedPolicy, Fault> read_wanted(const Session& session, const Call& call, std::string_view self) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_plugin(*body);
  if (!wanted) return wanted.forward();
  if (auto free = name_is_free(session.instance, PolicyKind::Plugin, wanted->name, self); !free) return free.forward();
  return wanted;
}

bool is_attached(const Session& session, const Policy& plugin) {
  return count_of(count_bindings(session.instance, PolicyKind::Plugin), plugin) > 0;
}

/// APIs and plug-ins that a call brings together or apart in an environment; all of them exist.
struct Pairing {
  const Environment* environment = nullptr;
  std::vector<Api*> apis;
  std::vector<const Policy*> plugins;
};

/// Reads the environment and one list of ids of a body. The path names the other side: the API when `of_api`.
Result<Pairing, Fault> read_pairing(Session& session, const Call& call, bool of_api, bool published) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto env_id = required_text(*body, "env_id");
  if (!env_id) return env_id.forward();
  const auto ids = read_id_list(*body, of_api ? "plugin_ids" : "api_ids");
  if (!ids) return ids.forward();
  Pairing out;
  const std::vector<std::string> path = {call.ids[0]};
  for (const std::string& id : of_api ? path : *ids) {
    out.apis.push_back(session.instance.apis.find(id));
    if (out.apis.back() == nullptr) return Unexpected<Fault>{unknown_api(id)};
  }
  for (const std::string& id : of_api ? *ids : path) {
    out.plugins.push_back(session.instance.plugins.find(id));
    if (out.plugins.back() == nullptr) return Unexpected<Fault>{unknown_plugin(id)};
  }
  out.environment = session.environment(*env_id);
  if (out.environment == nullptr) return Unexpected<Fault>{unknown_environment(*env_id)};
  const bool all = std::all_of(out.apis.begin(), out.apis.end(),
                               [&](const Api* api) { return api->published_in(*env_id) != nullptr; });
  if (published && !all) return refuse("APIG.3707");
  return out;
}

Reply attach(Session& session, const Call& call, bool of_api) {
  const auto pairing = read_pairing(session, call, of_api, true);
  if (!pairing) return pairing.forward();
  Value list = Value::array();
  for (Api* api : pairing->apis) {
    for (const Policy* plugin : pairing->plugins) {
      const Binding binding = bind_policy(session, *api, pairing->environment->id, *plugin);
      Value item;
      item.set("plugin_attach_id", binding.id);
      write_outline(*plugin, item);
      item.set("env_id", pairing->environment->id).set("env_name", pairing->environment->name);
      item.set("api_id", api->id).set("api_name", api->definition.text("name"));
      list.push(item.set("attached_time", write_time(binding.at)));
    }
  }
  // Two generations of the service's documents name the list differently.
  Value answer;
  return json_answer(201, answer.set("bindings", list).set("attached_plugins", list));
}

Reply detach(Session& session, const Call& call, bool of_api) {
  const auto pairing = read_pairing(session, call, of_api, false);
  if (!pairing) return pairing.forward();
  for (Api* api : pairing->apis) {
    const std::vector<Binding> bindings = api->bindings;
    for (const Binding& binding : bindings) {
      const bool named = std::any_of(pairing->plugins.begin(), pairing->plugins.end(),
                                     [&](const Policy* plugin) { return plugin->id == binding.policy_id; });
      if (named && binding.env_id == pairing->environment->id) unbind_policy(session, *api, binding.id);
    }
  }
  return empty_answer();
}

/// An API in the lists of what plug-ins are, or could be, attached to.
Value write_candidate(const Session& session, const BoundRow& row) {
  const Value& d = row.version->definition;
  const Group* group = session.instance.groups.find(row.api->group_id);
  const Environment* environment = session.environment(row.version->env_id);
  Value out;
  out.set("api_id", row.api->id).set("api_name", d.text("name"));
  out.set("type", d.find("type") != nullptr ? *d.find("type") : Value(1));
  for (const char* name : {"req_protocol", "req_method", "req_uri", "auth_type", "match_mode", "remark"}) {
    out.set(name, d.text(name));
  }
  out.set("group_id", row.api->group_id).set("group_name", group != nullptr ? group->name : std::string());
  out.set("env_id", row.version->env_id).set("env_name", environment != nullptr ? environment->name : std::string());
  return out.set("publish_id", row.version->publish_id);
}

Value write_attached_api(const Session& session, const BoundRow& row) {
  Value out = write_candidate(session, row);
  out.set("plugin_attach_id", row.binding->id);
  return out.set("attached_time", write_time(row.binding->at));
}

/// Whether a plug-in is at work on what an API runs; in any environment when `env_id` is "".
bool works_on(const Api& api, std::string_view env_id, std::string_view plugin_id) {
  return std::any_of(api.bindings.begin(), api.bindings.end(), [&](const Binding& binding) {
    return binding.kind == PolicyKind::Plugin && binding.policy_id == plugin_id &&
           (env_id.empty() || binding.env_id == env_id);
  });
}

bool passes_api_filters(const Call& call, const BoundRow& row) {
  const Value& d = row.version->definition;
  return passes(call.parameter("group_id"), row.api->group_id, true) &&
         passes(call.parameter("api_id"), row.api->id, true) &&
         passes(call.parameter("env_id"), row.version->env_id, true) &&
         passes(call.parameter("req_method"), d.text("req_method"), true) &&
         passes(call.parameter("req_uri"), d.text("req_uri"), is_precise(call, "req_uri")) &&
         passes(call.parameter("api_name"), d.text("name"), is_precise(call, "api_name"));
}

Value write_attached_plugin(const Session& session, const BoundRow& row) {
  const Environment* environment = session.environment(row.version->env_id);
  Value out;
  out.set("plugin_attach_id", row.binding->id);
  write_outline(*row.policy, out);
  out.set("env_id", row.version->env_id).set("env_name", environment != nullptr ? environment->name : std::string());
  out.set("attached_time", write_time(row.binding->at));
  write_rest(*row.policy, out);
  return out;
}

/// The rows of the page, which `keep` lets through.
template <typename Keep>
Reply list_rows(const Session& session, const Call& call, std::string_view plural, const Keep& keep,
                Value (*write)(const Session&, const BoundRow&)) {
  const auto rows = bound_rows(session, PolicyKind::Plugin);
  std::vector<const BoundRow*> kept;
  for (const BoundRow& row : rows) {
    if (passes(call.parameter("env_id"), row.version->env_id, true) && keep(row)) kept.push_back(&row);
  }
  return list_answer(call, plural, kept, [&](const BoundRow& row) { return write(session, row); });
}

}  // namespace

Result<WantedPolicy, Fault> check_plugin(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  const std::string name = fields.required("plugin_name", 255);
  if (!is_plugin_name(name)) fields.report(invalid("plugin_name"));
  Value out;
  out.set("plugin_type",
          fields.word("plugin_type", {"cors", "set_resp_headers", "kafka_log", "breaker", "rate_limit", "third_auth",
                                      "proxy_cache", "proxy_mirror", "oidc_auth", "jwt_auth"}));
  out.set("plugin_scope", fields.word("plugin_scope", {"global"}));
  const std::string content = fields.required("plugin_content", kLongestContent);
  if (const auto parsed = parse_json(content); !parsed || !parsed->is_object()) {
    fields.report(invalid("plugin_content"));
  }
  out.set("plugin_content", content).set("remark", fields.text("remark", kLongestRemark));
  if (fault) return Unexpected<Fault>{*fault};
  return WantedPolicy{name, std::move(out)};
}

Reply create_plugin(Session& session, const Call& call) {
  auto wanted = read_wanted(session, call, "");
  if (!wanted) return wanted.forward();
  if (auto room = room_for_policy(PolicyKind::Plugin, session.instance.plugins.size()); !room) return room.forward();
  return json_answer(201, write_plugin(add_policy(session, PolicyKind::Plugin, std::move(*wanted))));
}

Reply list_plugins(Session& session, const Call& call) {
  auto rows = filtered_policies(session, call, PolicyKind::Plugin, "plugin_id", "plugin_name");
  std::erase_if(rows, [&](const Policy* plugin) {
    return !passes(call.parameter("plugin_type"), plugin->body.text("plugin_type"), true) ||
           !passes(call.parameter("plugin_scope"), plugin->body.text("plugin_scope"), true);
  });
  return list_answer(call, "plugins", rows, write_plugin);
}

Reply show_plugin(Session& session, const Call& call) {
  const Policy* plugin = session.instance.plugins.find(call.ids[0]);
  if (plugin == nullptr) return Unexpected<Fault>{unknown_plugin(call.ids[0])};
  return json_answer(200, write_plugin(*plugin));
}

Reply update_plugin(Session& session, const Call& call) {
  Policy* plugin = session.instance.plugins.find(call.ids[0]);
  if (plugin == nullptr) return Unexpected<Fault>{unknown_plugin(call.ids[0])};
  auto wanted = read_wanted(session, call, plugin->id);
  if (!wanted) return wanted.forward();
  // Another type could meet a plug-in of that type where it is attached.
  const bool other_type = wanted->body.text("plugin_type") != plugin->body.text("plugin_type");
  if (other_type && is_attached(session, *plugin)) return refuse("APIG.3462");
  replace_policy(session, *plugin, std::move(*wanted));
  return json_answer(200, write_plugin(*plugin));
}

Reply delete_plugin(Session& session, const Call& call) {
  const Policy* plugin = session.instance.plugins.find(call.ids[0]);
  if (plugin == nullptr) return Unexpected<Fault>{unknown_plugin(call.ids[0])};
  if (is_attached(session, *plugin)) return refuse("APIG.3462");
  erase_policy(session, PolicyKind::Plugin, call.ids[0]);
  return empty_answer();
}

Reply attach_plugin(Session& session, const Call& call) { return attach(session, call, false); }

Reply detach_plugin(Session& session, const Call& call) { return detach(session, call, false); }

Reply attach_to_api(Session& session, const Call& call) { return attach(session, call, true); }

Reply detach_from_api(Session& session, const Call& call) { return detach(session, call, true); }

Reply list_attached_apis(Session& session, const Call& call) {
  if (session.instance.plugins.find(call.ids[0]) == nullptr) return Unexpected<Fault>{unknown_plugin(call.ids[0])};
  const auto keep = [&](const BoundRow& row) {
    return row.policy->id == call.ids[0] && passes(call.parameter("group_id"), row.api->group_id, true) &&
           passes(call.parameter("api_id"), row.api->id, true) &&
           passes(call.parameter("api_name"), row.api->definition.text("name"), is_precise(call, "api_name"));
  };
  return list_rows(session, call, "apis", keep, write_attached_api);
}

Reply list_attached_plugins(Session& session, const Call& call) {
  if (session.instance.apis.find(call.ids[0]) == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  const auto keep = [&](const BoundRow& row) {
    return row.api->id == call.ids[0] && passes(call.parameter("plugin_id"), row.policy->id, true) &&
           passes(call.parameter("plugin_name"), row.policy->name, is_precise(call, "plugin_name")) &&
           passes(call.parameter("plugin_type"), row.policy->body.text("plugin_type"), true);
  };
  return list_rows(session, call, "plugins", keep, write_attached_plugin);
}

Reply list_attachable_apis(Session& session, const Call& call) {
  const Policy* plugin = session.instance.plugins.find(call.ids[0]);
  if (plugin == nullptr) return Unexpected<Fault>{unknown_plugin(call.ids[0])};
  std::vector<BoundRow> candidates;
  for (const auto& [number, api] : session.instance.apis.rows()) {
    for (const Publication& version : api.publications) {
      const BoundRow row{&api, &version, nullptr, nullptr};
      if (!version.active || works_on(api, version.env_id, plugin->id)) continue;
      if (passes_api_filters(call, row)) candidates.push_back(row);
    }
  }
  std::vector<const BoundRow*> rows;
  for (const BoundRow& row : candidates) rows.push_back(&row);
  return list_answer(call, "apis", rows, [&](const BoundRow& row) { return write_candidate(session, row); });
}

Reply list_attachable_plugins(Session& session, const Call& call) {
  const Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  auto rows = filtered_policies(session, call, PolicyKind::Plugin, "plugin_id", "plugin_name");
  std::erase_if(rows, [&](const Policy* plugin) {
    return works_on(*api, call.parameter("env_id"), plugin->id) ||
           !passes(call.parameter("plugin_type"), plugin->body.text("plugin_type"), true);
  });
  return list_answer(call, "plugins", rows, write_plugin);
}

}  // namespace sluice::gateway
