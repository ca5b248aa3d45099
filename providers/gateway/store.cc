#include "providers/gateway/store.h"

#include <sqlite3.h>

#include <unordered_map>

#include "plan/json.h"

namespace sluice::gateway {
namespace {

constexpr int kSchema = 1;
constexpr int kBusyMilliseconds = 10'000;

constexpr const char* kCreate = R"sql(
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO numbers VALUES ('ids', 0);
CREATE TABLE IF NOT EXISTS groups (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
  remark TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, UNIQUE (scope, id));
CREATE TABLE IF NOT EXISTS environments (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL,
  name TEXT NOT NULL, remark TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (scope, id));
CREATE TABLE IF NOT EXISTS apis (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL,
  group_id TEXT NOT NULL, identity TEXT NOT NULL, definition TEXT NOT NULL, created INTEGER NOT NULL,
  updated INTEGER NOT NULL, UNIQUE (scope, id));
CREATE TABLE IF NOT EXISTS versions (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL,
  api_id TEXT NOT NULL, publish_id TEXT NOT NULL, env_id TEXT NOT NULL, remark TEXT NOT NULL, at INTEGER NOT NULL,
  active INTEGER NOT NULL, definition TEXT NOT NULL, UNIQUE (scope, id));
CREATE INDEX IF NOT EXISTS versions_of_api ON versions (scope, api_id);
CREATE TABLE IF NOT EXISTS tasks (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL, kind INTEGER NOT NULL,
  group_id TEXT NOT NULL, request BLOB NOT NULL, created INTEGER NOT NULL, starts INTEGER NOT NULL,
  ends INTEGER NOT NULL, state INTEGER NOT NULL, result TEXT NOT NULL, UNIQUE (scope, id));
CREATE TABLE IF NOT EXISTS policies (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL,
  kind INTEGER NOT NULL, group_id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL,
  updated INTEGER NOT NULL, UNIQUE (scope, id));
CREATE TABLE IF NOT EXISTS bindings (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL,
  api_id TEXT NOT NULL, kind INTEGER NOT NULL, policy_id TEXT NOT NULL, env_id TEXT NOT NULL, at INTEGER NOT NULL,
  UNIQUE (scope, id));
CREATE TABLE IF NOT EXISTS wishes (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, api_id TEXT NOT NULL,
  names TEXT NOT NULL, UNIQUE (scope, api_id));
CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  label TEXT NOT NULL, head TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (scope, kind, id));
CREATE INDEX IF NOT EXISTS records_by_label ON records (scope, kind, label);
)sql";

struct CloseConnection {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

std::int64_t ticks(Now time) { return time.time_since_epoch().count(); }

/// One row of an answer; columns are counted from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view view(int column) const {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes != nullptr ? std::string_view(static_cast<const char*>(bytes), size) : std::string_view();
  }
  std::string text(int column) const { return std::string(view(column)); }
  Now time(int column) const { return Now(std::chrono::milliseconds(integer(column))); }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

