// What is known of groups, as rows. Throws sql::SqlError.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/sql.h"
#include "engine/state_store.h"

namespace sluice {

using Baselines = std::map<std::string, Baseline>;  ///< by group

/// Everything known of all groups, but what intents claim. Bodies are texts, which are not looked at.
Baselines read_baselines(sql::Connection& connection);

/// Puts `baselines` in the place of everything that is known.
void replace_baselines(sql::Connection& connection, const Baselines& baselines);

/// What a change says of its group; its intents stay as they are.
void write_change(sql::Connection& connection, const StateChange& change);

/// Whether something is owned or kept.
bool holds_rows(sql::Connection& connection);
/// Forgets what was only seen of a gateway.
void forget_seen(sql::Connection& connection);

}  // namespace sluice
