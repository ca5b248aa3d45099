// Every store that must keep the StateStore contract.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/state_store.h"

namespace sluice::test {

/// A state that nobody has made yet, and ways to reach it. What it lies in is gone with it.
class StoreFixture {
 public:
  StoreFixture() = default;
  StoreFixture(const StoreFixture&) = delete;
  StoreFixture& operator=(const StoreFixture&) = delete;
  virtual ~StoreFixture() = default;
  /// Another way to the same state, as another run would have it.
  virtual std::unique_ptr<StateStore> open() = 0;
  /// Statements that somebody else runs on its tables.
  virtual void run_sql(const std::string& sql) = 0;
  /// Lets the leases of all locks end.
  void end_leases() { run_sql("UPDATE locks SET heartbeat_at = heartbeat_at - 31000"); }
};

struct StoreRow {
  std::string name;
  std::function<std::unique_ptr<StoreFixture>()> make;
  int slowness = 1;  ///< how many times longer than a file it takes
};

/// One row for each kind of store, and one for PostgreSQL behind a proxy.
std::vector<StoreRow> store_rows();

}  // namespace sluice::test
