// Every operation is a transaction that says all it needs: the schema, how long it waits. So any connection will do.
#include "engine/postgres.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/libpq.h"
#include "plan/check.h"

namespace sluice {
namespace {

using sql::Access;
using sql::SqlError;
using sql::Trouble;

constexpr Milliseconds kAnswer = std::chrono::seconds(40);     // longer than what the server allows a statement
constexpr Milliseconds kReconnect = std::chrono::seconds(10);  // a restart, a failover
constexpr Milliseconds kPause{100};
/// Of a transaction. One whose process was stopped in the middle must not keep its locks on rows.
constexpr std::string_view kLimits =
    "SET LOCAL lock_timeout TO '10s'; SET LOCAL statement_timeout TO '30s'; "
    "SET LOCAL idle_in_transaction_session_timeout TO '15s'; ";
/// What was committed must be on the disk, whatever the server's default is.
constexpr std::string_view kDurable =
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";

Trouble trouble_of(const pq::Failure& failure) {
  constexpr std::string_view kBusy[] = {
      "40001", "40P01",           // serialization, deadlock
      "55P03",                    // a lock that was waited for too long
      "23505", "42P06", "42P07",  // two made the same thing at once
  };
  if (failure.lost) return Trouble::Lost;
  if (failure.sqlstate == "53100") return Trouble::Full;
  return std::find(std::begin(kBusy), std::end(kBusy), failure.sqlstate) != std::end(kBusy) ? Trouble::Busy
                                                                                            : Trouble::Other;
}

/// Whether a server that was reached may soon take one more. Its words are all that libpq tells of it.
bool is_passing(const pq::Failure& failure) {
  constexpr std::string_view kPassing[] = {"starting up", "shutting down", "terminating connection", "too many clients",
                                           "remaining connection slots"};
  return std::any_of(std::begin(kPassing), std::end(kPassing),
                     [&](std::string_view words) { return failure.message.find(words) != std::string::npos; });
}

class PostgresConnection final : public sql::Connection {
 public:
  PostgresConnection(PostgresPlace place, Clock& clock) : place_(std::move(place)), clock_(clock) {}

  void run(std::string_view sql) override {
    guarded([&] { session_->run(std::string(sql)); });
  }

  void ask(std::string_view sql, const sql::Parameters& parameters, const sql::OnRow& each) override {
    guarded([&] { session_->ask(std::string(sql), parameters, each); });
  }

  void many(std::string_view sql, const std::vector<sql::Parameters>& rows) override {
    guarded([&] { session_->many(std::string(sql), rows); });
  }

  std::int64_t now_ms() override {
    std::int64_t now = 0;
    ask("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", {},
        [&](const sql::Row& row) { now = row.number(0); });
    return now;
  }

  bool has_table(std::string_view name) override {
    bool found = false;
    look_at_tables([&](std::string_view table) { found = found || table == name; });
    return found;
  }

  bool is_empty() override {
    bool empty = true;
    look_at_tables([&](std::string_view) { empty = false; });
    return empty;
  }

  void begin(Access access) override {
    const std::string statements =
        fmt::format("BEGIN ISOLATION LEVEL {}; SET LOCAL search_path TO \"{}\", pg_temp; {}{}",
                    access == Access::Read ? "REPEATABLE READ, READ ONLY" : "READ COMMITTED, READ WRITE", place_.schema,
                    kLimits, access == Access::Read ? "" : kDurable);
    // What waited in the pool may have been closed meanwhile; nothing depends on it yet.
    if (session_ != nullptr) {
      try {
        return start(statements, access);
      } catch (const SqlError& error) {
        if (error.trouble != Trouble::Lost) throw;
      }
    }
    connect();
    start(statements, access);
  }

  /// After an error the server would roll back, and call that a success.
  void commit() override {
    if (failed_) throw SqlError{"a statement of the transaction failed, and so it is not committed"};
    guarded([&] { session_->run("COMMIT"); });
    in_transaction_ = false;
    placed_ = placed_ || placing_;
  }

  void rollback() noexcept override {
    if (!in_transaction_) return;
    in_transaction_ = false;
    try {
      session_->run("ROLLBACK");
    } catch (const pq::Failure&) {
      session_.reset();  // its end rolls back too
    }
  }

