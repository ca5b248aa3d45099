// What definitions say of VPC channels, authorizers and orchestration rules: ids inside the gateway, names in
// documents. A channel or authorizer that is neither known by id nor by name stays as it was written, unless a switch
// asks for more; a rule must be there.
#pragma once

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// Whether a reference of a definition is the name or the id of what it means.
enum class ReferBy : std::uint8_t { Id, Name };

/// Turns the references of a checked definition into ids. Faults, when the switches ask for what was made: APIG.3023,
/// APIG.3081. Always: APIG.3095, APIG.3151.
Result<void, Fault> link_references(const Session& session, ReferBy by, Value& definition);

/// Takes the orchestration rules out that are not there by name.
void drop_unknown_rules(const Instance& instance, Value& definition);

/// The definition with names in the place of ids.
Value name_references(const Instance& instance, const Value& definition);

/// Whether a definition refers to a channel, authorizer or rule.
bool refers(const Value& definition, PolicyKind kind, std::string_view id);
/// Whether a draft, or what an API runs, does.
bool is_referred_to(const Instance& instance, PolicyKind kind, std::string_view id);

}  // namespace sluice::gateway
