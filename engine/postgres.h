// State in a PostgreSQL database: its URL, and the driver that speaks SQL there.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/clock.h"
#include "engine/sql.h"
#include "plan/result.h"

namespace sluice {

/// postgres:// or postgresql://
bool is_postgres_url(std::string_view url);

/// A URL as it may be shown: "***" where it holds a password. Whatever cannot be told from one is hidden too.
std::string redacted_url(std::string_view url);

/// Where a state is.
struct PostgresPlace {
  std::string server;  ///< the URL as libpq takes it, password and all
  std::string schema;  ///< one for each name of a state
  std::string shown;   ///< the URL without a password
};

/// Reads `postgres://USER@HOST:PORT/DATABASE?name=STATE`; every other part of the query is libpq's. Errors: Invalid,
/// without the password.
Result<PostgresPlace> postgres_place(std::string_view url);

/// The database there. Connections are made with their first transaction, and anew when they were lost; they keep
/// nothing from one transaction to the next, so a proxy may pool transactions. `clock` outlives it, and is only waited
/// with.
std::unique_ptr<sql::Database> postgres_database(PostgresPlace place, Clock& clock);

}  // namespace sluice
