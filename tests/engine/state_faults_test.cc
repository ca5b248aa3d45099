// A database that says no: full disks, lost connections, others in the way.
#include "engine/sqlite.h"
#include "engine/state_sql.h"
#include "tests/support/temp_folder.h"

using namespace sluice;
using test::TempFolder;

namespace {

const GatewayIdentity kGateway{"apig", "https://gateway.example", "p1", "i1"};

/// What goes wrong, and how often it did.
struct Faults {
  int full_commits = 0;  ///< so many commits find no room on the disk
  bool full_until_released = false;
  int lost_before = 0;  ///< so many commits do not arrive
  int lost_after = 0;   ///< so many commits arrive, and their answer does not
  int busy = 0;         ///< so many commits find another transaction in the way
  int released = 0;
};

class FaultyConnection final : public sql::Connection {
 public:
  FaultyConnection(std::unique_ptr<Connection> next, Faults& faults) : next_(std::move(next)), faults_(faults) {}
  void run(std::string_view sql) override { next_->run(sql); }
  void ask(std::string_view sql, const sql::Parameters& parameters, const sql::OnRow& each) override {
    next_->ask(sql, parameters, each);
  }
  void many(std::string_view sql, const std::vector<sql::Parameters>& rows) override { next_->many(sql, rows); }
  std::int64_t now_ms() override { return next_->now_ms(); }
  bool has_table(std::string_view name) override { return next_->has_table(name); }
  bool is_empty() override { return next_->is_empty(); }
  void begin(sql::Access access) override { next_->begin(access); }
  void rollback() noexcept override { next_->rollback(); }
  void commit() override {
    const auto strikes = [](int& times) { return times > 0 && times-- > 0; };
    if (faults_.full_until_released || strikes(faults_.full_commits))
      throw sql::SqlError{"database or disk is full", sql::Trouble::Full};
    if (strikes(faults_.busy)) throw sql::SqlError{"database is locked", sql::Trouble::Busy};
    if (strikes(faults_.lost_before)) throw sql::SqlError{"the connection was lost", sql::Trouble::Lost};
    next_->commit();
    if (strikes(faults_.lost_after)) throw sql::SqlError{"the connection was lost", sql::Trouble::Lost};
  }

 private:
  std::unique_ptr<Connection> next_;
  Faults& faults_;
};

class FaultyDatabase final : public sql::Database {
 public:
  FaultyDatabase(const std::string& path, Faults& faults)
      : next_(sql::sqlite_database(path, clock_)), faults_(faults) {}
  std::string name() const override { return next_->name(); }
  std::string advice() const override { return next_->advice(); }
  bool exists() override { return next_->exists(); }
  Result<void> prepare() override { return next_->prepare(); }
  bool keeps_readers() const override { return next_->keeps_readers(); }
  std::unique_ptr<sql::Connection> connect(sql::Access access) override {
    return std::make_unique<FaultyConnection>(next_->connect(access), faults_);
  }
  void reserve(std::string_view owner, std::int64_t bytes) override { next_->reserve(owner, bytes); }
  bool release(std::string_view owner) override {
    const bool released = next_->release(owner);
    if (released) faults_.full_until_released = false;
    faults_.released += released ? 1 : 0;
    return released;
  }

 private:
  SystemClock clock_;
  std::unique_ptr<sql::Database> next_;
  Faults& faults_;
};

struct Bench {
  TempFolder folder;
  Faults faults;
  std::unique_ptr<StateStore> store = sql_state_store(std::make_unique<FaultyDatabase>(folder / "state.db", faults));
  LockToken lock() {
    auto token = store->lock({"apply", "alice"}, kGateway);
    REQUIRE(token);
    return *token;
  }
};

Intent an_intent() {
  return {.id = 0,
          .run_id = "r",
          .group = "pets",
          .kind = StepKind::CreateGroup,
          .task_id = {},
          .outcome = {},
          .resources = {{Address::group("pets"), Effected::Created, "sha256:1"}}};
}

/// The answer to the next commit is lost: after the commit arrived, or with it.
void lose_an_answer(Faults& faults, bool arrived) {
  faults.lost_before = arrived ? 0 : 1;
  faults.lost_after = arrived ? 1 : 0;
}

}  // namespace

TEST_CASE("a write that finds the disk full is written into the room that was reserved for it") {
  Bench bench;
  const LockToken token = bench.lock();
  REQUIRE(bench.store->reserve(token, 1 << 20));
  CHECK(bench.folder.files().contains("state.db.reserve-" + token.id));
  bench.faults.full_until_released = true;
  CHECK(bench.store->open_intent(token, an_intent()));
  CHECK(bench.faults.released == 1);
  CHECK(bench.store->read()->open_intents.size() == 1);
  CHECK(bench.folder.files() == std::set<std::string>{"state.db", "state.db-shm", "state.db-wal"});
}

TEST_CASE("a full disk without room left is an error that says so, and what was there stays") {
  Bench bench;
  const LockToken token = bench.lock();
  bench.faults.full_commits = 1;
  const auto full = bench.store->open_intent(token, an_intent());
  REQUIRE_FALSE(full);
  CHECK(full.error().kind == ErrorKind::Storage);
  CHECK(full.error().message.find("disk is full") != std::string::npos);
  CHECK(bench.store->read()->open_intents.empty());
  CHECK(bench.store->open_intent(token, an_intent()));
}

TEST_CASE("room that is not there is an error before anything is sent") {
  Bench bench;
  const LockToken token = bench.lock();
  const auto refused = bench.store->reserve(token, std::int64_t{1} << 60);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Storage);
  CHECK_FALSE(bench.folder.files().contains("state.db.reserve-" + token.id));
}

TEST_CASE("the room of a run that died goes with its lock") {
  Bench bench;
  const LockToken token = bench.lock();
  REQUIRE(bench.store->reserve(token, 1 << 20));
  const auto other = sqlite_state_store(bench.folder / "state.db");
  REQUIRE(other->break_lock(token.id));
  CHECK_FALSE(bench.folder.files().contains("state.db.reserve-" + token.id));
}

TEST_CASE("a commit whose answer was lost is looked up, and never carried out twice") {
  Bench bench;
  const LockToken token = bench.lock();
  lose_an_answer(bench.faults, GENERATE(false, true));
  const auto id = bench.store->open_intent(token, an_intent());
  REQUIRE(id);
  CHECK(bench.faults.lost_after + bench.faults.lost_before == 0);
  const StateSnapshot state = *bench.store->read();
  REQUIRE(state.open_intents.size() == 1);
  CHECK(state.open_intents[0].id == *id);
  CHECK(bench.store->open_intent(token, an_intent()).value() == *id + 1);
}

TEST_CASE("a lock whose answer was lost is ours") {
  Bench bench;
  lose_an_answer(bench.faults, GENERATE(false, true));
  const LockToken token = bench.lock();
  CHECK(bench.store->holders()->size() == 1);
  lose_an_answer(bench.faults, GENERATE(false, true));
  CHECK(bench.store->unlock(token));
  CHECK(bench.store->holders()->empty());
}

TEST_CASE("a write that others were in the way of is tried again, and not for ever") {
  Bench bench;
  const LockToken token = bench.lock();
  bench.faults.busy = 2;
  CHECK(bench.store->open_intent(token, an_intent()));
  bench.faults.busy = 100;
  CHECK(bench.store->open_intent(token, an_intent()).error().kind == ErrorKind::Storage);
}
