// What lives on a gateway beside groups and policies, and is only named by APIs: plug-ins, VPC channels, authorizers
// and parameter orchestration rules; and the gateway's quotas. Names are resolved before anything is sent.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/capabilities.h"
#include "plan/resource.h"

namespace sluice {

enum class ObjectKind { Plugin, Channel, Authorizer, Orchestration };

/// "plug-in", "VPC channel", "authorizer", "orchestration rule".
std::string_view to_string(ObjectKind kind);

/// One object that exists. `type` is a plug-in's type, or FRONTEND or BACKEND of an authorizer; `definition` an
/// authorizer's own fields, in the words of `x-apigateway-authorizer`.
struct GatewayObject {
  std::string type = {};
  std::set<std::string> member_groups = {};  ///< of a channel
  Value definition = {};
};

/// One quota, by the name that the gateway gives it. `used` where the gateway tells it.
struct Quota {
  std::size_t limit = 0;
  std::optional<std::size_t> used = {};
};
using Quotas = std::map<std::string, Quota, std::less<>>;

/// What was asked of one gateway; a kind that was not asked for is absent. No quotas where it tells none.
struct GatewayObjects {
  std::map<ObjectKind, std::map<std::string, GatewayObject>> by_kind;
  std::optional<Quotas> quotas;
  std::set<std::string> groups = {};  ///< names
};

/// A name in the files; with a member group, that group of the channel.
struct ObjectName {
  ObjectKind kind = ObjectKind::Plugin;
  std::string name;
  std::string member_group = {};
  auto operator<=>(const ObjectName&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// Who names it: how many APIs of a group, the address of the first of them, and the place that does.
struct ObjectUses {
  std::size_t count = 0;
  std::string first;
  SourceSpan at;
};
using NamedObjects = std::map<ObjectName, ObjectUses>;

/// Every object that a canonical API body, or part of one, names; sorted, each once.
std::vector<ObjectName> objects_named_by(const Value& api);

/// The same, with the place that names it first, as tokens (see place_of).
std::map<ObjectName, std::vector<std::string>> places_of_objects(const Value& api);

/// What one group asks of the gateway. `environments` with the places that name them.
struct GroupNames {
  std::string group;
  const NamedObjects* objects = nullptr;
  const DesiredState* desired = nullptr;
  const std::map<std::string, SourceSpan>* environments = nullptr;
  std::set<std::string> existing_environments = {};  ///< empty when they are not known
};

/// The kinds to ask a gateway for.
std::set<ObjectKind> kinds_named_by(std::span<const GroupNames> groups);

/// What the files name and the gateway does not have, all at once; where naming a thing makes it, a warning. Also names
/// that it has and that cannot serve: an authorizer of another type, two plug-ins of one type on one API.
Diagnostics unresolved_names(std::span<const GroupNames> groups, const GatewayObjects& objects,
                             const Capabilities& capabilities);

}  // namespace sluice
