#include "engine/state_sql.h"

#include <fmt/format.h>

#include <optional>

#include "engine/identity.h"
#include "engine/postgres.h"
#include "engine/sqlite.h"
#include "engine/state_locks.h"
#include "engine/state_rows.h"
#include "engine/state_runs.h"
#include "engine/state_schema.h"
#include "engine/state_text.h"
#include "plan/old_canonical.h"
#include "plan/render_text.h"
#include "plan/schema.h"

namespace sluice {
namespace {

using sql::Access;
using sql::Connection;
using sql::Database;
using sql::SqlError;
using sql::Transaction;
using sql::Trouble;

constexpr int kTries = 4;  // of a transaction that another one was in the way of, or whose connection was lost

StateSnapshot read_snapshot(Connection& connection) {
  StateSnapshot snapshot;
  snapshot.lineage = value_of(connection, meta::kLineage);
  snapshot.hash_key = Secret(value_of(connection, meta::kHashKey));
  snapshot.serial = number_of(connection, meta::kSerial);
  snapshot.gateway = gateway_of(connection);
  snapshot.groups = read_baselines(connection);
  if (number_of(connection, meta::kCanonical) != kCanonicalVersion) {
    for (auto& [name, base] : snapshot.groups) bring_to_canonical_form(base);
  }
  snapshot.open_intents = read_open_intents(connection);
  for (const Intent& intent : snapshot.open_intents) {
    for (const IntendedResource& resource : intent.resources)
      snapshot.groups[resource.address.group()].claimed.insert_or_assign(resource.address, resource.after_digest);
  }
  return snapshot;
}

/// Rows in this canonical form, for good. Nobody else may be at work.
void rewrite_canonical(Connection& connection) {
  if (number_of(connection, meta::kCanonical) == kCanonicalVersion) return;
  Baselines groups = read_baselines(connection);
  for (auto& [name, base] : groups) bring_to_canonical_form(base);
  replace_baselines(connection, groups);
  set_value(connection, meta::kCanonical, std::to_string(kCanonicalVersion));
}

/// A run that came to nothing, against a mistyped endpoint say, must not keep the state from the right gateway.
void rebind(Connection& connection, const GatewayIdentity& gateway) {
  if (gateway_of(connection) == gateway || holds_rows(connection) || !read_open_intents(connection).empty()) return;
  forget_seen(connection);
  set_gateway(connection, gateway);
}

/// Whether a state has anything in it that another would have to do with.
bool holds_something(const StateSnapshot& state) { return !state.holds_nothing(); }

class SqlStateStore final : public StateStore {
 public:
  explicit SqlStateStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  Result<StateSnapshot> read() override {
    return look("read", StateSnapshot{}, [](Connection& connection) { return read_snapshot(connection); });
  }

  Result<LockToken> lock(const LockInfo& info, const GatewayIdentity& gateway) override {
    if (auto prepared = database_->prepare(); !prepared) return prepared.forward();
    LockAttempt attempt;
    const std::string id = random_hex(16);
    const auto taken = translated<bool>("lock", [&] {
      Connection& connection = writer();
      retried(connection, [&] {
        Transaction transaction(connection, Access::Write);
        attempt = {};
        bring_up_to_date(connection, format_of(connection));
        make_lineage(connection, gateway);
        attempt = take_lock(connection, info, id);
        if (attempt.in_the_way) return;
        if (lock_holders(connection).size() == 1) {
          rewrite_canonical(connection);
          rebind(connection, gateway);
        }
        transaction.commit();
      });
      for (const std::string& dead : attempt.taken_from) database_->release(dead);
      return true;
    });
    if (!taken) return taken.forward();
    if (!attempt.in_the_way) return attempt.token;
    return fail(ErrorKind::Locked,
                fmt::format("The state {} is locked by {}: wait until it is done, say --lock-timeout 5m to wait here, "
                            "or break the lock with `sluice unlock {}` when nothing runs there any more.",
                            database_->name(), describe(*attempt.in_the_way), attempt.in_the_way->id));
  }

  Result<void> renew(const LockToken& token) override {
    bool held = false;
    const auto renewed = translated<bool>("renew the lock on", [&] {
      if (!heart_) heart_ = database_->connect(Access::Write);
      retried(*heart_, [&] {
        Transaction transaction(*heart_, Access::Write);
        held = renew_lock(*heart_, token);
        transaction.commit();
      });
      return true;
    });
    if (!renewed) return renewed.forward();
    return held ? Result<void>() : lost();
  }

