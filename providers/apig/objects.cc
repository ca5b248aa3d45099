#include "providers/apig/objects.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace sluice::apig {
namespace {

/// One object or quota in a list.
template <typename T>
struct Listed {
  std::string name;
  T what;
};

struct Kind {
  std::string_view path;
  std::string_view list;
  std::string_view name;  ///< the member that holds its name
};

Kind words_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Plugin:
      return {"plugins", "plugins", "plugin_name"};
    case ObjectKind::Channel:
      return {"vpc-channels", "vpc_channels", "name"};
    case ObjectKind::Authorizer:
      return {"authorizers", "authorizer_list", "name"};
    case ObjectKind::Orchestration:
      return {"orchestrations", "orchestrations", "orchestration_name"};
  }
  return {};
}

/// An authorizer without what the gateway sets.
Value definition_of(const Value& item) {
  Value definition = item;
  for (const std::string_view member : {"id", "name", "create_time"}) definition.erase(member);
  return definition;
}

Listed<GatewayObject> object_from(ObjectKind kind, const Value& item) {
  Listed<GatewayObject> listed{std::string(item.text(words_of(kind).name)), {}};
  if (kind == ObjectKind::Plugin) listed.what.type = item.text("plugin_type");
  if (kind == ObjectKind::Authorizer) {
    listed.what.type = item.text("type");
    listed.what.definition = definition_of(item);
  }
  const Value* groups = kind == ObjectKind::Channel ? item.find("member_groups") : nullptr;
  if (groups == nullptr) return listed;
  for (const Value& group : groups->items()) listed.what.member_groups.emplace(group.text("member_group_name"));
  return listed;
}

/// All of one kind, each item through `read`.
template <typename T, typename Read>
Result<std::vector<T>> all_of(const Calls& calls, ObjectKind kind, const Read& read) {
  return calls.all_pages<T>(
      [&](std::size_t offset) { return list_objects(calls.base(), kind, offset); },
      [&](HttpResponse& answer) { return read_page<T>(answer, "list of objects", words_of(kind).list, read); });
}

/// A whole number, as a text or as itself; nothing for anything else.
std::optional<std::size_t> number_in(const Value& item, std::string_view member) {
  const Value* value = item.find(member);
  if (value == nullptr) return std::nullopt;
  if (value->is_integer() && value->as_integer() >= 0) return static_cast<std::size_t>(value->as_integer());
  if (!value->is_string()) return std::nullopt;
  const std::string& text = value->as_string();
  std::size_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

HttpRequest list_objects(std::string_view base, ObjectKind kind, std::size_t offset) {
  return get_request(fmt::format("{}/{}?limit={}&offset={}", base, words_of(kind).path, kPageSize, offset));
}

HttpRequest list_quotas(std::string_view base, std::size_t offset) {
  return get_request(fmt::format("{}/project/configs?limit={}&offset={}", base, kPageSize, offset));
}

Result<std::map<std::string, std::string>> list_names(const Calls& calls, ObjectKind kind) {
  using Names = std::map<std::string, std::string>;
  const auto listed = all_of<Names>(calls, kind, [kind](const Value& item) {
    const bool rule = kind == ObjectKind::Orchestration;
    Names names = {
        {std::string(item.text(rule ? "orchestration_id" : "id")), std::string(item.text(words_of(kind).name))}};
    const Value* groups = item.find("member_groups");
    if (groups == nullptr) return names;
    for (const Value& group : groups->items()) {
      names.emplace(group.text("member_group_id"), group.text("member_group_name"));
    }
    return names;
  });
  if (!listed) return listed.forward();
  Names all;
  for (const Names& names : *listed) all.insert(names.begin(), names.end());
  all.erase("");  // what has no id is referred to by none
  return all;
}

Result<GatewayObjects> list_objects(const Calls& calls, const std::set<ObjectKind>& kinds) {
  GatewayObjects objects;
  for (const ObjectKind kind : kinds) {
    auto& found = objects.by_kind[kind];
    auto listed =
        all_of<Listed<GatewayObject>>(calls, kind, [kind](const Value& item) { return object_from(kind, item); });
    // Orchestration rules are not in every cloud, nor in every edition.
    const bool unknown_there = !listed && kind == ObjectKind::Orchestration &&
                               (listed.error().kind == ErrorKind::NotFound ||
                                listed.error().kind == ErrorKind::Unsupported || listed.error().code == "APIG.3458");
    if (unknown_there) continue;
    if (!listed) return listed.forward();
    for (auto& [name, object] : *listed) found.emplace(std::move(name), std::move(object));
  }
  return objects;
}

Result<std::optional<Quotas>> list_quotas(const Calls& calls) {
  auto listed = calls.all_pages<Listed<std::optional<Quota>>>(
      [&](std::size_t offset) { return list_quotas(calls.base(), offset); },
      [](HttpResponse& answer) {
        return read_page<Listed<std::optional<Quota>>>(answer, "list of quotas", "configs", [](const Value& item) {
          const auto limit = number_in(item, "config_value");
          return Listed<std::optional<Quota>>{
              std::string(item.text("config_name")),
              limit ? std::optional<Quota>({*limit, number_in(item, "used")}) : std::nullopt};
        });
      });
  if (!listed) {
    const ErrorKind kind = listed.error().kind;
    // Not every account may ask, and not every gateway answers: the import says then what does not fit.
    const bool silent = kind == ErrorKind::NotFound || kind == ErrorKind::Denied || kind == ErrorKind::Invalid;
    if (silent) return std::optional<Quotas>();
    return listed.forward();
  }
  Quotas quotas;
  for (auto& [name, quota] : *listed) {
    if (quota) quotas.emplace(std::move(name), *quota);
  }
  return std::optional<Quotas>(std::move(quotas));
}

}  // namespace sluice::apig
