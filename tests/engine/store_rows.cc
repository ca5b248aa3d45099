#include "tests/engine/store_rows.h"

#include <sqlite3.h>

#include "plan/check.h"
#include "tests/support/in_process.h"
#include "tests/support/postgres.h"
#include "tests/support/temp_folder.h"

namespace sluice::test {
namespace {

class SqliteFixture final : public StoreFixture {
 public:
  std::unique_ptr<StateStore> open() override { return sqlite_state_store(path_); }
  void run_sql(const std::string& sql) override {
    sqlite3* database = nullptr;
    const bool opened = sqlite3_open(path_.c_str(), &database) == SQLITE_OK;
    const bool done = opened && sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    const std::string why = sqlite3_errmsg(database);
    sqlite3_close(database);
    check(done, why);
  }

 private:
  TempFolder folder_;
  std::string path_ = folder_ / "dir/state.db";
};

/// A schema of its own on the server that all tests share, reached straight or through a proxy that pools transactions.
class PostgresFixture final : public StoreFixture {
 public:
  explicit PostgresFixture(bool pooled) : pooled_(pooled) {}
  ~PostgresFixture() override { postgres_server().sql("DROP SCHEMA IF EXISTS " + schema() + " CASCADE"); }
  PostgresFixture(const PostgresFixture&) = delete;
  PostgresFixture& operator=(const PostgresFixture&) = delete;

  std::unique_ptr<StateStore> open() override {
    auto store = open_state_store(pooled_ ? pooling_proxy().url(name_) : postgres_server().url(name_), clock_);
    check(store.has_value(), "a store could not be opened");
    return std::move(*store);
  }
  void run_sql(const std::string& sql) override {
    postgres_server().sql("SET search_path TO " + schema() + "; " + sql);
  }

 private:
  std::string schema() const { return "sluice_" + name_; }
  static std::string next_name() {
    static int count = 0;
    return "store_" + std::to_string(++count);
  }

  bool pooled_;
  std::string name_ = next_name();
  SystemClock clock_;
};

}  // namespace

std::vector<StoreRow> store_rows() {
  return {{"sqlite", [] { return std::make_unique<SqliteFixture>(); }},
          {"postgres", [] { return std::make_unique<PostgresFixture>(false); }, 5},
          {"pgbouncer", [] { return std::make_unique<PostgresFixture>(true); }, 5}};
}

}  // namespace sluice::test
