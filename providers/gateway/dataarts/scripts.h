// Scripts: S1 to S5 of DataArts Factory V1.
#pragma once

#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

Reply create_script(Workspace& workspace, const Call& call);
Reply list_scripts(Workspace& workspace, const Call& call);
Reply show_script(Workspace& workspace, const Call& call);
Reply update_script(Workspace& workspace, const Call& call);
Reply delete_script(Workspace& workspace, const Call& call);

}  // namespace sluice::gateway::dataarts
