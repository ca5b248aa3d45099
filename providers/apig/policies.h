// Policies, plug-ins and group responses on one API Gateway: what is there, what is bound, and how that is changed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "providers/apig/calls.h"
#include "providers/apig/policy_wire.h"

namespace sluice::apig {

/// The named policies that exist, and which APIs use them. Costs one list a kind, and one for each policy in use.
Result<LiveState> export_policies(const Calls& calls, const std::vector<Address>& named);

/// Adds the responses of a group to `live`; an untouched `default` counts as not there.
Result<void> export_responses(const Calls& calls, const std::string& group, const std::string& group_id,
                              LiveState& live);

/// Creates, replaces or deletes a response. `default` is always there: it is replaced, and emptied instead of deleted.
Result<std::vector<EntryResult>> change_response(const Calls& calls, const Step& step, const std::string& group_id,
                                                 const RemoteIds& ids);

/// Binds or unbinds what the step names, asking first what is bound: nothing is sent when all is as it should be.
Result<std::vector<EntryResult>> change_bindings(const Calls& calls, const Step& step, const std::string& group_id,
                                                 const std::string& env_id, const RemoteIds& ids);

/// Deletes a policy that no API uses.
Result<std::vector<EntryResult>> delete_policy(const Calls& calls, const Address& address, const std::string& id);

}  // namespace sluice::apig
