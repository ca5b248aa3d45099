#include "engine/call_pool.h"

#include <atomic>
#include <memory>
#include <set>

using namespace sluice;

namespace {

Milliseconds elapsed(const SystemClock& clock, Milliseconds since) { return clock.steady() - since; }

}  // namespace

TEST_CASE("every call runs once and every continuation on the deciding thread") {
  const auto threads = GENERATE(std::size_t(0), std::size_t(1), std::size_t(4));
  SystemClock clock;
  CallPool pool(threads, clock);
  const auto decider = std::this_thread::get_id();
  std::atomic<int> called{0};
  std::multiset<int> continued;
  bool only_here = true;
  for (int i = 0; i < 200; ++i) {
    pool.submit([&, i]() -> CallPool::Continuation {
      ++called;
      if (threads > 0 && std::this_thread::get_id() == decider) only_here = false;
      return [&, i] {
        only_here = only_here && std::this_thread::get_id() == decider;
        continued.insert(i);
      };
    });
  }
  while (pool.run_one(Milliseconds(1000))) {
    if (continued.size() == 200) break;
  }
  CHECK(called == 200);
  CHECK(continued.size() == 200);
  CHECK(std::set<int>(continued.begin(), continued.end()).size() == 200);
  CHECK(only_here);
}

TEST_CASE("without threads calls run in order, when they are waited for") {
  SystemClock clock;
  CallPool pool(0, clock);
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    pool.submit([&order, name]() -> CallPool::Continuation {
      order += name;
      return [&order, name] { order += static_cast<char>(name - 'a' + 'A'); };
    });
  }
  CHECK(order.empty());
  while (pool.run_one(Milliseconds(0))) {
  }
  CHECK(order == "aAbBcC");
}

TEST_CASE("waiting for nothing ends with the patience") {
  const auto threads = GENERATE(std::size_t(0), std::size_t(2));
  SystemClock clock;
  CallPool pool(threads, clock);
  const Milliseconds start = clock.steady();
  CHECK_FALSE(pool.run_one(Milliseconds(30)));
  CHECK(elapsed(clock, start) >= Milliseconds(29));
  CHECK(elapsed(clock, start) < Milliseconds(5000));
}

TEST_CASE("a continuation may submit the next call") {
  const auto threads = GENERATE(std::size_t(0), std::size_t(2));
  SystemClock clock;
  CallPool pool(threads, clock);
  int left = 20;
  const std::function<CallPool::Continuation()> call = [&]() -> CallPool::Continuation {
    return [&] {
      if (--left > 0) pool.submit(call);
    };
  };
  pool.submit(call);
  while (left > 0) REQUIRE(pool.run_one(Milliseconds(1000)));
}

TEST_CASE("the end of a pool waits for calls under way and drops those in the queue") {
  SystemClock clock;
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  {
    CallPool pool(2, clock);
    for (int i = 0; i < 50; ++i) {
      pool.submit([&]() -> CallPool::Continuation {
        ++begun;
        std::this_thread::sleep_for(Milliseconds(20));
        ++ended;
        return [] {};
      });
    }
    while (begun == 0) std::this_thread::yield();
  }
  CHECK(begun == ended);
  CHECK(ended <= 4);
}
