// What one process did so far, and what it may do: shared by its network and its disk.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/state_store.h"
#include "providers/http/transport.h"
#include "tests/simulation/world.h"

namespace sluice::simulation {

class Watch {
 public:
  Watch(World& world, int run) : world(world), run(run) {}

  World& world;
  const int run;
  int requests = 0;
  int changes = 0;
  int writes = 0;
  int commits = 0;
  int exports = 0;
  int carried_out = 0;  ///< changes that reached the gateway
  int sure_faults = 0;  ///< changes that surely were not carried out, so that they may be sent again
  bool signalled = false;
  bool taken_over = false;  ///< the lock is somebody else's
  bool meddled = false;
  bool gateway_failed = false;
  std::set<std::string> stuck;     ///< tasks
  std::set<std::string> vanished;  ///< tasks
  std::set<Address> named;

  /// What goes wrong at the next point of this kind. Throws Killed when the process dies before it.
  std::optional<Kind> next(Where where, int& count);

  void opened(std::int64_t id, const Intent& intent);
  void ended(std::int64_t id) { sending_.erase(id); }
  /// An intent was written for this request and not ended yet, and it was not sent before with its answer lost.
  void expect_allowed(const HttpRequest& request);
  void lost(const HttpRequest& request) { lost_.insert(key_of(request)); }
  void looked() { lost_.clear(); }
  /// Not more was sent than the steps say and faults explain.
  void expect_few() const;

 private:
  static std::string key_of(const HttpRequest& request) { return request.method + request.target + request.body; }

  std::map<std::int64_t, Intent> sending_;
  std::set<std::string> lost_;
  std::size_t allowed_ = 0;  ///< requests that the opened intents amount to
};

/// Whether it could change something on the gateway.
bool is_change(const HttpRequest& request);

/// The network to the gateway.
class FaultyTransport final : public Transport {
 public:
  explicit FaultyTransport(Watch& watch) : watch_(watch) {}
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Result<HttpResponse> deliver(const HttpRequest& request);
  Result<HttpResponse> strike(Kind kind, const HttpRequest& request, bool change);

  Watch& watch_;
};

/// A real store on a disk.
std::unique_ptr<StateStore> faulty_store(Watch& watch);

}  // namespace sluice::simulation