 private:
  /// Nobody rolls back what did not begin, so this does.
  void start(const std::string& statements, Access access) {
    in_transaction_ = true;
    failed_ = false;
    placing_ = access == Access::Write && !placed_;
    try {
      run(statements);
      if (placing_) make_schema();
    } catch (const SqlError&) {
      rollback();
      throw;
    }
  }

  /// Only where there is none: who writes to a state need not be allowed to make one.
  void make_schema() {
    bool there = false;
    ask("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {place_.schema},
        [&](const sql::Row&) { there = true; });
    if (!there) run(fmt::format("CREATE SCHEMA \"{}\"", place_.schema));
  }

  /// As the catalogue has them: a schema that one may not use is left out of the search path, and its state would look
  /// as if there were none.
  template <typename Each>
  void look_at_tables(const Each& each) {
    bool usable = true;
    ask("SELECT c.relname, has_schema_privilege(n.oid, 'USAGE')::int FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1",
        {place_.schema}, [&](const sql::Row& row) {
          usable = row.number(1) == 1;
          each(row.text(0));
        });
    if (!usable) throw SqlError{fmt::format("permission denied for schema {}", place_.schema)};
  }

  template <typename Work>
  void guarded(const Work& work) {
    if (session_ == nullptr) throw SqlError{"the connection was lost", Trouble::Lost};
    check(in_transaction_, "a statement outside a transaction");
    try {
      work();
    } catch (const pq::Failure& failure) {
      throw SqlError(noted(failure));
    } catch (...) {  // the reader of a row stopped in the middle of an answer
      end_session();
      throw;
    }
  }

  SqlError noted(const pq::Failure& failure) {
    failed_ = true;
    if (failure.lost) end_session();
    return {failure.sqlstate == "42501" ? failure.message + " (see the README for what a role needs)" : failure.message,
            trouble_of(failure)};
  }

  void end_session() {
    session_.reset();
    in_transaction_ = false;
    failed_ = false;  // what comes next says that the connection was lost
  }

  /// A server that answered before is given time to come back; one that never did is told at once.
  void connect() {
    const Milliseconds end = clock_.steady() + kReconnect;
    for (Milliseconds pause = kPause;; pause = std::min(pause * 2, Milliseconds(1000))) {
      try {
        session_ = std::make_unique<pq::Session>(settings(), kAnswer);
        known_ = true;
        return;
      } catch (const pq::Failure& failure) {
        const bool worth_waiting = failure.lost && (known_ || is_passing(failure));
        if (!worth_waiting || clock_.steady() + pause > end) {
          known_ = false;  // what is tried next is told at once
          throw SqlError{failure.message};
        }
      }
      clock_.sleep_for(pause);
    }
  }

  /// What comes before the URL is what it may say otherwise.
  pq::Session::Settings settings() const {
    return {{"connect_timeout", "10"},    {"tcp_user_timeout", "20000"}, {"keepalives_idle", "10"},
            {"keepalives_interval", "5"}, {"keepalives_count", "3"},     {"fallback_application_name", "sluice"},
            {"dbname", place_.server},    {"client_encoding", "UTF8"}};
  }

  PostgresPlace place_;
  Clock& clock_;
  std::unique_ptr<pq::Session> session_;
  bool known_ = false;    ///< the server was reached before
  bool placed_ = false;   ///< the schema is there
  bool placing_ = false;  ///< it is, once this transaction is committed
  bool in_transaction_ = false;
  bool failed_ = false;  ///< a statement of the transaction did
};

class PostgresDatabase final : public sql::Database {
 public:
  PostgresDatabase(PostgresPlace place, Clock& clock) : place_(std::move(place)), clock_(clock) {}
  std::string name() const override { return place_.shown; }
  std::string advice() const override { return "Check that the server runs, and that its user may do this there."; }
  bool exists() override { return true; }
  std::unique_ptr<sql::Connection> connect(Access /*access*/) override {
    return std::make_unique<PostgresConnection>(place_, clock_);
  }
  bool keeps_readers() const override { return true; }

 private:
  PostgresPlace place_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<sql::Database> postgres_database(PostgresPlace place, Clock& clock) {
  return std::make_unique<PostgresDatabase>(std::move(place), clock);
}

}  // namespace sluice
