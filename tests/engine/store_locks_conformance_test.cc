// What every store must do about locks: scopes, leases, fences.
#include <thread>

#include "tests/engine/store_bench.h"

using namespace sluice;
using namespace sluice::test;

namespace {

Result<LockToken> lock_of(StateStore& store, const LockScopes& scopes, const std::string& who = "alice") {
  return store.lock({"apply", who, scopes, "run-of-" + who}, kGateway);
}

}  // namespace

TEST_CASE("locks of different scopes are held side by side, and those that share something are not") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const auto other = bench.open();
  const auto pets = lock_of(*bench.store, {"group.pets", "ratelimit.gold"});
  REQUIRE(pets);
  for (const LockScopes& scopes :
       {LockScopes{"group.pets"}, LockScopes{"group.orders", "ratelimit.gold"}, LockScopes{"*"}}) {
    const auto refused = lock_of(*other, scopes, "bob");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Locked);
  }
  const auto orders = lock_of(*other, {"group.orders"}, "bob");
  REQUIRE(orders);
  CHECK(orders->fence > pets->fence);
  REQUIRE(bench.store->commit(*pets, owning({resource(api("/a"), "1", "A")})));
  REQUIRE(other->commit(*orders, {.group = "orders",
                                  .owned = {resource(Address::group("orders"), "2", "O")},
                                  .gone = {},
                                  .unmanaged = {},
                                  .closed_intents = {}}));
  CHECK(snapshot_of(*other).groups.size() == 2);
  CHECK(snapshot_of(*other).serial == 2);
  REQUIRE(bench.store->unlock(*pets));
  CHECK_FALSE(lock_of(*bench.store, {"*"}));
  REQUIRE(other->unlock(*orders));
  CHECK(lock_of(*bench.store, {"*"}));
}

TEST_CASE("a lock that is refused names its holder, host, run, since when, and its last heartbeat") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const auto token = lock_of(*bench.store, {"*"});
  REQUIRE(token);
  const auto refused = lock_of(*bench.open(), {"group.pets"}, "bob");
  REQUIRE_FALSE(refused);
  const auto holders = bench.open()->holders();
  REQUIRE(holders);
  REQUIRE(holders->size() == 1);
  const LockHolder& holder = holders->front();
  CHECK(holder.id == token->id);
  CHECK(holder.fence == token->fence);
  CHECK(holder.scopes == LockScopes{"*"});
  CHECK(holder.who == "alice");
  CHECK(holder.operation == "apply");
  CHECK(holder.pid == ::getpid());
  CHECK(holder.alive);
  for (const std::string& part : {holder.host, std::string("run-of-alice"), "since " + holder.taken_at,
                                  "last heartbeat " + holder.heartbeat_at, "sluice unlock " + holder.id}) {
    INFO(part);
    CHECK(refused.error().message.find(part) != std::string::npos);
  }
}

TEST_CASE("a lease that ended is taken over, also of a process that lives, and its holder writes nothing more") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const auto asleep = lock_of(*bench.store, {"group.pets", "group.orders"});
  REQUIRE(asleep);
  bench.fixture->end_leases();
  CHECK_FALSE(bench.open()->holders()->front().alive);
  const auto other = bench.open();
  const auto taken = lock_of(*other, {"group.pets"}, "bob");
  REQUIRE(taken);
  CHECK(taken->fence > asleep->fence);
  for (const Result<void>& result :
       {bench.store->renew(*asleep), bench.store->commit(*asleep, owning({})), bench.store->unlock(*asleep),
        bench.store->keep_backup(*asleep, "r", "pets", "{}")}) {
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Locked);
  }
  CHECK(other->holders()->size() == 1);
  CHECK(other->commit(*taken, owning({})));
}

TEST_CASE("a heartbeat keeps a lock, also one from another thread and one that comes late") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const auto token = lock_of(*bench.store, {"*"});
  REQUIRE(token);
  bench.fixture->end_leases();
  std::thread([&] { CHECK(bench.store->renew(*token)); }).join();
  CHECK(bench.open()->holders()->front().alive);
  CHECK_FALSE(lock_of(*bench.open(), {"*"}, "bob"));
  CHECK(bench.store->commit(*token, owning({})));
}

TEST_CASE("heartbeats and writes of two threads do not get in each other's way") {
  const Bench bench(GENERATE(from_range(store_rows())));
  const auto token = lock_of(*bench.store, {"*"});
  REQUIRE(token);
  bool renewed = true;
  std::thread heart([&] {
    for (int beat = 0; beat < 20; ++beat) renewed = renewed && bench.store->renew(*token).has_value();
  });
  bool written = true;
  for (int i = 0; i < 20; ++i) written = written && bench.store->commit(*token, owning({})).has_value();
  heart.join();
  CHECK(renewed);
  CHECK(written);
  CHECK(snapshot_of(*bench.store).serial == 20);
}

TEST_CASE("a lock is broken by its id, and no other") {
  const Bench bench(GENERATE(from_range(store_rows())));
  CHECK(bench.store->break_lock("nobody").error().kind == ErrorKind::NotFound);
  CHECK_FALSE(snapshot_of(*bench.store).exists());
  const auto pets = lock_of(*bench.store, {"group.pets"});
  const auto other = bench.open();
  const auto orders = lock_of(*other, {"group.orders"}, "bob");
  REQUIRE(pets);
  REQUIRE(orders);
  const auto breaker = bench.open();
  CHECK(breaker->break_lock("nobody").error().kind == ErrorKind::NotFound);
  REQUIRE(breaker->break_lock(pets->id));
  CHECK(breaker->holders()->size() == 1);
  CHECK(bench.store->commit(*pets, owning({})).error().kind == ErrorKind::Locked);
  CHECK(other->unlock(*orders));
}

TEST_CASE("of many who want one lock at once, one gets it") {
  const Bench bench(GENERATE(from_range(store_rows())));
  REQUIRE(bench.store->unlock(lock(*bench.store)));
  std::vector<std::unique_ptr<StateStore>> stores;
  for (int i = 0; i < 8; ++i) stores.push_back(bench.open());
  std::vector<std::size_t> got(stores.size(), 0);
  std::vector<std::string> wrong(stores.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < stores.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto token = lock_of(*stores[i], i % 2 == 0 ? LockScopes{"*"} : LockScopes{"group.pets"}, "t");
      got[i] = token ? 1 : 0;
      if (!token && token.error().kind != ErrorKind::Locked) wrong[i] = token.error().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& message : wrong) CHECK(message.empty());
  CHECK(std::count(got.begin(), got.end(), 1) == 1);
  CHECK(bench.store->holders()->size() == 1);
}

TEST_CASE("who writes with a fence that is not the lock's writes nothing") {
  const Bench bench(GENERATE(from_range(store_rows())));
  LockToken token = lock(*bench.store);
  const LockToken forged{token.id, token.fence + 1};
  CHECK(bench.store->commit(forged, owning({})).error().kind == ErrorKind::Locked);
  CHECK(bench.store->renew(forged).error().kind == ErrorKind::Locked);
  CHECK(bench.store->commit(token, owning({})));
}
