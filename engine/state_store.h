// What Sluice remembers between runs: what it owns, who is working, what was sent but not yet judged, and past runs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/clock.h"
#include "engine/journal.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "plan/resource.h"
#include "plan/result.h"
#include "plan/secret.h"

namespace sluice {

constexpr std::size_t kRunsInFull = 20;  ///< the newest runs keep their plan and the backup made before them
constexpr std::size_t kRunsKept = 200;   ///< older runs are forgotten, with their outcomes and their closed intents
constexpr Milliseconds kLease = std::chrono::seconds(30);  ///< how long a lock lives without a heartbeat

/// What became of one resource in a run.
using RunOutcome = Outcome;

/// A run of apply, as it begins.
struct RunRecord {
  std::string id;
  std::string started_at;
  std::string actor;
  std::string plan_digest;
  std::string operation = {};
  std::string revision = {};      ///< of the files, where the CI tells it
  std::string ci_url = {};        ///< of the job
  std::string plan = {};          ///< as a saved plan, masked; kept for the newest runs
  std::string resumed_from = {};  ///< the run that this one goes on with
};

/// A run as history lists it.
struct RunSummary {
  RunRecord record;  ///< without the plan
  std::string ended_at = {};
  std::optional<int> exit_code = {};              ///< none while it runs, or when it never ended
  std::map<Effected, std::size_t> outcomes = {};  ///< how many resources came to what
  std::size_t open_intents = 0;                   ///< sent, and not judged yet
  bool has_plan = false;
  bool has_backup = false;
};

struct RunDetails {
  RunSummary summary;
  std::vector<RunOutcome> outcomes = {};
  std::vector<JournalEvent> journal = {};
  std::string plan = {};  ///< "" when it is not kept any more
};

/// The whole state at one moment. `lineage` is "" when there is no state yet.
struct StateSnapshot {
  std::string lineage;
  std::int64_t serial = 0;
  GatewayIdentity gateway;
  Secret hash_key;                         ///< of masks; made once per lineage
  std::map<std::string, Baseline> groups;  ///< by name
  std::vector<Intent> open_intents;
  std::map<std::string, std::string> renamed = {};  ///< groups that the store still has by another name, which is said

  bool exists() const { return !lineage.empty(); }
  /// What is known of a group; an empty base when nothing is.
  const Baseline& base_of(const std::string& group) const {
    static const Baseline none;
    const auto at = groups.find(group);
    return at == groups.end() ? none : at->second;
  }
  /// Whether nothing is known of its gateway: nothing owned, kept, or sent and not yet judged.
  bool holds_nothing() const {
    return open_intents.empty() && std::all_of(groups.begin(), groups.end(), [](const auto& group) {
             return group.second.resources.empty() && group.second.kept.empty() && group.second.claimed.empty();
           });
  }
};

/// What one group's part of a run adds to the state, committed at once.
struct StateChange {
  std::string group;
  std::vector<Resource> owned;
  std::vector<Address> gone;
  std::set<Address> unmanaged;
  std::vector<std::int64_t> closed_intents;
  std::map<Address, std::string> kept = {};  ///< of what is owned or gone by this change, see Baseline::kept
  std::string renamed_from =
      {};  ///< what is known of a group of this name is known of `group` from now on, first of all
  std::vector<Address> protect = {};  ///< see Baseline::guarded; what is gone is no longer so
  std::vector<Address> unprotect = {};
};

/// What a lock covers: "group.NAME" and addresses of policies. {"*"} is the whole state, and shared with nobody.
using LockScopes = std::set<std::string>;
inline LockScopes whole_state() { return {"*"}; }

struct LockInfo {
  std::string operation;
  std::string who;
  LockScopes scopes = whole_state();
  std::string run_id = {};
};

/// Who holds a lock. `fence` grows with every lock that is taken; every write checks in its own transaction that the
/// lock is still there.
struct LockToken {
  std::string id;
  std::int64_t fence = 0;
};

/// A lock as others see it. Times are RFC 3339.
struct LockHolder {
  std::string id;
  LockScopes scopes;
  std::string operation;
  std::string who;
  std::string host;
  std::string run_id;
  std::string taken_at;
  std::string heartbeat_at;
  std::int64_t pid = 0;
  std::int64_t fence = 0;
  bool alive = true;  ///< its lease has not ended, and nobody knows that its process did
};

/// Where state lives. Writes need a lock. Old or new, never torn, after a kill at any moment.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  /// Never creates anything. That there is no state yet is not an error. Errors: Storage.
  virtual Result<StateSnapshot> read() = 0;

