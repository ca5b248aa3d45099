// A store whose writes fail, or are the last thing that its process does.
#include <set>

#include "engine/sqlite.h"
#include "engine/state_sql.h"
#include "tests/simulation/watch.h"

namespace sluice::simulation {
namespace {

/// Transactions that end badly.
class FaultyConnection final : public sql::Connection {
 public:
  FaultyConnection(Watch& watch, std::unique_ptr<sql::Connection> inner) : watch_(watch), inner_(std::move(inner)) {}

  void run(std::string_view sql) override { inner_->run(sql); }
  void ask(std::string_view sql, const sql::Parameters& parameters, const sql::OnRow& each) override {
    inner_->ask(sql, parameters, each);
  }
  void many(std::string_view sql, const std::vector<sql::Parameters>& rows) override { inner_->many(sql, rows); }
  std::int64_t now_ms() override { return inner_->now_ms(); }
  bool has_table(std::string_view name) override { return inner_->has_table(name); }
  bool is_empty() override { return inner_->is_empty(); }
  void begin(sql::Access access) override {
    writes_ = access == sql::Access::Write;
    inner_->begin(access);
  }
  void rollback() noexcept override { inner_->rollback(); }

  void commit() override {
    if (!writes_) return inner_->commit();
    const auto kind = watch_.next(Where::Commit, watch_.commits);
    if (kind == Kind::DiskFull) throw sql::SqlError{"the disk is full", sql::Trouble::Full};
    inner_->commit();
    if (kind == Kind::KillAfter) throw Killed{};
    if (kind == Kind::DiskTorn) throw sql::SqlError{"input/output error", sql::Trouble::Other};
  }

 private:
  Watch& watch_;
  std::unique_ptr<sql::Connection> inner_;
  bool writes_ = false;
};

class FaultyDatabase final : public sql::Database {
 public:
  FaultyDatabase(Watch& watch, std::unique_ptr<sql::Database> inner) : watch_(watch), inner_(std::move(inner)) {}

  std::string name() const override { return inner_->name(); }
  std::string advice() const override { return inner_->advice(); }
  bool exists() override { return inner_->exists(); }
  Result<void> prepare() override { return inner_->prepare(); }
  std::unique_ptr<sql::Connection> connect(sql::Access access) override {
    return std::make_unique<FaultyConnection>(watch_, inner_->connect(access));
  }
  bool keeps_readers() const override { return inner_->keeps_readers(); }
  void reserve(std::string_view owner, std::int64_t bytes) override { inner_->reserve(owner, bytes); }
  bool release(std::string_view owner) override { return inner_->release(owner); }

 private:
  Watch& watch_;
  std::unique_ptr<sql::Database> inner_;
};

/// Room on the disk is no part of the state: who lost the lock may make some.
constexpr const char* kRoom = "reserve";

class FaultyStore final : public StateStore {
 public:
  FaultyStore(Watch& watch, std::unique_ptr<StateStore> store) : watch_(watch), store_(std::move(store)) {}

