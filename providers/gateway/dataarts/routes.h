// Which call of DataArts Factory V1 a method and path mean.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

/// A call: its method, its path below `/v1/{project_id}/` (`{}` stands for a name or id), what answers it, and whether
/// it writes.
struct Route {
  std::string_view method;
  std::string_view path;
  Reply (*answer)(Workspace&, const Call&);
  bool writes;
};

/// What a request's path leads to.
struct Target {
  const Route* route = nullptr;  ///< null when another method would have a call
  std::string project_id;
  std::vector<std::string> ids;
};

/// The calls, in the order in which they are looked at.
std::span<const Route> routes();

/// Finds the call of a method and path (without query); nothing when the path is none of DataArts.
std::optional<Target> find_target(std::string_view method, std::string_view path);

}  // namespace sluice::gateway::dataarts