  /// Takes a lock and makes the state when there is none. One that holds nothing belongs to `gateway` from then on;
  /// any other stays as it is, whoever it belongs to. A holder is in the way when it covers something of the same, and
  /// lives: one whose lease ended, or whose process on this machine did, is taken over. Errors: Locked, naming the
  /// holder; Storage.
  virtual Result<LockToken> lock(const LockInfo& info, const GatewayIdentity& gateway) = 0;
  /// The heartbeat: the lease begins anew. May be called from another thread than the rest. Errors: Locked when the
  /// lock was taken over; Storage, which says nothing of the lock.
  virtual Result<void> renew(const LockToken& token) = 0;
  virtual Result<void> unlock(const LockToken& token) = 0;
  virtual Result<std::vector<LockHolder>> holders() = 0;
  /// Takes a lock from its holder, who writes nothing more. Errors: NotFound, Storage.
  virtual Result<void> break_lock(const std::string& id) = 0;

  /// What later writes of this run may need on the disk is there from now on. Errors: Storage, then nothing may be
  /// sent.
  virtual Result<void> reserve(const LockToken& token, std::int64_t bytes) = 0;

  virtual Result<void> begin_run(const LockToken& token, const RunRecord& run) = 0;
  virtual Result<void> end_run(const LockToken& token, const std::string& run_id, int exit_code) = 0;
  virtual Result<void> note_outcomes(const LockToken& token, const std::string& run_id,
                                     const std::vector<RunOutcome>& outcomes) = 0;
  /// A group as the gateway had it before the run: masked JSON, with remote ids.
  virtual Result<void> keep_backup(const LockToken& token, const std::string& run_id, const std::string& group,
                                   const std::string& live_json) = 0;

  /// Newest first. Errors: Storage.
  virtual Result<std::vector<RunSummary>> runs() = 0;
  /// Errors: NotFound, Storage.
  virtual Result<RunDetails> run(const std::string& id) = 0;
  /// By group; nothing when the run's backup is not kept any more. Errors: Storage.
  virtual Result<std::map<std::string, std::string>> backup(const std::string& run_id) = 0;

  /// Journal. Each call is durable when it returns; open_intent gives the intent's id, and says that its request is
  /// about to be sent. The result is what the gateway said of each resource, as JSON.
  virtual Result<std::int64_t> open_intent(const LockToken& token, const Intent& intent) = 0;
  virtual Result<void> note_task(const LockToken& token, std::int64_t intent, const std::string& task_id) = 0;
  virtual Result<void> note_result(const LockToken& token, std::int64_t intent, const std::string& result_json) = 0;
  virtual Result<void> note_outcome(const LockToken& token, std::int64_t intent, const std::string& outcome) = 0;

  /// Gives a state that holds nothing yet the hash key that a saved plan was made with.
  virtual Result<void> take_hash_key(const LockToken& token, const Secret& key) = 0;

  /// Errors: Locked when the lock was lost; then nothing was written.
  virtual Result<void> commit(const LockToken& token, const StateChange& change) = 0;

  /// The state as one JSON text: what is ours and what is still open, without past runs. The hash key of masks is in it
  /// only when asked for; without it, masks made elsewhere look like changes. Errors: NotFound, Storage.
  virtual Result<std::string> pull(bool with_key = false) = 0;
  /// Puts such a text in the state's place. Errors: Refused for an older serial, or another state of the same, for
  /// another lineage than that of a state that holds something, and while intents are open here, each unless `force`;
  /// Invalid for a text that cannot be read.
  virtual Result<void> push(const LockToken& token, const std::string& text, bool force = false) = 0;
};

/// The state in an SQLite file; nothing is opened or created yet. Leases are counted by `clock`, else by the system's.
std::unique_ptr<StateStore> sqlite_state_store(std::string path);
std::unique_ptr<StateStore> sqlite_state_store(std::string path, Clock& clock);

/// The state that `url` names: the path of a file. Errors: Unsupported for what is not built.
Result<std::unique_ptr<StateStore>> open_state_store(std::string_view url, Clock& clock);

}  // namespace sluice
