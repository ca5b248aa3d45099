// Locks as rows with leases: who holds what, whether they live, and who takes over. Throws sql::SqlError.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/sql.h"
#include "engine/state_store.h"

namespace sluice {

/// Every lock that is held, oldest first.
std::vector<LockHolder> lock_holders(sql::Connection& connection);

/// Whether two locks cannot be held at once.
bool are_in_conflict(const LockScopes& a, const LockScopes& b);

/// "alice (process 12 on host, apply, since …, last heartbeat …)".
std::string describe(const LockHolder& holder);

/// What taking a lock came to: the lock and the ids of the dead that it was taken from, or who is in the way.
struct LockAttempt {
  LockToken token;
  std::vector<std::string> taken_from = {};
  std::optional<LockHolder> in_the_way = {};
};
/// Takes the lock `id`, or finds it taken. Waits for others who are taking one.
LockAttempt take_lock(sql::Connection& connection, const LockInfo& info, const std::string& id);

void drop_lock(sql::Connection& connection, const std::string& id);

/// Whether the lock is still there. It cannot be taken over from now on until the transaction ends, whose mark
/// `write_id` becomes.
bool hold_lock(sql::Connection& connection, const LockToken& token, const std::string& write_id);
/// The mark of the last transaction that was committed under a lock; waits for one that is being committed.
std::string last_write_of(sql::Connection& connection, const LockToken& token);

/// The heartbeat; false when the lock is gone.
bool renew_lock(sql::Connection& connection, const LockToken& token);

}  // namespace sluice