/// The SQLite handle with its prepared statements. A failed statement makes `failed` true until it is cleared.
class Store::Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& file) {
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
    std::unique_ptr<sqlite3, CloseConnection> db(raw);
    if (code != SQLITE_OK) return cannot_open(file, sqlite3_errstr(code));
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    auto connection = std::make_unique<Connection>();
    connection->db_ = std::move(db);
    if (!connection->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;") || !connection->prepare_tables()) {
      return cannot_open(file, sqlite3_errmsg(raw));
    }
    return connection;
  }

  bool execute(const char* sql) { return note(sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

  /// Runs a statement once; `sql` must be a literal, as prepared statements are kept by its address.
  template <typename... Args>
  void run(const char* sql, const Args&... args) {
    query(
        sql, [](const Row&) {}, args...);
  }

  /// Hands every row to `visit`. False when the statement failed.
  template <typename Visit, typename... Args>
  bool query(const char* sql, const Visit& visit, const Args&... args) {
    sqlite3_stmt* statement = prepare(sql);
    if (statement == nullptr) return note(false);
    int column = 0;
    bool bound = true;
    ((bound = bind(statement, ++column, args) && bound), ...);
    int code = bound ? sqlite3_step(statement) : SQLITE_ERROR;
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) visit(Row(statement));
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return note(code == SQLITE_DONE);
  }

  bool failed() const { return failed_; }
  void clear() { failed_ = false; }
  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

 private:
  static Unexpected<Error> cannot_open(const std::string& file, std::string_view why) {
    return fail(ErrorKind::Storage, "cannot open " + file + ": " + std::string(why));
  }

  bool prepare_tables() {
    std::int64_t schema = -1;
    if (!execute("BEGIN IMMEDIATE")) return false;
    query("PRAGMA user_version", [&](const Row& row) { schema = row.integer(0); });
    if (schema != 0 && schema != kSchema) return note(false);
    return execute(kCreate) && execute("PRAGMA user_version=1") && execute("COMMIT");
  }

  sqlite3_stmt* prepare(const char* sql) {
    auto& kept = statements_[sql];
    if (!kept) {
      sqlite3_stmt* raw = nullptr;
      sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
      kept.reset(raw);
    }
    return kept.get();
  }

  static bool bind(sqlite3_stmt* statement, int column, std::string_view text) {
    // An empty view may have no address, which SQLite would read as NULL.
    const char* bytes = text.data() != nullptr ? text.data() : "";
    return sqlite3_bind_text64(statement, column, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
  }
  static bool bind(sqlite3_stmt* statement, int column, std::int64_t value) {
    return sqlite3_bind_int64(statement, column, value) == SQLITE_OK;
  }
  static bool bind(sqlite3_stmt* statement, int column, Now time) { return bind(statement, column, ticks(time)); }

  bool note(bool worked) {
    failed_ = failed_ || !worked;
    return worked;
  }

  // Statements go before the connection they belong to.
  std::unique_ptr<sqlite3, CloseConnection> db_;
  std::unordered_map<const void*, std::unique_ptr<sqlite3_stmt, FinishStatement>> statements_;
  bool failed_ = false;
};

Store::Store(std::unique_ptr<Connection> connection) : db_(std::move(connection)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& file) {
  auto connection = Connection::open(file);
  if (!connection) return connection.forward();
  std::unique_ptr<Store> store(new Store(std::move(*connection)));  // NOLINT(cppcoreguidelines-owning-memory)
  store->changed_elsewhere();
  return store;
}

bool Store::changed_elsewhere() {
  std::int64_t version = seen_version_;
  db_->query("PRAGMA data_version", [&](const Row& row) { version = row.integer(0); });
  return std::exchange(seen_version_, version) != version;
}

bool Store::begin() {
  db_->clear();
  return db_->execute("BEGIN IMMEDIATE");
}

bool Store::commit() {
  if (!db_->failed() && db_->execute("COMMIT")) return true;
  rollback();
  return false;
}

void Store::rollback() {
  if (db_->in_transaction()) db_->execute("ROLLBACK");
  db_->clear();
}

namespace {

/// Versions in effect usually equal the draft, and then share its Value.
Value snapshot_of(std::string_view text, std::string_view draft_text, const Value& draft) {
  if (text == draft_text) return draft;
  auto parsed = parse_json(text);
  return parsed ? std::move(*parsed) : Value();
}

Task read_task(const Row& row) {
  Task task;
  task.id = row.text(0);
  task.kind = static_cast<TaskKind>(row.integer(1));
  task.group_id = row.text(2);
  task.request = row.text(3);
  task.created = row.time(4);
  task.starts = row.time(5);
  task.ends = row.time(6);
  task.state = static_cast<TaskState>(row.integer(7));
  task.result = row.text(8);
  return task;
}

}  // namespace

std::optional<Instance> Store::load(std::string_view scope) {
  db_->clear();
  Instance out;
  db_->query(
      "SELECT id, name, remark, created, updated FROM groups WHERE scope = ? ORDER BY seq",
      [&](const Row& r) {
        out.groups.add({r.text(0), r.text(1), r.text(2), r.time(3), r.time(4)});
      },
      scope);
  db_->query(
      "SELECT id, name, remark, created FROM environments WHERE scope = ? ORDER BY seq",
      [&](const Row& r) {
        out.environments.add({r.text(0), r.text(1), r.text(2), r.time(3)});
      },
      scope);
  std::unordered_map<std::string, std::string> drafts;
  db_->query(
      "SELECT id, group_id, definition, created, updated, identity FROM apis WHERE scope = ? ORDER BY seq",
      [&](const Row& r) {
        const Value draft = snapshot_of(r.view(2), {}, {});
        out.apis.add({r.text(0), r.text(1), draft, r.time(3), r.time(4), r.text(5), {}, {}, {}});
        drafts.emplace(r.text(0), r.text(2));
      },
      scope);
  db_->query(
      "SELECT id, api_id, publish_id, env_id, remark, at, active, CASE WHEN active THEN definition ELSE '' END "
      "FROM versions WHERE scope = ? ORDER BY seq",
      [&](const Row& r) {
        Api* api = out.apis.find(r.view(1));
        if (api == nullptr) return;
        const bool active = r.integer(6) != 0;
        const Value snapshot = active ? snapshot_of(r.view(7), drafts[api->id], api->definition) : Value();
        api->publications.push_back({r.text(0), r.text(2), r.text(3), r.text(4), r.time(5), active, snapshot});
      },
      scope);
  load_policies(scope, out);
  db_->query(
      "SELECT id, kind, group_id, request, created, starts, ends, state, result FROM tasks WHERE scope = ? "
      "ORDER BY seq",
      [&](const Row& r) {
        const Task& task = out.tasks.add(read_task(r));
        if (task.state == TaskState::Pending) out.pending.push_back(task.id);
      },
      scope);
  if (db_->failed()) return std::nullopt;
  return out;
}

void Store::load_policies(std::string_view scope, Instance& out) {
  db_->query(
      "SELECT kind, id, group_id, name, body, created, updated FROM policies WHERE scope = ? ORDER BY seq",
      [&](const Row& r) {
        const auto kind = static_cast<PolicyKind>(r.integer(0));
        const Value body = snapshot_of(r.view(4), {}, {});
        out.policies(kind).add({kind, r.text(1), r.text(2), r.text(3), body, r.time(5), r.time(6)});
      },
      scope);
  // Only what was changed is in the file.
  for (const auto& [number, group] : out.groups.rows()) {
    Policy response = default_response(group);
    if (out.responses.find(response.id) == nullptr) out.responses.add(std::move(response));
  }
  db_->query(
      "SELECT id, api_id, kind, policy_id, env_id, at FROM bindings WHERE scope = ? ORDER BY seq",
      [&](const Row& r) {
        Api* api = out.apis.find(r.view(1));
        const auto kind = static_cast<PolicyKind>(r.integer(2));
        if (api != nullptr) api->bindings.push_back({r.text(0), kind, r.text(3), r.text(4), r.time(5)});
      },
      scope);
  db_->query(
      "SELECT api_id, names FROM wishes WHERE scope = ?",
      [&](const Row& r) {
        if (Api* api = out.apis.find(r.view(0)); api != nullptr) api->wishes = snapshot_of(r.view(1), {}, {});
      },
      scope);
}

std::vector<std::string> Store::scopes() {
  std::vector<std::string> out;
  db_->query(
      "SELECT scope FROM groups UNION SELECT scope FROM environments UNION SELECT scope FROM tasks UNION SELECT scope "
      "FROM policies ORDER BY 1",
      [&](const Row& row) { out.push_back(row.text(0)); });
  return out;
}

std::vector<std::string> Store::instances(std::string_view project_id) {
  const std::string prefix = std::string(project_id) + "/";
  std::vector<std::string> out;
  db_->query(
      "SELECT DISTINCT substr(scope, length(?1) + 1) FROM (SELECT scope FROM groups UNION SELECT scope FROM "
      "environments UNION SELECT scope FROM tasks UNION SELECT scope FROM policies) WHERE substr(scope, 1, length(?1)) "
      "= ?1 ORDER BY 1",
      [&](const Row& row) { out.push_back(row.text(0)); }, std::string_view(prefix));
  return out;
}

std::optional<Value> Store::version(std::string_view scope, std::string_view version_id) {
  std::optional<Value> out;
  db_->query(
      "SELECT definition FROM versions WHERE scope = ? AND id = ?",
      [&](const Row& row) { out = snapshot_of(row.view(0), {}, {}); }, scope, version_id);
  return out;
}

void Store::put(std::string_view scope, const Group& g) {
  db_->run(
      "INSERT INTO groups (scope, id, name, remark, created, updated) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, "
      "id) "
      "DO UPDATE SET name = excluded.name, remark = excluded.remark, updated = excluded.updated",
      scope, g.id, g.name, g.remark, g.created, g.updated);
}

void Store::put(std::string_view scope, const Environment& e) {
  db_->run(
      "INSERT INTO environments (scope, id, name, remark, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT (scope, id) "
      "DO UPDATE SET name = excluded.name, remark = excluded.remark",
      scope, e.id, e.name, e.remark, e.created);
}

void Store::put(std::string_view scope, const Api& a) {
  db_->run(
      "INSERT INTO apis (scope, id, group_id, identity, definition, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (scope, id) DO UPDATE SET group_id = excluded.group_id, identity = excluded.identity, "
      "definition = excluded.definition, updated = excluded.updated",
      scope, a.id, a.group_id, a.identity, write_json(a.definition), a.created, a.updated);
}

void Store::put(std::string_view scope, const Task& t) {
  // What an export produced is large and can be made again.
  const bool keep = t.kind == TaskKind::Import || t.state == TaskState::Failed;
  db_->run(
      "INSERT INTO tasks (scope, id, kind, group_id, request, created, starts, ends, state, result) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (scope, id) "
      "DO UPDATE SET request = excluded.request, state = excluded.state, result = excluded.result",
      scope, t.id, static_cast<std::int64_t>(t.kind), t.group_id, t.request, t.created, t.starts, t.ends,
      static_cast<std::int64_t>(t.state), keep ? std::string_view(t.result) : std::string_view());
}

void Store::put_version(std::string_view scope, std::string_view api_id, const Publication& v) {
  db_->run(
      "INSERT INTO versions (scope, id, api_id, publish_id, env_id, remark, at, active, definition) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      scope, v.version_id, api_id, v.publish_id, v.env_id, v.remark, v.at, static_cast<std::int64_t>(v.active),
      write_json(v.definition));
}

void Store::put(std::string_view scope, const Policy& p) {
  db_->run(
      "INSERT INTO policies (scope, id, kind, group_id, name, body, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (scope, id) DO UPDATE SET name = excluded.name, body = excluded.body, updated = excluded.updated",
      scope, p.id, static_cast<std::int64_t>(p.kind), p.group_id, p.name, write_json(p.body), p.created, p.updated);
}

void Store::put_binding(std::string_view scope, std::string_view api_id, const Binding& b) {
  db_->run("INSERT INTO bindings (scope, id, api_id, kind, policy_id, env_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)", scope,
           b.id, api_id, static_cast<std::int64_t>(b.kind), b.policy_id, b.env_id, b.at);
}

void Store::put_wishes(std::string_view scope, std::string_view api_id, const Value& wishes) {
  db_->run(
      "INSERT INTO wishes (scope, api_id, names) VALUES (?, ?, ?) ON CONFLICT (scope, api_id) "
      "DO UPDATE SET names = excluded.names",
      scope, api_id, write_json(wishes));
}

void Store::set_active(std::string_view scope, std::string_view version_id, bool active) {
  db_->run("UPDATE versions SET active = ? WHERE scope = ? AND id = ?", static_cast<std::int64_t>(active), scope,
           version_id);
}

void Store::erase_group(std::string_view scope, std::string_view id) {
  db_->run("DELETE FROM groups WHERE scope = ? AND id = ?", scope, id);
}

void Store::erase_environment(std::string_view scope, std::string_view id) {
  db_->run("DELETE FROM environments WHERE scope = ? AND id = ?", scope, id);
}

void Store::erase_api(std::string_view scope, std::string_view id) {
  db_->run("DELETE FROM versions WHERE scope = ? AND api_id = ?", scope, id);
  db_->run("DELETE FROM bindings WHERE scope = ? AND api_id = ?", scope, id);
  db_->run("DELETE FROM wishes WHERE scope = ? AND api_id = ?", scope, id);
  db_->run("DELETE FROM apis WHERE scope = ? AND id = ?", scope, id);
}

void Store::erase_version(std::string_view scope, std::string_view version_id) {
  db_->run("DELETE FROM versions WHERE scope = ? AND id = ?", scope, version_id);
}

void Store::erase_task(std::string_view scope, std::string_view id) {
  db_->run("DELETE FROM tasks WHERE scope = ? AND id = ?", scope, id);
}

void Store::erase_policy(std::string_view scope, std::string_view id) {
  db_->run("DELETE FROM policies WHERE scope = ? AND id = ?", scope, id);
}

void Store::erase_binding(std::string_view scope, std::string_view id) {
  db_->run("DELETE FROM bindings WHERE scope = ? AND id = ?", scope, id);
}

std::optional<Record> Store::record(std::string_view scope, std::string_view kind, std::string_view id) {
  std::optional<Record> out;
  db_->query(
      "SELECT kind, id, label, head, body FROM records WHERE scope = ? AND kind = ? AND id = ?",
      [&](const Row& r) {
        out = Record{r.text(0), r.text(1), r.text(2), r.text(3), r.text(4)};
      },
      scope, kind, id);
  return out;
}

std::vector<Record> Store::records(std::string_view scope, std::string_view kind, std::string_view label) {
  std::vector<Record> out;
  db_->query(
      "SELECT kind, id, label, head FROM records WHERE scope = ?1 AND kind = ?2 AND (?3 = '' OR label = ?3) ORDER BY "
      "seq",
      [&](const Row& r) {
        out.push_back({r.text(0), r.text(1), r.text(2), r.text(3), ""});
      },
      scope, kind, label);
  return out;
}

void Store::put_record(std::string_view scope, const Record& record) {
  db_->run(
      "INSERT INTO records (scope, kind, id, label, head, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, kind, "
      "id) "
      "DO UPDATE SET label = excluded.label, head = excluded.head, body = excluded.body",
      scope, record.kind, record.id, record.label, record.head, record.body);
}

void Store::erase_record(std::string_view scope, std::string_view kind, std::string_view id) {
  db_->run("DELETE FROM records WHERE scope = ? AND kind = ? AND id = ?", scope, kind, id);
}

std::uint64_t Store::next_number() {
  std::int64_t number = 0;
  db_->query("UPDATE numbers SET value = value + 1 WHERE name = 'ids' RETURNING value",
             [&](const Row& row) { number = row.integer(0); });
  return static_cast<std::uint64_t>(number);
}

}  // namespace sluice::gateway
