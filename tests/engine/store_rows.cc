#include "tests/engine/store_rows.h"

#include <sqlite3.h>

#include "plan/check.h"
#include "tests/support/in_process.h"
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

}  // namespace

std::vector<StoreRow> store_rows() {
  return {{"sqlite", [] { return std::make_unique<SqliteFixture>(); }}};
}

}  // namespace sluice::test
