// PostgreSQL's client library as values. It is loaded when the first session asks for it, so that a Sluice that keeps
// its state in a file needs none. Everything that fails throws pq::Failure.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/sql.h"

struct pg_conn;
struct pg_result;

namespace sluice::pq {

/// What the server or the library said. `sqlstate` is "" when it was not the server.
struct Failure {
  std::string message;
  std::string sqlstate = {};
  bool lost = false;  ///< the connection is of no more use
};

/// The functions of the library that are used.
struct Functions;

/// The library called `file`. Throws Failure when it is not there or too old; it stays loaded then on.
std::shared_ptr<const Functions> load_library(const char* file = "libpq.so.5");

/// One connection to a server. A statement is answered within `patience`, or the connection counts as lost.
class Session {
 public:
  /// Keyword and value, as libpq takes them; a later one wins. A `dbname` may be a URL.
  using Settings = std::vector<std::pair<std::string, std::string>>;

  Session(const Settings& settings, std::chrono::milliseconds patience);

  /// Statements without parameters, separated by semicolons.
  void run(const std::string& sql);
  /// One statement; rows as they come. No other statement may be sent from `each`.
  void ask(const std::string& sql, const sql::Parameters& parameters, const sql::OnRow& each);
  /// One statement with many rows of parameters, without waiting between them. Needs a transaction.
  void many(const std::string& sql, const std::vector<sql::Parameters>& rows);

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
    std::shared_ptr<const Functions> library;
  };
  struct Clear {
    void operator()(pg_result* result) const;
    const Functions* library = nullptr;
  };
  using Answer = std::unique_ptr<pg_result, Clear>;

  void sent(int accepted) const;
  Answer next();
  void drain(const std::function<void(const pg_result*)>& each_row);
  void prepare_once(const std::string& sql, const sql::Parameters& like);
  void await_sync();
  void wait_for_socket(bool to_write, std::chrono::steady_clock::time_point end) const;
  [[noreturn]] void lost(std::string why = {}) const;
  Failure failure_of(const pg_result* result) const;
  void leave_pipeline();

  std::shared_ptr<const Functions> library_;
  std::chrono::milliseconds patience_;
  std::unique_ptr<pg_conn, Finish> connection_;
};

}  // namespace sluice::pq
