// Parameter orchestration rules and the parameters that name them (API Gateway V2 reference, "Orchestration Rules").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// Checks the body of a rule; what its strategy needs must be there. Faults: APIG.2001, APIG.2011.
Result<WantedPolicy, Fault> check_orchestration(const Value& body);

/// The rules of a parameter: a list of ids, or of names in documents. Faults: APIG.2011.
Result<Value, Fault> read_orchestrations(const Value& list);

Reply create_orchestration(Session& session, const Call& call);
Reply list_orchestrations(Session& session, const Call& call);
Reply show_orchestration(Session& session, const Call& call);
/// Fault APIG.3713 for another `orchestration_mapped_param`.
Reply update_orchestration(Session& session, const Call& call);
/// Fault APIG.3716 while a draft, or what an API runs, uses the rule.
Reply delete_orchestration(Session& session, const Call& call);
Reply list_orchestrated_apis(Session& session, const Call& call);

}  // namespace sluice::gateway
