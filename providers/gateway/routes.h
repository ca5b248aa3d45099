// Which call a method and path mean.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// A call: its method, its path below the instance (`{}` stands for an id), what answers it, and whether it writes.
struct Route {
  std::string_view method;
  std::string_view path;
  Reply (*answer)(Session&, const Call&);
  bool writes;
};

/// What a request's path leads to.
struct Target {
  const Route* route = nullptr;  ///< null when there is no such call
  bool path_known = false;       ///< whether another method would have a call
  std::string project_id;
  std::string instance_id;
  std::vector<std::string> ids;
};

/// The calls below an instance, in the order in which they are looked at.
std::span<const Route> instance_routes();

/// Finds the call of a request line's method and path (without query).
Target find_route(std::string_view method, std::string_view path);

/// The segments of a path without its leading slash; none of "".
std::vector<std::string_view> split_path(std::string_view path);
/// Whether segments are those of a pattern, in which `{}` is an id; those are decoded into `ids`.
bool matches_path(std::string_view pattern, const std::vector<std::string_view>& segments,
                  std::vector<std::string>& ids);

/// The query of a target, decoded; of repeated parameters the last counts, but `tags` are
/// joined by commas, which no tag holds.
std::map<std::string, std::string, std::less<>> read_query(std::string_view target);

}  // namespace sluice::gateway
