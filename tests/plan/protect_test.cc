#include "plan/protect.h"

#include "plan/safety.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::base;
using test::body;
using test::contains;
using test::desired;
using test::group;
using test::live;
using test::options;
using test::published;

const Resource kList = api(body("GET", "/pets", "listPets"));
const Resource kDelete = api(body("DELETE", "/pets/{id}", "deletePet"));
const SourceSpan kLine = {"sluice.yaml", 9, 15};

DiffOptions protecting_deletes(std::vector<std::string> environments = {}) {
  DiffOptions result = options(std::move(environments));
  result.protect.push_back({"DELETE /pets/*", kLine});
  return result;
}

DiffOptions protecting_all() {
  DiffOptions result = options();
  result.protect.push_back({"", kLine});
  return result;
}

Baseline remembering(Baseline base, const std::vector<Address>& addresses) {
  base.guarded = {addresses.begin(), addresses.end()};
  return base;
}

std::string text_of(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) text += address.text() + " ";
  return text;
}

std::string text_of(const std::vector<ProtectedLoss>& losses) {
  std::string text;
  for (const ProtectedLoss& loss : losses) text += to_sentence(loss) + "\n";
  return text;
}

TEST_CASE("what the rules name is protected from the apply on that makes it") {
  const GroupDiff made = diff_group({}, desired({group(), kList, kDelete}), live({}), protecting_deletes());
  CHECK(text_of(made.protect) == "api.pets[\"DELETE /pets/{id}\"] ");
  CHECK(text_of(diff_group({}, desired({group(), kList}), live({}), protecting_all()).protect) ==
        "group.pets api.pets[\"GET /pets\"] ");
  const auto known = remembering(base({kDelete}), {kDelete.address});
  CHECK(diff_group(known, desired({kDelete}), live({kDelete}), protecting_deletes()).protect.empty());
  CHECK(text_of(diff_group(base({kDelete}), desired({kDelete}), live({kDelete}), protecting_deletes()).protect) ==
        "api.pets[\"DELETE /pets/{id}\"] ");
  // Somebody else's is not ours to lose.
  CHECK(diff_group({}, desired({kDelete}), live({kDelete}), protecting_deletes()).protect.empty());
}

TEST_CASE("protection is taken off while the files still name it, and not before") {
  const auto known = remembering(base({kDelete, kList}), {kDelete.address});
  const GroupDiff off = diff_group(known, desired({kDelete, kList}), live({kDelete, kList}), options());
  CHECK(text_of(off.unprotect) == "api.pets[\"DELETE /pets/{id}\"] ");
  CHECK(off.losses.empty());
  const GroupDiff gone = diff_group(known, desired({kList}), live({kDelete, kList}), options());
  CHECK(gone.unprotect.empty());
  CHECK(text_of(gone.losses) ==
        "api.pets[\"DELETE /pets/{id}\"] is protected by `protect`, as an earlier apply remembers, and may not be "
        "deleted: put it back into the files and leave its `protect` out, apply that, and then take it away.\n");
}

TEST_CASE("a protected API may not be deleted, and the sentence names the line") {
  const GroupDiff diff =
      diff_group(base({kDelete, kList}), desired({kList}), live({kDelete, kList}), protecting_deletes());
  CHECK(
      text_of(diff.losses) ==
      "api.pets[\"DELETE /pets/{id}\"] is protected by `protect` at sluice.yaml:9:15, and may not be deleted: keep it "
      "in the files, take `protect` off it, apply that, and then take it away.\n");
  // Neither what somebody else made, under `prune: all`.
  DiffOptions all = protecting_deletes();
  all.prune = Prune::All;
  CHECK(diff_group(base({kList}), desired({kList}), live({kDelete, kList}), all).losses.size() == 1);
}

TEST_CASE("a protected API may not be taken offline in the last of its environments") {
  const Baseline left = base({kDelete, published(kDelete), published(kDelete, "TEST")});
  const LiveState now = live({kDelete, published(kDelete), published(kDelete, "TEST")});
  CHECK(diff_group(left, desired({kDelete}), now, protecting_deletes({"TEST"})).losses.empty());
  const GroupDiff diff = diff_group(left, desired({kDelete}), now, protecting_deletes());
  CHECK(diff.changes.size() == 2);
  REQUIRE(diff.losses.size() == 1);
  CHECK(contains(to_sentence(diff.losses[0]), "may not be taken offline in the last of its environments"));
}

TEST_CASE("a group that is protected outlives its lines, with all that is in it") {
  const auto known = remembering(base({group(), kList}), {group().address, kList.address});
  const GroupDiff diff = diff_group(known, {}, live({group(), kList}), options());
  CHECK(diff.unprotect.empty());
  REQUIRE(diff.losses.size() == 2);
  CHECK(contains(text_of(diff.losses), "group.pets is protected"));
}

TEST_CASE("a plan that takes away what is protected is refused whatever the user says") {
  const Plan plan =
      test::plan_of(base({kDelete, kList}), desired({kList}), live({kDelete, kList}), protecting_deletes());
  const auto reasons = refusals(plan, {.max_deletes = 100, .drift_decided = true});
  REQUIRE(reasons.size() == 1);
  CHECK(contains(reasons[0], "sluice.yaml:9:15"));
  CHECK_FALSE(plan.applyable());
  CHECK_FALSE(unlisted_refusals(plan).empty());
}

TEST_CASE("what has become protected since a plan was saved is not taken away by it") {
  Plan plan = test::plan_of(base({kDelete, kList}), desired({kList}), live({kDelete, kList}), options());
  CHECK(refusals(plan, {.max_deletes = 100}).empty());
  Plan by_rule = plan;
  add_losses(plan, {}, {{"pets", {kDelete.address}}});
  CHECK(refusals(plan, {.max_deletes = 100}).size() == 1);
  add_losses(plan, {}, {{"pets", {kDelete.address}}});
  CHECK(refusals(plan, {.max_deletes = 100}).size() == 1);
  add_losses(by_rule, {{"pets", {{"DELETE /**", kLine}}}}, {});
  CHECK(refusals(by_rule, {.max_deletes = 100}).size() == 1);
}

}  // namespace
}  // namespace sluice
