// A state in the tables of a database.
#pragma once

#include <memory>

#include "engine/sql.h"
#include "engine/state_store.h"

namespace sluice {

std::unique_ptr<StateStore> sql_state_store(std::unique_ptr<sql::Database> database);

}  // namespace sluice
