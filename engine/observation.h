// Exports under way: groups side by side, each handed over as it comes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/call_pool.h"
#include "engine/reconciler.h"
#include "engine/task_runner.h"

namespace sluice {

/// Starts exporting when it is made, so that the caller can do something else meanwhile. Changes nothing.
class Observation {
 public:
  using OnLive = std::function<Result<void>(const ExportRequest& request, ExportDone done)>;

  Observation(Provider& provider, Clock& clock, const ReconcilerOptions& options, std::vector<ExportRequest> requests);

  /// One more group, or a group anew: then it is handed over twice.
  void add(ExportRequest request);
  const std::vector<ExportRequest>& requests() const { return requests_; }

  /// Waits for all groups. The first error ends it, `on_live`'s included.
  Result<void> finish(const OnLive& on_live);

 private:
  void start_more();

  Provider& provider_;
  const ReconcilerOptions& options_;
  std::vector<ExportRequest> requests_;
  CallPool pool_;
  TaskRunner runner_;
  std::size_t next_ = 0;
};

/// What to export of a group: the environments where its APIs should be, and those where the last apply left some, of
/// which none needs to exist; its responses, where the last apply left some. Of group "": the policies that it left,
/// and `policies`.
ExportRequest export_request(const std::string& group, const std::vector<std::string>& environments,
                             const StateSnapshot& state, const std::vector<Address>& policies = {});

}  // namespace sluice
