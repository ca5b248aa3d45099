// System tasks: made by imports, at work by the clock, taking effect at the first request after their end.
#pragma once

#include "providers/gateway/dataarts/package.h"
#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

/// Queues the import of a package that was read from `path`; without a package the task fails. Gives the task's id.
std::string add_import(Workspace& workspace, std::string_view path, bool overwrite,
                       const std::optional<Package>& package);

/// Keeps a finished task of any kind, in the shape of an answer.
void put_finished_task(const Workspace& workspace, const Value& task);

bool has_due_tasks(const Workspace& workspace);
/// Lets every task whose end has come take effect, in the order of creation.
void run_due_tasks(Workspace& workspace);

/// T1: GET /v1/{project_id}/system-tasks/{task_id}.
Reply show_task(Workspace& workspace, const Call& call);

}  // namespace sluice::gateway::dataarts
