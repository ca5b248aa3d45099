// APIs: their calls, and what imports and publishing need of them.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// Faults APIG.3125 and APIG.3102 when the group, which holds `held` APIs, or the instance is full.
Result<void, Fault> room_for_api(const Session& session, std::string_view group_id, std::size_t held);
/// Makes an API from a checked definition.
Api& add_api(Session& session, std::string_view group_id, Value definition);
/// Gives an API another draft; publications stay as they are.
void replace_draft(Session& session, Api& api, Value definition);
/// APIG.3002 in the words of the endpoint pages.
Fault unknown_api(std::string_view id);
/// An API as lists and details show it, with one of its definitions.
Value write_api(const Session& session, const Api& api, const Value& definition);

Reply create_api(Session& session, const Call& call);
Reply list_apis(Session& session, const Call& call);
Reply show_api(Session& session, const Call& call);
Reply update_api(Session& session, const Call& call);
Reply delete_api(Session& session, const Call& call);
/// Answers what a MOCK backend would; other backends are not called: APIG.2030.
Reply debug_api(Session& session, const Call& call);
Reply check_api(Session& session, const Call& call);

}  // namespace sluice::gateway
