// What every store must do, whatever the state lies in: its content, its lock and its journal.
#include <csignal>
#include <random>
#include <thread>

#include "plan/canonical.h"
#include "plan/json.h"
#include "tests/engine/store_bench.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("what is known of a group goes to its new name, at once and with nothing left behind") {
  Bench bench(GENERATE(from_range(store_rows())));
  const auto& store = bench.store;
  const LockToken token = lock(*store);
  Resource one = resource(api("/a/{id}"), "sha256:1", "id1");
  one.changed_at = "2026-01-01T00:00:00Z";
  StateChange change = owning({one, resource(Address::group("pets"), "sha256:2", "id2")});
  change.unmanaged = {api("/theirs")};
  REQUIRE(store->commit(token, change));
  StateChange kept = owning({});
  kept.gone = {api("/kept")};
  kept.kept = {{api("/kept"), "{}"}};
  kept.unmanaged = {api("/theirs")};
  REQUIRE(store->commit(token, kept));
  StateChange renamed{.group = "animals",
                      .owned = {},
                      .gone = {},
                      .unmanaged = {api("/theirs").in_group("animals")},
                      .closed_intents = {},
                      .renamed_from = "pets"};
  REQUIRE(store->commit(token, renamed));
  const StateSnapshot after = snapshot_of(*store);
  CHECK(after.groups.size() == 1);
  const Baseline& base = after.groups.at("animals");
  CHECK(base.resources.size() == 2);
  const Resource& moved = base.resources.at(one.address.in_group("animals"));
  CHECK(moved.remote_id == "id1");
  CHECK(moved.digest == "sha256:1");
  CHECK(moved.changed_at == one.changed_at);
  CHECK(base.body_of(moved.address) == one.body);
  CHECK(base.kept.contains(api("/kept").in_group("animals")));
  CHECK(base.unmanaged.contains(api("/theirs").in_group("animals")));
}

TEST_CASE("looking at a state that is not there makes nothing") {
  Bench bench(GENERATE(from_range(store_rows())));
  const StateSnapshot state = snapshot_of(*bench.store);
  CHECK_FALSE(state.exists());
  CHECK(state.groups.empty());
}

TEST_CASE("what is committed is read back") {
  Bench bench(GENERATE(from_range(store_rows())));
  const Address publication = Address::publication(api("/a"), "RELEASE");
  const LockToken token = lock(*bench.store);
  StateChange change = owning({resource(Address::group("pets"), "sha256:g", "G"), resource(api("/a"), "sha256:a", "A"),
                               resource(publication, "sha256:a", "A")});
  change.unmanaged = {api("/hand-made")};
  REQUIRE(bench.store->commit(token, change));
  REQUIRE(bench.store->unlock(token));

  const auto other = bench.open();
  const StateSnapshot state = snapshot_of(*other);
  CHECK(state.gateway == kGateway);
  CHECK(state.open_intents.empty());
  REQUIRE(state.groups.size() == 1);
  const Baseline& base = state.groups.at("pets");
  REQUIRE(base.resources.size() == 3);
  CHECK(base.resources.at(api("/a")).digest == "sha256:a");
  CHECK(base.resources.at(api("/a")).remote_id == "A");
  CHECK(base.body_of(api("/a")) == resource(api("/a"), "sha256:a", "A").body);
  CHECK(base.resources.at(publication).digest == "sha256:a");
  CHECK(base.body_of(publication).text("definition") == "sha256:a");
  CHECK(base.unmanaged == std::set<Address>{api("/hand-made")});
  CHECK(base.claimed.empty());
}

TEST_CASE("what is kept is remembered until it is owned anew or gone") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  StateChange change = owning({resource(api("/a"), "1", "id")});
  change.kept = {{api("/a"), R"({"description":"asked"})"}, {api("/gone"), "{}"}};
  REQUIRE(bench.store->commit(token, change));
  const Baseline base = snapshot_of(*bench.store).groups.at("pets");
  CHECK(base.kept.size() == 2);
  CHECK(base.asked_of(api("/a")).text("description") == "asked");
  CHECK(base.body_of(api("/a")).text("description") == "1");
  REQUIRE(bench.store->commit(token, owning({resource(api("/a"), "2", "id")})));
  CHECK(snapshot_of(*bench.store).groups.at("pets").kept.size() == 1);
  CHECK(snapshot_of(*bench.store).groups.at("pets").asked_of(api("/a")).text("description") == "2");
  StateChange gone = owning({});
  gone.gone = {api("/gone")};
  REQUIRE(bench.store->commit(token, gone));
  CHECK(snapshot_of(*bench.store).groups.at("pets").kept.empty());
}

