#include "engine/task_runner.h"

#include <mutex>
#include <vector>

using namespace sluice;

namespace {

/// Time passes only while somebody sleeps.
class FakeClock final : public Clock {
 public:
  Instant now() const override { return Instant(time_); }
  Milliseconds steady() const override { return time_; }
  void sleep_for(Milliseconds time) override { time_ += time; }

 private:
  Milliseconds time_{1'000'000};
};

/// A task whose answers are given one by one; the last one stays.
struct Script : TaskDetail {
  std::vector<Result<TaskStatus>> answers;
  std::size_t next = 0;
};

class ScriptedProvider final : public Provider {
 public:
  explicit ScriptedProvider(Clock& clock) : clock_(clock) {}
  GatewayIdentity identity() const override { return {}; }
  Capabilities capabilities() const override { return {}; }
  Result<Task> start_export(const ExportRequest&) override { return fail(ErrorKind::Unsupported, ""); }
  Result<Task> start(const Step&, const RemoteIds&) override { return fail(ErrorKind::Unsupported, ""); }
  Task resume(const std::string& id, const std::string&) override { return {id, nullptr}; }
  Result<TaskStatus> poll(Task& task) override {
    polled_at.push_back(clock_.steady());
    auto& script = dynamic_cast<Script&>(*task.detail);
    const std::size_t at = std::min(script.next++, script.answers.size() - 1);
    return script.answers[at];
  }

  std::vector<Milliseconds> polled_at;

 private:
  Clock& clock_;
};

struct Bench {
  static Task task(std::vector<Result<TaskStatus>> answers) {
    auto script = std::make_shared<Script>();
    script->answers = std::move(answers);
    return {"t", std::move(script)};
  }
  static Result<TaskStatus> running() { return TaskStatus(TaskRunning{}); }
  static Result<TaskStatus> done() { return TaskStatus(StepDone{}); }
  static Result<TaskStatus> broken(ErrorKind kind) { return fail(kind, "no answer"); }
  static Result<TaskStatus> failed(ErrorKind kind, Effect effect = Effect::None) {
    return TaskStatus(TaskFailed{Error{kind, "it failed", effect, "E.1"}});
  }

