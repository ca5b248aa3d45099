#include "engine/call_pool.h"

namespace sluice {

CallPool::CallPool(std::size_t threads, Clock& clock) : clock_(clock) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

CallPool::~CallPool() {
  for (auto& thread : threads_) thread.request_stop();
  called_.notify_all();
}

void CallPool::submit(Call call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
  called_.notify_one();
}

bool CallPool::run_one(Milliseconds patience) {
  Continuation next;
  if (threads_.empty()) {
    if (calls_.empty()) {
      clock_.sleep_for(patience);
      return false;
    }
    const Call call = std::move(calls_.front());
    calls_.pop_front();
    next = call();
  } else {
    std::unique_lock lock(mutex_);
    if (!ended_.wait_for(lock, patience, [this] { return !continuations_.empty(); })) return false;
    next = std::move(continuations_.front());
    continuations_.pop_front();
  }
  next();
  return true;
}

void CallPool::work(const std::stop_token& stop) {
  while (true) {
    Call call;
    {
      std::unique_lock lock(mutex_);
      if (!called_.wait(lock, stop, [this] { return !calls_.empty(); })) return;
      if (stop.stop_requested()) return;
      call = std::move(calls_.front());
      calls_.pop_front();
    }
    Continuation continuation = call();
    const std::lock_guard lock(mutex_);
    continuations_.push_back(std::move(continuation));
    ended_.notify_one();
  }
}

}  // namespace sluice