TEST_CASE("what is protected is remembered until it is taken off or gone") {
  Bench bench(GENERATE(from_range(store_rows())));
  LockToken token = lock(*bench.store);
  REQUIRE(bench.store->commit(token, owning({resource(api("/a"), "1", "id"), resource(api("/b"), "1", "b")})));
  REQUIRE(bench.store->unlock(token));
  const auto store = bench.open();
  token = lock(*store);
  StateChange change = owning({});
  change.protect = {api("/a"), api("/b"), Address::group("pets")};
  REQUIRE(store->commit(token, change));
  REQUIRE(store->commit(token, owning({resource(api("/a"), "2", "id")})));
  CHECK(snapshot_of(*store).groups.at("pets").guarded ==
        std::set<Address>{api("/a"), api("/b"), Address::group("pets")});
  change = owning({});
  change.unprotect = {api("/a")};
  change.gone = {api("/b")};
  REQUIRE(store->commit(token, change));
  CHECK(snapshot_of(*store).groups.at("pets").guarded == std::set<Address>{Address::group("pets")});
}

TEST_CASE("the times of what is owned are remembered") {
  Bench bench(GENERATE(from_range(store_rows())));
  const auto commit = [&](const std::string& time) {
    const auto store = bench.open();
    const LockToken token = lock(*store);
    Resource owned = resource(api("/a"), "1", "id");
    owned.changed_at = time;
    REQUIRE(store->commit(token, owning({owned})));
    REQUIRE(store->unlock(token));
  };
  const auto time_now = [&] { return snapshot_of(*bench.open()).groups.at("pets").resources.at(api("/a")).changed_at; };
  commit("2026-07-31T02:13:55.123Z");
  CHECK(time_now() == "2026-07-31T02:13:55.123Z");
  commit("2026-07-31T02:14:55.123Z");
  CHECK(time_now() == "2026-07-31T02:14:55.123Z");
  commit("");
  CHECK(time_now().empty());
}

TEST_CASE("a renamed path variable is the same row") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  const Address before = api("/a/{id}");
  const Address after = api("/a/{petId}");
  for (const Address& address : {before, after}) {
    REQUIRE(bench.store->commit(token, owning({resource(address, "sha256:" + address.text(), "A"),
                                               resource(Address::publication(address, "RELEASE"), "sha256:p", "A")})));
  }
  const Baseline base = snapshot_of(*bench.store).groups.at("pets");
  REQUIRE(base.resources.size() == 2);
  CHECK(base.resources.at(after).address.text() == "api.pets[\"GET /a/{petId}\"]");
  CHECK(base.resources.at(after).digest == "sha256:" + after.text());
}

TEST_CASE("with an API go its publications, and only its own") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  std::vector<Resource> owned;
  for (const std::string path : {"/a", "/b", "/x/a", "/v{id}"}) {
    owned.push_back(resource(api(path), "sha256:1", "A"));
    for (const std::string environment : {"RELEASE", "test"})
      owned.push_back(resource(Address::publication(api(path), environment), "sha256:1", "A"));
  }
  const Address elsewhere = Address::api("other", "GET", "/a", "NORMAL");
  REQUIRE(bench.store->commit(token, owning(owned)));
  REQUIRE(bench.store->commit(token, {.group = "other",
                                      .owned = {resource(Address::publication(elsewhere, "RELEASE"), "sha256:1", "")},
                                      .gone = {},
                                      .unmanaged = {},
                                      .closed_intents = {}}));
  StateChange change = owning({});
  change.gone = {api("/a"), api("/v{name}")};
  REQUIRE(bench.store->commit(token, change));
  const StateSnapshot state = snapshot_of(*bench.store);
  std::set<std::string> left;
  for (const auto& [name, base] : state.groups) {
    for (const auto& [address, kept] : base.resources) left.insert(address.text());
  }
  CHECK(left == std::set<std::string>{R"(api.pets["GET /b"])", R"(api.pets["GET /x/a"])",
                                      R"(publication.other.RELEASE["GET /a"])", R"(publication.pets.RELEASE["GET /b"])",
                                      R"(publication.pets.RELEASE["GET /x/a"])", R"(publication.pets.test["GET /b"])",
                                      R"(publication.pets.test["GET /x/a"])"});
}

