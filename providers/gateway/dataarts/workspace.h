// What a request to DataArts works with: one workspace, its store, and the jobs and scripts in it. Jobs and scripts are
// Values in the shape of the JSON API (DataArts Factory V1, "Creating a Job", "Creating a Script").
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/errors.h"
#include "providers/gateway/mischief.h"
#include "providers/gateway/session.h"
#include "providers/gateway/store.h"

namespace sluice::gateway::dataarts {

struct Workspace {
  Store& store;
  std::string scope;
  std::string project_id;
  const Rules& rules;
  std::mt19937_64& random;
  Now now;
  Now started;             ///< when this process answered first; ids of tasks hold it
  Mischief mischief = {};  ///< of the call at hand

  /// The id of a task or subtask that is made at a time: host, start of the process, time and counter.
  std::string new_task_id(Now at);
  /// The id of a job or script.
  std::int64_t new_number();
};

struct Job {
  std::string name;
  Value definition;
  std::int64_t id = 0;
  std::int64_t version = 1;
  bool running = false;
  Now switched;  ///< when it was started or stopped
  Now created;
  Now updated;
};

/// A script or a resource, by its kind.
struct Asset {
  std::string name;
  Value definition;
  std::int64_t id = 0;
  Now created;
  Now updated;
};

inline constexpr std::string_view kScripts = "script";
inline constexpr std::string_view kResources = "resource";

std::optional<Job> find_job(const Workspace& workspace, std::string_view name);
/// Writes a job, new or known by its name.
void put_job(const Workspace& workspace, const Job& job);
void erase_job(const Workspace& workspace, std::string_view name);
/// The names of all jobs of a processType, of every one when it is "".
std::vector<std::string> job_names(const Workspace& workspace, std::string_view type);
/// Makes a job, or gives one another definition. It is stored as it came, without what belongs to the request.
void store_job(Workspace& workspace, std::optional<Job> known, Value definition);
/// Starts or stops a job.
void switch_job(const Workspace& workspace, Job job, bool running);
/// SCHEDULING, STOPPED, or of a real-time job NORMAL, STOPPED, and STARTING, STOPPING while that lasts.
std::string_view status_of(const Workspace& workspace, const Job& job);
/// Whether a job stands in the way of what replaces it.
bool is_at_work(const Workspace& workspace, const Job& job);

std::optional<Asset> find_asset(const Workspace& workspace, std::string_view kind, std::string_view name);
void erase_asset(const Workspace& workspace, std::string_view kind, std::string_view name);
std::vector<std::string> asset_names(const Workspace& workspace, std::string_view kind);
void store_asset(Workspace& workspace, std::string_view kind, std::optional<Asset> known, Value definition);

/// Milliseconds since 1970.
std::int64_t ticks(Now time);
Now time_at(std::int64_t ticks);

/// DLF.3051, with the place of what is wrong.
Fault invalid(std::string_view place);

}  // namespace sluice::gateway::dataarts
