// Publishing APIs and taking them offline; what runs in each environment.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// Takes an API offline in every environment, and ends what is bound to it.
void end_publications(Session& session, Api& api);
/// Publishes the draft to an environment.
void publish_draft(Session& session, Api& api, std::string_view env_id);

Reply publish_one(Session& session, const Call& call);
Reply publish_batch(Session& session, const Call& call);
Reply list_versions(Session& session, const Call& call);
Reply switch_version(Session& session, const Call& call);
Reply show_version(Session& session, const Call& call);
Reply delete_version(Session& session, const Call& call);
Reply show_runtime(Session& session, const Call& call);

}  // namespace sluice::gateway
