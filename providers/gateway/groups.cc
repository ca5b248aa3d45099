#include "providers/gateway/groups.h"

#include <algorithm>

#include "plan/digest.h"
#include "providers/gateway/limits.h"
#include "providers/gateway/names.h"
#include "providers/gateway/responses.h"

namespace sluice::gateway {
namespace {

Value write_group(const Group& group) {
  const std::string domain = subdomain(group.id);
  Value out;
  out.set("id", group.id).set("name", group.name).set("status", 1).set("sl_domain", domain);
  out.set("register_time", write_time(group.created)).set("update_time", write_time(group.updated));
  out.set("on_sell_status", 2).set("url_domains", Value::array()).set("sl_domains", Value::array({domain}));
  out.set("remark", group.remark).set("sl_domain_access_enabled", true).set("is_default", group.built_in ? 1 : 2);
  return out.set("version", "V1");
}

struct GroupFields {
  std::string name;
  std::string remark;
};

void erase_apis_of(Session& session, std::string_view group_id) {
  std::vector<std::string> ids;
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (api.group_id == group_id) ids.push_back(api.id);
  }
  for (const std::string& id : ids) {
    session.store.erase_api(session.scope, id);
    session.instance.apis.erase(id);
  }
}

/// Name and remark by the rules; a name that breaks them is a fault with `code`.
Result<GroupFields, Fault> read_fields(const Call& call, std::string_view code) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto name = required_text(*body, "name");
  if (!name) return name.forward();
  if (!is_wide_name(*name)) return refuse_invalid("name", code);
  const auto remark = optional_text(*body, "remark", kLongestGroupRemark, code);
  if (!remark) return remark.forward();
  return GroupFields{*name, *remark};
}

}  // namespace

const Group* find_group_named(const Session& session, std::string_view name) {
  const auto& rows = session.instance.groups.rows();
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.second.name == name; });
  return at != rows.end() ? &at->second : nullptr;
}

Group& add_group(Session& session, std::string_view name, std::string_view remark) {
  Group& group =
      session.instance.groups.add({session.new_id(), std::string(name), std::string(remark), session.now, session.now});
  session.store.put(session.scope, group);
  session.instance.responses.add(default_response(group));
  return group;
}

void add_default_group(Instance& instance, std::string_view scope) {
  const std::string id = sha256_hex(std::string(scope) + " group " + std::string(kDefaultGroupName)).substr(0, 32);
  if (Group* known = instance.groups.find(id); known != nullptr) {
    known->built_in = true;
    return;
  }
  Group& group = instance.groups.add_first({id, std::string(kDefaultGroupName), "", Now{}, Now{}, true});
  Policy response = default_response(group);
  if (instance.responses.find(response.id) == nullptr) instance.responses.add(std::move(response));
}

Result<void, Fault> room_for_group(const Session& session) {
  if (session.instance.groups.size() >= kMostGroups) return refuse("APIG.3101");
  return {};
}

Fault unknown_group(std::string_view id) { return {"APIG.3001", "API group " + std::string(id) + " does not exist"}; }

std::string subdomain(std::string_view group_id) {
  return std::string(group_id) + ".apic.cn-north-7.huaweicloudapis.com";
}

Reply create_group(Session& session, const Call& call) {
  const auto fields = read_fields(call, "APIG.2011");
  if (!fields) return fields.forward();
  if (find_group_named(session, fields->name) != nullptr) return refuse("APIG.3201");
  if (auto room = room_for_group(session); !room) return room.forward();
  return json_answer(201, write_group(add_group(session, fields->name, fields->remark)));
}

Reply list_groups(Session& session, const Call& call) {
  const std::string_view id = call.parameter("id");
  const std::string_view name = call.parameter("name");
  const bool exact = is_precise(call, "name");
  std::vector<const Group*> rows;
  for (const auto& [number, group] : session.instance.groups.rows()) {
    if (passes(id, group.id, true) && passes(name, group.name, exact)) rows.push_back(&group);
  }
  return list_answer(call, "groups", rows, write_group);
}

Reply show_group(Session& session, const Call& call) {
  const Group* group = session.instance.groups.find(call.ids[0]);
  if (group == nullptr && session.rules.blame_instance) {
    return refuse("APIG.3030", "The instance does not exist;id:" + session.instance_id);
  }
  if (group == nullptr) return Unexpected<Fault>{unknown_group(call.ids[0])};
  return json_answer(200, write_group(*group));
}

Reply update_group(Session& session, const Call& call) {
  Group* group = session.instance.groups.find(call.ids[0]);
  if (group == nullptr) return Unexpected<Fault>{unknown_group(call.ids[0])};
  const auto fields = read_fields(call, "APIG.2012");
  if (!fields) return fields.forward();
  if (group->built_in && fields->name != group->name) return refuse("APIG.1101");
  const Group* holder = find_group_named(session, fields->name);
  if (holder != nullptr && holder != group) return refuse("APIG.3201");
  group->name = fields->name;
  group->remark = fields->remark;
  group->updated = session.now;
  session.store.put(session.scope, *group);
  return json_answer(200, write_group(*group));
}

Reply delete_group(Session& session, const Call& call) {
  const std::string& id = call.ids[0];
  if (session.instance.groups.find(id) == nullptr) return Unexpected<Fault>{unknown_group(id)};
  if (session.instance.groups.find(id)->built_in) return refuse("APIG.1101");
  if (session.rules.cascade) erase_apis_of(session, id);
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (api.group_id == id) {
      return refuse("APIG.3415", "The API group cannot be deleted because it contains APIs,id:" + id);
    }
  }
  erase_responses(session, id);
  session.instance.groups.erase(id);
  session.store.erase_group(session.scope, id);
  return empty_answer();
}

Reply check_group_name(Session& session, const Call& call) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto name = required_text(*body, "group_name");
  if (!name) return name.forward();
  if (!is_wide_name(*name)) return refuse_invalid("group_name");
  if (find_group_named(session, *name) != nullptr) return refuse("APIG.3201");
  return empty_answer();
}

}  // namespace sluice::gateway
