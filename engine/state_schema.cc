#include "engine/state_schema.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/clock.h"
#include "engine/identity.h"
#include "engine/journal.h"
#include "plan/json.h"
#include "plan/schema.h"

namespace sluice {
namespace {

using sql::Connection;
using sql::Parameters;
using sql::Row;
using sql::SqlError;

constexpr int kFormat = 2;

constexpr std::string_view kTables = R"(
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE resources (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL, body TEXT NOT NULL,
                        digest TEXT NOT NULL, remote_id TEXT NOT NULL, changed_at TEXT NOT NULL DEFAULT '');
CREATE TABLE unmanaged (address TEXT NOT NULL UNIQUE, grp TEXT NOT NULL);
CREATE TABLE kept (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL, asked TEXT NOT NULL);
CREATE TABLE guarded (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL);
)";

constexpr std::string_view kTablesSince2 = R"(
CREATE TABLE locks (scope TEXT PRIMARY KEY, id TEXT NOT NULL, fence BIGINT NOT NULL, operation TEXT NOT NULL,
                    who TEXT NOT NULL, host TEXT NOT NULL, host_id TEXT NOT NULL, pid BIGINT NOT NULL,
                    pid_start TEXT NOT NULL, run_id TEXT NOT NULL, taken_at BIGINT NOT NULL,
                    heartbeat_at BIGINT NOT NULL, write_id TEXT NOT NULL);
CREATE TABLE runs (number BIGINT NOT NULL UNIQUE, id TEXT NOT NULL UNIQUE, started_at TEXT NOT NULL,
                   ended_at TEXT NOT NULL, actor TEXT NOT NULL, plan_digest TEXT NOT NULL, exit_code TEXT NOT NULL,
                   operation TEXT NOT NULL, revision TEXT NOT NULL, ci_url TEXT NOT NULL, resumed_from TEXT NOT NULL);
CREATE TABLE plans (run_id TEXT NOT NULL UNIQUE, plan TEXT NOT NULL);
CREATE TABLE backups (run_id TEXT NOT NULL, grp TEXT NOT NULL, live TEXT NOT NULL, UNIQUE (run_id, grp));
CREATE TABLE outcomes (run_id TEXT NOT NULL, position BIGINT NOT NULL, address TEXT NOT NULL, predicted TEXT NOT NULL,
                       actual TEXT NOT NULL, error_code TEXT NOT NULL, error_msg TEXT NOT NULL,
                       already BIGINT NOT NULL, UNIQUE (run_id, position));
CREATE TABLE journal (seq BIGINT PRIMARY KEY, intent BIGINT NOT NULL, run_id TEXT NOT NULL, event TEXT NOT NULL,
                      at TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX journal_of_run ON journal (run_id);
)";

// Tables of format 1 that its states may lack: they came one by one.
constexpr std::string_view kLateTablesOf1 = R"(
CREATE TABLE IF NOT EXISTS kept (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL, asked TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS guarded (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS times (key TEXT NOT NULL UNIQUE, changed_at TEXT NOT NULL);
)";

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The journal of format 1 had one row an intent, which was changed.
void move_journal(Connection& connection) {
  std::vector<Parameters> opened;
  std::vector<Parameters> later;
  std::int64_t newest = 0;
  bool any_open = false;
  connection.ask(
      "SELECT id, run_id, grp, kind, resources, sent_at, task_id, outcome, closed FROM journal_1 ORDER BY id", {},
      [&](const Row& row) {
        const std::int64_t id = row.number(0);
        const std::string run(row.text(1));
        const std::string at(row.text(5));
        Value data = Value::object();
        auto resources = parse_json(row.text(4));
        if (!resources) throw SqlError{fmt::format("its journal cannot be read: {}", resources.error().message)};
        data.set("group", row.text(2)).set("kind", row.text(3)).set("resources", std::move(*resources));
        opened.push_back({id, id, run, std::string(events::kOpened), at, write_json(data)});
        const auto add = [&](std::string_view event, std::string_view text) {
          later.push_back({id, run, std::string(event), at, std::string(text)});
        };
        if (!row.text(6).empty()) add(events::kTask, row.text(6));
        if (!row.text(7).empty()) add(events::kOutcome, row.text(7));
        const bool closed = row.number(8) != 0;
        if (closed) add(events::kClosed, "");
        any_open = any_open || !closed;
        newest = id;
      });
  for (Parameters& event : later) {
    event.insert(event.begin(), ++newest);
    opened.push_back(std::move(event));
  }
  connection.many("INSERT INTO journal VALUES ($1, $2, $3, $4, $5, $6)", opened);
  set_value(connection, meta::kJournal, std::to_string(newest));
  set_value(connection, meta::kSettled, std::to_string(any_open ? 0 : newest));
}

void move_runs(Connection& connection) {
  std::vector<Parameters> runs;
  connection.ask("SELECT id, started_at, ended_at, actor, plan_digest, exit_code FROM runs_1 ORDER BY rowid", {},
                 [&](const Row& row) {
                   Parameters run = {static_cast<std::int64_t>(runs.size()) + 1};
                   for (int column = 0; column < 6; ++column) run.emplace_back(std::string(row.text(column)));
                   runs.push_back(std::move(run));
                 });
  connection.many("INSERT INTO runs VALUES ($1, $2, $3, $4, $5, $6, $7, 'apply', '', '', '')", runs);
  set_value(connection, meta::kRuns, std::to_string(runs.size()));
}

/// Format 1 had one lock, without a lease: it lives as long as its process, and elsewhere until it is broken.
void move_lock(Connection& connection) {
  std::vector<Parameters> locks;
  connection.ask("SELECT token, operation, who, host, pid, pid_start FROM lock", {}, [&](const Row& row) {
    const bool here = row.text(3) == host_name();
    locks.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                     std::string(row.text(3)), here ? host_id() : "elsewhere", row.number(4), std::string(row.text(5)),
                     connection.now_ms()});
  });
  connection.many("INSERT INTO locks VALUES ('*', $1, 0, $2, $3, $4, $5, $6, $7, '', $8, $8, '')", locks);
}

