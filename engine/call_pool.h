// Lends threads to blocking calls and hands their results back to the one thread that decides.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/clock.h"

namespace sluice {

/// `submit` and `run_one` belong to one thread, the deciding one. With no threads, calls run inside run_one, in order:
/// the same code, deterministic.
class CallPool {
 public:
  /// What is to be done with a call's result, on the deciding thread.
  using Continuation = std::function<void()>;
  /// A blocking call; runs on a lent thread.
  using Call = std::function<Continuation()>;

  CallPool(std::size_t threads, Clock& clock);
  CallPool(const CallPool&) = delete;
  CallPool& operator=(const CallPool&) = delete;
  /// Waits for the calls under way; queued ones are dropped.
  ~CallPool();

  void submit(Call call);
  /// Runs the continuation of one ended call, waiting at most `patience` for it; false when none ended in that time.
  bool run_one(Milliseconds patience);

 private:
  void work(const std::stop_token& stop);

  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any called_;
  std::condition_variable_any ended_;
  std::deque<Call> calls_;
  std::deque<Continuation> continuations_;
  std::vector<std::jthread> threads_;
};

}  // namespace sluice