  std::optional<TaskRunner::Ended> run(Job job) {
    job.timeout = job.timeout == Milliseconds(0) ? Milliseconds(60'000) : job.timeout;
    runner.start(std::move(job));
    return runner.wait();
  }
  static const Error& error_of(const std::optional<TaskRunner::Ended>& ended) {
    REQUIRE(ended);
    const auto* failed = std::get_if<TaskFailed>(&ended->status);
    REQUIRE(failed != nullptr);
    return failed->error;
  }
  static bool is_done(const std::optional<TaskRunner::Ended>& ended) {
    return ended && std::holds_alternative<StepDone>(ended->status);
  }

  FakeClock clock;
  ScriptedProvider provider{clock};
  CallPool pool{0, clock};
  TaskRunner runner{provider, pool, clock};
};

}  // namespace

TEST_CASE("the pause between polls is a tenth of the time waited, between 50 ms and 5 s") {
  const std::pair<int, int> rows[] = {{0, 50},        {50, 50},       {500, 50},      {510, 51},        {2000, 200},
                                      {49'990, 4999}, {50'000, 5000}, {50'010, 5000}, {3'600'000, 5000}};
  for (const auto& [waited, pause] : rows) {
    INFO(waited);
    CHECK(poll_delay(Milliseconds(waited)) == Milliseconds(pause));
  }
}

TEST_CASE("a task that is done at once is polled at once and once") {
  Bench bench;
  const Milliseconds start = bench.clock.steady();
  CHECK(Bench::is_done(bench.run({.key = 7, .start = [] { return Bench::task({Bench::done()}); }})));
  CHECK(bench.provider.polled_at == std::vector<Milliseconds>{start});
  CHECK(bench.runner.running() == 0);
  CHECK_FALSE(bench.runner.wait());
}

TEST_CASE("a running task is polled in the rhythm") {
  Bench bench;
  const Milliseconds start = bench.clock.steady();
  const std::vector<Result<TaskStatus>> answers(30, Bench::running());
  auto script = answers;
  script.push_back(Bench::done());
  CHECK(Bench::is_done(bench.run({.start = [&] { return Bench::task(script); }})));
  const auto& at = bench.provider.polled_at;
  REQUIRE(at.size() == 31);
  CHECK(at[0] == start);
  for (std::size_t i = 1; i < at.size(); ++i) CHECK(at[i] - at[i - 1] == poll_delay(at[i - 1] - start));
}

TEST_CASE("a task that never ends is given up at its timeout") {
  const bool repeatable = GENERATE(false, true);
  Bench bench;
  const Milliseconds start = bench.clock.steady();
  const auto ended = bench.run({.start = [] { return Bench::task({Bench::running()}); },
                                .timeout = Milliseconds(10'000),
                                .repeatable = repeatable});
  const Error& error = Bench::error_of(ended);
  CHECK(error.kind == ErrorKind::Timeout);
  CHECK(error.effect == (repeatable ? Effect::None : Effect::Unknown));
  CHECK(error.message.find("still running after 10 s") != std::string::npos);
  CHECK(bench.clock.steady() - start == Milliseconds(10'000));
}

TEST_CASE("a poll that fails in passing is asked again, whatever the job is") {
  for (const ErrorKind kind : {ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Throttled, ErrorKind::Protocol}) {
    Bench bench;
    CHECK(Bench::is_done(bench.run({.start = [&] {
      return Bench::task({Bench::broken(kind), Bench::broken(kind), Bench::done()});
    }})));
    CHECK(bench.provider.polled_at.size() == 3);
  }
}

TEST_CASE("a poll that is denied, or fails for ever, ends a change as unknown and a question as harmless") {
  const ErrorKind kind = GENERATE(ErrorKind::Denied, ErrorKind::Unavailable);
  const bool repeatable = GENERATE(false, true);
  Bench bench;
  const auto ended = bench.run({.start = [&] { return Bench::task({Bench::broken(kind)}); }, .repeatable = repeatable});
  CHECK(Bench::error_of(ended).kind == kind);
  CHECK(Bench::error_of(ended).effect == (repeatable ? Effect::None : Effect::Unknown));
  CHECK(bench.provider.polled_at.size() == (kind == ErrorKind::Denied ? 1 : 21));
}

TEST_CASE("poll faults are counted in a row") {
  Bench bench;
  std::vector<Result<TaskStatus>> answers;
  for (int i = 0; i < 3; ++i) {
    for (int fault = 0; fault < 20; ++fault) answers.push_back(Bench::broken(ErrorKind::Unavailable));
    answers.push_back(Bench::running());
  }
  answers.push_back(Bench::done());
  CHECK(
      Bench::is_done(bench.run({.start = [&] { return Bench::task(answers); }, .timeout = Milliseconds(100'000'000)})));
}

TEST_CASE("only a job that changes nothing is started again after a passing fault") {
  const bool repeatable = GENERATE(false, true);
  Bench bench;
  int starts = 0;
  const auto ended = bench.run({.start = [&]() -> Result<Task> {
                                  if (++starts < 3) return fail(ErrorKind::Unavailable, "refused");
                                  return Bench::task({Bench::done()});
                                },
                                .repeatable = repeatable});
  CHECK(starts == (repeatable ? 3 : 1));
  CHECK(Bench::is_done(ended) == repeatable);
  if (!repeatable) CHECK(Bench::error_of(ended).effect == Effect::None);
}

TEST_CASE("an error that will not pass is not tried again") {
  for (const ErrorKind kind : {ErrorKind::Invalid, ErrorKind::NotFound, ErrorKind::Denied, ErrorKind::Conflict}) {
    Bench bench;
    int starts = 0;
    const auto ended = bench.run({.start = [&]() -> Result<Task> {
                                    ++starts;
                                    return fail(kind, "no");
                                  },
                                  .repeatable = true});
    CHECK(Bench::error_of(ended).kind == kind);
    CHECK(starts == 1);
  }
}

TEST_CASE("a question is given up after four starts, with growing pauses") {
  Bench bench;
  std::vector<Milliseconds> starts;
  const auto ended = bench.run({.start = [&]() -> Result<Task> {
                                  starts.push_back(bench.clock.steady());
                                  return fail(ErrorKind::Unavailable, "refused");
                                },
                                .repeatable = true});
  CHECK(Bench::error_of(ended).kind == ErrorKind::Unavailable);
  REQUIRE(starts.size() == 4);
  CHECK(starts[1] - starts[0] == Milliseconds(400));
  CHECK(starts[2] - starts[1] == Milliseconds(800));
  CHECK(starts[3] - starts[2] == Milliseconds(1600));
}

TEST_CASE("a task that fails in passing, or whose record vanished, is started again when that is harmless") {
  const ErrorKind kind = GENERATE(ErrorKind::Unavailable, ErrorKind::NotFound);
  const bool repeatable = GENERATE(false, true);
  Bench bench;
  int starts = 0;
  const auto ended =
      bench.run({.start = [&]() -> Result<Task> {
                   return Bench::task({++starts == 1 ? Bench::failed(kind, Effect::Unknown) : Bench::done()});
                 },
                 .repeatable = repeatable});
  CHECK(starts == (repeatable ? 2 : 1));
  CHECK(Bench::is_done(ended) == repeatable);
  if (!repeatable) CHECK(Bench::error_of(ended).effect == Effect::Unknown);
}

TEST_CASE("a task that failed for good keeps its words, code and effect") {
  const Effect effect = GENERATE(Effect::None, Effect::Unknown);
  Bench bench;
  const auto ended = bench.run({.start = [&] { return Bench::task({Bench::failed(ErrorKind::Invalid, effect)}); }});
  const Error& error = Bench::error_of(ended);
  CHECK(error.message == "it failed");
  CHECK(error.code == "E.1");
  CHECK(error.effect == effect);
}

TEST_CASE("a start that could not be noted leaves the outcome unknown and is not polled") {
  Bench bench;
  const auto ended = bench.run(
      {.start = [] { return Bench::task({Bench::done()}); },
       .on_started = [](const Task&) -> Result<void> { return fail(ErrorKind::Storage, "the disk is full"); }});
  const Error& error = Bench::error_of(ended);
  CHECK(error.kind == ErrorKind::Storage);
  CHECK(error.effect == Effect::Unknown);
  CHECK(bench.provider.polled_at.empty());
}

TEST_CASE("the note is taken before the first poll") {
  Bench bench;
  std::string noted;
  CHECK(Bench::is_done(bench.run({.start = [] { return Bench::task({Bench::done()}); },
                                  .on_started = [&](const Task& task) -> Result<void> {
                                    CHECK(bench.provider.polled_at.empty());
                                    noted = task.id;
                                    return {};
                                  }})));
  CHECK(noted == "t");
}

TEST_CASE("a stop ends the waiting and leaves the task to the gateway") {
  Bench bench;
  bench.runner.start({.start = [] { return Bench::task({Bench::running()}); }, .timeout = Milliseconds(60'000)});
  int asked = 0;
  CHECK_FALSE(bench.runner.wait([&] { return ++asked > 5; }));
  CHECK(bench.runner.running() == 1);
}

TEST_CASE("what has ended is handed over even when a stop is asked for") {
  Bench bench;
  for (const int key : {1, 2})
    bench.runner.start(
        {.key = key, .start = [] { return Bench::task({Bench::done()}); }, .timeout = Milliseconds(1000)});
  bool stop = false;
  std::set<int> keys;
  while (const auto ended = bench.runner.wait([&] { return stop; })) {
    keys.insert(ended->key);
    stop = bench.runner.running() == 0;
  }
  CHECK(keys == std::set<int>{1, 2});
}

TEST_CASE("jobs wait side by side") {
  Bench bench;
  const Milliseconds start = bench.clock.steady();
  for (int key = 0; key < 20; ++key) {
    const std::vector<Result<TaskStatus>> ten(10, Bench::running());
    bench.runner.start({.key = key,
                        .start =
                            [ten] {
                              auto answers = ten;
                              answers.push_back(Bench::done());
                              return Bench::task(answers);
                            },
                        .timeout = Milliseconds(60'000)});
  }
  std::set<int> keys;
  while (const auto ended = bench.runner.wait()) keys.insert(ended->key);
  CHECK(keys.size() == 20);
  CHECK(bench.clock.steady() - start < Milliseconds(1000));
}
