#include "engine/state_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/json.h"

namespace sluice {
namespace {

constexpr std::int64_t kVersion = 1;                            // of the text, whatever the tables of a store look like
constexpr std::int64_t kLargestNumber = std::int64_t{1} << 53;  // counted on from there, it stays a number everywhere

Value list_of(const std::set<Address>& addresses) {
  Value list = Value::array();
  for (const Address& address : addresses) list.push(address.text());
  return list;
}

/// A body as what it is; a text that is no JSON stays a text.
Value body_value(const std::string& text) {
  auto body = parse_json(text);
  return body ? std::move(*body) : Value(text);
}

Value group_value(const std::string& name, const Baseline& base) {
  Value resources = Value::array();
  for (const auto& [address, resource] : base.resources) {
    Value one = Value::object();
    one.set("address", resource.address.text()).set("digest", resource.digest).set("remote_id", resource.remote_id);
    if (!resource.changed_at.empty()) one.set("changed_at", resource.changed_at);
    const auto body = base.bodies.find(address);
    one.set("body", body == base.bodies.end() ? Value::object() : body_value(body->second));
    resources.push(std::move(one));
  }
  Value kept = Value::array();
  for (const auto& [address, asked] : base.kept) {
    Value one = Value::object();
    kept.push(one.set("address", address.text()).set("asked", asked));
  }
  Value group = Value::object();
  group.set("name", name).set("resources", std::move(resources)).set("unmanaged", list_of(base.unmanaged));
  return group.set("kept", std::move(kept)).set("protected", list_of(base.guarded));
}

Value event_value(const JournalEvent& event) {
  Value one = Value::object();
  one.set("seq", event.seq).set("intent", event.intent).set("run_id", event.run_id).set("event", event.event);
  return one.set("at", event.at).set("data", event.data);
}

struct Unreadable {
  std::string why;
};

/// Members of a text that must be there; throws Unreadable where they are not.
class Reader {
 public:
  explicit Reader(const Value& value) : value_(value) {
    if (!value.is_object()) throw Unreadable{"an object is missing"};
  }

  const Value& member(std::string_view key) const {
    const Value* found = value_.find(key);
    if (found == nullptr) throw Unreadable{fmt::format("`{}` is missing", key)};
    return *found;
  }
  std::string text(std::string_view key) const {
    const Value& found = member(key);
    if (!found.is_string()) throw Unreadable{fmt::format("`{}` is no text", key)};
    return found.as_string();
  }
  std::string text_if_any(std::string_view key) const { return value_.find(key) == nullptr ? "" : text(key); }
  std::int64_t number(std::string_view key) const {
    const Value& found = member(key);
    if (!found.is_integer() || found.as_integer() < 0 || found.as_integer() > kLargestNumber)
      throw Unreadable{fmt::format("`{}` is no number, or too large", key)};
    return found.as_integer();
  }
  const Value::Array& list(std::string_view key) const {
    const Value& found = member(key);
    if (!found.is_array()) throw Unreadable{fmt::format("`{}` is no list", key)};
    return found.items();
  }
  Address address(std::string_view key) const { return parsed(text(key)); }
  std::set<Address> addresses(std::string_view key) const {
    std::set<Address> addresses;
    for (const Value& one : list(key)) {
      if (!one.is_string()) throw Unreadable{fmt::format("`{}` holds what is no text", key)};
      addresses.insert(parsed(one.as_string()));
    }
    return addresses;
  }

 private:
  static Address parsed(const std::string& text) {
    auto address = Address::parse(text);
    if (!address) throw Unreadable{address.error().message};
    return std::move(*address);
  }

  const Value& value_;
};

Baseline read_group(const Reader& group) {
  Baseline base;
  const std::string name = group.text("name");
  for (const Value& value : group.list("resources")) {
    const Reader one(value);
    const Address address = one.address("address");
    Resource resource{address, Value(), one.text("digest"), one.text("remote_id")};
    resource.changed_at = one.text_if_any("changed_at");
    if (address.group() != name) throw Unreadable{fmt::format("{} is not of its group", address.text())};
    const Value& body = one.member("body");
    if (!body.is_object()) throw Unreadable{"a `body` is no object"};
    if (!base.resources.emplace(address, std::move(resource)).second)
      throw Unreadable{fmt::format("{} is there twice", address.text())};
    base.bodies.emplace(address, write_json(body));
  }
  for (const Value& value : group.list("kept")) {
    const Reader one(value);
    base.kept.emplace(one.address("address"), one.text("asked"));
  }
  base.unmanaged = group.addresses("unmanaged");
  base.guarded = group.addresses("protected");
  return base;
}

StateText read_whole(const Reader& whole) {
  const std::int64_t version = whole.number("sluice_state");
  if (version > kVersion)
    throw Unreadable{fmt::format("its version is {}, and this Sluice reads {}", version, kVersion)};
  StateText text;
  text.canonical = static_cast<int>(std::min<std::int64_t>(whole.number("canonical"), 1'000'000));
  StateSnapshot& state = text.state;
  state.lineage = whole.text("lineage");
  if (state.lineage.empty()) throw Unreadable{"`lineage` is empty"};
  state.serial = whole.number("serial");
  state.hash_key = Secret(whole.text_if_any("hash_key"));
  const Reader gateway(whole.member("gateway"));
  state.gateway = {gateway.text("provider"), gateway.text("endpoint"), gateway.text("project_id"),
                   gateway.text("instance_id")};
  for (const Value& value : whole.list("groups")) {
    const Reader group(value);
    if (!state.groups.emplace(group.text("name"), read_group(group)).second)
      throw Unreadable{fmt::format("the group {} is there twice", group.text("name"))};
  }
  for (const Value& value : whole.list("journal")) {
    const Reader event(value);
    text.journal.push_back({event.number("seq"), event.number("intent"), event.text("run_id"), event.text("event"),
                            event.text("at"), event.text("data")});
  }
  if (const auto folded = fold(text.journal); !folded) throw Unreadable{folded.error().message};
  return text;
}

}  // namespace

std::string write_state_text(const StateText& text) {
  const StateSnapshot& state = text.state;
  Value gateway = Value::object();
  gateway.set("provider", state.gateway.provider).set("endpoint", state.gateway.endpoint);
  gateway.set("project_id", state.gateway.project_id).set("instance_id", state.gateway.instance_id);
  Value groups = Value::array();
  for (const auto& [name, base] : state.groups) groups.push(group_value(name, base));
  Value journal = Value::array();
  for (const JournalEvent& event : text.journal) journal.push(event_value(event));
  Value whole = Value::object();
  whole.set("sluice_state", kVersion).set("canonical", text.canonical).set("lineage", state.lineage);
  whole.set("serial", state.serial);
  if (!state.hash_key.empty()) whole.set("hash_key", state.hash_key.reveal());
  whole.set("gateway", std::move(gateway)).set("groups", std::move(groups)).set("journal", std::move(journal));
  return write_json_pretty(whole) + "\n";
}

Result<StateText> read_state_text(std::string_view text) {
  const auto value = parse_json(text);
  const auto invalid = [](const std::string& why) {
    return fail(ErrorKind::Invalid,
                fmt::format("The text is no state that can be read: {}. Take what `sluice state pull` writes.", why));
  };
  if (!value) return invalid(value.error().message);
  try {
    return read_whole(Reader(*value));
  } catch (const Unreadable& unreadable) {
    return invalid(unreadable.why);
  }
}

}  // namespace sluice
