#include "providers/gateway/apis.h"

#include <algorithm>

#include "providers/gateway/definition.h"
#include "providers/gateway/fields.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/limits.h"
#include "providers/gateway/references.h"
#include "providers/gateway/responses.h"

namespace sluice::gateway {
namespace {

std::string_view name_of(const Api& api) { return api.definition.text("name"); }

/// The publications in effect, each of their fields joined by '|'.
void write_publications(const Session& session, const Api& api, Value& out) {
  std::string env_ids;
  std::string env_names;
  std::string publish_ids;
  std::string times;
  for (const Publication& version : api.publications) {
    if (!version.active) continue;
    const char* bar = env_ids.empty() ? "" : "|";
    const Environment* environment = session.environment(version.env_id);
    env_ids.append(bar).append(version.env_id);
    env_names.append(bar).append(environment != nullptr ? environment->name : "");
    publish_ids.append(bar).append(version.publish_id);
    times.append(bar).append(write_time(version.at));
  }
  out.set("run_env_id", env_ids).set("run_env_name", env_names).set("publish_id", publish_ids);
  out.set("publish_time", times);
}

/// Another API than `self` in the group with this identity or name; the fault that it means.
std::optional<Fault> conflict(const Session& session, std::string_view group_id, std::string_view self,
                              std::string_view identity, std::string_view name) {
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (api.id == self || (!group_id.empty() && api.group_id != group_id)) continue;
    if (!identity.empty() && api.identity == identity) {
      return Fault{"APIG.3301", "The API already exists, api_name:" + std::string(name_of(api))};
    }
    if (!name.empty() && name_of(api) == name) {
      return Fault{"APIG.3202", "The API name already exists, api_name:" + std::string(name)};
    }
  }
  return std::nullopt;
}

std::size_t count_in_group(const Session& session, std::string_view group_id) {
  const auto& rows = session.instance.apis.rows();
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return row.second.group_id == group_id; }));
}

/// A checked definition from a body, with the group that it is for.
struct Wanted {
  std::string group_id;
  Value definition;
};

Result<Wanted, Fault> read_wanted(const Session& session, const Call& call, std::string_view self) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto group_id = required_text(*body, "group_id");
  if (!group_id) return group_id.forward();
  auto definition = check_definition(*body, session.rules);
  if (!definition) return definition.forward();
  if (session.instance.groups.find(*group_id) == nullptr) return Unexpected<Fault>{unknown_group(*group_id)};
  if (auto linked = link_references(session, ReferBy::Id, *definition); !linked) return linked.forward();
  const auto response = response_is_known(session.instance, *group_id, definition->text("response_id"));
  if (!response) return response.forward();
  const std::string identity = identity_of(*definition, session.rules.distinct_variables);
  if (auto fault = conflict(session, *group_id, self, identity, definition->text("name"))) {
    return Unexpected<Fault>{*fault};
  }
  return Wanted{*group_id, std::move(*definition)};
}

/// Channels are asked for by a part of their name.
bool channel_passes(const Session& session, std::string_view filter, const Value& definition) {
  if (filter.empty()) return true;
  const Value* backend = definition.find("backend_api");
  const Value* channel = backend != nullptr ? backend->find("vpc_channel_info") : nullptr;
  if (channel == nullptr) return false;
  const Policy* known = session.instance.channels.find(channel->text("vpc_channel_id"));
  const std::string_view name = known != nullptr ? std::string_view(known->name) : channel->text("vpc_channel_id");
  return name.find(filter) != std::string_view::npos;
}

bool tags_pass(std::string_view filter, const Value& definition) {
  const Value* tags = definition.find("tags");
  if (filter.empty() || tags == nullptr) return true;
  if (filter == "#no_tags#") return tags->empty();
  const std::string wanted = "," + std::string(filter) + ",";
  const auto& items = tags->items();
  return std::any_of(items.begin(), items.end(),
                     [&](const Value& tag) { return wanted.find("," + tag.as_string() + ",") != std::string::npos; });
}

bool type_passes(std::string_view filter, const Value& definition) {
  const Value* type = definition.find("type");
  return filter.empty() || (type != nullptr && type->is_integer() && std::to_string(type->as_integer()) == filter);
}

/// Whether an API is among those that a list call asks for.
bool is_asked_for(const Session& session, const Call& call, const Api& api) {
  const Value& d = api.definition;
  for (const char* name : {"req_protocol", "req_method", "auth_type"}) {
    if (!passes(call.parameter(name), d.text(name), true)) return false;
  }
  const std::string_view env = call.parameter("env_id");
  return passes(call.parameter("group_id"), api.group_id, true) && passes(call.parameter("id"), api.id, true) &&
         passes(call.parameter("name"), d.text("name"), is_precise(call, "name")) &&
         passes(call.parameter("req_uri"), d.text("req_uri"), is_precise(call, "req_uri")) &&
         (env.empty() || api.published_in(env) != nullptr) && type_passes(call.parameter("type"), d) &&
         tags_pass(call.parameter("tags"), d) && channel_passes(session, call.parameter("vpc_channel_name"), d);
}

}  // namespace

Result<void, Fault> room_for_api(const Session& session, std::string_view group_id, std::size_t held) {
  if (held >= kMostApisInGroup) {
    return refuse("APIG.3125", refuse("APIG.3125").error.message + ",id:" + std::string(group_id));
  }
  if (session.instance.apis.size() >= session.rules.most_apis) return refuse("APIG.3102");
  return {};
}

Api& add_api(Session& session, std::string_view group_id, Value definition) {
  Api api;
  api.id = session.new_id();
  api.group_id = group_id;
  api.identity = identity_of(definition, session.rules.distinct_variables);
  api.definition = with_part_ids(std::move(definition), api.id);
  api.created = session.now;
  api.updated = session.now;
  Api& added = session.instance.apis.add(std::move(api));
  session.store.put(session.scope, added);
  return added;
}

