#include "plan/safety.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

/// A plan that deletes so many of the APIs that are owned in each group.
struct Deletes {
  std::size_t deleted;
  std::size_t owned;
};

Plan plan_of(const std::vector<Deletes>& groups) {
  Plan plan;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::string name = "group" + std::to_string(g + 1);
    plan.groups.push_back(
        {.name = name, .owner = {}, .environments = {}, .owned = groups[g].owned, .records = {}, .forgets = {}});
    for (std::size_t i = 0; i < groups[g].deleted; ++i) {
      plan.changes.push_back(
          {.address = Address::api(name, "GET", "/p" + std::to_string(i), "NORMAL"), .action = Action::Delete});
    }
  }
  return plan;
}

std::string refused(const Plan& plan, const SafetyPolicy& policy = {}) {
  std::string text;
  for (const std::string& reason : refusals(plan, policy)) text += reason + "\n";
  return text;
}

TEST_CASE("more than 20 deletes in one run are refused") {
  CHECK(refused(plan_of({{20, 1000}})).empty());
  CHECK(refused(plan_of({{21, 1000}})) ==
        "The plan deletes 21 APIs, more than 20 in one run: say --max-deletes 21 if that is meant.\n");
  CHECK(refused(plan_of({{10, 1000}, {10, 1000}})).empty());
  CHECK_FALSE(refused(plan_of({{10, 1000}, {11, 1000}})).empty());
}

TEST_CASE("deletes of what is not ours count, and do not empty a group of what is") {
  Plan plan = plan_of({{3, 3}});
  CHECK_FALSE(refused(plan).empty());
  for (Change& change : plan.changes) change.foreign = true;
  CHECK(refused(plan).empty());
  CHECK_FALSE(refused(plan, {.max_deletes = 2}).empty());
  Plan many = plan_of({{21, 1000}});
  for (Change& change : many.changes) change.foreign = true;
  CHECK_FALSE(refused(many).empty());
  Plan all = plan_of({{2, 0}});  // nothing of ours was there, and nothing is left
  for (Change& change : all.changes) change.foreign = true;
  CHECK_FALSE(refused(all).empty());
}

TEST_CASE("to keep drift is no word on what the files changed too") {
  Plan plan;
  Change change{.address = Address::api("pets", "GET", "/a", "NORMAL"), .action = Action::Update};
  change.origin = Origin::Conflict;
  change.fields.push_back({.path = "/description", .origin = Origin::Conflict});
  plan.changes.push_back(change);
  CHECK_FALSE(refused(plan).empty());
  CHECK(refused(plan, {.max_deletes = {}, .drift_decided = true}).empty());
  CHECK_FALSE(refused(plan, {.max_deletes = {}, .drift_decided = true, .keeps_drift = true}).empty());
}

TEST_CASE("more than 10 deletes and 30 % of a group's owned APIs are refused") {
  CHECK(refused(plan_of({{10, 20}})).empty());   // half of it, but only 10
  CHECK(refused(plan_of({{12, 40}})).empty());   // 30 % exactly
  CHECK(refused(plan_of({{11, 100}})).empty());  // 11 %
  CHECK(refused(plan_of({{12, 39}})) ==
        "The plan deletes 12 of 39 owned APIs of the group group1, more than 10 and 30 %: say --max-deletes 12 if that "
        "is "
        "meant.\n");
  CHECK_FALSE(refused(plan_of({{11, 36}})).empty());
  CHECK(refused(plan_of({{11, 37}})).empty());
}

TEST_CASE("emptying a group is refused, unless new APIs arrive in it") {
  CHECK(refused(plan_of({{1, 5}, {3, 3}})) ==
        "The plan deletes every API that Sluice owns in the group group2: say --max-deletes 4 if that is meant.\n");
  CHECK(refused(plan_of({{1, 2}})).empty());
  Plan replaced = plan_of({{3, 3}});
  replaced.changes.push_back({.address = Address::api("group1", "GET", "/new", "NORMAL"), .action = Action::Create});
  CHECK(refused(replaced).empty());
}

TEST_CASE("--max-deletes allows that many and no more") {
  CHECK(refused(plan_of({{50, 50}}), {.max_deletes = 50}).empty());
  CHECK(refused(plan_of({{50, 50}}), {.max_deletes = 49}) ==
        "The plan deletes 50 APIs and --max-deletes allows 49: say --max-deletes 50 if that is meant.\n");
  CHECK_FALSE(refused(plan_of({{1, 100}}), {.max_deletes = 0}).empty());
  CHECK(refused(plan_of({{0, 100}}), {.max_deletes = 0}).empty());
}

/// `plan`, with so many APIs of the first group taken offline in TEST, and still published in `left`.
Plan taking_offline(Plan plan, int apis, const std::vector<std::string>& left) {
  for (int i = 0; i < apis; ++i) {
    const Address api = Address::api("group1", "GET", "/q" + std::to_string(i), "NORMAL");
    Change change{.address = Address::publication(api, "TEST"), .action = Action::Delete};
    change.environments = left;
    plan.changes.push_back(change);
  }
  return plan;
}

TEST_CASE("publications and groups that go are not counted as APIs, where their API stays published") {
  Plan plan = taking_offline(plan_of({{0, 1}}), 30, {"RELEASE"});
  plan.changes.push_back({.address = Address::group("group1"), .action = Action::Delete});
  CHECK(refused(plan).empty());
}

