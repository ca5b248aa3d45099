// Publishing APIs and taking them offline; what runs in each environment.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

Reply publish_one(Session& session, const Call& call);
Reply publish_batch(Session& session, const Call& call);
Reply list_versions(Session& session, const Call& call);
Reply switch_version(Session& session, const Call& call);
Reply show_version(Session& session, const Call& call);
Reply delete_version(Session& session, const Call& call);
Reply show_runtime(Session& session, const Call& call);

}  // namespace sluice::gateway
