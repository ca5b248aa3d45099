// States that another version wrote.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/identity.h"
#include "engine/state_store.h"
#include "plan/canonical.h"
#include "plan/json.h"
#include "tests/support/temp_folder.h"

using namespace sluice;
using test::TempFolder;

namespace {

const GatewayIdentity kEmbedded{"embedded", ".sluice/gateway.db", "local", "local"};

/// Runs statements on the file, and returns the first column of the last row.
std::string run_sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  std::string last;
  const auto note = [](void* to, int, char** values, char**) {
    *static_cast<std::string*>(to) = values[0] == nullptr ? "" : values[0];
    return 0;
  };
  const int code = sqlite3_exec(database, sql.c_str(), note, &last, nullptr);
  INFO(sqlite3_errmsg(database));
  CHECK(code == SQLITE_OK);
  sqlite3_close(database);
  return last;
}

/// A state of format 1, whose lock was held on `host`.
std::string old_state(const TempFolder& folder, const std::string& host) {
  std::ifstream in(std::string(SLUICE_SOURCE_DIR) + "/tests/engine/states/format_1.sql");
  std::string sql{std::istreambuf_iterator<char>(in), {}};
  const std::string held = "'vm'";
  const auto at = sql.find(held);
  REQUIRE(at != std::string::npos);
  sql.replace(at, held.size(), "'" + host + "'");
  const std::string path = folder / "state.db";
  run_sql(path, "PRAGMA journal_mode = WAL");
  run_sql(path, sql);
  return path;
}

std::string format_of(const std::string& path) { return run_sql(path, "SELECT value FROM meta WHERE name = 'format'"); }

void check_content(const StateSnapshot& state) {
  CHECK(state.lineage == "32e1bdf322fe248e373126de52ac6dd1");
  CHECK(state.serial == 2);
  CHECK(state.gateway == kEmbedded);
  CHECK_FALSE(state.hash_key.empty());
  REQUIRE(state.groups.contains("petstore"));
  const Baseline& base = state.groups.at("petstore");
  CHECK(base.resources.size() == 11);
  const Address owners = Address::api("petstore", "GET", "/v1/owners", "NORMAL");
  CHECK(base.resources.at(owners).digest == "sha256:59ae265ee95e62a8a1036bd09cc7e22dfb9b3361172543186f4c585bc0955db9");
  CHECK(base.resources.at(owners).changed_at == "2026-11-24T18:16:13.395Z");
  CHECK(base.body_of(owners).text("description") == "Lists owners");
  CHECK(base.guarded == std::set<Address>{owners});
  CHECK(state.groups.at("").resources.contains(Address::ratelimit("gold")));
  REQUIRE(state.open_intents.size() == 1);
  const Intent& intent = state.open_intents[0];
  CHECK(intent.id == 6);
  CHECK(intent.task_id == "33e455ffaecca454b7b67392d5e28a00");
  CHECK(intent.outcome.empty());
  CHECK(intent.kind == StepKind::Import);
  CHECK(intent.sent_at == "2026-11-24T18:16:13Z");
  CHECK(base.claimed.contains(owners));
}

}  // namespace

TEST_CASE("a state of format 1 is read as it is, open intents too, and stays what it is") {
  const TempFolder folder;
  const std::string path = old_state(folder, "elsewhere");
  const auto store = sqlite_state_store(path);
  const auto state = store->read();
  if (!state) INFO(state.error().message);
  REQUIRE(state);
  check_content(*state);
  REQUIRE(store->runs());
  CHECK(store->runs()->size() == 2);
  CHECK(format_of(path) == "1");
}

TEST_CASE("a state of format 1 without the tables that came late is read too") {
  const TempFolder folder;
  const std::string path = old_state(folder, "elsewhere");
  run_sql(path, "DROP TABLE kept; DROP TABLE guarded; DROP TABLE times");
  const auto state = sqlite_state_store(path)->read();
  REQUIRE(state);
  CHECK(state->groups.at("petstore").resources.size() == 11);
  CHECK(state->groups.at("petstore").guarded.empty());
}

