// API groups: their calls, and what imports need of them.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

inline constexpr std::size_t kLongestGroupRemark = 1000;

const Group* find_group_named(const Session& session, std::string_view name);
/// Gives an instance the group DEFAULT, before all others, unless its file has it.
void add_default_group(Instance& instance, std::string_view scope);
/// Makes a group with its default response; its name must be free.
Group& add_group(Session& session, std::string_view name, std::string_view remark);
/// Fault APIG.3101 when the instance holds as many groups as it may.
Result<void, Fault> room_for_group(const Session& session);
/// APIG.3001 in the words of the endpoint pages.
Fault unknown_group(std::string_view id);
/// The debugging domain of a group.
std::string subdomain(std::string_view group_id);

Reply create_group(Session& session, const Call& call);
Reply list_groups(Session& session, const Call& call);
Reply show_group(Session& session, const Call& call);
Reply update_group(Session& session, const Call& call);
Reply delete_group(Session& session, const Call& call);
Reply check_group_name(Session& session, const Call& call);

}  // namespace sluice::gateway
