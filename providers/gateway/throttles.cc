#include "providers/gateway/throttles.h"

#include <algorithm>
#include <optional>

#include "providers/gateway/fields.h"
#include "providers/gateway/names.h"

namespace sluice::gateway {
namespace {

constexpr std::int64_t kLargestLimit = 2147483647;
constexpr std::size_t kLongestRemark = 255;
constexpr std::int64_t kMostSpecialsOfAType = 30;

/// A limit, which must not be above another one; limits that are not given are left out.
std::int64_t check_limit(Fields& fields, const char* name, std::int64_t most, Value& out) {
  const std::int64_t limit = fields.integer(name, 1, kLargestLimit, 0);
  if (limit == 0) return most;
  if (limit > most) fields.report(invalid(name));
  out.set(name, limit);
  return limit;
}

std::int64_t required_integer(Fields& fields, const char* name, Value& out) {
  if (fields.find(name) == nullptr) fields.report(missing(name));
  const std::int64_t value = fields.integer(name, 1, kLargestLimit, 1);
  out.set(name, value);
  return value;
}

const Value& specials_of(const Policy& policy) {
  static const Value none = Value::array();
  const Value* found = policy.body.find("specials");
  return found != nullptr ? *found : none;
}

Value write_special(const Policy& policy, const Value& special) {
  Value out = special;
  return out.set("throttle_id", policy.id).set("object_name", "");
}

Reply with_policy(Session& session, const Call& call, Reply (*answer)(Session&, const Call&, Policy&)) {
  Policy* policy = session.instance.throttles.find(call.ids[0]);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Throttle, call.ids[0])};
  return answer(session, call, *policy);
}

Result<std::size_t, Fault> find_special(const Policy& policy, std::string_view id) {
  const auto& items = specials_of(policy).items();
  const auto at = std::find_if(items.begin(), items.end(), [&](const Value& item) { return item.text("id") == id; });
  if (at != items.end()) return static_cast<std::size_t>(at - items.begin());
  return refuse("APIG.3013", "The excluded request throttling configuration does not exist,id:" + std::string(id));
}

void set_specials(Session& session, Policy& policy, Value specials) {
  policy.body.set("specials", std::move(specials));
  session.store.put(session.scope, policy);
}

}  // namespace

Result<WantedPolicy, Fault> check_throttle(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  const std::string name = fields.required("name", 64);
  // Throttling policies and titles follow the same rule.
  if (!is_title(name)) fields.report(invalid("name"));
  Value out;
  const std::int64_t api = required_integer(fields, "api_call_limits", out);
  const std::int64_t user = check_limit(fields, "user_call_limits", api, out);
  check_limit(fields, "app_call_limits", user, out);
  check_limit(fields, "ip_call_limits", api, out);
  required_integer(fields, "time_interval", out);
  out.set("time_unit", fields.word("time_unit", {"SECOND", "MINUTE", "HOUR", "DAY"}));
  out.set("type", fields.integer("type", 1, 2, 1)).set("remark", fields.text("remark", kLongestRemark));
  if (fault) return Unexpected<Fault>{*fault};
  return WantedPolicy{name, std::move(out)};
}

Result<Value, Fault> check_special(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  Value out;
  required_integer(fields, "call_limits", out);
  out.set("object_id", fields.required("object_id", 64));
  out.set("object_type", fields.word("object_type", {"APP", "USER"}));
  if (fault) return Unexpected<Fault>{*fault};
  return out;
}

Result<void, Fault> room_for_special(const Value& specials, const Value& special) {
  std::int64_t of_type = 0;
  for (const Value& other : specials.items()) {
    if (other.text("object_type") != special.text("object_type")) continue;
    if (other.text("object_id") == special.text("object_id")) return refuse("APIG.3308");
    ++of_type;
  }
  if (of_type >= kMostSpecialsOfAType) return refuse("APIG.3107");
  return {};
}

Value make_special(Session& session, const Value& special) {
  Value out;
  out.set("id", session.new_id());
  for (const Value::Member& member : special.members()) out.set(member.key, member.value);
  return out.set("apply_time", write_time(session.now));
}

Value write_throttle(const Policy& policy, std::int64_t bind_num) {
  Value out;
  out.set("id", policy.id).set("name", policy.name);
  for (const Value::Member& member : policy.body.members()) {
    if (member.key != "specials") out.set(member.key, member.value);
  }
  out.set("is_inclu_special_throttle", specials_of(policy).empty() ? 2 : 1).set("bind_num", bind_num);
  return out.set("create_time", write_time(policy.created)).set("enable_adaptive_control", "FALSE");
}