  Result<void> unlock(const LockToken& token) override {
    database_->release(token.id);
    bool leaving = false;  // then an answer that was lost leaves no lock to look it up in
    auto unlocked = write("unlock", token, [&](Connection& connection) {
      mark_settled(connection);
      drop_lock(connection, token.id);
      leaving = true;
    });
    const bool gone = leaving && !unlocked && unlocked.error().kind == ErrorKind::Locked;
    return gone ? Result<void>() : unlocked;
  }

  Result<std::vector<LockHolder>> holders() override {
    return look("read the locks of", std::vector<LockHolder>{},
                [](Connection& connection) { return lock_holders(connection); });
  }

  Result<void> break_lock(const std::string& id) override {
    bool found = false;
    if (!database_->exists()) return no_lock(id);
    const auto broken = translated<bool>("unlock", [&] {
      Connection& connection = writer();
      retried(connection, [&] {
        Transaction transaction(connection, Access::Write);
        const StateFormat format = format_of(connection);
        if (format == StateFormat::None) return;
        bring_up_to_date(connection, format);
        for (const LockHolder& holder : lock_holders(connection)) found = found || holder.id == id;
        drop_lock(connection, id);
        transaction.commit();
      });
      database_->release(id);
      return true;
    });
    if (!broken) return broken.forward();
    return found ? Result<void>() : no_lock(id);
  }

  Result<void> reserve(const LockToken& token, std::int64_t bytes) override {
    const auto reserved = translated<bool>("make room for", [&] {
      database_->reserve(token.id, bytes);
      return true;
    });
    return reserved ? Result<void>() : reserved.forward();
  }

  Result<void> begin_run(const LockToken& token, const RunRecord& run) override {
    return write("write", token, [&](Connection& connection) { insert_run(connection, run); });
  }

  Result<void> end_run(const LockToken& token, const std::string& run_id, int exit_code) override {
    return write("write", token, [&](Connection& connection) { sluice::end_run(connection, run_id, exit_code); });
  }

  Result<void> note_outcomes(const LockToken& token, const std::string& run_id,
                             const std::vector<RunOutcome>& outcomes) override {
    return write("write", token, [&](Connection& connection) { insert_outcomes(connection, run_id, outcomes); });
  }

  Result<void> keep_backup(const LockToken& token, const std::string& run_id, const std::string& group,
                           const std::string& live_json) override {
    return write("write a backup to", token,
                 [&](Connection& connection) { insert_backup(connection, run_id, group, live_json); });
  }

  Result<std::vector<RunSummary>> runs() override {
    return look("read", std::vector<RunSummary>{}, [](Connection& connection) { return read_runs(connection); });
  }

  Result<RunDetails> run(const std::string& id) override {
    auto found =
        look("read", std::optional<RunDetails>{}, [&](Connection& connection) { return read_run(connection, id); });
    if (!found) return found.forward();
    if (*found) return std::move(**found);
    return fail(ErrorKind::NotFound, fmt::format("The state {} knows no run {}.", database_->name(), id));
  }

  Result<std::map<std::string, std::string>> backup(const std::string& run_id) override {
    return look("read a backup from", std::map<std::string, std::string>{},
                [&](Connection& connection) { return read_backup(connection, run_id); });
  }

  Result<std::int64_t> open_intent(const LockToken& token, const Intent& intent) override {
    std::int64_t id = 0;
    const auto written = write("write to the journal of", token,
                               [&](Connection& connection) { id = append_intent(connection, intent); });
    if (!written) return written.forward();
    return id;
  }

  Result<void> note_task(const LockToken& token, std::int64_t intent, const std::string& task_id) override {
    return note(token, intent, events::kTask, task_id);
  }
  Result<void> note_result(const LockToken& token, std::int64_t intent, const std::string& result_json) override {
    return note(token, intent, events::kResult, result_json);
  }
  Result<void> note_outcome(const LockToken& token, std::int64_t intent, const std::string& outcome) override {
    return note(token, intent, events::kOutcome, outcome);
  }

  Result<void> take_hash_key(const LockToken& token, const Secret& key) override {
    return write("write", token, [&](Connection& connection) {
      if (holds_rows(connection) || number_of(connection, meta::kJournal) > 0) return;
      set_value(connection, meta::kHashKey, key.reveal());
    });
  }

