// Request throttling policies and their excluded apps and users (API Gateway V2 reference, "Throttling policies").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// Checks the body of a policy, without `specials`. Faults: APIG.2001, APIG.2011.
Result<WantedPolicy, Fault> check_throttle(const Value& body);
/// Checks one excluded app or user: `object_type`, `object_id`, `call_limits`. Faults: APIG.2001, APIG.2011.
Result<Value, Fault> check_special(const Value& body);
/// Faults APIG.3308 when `specials` hold the object of another one already, APIG.3107 when there are too many.
Result<void, Fault> room_for_special(const Value& specials, const Value& special);
/// A checked one with the id and the time that it gets.
Value make_special(Session& session, const Value& special);
/// A policy as answers show it.
Value write_throttle(const Policy& policy, std::int64_t bind_num);

Reply create_throttle(Session& session, const Call& call);
Reply list_throttles(Session& session, const Call& call);
Reply show_throttle(Session& session, const Call& call);
Reply update_throttle(Session& session, const Call& call);
Reply delete_throttle(Session& session, const Call& call);
Reply create_special(Session& session, const Call& call);
Reply list_specials(Session& session, const Call& call);
Reply update_special(Session& session, const Call& call);
Reply delete_special(Session& session, const Call& call);

}  // namespace sluice::gateway
