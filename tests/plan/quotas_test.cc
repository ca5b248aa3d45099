#include "plan/quotas.h"

#include <catch2/catch.hpp>

#include "plan/safety.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

/// A plan that creates and deletes so many APIs of a group.
Plan plan_of(std::size_t creates, std::size_t deletes, const std::string& group = "pets") {
  Plan plan;
  for (std::size_t i = 0; i < creates + deletes; ++i) {
    plan.changes.push_back({.address = Address::api(group, "GET", "/p" + std::to_string(i), "NORMAL"),
                            .action = i < creates ? Action::Create : Action::Delete});
  }
  return plan;
}

std::string short_of(const Plan& plan, const Quotas& quotas, const std::map<std::string, GroupSize>& sizes = {}) {
  std::string text;
  for (const std::string& one : shortages(plan, quotas, sizes)) text += one + "\n";
  return text;
}

TEST_CASE("what a plan creates fits beside what the gateway holds, or is refused with what to do") {
  const Quotas quotas = {{"API_NUM_LIMIT", {250, 245}}};
  CHECK(short_of(plan_of(5, 0), quotas).empty());
  CHECK(short_of(plan_of(17, 0), quotas) ==
        "This plan needs 12 more APIs than the gateway allows (it holds 245 of 250): create fewer, delete what nobody "
        "needs, or have the quota raised.\n");
  CHECK(
      short_of(plan_of(6, 1), quotas) ==
      "This plan needs 1 more API than the gateway allows (it holds 245 of 250): it deletes 1 API too, but last: apply "
      "the deletions first, without what is new, then the rest.\n");
  CHECK(short_of(plan_of(9, 1), quotas).find("create fewer") != std::string::npos);
  CHECK(short_of(plan_of(0, 3), {{"API_NUM_LIMIT", {2, 3}}}).empty());
  CHECK(short_of(plan_of(300, 0), {{"API_NUM_LIMIT", {250, std::nullopt}}}).empty());  // what is used is not told
}

TEST_CASE("a group deletes first only where that makes room, and no group more than needed") {
  Plan plan = plan_of(4, 3, "pets");
  const Plan shop = plan_of(2, 2, "shop");
  plan.changes.insert(plan.changes.end(), shop.changes.begin(), shop.changes.end());
  const auto first = [&](std::size_t used) {
    return groups_to_delete_first(plan, {{"API_NUM_LIMIT", {20, used}}}, {}, {"pets", "shop"});
  };
  CHECK(first(14).empty());
  CHECK(first(16) == std::set<std::string>{"shop"});
  CHECK(first(17) == std::set<std::string>{"pets"});
  CHECK(first(19) == std::set<std::string>{"pets", "shop"});
  CHECK(first(20).empty());  // it fits in no way
  const Quotas of_group = {{"API_NUM_LIMIT_PER_GROUP", {10, 0}}};
  CHECK(groups_to_delete_first(plan, of_group, {{"pets", {.apis = 9}}}, {"pets", "shop"}) ==
        std::set<std::string>{"pets"});
  CHECK(shortages(plan, of_group, {{"pets", {.apis = 9}}}, {"pets"}).empty());
}

TEST_CASE("each kind has its quota") {
  const auto plan_with = [](const Address& address) {
    Plan plan;
    plan.changes.push_back({.address = address, .action = Action::Create});
    return plan;
  };
  CHECK(short_of(plan_with(Address::group("a")), {{"APIGROUP_NUM_LIMIT", {3, 3}}})
            .find("This plan needs 1 more API group than the gateway allows") == 0);
  CHECK(short_of(plan_with(Address::ratelimit("a")), {{"THROTTLE_NUM_LIMIT", {3, 3}}}).find("throttling policy") !=
        std::string::npos);
  CHECK(short_of(plan_with(Address::acl("a")), {{"ACL_NUM_LIMIT", {3, 3}}}).find("access control policy") !=
        std::string::npos);
  const Quotas of_group = {{"API_NUM_LIMIT_PER_GROUP", {10, 0}}, {"RESPONSE_NUM_LIMIT", {4, 0}}};
  CHECK(short_of(plan_of(3, 0), of_group, {{"pets", {.apis = 8}}})
            .find("This plan needs 1 more API than the group pets allows (it holds 8 of 10)") == 0);
  CHECK(short_of(plan_of(3, 0), of_group, {{"shop", {.apis = 8}}}).empty());
  CHECK(short_of(plan_with(Address::response("pets", "r")), of_group, {{"pets", {.responses = 4}}})
            .find("1 more response than the group pets allows") != std::string::npos);
  CHECK(short_of(plan_with(Address::response("pets", "default")), of_group, {{"pets", {.responses = 4}}}).empty());
}

TEST_CASE("an API with more than the gateway allows is named with its place") {
  Plan plan = plan_of(2, 0);
  for (Change& change : plan.changes) change.after = test::json(R"({"tags": ["a", "b", "c"]})");
  plan.changes[0].source = {"pets.yaml", 4, 5};
  CHECK(
      short_of(plan, {{"API_TAG_NUM_LIMIT", {2, 0}}}) ==
      "2 APIs have up to 3 tags, and the gateway allows 2 an API; the first is api.pets[\"GET /p0\"] (pets.yaml:4:5): "
      "give fewer, or have the quota API_TAG_NUM_LIMIT raised.\n");
  CHECK(short_of(plan, {{"API_TAG_NUM_LIMIT", {3, 0}}}).empty());
}

TEST_CASE("a plan that is short of a quota is refused, and saved as such") {
  Plan plan = plan_of(1, 0);
  CHECK_FALSE(may_meet_quotas(plan_of(0, 1)));
  CHECK(may_meet_quotas(plan));
  CHECK(refusals(plan, {}).empty());
  plan.shortages = {"This plan needs more."};
  CHECK(refusals(plan, {}) == plan.shortages);
  CHECK_FALSE(plan.applyable());
}

}  // namespace
}  // namespace sluice
