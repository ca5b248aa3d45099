// What Sluice remembers between runs: what it owns, who is working, and what was sent but not yet judged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/resource.h"
#include "plan/result.h"
#include "plan/secret.h"

namespace sluice {

/// A resource that an interrupted step may have changed, and the digest it was to have afterwards ("" when deleted).
struct IntendedResource {
  Address address;
  Effected predicted = Effected::Created;
  std::string after_digest;
};

/// One request that changes the gateway, as the journal knows it: written before it is sent.
struct Intent {
  std::int64_t id = 0;
  std::string run_id;
  std::string group;
  StepKind kind = StepKind::Import;
  std::string task_id;  ///< "" until the gateway named one
  std::string outcome;  ///< "" until the step ended
  std::vector<IntendedResource> resources;
  std::string sent_at = {};  ///< RFC 3339; set by the store
};

/// A run of apply.
struct RunRecord {
  std::string id;
  std::string started_at;
  std::string actor;
  std::string plan_digest;
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

struct LockInfo {
  std::string operation;
  std::string who;
};

/// Who holds the lock; every write checks that it still does.
struct LockToken {
  std::string id;
};

/// Where state lives. One writer at a time: writes need the lock. Old or new, never torn, after a kill at any moment.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  /// Never creates anything. That there is no state yet is not an error. Errors: Storage.
  virtual Result<StateSnapshot> read() = 0;

  /// Takes the lock and makes the state when there is none. One that holds nothing belongs to `gateway` from then on;
  /// any other stays as it is, whoever it belongs to. Errors: Locked, naming the holder; Storage.
  virtual Result<LockToken> lock(const LockInfo& info, const GatewayIdentity& gateway) = 0;
  virtual Result<void> unlock(const LockToken& token) = 0;

  virtual Result<void> begin_run(const LockToken& token, const RunRecord& run) = 0;
  virtual Result<void> end_run(const LockToken& token, const std::string& run_id, int exit_code) = 0;

  /// Journal. Each call is durable when it returns; open_intent gives the intent's id.
  virtual Result<std::int64_t> open_intent(const LockToken& token, const Intent& intent) = 0;
  virtual Result<void> note_task(const LockToken& token, std::int64_t intent, const std::string& task_id) = 0;
  virtual Result<void> note_outcome(const LockToken& token, std::int64_t intent, const std::string& outcome) = 0;

  /// Gives a state that holds nothing yet the hash key that a saved plan was made with.
  virtual Result<void> take_hash_key(const LockToken& token, const Secret& key) = 0;

  /// Errors: Locked when the lock was lost; then nothing was written.
  virtual Result<void> commit(const LockToken& token, const StateChange& change) = 0;
};

/// The state in an SQLite file; nothing is opened or created yet.
std::unique_ptr<StateStore> sqlite_state_store(std::string path);

}  // namespace sluice
