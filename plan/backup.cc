#include "plan/backup.h"

#include <fmt/format.h>

#include "plan/canonical.h"
#include "plan/json.h"

namespace sluice {

std::string write_backup(const LiveState& live) {
  Value resources = Value::array();
  for (const auto& [address, resource] : live.resources) {
    Value json = Value::object();
    resources.push(json.set("address", address.text()).set("remote_id", resource.remote_id).set("body", resource.body));
  }
  return write_json(Value::object({{"resources", std::move(resources), 0}}));
}

Result<ResourceMap> read_backup(std::string_view text) {
  const auto torn = [](const std::string& why) {
    return fail(ErrorKind::Invalid,
                fmt::format("A backup in the state cannot be read ({}): check out the files of that time, and apply "
                            "those.",
                            why));
  };
  const auto json = parse_json(std::string(text));
  if (!json) return torn(json.error().message);
  const Value* list = json->find("resources");
  if (list == nullptr || !list->is_array()) return torn("it has no resources");
  ResourceMap resources;
  for (const Value& item : list->items()) {
    auto address = Address::parse(std::string(item.text("address")));
    const Value* body = item.find("body");
    if (!address || body == nullptr) return torn("a resource has no address or body");
    Resource resource = make_resource(*address, *body);
    resource.remote_id = item.text("remote_id");
    resources.emplace(*address, std::move(resource));
  }
  return resources;
}

Value with_known_values(const Value& then, const Value& now, const std::function<bool(const Value&)>& known) {
  if (known(then)) return then;
  if (then.is_object()) {
    Value mixed = Value::object();
    for (const auto& member : then.members()) {
      const Value* today = now.is_object() ? now.find(member.key) : nullptr;
      Value value = with_known_values(member.value, today == nullptr ? Value() : *today, known);
      if (!value.is_null()) mixed.set(member.key, std::move(value));
    }
    return mixed;
  }
  if (then.is_array() && now.is_array() && then.items().size() == now.items().size()) {
    Value mixed = Value::array();
    for (std::size_t i = 0; i < then.items().size(); ++i)
      mixed.push(with_known_values(then.items()[i], now.items()[i], known));
    return mixed;
  }
  return now;
}

}  // namespace sluice
