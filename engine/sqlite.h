// SQLite as values: statements, a database, a transaction. Everything that fails throws SqlError, which whoever uses
// them translates.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::sql {

struct SqlError {
  std::string message;
};

class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);
  /// Whether there is a row.
  bool step();
  /// Steps, and is as new after that.
  void run_again();
  std::string text(int column) const;
  std::int64_t number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

enum class Open { Existing, OrCreate };

class Database {
 public:
  Database(const std::string& path, Open how);
  sqlite3* get() const { return database_.get(); }
  void run(const char* sql) const;
  /// Of the row that was inserted last.
  std::int64_t last_id() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
};

/// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(const Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  const Database& database_;
  bool done_ = false;
};

}  // namespace sluice::sql