TEST_CASE("an API that goes offline in the last of its environments counts like one that is deleted") {
  CHECK(refused(taking_offline(plan_of({{0, 1000}}), 21, {})) ==
        "The plan unpublishes 21 APIs, more than 20 in one run: say --max-deletes 21 if that is meant.\n");
  CHECK(refused(taking_offline(plan_of({{1, 1000}}), 20, {})) ==
        "The plan deletes or unpublishes 21 APIs, more than 20 in one run: say --max-deletes 21 if that is meant.\n");
  CHECK(refused(taking_offline(plan_of({{0, 36}}), 11, {})) ==
        "The plan unpublishes 11 of 36 owned APIs of the group group1, more than 10 and 30 %: say --max-deletes 11 if "
        "that is meant.\n");
  CHECK(refused(taking_offline(plan_of({{0, 37}}), 11, {})).empty());
  Plan emptied = taking_offline(plan_of({{1, 3}}), 2, {});
  CHECK(
      refused(emptied) ==
      "The plan deletes or unpublishes every API that Sluice owns in the group group1: say --max-deletes 3 if that is "
      "meant.\n");
  CHECK(refused(emptied, {.max_deletes = 3}).empty());
  Change arriving{.address = Address::api("group1", "GET", "/new", "NORMAL"), .action = Action::Create};
  emptied.changes.push_back(arriving);  // it is not published either
  CHECK_FALSE(refused(emptied).empty());
  emptied.changes.back().environments = {"RELEASE"};
  CHECK(refused(emptied).empty());
  // Two publications of one API are one API.
  Plan twice = taking_offline(plan_of({{0, 36}}), 10, {});
  for (int i = 0; i < 10; ++i) {
    Change change = twice.changes[static_cast<std::size_t>(i)];
    change.address = Address::publication(change.address.api_of_publication(), "RELEASE");
    twice.changes.push_back(change);
  }
  CHECK(refused(twice).empty());
}

TEST_CASE("a plan knows whether what it takes offline stays published elsewhere") {
  using namespace test;
  const Resource one = api(body("GET", "/a", "one"));
  const auto planned = [&](std::vector<std::string> environments, const Resource& asked) {
    const std::vector<Resource> now = {one, published(one), published(one, "TEST")};
    return refused(test::plan_of(base(now), desired({asked}), live(now), options(std::move(environments))));
  };
  const Resource changed = api(with(body("GET", "/a", "one"), "description", "changed"));
  for (const Resource& asked : {one, changed}) {
    CHECK(planned({"RELEASE", "TEST"}, asked).empty());
    CHECK(planned({"RELEASE"}, asked).empty());
    CHECK(planned({"OTHER"}, asked).empty());
    CHECK(planned({}, asked) ==
          "The plan unpublishes every API that Sluice owns in the group pets: say --max-deletes 1 if that is meant.\n");
  }
}

TEST_CASE("a collision is refused with the three ways out, whatever was said") {
  Plan plan;
  plan.collisions.push_back({Address::api("pets", "GET", "/a", "NORMAL"), "it is in the way", {"pets.yaml", 4, 5}});
  CHECK(refused(plan, {.max_deletes = 100, .drift_decided = true}) ==
        "api.pets[\"GET /a\"] (asked for at pets.yaml:4:5): it is in the way. Take what is there over with --adopt "
        "'api.pets[\"GET /a\"]', take it out of the files, or rename or delete it on the gateway.\n");
}

TEST_CASE("a conflict is refused until --on-drift is said") {
  using namespace test;
  const auto described = [](const char* text) { return api(with(body("GET", "/a", "one"), "description", text)); };
  const Plan plan = test::plan_of(base({described("a")}), desired({described("b")}), live({described("c")}), options());
  CHECK(refused(plan) ==
        "/description of api.pets[\"GET /a\"] was changed both in the files and on the gateway: bring the gateway's "
        "value "
        "into the files, or say --on-drift revert to let the files win.\n");
  CHECK(refused(plan, {.max_deletes = {}, .drift_decided = true}).empty());
}

TEST_CASE("drift is refused when nobody looks at it and nothing was said") {
  using namespace test;
  const auto described = [](const char* path, const char* text) {
    return api(with(body("GET", path, "op_" + std::string(path + 1)), "description", text));
  };
  const auto plan = [&](const std::vector<Resource>& was, const std::vector<Resource>& now) {
    return test::plan_of(base(was), desired(was), live(now), options());
  };
  const Plan one = plan({described("/a", "x")}, {described("/a", "y")});
  CHECK(refused(one).empty());
  CHECK(refused(one, {.max_deletes = {}, .drift_decided = true, .unattended = true}).empty());
  CHECK(refused(one, {.max_deletes = {}, .unattended = true}) ==
        "1 resource was changed behind the manifest's back, the first being api.pets[\"GET /a\"]: look at `sluice "
        "drift`, "
        "then say --on-drift revert or --on-drift keep together with --auto-approve.\n");
  const Plan two = plan({described("/a", "x"), described("/b", "x")}, {described("/a", "y"), described("/b", "y")});
  CHECK(refused(two, {.max_deletes = {}, .unattended = true})
            .starts_with("2 resources were changed behind the manifest's back"));
}

TEST_CASE("every reason to refuse is told at once") {
  Plan plan = plan_of({{21, 1000}});
  plan.collisions.push_back({Address::api("pets", "GET", "/a", "NORMAL"), "/description", {}});
  CHECK(refusals(plan, {}).size() == 2);
}

}  // namespace
}  // namespace sluice