TEST_CASE("the serial counts commits, and the lineage stays") {
  Bench bench(GENERATE(from_range(store_rows())));
  LockToken token = lock(*bench.store);
  const StateSnapshot first = snapshot_of(*bench.store);
  CHECK(first.exists());
  CHECK(first.serial == 0);
  for (std::int64_t i = 1; i <= 3; ++i) {
    REQUIRE(bench.store->commit(token, owning({resource(api("/a"), std::to_string(i), "A")})));
    CHECK(snapshot_of(*bench.store).serial == i);
  }
  REQUIRE(bench.store->unlock(token));
  bench.store = bench.open();
  token = lock(*bench.store);
  CHECK(snapshot_of(*bench.store).lineage == first.lineage);
  CHECK(snapshot_of(*bench.store).serial == 3);
  Bench other(bench.row);
  const auto elsewhere = other.open();
  lock(*elsewhere);
  CHECK(snapshot_of(*elsewhere).lineage != first.lineage);
}

TEST_CASE("a state that holds nothing belongs to the gateway that it is locked for, and any other stays where it is") {
  Bench bench(GENERATE(from_range(store_rows())));
  const auto& store = bench.store;
  const GatewayIdentity mistyped{"apig", "https://gatewey.example", "p1", "i1"};
  const auto locked_for = [&](const GatewayIdentity& gateway, const auto& work) {
    const auto token = store->lock({"apply", "alice"}, gateway);
    REQUIRE(token);
    work(*token);
    REQUIRE(store->unlock(*token));
    return snapshot_of(*store);
  };
  const auto nothing = [](const LockToken&) {};
  const StateSnapshot first = locked_for(mistyped, nothing);
  CHECK(first.gateway == mistyped);
  CHECK(first.holds_nothing());
  const StateSnapshot second = locked_for(kGateway, nothing);
  CHECK(second.gateway == kGateway);
  CHECK(second.lineage == first.lineage);
  CHECK(second.hash_key.reveal() == first.hash_key.reveal());

  SECTION("what others made is no reason to stay") {
    locked_for(kGateway, [&](const LockToken& token) {
      StateChange seen = owning({});
      seen.unmanaged = {api("/theirs")};
      REQUIRE(store->commit(token, seen));
    });
    const StateSnapshot moved = locked_for(mistyped, nothing);
    CHECK(moved.gateway == mistyped);
    CHECK(moved.groups.empty());
  }
  SECTION("what is owned stays") {
    locked_for(kGateway, [&](const LockToken& token) {
      REQUIRE(store->commit(token, owning({resource(api("/a"), "1", "id1")})));
    });
    CHECK(locked_for(mistyped, nothing).gateway == kGateway);
  }
  SECTION("what was sent and is not judged yet stays") {
    locked_for(kGateway, [&](const LockToken& token) { REQUIRE(store->open_intent(token, intent_of(api("/a")))); });
    const StateSnapshot kept = locked_for(mistyped, nothing);
    CHECK(kept.gateway == kGateway);
    CHECK_FALSE(kept.holds_nothing());
  }
  SECTION("what is kept as it is on the gateway stays") {
    locked_for(kGateway, [&](const LockToken& token) {
      StateChange change = owning({});
      change.gone = {api("/a")};
      change.kept = {{api("/a"), "{}"}};
      REQUIRE(store->commit(token, change));
    });
    CHECK(locked_for(mistyped, nothing).gateway == kGateway);
  }
}

TEST_CASE("a lock held by a living process is refused, and its holder is named") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  const auto other = bench.open();
  const auto refused = other->lock({"apply", "bob"}, kGateway);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Locked);
  CHECK(refused.error().message.find("is locked by alice (process " + std::to_string(::getpid())) != std::string::npos);
  CHECK(refused.error().message.find("--lock-timeout") != std::string::npos);
  CHECK(other->read());
  REQUIRE(bench.store->unlock(token));
  CHECK(other->lock({"apply", "bob"}, kGateway));
}

