// Export and import of jobs: J6 to J9 of DataArts Factory V1.
#pragma once

#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

Reply export_job(Workspace& workspace, const Call& call);
Reply export_jobs(Workspace& workspace, const Call& call);
Reply check_file(Workspace& workspace, const Call& call);
/// Makes a system task.
Reply import_jobs(Workspace& workspace, const Call& call);

}  // namespace sluice::gateway::dataarts
