// Runs that are asked to end: how soon they are gone, whatever they are doing, and what they say.
#include <pty.h>

#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kHangingImport =
    R"([{method: POST, path: "**/openapi/async-import", action: delay, milliseconds: 60000}])";

/// Sends the signal and waits; how it ended, and how long that took.
struct Ended {
  Finished done;
  milliseconds took{};
};
Ended end_with(Process& process, int signal) {
  const auto began = steady_clock::now();
  process.send_signal(signal);
  Finished done = process.wait();
  return {std::move(done), std::chrono::duration_cast<milliseconds>(steady_clock::now() - began)};
}

/// A bench on an embedded gateway that hangs at the import: the deciding thread itself waits, and hears nothing.
struct DeafBench : Bench {
  DeafBench() {
    folder.write("faults.yaml", std::string(kHangingImport));
    folder.write("sluice.yaml", manifest({"pets"}, "gateway: {provider: embedded, faults: faults.yaml}\n"));
  }
};

std::string resumed_run(const std::string& text) {
  const std::string flag = "--resume ";
  const auto at = text.find(flag);
  REQUIRE(at != std::string::npos);
  return text.substr(at + flag.size(), text.find('`', at) - at - flag.size());
}

/// A terminal whose other end is this test.
class Terminal {
 public:
  Terminal() { REQUIRE(::openpty(&master_, &slave_, nullptr, nullptr, nullptr) == 0); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    ::close(master_);
    ::close(slave_);
  }
  /// The command of a shell that reads from it.
  std::string reading(const std::string& words) const { return "exec \"$0\" " + words + " < " + ::ttyname(slave_); }
  void type(const std::string& text) const {
    REQUIRE(::write(master_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

 private:
  int master_ = -1;
  int slave_ = -1;
};

struct AskedBench : Bench {
  std::unique_ptr<Process> asks(const Terminal& terminal) const {
    const std::vector<std::string> words = {"/bin/sh", "-c", terminal.reading("apply"), SLUICE_BINARY};
    auto process = std::make_unique<Process>(folder.path(), words);
    REQUIRE(process->wait_for("Do you want to"));
    return process;
  }
};

}  // namespace

TEST_CASE("a signal ends a run whose request is never answered, which says what is in flight and how to resume") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const TempFolder faults;
    faults.write("faults.yaml", std::string(kHangingImport));
    const Served served("0s", {"--faults", faults / "faults.yaml"});
    const ServedBench bench(served);
    const auto process = bench.start({"apply", "--auto-approve"});
    REQUIRE(process->wait_for("pets: import"));
    std::this_thread::sleep_for(milliseconds(100));
    const Ended ended = end_with(*process, signal);
    INFO(ended.done.out + ended.done.err);
    CHECK(ended.done.code == 128 + signal);
    CHECK(ended.took < milliseconds(2000));
    CHECK(contains(ended.done.err, "was in flight"));
    CHECK_FALSE(resumed_run(ended.done.err).empty());
    CHECK(contains(bench.run({"plan"}).err, "was interrupted"));
  }
}

TEST_CASE("a run that cannot hear a signal is gone within five seconds, and its events are complete") {
  const DeafBench bench;
  const DeafBench quiet;
  const auto process = bench.start({"apply", "--auto-approve"});
  const auto events = quiet.start({"apply", "--auto-approve", "--format", "json"});
  REQUIRE(process->wait_for("pets: import"));
  REQUIRE(events->wait_for(R"("resources":2,"api_mode")"));
  events->send_signal(SIGTERM);
  const Ended ended = end_with(*process, SIGINT);
  INFO(ended.done.out + ended.done.err);
  CHECK(ended.done.code == 130);
  CHECK(ended.took < milliseconds(5000));
  CHECK(contains(ended.done.err, "pets: import"));
  CHECK(contains(ended.done.err, "--resume " + resumed_run(ended.done.err)));
  const Finished told = events->wait();
  CHECK(told.code == 143);
  const auto lines = events_of(told);
  CHECK(at(lines.back(), "converged") == Value(false));
  CHECK(contains(write_json(lines[lines.size() - 2]), "in flight"));
  bench.folder.write("faults.yaml", "[]");
  bench.applied();
  bench.converged();
}

TEST_CASE("a second signal ends a run at once") {
  for (const int second : {SIGINT, SIGTERM}) {
    const DeafBench bench;
    const auto process = bench.start({"apply", "--auto-approve"});
    REQUIRE(process->wait_for("pets: import"));
    process->send_signal(SIGINT);
    std::this_thread::sleep_for(milliseconds(300));
    const Ended ended = end_with(*process, second);
    INFO(ended.done.out + ended.done.err);
    CHECK(ended.done.code == 128 + second);
    CHECK(ended.took < milliseconds(1000));
    CHECK(contains(ended.done.err, "in flight"));
    bench.folder.write("faults.yaml", "[]");
    bench.applied();
    bench.converged();
  }
}

TEST_CASE("a signal ends the wait for a lock, and nothing was sent") {
  const DeafBench bench;
  const auto holder = bench.start({"apply", "--auto-approve"});
  REQUIRE(holder->wait_for("pets: import"));
  const auto waiting = bench.start({"apply", "--auto-approve", "--lock-timeout", "5m"});
  std::this_thread::sleep_for(milliseconds(500));
  const Ended ended = end_with(*waiting, SIGTERM);
  INFO(ended.done.out + ended.done.err);
  CHECK(ended.done.code == 143);
  CHECK(ended.took < milliseconds(1500));
  CHECK(contains(ended.done.err, "nothing was sent"));
}

TEST_CASE("a signal at the prompt is an answer, and gives the lock back") {
  const Terminal terminal;
  const AskedBench bench;
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto process = bench.asks(terminal);
    const Ended ended = end_with(*process, signal);
    INFO(ended.done.out + ended.done.err);
    CHECK(ended.done.code == 128 + signal);
    CHECK(ended.took < milliseconds(1500));
    CHECK(contains(ended.done.err, "nothing was sent"));
  }
  const auto declined = bench.asks(terminal);
  terminal.type("no\n");
  CHECK(declined->wait().code == 1);
  const auto approved = bench.asks(terminal);
  terminal.type("yes\n");
  CHECK(approved->wait().code == 0);
  bench.converged();
}

TEST_CASE("a run past its deadline is ended, whatever it is doing") {
  const DeafBench bench;
  const auto began = steady_clock::now();
  const Finished done = bench.run({"apply", "--auto-approve", "--deadline", "1s"});
  INFO(done.out + done.err);
  CHECK(done.code == 5);
  CHECK(steady_clock::now() - began < milliseconds(7000));
  CHECK_FALSE(resumed_run(done.err).empty());
}