TEST_CASE("a lock held by another living process is refused too") {
  Bench bench(GENERATE(from_range(store_rows())));
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = bench.open();
    const bool held = store->lock({"apply", "carol"}, kGateway).has_value();
    (void)!::write(ready[1], held ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char held = 0;
  REQUIRE(::read(ready[0], &held, 1) == 1);
  REQUIRE(held == 'y');
  const auto refused = bench.store->lock({"apply", "bob"}, kGateway);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("carol (process " + std::to_string(child)) != std::string::npos);
  ::kill(child, SIGKILL);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);  // dead, and nobody has asked for it yet
  CHECK(bench.store->lock({"apply", "bob"}, kGateway));
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("the lock of a process that died is free at once, and its journal is kept") {
  Bench bench(GENERATE(from_range(store_rows())));
  in_child([&] {
    const auto store = bench.open();
    const auto token = store->lock({"apply", "carol"}, kGateway);
    (void)store->open_intent(*token, intent_of(api("/a"))).has_value();
  });
  const auto token = bench.store->lock({"apply", "bob"}, kGateway);
  REQUIRE(token);
  CHECK(snapshot_of(*bench.store).open_intents.size() == 1);
}

TEST_CASE("a process id that was given to another process holds nothing") {
  Bench bench(GENERATE(from_range(store_rows())));
  lock(*bench.store);
  bench.run_sql("UPDATE locks SET pid_start = '1'");
  const auto other = bench.open();
  CHECK(other->lock({"apply", "bob"}, kGateway));
}

TEST_CASE("the lock of another host is not broken") {
  Bench bench(GENERATE(from_range(store_rows())));
  lock(*bench.store);
  bench.run_sql("UPDATE locks SET host = 'elsewhere', host_id = 'elsewhere', pid = 999999, pid_start = '1'");
  const auto other = bench.open();
  const auto refused = other->lock({"apply", "bob"}, kGateway);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("on elsewhere") != std::string::npos);
}

TEST_CASE("who lost the lock writes nothing more") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken lost = lock(*bench.store);
  const auto intent = bench.store->open_intent(lost, intent_of(api("/a")));
  REQUIRE(intent);
  bench.run_sql("UPDATE locks SET pid_start = '1'");
  const auto other = bench.open();
  const LockToken taken = lock(*other);
  const StateSnapshot before = snapshot_of(*other);

  std::vector<Result<void>> results;
  results.push_back(bench.store->commit(lost, owning({resource(api("/b"), "sha256:b", "B")})));
  results.push_back(bench.store->note_task(lost, *intent, "T"));
  results.push_back(bench.store->note_outcome(lost, *intent, "done"));
  results.push_back(bench.store->begin_run(lost, {"run1", "2026-01-31T00:00:00Z", "alice", "sha256:p"}));
  results.push_back(bench.store->unlock(lost));
  for (const auto& result : results) {
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Locked);
    CHECK(result.error().message.find("taken over by another run") != std::string::npos);
  }
  const auto opened = bench.store->open_intent(lost, intent_of(api("/c")));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::Locked);
  const StateSnapshot after = snapshot_of(*other);
  CHECK(after.serial == before.serial);
  CHECK(after.open_intents.size() == 1);
  CHECK(after.open_intents[0].task_id.empty());
  CHECK(other->unlock(taken));
}

TEST_CASE("the journal knows what was sent until it is closed") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  const auto first = bench.store->open_intent(token, intent_of(api("/a")));
  const auto second = bench.store->open_intent(token, intent_of(api("/b/{id}")));
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(bench.store->note_task(token, *second, "task-2"));
  REQUIRE(bench.store->note_outcome(token, *first, "done"));
  StateSnapshot state = snapshot_of(*bench.open());
  REQUIRE(state.open_intents.size() == 2);
  CHECK(state.open_intents[0].outcome == "done");
  CHECK(state.open_intents[1].task_id == "task-2");
  CHECK(state.open_intents[1].run_id == "run1");
  CHECK(state.open_intents[1].kind == StepKind::Import);
  REQUIRE(state.open_intents[1].resources.size() == 1);
  CHECK(state.open_intents[1].resources[0].address.text() == R"(api.pets["GET /b/{id}"])");
  CHECK(state.open_intents[1].resources[0].predicted == Effected::Created);
  CHECK(state.open_intents[1].resources[0].after_digest == "sha256:1");
  CHECK(state.groups.at("pets").claimed.size() == 2);
  CHECK(state.groups.at("pets").claimed.contains(api("/a")));
  CHECK(state.groups.at("pets").claimed.contains(api("/b/{x}")));
  StateChange change = owning({});
  change.closed_intents = {*first};
  REQUIRE(bench.store->commit(token, change));
  state = snapshot_of(*bench.store);
  REQUIRE(state.open_intents.size() == 1);
  CHECK(state.open_intents[0].id == *second);
}

