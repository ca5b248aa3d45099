// The driver of PostgreSQL, against a real server: what a statement and a transaction are, and what is left of them
// when the connection, the server or somebody else is in the way.
#include "engine/postgres.h"

#include <catch2/catch.hpp>
#include <thread>

#include "engine/libpq.h"
#include "tests/support/postgres.h"

namespace sluice {
namespace {

using sql::Access;
using sql::Connection;
using sql::Parameters;
using sql::Row;
using sql::SqlError;
using sql::Transaction;
using sql::Trouble;
using test::pooling_proxy;
using test::postgres_server;

PostgresPlace place(const std::string& url) {
  auto read = postgres_place(url);
  REQUIRE(read);
  return std::move(*read);
}

/// A state's database with one table, `t`.
class Stage {
 public:
  explicit Stage(const std::string& url) : database_(postgres_database(place(url), clock_)) {
    const auto connection = connect();
    Transaction transaction(*connection, Access::Write);
    connection->run("DROP TABLE IF EXISTS t; CREATE TABLE t (k TEXT PRIMARY KEY, v BIGINT NOT NULL)");
    transaction.commit();
  }
  std::unique_ptr<Connection> connect() { return database_->connect(Access::Write); }

  std::vector<std::string> keys() {
    const auto connection = connect();
    std::vector<std::string> found;
    Transaction transaction(*connection, Access::Read);
    connection->ask("SELECT k FROM t ORDER BY k", {}, [&](const Row& row) { found.emplace_back(row.text(0)); });
    return found;
  }

