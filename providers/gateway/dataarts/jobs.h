// Jobs: J1 to J5, J10 and J11 of DataArts Factory V1.
#pragma once

#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

Reply create_job(Workspace& workspace, const Call& call);
Reply list_jobs(Workspace& workspace, const Call& call);
Reply show_job(Workspace& workspace, const Call& call);
Reply update_job(Workspace& workspace, const Call& call);
Reply delete_job(Workspace& workspace, const Call& call);
Reply start_job(Workspace& workspace, const Call& call);
Reply stop_job(Workspace& workspace, const Call& call);

}  // namespace sluice::gateway::dataarts
