// What only a state in a file has to do.
#include <sqlite3.h>

#include "engine/state_store.h"
#include "tests/support/temp_folder.h"

using namespace sluice;
using test::TempFolder;

namespace {

const GatewayIdentity kGateway{"apig", "https://gateway.example", "p1", "i1"};

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  char* message = nullptr;
  const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message);
  INFO((message != nullptr ? message : ""));
  CHECK(code == SQLITE_OK);
  sqlite3_free(message);
  sqlite3_close(database);
}

StateSnapshot snapshot_of(StateStore& store) {
  auto state = store.read();
  if (!state) INFO(state.error().message);
  REQUIRE(state);
  return std::move(*state);
}

LockToken lock(StateStore& store) {
  auto token = store.lock({"apply", "alice"}, kGateway);
  REQUIRE(token);
  return *token;
}

}  // namespace

TEST_CASE("looking at a state leaves no file behind") {
  const TempFolder folder;
  auto store = sqlite_state_store(folder / "dir/state.db");
  {
    const LockToken token = lock(*store);
    REQUIRE(store->unlock(token));
    store = sqlite_state_store(folder / "dir/state.db");
  }
  snapshot_of(*store);
  CHECK(folder.files() == std::set<std::string>{"dir/state.db"});
}

TEST_CASE("a file that is no state is refused with one sentence and left as it is") {
  const TempFolder folder;
  const std::string text = "version: 1\n" + std::string(5000, 'x');
  folder.write("state.db", text);
  const auto store = sqlite_state_store(folder / "state.db");
  for (const Error& error : {store->read().error(), store->lock({"apply", "bob"}, kGateway).error()}) {
    CHECK(error.kind == ErrorKind::Storage);
    CHECK(error.message.find("file is not a database") != std::string::npos);
    CHECK(error.message.find('\n') == std::string::npos);
  }
  CHECK(folder.read("state.db") == text);
}

TEST_CASE("another program's database is not taken for an empty state") {
  const TempFolder folder;
  run_sql(folder / "state.db", "CREATE TABLE meta (name TEXT, value TEXT); CREATE TABLE apis (id TEXT)");
  const auto store = sqlite_state_store(folder / "state.db");
  CHECK_FALSE(store->read());
  CHECK_FALSE(store->lock({"apply", "bob"}, kGateway));
  run_sql(folder / "plain.db", "CREATE TABLE apis (id TEXT)");
  const auto plain = sqlite_state_store(folder / "plain.db");
  CHECK_FALSE(plain->read());
  CHECK_FALSE(plain->lock({"apply", "bob"}, kGateway));
}

TEST_CASE("a folder in the state's place is refused with one sentence") {
  const TempFolder folder;
  const auto store = sqlite_state_store(folder.path());
  CHECK_FALSE(store->read());
  CHECK_FALSE(store->lock({"apply", "bob"}, kGateway));
}
