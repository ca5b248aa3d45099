// What throttling policies, access control policies, plug-ins and group responses have in common.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// A checked definition: what a request or a document wants a policy to be.
struct WantedPolicy {
  std::string name;
  Value body;
};

/// The policy of this name; of responses, the group's. Null when there is none.
const Policy* find_policy_named(const Instance& instance, PolicyKind kind, std::string_view name,
                                std::string_view group_id = "");
/// The 404 code of the kind, in the words of the endpoint pages where there are any.
Fault unknown_policy(PolicyKind kind, std::string_view id);

/// Makes a policy; its name must be free and there must be room.
Policy& add_policy(Session& session, PolicyKind kind, WantedPolicy wanted, std::string_view group_id = "");
/// Gives a policy another definition; what is bound stays bound.
void replace_policy(Session& session, Policy& policy, WantedPolicy wanted);
void erase_policy(Session& session, PolicyKind kind, const std::string& id);

/// The kind's quota fault when `held` policies leave no room for another one. For responses they are those of a group.
Result<void, Fault> room_for_policy(PolicyKind kind, std::size_t held);
/// The kind's fault when another policy than `self` has the name.
Result<void, Fault> name_is_free(const Instance& instance, PolicyKind kind, std::string_view name,
                                 std::string_view self, std::string_view group_id = "");

/// How many publications each policy of a kind is bound to, by policy id; those bound to none are absent.
std::map<std::string, std::int64_t, std::less<>> count_bindings(const Instance& instance, PolicyKind kind);
/// The policy's part of such counts.
std::int64_t count_of(const std::map<std::string, std::int64_t, std::less<>>& counts, const Policy& policy);

/// The rows of a kind that the filters `id` and `name` let through.
std::vector<const Policy*> filtered_policies(const Session& session, const Call& call, PolicyKind kind,
                                             std::string_view id_filter = "id", std::string_view name_filter = "name");

/// A list of ids in a body. Faults: APIG.2001 when absent or empty, APIG.2011.
Result<std::vector<std::string>, Fault> read_id_list(const Value& body, std::string_view name);
/// Fault APIG.2011 unless the query says action=delete.
Result<void, Fault> action_is_delete(const Call& call);

}  // namespace sluice::gateway
