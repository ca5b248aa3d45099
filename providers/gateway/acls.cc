#include "providers/gateway/acls.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "providers/gateway/fields.h"
#include "providers/gateway/names.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kMostEntries = 100;
constexpr std::size_t kLongestValue = 20480;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_number_up_to(std::string_view text, int most) {
  int value = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() && value >= 0 && value <= most;
}

bool is_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() == 4 &&
         std::all_of(parts.begin(), parts.end(), [](std::string_view part) { return is_number_up_to(part, 255); });
}

/// Good enough to tell an IPv6 address from a mistake.
bool is_ipv6(std::string_view text) {
  return text.size() >= 2 && text.size() <= 45 && text.find(':') != std::string_view::npos &&
         text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

/// An address, a block `a/n`, or a range `a-b`.
bool is_ip_entry(std::string_view entry) {
  if (const std::size_t slash = entry.find('/'); slash != std::string_view::npos) {
    const std::string_view address = entry.substr(0, slash);
    const std::string_view length = entry.substr(slash + 1);
    return is_ipv4(address) ? is_number_up_to(length, 32) : is_ipv6(address) && is_number_up_to(length, 128);
  }
  if (const std::size_t dash = entry.find('-'); dash != std::string_view::npos) {
    return is_ipv4(entry.substr(0, dash)) && is_ipv4(entry.substr(dash + 1));
  }
  return is_ipv4(entry) || is_ipv6(entry);
}

void check_addresses(Fields& fields, std::string_view value) {
  const auto entries = split(value, ',');
  if (entries.size() > kMostEntries) return fields.report(invalid("acl_value"));
  for (const std::string_view entry : entries) {
    if (!is_ip_entry(entry)) fields.report({"APIG.2015", "Invalid IP address,parameterName:acl_value"});
  }
}

Value write_acl(const Policy& policy, std::int64_t bind_num) {
  Value out;
  out.set("id", policy.id).set("acl_name", policy.name);
  for (const Value::Member& member : policy.body.members()) out.set(member.key, member.value);
  return out.set("bind_num", bind_num).set("update_time", write_time(policy.updated));
}

Reply answer_with(const Session& session, int status, const Policy& policy) {
  return json_answer(status, write_acl(policy, count_of(count_bindings(session.instance, PolicyKind::Acl), policy)));
}

/// The definition of a body whose name no other policy than `self` has.
Result<WantedPolicy, Fault> read_wanted(const Session& session, const Call& call, std::string_view self) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_acl(*body);
  if (!wanted) return wanted.forward();
  if (auto free = name_is_free(session.instance, PolicyKind::Acl, wanted->name, self); !free) return free.forward();
  return wanted;
}

Result<void, Fault> remove_acl(Session& session, const std::string& id) {
  const Policy* policy = session.instance.acls.find(id);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Acl, id)};
  if (count_of(count_bindings(session.instance, PolicyKind::Acl), *policy) > 0) return refuse("APIG.3447");
  erase_policy(session, PolicyKind::Acl, id);
  return {};
}

}  // namespace

Result<WantedPolicy, Fault> check_acl(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  const std::string name = fields.required("acl_name", 64);
  // Access control policies and titles follow the same rule.
  if (!is_title(name)) fields.report(invalid("acl_name"));
  Value out;
  out.set("acl_type", fields.word("acl_type", {"PERMIT", "DENY"}));
  const std::string entity = fields.word("entity_type", {"IP", "DOMAIN", "DOMAIN_ID"});
  const std::string value = fields.required("acl_value", kLongestValue);
  if (fields.ok() && entity == "IP") check_addresses(fields, value);
  out.set("entity_type", entity).set("acl_value", value);
  if (fault) return Unexpected<Fault>{*fault};
  return WantedPolicy{name, std::move(out)};
}

Reply create_acl(Session& session, const Call& call) {
  auto wanted = read_wanted(session, call, "");
  if (!wanted) return wanted.forward();
  if (auto room = room_for_policy(PolicyKind::Acl, session.instance.acls.size()); !room) return room.forward();
  return answer_with(session, 201, add_policy(session, PolicyKind::Acl, std::move(*wanted)));
}

Reply list_acls(Session& session, const Call& call) {
  const auto counts = count_bindings(session.instance, PolicyKind::Acl);
  auto rows = filtered_policies(session, call, PolicyKind::Acl);
  std::erase_if(rows, [&](const Policy* policy) {
    return !passes(call.parameter("acl_type"), policy->body.text("acl_type"), true) ||
           !passes(call.parameter("entity_type"), policy->body.text("entity_type"), true);
  });
  return list_answer(call, "acls", rows,
                     [&](const Policy& policy) { return write_acl(policy, count_of(counts, policy)); });
}

Reply show_acl(Session& session, const Call& call) {
  const Policy* policy = session.instance.acls.find(call.ids[0]);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Acl, call.ids[0])};
  return answer_with(session, 200, *policy);
}

Reply update_acl(Session& session, const Call& call) {
  Policy* policy = session.instance.acls.find(call.ids[0]);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Acl, call.ids[0])};
  auto wanted = read_wanted(session, call, policy->id);
  if (!wanted) return wanted.forward();
  replace_policy(session, *policy, std::move(*wanted));
  return answer_with(session, 200, *policy);
}

Reply delete_acl(Session& session, const Call& call) {
  if (auto removed = remove_acl(session, call.ids[0]); !removed) return removed.forward();
  return empty_answer();
}

Reply delete_acls(Session& session, const Call& call) {
  if (auto allowed = action_is_delete(call); !allowed) return allowed.forward();
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto ids = read_id_list(*body, "acls");
  if (!ids) return ids.forward();
  std::int64_t count = 0;
  Value failure = Value::array();
  for (const std::string& id : *ids) {
    const Policy* policy = session.instance.acls.find(id);
    const std::string name = policy != nullptr ? policy->name : std::string();
    const auto removed = remove_acl(session, id);
    if (removed) {
      ++count;
      continue;
    }
    Value item;
    item.set("acl_id", id).set("acl_name", name).set("error_code", removed.error().code);
    failure.push(item.set("error_msg", removed.error().message));
  }
  Value answer;
  answer.set("success_count", count).set("failure", std::move(failure));
  return json_answer(200, answer);
}

}  // namespace sluice::gateway
