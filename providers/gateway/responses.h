// Group responses: what callers are told when the gateway itself refuses (API Gateway V2 reference, "Group responses").
#pragma once

#include "providers/gateway/policies.h"

namespace sluice::gateway {

/// Checks a body: its name and, of its `responses`, those types that it sets. Faults: APIG.2001, APIG.2011.
Result<WantedPolicy, Fault> check_response(const Value& body);
/// Fault of an API's `response_id` (an id) in a group; none when it is "" or the group's.
Result<void, Fault> response_is_known(const Instance& instance, std::string_view group_id,
                                      std::string_view response_id);
/// How many responses a group has.
std::size_t count_responses(const Instance& instance, std::string_view group_id);
/// Those of a group, the default one first.
std::vector<const Policy*> responses_of(const Instance& instance, std::string_view group_id);
/// Ends a group's responses with the group.
void erase_responses(Session& session, std::string_view group_id);

Reply create_response(Session& session, const Call& call);
Reply list_responses(Session& session, const Call& call);
Reply show_response(Session& session, const Call& call);
Reply update_response(Session& session, const Call& call);
Reply delete_response(Session& session, const Call& call);
Reply show_response_type(Session& session, const Call& call);
Reply update_response_type(Session& session, const Call& call);
Reply reset_response_type(Session& session, const Call& call);

}  // namespace sluice::gateway
