// A store whose writes fail, or are the last thing that its process does.
#include "tests/simulation/watch.h"

namespace sluice::simulation {
namespace {

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
    return write(kRoom, [&] { return store_->reserve(token, bytes); });
  }
  Result<void> note_outcomes(const LockToken& token, const std::string& run_id,
                             const std::vector<RunOutcome>& outcomes) override {
    return write("outcomes", [&] { return store_->note_outcomes(token, run_id, outcomes); });
  }
  Result<void> keep_backup(const LockToken& token, const std::string& run_id, const std::string& group,
                           const std::string& live_json) override {
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
  std::unique_ptr<StateStore> store_;
};

}  // namespace

std::unique_ptr<StateStore> faulty_store(Watch& watch, std::unique_ptr<StateStore> store) {
  return std::make_unique<FaultyStore>(watch, std::move(store));
}

}  // namespace sluice::simulation
