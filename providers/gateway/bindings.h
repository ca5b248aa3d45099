// What policies are at work on what APIs run: bound to a publication, never to a draft.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// A publication in effect with one of the policies bound to it; without one both `binding` and `policy` are null.
struct BoundRow {
  const Api* api = nullptr;
  const Publication* version = nullptr;
  const Binding* binding = nullptr;
  const Policy* policy = nullptr;
};

/// Every binding of a kind, in the order of the APIs.
std::vector<BoundRow> bound_rows(const Session& session, PolicyKind kind);

/// Binds a policy to what the API runs in an environment, in the place of one that cannot work beside it: any other
/// throttling policy, an access control policy on the same entities, a plug-in of the same type. Gives the binding,
/// which is the old one when the policy was bound before. The API must be published there.
Binding bind_policy(Session& session, Api& api, std::string_view env_id, const Policy& policy);
void unbind_policy(Session& session, Api& api, const std::string& binding_id);
/// Ends everything bound in an environment.
void unbind_all(Session& session, Api& api, std::string_view env_id);
/// Binds what the draft's import wished, as far as it exists, after a publish to an environment.
void grant_wishes(Session& session, Api& api, std::string_view env_id);

/// Throttling policies: bind, unbind, look up.
Reply bind_throttle(Session& session, const Call& call);
Reply unbind_throttle(Session& session, const Call& call);
Reply unbind_throttles(Session& session, const Call& call);
Reply list_bound_throttles(Session& session, const Call& call);
Reply list_throttled_apis(Session& session, const Call& call);
Reply list_unthrottled_apis(Session& session, const Call& call);

/// Access control policies: bind, unbind, look up.
Reply bind_acl(Session& session, const Call& call);
Reply unbind_acl(Session& session, const Call& call);
Reply unbind_acls(Session& session, const Call& call);
Reply list_bound_acls(Session& session, const Call& call);
Reply list_guarded_apis(Session& session, const Call& call);
Reply list_unguarded_apis(Session& session, const Call& call);

}  // namespace sluice::gateway
