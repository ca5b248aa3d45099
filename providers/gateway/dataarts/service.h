// DataArts Factory as the gateway has it: from a request that may enter to its answer.
#pragma once

#include <optional>
#include <random>

#include "providers/gateway/dataarts/routes.h"
#include "providers/gateway/faults.h"

namespace sluice::gateway::dataarts {

/// All workspaces of all projects. What it is made of must outlive it.
class Service {
 public:
  Service(Store& store, const Rules& rules, const std::optional<Directory>& directory, std::mt19937_64& random)
      : store_(store), rules_(rules), directory_(directory), random_(random) {}

  /// Answers a call, which has a route, after every task due at `now` has taken effect. What a failing data file left
  /// half-done is rolled back, and answered with 500.
  HttpResponse answer(const Target& target, const HttpRequest& request, const Encounter& met, Now now);

  /// Keeps a finished system task in the shape of an answer. False when the data file fails.
  bool put_task(std::string_view project_id, std::string_view workspace, const Value& task);

 private:
  std::optional<std::string> scope_of(std::string_view project_id, std::string_view workspace) const;
  Reply carry_out(const Target& target, const HttpRequest& request, const Encounter& met, Now now);

  Store& store_;
  const Rules& rules_;
  const std::optional<Directory>& directory_;
  std::mt19937_64& random_;
  std::optional<Now> started_;
};

}  // namespace sluice::gateway::dataarts