void migrate_from_1(Connection& connection) {
  connection.run(kLateTablesOf1);
  connection.run("ALTER TABLE resources ADD COLUMN changed_at TEXT NOT NULL DEFAULT ''");
  connection.run(
      "UPDATE resources SET changed_at = COALESCE((SELECT changed_at FROM times WHERE times.key = resources.key), '')");
  connection.run("DROP TABLE times");
  connection.run("DROP INDEX IF EXISTS journal_open");
  connection.run("ALTER TABLE journal RENAME TO journal_1; ALTER TABLE runs RENAME TO runs_1");
  connection.run(kTablesSince2);
  move_journal(connection);
  move_runs(connection);
  move_lock(connection);
  connection.run("DROP TABLE journal_1; DROP TABLE runs_1; DROP TABLE lock");
  set_value(connection, meta::kFence, "0");
  set_value(connection, meta::kFormat, std::to_string(kFormat));
}

}  // namespace

StateFormat format_of(Connection& connection) {
  if (connection.is_empty()) return StateFormat::None;
  if (!connection.has_table("meta")) throw SqlError{"it is a database of another program"};
  const std::string format = value_of(connection, meta::kFormat);
  if (format.empty()) throw SqlError{"it is a database of another program"};
  if (format == std::to_string(kFormat)) return StateFormat::Present;
  if (format != "1") {
    throw SqlError{
        fmt::format("its format is {}, and this Sluice reads 1 and {}: use the Sluice that wrote it, or a "
                    "newer one",
                    format, kFormat)};
  }
  return StateFormat::Older;
}

void bring_up_to_date(Connection& connection, StateFormat from) {
  if (from == StateFormat::Older) migrate_from_1(connection);
  if (from != StateFormat::None) return;
  connection.run(kTables);
  connection.run(kTablesSince2);
}

void make_lineage(Connection& connection, const GatewayIdentity& gateway) {
  if (!value_of(connection, meta::kLineage).empty()) return;
  const auto row = [](std::string_view name, std::string value) {
    return Parameters{std::string(name), std::move(value)};
  };
  connection.many(
      "INSERT INTO meta VALUES ($1, $2)",
      {row(meta::kFormat, std::to_string(kFormat)), row(meta::kCanonical, std::to_string(kCanonicalVersion)),
       row(meta::kLineage, random_hex(16)), row(meta::kSerial, "0"), row(meta::kHashKey, random_hex(32)),
       row(meta::kFence, "0"), row(meta::kJournal, "0"), row(meta::kSettled, "0"), row(meta::kRuns, "0")});
  set_gateway(connection, gateway);
}

std::string value_of(Connection& connection, std::string_view name) {
  std::string value;
  connection.ask("SELECT value FROM meta WHERE name = $1", {std::string(name)},
                 [&](const Row& row) { value = row.text(0); });
  return value;
}

std::int64_t number_of(Connection& connection, std::string_view name) { return to_number(value_of(connection, name)); }

void set_value(Connection& connection, std::string_view name, const std::string& value) {
  connection.ask("INSERT INTO meta VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                 {std::string(name), value});
}

std::int64_t add_to(Connection& connection, std::string_view name, std::int64_t count) {
  std::int64_t sum = 0;
  connection.ask("UPDATE meta SET value = CAST(CAST(value AS BIGINT) + $1 AS TEXT) WHERE name = $2 RETURNING value",
                 {count, std::string(name)}, [&](const Row& row) { sum = to_number(row.text(0)); });
  return sum;
}

GatewayIdentity gateway_of(Connection& connection) {
  return {value_of(connection, "provider"), value_of(connection, "endpoint"), value_of(connection, "project_id"),
          value_of(connection, "instance_id")};
}

void set_gateway(Connection& connection, const GatewayIdentity& gateway) {
  set_value(connection, "provider", gateway.provider);
  set_value(connection, "endpoint", gateway.endpoint);
  set_value(connection, "project_id", gateway.project_id);
  set_value(connection, "instance_id", gateway.instance_id);
}

Address address_from(std::string_view text) {
  auto address = Address::parse(text);
  if (!address) throw SqlError{address.error().message};
  return std::move(*address);
}

std::string time_text(std::int64_t milliseconds) { return to_rfc3339(Instant(Milliseconds(milliseconds))); }

}  // namespace sluice
