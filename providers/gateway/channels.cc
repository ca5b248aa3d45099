#include "providers/gateway/channels.h"

#include <algorithm>
#include <optional>
#include <set>

#include "plan/digest.h"
#include "providers/gateway/fields.h"
#include "providers/gateway/limits.h"
#include "providers/gateway/names.h"
#include "providers/gateway/pointers.h"
#include "providers/gateway/references.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kMostMemberGroups = 10;
constexpr std::int64_t kHeaviest = 10'000;

Value check_members(Fields& fields, std::string_view member_type, std::optional<Fault>& fault) {
  Value out = Value::array();
  const Value::Array& list = fields.list("members");
  if (list.size() > kMostMembers) fields.report(refuse("APIG.3110").error);
  for (const Value& item : list) {
    if (!fields.ok()) break;
    Fields inner(item, fault);
    Value member;
    if (member_type == "ip") {
      member.set("host", inner.required("host", 64));
    } else {
      member.set("ecs_id", inner.required("ecs_id", 255)).set("ecs_name", inner.required("ecs_name", 64));
    }
    member.set("weight", inner.integer("weight", 0, kHeaviest, 1));
    member.set("is_backup", inner.flag("is_backup", false));
    const std::string group = inner.text("member_group_name", 64);
    if (!group.empty()) member.set("member_group_name", group);
    member.set("status", inner.integer("status", 1, 2, 1));
    const std::int64_t port = inner.integer("port", 0, 65535, 0);
    if (port > 0) member.set("port", port);
    out.push(std::move(member));
  }
  return out;
}

Value check_groups(Fields& fields, std::optional<Fault>& fault) {
  Value out = Value::array();
  const Value::Array& list = fields.list("member_groups");
  std::set<std::string> names;
  if (list.size() > kMostMemberGroups) fields.report(invalid("member_groups"));
  for (const Value& item : list) {
    if (!fields.ok()) break;
    Fields inner(item, fault);
    Value group;
    const std::string name = inner.required("member_group_name", 64);
    if (!names.insert(name).second) inner.report(invalid("member_group_name"));
    group.set("member_group_name", name);
    group.set("member_group_remark", inner.text("member_group_remark", 255));
    group.set("member_group_weight", inner.integer("member_group_weight", 0, 100, 0));
    out.push(std::move(group));
  }
  return out;
}

void check_health(Fields& fields, std::optional<Fault>& fault, Value& out) {
  if (fields.find("vpc_health_config") == nullptr) return;
  const Value* from = fields.object("vpc_health_config");
  if (from == nullptr) return;
  Fields inner(*from, fault);
  Value health;
  const std::string protocol = inner.word("protocol", {"TCP", "HTTP", "HTTPS"});
  health.set("protocol", protocol);
  health.set("threshold_normal", inner.integer("threshold_normal", 1, 10, 2));
  health.set("threshold_abnormal", inner.integer("threshold_abnormal", 1, 10, 5));
  health.set("time_out", inner.integer("time_out", 1, 30, 5));
  health.set("time_interval", inner.integer("time_interval", 1, 300, 10));
  health.set("port", inner.integer("port", 0, 65535, 0));
  if (protocol != "TCP") {
    health.set("path", inner.required("path", 255)).set("method", inner.word("method", {"GET", "HEAD"}, "GET"));
    health.set("http_code", inner.required("http_code", 255));
  }
  out.set("vpc_health_config", std::move(health));
}

bool is_channel_name(std::string_view name) {
  const std::size_t length = length_of(name);
  return length >= 3 && length <= 64 && is_wide_name(name) && name.find_first_of("/():") == std::string_view::npos;
}

Result<WantedPolicy, Fault> check_channel(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  const std::string name = fields.required("name", 64);
  if (!is_channel_name(name)) fields.report(invalid("name"));
  Value out;
  if (fields.find("port") == nullptr) fields.report(missing("port"));
  out.set("port", fields.integer("port", 1, 65535, 0));
  if (fields.find("balance_strategy") == nullptr) fields.report(missing("balance_strategy"));
  out.set("balance_strategy", fields.integer("balance_strategy", 1, 4, 0));
  const std::string member_type = fields.word("member_type", {"ip", "ecs"});
  out.set("member_type", member_type).set("type", fields.integer("type", 2, 3, 2));
  out.set("vpc_channel_type", fields.word("vpc_channel_type", {"builtin", "microservice", "reference"}, "builtin"));
  out.set("member_groups", check_groups(fields, fault)).set("members", check_members(fields, member_type, fault));
  check_health(fields, fault, out);
  if (fault) return Unexpected<Fault>{*fault};
  return WantedPolicy{name, std::move(out)};
}

Value write_channel(const Policy& policy) {
  Value out;
  out.set("id", policy.id).set("name", policy.name).set("status", 1);
  for (const Value::Member& member : policy.body.members()) {
    if (member.key != "member_groups") out.set(member.key, member.value);
  }
  Value groups = Value::array();
  for (const Value& group : member_of(policy.body, "member_groups").items()) {
    Value shown;
    shown.set("member_group_id", member_group_id(policy.id, group.text("member_group_name")));
    for (const Value::Member& member : group.members()) shown.set(member.key, member.value);
    groups.push(std::move(shown));
  }
  return out.set("member_groups", std::move(groups)).set("create_time", write_time(policy.created));
}

Result<WantedPolicy, Fault> read_wanted(const Session& session, const Call& call, std::string_view self) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_channel(*body);
  if (!wanted) return wanted.forward();
  const auto free = name_is_free(session.instance, PolicyKind::Channel, wanted->name, self);
  if (!free) return free.forward();
  return wanted;
}

}  // namespace

std::string member_group_id(std::string_view channel_id, std::string_view name) {
  return sha256_hex(std::string(channel_id).append(" group ").append(name)).substr(0, 32);
}

Reply create_channel(Session& session, const Call& call) {
  auto wanted = read_wanted(session, call, "");
  if (!wanted) return wanted.forward();
  auto room = room_for_policy(PolicyKind::Channel, session.instance.channels.size());
  if (!room) return room.forward();
  return json_answer(201, write_channel(add_policy(session, PolicyKind::Channel, std::move(*wanted))));
}

Reply list_channels(Session& session, const Call& call) {
  auto rows = filtered_policies(session, call, PolicyKind::Channel);
  std::erase_if(rows, [&](const Policy* policy) {
    return !passes(call.parameter("vpc_channel_type"), policy->body.text("vpc_channel_type"), true);
  });
  return list_answer(call, "vpc_channels", rows, write_channel);
}

Reply show_channel(Session& session, const Call& call) {
  const Policy* policy = session.instance.channels.find(call.ids[0]);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Channel, call.ids[0])};
  return json_answer(200, write_channel(*policy));
}

Reply update_channel(Session& session, const Call& call) {
  Policy* policy = session.instance.channels.find(call.ids[0]);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Channel, call.ids[0])};
  auto wanted = read_wanted(session, call, policy->id);
  if (!wanted) return wanted.forward();
  replace_policy(session, *policy, std::move(*wanted));
  return json_answer(200, write_channel(*policy));
}

Reply delete_channel(Session& session, const Call& call) {
  if (session.instance.channels.find(call.ids[0]) == nullptr) {
    return Unexpected<Fault>{unknown_policy(PolicyKind::Channel, call.ids[0])};
  }
  if (is_referred_to(session.instance, PolicyKind::Channel, call.ids[0])) return refuse("APIG.3414");
  erase_policy(session, PolicyKind::Channel, call.ids[0]);
  return empty_answer();
}

}  // namespace sluice::gateway