TEST_CASE("a state of format 1 is brought to the present one by the first lock, and nothing is lost") {
  const TempFolder folder;
  const std::string path = old_state(folder, host_name());  // where no such process runs
  const auto store = sqlite_state_store(path);
  const auto token = store->lock({"apply", "bob"}, kEmbedded);
  if (!token) INFO(token.error().message);
  REQUIRE(token);
  CHECK(format_of(path) == "2");
  check_content(*store->read());
  const auto runs = store->runs();
  REQUIRE(runs);
  REQUIRE(runs->size() == 2);
  CHECK((*runs)[1].exit_code == 0);
  CHECK((*runs)[1].ended_at == "2026-11-24T18:16:13Z");
  CHECK_FALSE((*runs)[0].exit_code);
  CHECK((*runs)[0].open_intents == 1);
  const auto details = store->run("20261124T181613Z-77a3");
  REQUIRE(details);
  CHECK(fold(details->journal)->size() == 5);
  const auto later = store->open_intent(*token, store->read()->open_intents[0]);
  REQUIRE(later);
  CHECK(*later > 6);
  StateChange change{.group = "petstore", .owned = {}, .gone = {}, .unmanaged = {}, .closed_intents = {6, *later}};
  REQUIRE(store->commit(*token, change));
  CHECK(store->read()->open_intents.empty());
  REQUIRE(store->unlock(*token));
  CHECK(sqlite_state_store(path)->read()->open_intents.empty());
}

TEST_CASE("the lock of a state of format 1 that another machine held is not taken over, and can be broken") {
  const TempFolder folder;
  const std::string path = old_state(folder, "elsewhere");
  const auto store = sqlite_state_store(path);
  const auto refused = store->lock({"apply", "bob"}, kEmbedded);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Locked);
  CHECK(format_of(path) == "1");
  const auto holders = store->holders();
  REQUIRE(holders);
  REQUIRE(holders->size() == 1);
  CHECK(holders->front().host == "elsewhere");
  REQUIRE(store->break_lock(holders->front().id));
  CHECK(store->lock({"apply", "bob"}, kEmbedded));
}

TEST_CASE("another canonical form is brought to this one, whatever the digests of then were") {
  const TempFolder folder;
  const std::string path = folder / "state.db";
  const Address api = Address::api("pets", "GET", "/a", "NORMAL");
  Value body = Value::object();
  body.set("method", "GET").set("path", "/a").set("description", "an API");
  const Resource resource = make_resource(api, body);
  const Address published = Address::publication(api, "RELEASE");
  const Address older = Address::publication(api, "test");
  {
    const auto store = sqlite_state_store(path);
    const auto token = store->lock({"apply", "bob"}, kEmbedded);
    REQUIRE(token);
    Resource at_release{published, {}, resource.digest, "id"};
    Resource at_test{older, {}, "sha256:another", "id"};
    const StateChange change{.group = "pets",
                             .owned = {resource, at_release, at_test},
                             .gone = {},
                             .unmanaged = {},
                             .closed_intents = {},
                             .kept = {{published, resource.digest}}};
    REQUIRE(store->commit(*token, change));
    REQUIRE(store->unlock(*token));
  }
  run_sql(path,
          "UPDATE meta SET value = '0' WHERE name = 'canonical'; UPDATE resources SET digest = 'old' WHERE digest "
          "<> 'sha256:another'; UPDATE kept SET asked = 'old'");
  const auto check_now = [&](const StateSnapshot& state) {
    const Baseline& base = state.groups.at("pets");
    CHECK(base.resources.at(api).digest == resource.digest);
    CHECK(base.resources.at(published).digest == resource.digest);
    CHECK(base.body_of(published).text("definition") == resource.digest);
    CHECK(base.kept.at(published) == resource.digest);
    CHECK_FALSE(base.resources.contains(older));
    CHECK(base.unmanaged.contains(older));  // its version is not known any more: seen, so that it is no drift
  };
  const auto store = sqlite_state_store(path);
  check_now(*store->read());
  CHECK(run_sql(path, "SELECT value FROM meta WHERE name = 'canonical'") == "0");
  const auto token = store->lock({"apply", "bob"}, kEmbedded);
  REQUIRE(token);
  check_now(*store->read());
  CHECK(run_sql(path, "SELECT value FROM meta WHERE name = 'canonical'") == std::to_string(kCanonicalVersion));
}
