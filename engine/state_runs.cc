#include "engine/state_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/packed.h"
#include "engine/state_schema.h"
#include "plan/json.h"

namespace sluice {
namespace {

using sql::Connection;
using sql::Parameters;
using sql::Row;
using sql::SqlError;

Effected effect_from(std::string_view word) {
  const auto effect = effect_named(word);
  if (!effect) throw SqlError{"a run's outcomes hold the unknown word \"" + std::string(word) + "\""};
  return *effect;
}

std::string unpacked_or_throw(std::string_view column) {
  auto text = unpacked(column);
  if (!text) throw SqlError{text.error().message};
  return std::move(*text);
}

/// What somebody else said, with a "?" for each byte that not every database keeps in a text.
std::string kept_text(std::string said) {
  std::replace(said.begin(), said.end(), '\0', '?');
  while (const auto error = text_error(said)) said[error->offset] = '?';
  return said;
}

constexpr std::string_view kSelectRuns =
    "SELECT id, started_at, actor, plan_digest, operation, revision, ci_url, resumed_from, ended_at, exit_code FROM "
    "runs ";

RunSummary run_from(const Row& row) {
  RunSummary run;
  run.record = {.id = std::string(row.text(0)),
                .started_at = std::string(row.text(1)),
                .actor = std::string(row.text(2)),
                .plan_digest = std::string(row.text(3)),
                .operation = std::string(row.text(4)),
                .revision = std::string(row.text(5)),
                .ci_url = std::string(row.text(6)),
                .plan = {},
                .resumed_from = std::string(row.text(7))};
  run.ended_at = row.text(8);
  const std::string_view code = row.text(9);
  int number = 0;
  if (!code.empty() && std::from_chars(code.data(), code.data() + code.size(), number).ec == std::errc())
    run.exit_code = number;
  return run;
}

JournalEvent event_from(const Row& row) {
  return {row.number(0),
          row.number(1),
          std::string(row.text(2)),
          std::string(row.text(3)),
          std::string(row.text(4)),
          std::string(row.text(5))};
}

constexpr std::string_view kSelectJournal = "SELECT seq, intent, run_id, event, at, data FROM journal ";

std::vector<Intent> fold_or_throw(const std::vector<JournalEvent>& events) {
  auto intents = fold(events);
  if (!intents) throw SqlError{intents.error().message};
  return std::move(*intents);
}

/// The newest runs keep everything, older ones less, and what is older still is forgotten, unless it is not settled.
void prune(Connection& connection) {
  const std::int64_t newest = number_of(connection, meta::kRuns);
  const Parameters in_full = {newest - static_cast<std::int64_t>(kRunsInFull)};
  for (const std::string table : {"plans", "backups"}) {
    connection.ask("DELETE FROM " + table + " WHERE run_id IN (SELECT id FROM runs WHERE number <= $1)", in_full);
  }
  const std::int64_t last = newest - static_cast<std::int64_t>(kRunsKept);
  if (last <= 0) return;
  connection.ask("DELETE FROM runs WHERE number <= $1", {last});
  connection.run("DELETE FROM outcomes WHERE run_id NOT IN (SELECT id FROM runs)");
  connection.ask("DELETE FROM journal WHERE seq <= $1 AND run_id NOT IN (SELECT id FROM runs)",
                 {number_of(connection, meta::kSettled)});
}

}  // namespace

void insert_run(Connection& connection, const RunRecord& run) {
  const std::int64_t number = add_to(connection, meta::kRuns, 1);
  connection.ask("INSERT INTO runs VALUES ($1, $2, $3, '', $4, $5, '', $6, $7, $8, $9)",
                 {number, run.id, run.started_at, run.actor, run.plan_digest, run.operation, run.revision, run.ci_url,
                  run.resumed_from});
  if (!run.plan.empty()) connection.ask("INSERT INTO plans VALUES ($1, $2)", {run.id, packed(run.plan)});
  prune(connection);
}

void end_run(Connection& connection, const std::string& run_id, int exit_code) {
  connection.ask("UPDATE runs SET ended_at = $1, exit_code = $2 WHERE id = $3",
                 {time_text(connection.now_ms()), std::to_string(exit_code), run_id});
}

void insert_outcomes(Connection& connection, const std::string& run_id, const std::vector<RunOutcome>& outcomes) {
  std::int64_t position = 0;
  connection.ask("SELECT COALESCE(MAX(position), 0) FROM outcomes WHERE run_id = $1", {run_id},
                 [&](const Row& row) { position = row.number(0); });
  std::vector<Parameters> rows;
  rows.reserve(outcomes.size());
  for (const RunOutcome& outcome : outcomes) {
    rows.push_back({run_id, ++position, outcome.address.text(), std::string(to_string(outcome.predicted)),
                    std::string(to_string(outcome.actual)), kept_text(outcome.error_code),
                    kept_text(outcome.error_message), std::int64_t{outcome.already ? 1 : 0}});
  }
  connection.many("INSERT INTO outcomes VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", rows);
}

void insert_backup(Connection& connection, const std::string& run_id, const std::string& group,
                   const std::string& live_json) {
  connection.ask("INSERT INTO backups VALUES ($1, $2, $3) ON CONFLICT (run_id, grp) DO NOTHING",
                 {run_id, group, packed(live_json)});
}

std::vector<RunSummary> read_runs(Connection& connection) {
  std::vector<RunSummary> runs;
  std::map<std::string, std::size_t> places;
  connection.ask(fmt::format("{}{}", kSelectRuns, "ORDER BY number DESC"), {}, [&](const Row& row) {
    runs.push_back(run_from(row));
    places.emplace(runs.back().record.id, runs.size() - 1);
  });
  const auto run_of = [&](std::string_view id) -> RunSummary* {
    const auto at = places.find(std::string(id));
    return at == places.end() ? nullptr : &runs[at->second];
  };
  connection.ask("SELECT run_id, actual, COUNT(*) FROM outcomes GROUP BY run_id, actual", {}, [&](const Row& row) {
    if (RunSummary* run = run_of(row.text(0)))
      run->outcomes[effect_from(row.text(1))] = static_cast<std::size_t>(row.number(2));
  });
  connection.ask("SELECT run_id FROM plans", {}, [&](const Row& row) {
    if (RunSummary* run = run_of(row.text(0))) run->has_plan = true;
  });
  connection.ask("SELECT DISTINCT run_id FROM backups", {}, [&](const Row& row) {
    if (RunSummary* run = run_of(row.text(0))) run->has_backup = true;
  });
  for (const Intent& intent : read_open_intents(connection)) {
    if (RunSummary* run = run_of(intent.run_id)) ++run->open_intents;
  }
  return runs;
}

std::optional<RunDetails> read_run(Connection& connection, const std::string& id) {
  std::optional<RunDetails> details;
  connection.ask(fmt::format("{}{}", kSelectRuns, "WHERE id = $1"), {id},
                 [&](const Row& row) { details = RunDetails{run_from(row)}; });
  if (!details) return details;
  RunSummary& summary = details->summary;
  connection.ask(
      "SELECT address, predicted, actual, error_code, error_msg, already FROM outcomes WHERE run_id = $1 ORDER BY "
      "position",
      {id}, [&](const Row& row) {
        RunOutcome outcome{address_from(row.text(0)), effect_from(row.text(1)), effect_from(row.text(2)),
                           std::string(row.text(3)),  std::string(row.text(4)), row.number(5) != 0};
        ++summary.outcomes[outcome.actual];
        details->outcomes.push_back(std::move(outcome));
      });
  connection.ask(fmt::format("{}{}", kSelectJournal, "WHERE run_id = $1 ORDER BY seq"), {id},
                 [&](const Row& row) { details->journal.push_back(event_from(row)); });
  const auto intents = fold_or_throw(details->journal);
  summary.open_intents = static_cast<std::size_t>(
      std::count_if(intents.begin(), intents.end(), [](const Intent& intent) { return !intent.closed; }));
  connection.ask("SELECT plan FROM plans WHERE run_id = $1", {id},
                 [&](const Row& row) { details->plan = unpacked_or_throw(row.text(0)); });
  summary.has_plan = !details->plan.empty();
  connection.ask("SELECT 1 FROM backups WHERE run_id = $1 LIMIT 1", {id},
                 [&](const Row&) { summary.has_backup = true; });
  return details;
}

std::map<std::string, std::string> read_backup(Connection& connection, const std::string& run_id) {
  std::map<std::string, std::string> groups;
  connection.ask("SELECT grp, live FROM backups WHERE run_id = $1", {run_id},
                 [&](const Row& row) { groups.emplace(row.text(0), unpacked_or_throw(row.text(1))); });
  return groups;
}

std::int64_t append_intent(Connection& connection, const Intent& intent) {
  const std::int64_t id = add_to(connection, meta::kJournal, 1);
  connection.ask(
      "INSERT INTO journal VALUES ($1, $1, $2, $3, $4, $5)",
      {id, intent.run_id, std::string(events::kOpened), time_text(connection.now_ms()), opened_data(intent)});
  return id;
}

void append_events(Connection& connection, const std::vector<std::int64_t>& intents, std::string_view event,
                   const std::string& data) {
  if (intents.empty()) return;
  const auto count = static_cast<std::int64_t>(intents.size());
  std::int64_t seq = add_to(connection, meta::kJournal, count) - count;
  const std::string now = time_text(connection.now_ms());
  std::vector<Parameters> rows;
  for (const std::int64_t intent : intents) rows.push_back({++seq, std::string(event), now, data, intent});
  connection.many(
      "INSERT INTO journal (seq, event, at, data, intent, run_id) "
      "SELECT $1, $2, $3, $4, seq, run_id FROM journal WHERE seq = $5",
      rows);
}

std::vector<JournalEvent> read_journal(Connection& connection) {
  std::vector<JournalEvent> events;
  connection.ask(fmt::format("{}{}", kSelectJournal, "WHERE seq > $1 ORDER BY seq"),
                 {number_of(connection, meta::kSettled)}, [&](const Row& row) { events.push_back(event_from(row)); });
  return events;
}

std::vector<Intent> read_open_intents(Connection& connection) {
  std::vector<Intent> intents = fold_or_throw(read_journal(connection));
  std::erase_if(intents, [](const Intent& intent) { return intent.closed; });
  return intents;
}

void mark_settled(Connection& connection) {
  const std::int64_t newest = number_of(connection, meta::kJournal);
  if (read_open_intents(connection).empty()) set_value(connection, meta::kSettled, std::to_string(newest));
}

void replace_open_events(Connection& connection, const std::vector<JournalEvent>& events) {
  connection.ask("DELETE FROM journal WHERE seq > $1", {number_of(connection, meta::kSettled)});
  std::map<std::int64_t, std::int64_t> ids;
  const auto count = static_cast<std::int64_t>(events.size());
  std::int64_t seq = add_to(connection, meta::kJournal, count) - count;
  std::vector<Parameters> rows;
  for (const JournalEvent& event : events) {
    ++seq;
    if (event.event == events::kOpened) ids[event.seq] = seq;
    rows.push_back({seq, ids[event.intent], event.run_id, event.event, event.at, event.data});
  }
  connection.many("INSERT INTO journal VALUES ($1, $2, $3, $4, $5, $6)", rows);
}

}  // namespace sluice
