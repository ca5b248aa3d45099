// Runs and the journal, as rows. Throws sql::SqlError.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/sql.h"
#include "engine/state_store.h"

namespace sluice {

/// Adds a run, and forgets what is kept of the newest ones only.
void insert_run(sql::Connection& connection, const RunRecord& run);
void end_run(sql::Connection& connection, const std::string& run_id, int exit_code);
/// After those that the run has already.
void insert_outcomes(sql::Connection& connection, const std::string& run_id, const std::vector<RunOutcome>& outcomes);
void insert_backup(sql::Connection& connection, const std::string& run_id, const std::string& group,
                   const std::string& live_json);

/// Newest first.
std::vector<RunSummary> read_runs(sql::Connection& connection);
/// Nothing when there is no such run.
std::optional<RunDetails> read_run(sql::Connection& connection, const std::string& id);
std::map<std::string, std::string> read_backup(sql::Connection& connection, const std::string& run_id);

/// Opens an intent, and returns its id.
std::int64_t append_intent(sql::Connection& connection, const Intent& intent);
/// Adds an event to intents that are there.
void append_events(sql::Connection& connection, const std::vector<std::int64_t>& intents, std::string_view event,
                   const std::string& data);
/// The events since no intent was open.
std::vector<JournalEvent> read_journal(sql::Connection& connection);
/// The intents that they leave open.
std::vector<Intent> read_open_intents(sql::Connection& connection);
/// Remembers what need not be read again because it is closed.
void mark_settled(sql::Connection& connection);
/// Puts these events in the place of those since no intent was open, with numbers of their own.
void replace_open_events(sql::Connection& connection, const std::vector<JournalEvent>& events);

}  // namespace sluice
