// The calls that import and export documents and ask for tasks.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

Reply import_now(Session& session, const Call& call);
Reply import_later(Session& session, const Call& call);
Reply export_now(Session& session, const Call& call);
Reply export_later(Session& session, const Call& call);
Reply show_task(Session& session, const Call& call);

}  // namespace sluice::gateway
