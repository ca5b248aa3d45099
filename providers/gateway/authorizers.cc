#include "providers/gateway/authorizers.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "providers/gateway/fields.h"
#include "providers/gateway/names.h"
#include "providers/gateway/references.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kMostIdentities = 50;
constexpr std::int64_t kLongestTtl = 3600;
constexpr std::int64_t kLongestTimeout = 60'000;
constexpr std::int64_t kMostRetries = 10;

Value check_identities(Fields& fields, std::optional<Fault>& fault) {
  Value out = Value::array();
  std::set<std::pair<std::string, std::string>> seen;
  const Value::Array& list = fields.list("identities");
  if (list.size() > kMostIdentities) fields.report(refuse("APIG.3117").error);
  for (const Value& item : list) {
    if (!fields.ok()) break;
    Fields inner(item, fault);
    const std::string name = inner.required("name", 64);
    const std::string location = inner.word("location", {"HEADER", "QUERY"});
    if (!seen.emplace(location, name).second) fields.report(refuse("APIG.3212").error);
    Value identity;
    identity.set("name", name).set("location", location);
    const Value* validation = item.find("validation");
    identity.set("validation", validation != nullptr ? *validation : Value());
    out.push(std::move(identity));
  }
  return out;
}

Value write_authorizer(const Policy& policy) {
  Value out;
  out.set("id", policy.id).set("name", policy.name);
  for (const Value::Member& member : policy.body.members()) out.set(member.key, member.value);
  return out.set("create_time", write_time(policy.created));
}

Result<WantedPolicy, Fault> read_wanted(const Session& session, const Call& call, std::string_view self) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_authorizer(*body);
  if (!wanted) return wanted.forward();
  const auto free = name_is_free(session.instance, PolicyKind::Authorizer, wanted->name, self);
  if (!free) return free.forward();
  return wanted;
}

}  // namespace

Result<WantedPolicy, Fault> check_authorizer(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  const std::string name = fields.required("name", 64);
  // Authorizers and titles follow the same rule.
  if (!is_title(name)) fields.report(invalid("name"));
  Value out;
  out.set("type", fields.word("type", {"FRONTEND", "BACKEND"}));
  out.set("authorizer_type", fields.word("authorizer_type", {"FUNC"}));
  out.set("authorizer_uri", fields.required("authorizer_uri", 255));
  out.set("network_type", fields.word("network_type", {"V1", "V2"}, "V1"));
  out.set("authorizer_version", fields.text("authorizer_version", 64));
  out.set("authorizer_alias_uri", fields.text("authorizer_alias_uri", 255));
  out.set("identities", check_identities(fields, fault));
  out.set("ttl", fields.integer("ttl", 0, kLongestTtl, 0)).set("user_data", fields.text("user_data", 2048));
  out.set("need_body", fields.flag("need_body", false));
  if (fields.ok()) {
    out.set("timeout", fields.integer("timeout", 1, kLongestTimeout, 5000));
    if (!fields.ok()) return refuse("APIG.2046");
    out.set("retry_attempts", fields.integer("retry_attempts", 0, kMostRetries, 0));
    if (!fields.ok()) return refuse("APIG.2047");
    out.set("auth_downgrade_enabled", fields.flag("auth_downgrade_enabled", false));
  }
  if (fault) return Unexpected<Fault>{*fault};
  return WantedPolicy{name, std::move(out)};
}

Value authorizer_of_scheme(std::string_view name, const Value& extension) {
  Value out = Value::object();
  out.set("name", name);
  for (const Value::Member& member : extension.members()) out.set(member.key, member.value);
  return out;
}

Value write_authorizer_extension(const Policy& authorizer) {
  Value out = Value::object();
  for (const char* name :
       {"auth_downgrade_enabled", "authorizer_alias_uri", "authorizer_type", "authorizer_uri", "authorizer_version",
        "identities", "need_body", "network_type", "retry_attempts", "timeout", "ttl", "type"}) {
    const Value* value = authorizer.body.find(name);
    if (value != nullptr && *value != Value("")) out.set(name, *value);
  }
  return out;
}

Reply create_authorizer(Session& session, const Call& call) {
  auto wanted = read_wanted(session, call, "");
  if (!wanted) return wanted.forward();
  auto room = room_for_policy(PolicyKind::Authorizer, session.instance.authorizers.size());
  if (!room) return room.forward();
  return json_answer(201, write_authorizer(add_policy(session, PolicyKind::Authorizer, std::move(*wanted))));
}

Reply list_authorizers(Session& session, const Call& call) {
  auto rows = filtered_policies(session, call, PolicyKind::Authorizer);
  std::erase_if(rows,
                [&](const Policy* policy) { return !passes(call.parameter("type"), policy->body.text("type"), true); });
  return list_answer(call, "authorizer_list", rows, write_authorizer);
}

Reply show_authorizer(Session& session, const Call& call) {
  const Policy* policy = session.instance.authorizers.find(call.ids[0]);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Authorizer, call.ids[0])};
  return json_answer(200, write_authorizer(*policy));
}

Reply update_authorizer(Session& session, const Call& call) {
  Policy* policy = session.instance.authorizers.find(call.ids[0]);
  if (policy == nullptr) return Unexpected<Fault>{unknown_policy(PolicyKind::Authorizer, call.ids[0])};
  auto wanted = read_wanted(session, call, policy->id);
  if (!wanted) return wanted.forward();
  if (wanted->body.text("type") != policy->body.text("type")) return refuse_invalid("type");
  replace_policy(session, *policy, std::move(*wanted));
  return json_answer(200, write_authorizer(*policy));
}

Reply delete_authorizer(Session& session, const Call& call) {
  if (session.instance.authorizers.find(call.ids[0]) == nullptr) {
    return Unexpected<Fault>{unknown_policy(PolicyKind::Authorizer, call.ids[0])};
  }
  if (is_referred_to(session.instance, PolicyKind::Authorizer, call.ids[0])) return refuse("APIG.1137");
  erase_policy(session, PolicyKind::Authorizer, call.ids[0]);
  return empty_answer();
}

}  // namespace sluice::gateway
