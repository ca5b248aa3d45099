#include "providers/gateway/policy_import.h"

#include <algorithm>

#include "providers/gateway/acls.h"
#include "providers/gateway/authorizers.h"
#include "providers/gateway/responses.h"
#include "providers/gateway/throttles.h"

namespace sluice::gateway {
namespace {

/// A throttling policy with its excluded apps and users, which have no ids yet.
Result<WantedPolicy, Fault> check_throttle_with_specials(const Value& body) {
  auto wanted = check_throttle(body);
  const Value* given = body.find("specials");
  if (!wanted || given == nullptr || given->empty()) return wanted;
  Value specials = Value::array();
  for (const Value& item : given->items()) {
    auto special = check_special(item);
    if (!special) return special.forward();
    if (auto room = room_for_special(specials, *special); !room) return room.forward();
    specials.push(std::move(*special));
  }
  wanted->body.set("specials", std::move(specials));
  return wanted;
}

Result<WantedPolicy, Fault> check_definition(PolicyKind kind, const Value& body) {
  if (kind == PolicyKind::Throttle) return check_throttle_with_specials(body);
  if (kind == PolicyKind::Authorizer) return check_authorizer(body);
  return kind == PolicyKind::Acl ? check_acl(body) : check_response(body);
}

/// Gives the excluded apps and users of a definition their ids and times.
void number_specials(Session& session, WantedPolicy& wanted) {
  const Value* given = wanted.body.find("specials");
  if (given == nullptr) return;
  const Value plain = *given;
  Value specials = Value::array();
  for (const Value& special : plain.items()) specials.push(make_special(session, special));
  wanted.body.set("specials", std::move(specials));
}

}  // namespace

PolicyImport::PolicyImport(const Instance& instance, std::string_view group_id,
                           const std::vector<DocumentPolicy>& definitions, bool overwrite) {
  // A new group comes with its default response.
  const std::size_t responses = group_id.empty() ? 1 : count_responses(instance, group_id);
  std::map<PolicyKind, std::size_t> held = {{PolicyKind::Throttle, instance.throttles.size()},
                                            {PolicyKind::Acl, instance.acls.size()},
                                            {PolicyKind::Authorizer, instance.authorizers.size()},
                                            {PolicyKind::Response, responses}};
  for (const DocumentPolicy& definition : definitions) {
    const PolicyKind kind = definition.kind;
    Item item{kind, definition.name, Fate::Refuse, {}, {}};
    auto wanted = definition.body ? check_definition(kind, *definition.body) : definition.body.forward();
    const bool of_group = kind == PolicyKind::Response;
    const Policy* known = find_policy_named(instance, kind, definition.name, of_group ? group_id : "");
    const bool exists = known != nullptr || (of_group && definition.name == kDefaultResponse);
    if (!wanted) {
      item.fault = wanted.error();
    } else if (exists) {
      item.fate = overwrite ? Fate::Overwrite : Fate::Keep;
      item.wanted = std::move(*wanted);
    } else if (auto room = room_for_policy(kind, held[kind]); !room) {
      item.fault = room.error();
    } else {
      ++held[kind];
      item.fate = Fate::Create;
      item.wanted = std::move(*wanted);
    }
    items_.push_back(std::move(item));
  }
}

std::optional<Fault> PolicyImport::fault() const {
  const auto at =
      std::find_if(items_.begin(), items_.end(), [](const Item& item) { return item.fate == Fate::Refuse; });
  if (at == items_.end()) return std::nullopt;
  return at->fault;
}

void PolicyImport::carry_out(Session& session, std::string_view group_id) {
  for (Item& item : items_) {
    if (item.fate == Fate::Keep || item.fate == Fate::Refuse) continue;
    number_specials(session, item.wanted);
    const std::string_view owner = item.kind == PolicyKind::Response ? group_id : "";
    if (item.fate == Fate::Create) {
      add_policy(session, item.kind, std::move(item.wanted), owner);
      continue;
    }
    const Policy* known = find_policy_named(session.instance, item.kind, item.name, owner);
    replace_policy(session, *session.instance.policies(item.kind).find(known->id), std::move(item.wanted));
  }
}

std::optional<Fault> PolicyImport::fault_of(const Instance& instance, PolicyKind kind, std::string_view name,
                                            std::string_view group_id) const {
  const auto at = std::find_if(items_.begin(), items_.end(),
                               [&](const Item& item) { return item.kind == kind && item.name == name; });
  if (at != items_.end() && at->fate == Fate::Refuse) return at->fault;
  if (find_policy_named(instance, kind, name, group_id) != nullptr) return std::nullopt;
  return unknown_policy(kind, name);
}

std::optional<Fault> PolicyImport::fault_of(const Instance& instance, const Value& wishes) const {
  struct One {
    const char* member;
    PolicyKind kind;
  };
  for (const One& one : {One{"throttle", PolicyKind::Throttle}, One{"acl", PolicyKind::Acl}}) {
    const std::string_view name = wishes.text(one.member);
    if (name.empty()) continue;
    if (auto fault = fault_of(instance, one.kind, name)) return fault;
  }
  const Value* plugins = wishes.find("plugins");
  if (plugins == nullptr) return std::nullopt;
  for (const Value& name : plugins->items()) {
    if (auto fault = fault_of(instance, PolicyKind::Plugin, name.as_string())) return fault;
  }
  return std::nullopt;
}

}  // namespace sluice::gateway
