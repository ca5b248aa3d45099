// SQLite as an sql::Database: one file, WAL, synchronous FULL.
#pragma once

#include <memory>
#include <string>

#include "engine/clock.h"
#include "engine/sql.h"

namespace sluice::sql {

/// The database in a file; nothing is opened or made yet. `clock` outlives it, and is what leases are counted by.
std::unique_ptr<Database> sqlite_database(std::string path, Clock& clock);

}  // namespace sluice::sql