  Result<void> commit(const LockToken& token, const StateChange& change) override {
    return write("write", token, [&](Connection& connection) {
      write_change(connection, change);
      append_events(connection, change.closed_intents, events::kClosed, "");
      add_to(connection, meta::kSerial, 1);
    });
  }

  Result<std::string> pull(bool with_key) override {
    auto text = look("read", StateText{}, [&](Connection& connection) { return read_text(connection); });
    if (!text) return text.forward();
    if (!text->state.exists())
      return fail(ErrorKind::NotFound,
                  fmt::format("There is no state at {}: run `sluice apply` first.", database_->name()));
    if (!with_key) text->state.hash_key = Secret();
    return write_state_text(*text);
  }

  Result<void> push(const LockToken& token, const std::string& text, bool force) override {
    auto pushed = read_state_text(text);
    if (!pushed) return pushed.forward();
    std::optional<Error> refused;
    auto written = write("write", token, [&](Connection& connection) {
      const StateText now = read_text(connection);
      refused = force ? std::nullopt : refusal(now, *pushed);
      if (!refused) replace(connection, now, *pushed);
    });
    if (!written) return written;
    return refused ? fail(*refused) : Result<void>();
  }

 private:
  Unexpected<Error> lost() const {
    return fail(ErrorKind::Locked,
                fmt::format("The lock on the state {} was taken over by another run, or broken; nothing more was "
                            "written.",
                            database_->name()));
  }

  Result<void> no_lock(const std::string& id) const {
    return fail(ErrorKind::NotFound,
                fmt::format("Nobody holds a lock {} on the state {}: nothing was changed.", id, database_->name()));
  }

  template <typename T, typename Work>
  Result<T> translated(std::string_view verb, const Work& work) {
    try {
      return work();
    } catch (const SqlError& error) {
      return fail(ErrorKind::Storage, fmt::format("Cannot {} the state {}: {}. {}", verb, database_->name(),
                                                  error.message, database_->advice()));
    }
  }

  /// Again, when another transaction was in the way or the connection was lost.
  template <typename Work>
  static void retried(Connection& /*connection*/, const Work& work) {
    for (int tries = 1;; ++tries) {
      try {
        return work();
      } catch (const SqlError& error) {
        const bool again = error.trouble == Trouble::Busy || error.trouble == Trouble::Lost;
        if (!again || tries == kTries) throw;
      }
    }
  }

  Connection& writer() {
    if (!writer_) writer_ = database_->connect(Access::Write);
    return *writer_;
  }

  /// Reads at one moment; `nothing` where there is no state yet. One of an older format is brought up to date for as
  /// long as it is looked at.
  template <typename T, typename Work>
  Result<T> look(std::string_view verb, T nothing, const Work& work) {
    if (!database_->exists()) return nothing;
    return translated<T>(verb, [&]() -> T {
      std::unique_ptr<Connection> own;
      if (!writer_ && !reader_) {
        own = database_->connect(Access::Read);
        if (database_->keeps_readers()) reader_ = std::move(own);
      }
      Connection& connection = writer_ ? *writer_ : reader_ ? *reader_ : *own;
      std::optional<T> found;
      retried(connection, [&] {
        StateFormat format{};
        {
          Transaction transaction(connection, Access::Read);
          format = format_of(connection);
          if (format == StateFormat::Present) found = work(connection);
          transaction.commit();
        }
        if (format != StateFormat::Older) return;
        const Transaction undone(connection, Access::Write);
        bring_up_to_date(connection, format_of(connection));
        found = work(connection);
      });
      return found ? std::move(*found) : std::move(nothing);
    });
  }

  /// One transaction, refused when `token` no longer holds its lock. An answer that was lost is looked up: the mark of
  /// this write is in the lock's row when it was committed.
  template <typename Work>
  Result<void> write(std::string_view verb, const LockToken& token, const Work& work) {
    check(writer_ != nullptr, "a write to the state without its lock");
    Connection& connection = *writer_;
    const std::string mark = random_hex(8);
    bool held = true;
    bool unsure = false;
    const auto once = [&] {
      Transaction transaction(connection, Access::Write);
      if (unsure && last_write_of(connection, token) == mark) return;
      held = hold_lock(connection, token, mark);
      if (!held) return;
      unsure = false;
      work(connection);
      unsure = true;
      transaction.commit();
    };
    const auto done = translated<bool>(verb, [&] {
      try {
        retried(connection, once);
      } catch (const SqlError& error) {
        if (error.trouble != Trouble::Full || !database_->release(token.id)) throw;
        retried(connection, once);
      }
      return true;
    });
    if (!done) return done.forward();
    return held ? Result<void>() : lost();
  }