  Result<StateSnapshot> read() override { return store_->read(); }
  Result<LockToken> lock(const LockInfo& info, const GatewayIdentity& gateway) override {
    return write("lock", [&] { return store_->lock(info, gateway); });
  }
  Result<void> unlock(const LockToken& token) override {
    return write("unlock", [&] { return store_->unlock(token); });
  }
  Result<void> renew(const LockToken& token) override {
    return write("renew", [&] { return store_->renew(token); });
  }
  Result<std::vector<LockHolder>> holders() override { return store_->holders(); }
  Result<void> break_lock(const std::string& id) override { return store_->break_lock(id); }
  Result<void> reserve(const LockToken& token, std::int64_t bytes) override {
    reserved_.insert(token.id);
    return write(kRoom, [&] { return store_->reserve(token, bytes); });
  }
  Result<void> note_outcomes(const LockToken& token, const std::string& run_id,
                             const std::vector<RunOutcome>& outcomes) override {
    return write("outcomes", [&] { return store_->note_outcomes(token, run_id, outcomes); });
  }
  Result<void> keep_backup(const LockToken& token, const std::string& run_id, const std::string& group,
                           const std::string& live_json) override {
    if (reserved_.contains(token.id)) throw Violation{"a backup was kept that may use up what was reserved"};
    return write("backup " + group, [&] { return store_->keep_backup(token, run_id, group, live_json); });
  }
  Result<std::vector<RunSummary>> runs() override { return store_->runs(); }
  Result<RunDetails> run(const std::string& id) override { return store_->run(id); }
  Result<std::map<std::string, std::string>> backup(const std::string& run_id) override {
    return store_->backup(run_id);
  }
  Result<void> begin_run(const LockToken& token, const RunRecord& run) override {
    return write("begin run", [&] { return store_->begin_run(token, run); });
  }
  Result<void> end_run(const LockToken& token, const std::string& run_id, int exit_code) override {
    return write("end run", [&] { return store_->end_run(token, run_id, exit_code); });
  }
  Result<std::int64_t> open_intent(const LockToken& token, const Intent& intent) override {
    std::string what = "intent: " + std::string(sluice::to_string(intent.kind));
    for (const IntendedResource& resource : intent.resources) what += " " + resource.address.text();
    auto id = write(what, [&] { return store_->open_intent(token, intent); });
    if (id) watch_.opened(*id, intent);
    return id;
  }
  Result<void> note_task(const LockToken& token, std::int64_t intent, const std::string& task_id) override {
    return write("task", [&] { return store_->note_task(token, intent, task_id); });
  }
  Result<void> note_result(const LockToken& token, std::int64_t intent, const std::string& result_json) override {
    return write("result", [&] { return store_->note_result(token, intent, result_json); });
  }
  Result<void> note_outcome(const LockToken& token, std::int64_t intent, const std::string& outcome) override {
    watch_.ended(intent);
    return write("outcome: " + outcome, [&] { return store_->note_outcome(token, intent, outcome); });
  }
  Result<void> take_hash_key(const LockToken& token, const Secret& key) override {
    return write("hash key", [&] { return store_->take_hash_key(token, key); });
  }
  Result<std::string> pull(bool with_key) override { return store_->pull(with_key); }
  Result<void> push(const LockToken& token, const std::string& text, bool force) override {
    return write("push", [&] { return store_->push(token, text, force); });
  }
  Result<void> commit(const LockToken& token, const StateChange& change) override {
    return write("commit " + change.group, [&] { return store_->commit(token, change); });
  }

 private:
  template <typename Work>
  auto write(const std::string& what, const Work& work) -> decltype(work()) {
    watch_.world.note("write " + what);
    const auto kind = watch_.next(Where::Write, watch_.writes);
    if (kind == Kind::TakenOver && what != "lock") {
      watch_.world.take_over();
      watch_.taken_over = true;
    }
    if (kind == Kind::DiskFull) return fail(ErrorKind::Storage, "The state cannot be written: the disk is full.");
    auto done = work();
    if (kind == Kind::KillAfter) throw Killed{};
    if (kind == Kind::DiskTorn) return fail(ErrorKind::Storage, "The state cannot be written: input/output error.");
    if (watch_.taken_over && done && what != kRoom)
      throw Violation{"a write to the state after its lock was taken over: " + what};
    return done;
  }

  Watch& watch_;
  std::set<std::string> reserved_;  ///< locks that have their room
  std::unique_ptr<StateStore> store_;
};

}  // namespace

std::unique_ptr<StateStore> faulty_store(Watch& watch) {
  auto file = sql::sqlite_database(watch.world.state_file(), watch.world.gateway().clock());
  return std::make_unique<FaultyStore>(watch,
                                       sql_state_store(std::make_unique<FaultyDatabase>(watch, std::move(file))));
}

}  // namespace sluice::simulation
