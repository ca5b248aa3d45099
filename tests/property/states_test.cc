// Any two states: applying the plan from one to the other makes the other, and touches nothing else.
// SLUICE_SEED=N plays one seed; each is a way of several states. SLUICE_WAYS=N plays the first N.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/property/stage.h"

namespace sluice::property {
namespace {

constexpr unsigned kWays = 401;
constexpr int kStates = 6;  ///< of a way, after the empty one

std::vector<unsigned> seeds() {
  if (const char* one = std::getenv("SLUICE_SEED")) return {static_cast<unsigned>(std::strtoul(one, nullptr, 10))};
  const char* some = std::getenv("SLUICE_WAYS");
  const unsigned ways = some != nullptr ? static_cast<unsigned>(std::strtoul(some, nullptr, 10)) : kWays;
  std::vector<unsigned> all;
  for (unsigned seed = 1; seed <= ways; ++seed) all.push_back(seed * 7919);
  return all;
}

TEST_CASE(
    "from any state to any other: reached, seen by a clean observer, the same when shuffled, nothing else touched") {
  std::size_t pairs = 0;
  for (const unsigned seed : seeds()) {
    INFO("SLUICE_SEED=" << seed);
    StateGenerator generator(seed);
    Stage stage(generator);
    RandomState state = generator.first();
    for (int i = 0; i < kStates; ++i) {
      INFO("state " << i);
      const std::vector<GroupRequest> requests = requests_of(state);
      const std::string theirs = stage.what_others_have();
      const Plan plan = stage.plan(requests);
      if (i % 2 == 0) {
        const Plan shuffled = stage.plan(requests_of(state, seed + static_cast<unsigned>(i) + 1));
        REQUIRE(difference(without_places(plan), without_places(shuffled)) == "");
      }
      stage.reach(requests, plan);
      stage.seen_by_a_clean_observer(requests);
      REQUIRE(difference(theirs, stage.what_others_have()) == "");
      if (i > 0) ++pairs;
      stage.add_unmanaged(generator);
      state = generator.next(state);
    }
  }
  const bool whole = std::getenv("SLUICE_SEED") == nullptr && std::getenv("SLUICE_WAYS") == nullptr;
  CHECK(pairs >= (whole ? 2000U : 1U));
}

}  // namespace
}  // namespace sluice::property
