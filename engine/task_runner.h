// Starts tasks on a gateway and waits for them, many side by side.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "engine/call_pool.h"
#include "engine/clock.h"
#include "providers/provider.h"

namespace sluice {

/// How long to wait before the next poll of a task that was started `waited` ago: a tenth of it, 50 ms to 5 s.
Milliseconds poll_delay(Milliseconds waited);

/// One thing to do on the gateway.
struct Job {
  int key = 0;  ///< handed back when it ends; one job a key at a time
  std::function<Result<Task>()> start;
  /// Runs on the deciding thread before the first poll; a failure ends the job as if its answer were lost.
  std::function<Result<void>(const Task&)> on_started = {};
  Milliseconds timeout{};
  bool repeatable = false;  ///< it changes nothing, so it may be started again after a passing fault
};

/// Three verbs: start one, how many are running, wait for any to end. For one thread, the deciding one.
class TaskRunner {
 public:
  struct Ended {
    int key;
    TaskStatus status;  ///< never TaskRunning
  };

  TaskRunner(Provider& provider, CallPool& pool, Clock& clock);
  ~TaskRunner();

  void start(Job job);
  std::size_t running() const { return jobs_.size(); }

  /// The next job that ends, or nothing when none is running or `stop` returns true. Jobs that are left behind go on
  /// at the gateway.
  std::optional<Ended> wait(const std::function<bool()>& stop = [] { return false; });

 private:
  struct Running;

  void send(const std::shared_ptr<Running>& running);
  void started(const std::shared_ptr<Running>& running, const Result<Task>& task);
  void poll(const std::shared_ptr<Running>& running);
  void polled(const std::shared_ptr<Running>& running, const Result<TaskStatus>& status);
  void end(Running& running, TaskStatus status);
  /// Starts a repeatable job again, a little later; false when it may not, or not any more.
  bool start_again(const std::shared_ptr<Running>& running, const Error& error);

  Provider& provider_;
  CallPool& pool_;
  Clock& clock_;
  std::map<int, std::shared_ptr<Running>> jobs_;
  std::optional<Ended> ended_;
  std::vector<Ended> ready_;
};

}  // namespace sluice
