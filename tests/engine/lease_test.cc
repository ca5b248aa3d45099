// Locks that are kept alive, and lost.
#include "engine/lease.h"

#include <catch2/catch.hpp>

#include "engine/scopes.h"
#include "providers/http/gate.h"
#include "tests/support/jumping_clock.h"
#include "tests/support/temp_folder.h"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

const GatewayIdentity kGateway{"apig", "https://g", "p", "i"};

struct Held {
  Held()
      : store(sqlite_state_store(folder / "state.db", clock)), other(sqlite_state_store(folder / "state.db", clock)) {
    auto taken = store->lock({"apply", "alice"}, kGateway);
    REQUIRE(taken);
    token = *taken;
  }
  TempFolder folder;
  JumpingClock clock;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<StateStore> other;
  LockToken token;
};

}  // namespace

TEST_CASE("a lease that is ticked outlives its time, and nobody else gets the lock") {
  Held held;
  Lease lease(*held.store, held.token, held.clock, Lease::Renewal::Ticks);
  for (int i = 0; i < 20; ++i) {
    held.clock.sleep_for(5s);
    lease.tick();
    CHECK(lease.holds());
  }
  CHECK(held.other->lock({"apply", "bob"}, kGateway).error().kind == ErrorKind::Locked);
}

TEST_CASE("a lease that was not renewed is not trusted, and trusted again once the store says so") {
  Held held;
  Lease lease(*held.store, held.token, held.clock, Lease::Renewal::Ticks);
  held.clock.sleep_for(19s);
  CHECK(lease.holds());
  held.clock.sleep_for(2s);
  CHECK_FALSE(lease.holds());
  CHECK_FALSE(lease.lost());
  CHECK(lease.check());
  CHECK(lease.holds());
}

TEST_CASE("a lease that somebody else broke is lost for good") {
  Held held;
  Lease lease(*held.store, held.token, held.clock, Lease::Renewal::Ticks);
  REQUIRE(held.other->break_lock(held.token.id));
  CHECK(lease.holds());  // not known yet
  held.clock.sleep_for(10s);
  lease.tick();
  CHECK(lease.lost());
  CHECK_FALSE(lease.holds());
  CHECK(lease.check().error().kind == ErrorKind::Locked);
  CHECK(lease.why_lost().kind == ErrorKind::Locked);
}

TEST_CASE("a thread renews a lease, and finds out that it is lost") {
  Held held;
  SystemClock clock;
  const Lease lease(*held.store, held.token, clock, Lease::Renewal::Thread, {20ms, 20s});
  REQUIRE(held.other->break_lock(held.token.id));
  for (int i = 0; i < 400 && !lease.lost(); ++i) clock.sleep_for(5ms);
  CHECK(lease.lost());
}

TEST_CASE("a gate holds back changes and lets reads pass") {
  Gate gate;
  const HttpRequest change{"POST", "/v2/p/apigw/instances/i/openapi/async-import", {}, "x"};
  const HttpRequest read{"GET", "/v2/p/apigw/instances/i/apis", {}, ""};
  const HttpRequest exporting{"POST", "/v2/p/apigw/instances/i/openapi/async-export", {}, "{}"};
  CHECK(gate.pass(change));
  bool open = true;
  gate.guard([&open] { return open; });
  CHECK(gate.pass(change));
  open = false;
  const auto held_back = gate.pass(change);
  REQUIRE_FALSE(held_back);
  CHECK(held_back.error().kind == ErrorKind::Locked);
  CHECK(held_back.error().effect == Effect::None);
  CHECK(gate.pass(read));
  CHECK(gate.pass(exporting));
}

TEST_CASE("open intents widen what is locked, and those of others are left to them") {
  StateSnapshot state;
  const auto api = [](const char* group) { return *Address::parse(std::string("api.") + group + "[\"GET /a\"]"); };
  const Address gold = *Address::parse("ratelimit.gold");
  Intent one;
  one.id = 1;
  one.group = "pets";
  one.resources = {{api("pets"), Effected::Created, ""}, {gold, Effected::Created, ""}};
  Intent two;
  two.id = 2;
  two.group = "orders";
  two.resources = {{api("orders"), Effected::Created, ""}};
  state.open_intents = {one, two};
  const LockScopes scopes = with_open_intents({"group.pets"}, state);
  CHECK(scopes == LockScopes{"group.pets", "ratelimit.gold"});
  CHECK(with_open_intents({"ratelimit.gold"}, state) == scopes);
  CHECK(with_open_intents({"group.other"}, state) == LockScopes{"group.other"});
  CHECK(covers({"*"}, scopes));
  CHECK_FALSE(covers({"group.pets"}, scopes));
  leave_others_intents(state, scopes);
  REQUIRE(state.open_intents.size() == 1);
  CHECK(state.open_intents[0].id == 1);
}