  Result<void> note(const LockToken& token, std::int64_t intent, std::string_view event, const std::string& data) {
    return write("write to the journal of", token,
                 [&](Connection& connection) { append_events(connection, {intent}, event, data); });
  }

  static StateText read_text(Connection& connection) {
    StateText text{kCanonicalVersion, read_snapshot(connection), {}};
    if (!text.state.open_intents.empty()) text.journal = read_journal(connection);
    return text;
  }

  /// Why a pushed state may not take the place of another.
  static std::optional<Error> refusal(const StateText& now, const StateText& pushed) {
    const auto refuse = [](std::string why) { return Error{ErrorKind::Refused, std::move(why), Effect::None, {}}; };
    const StateSnapshot& state = now.state;
    if (!state.open_intents.empty()) {
      return refuse(
          "An apply was interrupted here, and what became of it is not known yet: run `sluice apply` first, it looks.");
    }
    if (state.serial == 0 && !holds_something(state)) return std::nullopt;
    if (state.lineage != pushed.state.lineage) {
      return refuse(
          fmt::format("The state here is of lineage {}, and the one that was given of {}: they are not "
                      "versions of one state. Nothing was changed.",
                      state.lineage, pushed.state.lineage));
    }
    if (pushed.state.serial < state.serial) {
      return refuse(
          fmt::format("The state here has the serial {}, and the one that was given {}: it is older. Nothing "
                      "was changed.",
                      state.serial, pushed.state.serial));
    }
    const auto without_key = [](StateText text) {
      text.state.hash_key = Secret();
      return write_state_text(text);
    };
    if (pushed.state.serial == state.serial && without_key(now) != without_key(pushed)) {
      return refuse(
          fmt::format("The state here is another one of the same serial, {}: somebody changed it meanwhile. "
                      "Nothing was changed; pull it, and look.",
                      state.serial));
    }
    return std::nullopt;
  }

  static void replace(Connection& connection, const StateText& now, const StateText& pushed) {
    Baselines groups = pushed.state.groups;
    if (pushed.canonical != kCanonicalVersion) {
      for (auto& [name, base] : groups) bring_to_canonical_form(base);
    }
    replace_baselines(connection, groups);
    replace_open_events(connection, pushed.journal);
    const StateSnapshot& state = pushed.state;
    // Within a lineage the serial never goes back: who has read the state before sees that it is another.
    const bool back = now.state.lineage == state.lineage && state.serial < now.state.serial;
    set_value(connection, meta::kSerial, std::to_string(back ? now.state.serial + 1 : state.serial));
    set_value(connection, meta::kCanonical, std::to_string(kCanonicalVersion));
    set_value(connection, meta::kLineage, state.lineage);
    if (!state.hash_key.empty()) set_value(connection, meta::kHashKey, state.hash_key.reveal());
    set_gateway(connection, state.gateway);
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> writer_;  ///< since the first lock
  std::unique_ptr<Connection> reader_;  ///< where it may stay open
  std::unique_ptr<Connection> heart_;   ///< of the thread that renews
};

}  // namespace

std::unique_ptr<StateStore> sql_state_store(std::unique_ptr<Database> database) {
  return std::make_unique<SqlStateStore>(std::move(database));
}

std::unique_ptr<StateStore> sqlite_state_store(std::string path, Clock& clock) {
  return sql_state_store(sql::sqlite_database(std::move(path), clock));
}

std::unique_ptr<StateStore> sqlite_state_store(std::string path) {
  static SystemClock clock;  // holds nothing
  return sqlite_state_store(std::move(path), clock);
}

Result<std::unique_ptr<StateStore>> open_state_store(std::string_view url, Clock& clock) {
  if (is_postgres_url(url)) {
    auto place = postgres_place(url);
    if (!place) return place.forward();
    return sql_state_store(postgres_database(std::move(*place), clock));
  }
  if (const std::size_t end = url.find("://"); end != std::string_view::npos) {
    const std::string_view scheme = url.substr(0, end);
    return fail(ErrorKind::Unsupported,
                fmt::format("{}: name a file, or postgres://USER@HOST/DATABASE?name=STATE.",
                            scheme == "http" || scheme == "https"
                                ? std::string("State behind HTTP is not built yet")
                                : fmt::format("A state is not kept at a {}:// address", printable(scheme))));
  }
  return sqlite_state_store(std::string(url), clock);
}

}  // namespace sluice
