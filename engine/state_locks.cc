#include "engine/state_locks.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "engine/identity.h"
#include "engine/state_schema.h"

namespace sluice {
namespace {

using sql::Connection;
using sql::Parameters;
using sql::Row;

bool is_alive(const Row& row, std::int64_t now, const std::string& here) {
  const std::string_view host = row.text(4);
  if (!here.empty() && host == here && process_start(row.number(5)) != row.text(6)) return false;
  return now - row.number(9) <= kLease.count();
}

}  // namespace

std::vector<LockHolder> lock_holders(Connection& connection) {
  std::vector<LockHolder> holders;
  const std::string here = host_id();
  const std::int64_t now = connection.now_ms();
  connection.ask(
      "SELECT id, operation, who, host, host_id, pid, pid_start, run_id, taken_at, heartbeat_at, fence, scope FROM "
      "locks "
      "ORDER BY fence, id, scope",
      {}, [&](const Row& row) {
        if (holders.empty() || holders.back().id != row.text(0)) {
          LockHolder holder;
          holder.id = row.text(0);
          holder.operation = row.text(1);
          holder.who = row.text(2);
          holder.host = row.text(3);
          holder.pid = row.number(5);
          holder.run_id = row.text(7);
          holder.taken_at = time_text(row.number(8));
          holder.heartbeat_at = time_text(row.number(9));
          holder.fence = row.number(10);
          holder.alive = is_alive(row, now, here);
          holders.push_back(std::move(holder));
        }
        holders.back().scopes.insert(std::string(row.text(11)));
      });
  return holders;
}

bool are_in_conflict(const LockScopes& a, const LockScopes& b) {
  if (a.contains("*") || b.contains("*")) return true;
  return std::any_of(a.begin(), a.end(), [&](const std::string& scope) { return b.contains(scope); });
}

std::string describe(const LockHolder& holder) {
  return fmt::format("{} (process {} on {}, {}{}{}, since {}, last heartbeat {})", holder.who, holder.pid, holder.host,
                     holder.operation, holder.run_id.empty() ? "" : ", run ", holder.run_id, holder.taken_at,
                     holder.heartbeat_at);
}

LockAttempt take_lock(Connection& connection, const LockInfo& info, const std::string& id) {
  LockAttempt attempt{{id, add_to(connection, meta::kFence, 1)}};
  for (LockHolder& holder : lock_holders(connection)) {
    if (!are_in_conflict(holder.scopes, info.scopes)) continue;
    const bool ours = holder.id == id;  // its answer was lost, and it is asked for again
    if (holder.alive && !ours) {
      attempt.in_the_way = std::move(holder);
      return attempt;
    }
    drop_lock(connection, holder.id);
    if (!ours) attempt.taken_from.push_back(holder.id);
  }
  const std::int64_t pid = ::getpid();
  std::vector<Parameters> rows;
  for (const std::string& scope : info.scopes) {
    rows.push_back({scope, id, attempt.token.fence, info.operation, info.who, host_name(), host_id(), pid,
                    process_start(pid), info.run_id, connection.now_ms()});
  }
  connection.many("INSERT INTO locks VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, '')", rows);
  return attempt;
}

void drop_lock(Connection& connection, const std::string& id) {
  connection.ask("DELETE FROM locks WHERE id = $1", {id});
}

bool hold_lock(Connection& connection, const LockToken& token, const std::string& write_id) {
  bool held = false;
  connection.ask("UPDATE locks SET write_id = $1 WHERE id = $2 AND fence = $3 RETURNING scope",
                 {write_id, token.id, token.fence}, [&](const Row&) { held = true; });
  return held;
}

std::string last_write_of(Connection& connection, const LockToken& token) {
  std::string last;
  connection.ask("UPDATE locks SET heartbeat_at = heartbeat_at WHERE id = $1 AND fence = $2 RETURNING write_id",
                 {token.id, token.fence}, [&](const Row& row) { last = row.text(0); });
  return last;
}

bool renew_lock(Connection& connection, const LockToken& token) {
  bool held = false;
  connection.ask("UPDATE locks SET heartbeat_at = $1 WHERE id = $2 AND fence = $3 RETURNING scope",
                 {connection.now_ms(), token.id, token.fence}, [&](const Row&) { held = true; });
  return held;
}

}  // namespace sluice