Reply create_throttle(Session& session, const Call& call) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_throttle(*body);
  if (!wanted) return wanted.forward();
  const auto kind = PolicyKind::Throttle;
  if (auto free = name_is_free(session.instance, kind, wanted->name, ""); !free) return free.forward();
  if (auto room = room_for_policy(kind, session.instance.throttles.size()); !room) return room.forward();
  return json_answer(201, write_throttle(add_policy(session, kind, std::move(*wanted)), 0));
}

Reply list_throttles(Session& session, const Call& call) {
  const auto counts = count_bindings(session.instance, PolicyKind::Throttle);
  return list_answer(call, "throttles", filtered_policies(session, call, PolicyKind::Throttle),
                     [&](const Policy& policy) { return write_throttle(policy, count_of(counts, policy)); });
}

Reply show_throttle(Session& session, const Call& call) {
  return with_policy(session, call, [](Session& in, const Call&, Policy& policy) -> Reply {
    const auto counts = count_bindings(in.instance, PolicyKind::Throttle);
    return json_answer(200, write_throttle(policy, count_of(counts, policy)));
  });
}

Reply update_throttle(Session& session, const Call& call) {
  return with_policy(session, call, [](Session& in, const Call& with, Policy& policy) -> Reply {
    const auto body = read_body(with);
    if (!body) return body.forward();
    auto wanted = check_throttle(*body);
    if (!wanted) return wanted.forward();
    const auto free = name_is_free(in.instance, PolicyKind::Throttle, wanted->name, policy.id);
    if (!free) return free.forward();
    // Excluded apps and users have calls of their own.
    if (!specials_of(policy).empty()) wanted->body.set("specials", specials_of(policy));
    replace_policy(in, policy, std::move(*wanted));
    const auto counts = count_bindings(in.instance, PolicyKind::Throttle);
    return json_answer(200, write_throttle(policy, count_of(counts, policy)));
  });
}

Reply delete_throttle(Session& session, const Call& call) {
  return with_policy(session, call, [](Session& in, const Call& with, Policy& policy) -> Reply {
    if (count_of(count_bindings(in.instance, PolicyKind::Throttle), policy) > 0) return refuse("APIG.3451");
    erase_policy(in, PolicyKind::Throttle, with.ids[0]);
    return empty_answer();
  });
}

Reply create_special(Session& session, const Call& call) {
  return with_policy(session, call, [](Session& in, const Call& with, Policy& policy) -> Reply {
    const auto body = read_body(with);
    if (!body) return body.forward();
    const auto special = check_special(*body);
    if (!special) return special.forward();
    Value specials = specials_of(policy);
    if (auto room = room_for_special(specials, *special); !room) return room.forward();
    const Value added = make_special(in, *special);
    specials.push(added);
    set_specials(in, policy, std::move(specials));
    return json_answer(201, write_special(policy, added));
  });
}

Reply list_specials(Session& session, const Call& call) {
  return with_policy(session, call, [](Session&, const Call& with, Policy& policy) -> Reply {
    std::vector<const Value*> rows;
    for (const Value& special : specials_of(policy).items()) {
      if (passes(with.parameter("object_type"), special.text("object_type"), true)) rows.push_back(&special);
    }
    return list_answer(with, "throttle_specials", rows,
                       [&](const Value& special) { return write_special(policy, special); });
  });
}

Reply update_special(Session& session, const Call& call) {
  return with_policy(session, call, [](Session& in, const Call& with, Policy& policy) -> Reply {
    const auto body = read_body(with);
    if (!body) return body.forward();
    const auto index = find_special(policy, with.ids[1]);
    if (!index) return index.forward();
    std::optional<Fault> fault;
    Fields fields(*body, fault);
    Value limit;
    const std::int64_t calls = required_integer(fields, "call_limits", limit);
    if (fault) return Unexpected<Fault>{*fault};
    Value specials = specials_of(policy);
    Value& special = specials.mutable_items()[*index];
    special.set("call_limits", calls);
    const Value answer = write_special(policy, special);
    set_specials(in, policy, std::move(specials));
    return json_answer(200, answer);
  });
}

Reply delete_special(Session& session, const Call& call) {
  return with_policy(session, call, [](Session& in, const Call& with, Policy& policy) -> Reply {
    const auto index = find_special(policy, with.ids[1]);
    if (!index) return index.forward();
    Value specials = specials_of(policy);
    specials.mutable_items().erase(specials.mutable_items().begin() + static_cast<std::ptrdiff_t>(*index));
    set_specials(in, policy, std::move(specials));
    return empty_answer();
  });
}

}  // namespace sluice::gateway
