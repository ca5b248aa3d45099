#include "engine/task_runner.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

constexpr int kStarts = 4;
constexpr int kPollFaults = 20;

bool is_passing(ErrorKind kind) {
  return kind == ErrorKind::Unavailable || kind == ErrorKind::Timeout || kind == ErrorKind::Throttled ||
         kind == ErrorKind::Protocol;
}

}  // namespace

Milliseconds poll_delay(Milliseconds waited) { return std::clamp(waited / 10, Milliseconds(50), Milliseconds(5000)); }

struct TaskRunner::Running {
  Job job;
  Task task;
  Milliseconds began{};
  Milliseconds due{};
  bool waiting = false;  ///< for `due`, then to be polled (or sent, when there is no task yet)
  bool has_task = false;
  int starts = 0;
  int faults = 0;
};

TaskRunner::TaskRunner(Provider& provider, CallPool& pool, Clock& clock)
    : provider_(provider), pool_(pool), clock_(clock) {}

TaskRunner::~TaskRunner() = default;

void TaskRunner::start(Job job) {
  check(!jobs_.contains(job.key), "a job under a key that is running");
  auto running = std::make_shared<Running>();
  running->job = std::move(job);
  running->began = clock_.steady();
  jobs_.emplace(running->job.key, running);
  send(running);
}

void TaskRunner::send(const std::shared_ptr<Running>& running) {
  ++running->starts;
  running->waiting = false;
  pool_.submit([this, running]() -> CallPool::Continuation {
    auto task = std::make_shared<Result<Task>>(running->job.start());
    return [this, running, task] { started(running, *task); };
  });
}

void TaskRunner::started(const std::shared_ptr<Running>& running, const Result<Task>& task) {
  if (!task) {
    if (!start_again(running, task.error())) end(*running, TaskFailed{task.error()});
    return;
  }
  running->task = *task;
  running->has_task = true;
  if (running->job.on_started) {
    if (const auto noted = running->job.on_started(*task); !noted) {
      Error error = noted.error();
      error.effect = Effect::Unknown;
      return end(*running, TaskFailed{std::move(error)});
    }
  }
  poll(running);
}

void TaskRunner::poll(const std::shared_ptr<Running>& running) {
  running->waiting = false;
  // The call may outlive this runner; what follows it does not run then.
  pool_.submit([this, running, &provider = provider_]() -> CallPool::Continuation {
    auto status = std::make_shared<Result<TaskStatus>>(provider.poll(running->task));
    return [this, running, status] { polled(running, *status); };
  });
}

void TaskRunner::polled(const std::shared_ptr<Running>& running, const Result<TaskStatus>& status) {
  if (!status) {
    const bool hopeless = !is_passing(status.error().kind) || ++running->faults > kPollFaults;
    if (hopeless) {
      Error error = status.error();
      error.effect = running->job.repeatable ? Effect::None : Effect::Unknown;
      return end(*running, TaskFailed{std::move(error)});
    }
  } else if (const auto* failed = std::get_if<TaskFailed>(&*status)) {
    if (start_again(running, failed->error)) return;
    return end(*running, *status);
  } else if (!std::holds_alternative<TaskRunning>(*status)) {
    return end(*running, *status);
  } else {
    running->faults = 0;
  }
  const Milliseconds waited = clock_.steady() - running->began;
  if (waited >= running->job.timeout) {
    return end(*running, TaskFailed{{ErrorKind::Timeout,
                                     fmt::format("The task {} is still running after {} s: run the command again to "
                                                 "look at it, or say a longer --timeout.",
                                                 running->task.id, waited.count() / 1000),
                                     running->job.repeatable ? Effect::None : Effect::Unknown,
                                     {}}});
  }
  running->due = clock_.steady() + std::min(poll_delay(waited), running->job.timeout - waited);
  running->waiting = true;
}

bool TaskRunner::start_again(const std::shared_ptr<Running>& running, const Error& error) {
  // Only a task's record can vanish; a resource that is not there stays so.
  const bool vanished = error.kind == ErrorKind::NotFound && running->has_task;
  const bool again = running->job.repeatable && running->starts < kStarts && (is_passing(error.kind) || vanished) &&
                     clock_.steady() - running->began < running->job.timeout;
  if (!again) return false;
  running->has_task = false;
  running->due = clock_.steady() + Milliseconds(200) * (1 << running->starts);
  running->waiting = true;
  return true;
}

void TaskRunner::end(Running& running, TaskStatus status) {
  ready_.push_back({running.job.key, std::move(status)});
  jobs_.erase(running.job.key);
}

std::optional<TaskRunner::Ended> TaskRunner::wait(const std::function<bool()>& stop) {
  while (true) {
    if (!ready_.empty()) {
      Ended first = std::move(ready_.front());
      ready_.erase(ready_.begin());
      return first;
    }
    if (jobs_.empty() || stop()) return std::nullopt;
    const Milliseconds now = clock_.steady();
    Milliseconds patience(100);  // often enough to see a signal
    for (const auto& [key, running] : jobs_) {
      if (!running->waiting) continue;
      if (running->due > now) {
        patience = std::min(patience, running->due - now);
      } else if (running->has_task) {
        poll(running);
      } else {
        send(running);
      }
    }
    pool_.run_one(patience);
  }
}

}  // namespace sluice
