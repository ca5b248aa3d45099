#include "engine/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "engine/files.h"

namespace sluice::sql {
namespace {

constexpr int kBusyMilliseconds = 5000;

Trouble trouble_of(sqlite3* database, int code) {
  const int primary = code & 0xFF;
  const int cause = database != nullptr ? sqlite3_system_errno(database) : 0;
  if (primary == SQLITE_FULL || (primary == SQLITE_IOERR && (cause == ENOSPC || cause == EDQUOT))) return Trouble::Full;
  return primary == SQLITE_BUSY || primary == SQLITE_LOCKED ? Trouble::Busy : Trouble::Other;
}

[[noreturn]] void fail_with(sqlite3* database, int code) {
  throw SqlError{database != nullptr ? sqlite3_errmsg(database) : "out of memory", trouble_of(database, code)};
}

class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    statement_.reset(statement);
    if (code != SQLITE_OK) fail_with(database, code);
  }

  void bind(const Parameters& parameters) {
    int index = 0;
    for (const Parameter& parameter : parameters) {
      ++index;
      int code = SQLITE_OK;
      if (const auto* text = std::get_if<std::string>(&parameter)) {
        code = sqlite3_bind_text(statement_.get(), index, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
      } else if (const auto* number = std::get_if<std::int64_t>(&parameter)) {
        code = sqlite3_bind_int64(statement_.get(), index, *number);
      }
      if (code != SQLITE_OK) fail_with(database_, code);
    }
  }

  /// Whether there is a row.
  bool step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) fail_with(database_, code);
    return false;
  }

  void reset() { sqlite3_reset(statement_.get()); }
  sqlite3_stmt* get() const { return statement_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::string_view text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }
  std::int64_t number(int column) const override { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_;
};

class SqliteConnection final : public Connection {
 public:
  /// Opened for writing even where it is only read: then SQLite takes its two helper files away again, which it would
  /// leave behind read-only.
  SqliteConnection(const std::string& path, Access access, Clock& clock) : clock_(clock) {
    sqlite3* database = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | (access == Access::Write ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
    database_.reset(database);
    if (code != SQLITE_OK) fail_with(database, code);
    sqlite3_busy_timeout(database, kBusyMilliseconds);
    if (access == Access::Read) return;
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("PRAGMA secure_delete = ON");  // what has become a secret does not stay in free pages
  }

  void run(std::string_view sql) override {
    const int code = sqlite3_exec(database_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail_with(database_.get(), code);
  }

  void ask(std::string_view sql, const Parameters& parameters, const OnRow& each) override {
    Statement statement(database_.get(), sql);
    statement.bind(parameters);
    const SqliteRow row(statement.get());
    while (statement.step()) each(row);
  }

  void many(std::string_view sql, const std::vector<Parameters>& rows) override {
    if (rows.empty()) return;
    Statement statement(database_.get(), sql);
    for (const Parameters& row : rows) {
      statement.bind(row);
      while (statement.step()) continue;
      statement.reset();
    }
  }

  std::int64_t now_ms() override { return clock_.now().time_since_epoch().count(); }

  bool has_table(std::string_view name) override {
    bool found = false;
    ask("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", {std::string(name)},
        [&](const Row&) { found = true; });
    return found;
  }

  bool is_empty() override {
    bool empty = true;
    ask("SELECT 1 FROM sqlite_master", {}, [&](const Row&) { empty = false; });
    return empty;
  }

  void begin(Access access) override { run(access == Access::Write ? "BEGIN IMMEDIATE" : "BEGIN"); }
  void commit() override { run("COMMIT"); }
  void rollback() noexcept override { sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  Clock& clock_;
  std::unique_ptr<sqlite3, Close> database_;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, Clock& clock) : path_(std::move(path)), clock_(clock) {}

  std::string name() const override { return path_; }
  std::string advice() const override { return "Check that the disk is not full and the file is a Sluice state."; }
  bool exists() override { return file_exists(path_); }
  bool keeps_readers() const override { return false; }

  Result<void> prepare() override {
    if (auto made = make_parent_folder(path_); !made || file_exists(path_)) return made;
    return make_private_file(path_);  // SQLite gives its helper files the same mode
  }

  std::unique_ptr<Connection> connect(Access access) override {
    return std::make_unique<SqliteConnection>(path_, access, clock_);
  }

  void reserve(std::string_view owner, std::int64_t bytes) override {
    const std::string path = reserve_of(owner);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int code = file < 0 ? errno : 0;
    if (file >= 0) {
      code = ::posix_fallocate(file, 0, static_cast<off_t>(bytes));
      ::close(file);
    }
    if (code == 0) return;
    if (file >= 0) remove_file(path);
    throw SqlError{fmt::format("{} MB for its journal could not be reserved beside it: {}", (bytes >> 20) + 1,
                               std::generic_category().message(code)),
                   Trouble::Full};
  }

  bool release(std::string_view owner) override {
    const std::string path = reserve_of(owner);
    if (!file_exists(path)) return false;
    remove_file(path);
    return true;
  }

 private:
  std::string reserve_of(std::string_view owner) const { return fmt::format("{}.reserve-{}", path_, owner); }

  std::string path_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Database> sqlite_database(std::string path, Clock& clock) {
  return std::make_unique<SqliteDatabase>(std::move(path), clock);
}

}  // namespace sluice::sql
