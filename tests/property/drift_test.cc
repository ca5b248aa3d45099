// Edits by hand between two states, and deletions under every --prune.
#include <catch2/catch.hpp>

#include "plan/canonical.h"
#include "plan/safety.h"
#include "tests/plan/support.h"
#include "tests/property/stage.h"

namespace sluice::property {
namespace {

constexpr unsigned kSeeds = 90;

/// Somebody does something to one of our APIs: edits it, publishes it or not, takes it offline, or deletes it.
void by_hand(Stage& stage, const std::string& group, const Value& api, test::Dice& dice) {
  test::InProcessGateway& gateway = stage.gateway();
  gateway.clock().sleep_for(std::chrono::minutes(5));
  const std::string id = gateway.api_id(group, api.text("operationId"));
  REQUIRE_FALSE(id.empty());
  std::vector<std::string> served;
  const LiveState live = stage.exported(group);
  const Address address = test::api(api, group).address;
  for (const std::string_view name : kEnvironments) {
    if (live.resources.contains(Address::publication(address, name))) served.push_back(gateway.environment_id(name));
  }
  const auto act = [&](const char* action, const std::string& environment) {
    gateway.call(
        "POST", "/apis/action",
        std::string(R"({"action":")") + action + R"(","env_id":")" + environment + R"(","api_id":")" + id + "\"}");
  };
  const std::size_t what = dice.below(4);
  if (what <= 1) {
    Value detail = gateway.call("GET", "/apis/" + id);
    detail.set("remark", "by hand " + dice.text(1, 9));
    if (dice.chance(2)) detail.set("cors", detail.find("cors") == nullptr || *detail.find("cors") != Value(true));
    gateway.call("PUT", "/apis/" + id, write_json(detail));
    if (what == 1 && !served.empty()) act("online", served.front());
  } else {
    for (const std::string& environment : served) act("offline", environment);
    if (what == 3) gateway.call("DELETE", "/apis/" + id);
  }
}

TEST_CASE("whatever somebody changes by hand goes back with revert, and stays with keep") {
  std::size_t drifted = 0;
  std::size_t kept = 0;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    INFO("seed " << seed);
    StateGenerator generator(seed * 104'729);
    const RandomState state = generator.first();
    if (state.groups.at("alpha").apis.empty()) continue;
    Stage stage(generator);
    const auto requests = requests_of(state);
    stage.reach(requests, stage.plan(requests));
    stage.add_unmanaged(generator);
    const std::string theirs = stage.what_others_have();
    for (std::size_t left = 1 + generator.dice().below(3); left > 0; --left) {
      const auto& apis = state.groups.at("alpha").apis;
      const Value& api = apis[left % apis.size()];
      if (left > 1 && apis.size() < 3) continue;
      by_hand(stage, "alpha", api, generator.dice());
    }
    const RandomState next = generator.dice().chance(2) ? state : generator.next(state);
    if (seed % 2 == 0) {
      const auto wanted = requests_of(next);
      const Plan plan = stage.plan(with(wanted, [](DiffOptions& options) { options.forget_kept = true; }));
      drifted += plan.drift.size();
      stage.reach(wanted, plan);
      stage.seen_by_a_clean_observer(wanted);
    } else {
      const auto keep = with(requests_of(next), [](DiffOptions& options) { options.on_drift = OnDrift::Keep; });
      const Plan plan = stage.plan(keep);
      const bool refused = !refusals(plan, {.max_deletes = 1000, .keeps_drift = true}).empty();
      if (refused) continue;
      kept += plan.kept();
      const std::string before = write_json(plan_to_json(stage.plan(keep)));
      stage.reach(keep, plan);
      // Also without the flag: what was kept is no drift any more.
      const Plan quiet = stage.plan(requests_of(next));
      if (!quiet.empty() || !quiet.drift.empty()) FAIL(before << render_text(quiet, {}));
    }
    REQUIRE(difference(theirs, stage.what_others_have()) == "");
  }
  CHECK(drifted > 30);
  CHECK(kept > 10);
}

TEST_CASE("what the files drop stays under none, goes under managed, and takes what others made along under all") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    INFO("seed " << seed);
    StateGenerator generator(seed * 1299709);
    const RandomState state = generator.first();
    Stage stage(generator);
    const auto requests = requests_of(state);
    stage.reach(requests, stage.plan(requests));
    stage.add_unmanaged(generator);
    RandomState fewer = state;
    std::set<std::string> dropped;
    for (auto& [name, group] : fewer.groups) {
      while (!group.apis.empty() && generator.dice().chance(2)) {
        const Address address = test::api(group.apis.back(), name).address;
        dropped.insert(address.text());
        for (const std::string& environment : group.environments) {
          dropped.insert(Address::publication(address, environment).text());
        }
        group.apis.pop_back();
      }
    }
    // Policies and responses that only the dropped ones used stay defined, so that only APIs go.
    const auto wanted = requests_of(fewer);
    const auto prune = static_cast<Prune>(seed % 3);
    const auto pruned = with(wanted, [&](DiffOptions& options) { options.prune = prune; });
    const LiveState before = stage.exported("foreign");
    const std::string theirs = stage.what_others_have();
    stage.reach(pruned, stage.plan(pruned));
    if (prune == Prune::All) {
      const LiveState alpha = stage.exported("alpha");
      for (const std::string& text : stage.unmanaged()) {
        REQUIRE_FALSE(alpha.resources.contains(*Address::parse(text)));
      }
    } else {
      REQUIRE(difference(theirs, stage.what_others_have()) == "");
    }
    for (const std::string& text : dropped) {
      const Address address = *Address::parse(text);
      REQUIRE(stage.exported(address.group()).resources.contains(address) == (prune == Prune::None));
    }
    stage.seen_by_a_clean_observer(wanted, prune == Prune::None ? dropped : std::set<std::string>());
    const LiveState after = stage.exported("foreign");
    REQUIRE(before.resources.size() == after.resources.size());
    for (const auto& [address, resource] : before.resources) {
      REQUIRE(after.resources.at(address).digest == resource.digest);
    }
  }
}

}  // namespace
}  // namespace sluice::property
