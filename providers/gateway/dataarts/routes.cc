#include "providers/gateway/dataarts/routes.h"

#include <array>

#include "providers/gateway/dataarts/jobs.h"
#include "providers/gateway/dataarts/scripts.h"
#include "providers/gateway/dataarts/tasks.h"
#include "providers/gateway/dataarts/transfer.h"
#include "providers/gateway/routes.h"

namespace sluice::gateway::dataarts {
namespace {

// Of two paths that match, the first counts: fixed words come before names.
constexpr std::array kRoutes = {
    Route{"POST", "jobs", create_job, true},
    Route{"GET", "jobs", list_jobs, false},
    Route{"POST", "jobs/batch-export", export_jobs, true},
    Route{"POST", "jobs/check-file", check_file, false},
    Route{"POST", "jobs/import", import_jobs, true},
    Route{"GET", "jobs/{}", show_job, false},
    Route{"PUT", "jobs/{}", update_job, true},
    Route{"DELETE", "jobs/{}", delete_job, true},
    Route{"POST", "jobs/{}/export", export_job, true},
    Route{"POST", "jobs/{}/start", start_job, true},
    Route{"POST", "jobs/{}/stop", stop_job, true},
    Route{"POST", "scripts", create_script, true},
    Route{"GET", "scripts", list_scripts, false},
    Route{"GET", "scripts/{}", show_script, false},
    Route{"PUT", "scripts/{}", update_script, true},
    Route{"DELETE", "scripts/{}", delete_script, true},
    Route{"GET", "system-tasks/{}", show_task, false},
    Route{"GET", "systemTasks/{}", show_task, false},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::optional<Target> find_target(std::string_view method, std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  auto segments = split_path(path.substr(1));
  if (segments.size() < 3 || segments[0] != "v1" || segments[1].empty()) return std::nullopt;
  Target target;
  target.project_id = segments[1];
  segments.erase(segments.begin(), segments.begin() + 2);
  bool known = false;
  std::vector<std::string> ids;
  for (const Route& route : kRoutes) {
    if (target.route != nullptr || !matches_path(route.path, segments, ids)) continue;
    known = true;
    if (route.method != method) continue;
    target.route = &route;
    target.ids = ids;
  }
  if (!known) return std::nullopt;
  return target;
}

}  // namespace sluice::gateway::dataarts