void replace_draft(Session& session, Api& api, Value definition) {
  api.identity = identity_of(definition, session.rules.distinct_variables);
  api.definition = with_part_ids(std::move(definition), api.id);
  api.updated = session.now;
  session.store.put(session.scope, api);
}

Fault unknown_api(std::string_view id) { return {"APIG.3002", "API " + std::string(id) + " does not exist"}; }

Value write_api(const Session& session, const Api& api, const Value& definition) {
  const Group* group = session.instance.groups.find(api.group_id);
  Value::Object members;
  members.reserve(definition.members().size() + 12);
  members.push_back({"id", api.id, 0});
  for (const Value::Member& member : definition.members()) members.push_back(member);
  members.push_back({"group_id", api.group_id, 0});
  members.push_back({"group_name", group != nullptr ? group->name : std::string(), 0});
  members.push_back({"group_version", "V1", 0});
  members.push_back({"status", 1, 0});
  members.push_back({"arrange_necessary", 2, 0});
  members.push_back({"register_time", write_time(api.created), 0});
  members.push_back({"update_time", write_time(api.updated), 0});
  Value out = Value::object(std::move(members));
  write_publications(session, api, out);
  return out;
}

Reply create_api(Session& session, const Call& call) {
  auto wanted = read_wanted(session, call, "");
  if (!wanted) return wanted.forward();
  const std::size_t held = count_in_group(session, wanted->group_id);
  if (auto room = room_for_api(session, wanted->group_id, held); !room) return room.forward();
  const Api& api = add_api(session, wanted->group_id, std::move(wanted->definition));
  return json_answer(201, write_api(session, api, api.definition));
}

namespace {

/// Leaves out what `return_data_mode` does not ask for; without it everything is there.
Value shorten(Value api, const Call& call) {
  const std::string_view modes = call.parameter("return_data_mode");
  if (modes.empty()) return api;
  if (modes.find("include_group") == std::string_view::npos) {
    for (const char* name : {"group_name", "group_version"}) api.erase(name);
  }
  if (modes.find("include_group_backend") == std::string_view::npos) {
    for (const char* name : {"backend_api", "func_info", "mock_info", "backend_params", "policy_https",
                             "policy_functions", "policy_mocks"}) {
      api.erase(name);
    }
  }
  return api;
}

}  // namespace

Reply list_apis(Session& session, const Call& call) {
  std::vector<const Api*> rows;
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (is_asked_for(session, call, api)) rows.push_back(&api);
  }
  return list_answer(call, "apis", rows,
                     [&](const Api& api) { return shorten(write_api(session, api, api.definition), call); });
}

Reply show_api(Session& session, const Call& call) {
  const Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  return json_answer(200, write_api(session, *api, api->definition));
}

Reply update_api(Session& session, const Call& call) {
  Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  auto wanted = read_wanted(session, call, api->id);
  if (!wanted) return wanted.forward();
  if (wanted->group_id != api->group_id) return refuse_invalid("group_id");
  replace_draft(session, *api, std::move(wanted->definition));
  return json_answer(200, write_api(session, *api, api->definition));
}

Reply delete_api(Session& session, const Call& call) {
  const Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  if (api->published()) return refuse("APIG.3416");
  session.store.erase_api(session.scope, call.ids[0]);
  session.instance.apis.erase(call.ids[0]);
  return empty_answer();
}

Reply debug_api(Session& session, const Call& call) {
  const Api* api = session.instance.apis.find(call.ids[0]);
  if (api == nullptr) return Unexpected<Fault>{unknown_api(call.ids[0])};
  const auto body = read_body(call);
  if (!body) return body.forward();
  std::optional<Fault> fault;
  Fields fields(*body, fault);
  const std::string mode = fields.word("mode", {"DEVELOPER", "CONSUMER"});
  fields.word("scheme", {"HTTP", "HTTPS"});
  const std::string method = fields.word("method", {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ANY"});
  const std::string path = fields.required("path", 512);
  if (fault) return Unexpected<Fault>{*fault};
  const Publication* version = api->published_in(kReleaseId);
  if (mode == "CONSUMER" && version == nullptr) return refuse("APIG.3015");
  const Value& definition = mode == "CONSUMER" ? version->definition : api->definition;
  const Value* mock = definition.find("mock_info");
  if (mock == nullptr) {
    return refuse("APIG.2030",
                  "Bad request for debugging the API: this gateway calls no backends, only MOCK is answered");
  }
  const std::string content(mock->text("result_content"));
  Value out;
  out.set("request", method + " " + path + " HTTP/1.1\r\nHost: " + subdomain(api->group_id) + "\r\n\r\n");
  out.set("response", "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content);
  return json_answer(200, out.set("latency", "0ms"));
}

Reply check_api(Session& session, const Call& call) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto type = required_text(*body, "type");
  if (!type) return type.forward();
  if (*type != "path" && *type != "name") return refuse_invalid("type");
  std::string identity;
  std::string name;
  if (*type == "name") {
    const auto given = required_text(*body, "name");
    if (!given) return given.forward();
    name = *given;
  } else {
    const auto method = required_text(*body, "req_method");
    if (!method) return method.forward();
    const auto path = required_text(*body, "req_uri");
    if (!path) return path.forward();
    const std::string_view mode = body->text("match_mode");
    identity = identity_of(*method, *path, mode.empty() ? "NORMAL" : mode, session.rules.distinct_variables);
  }
  if (auto fault = conflict(session, body->text("group_id"), body->text("api_id"), identity, name)) {
    return Unexpected<Fault>{*fault};
  }
  return empty_answer();
}

}  // namespace sluice::gateway