 private:
  SystemClock clock_;
  std::unique_ptr<sql::Database> database_;
};

void insert(Connection& connection, const std::string& key, std::int64_t value = 0) {
  connection.ask("INSERT INTO t VALUES ($1, $2)", {key, value});
}

template <typename Work>
SqlError error_of(const Work& work) {
  try {
    work();
  } catch (const SqlError& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {};
}

TEST_CASE("a URL is shown without what is secret", "[postgres]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"postgres://ann@db:5432/infra?name=prod", "postgres://ann@db:5432/infra?name=prod"},
      {"postgres://ann:secret@db/infra", "postgres://ann:***@db/infra"},
      {"postgresql://ann:secret@db/infra", "postgresql://ann:***@db/infra"},
      {"postgres://ann:se@cret@db/infra", "postgres://ann:***@db/infra"},
      {"postgres://ann:sec/ret@db/infra", "postgres://ann:***@db/infra"},
      {"postgres://ann:sec?ret@db/infra", "postgres://ann:***@db/infra"},
      {"postgres://ann:@db/infra", "postgres://ann:***@db/infra"},
      {"postgres://db/infra?user=ann&password=secret&name=a", "postgres://db/infra?user=ann&password=***&name=a"},
      {"postgres://db/infra?p%61ssword=secret", "postgres://db/infra?password=***"},
      {"postgres://db/infra?sslpassword=secret&sslmode=require", "postgres://db/infra?sslpassword=***&sslmode=require"},
      {"postgres://db/infra?PASSWORD=secret", "postgres://db/infra?PASSWORD=***"},
      {"postgres://ann@db:5432/infra?password=se@cret&name=a", "postgres://ann@db:5432/infra?password=***&name=a"},
      {"postgres://ann@db/infra?password=se&cret&name=a", "postgres://ann@db/infra?password=***&***&name=a"},
      {"postgres://ann:5?b=secret@db/infra", "postgres://ann:5?b=***"},
      {"https://ann:secret@host/state", "https://ann:***@host/state"},
      {"postgres://db:5432/infra", "postgres://db:5432/infra"},
      {".sluice/state.db", ".sluice/state.db"},
  };
  for (const auto& [url, shown] : rows) CHECK(redacted_url(url) == shown);
}

TEST_CASE("a URL names a server and a state", "[postgres]") {
  CHECK(is_postgres_url("postgres://h/d"));
  CHECK(is_postgres_url("postgresql://h/d"));
  CHECK_FALSE(is_postgres_url("postgres.db"));

  CHECK(place("postgres://u@h/d").schema == "sluice_default");
  CHECK(place("postgres://u@h/d").server == "postgres://u@h/d");
  const PostgresPlace named = place("postgres://u:p@h:1/d?sslmode=require&name=a%2Db&connect_timeout=3");
  CHECK(named.schema == "sluice_a-b");
  CHECK(named.server == "postgres://u:p@h:1/d?sslmode=require&connect_timeout=3");
  CHECK(named.shown == "postgres://u:***@h:1/d?sslmode=require&name=a%2Db&connect_timeout=3");
  CHECK(place("postgres://u@[::1]:5432,h2:5433/d?name=x").server == "postgres://u@[::1]:5432,h2:5433/d");
  CHECK(place("postgres:///d?host=%2Frun&name=x").server == "postgres:///d?host=%2Frun");

  for (const std::string bad :
       {"postgres://u:se@cret@h/d", "postgres://u:se/cret@h/d", "postgres://u:se?cret@h/d", "postgres://u:5/cret@h/d",
        "postgres://u:%cret@h/d", "postgres://u:%00cret@h/d", "postgres://u@h/d?password=%cret",
        "postgres://u@h/d?password=se&cret", "postgres://u:5?cret@h/d", "postgres://u:50%cret@h/d",
        "postgres://u:cret%", "postgres://h:secret/d", "postgres://h/d?name=", "postgres://h/d?name=a%22b",
        "postgres://h/d?name=a b"}) {
    INFO(bad);
    const auto read = postgres_place(bad);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::Invalid);
    CHECK(read.error().message.find("cret") == std::string::npos);
  }
  CHECK_FALSE(postgres_place("postgres://h/d?name=" + std::string(51, 'a')));
  CHECK(postgres_place("postgres://h/d?name=" + std::string(50, 'a')));
}

TEST_CASE("a library that is not there is one sentence", "[postgres]") {
  try {
    (void)pq::load_library("libpq-of-nobody.so.5");
    FAIL("it was loaded");
  } catch (const pq::Failure& failure) {
    CHECK(failure.message.find("libpq5") != std::string::npos);
    CHECK_FALSE(failure.lost);
  }
  try {
    (void)pq::load_library("libsqlite3.so.0");
    FAIL("it was taken for libpq");
  } catch (const pq::Failure& failure) {
    CHECK(failure.message.find("libpq 14") != std::string::npos);
  }
}

TEST_CASE("what the driver promises holds on a server and behind a proxy that pools transactions", "[postgres]") {
  const bool pooled = GENERATE(false, true);
  const std::string url = pooled ? pooling_proxy().url("driver") : postgres_server().url("driver");
  Stage stage(url);
  const auto connection = stage.connect();

  SECTION("texts and numbers come back as they went") {
    Transaction transaction(*connection, Access::Write);
    const std::string text = "a'b\"c\\d\n$1;ü\xF0\x9F\x98\x80";
    insert(*connection, text, std::numeric_limits<std::int64_t>::min());
    insert(*connection, "", std::numeric_limits<std::int64_t>::max());
    int rows = 0;
    connection->ask("SELECT k, v, NULL FROM t ORDER BY v", {}, [&](const Row& row) {
      CHECK(row.text(0) == (rows == 0 ? text : ""));
      CHECK(row.number(1) ==
            (rows == 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max()));
      CHECK(row.text(2).empty());
      CHECK(row.number(2) == 0);
      ++rows;
    });
    CHECK(rows == 2);
    CHECK(error_of([&] { insert(*connection, std::string("a\0b", 3)); }).trouble == Trouble::Other);
    CHECK(connection->has_table("t"));
    CHECK_FALSE(connection->has_table("pg_class"));
    CHECK(connection->now_ms() > 1'700'000'000'000);
  }

  SECTION("many rows are one statement, and all or none") {
    std::vector<Parameters> rows;
    for (std::int64_t i = 0; i < 2500; ++i) rows.push_back({"key " + std::to_string(i), i});
    {
      Transaction transaction(*connection, Access::Write);
      connection->many("INSERT INTO t VALUES ($1, $2)", rows);
      connection->many("UPDATE t SET v = v + 1 WHERE k = $1", {});
      transaction.commit();
    }
    CHECK(stage.keys().size() == 2500);
    rows.push_back({std::string("key 7"), std::int64_t{7}});
    for (auto& row : rows) row[0] = std::get<std::string>(row[0]) + "'";
    rows.push_back(rows.front());
    {
      Transaction transaction(*connection, Access::Write);
      CHECK(error_of([&] { connection->many("INSERT INTO t VALUES ($1, $2)", rows); }).trouble == Trouble::Busy);
    }
    CHECK(stage.keys().size() == 2500);
    {
      Transaction transaction(*connection, Access::Write);  // and the connection is as good as new
      insert(*connection, "after");
      transaction.commit();
    }
    CHECK(stage.keys().size() == 2501);
  }

  SECTION("what is not committed is not there, also where an error was overlooked") {
    {
      Transaction transaction(*connection, Access::Write);
      insert(*connection, "lost");
    }
    CHECK(stage.keys().empty());
    Transaction transaction(*connection, Access::Write);
    insert(*connection, "lost");
    CHECK(error_of([&] { connection->run("SELECT 1 FROM nothing"); }).trouble == Trouble::Other);
    CHECK_THROWS_AS(transaction.commit(), SqlError);
    CHECK(stage.keys().empty());
  }

  SECTION("a reading transaction sees one moment, and writes nothing") {
    Transaction transaction(*connection, Access::Read);
    connection->ask("SELECT count(*) FROM t", {}, [](const Row& row) { CHECK(row.number(0) == 0); });
    const auto other = stage.connect();
    {
      Transaction writing(*other, Access::Write);
      insert(*other, "new");
      writing.commit();
    }
    connection->ask("SELECT count(*) FROM t", {}, [](const Row& row) { CHECK(row.number(0) == 0); });
    CHECK_THROWS_AS(insert(*connection, "no"), SqlError);
  }

  SECTION("a reader of rows may stop, and the next transaction is sound") {
    {
      Transaction transaction(*connection, Access::Write);
      insert(*connection, "kept?");
      CHECK_THROWS_AS(connection->ask("SELECT generate_series(1, 10000)", {},
                                      [](const Row& row) { throw SqlError{std::string(row.text(0))}; }),
                      SqlError);
    }
    CHECK(stage.keys().empty());
    Transaction transaction(*connection, Access::Write);
    insert(*connection, "sound");
    transaction.commit();
  }

  SECTION("a connection that was ended between two transactions is replaced without a word") {
    {
      Transaction transaction(*connection, Access::Write);
      insert(*connection, "before");
      transaction.commit();
    }
    postgres_server().end_connections();
    Transaction transaction(*connection, Access::Write);
    insert(*connection, "after");
    transaction.commit();
    CHECK(stage.keys() == std::vector<std::string>{"after", "before"});
  }

  SECTION("one that was ended in a transaction takes the transaction with it") {
    {
      Transaction transaction(*connection, Access::Write);
      insert(*connection, "before");
      postgres_server().end_connections();
      CHECK(error_of([&] { insert(*connection, "after"); }).trouble == Trouble::Lost);
      CHECK(error_of([&] { insert(*connection, "after"); }).trouble == Trouble::Lost);
    }
    CHECK(stage.keys().empty());
    {
      Transaction transaction(*connection, Access::Write);
      insert(*connection, "before");
      postgres_server().end_connections();
      CHECK(error_of([&] { transaction.commit(); }).trouble == Trouble::Lost);
    }
    CHECK(stage.keys().empty());
    Transaction transaction(*connection, Access::Write);
    insert(*connection, "again");
    transaction.commit();
    CHECK(stage.keys() == std::vector<std::string>{"again"});
  }
}

TEST_CASE("a server that is restarted is waited for, one that never answered is not", "[postgres]") {
  Stage stage(postgres_server().url("restart"));
  const auto connection = stage.connect();
  {
    Transaction transaction(*connection, Access::Write);
    insert(*connection, "before");
    transaction.commit();
  }
  postgres_server().stop();
  std::string trouble;
  std::thread waiting([&] {
    try {
      Transaction transaction(*connection, Access::Write);
      insert(*connection, "after");
      transaction.commit();
    } catch (const SqlError& error) {
      trouble = error.message;
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  postgres_server().start();
  waiting.join();
  CHECK(trouble.empty());
  CHECK(stage.keys() == std::vector<std::string>{"after", "before"});

  SystemClock clock;
  const auto nowhere = postgres_database(place("postgres://u:secret@127.0.0.1:1/d"), clock)->connect(Access::Read);
  const auto begin = clock.steady();
  const SqlError error = error_of([&] { nowhere->begin(Access::Read); });
  CHECK(clock.steady() - begin < std::chrono::seconds(5));
  CHECK(error.trouble == Trouble::Other);
  CHECK(error.message.find("refused") != std::string::npos);
  CHECK(error.message.find("secret") == std::string::npos);
  CHECK(error.message.find('\n') == std::string::npos);
}

TEST_CASE("deadlocks and rows that two insert are told apart from what stays wrong", "[postgres]") {
  Stage stage(postgres_server().url("busy"));
  const auto one = stage.connect();
  const auto other = stage.connect();
  {
    Transaction transaction(*one, Access::Write);
    insert(*one, "a");
    insert(*one, "b");
    transaction.commit();
  }
  std::string victim;
  {
    Transaction first(*one, Access::Write);
    one->run("UPDATE t SET v = 1 WHERE k = 'a'");
    std::thread crossing([&] {
      try {
        Transaction second(*other, Access::Write);
        other->run("UPDATE t SET v = 2 WHERE k = 'b'");
        other->run("UPDATE t SET v = 2 WHERE k = 'a'");
        second.commit();
      } catch (const SqlError& error) {
        victim = error.trouble == Trouble::Busy ? "busy" : error.message;
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    try {
      one->run("UPDATE t SET v = 1 WHERE k = 'b'");
      first.commit();
    } catch (const SqlError& error) {
      victim = error.trouble == Trouble::Busy ? "busy" : error.message;
      one->rollback();
    }
    crossing.join();
  }
  CHECK(victim == "busy");
}

TEST_CASE("a transaction that could not begin leaves nothing open", "[postgres]") {
  SystemClock clock;
  postgres_server().sql("CREATE ROLE maker LOGIN");
  const auto connection = postgres_database(place(postgres_server().url("unmade", "maker")), clock)->connect({});
  CHECK(error_of([&] { connection->begin(Access::Write); }).message.find("permission denied") != std::string::npos);
  postgres_server().sql("GRANT CREATE ON DATABASE postgres TO maker");
  Transaction transaction(*connection, Access::Write);
  CHECK(connection->is_empty());
  transaction.commit();
}

TEST_CASE("a schema that one may not use does not look like an empty state", "[postgres]") {
  Stage stage(postgres_server().url("closed"));
  postgres_server().sql("CREATE ROLE stranger LOGIN");
  SystemClock clock;
  const auto connection = postgres_database(place(postgres_server().url("closed", "stranger")), clock)->connect({});
  Transaction transaction(*connection, Access::Read);
  CHECK(error_of([&] { (void)connection->has_table("t"); }).message.find("sluice_closed") != std::string::npos);
  CHECK(error_of([&] { (void)connection->is_empty(); }).message.find("sluice_closed") != std::string::npos);
}

}  // namespace
}  // namespace sluice
