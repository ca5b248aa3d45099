// The state in one SQLite file: WAL, synchronous FULL, ordinary rowid tables.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>

#include "engine/clock.h"
#include "engine/files.h"
#include "engine/sqlite.h"
#include "engine/state_store.h"
#include "plan/canonical.h"
#include "plan/json.h"

namespace sluice {
namespace {

using sql::Database;
using sql::SqlError;
using sql::Statement;
using sql::Transaction;

constexpr std::string_view kFormat = "1";
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS resources (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL, body TEXT NOT NULL,
                                      digest TEXT NOT NULL, remote_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS unmanaged (address TEXT NOT NULL UNIQUE, grp TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL, asked TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS guarded (key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, grp TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS times (key TEXT NOT NULL UNIQUE, changed_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (id TEXT NOT NULL UNIQUE, started_at TEXT NOT NULL, ended_at TEXT, actor TEXT NOT NULL,
                                 plan_digest TEXT NOT NULL, exit_code INTEGER);
CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL,
                                    resources TEXT NOT NULL, sent_at TEXT NOT NULL, task_id TEXT NOT NULL DEFAULT '',
                                    outcome TEXT NOT NULL DEFAULT '', closed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS journal_open ON journal (closed) WHERE closed = 0;
CREATE TABLE IF NOT EXISTS lock (id INTEGER PRIMARY KEY CHECK (id = 1), token TEXT NOT NULL, host TEXT NOT NULL,
                                 pid INTEGER NOT NULL, pid_start TEXT NOT NULL, who TEXT NOT NULL,
                                 operation TEXT NOT NULL, taken_at TEXT NOT NULL);
)";

std::string random_hex(int bytes) {
  std::random_device device;
  std::string text;
  for (int i = 0; i < bytes; ++i) text += fmt::format("{:02x}", device() & 0xFFU);
  return text;
}

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

/// When the process started, in the kernel's words; "" when there is no such process, or only what is left of one that
/// nobody waited for. Tells a reused pid from the old.
std::string process_start(std::int64_t pid) {
  const auto status = read_file(fmt::format("/proc/{}/stat", pid));
  if (!status) return {};
  std::string_view rest = *status;
  rest.remove_prefix(std::min(rest.rfind(')') + 1, rest.size()));
  if (rest.starts_with(" Z") || rest.starts_with(" X")) return {};
  for (int field = 0; field < 20 && !rest.empty(); ++field)
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  return std::string(rest.substr(0, rest.find(' ')));
}

std::string resources_to_text(const std::vector<IntendedResource>& resources) {
  Value list = Value::array();
  for (const IntendedResource& resource : resources) {
    list.push(Value::array({resource.address.text(), to_string(resource.predicted), resource.after_digest}));
  }
  return write_json(list);
}

/// A word of the journal as what it stands for.
template <typename Enum>
Enum known(std::optional<Enum> value, std::string_view word) {
  if (!value) throw SqlError{fmt::format("the journal holds the unknown word \"{}\"", word)};
  return *value;
}

Address address_from(const std::string& text) {
  auto address = Address::parse(text);
  if (!address) throw SqlError{address.error().message};
  return std::move(*address);
}

Value body_from(const std::string& text) {
  auto body = parse_json(text);
  if (!body) throw SqlError{fmt::format("a row holds JSON that cannot be read: {}", body.error().message)};
  return std::move(*body);
}

std::vector<IntendedResource> resources_from(const std::string& text) {
  std::vector<IntendedResource> resources;
  const Value list = body_from(text);
  for (const Value& item : list.items()) {
    const auto& parts = item.items();
    if (parts.size() != 3 || !parts[0].is_string() || !parts[1].is_string() || !parts[2].is_string()) {
      throw SqlError{"the journal holds a row that cannot be read"};
    }
    resources.push_back({address_from(parts[0].as_string()),
                         known(effect_named(parts[1].as_string()), parts[1].as_string()), parts[2].as_string()});
  }
  return resources;
}

class SqliteStateStore final : public StateStore {
 public:
  explicit SqliteStateStore(std::string path) : path_(std::move(path)) {}

  Result<StateSnapshot> read() override {
    if (!file_exists(path_)) return StateSnapshot{};
    return translated<StateSnapshot>("read", [&] {
      // Where it may write, SQLite takes its two helper files away again; it leaves them behind read-only.
      const Database database(path_, sql::Open::Existing);
      StateSnapshot snapshot;
      check_ours(database);
      if (!has_tables(database)) return snapshot;
      database.run("BEGIN");  // one moment for all the reads
      read_meta(database, snapshot);
      read_resources(database, snapshot);
      read_journal(database, snapshot);
      database.run("COMMIT");
      return snapshot;
    });
  }

  Result<LockToken> lock(const LockInfo& info, const GatewayIdentity& gateway) override {
    if (auto made = make_parent_folder(path_); !made) return made.forward();
    if (!file_exists(path_)) {  // SQLite gives its helper files the same mode
      if (auto made = make_private_file(path_); !made) return made.forward();
    }
    std::string holder;
    auto token = translated<LockToken>("lock", [&] {
      if (!database_) {
        database_.emplace(path_, sql::Open::OrCreate);
        database_->run("PRAGMA journal_mode = WAL");
        database_->run("PRAGMA synchronous = FULL");
        database_->run("PRAGMA secure_delete = ON");  // what has become a secret does not stay in free pages
      }
      Transaction transaction(*database_);
      check_ours(*database_);
      database_->run(kSchema);
      make_lineage(gateway);
      holder = living_holder();
      if (!holder.empty()) return LockToken{};
      rebind(gateway);
      LockToken taken{random_hex(16)};
      const std::int64_t pid = ::getpid();
      Statement(database_->get(), "INSERT OR REPLACE INTO lock VALUES (1, ?, ?, ?, ?, ?, ?, ?)")
          .bind(taken.id)
          .bind(host_name())
          .bind(pid)
          .bind(process_start(pid))
          .bind(info.who)
          .bind(info.operation)
          .bind(to_rfc3339(SystemClock().now()))
          .step();
      transaction.commit();
      return taken;
    });
    if (token && !holder.empty()) {
      return fail(
          ErrorKind::Locked,
          fmt::format("The state {} is locked by {}: wait until it is done, or say --lock-timeout 5m to wait here.",
                      path_, holder));
    }
    return token;
  }

  Result<void> unlock(const LockToken& token) override {
    return write("unlock", token, [&] { database_->run("DELETE FROM lock"); });
  }

  Result<void> begin_run(const LockToken& token, const RunRecord& run) override {
    return write("write", token, [&] {
      Statement(database_->get(), "INSERT INTO runs (id, started_at, actor, plan_digest) VALUES (?, ?, ?, ?)")
          .bind(run.id)
          .bind(run.started_at)
          .bind(run.actor)
          .bind(run.plan_digest)
          .step();
    });
  }

  Result<void> end_run(const LockToken& token, const std::string& run_id, int exit_code) override {
    return write("write", token, [&] {
      Statement(database_->get(), "UPDATE runs SET ended_at = ?, exit_code = ? WHERE id = ?")
          .bind(to_rfc3339(SystemClock().now()))
          .bind(exit_code)
          .bind(run_id)
          .step();
    });
  }

  Result<std::int64_t> open_intent(const LockToken& token, const Intent& intent) override {
    std::int64_t id = 0;
    const auto written = write("write to the journal of", token, [&] {
      Statement(database_->get(), "INSERT INTO journal (run_id, grp, kind, resources, sent_at) VALUES (?, ?, ?, ?, ?)")
          .bind(intent.run_id)
          .bind(intent.group)
          .bind(to_string(intent.kind))
          .bind(resources_to_text(intent.resources))
          .bind(to_rfc3339(SystemClock().now()))
          .step();
      id = database_->last_id();
    });
    if (!written) return written.forward();
    return id;
  }

  Result<void> note_task(const LockToken& token, std::int64_t intent, const std::string& task_id) override {
    return write("write to the journal of", token, [&] {
      Statement(database_->get(), "UPDATE journal SET task_id = ? WHERE id = ?").bind(task_id).bind(intent).step();
    });
  }

  Result<void> note_outcome(const LockToken& token, std::int64_t intent, const std::string& outcome) override {
    return write("write to the journal of", token, [&] {
      Statement(database_->get(), "UPDATE journal SET outcome = ? WHERE id = ?").bind(outcome).bind(intent).step();
    });
  }

  Result<void> take_hash_key(const LockToken& token, const Secret& key) override {
    return write("write", token, [&] {
      if (Statement(database_->get(), "SELECT 1 FROM resources UNION ALL SELECT 1 FROM journal").step()) return;
      Statement(database_->get(), "INSERT OR REPLACE INTO meta VALUES ('hash_key', ?)").bind(key.reveal()).step();
    });
  }

  Result<void> commit(const LockToken& token, const StateChange& change) override {
    return write("write", token, [&] {
      if (!change.renamed_from.empty()) take_over_rows(change.renamed_from, change.group);
      Statement remove(database_->get(), "DELETE FROM resources WHERE key = ?");
      Statement remove_time(database_->get(), "DELETE FROM times WHERE key = ?");
      const std::vector<Address> publications = publications_of(change);
      for (const auto* list : {&change.gone, &publications}) {
        for (const Address& address : *list) {
          remove.bind(key_of(address)).run_again();
          remove_time.bind(key_of(address)).run_again();
        }
      }
      write_owned(change);
      write_kept(change, publications);
      write_guarded(change);
      Statement(database_->get(), "DELETE FROM unmanaged WHERE grp = ?").bind(change.group).step();
      Statement unmanaged(database_->get(), "INSERT OR REPLACE INTO unmanaged VALUES (?, ?)");
      for (const Address& address : change.unmanaged) unmanaged.bind(address.text()).bind(change.group).run_again();
      Statement close(database_->get(), "UPDATE journal SET closed = 1 WHERE id = ?");
      for (const std::int64_t id : change.closed_intents) close.bind(id).run_again();
      database_->run("UPDATE meta SET value = value + 1 WHERE name = 'serial'");
    });
  }

 private:
  /// Rows are found by what is the same on a gateway; the body keeps the names of the path's variables.
  static std::string key_of(const Address& address) { return without_variable_names(address.text()); }

  template <typename T, typename Work>
  Result<T> translated(std::string_view verb, const Work& work) {
    try {
      return work();
    } catch (const SqlError& error) {
      return fail(
          ErrorKind::Storage,
          fmt::format("Cannot {} the state {}: {}. Check that the disk is not full and the file is a Sluice state.",
                      verb, path_, error.message));
    }
  }

  /// One transaction, refused when `token` no longer holds the lock.
  template <typename Work>
  Result<void> write(std::string_view verb, const LockToken& token, const Work& work) {
    check(database_.has_value(), "a write to the state without its lock");
    bool lost = false;
    auto done = translated<bool>(verb, [&] {
      Transaction transaction(*database_);
      Statement holder(database_->get(), "SELECT token FROM lock WHERE id = 1");
      lost = !holder.step() || holder.text(0) != token.id;
      if (lost) return false;
      work();
      transaction.commit();
      return true;
    });
    if (!done) return done.forward();
    if (lost)
      return fail(
          ErrorKind::Locked,
          fmt::format("The lock on the state {} was taken over by another run; nothing more was written.", path_));
    return {};
  }

  static bool has_tables(const Database& database) { return has_table(database, "meta"); }

  /// States of earlier versions lack some tables until the next lock.
  static bool has_table(const Database& database, std::string_view name) {
    return Statement(database.get(), "SELECT 1 FROM sqlite_master WHERE name = ?").bind(name).step();
  }

  static std::string meta(const Database& database, std::string_view name) {
    Statement statement(database.get(), "SELECT value FROM meta WHERE name = ?");
    return statement.bind(name).step() ? statement.text(0) : std::string();
  }

  /// Throws unless the file is empty or a state of the format that is read here.
  static void check_ours(const Database& database) {
    if (!has_tables(database)) {
      if (Statement(database.get(), "SELECT 1 FROM sqlite_master").step())
        throw SqlError{"it is a database of another program"};
      return;
    }
    const std::string format = meta(database, "format");
    if (format.empty()) throw SqlError{"it is a database of another program"};
    if (format != kFormat) throw SqlError{fmt::format("its format is {}, and this Sluice reads {}", format, kFormat)};
  }

  void make_lineage(const GatewayIdentity& gateway) const {
    if (!meta(*database_, "lineage").empty()) return;
    Statement insert(database_->get(), "INSERT INTO meta VALUES (?, ?)");
    for (const auto& [name, value] : std::initializer_list<std::pair<std::string_view, std::string>>{
             {"format", std::string(kFormat)},
             {"canonical", std::to_string(kCanonicalVersion)},
             {"lineage", random_hex(16)},
             {"serial", "0"},
             {"hash_key", random_hex(32)},
             {"provider", gateway.provider},
             {"endpoint", gateway.endpoint},
             {"project_id", gateway.project_id},
             {"instance_id", gateway.instance_id}}) {
      insert.bind(name).bind(value).run_again();
    }
  }

  /// A run that came to nothing, against a mistyped endpoint say, must not keep the state from the right gateway.
  void rebind(const GatewayIdentity& gateway) const {
    StateSnapshot now;
    read_meta(*database_, now);
    if (now.gateway == gateway) return;
    const bool holds = Statement(database_->get(),
                                 "SELECT 1 FROM resources UNION ALL SELECT 1 FROM kept "
                                 "UNION ALL SELECT 1 FROM journal WHERE closed = 0")
                           .step();
    if (holds) return;
    database_->run("DELETE FROM unmanaged");
    database_->run("DELETE FROM guarded");
    Statement update(database_->get(), "UPDATE meta SET value = ? WHERE name = ?");
    for (const auto& [name, value] :
         std::initializer_list<std::pair<std::string_view, std::string>>{{"provider", gateway.provider},
                                                                         {"endpoint", gateway.endpoint},
                                                                         {"project_id", gateway.project_id},
                                                                         {"instance_id", gateway.instance_id}}) {
      update.bind(value).bind(name).run_again();
    }
  }

  /// Who holds the lock, or "" when nobody does. A holder on this host that has died holds nothing.
  std::string living_holder() const {
    Statement lock(database_->get(), "SELECT host, pid, pid_start, who, operation, taken_at FROM lock WHERE id = 1");
    if (!lock.step()) return {};
    const bool here = lock.text(0) == host_name();
    if (here && process_start(lock.number(1)) != lock.text(2)) return {};
    return fmt::format("{} (process {} on {}, {}, since {})", lock.text(3), lock.number(1), lock.text(0), lock.text(4),
                       lock.text(5));
  }

  static void read_meta(const Database& database, StateSnapshot& snapshot) {
    snapshot.lineage = meta(database, "lineage");
    snapshot.hash_key = Secret(meta(database, "hash_key"));
    const std::string serial = meta(database, "serial");
    snapshot.serial = serial.empty() ? 0 : std::stoll(serial);
    snapshot.gateway = {meta(database, "provider"), meta(database, "endpoint"), meta(database, "project_id"),
                        meta(database, "instance_id")};
  }

  static void read_resources(const Database& database, StateSnapshot& snapshot) {
    Statement rows(database.get(), "SELECT grp, body, digest, remote_id, address FROM resources");
    while (rows.step()) {
      const Address address = address_from(rows.text(4));
      Baseline& base = snapshot.groups[rows.text(0)];
      base.resources.emplace(address, Resource{address, Value(), rows.text(2), rows.text(3)});
      base.bodies.emplace(address, rows.text(1));
    }
    read_times(database, snapshot);
    Statement unmanaged(database.get(), "SELECT grp, address FROM unmanaged");
    while (unmanaged.step()) snapshot.groups[unmanaged.text(0)].unmanaged.insert(address_from(unmanaged.text(1)));
    if (has_table(database, "kept")) {
      Statement kept(database.get(), "SELECT grp, address, asked FROM kept");
      while (kept.step()) snapshot.groups[kept.text(0)].kept.emplace(address_from(kept.text(1)), kept.text(2));
    }
    if (has_table(database, "guarded")) {
      Statement guarded(database.get(), "SELECT grp, address FROM guarded");
      while (guarded.step()) snapshot.groups[guarded.text(0)].guarded.insert(address_from(guarded.text(1)));
    }
  }

  /// When the gateway says that what is owned was changed or published. States of 0.1.0 may lack the table.
  static void read_times(const Database& database, StateSnapshot& snapshot) {
    if (!has_table(database, "times")) return;
    Statement rows(database.get(),
                   "SELECT grp, address, changed_at FROM resources JOIN times ON times.key = resources.key");
    while (rows.step()) {
      ResourceMap& resources = snapshot.groups[rows.text(0)].resources;
      const auto at = resources.find(address_from(rows.text(1)));
      if (at != resources.end()) at->second.changed_at = rows.text(2);
    }
  }

  static void read_journal(const Database& database, StateSnapshot& snapshot) {
    Statement rows(
        database.get(),
        "SELECT id, run_id, grp, kind, task_id, outcome, resources, sent_at FROM journal WHERE closed = 0 ORDER BY id");
    while (rows.step()) {
      Intent intent{rows.number(0),
                    rows.text(1),
                    rows.text(2),
                    known(step_kind_named(rows.text(3)), rows.text(3)),
                    rows.text(4),
                    rows.text(5),
                    resources_from(rows.text(6)),
                    rows.text(7)};
      for (const IntendedResource& resource : intent.resources)
        snapshot.groups[resource.address.group()].claimed.insert_or_assign(resource.address, resource.after_digest);
      snapshot.open_intents.push_back(std::move(intent));
    }
  }

  /// What the state holds of publications of APIs that are gone.
  std::vector<Address> publications_of(const StateChange& change) const {
    const std::set<Address> gone(change.gone.begin(), change.gone.end());
    std::vector<Address> found;
    Statement rows(database_->get(), "SELECT address FROM resources WHERE grp = ?");
    rows.bind(change.group);
    while (rows.step()) {
      Address address = address_from(rows.text(0));
      if (address.type() == "publication" && gone.contains(address.api_of_publication()))
        found.push_back(std::move(address));
    }
    return found;
  }

  /// What is known of one group is known of another from now on. Rows are found by addresses, and those name the group.
  void take_over_rows(const std::string& from, const std::string& to) const {
    const auto addresses_in = [&](const std::string& query) {
      std::vector<Address> found;
      Statement rows(database_->get(), query);
      rows.bind(from);
      while (rows.step()) found.push_back(address_from(rows.text(0)));
      return found;
    };
    Statement resource(database_->get(), "UPDATE OR REPLACE resources SET key = ?, address = ?, grp = ? WHERE key = ?");
    Statement time(database_->get(), "UPDATE OR REPLACE times SET key = ? WHERE key = ?");
    for (const Address& address : addresses_in("SELECT address FROM resources WHERE grp = ?")) {
      const Address renamed = address.in_group(to);
      resource.bind(key_of(renamed)).bind(renamed.text()).bind(to).bind(key_of(address)).run_again();
      time.bind(key_of(renamed)).bind(key_of(address)).run_again();
    }
    for (const std::string table : {"kept", "guarded"}) {
      Statement row(database_->get(),
                    "UPDATE OR REPLACE " + table + " SET key = ?, address = ?, grp = ? WHERE key = ?");
      for (const Address& address : addresses_in("SELECT address FROM " + table + " WHERE grp = ?")) {
        const Address renamed = address.in_group(to);
        row.bind(key_of(renamed)).bind(renamed.text()).bind(to).bind(key_of(address)).run_again();
      }
    }
    Statement(database_->get(), "DELETE FROM unmanaged WHERE grp = ?").bind(from).step();
  }

  void write_kept(const StateChange& change, const std::vector<Address>& publications) const {
    Statement forget(database_->get(), "DELETE FROM kept WHERE key = ?");
    for (const Address& address : publications) forget.bind(key_of(address)).run_again();
    for (const Address& address : change.gone) forget.bind(key_of(address)).run_again();
    for (const Resource& resource : change.owned) forget.bind(key_of(resource.address)).run_again();
    Statement insert(database_->get(), "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)");
    for (const auto& [address, asked] : change.kept) {
      insert.bind(key_of(address)).bind(address.text()).bind(change.group).bind(asked).run_again();
    }
  }

  void write_guarded(const StateChange& change) const {
    Statement forget(database_->get(), "DELETE FROM guarded WHERE key = ?");
    for (const auto* list : {&change.gone, &change.unprotect}) {
      for (const Address& address : *list) forget.bind(key_of(address)).run_again();
    }
    Statement insert(database_->get(), "INSERT OR REPLACE INTO guarded VALUES (?, ?, ?)");
    for (const Address& address : change.protect) {
      insert.bind(key_of(address)).bind(address.text()).bind(change.group).run_again();
    }
  }

  void write_owned(const StateChange& change) const {
    Statement insert(database_->get(), "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?)");
    Statement time(database_->get(), "INSERT OR REPLACE INTO times VALUES (?, ?)");
    for (const Resource& resource : change.owned) {
      const bool publication = resource.address.type() == "publication";
      const Value definition = Value::object({{"definition", resource.digest, 0}});
      insert.bind(key_of(resource.address)).bind(resource.address.text()).bind(change.group);
      insert.bind(write_json(publication ? definition : resource.body)).bind(resource.digest).bind(resource.remote_id);
      insert.run_again();
      time.bind(key_of(resource.address)).bind(resource.changed_at).run_again();
    }
  }

  std::string path_;
  std::optional<Database> database_;
};

}  // namespace

std::unique_ptr<StateStore> sqlite_state_store(std::string path) {
  return std::make_unique<SqliteStateStore>(std::move(path));
}

}  // namespace sluice
