// What stays when a process dies: the gateway, the state's file, time, and what was seen of it all.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/reconciler.h"
#include "engine/state_store.h"
#include "tests/property/others.h"
#include "tests/property/random_state.h"
#include "tests/simulation/schedule.h"

namespace sluice::simulation {

/// A promise that was broken: the sentence says which.
struct Violation {
  std::string what;
};

/// The process is dead: nothing of its memory is left.
struct Killed {};

/// How often each way of going wrong and of recovering was met.
using Counters = std::map<std::string, int>;

class World {
 public:
  World(const Schedule& schedule, Counters& counters);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  test::InProcessGateway& gateway() { return gateway_; }
  property::Others& others() { return others_; }
  property::StateGenerator& generator() { return generator_; }
  std::string state_file() const { return (folder_ / "state.db").string(); }
  const Schedule& schedule() const { return schedule_; }
  Counters& counters() { return counters_; }

  /// Adds a line to the log of all that happened.
  void note(const std::string& line) { log_ += line + "\n"; }
  const std::string& log() const { return log_; }

  /// What goes wrong at this point; nothing when nothing does. Counted.
  std::optional<Kind> strike(int run, Where where, int nth);

  /// Another connection to the state.
  std::unique_ptr<StateStore> store();
  StateSnapshot state();
  /// The locks of processes that died are free, since somebody saw that they did, or since their lease ended.
  void bury();
  /// Another run takes the lock over, as it may when the lease has ended.
  void take_over();

  /// Counts an import that reaches the gateway; whether it is the one that the gateway makes go wrong.
  bool count_import();
  /// Whether the next import that reaches the gateway goes wrong.
  bool next_import_goes_wrong() const;

  /// A request that is on its way for some seconds.
  void send_late(const HttpRequest& request);
  /// Hands over what has been long enough on its way.
  void deliver_late();

  /// Somebody takes the first API of ours that serves RELEASE offline; false when there is none.
  bool meddle();

  /// Every address of ours that the gateway holds, with what tells one version of it from another. Takes no time.
  std::map<Address, std::string> made();

 private:
  void release();
  Value::Array listed(const std::string& path, const std::string& list);

  const Schedule& schedule_;
  Counters& counters_;
  property::StateGenerator generator_;
  test::InProcessGateway gateway_;
  property::Others others_;
  std::filesystem::path folder_;
  std::string log_;
  std::vector<std::pair<Milliseconds, HttpRequest>> late_;
  int imports_ = 1;
};

}  // namespace sluice::simulation