TEST_CASE("the journal knows every kind of step and every effect") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  for (int kind = 0; kind <= static_cast<int>(StepKind::DeletePolicy); ++kind) {
    Intent intent = intent_of(api("/a"));
    intent.kind = static_cast<StepKind>(kind);
    for (int effect = 0; effect <= static_cast<int>(Effected::Skipped); ++effect) {
      intent.resources.push_back({Address::ratelimit("gold"), static_cast<Effected>(effect), "sha256:2"});
    }
    REQUIRE(bench.store->open_intent(token, intent));
  }
  const StateSnapshot state = snapshot_of(*bench.open());
  REQUIRE(state.open_intents.size() == static_cast<std::size_t>(StepKind::DeletePolicy) + 1);
  for (std::size_t i = 0; i < state.open_intents.size(); ++i) {
    CHECK(state.open_intents[i].kind == static_cast<StepKind>(i));
    REQUIRE(state.open_intents[i].resources.size() == static_cast<std::size_t>(Effected::Skipped) + 2);
    CHECK(state.open_intents[i].resources.back().predicted == Effected::Skipped);
  }
  CHECK(
      state.groups.at("").claimed.contains(Address::ratelimit("gold")));  // of the gateway, whatever it travelled with
}

TEST_CASE("a state of another format is refused, and says which") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  REQUIRE(bench.store->unlock(token));
  bench.run_sql("UPDATE meta SET value = '99' WHERE name = 'format'");
  const auto other = bench.open();
  const auto state = other->read();
  REQUIRE_FALSE(state);
  CHECK(state.error().kind == ErrorKind::Storage);
  CHECK(state.error().message.find("its format is 99, and this Sluice reads 1 and 2") != std::string::npos);
  CHECK_FALSE(other->lock({"apply", "bob"}, kGateway));
}

TEST_CASE("a row that cannot be read is an error and no empty state") {
  Bench bench(GENERATE(from_range(store_rows())));
  const LockToken token = lock(*bench.store);
  REQUIRE(bench.store->commit(token, owning({resource(api("/a"), "sha256:1", "A")})));
  bench.run_sql("UPDATE resources SET address = 'nonsense'");
  CHECK_FALSE(bench.open()->read());
}

TEST_CASE("a writer killed at any moment leaves the old state or the new one") {
  Bench bench(GENERATE(from_range(store_rows())));
  std::mt19937 random(20260131);
  std::int64_t serial = 0;
  std::int64_t grown = 0;
  for (int round = 0; round < 40; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = bench.open();
      const auto token = store->lock({"apply", "carol"}, kGateway);
      if (!token) ::_exit(1);
      const auto known = store->read();
      if (!known) ::_exit(2);
      for (std::int64_t next = known->serial + 1;; ++next) {
        const std::string digest = std::to_string(next);
        const auto intent = store->open_intent(*token, intent_of(api("/a")));
        StateChange change = owning({});
        for (int i = 0; i < 20; ++i) change.owned.push_back(resource(api("/" + std::to_string(i)), digest, "A"));
        change.closed_intents = {*intent};
        (void)store->commit(*token, change).has_value();
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(3000 + random() % 40'000));
    int status = 0;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    const StateSnapshot state = snapshot_of(*bench.store);
    REQUIRE(state.serial >= serial);
    REQUIRE(state.open_intents.size() <= static_cast<std::size_t>(round) + 1);
    if (state.serial > serial) ++grown;
    serial = state.serial;
    if (serial == 0) continue;
    const Baseline& base = state.groups.at("pets");
    REQUIRE(base.resources.size() == 20);
    for (const auto& [address, kept] : base.resources) REQUIRE(kept.digest == std::to_string(serial));
  }
  CHECK(grown > 0);
}
