// What tests of stores have in common: a state, and what is put into it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "engine/state_store.h"
#include "tests/engine/store_rows.h"

namespace sluice::test {

inline const GatewayIdentity kGateway{"apig", "https://gateway.example", "p1", "i1"};

inline Address api(const std::string& path) { return Address::api("pets", "GET", path, "NORMAL"); }

inline Resource resource(const Address& address, const std::string& digest, const std::string& id) {
  return {address, Value::object({{"method", "GET", 0}, {"description", digest, 0}}), digest, id};
}

inline StateSnapshot snapshot_of(StateStore& store) {
  auto state = store.read();
  if (!state) INFO(state.error().message);
  REQUIRE(state);
  return std::move(*state);
}

inline LockToken lock(StateStore& store) {
  auto token = store.lock({"apply", "alice"}, kGateway);
  REQUIRE(token);
  return *token;
}

inline StateChange owning(std::vector<Resource> owned) {
  return {.group = "pets", .owned = std::move(owned), .gone = {}, .unmanaged = {}, .closed_intents = {}};
}

inline Intent intent_of(const Address& address) {
  return {.id = 0,
          .run_id = "run1",
          .group = "pets",
          .kind = StepKind::Import,
          .task_id = {},
          .outcome = {},
          .resources = {{address, Effected::Created, "sha256:1"}}};
}

struct Bench {
  explicit Bench(StoreRow kind) : row(std::move(kind)) { UNSCOPED_INFO(row.name); }
  StoreRow row;
  std::unique_ptr<StoreFixture> fixture = row.make();
  std::unique_ptr<StateStore> store = fixture->open();
  std::unique_ptr<StateStore> open() const { return fixture->open(); }
  void run_sql(const std::string& sql) const { fixture->run_sql(sql); }
};

/// Runs in a child process, which ends without any clean-up.
template <typename Work>
void in_child(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

}  // namespace sluice::test
