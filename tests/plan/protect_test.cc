#include "plan/protect.h"

#include "plan/render_html.h"
#include "plan/render_markdown.h"
#include "plan/render_sarif.h"
#include "plan/render_text.h"
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

Resource list() { return api(body("GET", "/pets", "listPets")); }
Resource erase() { return api(body("DELETE", "/pets/{id}", "deletePet")); }
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
  const GroupDiff made = diff_group({}, desired({group(), list(), erase()}), live({}), protecting_deletes());
  CHECK(text_of(made.protect) == "api.pets[\"DELETE /pets/{id}\"] ");
  CHECK(text_of(diff_group({}, desired({group(), list()}), live({}), protecting_all()).protect) ==
        "group.pets api.pets[\"GET /pets\"] ");
  const auto known = remembering(base({erase()}), {erase().address});
  CHECK(diff_group(known, desired({erase()}), live({erase()}), protecting_deletes()).protect.empty());
  CHECK(text_of(diff_group(base({erase()}), desired({erase()}), live({erase()}), protecting_deletes()).protect) ==
        "api.pets[\"DELETE /pets/{id}\"] ");
  // Somebody else's is not ours to lose.
  CHECK(diff_group({}, desired({erase()}), live({erase()}), protecting_deletes()).protect.empty());
}

TEST_CASE("protection is taken off while the files still name it, and not before") {
  const auto known = remembering(base({erase(), list()}), {erase().address});
  const GroupDiff off = diff_group(known, desired({erase(), list()}), live({erase(), list()}), options());
  CHECK(text_of(off.unprotect) == "api.pets[\"DELETE /pets/{id}\"] ");
  CHECK(off.losses.empty());
  const GroupDiff gone = diff_group(known, desired({list()}), live({erase(), list()}), options());
  CHECK(gone.unprotect.empty());
  CHECK(text_of(gone.losses) ==
        "api.pets[\"DELETE /pets/{id}\"] is protected by `protect`, as an earlier apply remembers, and may not be "
        "deleted: put it back into the files and leave its `protect` out, apply that, and then take it away.\n");
}

TEST_CASE("a protected API may not be deleted, and the sentence names the line") {
  const GroupDiff diff =
      diff_group(base({erase(), list()}), desired({list()}), live({erase(), list()}), protecting_deletes());
  CHECK(
      text_of(diff.losses) ==
      "api.pets[\"DELETE /pets/{id}\"] is protected by `protect` at sluice.yaml:9:15, and may not be deleted: keep it "
      "in the files, take `protect` off it, apply that, and then take it away.\n");
  // Neither what somebody else made, under `prune: all`.
  DiffOptions all = protecting_deletes();
  all.prune = Prune::All;
  CHECK(diff_group(base({list()}), desired({list()}), live({erase(), list()}), all).losses.size() == 1);
}

TEST_CASE("a protected API may not be taken offline in the last of its environments") {
  const Baseline left = base({erase(), published(erase()), published(erase(), "TEST")});
  const LiveState now = live({erase(), published(erase()), published(erase(), "TEST")});
  CHECK(diff_group(left, desired({erase()}), now, protecting_deletes({"TEST"})).losses.empty());
  const GroupDiff diff = diff_group(left, desired({erase()}), now, protecting_deletes());
  CHECK(diff.changes.size() == 2);
  REQUIRE(diff.losses.size() == 1);
  CHECK(contains(to_sentence(diff.losses[0]), "may not be taken offline in the last of its environments"));
}

TEST_CASE("a group that is protected outlives its lines, with all that is in it") {
  const auto known = remembering(base({group(), list()}), {group().address, list().address});
  const GroupDiff diff = diff_group(known, {}, live({group(), list()}), options());
  CHECK(diff.unprotect.empty());
  REQUIRE(diff.losses.size() == 2);
  CHECK(contains(text_of(diff.losses), "group.pets is protected"));
}

TEST_CASE("a plan that takes away what is protected is refused whatever the user says") {
  const Plan plan =
      test::plan_of(base({erase(), list()}), desired({list()}), live({erase(), list()}), protecting_deletes());
  const auto reasons = refusals(plan, {.max_deletes = 100, .drift_decided = true});
  REQUIRE(reasons.size() == 1);
  CHECK(contains(reasons[0], "sluice.yaml:9:15"));
  CHECK_FALSE(plan.applyable());
  CHECK_FALSE(unlisted_refusals(plan).empty());
}

TEST_CASE("of many protected losses the first are told, and how many more there are") {
  Plan plan;
  for (int i = 0; i < 25; ++i)
    plan.losses.push_back({Address::api("pets", "GET", "/p" + std::to_string(i), "NORMAL"), true, {}});
  const auto reasons = refusals(plan, {});
  REQUIRE(reasons.size() == 11);
  CHECK(reasons.back() ==
        "15 more are protected by `protect`, and would go: --format json lists them below `protection`.");
}

TEST_CASE("every rendering says what is ignored, what becomes protected, and what is protected and would go") {
  DiffOptions options = protecting_deletes();
  options.ignore.push_back({"/description", "", "by hand", ""});
  const Resource edited = api(test::with(list().body, "description", "theirs"));
  const Resource other = api(body("PUT", "/pets/{id}", "putPet"));
  Baseline left = base({erase(), list(), other});
  left.guarded = {other.address};
  const Plan plan = test::plan_of(left, desired({erase(), list()}), live({erase(), edited, other}), options);
  for (const std::string& text :
       {render_text(plan, {}), render_markdown(plan), render_html(plan), render_sarif(plan), render_github(plan)}) {
    INFO(text);
    CHECK(contains(text, "is protected by"));
  }
  for (const std::string& text : {render_text(plan, {}), render_markdown(plan), render_html(plan)}) {
    INFO(text);
    CHECK(contains(text, "1 field is ignored"));
    CHECK(contains(text, "by hand"));
    CHECK(contains(text, "Protection added for 1 resource"));
  }
}

TEST_CASE("what has become protected since a plan was saved is not taken away by it") {
  Plan plan = test::plan_of(base({erase(), list()}), desired({list()}), live({erase(), list()}), options());
  CHECK(refusals(plan, {.max_deletes = 100}).empty());
  Plan by_rule = plan;
  add_losses(plan, {}, {{"pets", {erase().address}}});
  CHECK(refusals(plan, {.max_deletes = 100}).size() == 1);
  add_losses(plan, {}, {{"pets", {erase().address}}});
  CHECK(refusals(plan, {.max_deletes = 100}).size() == 1);
  add_losses(by_rule, {{"pets", {{"DELETE /**", kLine}}}}, {});
  CHECK(refusals(by_rule, {.max_deletes = 100}).size() == 1);
}

}  // namespace
}  // namespace sluice
