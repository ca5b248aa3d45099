// What a store needs of a database, whichever it is. Statements are in the SQL that SQLite and PostgreSQL share:
// parameters are $1, $2, … in the order of their first use, values are 64-bit integers and texts. What fails throws
// SqlError, which whoever uses a connection translates.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plan/result.h"

namespace sluice::sql {

/// What can be done about an error: nothing; make room on the disk; try again; connect anew, and look what was
/// committed.
enum class Trouble { Other, Full, Busy, Lost };

struct SqlError {
  std::string message;
  Trouble trouble = Trouble::Other;
};

using Parameter = std::variant<std::int64_t, std::string>;
using Parameters = std::vector<Parameter>;

/// One row of an answer. Columns are counted from 0; an absent value is "" and 0.
class Row {
 public:
  Row() = default;
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  virtual ~Row() = default;
  /// Valid until the next row comes.
  virtual std::string_view text(int column) const = 0;
  virtual std::int64_t number(int column) const = 0;
};
using OnRow = std::function<void(const Row&)>;

enum class Access { Read, Write };

/// A connection to a database. Not safe to call from two threads at once.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// One or more statements without parameters.
  virtual void run(std::string_view sql) = 0;
  /// One statement; its rows as they come. `each` asks nothing of this connection, and may throw.
  virtual void ask(
      std::string_view sql, const Parameters& parameters, const OnRow& each = [](const Row&) {}) = 0;
  /// One statement for each of the rows of parameters, in their order.
  virtual void many(std::string_view sql, const std::vector<Parameters>& rows) = 0;

  /// The time that leases are counted in, in milliseconds since 1970: the database's, where it has a clock.
  virtual std::int64_t now_ms() = 0;
  virtual bool has_table(std::string_view name) = 0;
  /// Whether there is nothing at all in the place that the tables lie in.
  virtual bool is_empty() = 0;

  /// A transaction. What is read in one with Access::Read is of one moment. After an error with Trouble::Lost the next
  /// `begin` connects anew.
  virtual void begin(Access access) = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
};

/// Rolls back unless committed.
class Transaction {
 public:
  Transaction(Connection& connection, Access access) : connection_(connection) { connection_.begin(access); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (!done_) connection_.rollback();
  }
  void commit() {
    connection_.commit();
    done_ = true;
  }

 private:
  Connection& connection_;
  bool done_ = false;
};

/// Where a state lies, and connections to it. Safe to call from several threads at once, but for what it says.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  /// As messages call it, without what is secret.
  virtual std::string name() const = 0;
  /// What a person can do when it fails, as a sentence.
  virtual std::string advice() const = 0;
  /// Whether there is something to connect to. Makes nothing.
  virtual bool exists() = 0;
  /// Makes what must be there before anybody connects to write. Errors: Storage.
  virtual Result<void> prepare() { return {}; }
  virtual std::unique_ptr<Connection> connect(Access access) = 0;
  /// Whether a connection for reading may stay open when it is not needed. If not, it would leave files behind.
  virtual bool keeps_readers() const = 0;

  /// Sets room aside for what `owner` writes later, and gives it back: false when there is none. Nothing where the disk
  /// is another machine's.
  virtual void reserve(std::string_view /*owner*/, std::int64_t /*bytes*/) {}
  virtual bool release(std::string_view /*owner*/) { return false; }
};

}  // namespace sluice::sql
