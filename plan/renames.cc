#include "plan/renames.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

template <typename T>
std::map<Address, T> renamed(const std::map<Address, T>& entries, std::string_view name) {
  std::map<Address, T> result;
  for (const auto& [address, value] : entries) result.emplace(address.in_group(name), value);
  return result;
}

}  // namespace

Baseline with_group_name(const Baseline& base, std::string_view name) {
  Baseline result;
  result.resources = renamed(base.resources, name);
  for (auto& [address, resource] : result.resources) resource.address = address;
  result.bodies = renamed(base.bodies, name);
  result.kept = renamed(base.kept, name);
  result.claimed = renamed(base.claimed, name);
  for (const Address& address : base.unmanaged) result.unmanaged.insert(address.in_group(name));
  for (const Address& address : base.guarded) result.guarded.insert(address.in_group(name));
  return result;
}

void link_rename(GroupDiff& diff, const Address& from, const Address& to) {
  for (Change& change : diff.changes) {
    if (!(change.address == to) || change.action != Action::Update) continue;
    const bool renames = std::any_of(change.fields.begin(), change.fields.end(), [&](const FieldChange& field) {
      return field.path == "/name" && field.before == Value(from.name());
    });
    if (!renames) continue;
    change.moved_from = from;
    change.reason = fmt::format(
        "The group is renamed from {}; its id, its domain and its APIs stay, so that callers notice nothing.",
        from.name());
  }
}

}  // namespace sluice
