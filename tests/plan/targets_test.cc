// --target and --exclude: what they name, and what of a comparison they leave.
#include "plan/targets.h"

#include "plan/plan_json.h"
#include "plan/render_html.h"
#include "plan/render_markdown.h"
#include "plan/render_text.h"
#include "plan/staleness.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::body;
using test::json;

Address address(const std::string& text) {
  const auto parsed = Address::parse(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

bool names(const std::vector<std::string>& targets, const std::vector<std::string>& excludes, const std::string& text) {
  return Targets(targets, excludes).includes(address(text));
}

std::vector<std::string> addresses_in(const std::vector<Change>& changes) {
  std::vector<std::string> list;
  for (const Change& change : changes) list.push_back(change.address.text());
  return list;
}

using List = std::vector<std::string>;

/// The comparison of one group, narrowed.
struct Narrowed {
  Narrowed(const std::vector<Resource>& desired, const std::vector<Resource>& live, Targets targets,
           const Baseline& base = {}, DiffOptions options = test::options({"RELEASE"})) {
    const LiveState seen = test::live(live);
    options.list_unchanged = true;
    diff = diff_group(base, test::desired(desired), seen, options);
    narrow_group(diff, targets, base, seen, scope);
    steps = choose_steps(diff, seen, "pets", Capabilities{});
  }
  GroupDiff diff;
  Scope scope;
  std::vector<Step> steps;
};

const Resource& first() {
  static const Resource resource = api(body("GET", "/a", "a"));
  return resource;
}
const Resource& second() {
  static const Resource resource = api(body("GET", "/b/{id}", "b"));
  return resource;
}

TEST_CASE("a target names resources by globs, a group all that is in it, an API its publications") {
  CHECK(names({}, {}, "api.pets[\"GET /a\"]"));
  CHECK(names({"api.pets[\"GET /a\"]"}, {}, "api.pets[\"GET /a\"]"));
  CHECK(names({"api.pets[\"GET /a\"]"}, {}, "publication.pets.RELEASE[\"GET /a\"]"));
  CHECK_FALSE(names({"publication.pets.RELEASE[\"GET /a\"]"}, {}, "api.pets[\"GET /a\"]"));
  CHECK_FALSE(names({"api.pets[\"GET /a\"]"}, {}, "group.pets"));
  CHECK(names({"group.pets"}, {}, "api.pets[\"GET /a\"]"));
  CHECK(names({"group.pets"}, {}, "response.pets.teapot"));
  CHECK(names({"group.p*"}, {}, "api.pets[\"GET /a/b\"]"));
  CHECK_FALSE(names({"group.pet"}, {}, "api.pets[\"GET /a\"]"));
  CHECK(names({"api.pets[\"GET /a/*\"]"}, {}, "api.pets[\"GET /a/b\"]"));
  CHECK_FALSE(names({"api.pets[\"GET /a/*\"]"}, {}, "api.pets[\"GET /a/b/c\"]"));
  CHECK(names({"api.pets[\"GET /a/**\"]"}, {}, "api.pets[\"GET /a/b/c\"]"));
  CHECK(names({"api.pets[\"GET /b/{other}\"]"}, {}, "api.pets[\"GET /b/{id}\"]"));
  CHECK_FALSE(names({}, {"api.pets[\"GET /a\"]"}, "publication.pets.RELEASE[\"GET /a\"]"));
  CHECK_FALSE(names({"group.pets"}, {"api.pets[\"GET /a\"]"}, "api.pets[\"GET /a\"]"));
  CHECK_FALSE(names({}, {"group.pets"}, "api.pets[\"GET /a\"]"));
  CHECK(names({}, {"group.pets"}, "ratelimit.gold"));
}

TEST_CASE("a group in which nothing can be meant need not be looked at") {
  const auto concerns = [](const List& targets, const List& excludes, const std::string& group) {
    return Targets(targets, excludes).may_concern(group);
  };
  CHECK(concerns({}, {}, "pets"));
  CHECK(concerns({"group.pets"}, {}, "pets"));
  CHECK_FALSE(concerns({"group.pets"}, {}, "pets2"));
  CHECK_FALSE(concerns({"api.pets2[\"GET /a\"]"}, {}, "pets"));
  CHECK(concerns({"api.*[\"GET /a\"]"}, {}, "pets"));
  CHECK(concerns({"response.pets.teapot"}, {}, "pets"));
  CHECK(concerns({"api[\"a.b\"][\"GET /a\"]"}, {}, "a.b"));
  CHECK(concerns({"**"}, {}, "pets"));
  CHECK_FALSE(concerns({"ratelimit.gold"}, {}, "pets"));
  CHECK(concerns({"ratelimit.gold"}, {}, ""));
  CHECK_FALSE(concerns({"api.pets[\"GET /a\"]"}, {}, ""));
  CHECK_FALSE(concerns({}, {"group.pets"}, "pets"));
  CHECK(concerns({}, {"group.pets"}, "pets2"));
  CHECK(concerns({}, {"api.pets**"}, "pets"));  // its responses, and the group itself
  CHECK_FALSE(concerns({"api.**"}, {"api.pets**"}, "pets"));
}

TEST_CASE("what names nothing is an error that says what is near") {
  const std::set<Address> known = {Address::group("pets"), first().address};
  const auto wrong = [&](const List& targets) { return Targets(targets, {}).names_nothing(known).value_or(""); };
  const auto unknown = [&](const List& excludes) { return Targets({}, excludes).excludes_nothing(known).value_or(""); };
  CHECK(wrong({"group.pets", "api.**"}).empty());
  CHECK(wrong({"api.pets[\"GET /aa\"]"}) ==
        "--target api.pets[\"GET /aa\"] names nothing in the files, the state or what was looked at. Did you mean "
        "api.pets[\"GET /a\"]? `sluice plan --all` lists the addresses.");
  CHECK(test::contains(wrong({"pets"}), "Did you mean group.pets?"));
  CHECK(test::contains(unknown({"group.pest"}), "--exclude group.pest names nothing"));
  CHECK(unknown({"api.**[\"* /internal/**\"]"}).empty());  // a standing exclusion may meet nothing today
}

TEST_CASE("a targeted API brings its group and the response that it names, and nothing else") {
  const Resource named = api(test::with(body("GET", "/c", "c"), "x-apigateway-response", "teapot"));
  const Resource teapot =
      make_resource(Address::response("pets", "teapot"), json(R"({"THROTTLED": {"status": 418, "body": "x"}})"));
  const Narrowed some({test::group(), first(), named, teapot}, {}, Targets({named.address.text()}, {}));
  CHECK(addresses_in(some.diff.changes) == List{"group.pets", "api.pets[\"GET /c\"]", "response.pets.teapot"});
  CHECK(some.scope.left_out == 1);
  CHECK(some.scope.notes == List{"response.pets.teapot comes along: what is targeted needs it.",
                                 "group.pets comes along: what is targeted needs it."});
  const Narrowed without({test::group(), first(), named, teapot}, {}, Targets({}, {teapot.address.text()}));
  CHECK(addresses_in(without.diff.changes) == List{"group.pets", "api.pets[\"GET /a\"]"});
  CHECK(without.scope.left_out == 2);
  CHECK(without.scope.notes == List{"api.pets[\"GET /c\"] is left out too: it names response.pets.teapot, which is not "
                                    "there and is excluded."});
}

TEST_CASE("a group stays while something in it does") {
  const std::vector<Resource> there = {test::group(), first(), second()};
  DiffOptions options;
  const Narrowed part({}, there, Targets({}, {second().address.text()}), test::base(there), options);
  CHECK(addresses_in(part.diff.changes) == List{"api.pets[\"GET /a\"]"});
  CHECK(part.scope.left_out == 2);
  CHECK(part.scope.notes == List{"group.pets stays: it is not empty while api.pets[\"GET /b/{id}\"] is left out."});
  const Narrowed whole({}, there, Targets({"group.pets"}, {}), test::base(there), options);
  CHECK(whole.diff.changes.size() == 3);
}

TEST_CASE("a response stays while an API names it whose change is left out") {
  const Resource user = api(test::with(body("GET", "/c", "c"), "x-apigateway-response", "teapot"));
  const Resource freed = api(body("GET", "/c", "c"));
  const Resource teapot =
      make_resource(Address::response("pets", "teapot"), json(R"({"THROTTLED": {"status": 418, "body": "x"}})"));
  const std::vector<Resource> there = {test::group(), user, teapot};
  const Narrowed part({test::group(), freed}, there, Targets({teapot.address.text()}, {}), test::base(there),
                      test::options());
  CHECK(part.diff.changes.empty());
  CHECK(part.scope.left_out == 2);
  CHECK(part.scope.notes ==
        List{"response.pets.teapot stays: api.pets[\"GET /c\"] names it, and its change is left out."});
  CHECK(Narrowed({test::group(), freed}, there, Targets({}, {}), test::base(there), test::options())
            .diff.changes.size() == 2);
}

TEST_CASE("a name that something left out still has is no collision with a stranger") {
  const Resource old = api(body("GET", "/a", "list"));
  const Resource moved = api(body("GET", "/v2/a", "list"));
  const std::vector<Resource> there = {test::group(), old};
  const Narrowed part({test::group(), moved}, there, Targets({moved.address.text()}, {}), test::base(there),
                      test::options());
  REQUIRE(part.diff.collisions.size() == 1);
  CHECK(part.diff.collisions[0].left_out);
  CHECK(part.diff.collisions[0].difference ==
        "it needs the name list, which api.pets[\"GET /a\"] has, whose own change is left out by --target or "
        "--exclude");
  const Narrowed half({test::group(), moved}, there, Targets({there[1].address.text()}, {}), test::base(there),
                      test::options());
  CHECK(half.diff.changes.empty());
  CHECK(half.steps.empty());
  CHECK(half.scope.notes ==
        List{there[1].address.text() + " stays: it moves to " + moved.address.text() + ", whose change is left out."});
  const Narrowed both({test::group(), moved}, there, Targets({"group.pets"}, {}), test::base(there), test::options());
  CHECK(both.diff.collisions.empty());
}

TEST_CASE("of what is left out nothing enters or leaves the base, and what it knows of others stays known") {
  const Resource theirs = api(body("GET", "/theirs", "theirs"));
  const Resource fresh = api(body("GET", "/fresh", "fresh"));
  const Resource gone = api(body("GET", "/gone", "gone"));
  Baseline base = test::base({test::group(), first(), second(), gone});
  base.unmanaged = {theirs.address};
  base.resources.at(second().address).remote_id = "b1";
  Resource again = second();
  again.remote_id = "b2";  // recorded, when it is meant
  const std::vector<Resource> there = {test::group(), first(), again, theirs, fresh};
  const Narrowed part({test::group(), first(), second()}, there, Targets({first().address.text()}, {}), base,
                      test::options());
  CHECK(part.diff.records.empty());
  CHECK(part.diff.forgets.empty());
  CHECK(part.diff.drift.empty());
  CHECK(part.diff.unmanaged.empty());
  CHECK(part.diff.foreign == std::vector<Address>{theirs.address});
  CHECK(part.diff.unchanged == 1);
  const Narrowed whole({test::group(), first(), second()}, there, Targets({"**"}, {}), base, test::options());
  CHECK(whole.diff.records.size() == 1);
  CHECK(whole.diff.forgets.size() == 1);
  CHECK(whole.diff.unmanaged.size() == 2);
}

TEST_CASE("policies: what an API needs comes along, what others use stays, what it touches is named") {
  const auto policy = [](Action action, const Address& name, std::vector<std::string> touches) {
    Change change{.address = name, .action = action};
    change.touches = std::move(touches);
    return change;
  };
  Change user{.address = first().address, .action = Action::Create};
  user.after = test::with(first().body, "x-apigateway-ratelimit", "gold");
  GroupDiff diff;
  diff.changes = {policy(Action::Create, Address::ratelimit("gold"), {first().address.text(), second().address.text()}),
                  policy(Action::Create, Address::ratelimit("iron"), {}),
                  policy(Action::Delete, Address::acl("old"), {second().address.text()}),
                  policy(Action::Update, Address::acl("office"), {first().address.text(), second().address.text()})};
  Scope scope;
  Diagnostics findings;
  GroupDiff part = diff;
  narrow_policies(part, Targets({first().address.text(), "acl.*"}, {}), {}, {&user}, scope, findings);
  CHECK(addresses_in(part.changes) == List{"ratelimit.gold", "acl.office"});
  CHECK(scope.left_out == 2);
  CHECK(scope.notes == List{"ratelimit.gold comes along: what is targeted needs it.",
                            "acl.old stays: api.pets[\"GET /b/{id}\"] uses it, and no change of it is planned.",
                            "acl.office applies to 1 API too that is not targeted; they are listed with it."});
  CHECK(findings.empty());
  narrow_policies(diff, Targets({}, {"ratelimit.gold"}), {}, {&user}, scope, findings);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "target-needs-excluded");
}

TEST_CASE("every report says what a plan leaves out, and a saved plan remembers it") {
  Plan plan;
  plan.gateway = {"embedded", "x", "local", "local"};
  plan.scope = {.targets = {"group.pets"}, .left_out = 3, .notes = {"group.pets comes along."}, .unseen_groups = 2};
  finish(plan);
  const std::string said = "Targeting: 3 changes are left out; 2 groups were not looked at.";
  CHECK(test::contains(render_text(plan, {}), said));
  CHECK(test::contains(render_markdown(plan), said));
  CHECK(test::contains(render_html(plan), said));
  CHECK(test::contains(render_text(plan, {}), "No changes in what was looked at."));
  const Value json = plan_to_json(plan);
  CHECK(*json.find("complete") == Value(false));
  CHECK(*json.find("scope")->find("left_out") == Value(3));
  const auto read = read_plan_file(write_plan_file(plan));
  REQUIRE(read);
  CHECK(read->scope.targets == plan.scope.targets);
  CHECK(read->scope.left_out == 3);
  CHECK(read->scope.notes == plan.scope.notes);
  CHECK(read->scope.unseen_groups == 2);
  plan.scope = {.unseen_groups = 1, .changed_only = true};
  CHECK(test::contains(render_text(plan, {}), "Only changed groups: 1 group was not looked at"));
}

TEST_CASE("a saved refresh is shown as drift, can be applied, and remembers what it takes") {
  Plan plan;
  plan.gateway = {"embedded", "x", "local", "local"};
  plan.drift_only = plan.refresh_only = true;
  PlannedGroup pets{.name = "pets", .owner = "", .environments = {}, .records = {first()}, .forgets = {}};
  pets.records.front().changed_at = "2026-07-31T02:13:00Z";
  plan.groups.push_back(pets);
  finish(plan);
  const Value json = plan_to_json(plan);
  CHECK(*json.find("applyable") == Value(true));
  CHECK(*json.find("refresh_only") == Value(true));
  const auto read = read_plan_file(write_plan_file(plan));
  REQUIRE(read);
  CHECK(read->refresh_only);
  CHECK(read->drift_only);
  CHECK(read->groups.front().records.front().changed_at == "2026-07-31T02:13:00Z");
  CHECK(what_moved(*read, "pets", test::live({first()}), {}).empty());
  CHECK(what_moved(*read, "pets", test::live({}), {}).size() == 1);
}

TEST_CASE("a plan is looked at in part") {
  Plan plan;
  plan.changes = {{.address = first().address, .action = Action::Delete},
                  {.address = second().address, .action = Action::Delete}};
  Step step{.id = 1, .kind = StepKind::DeleteApi, .predicted = {{first().address, Effected::Deleted}}};
  plan.steps = {step};
  finish(plan);
  const std::string digest = plan.digest;
  narrow_view(plan, Targets({}, {first().address.text()}));
  CHECK(addresses_in(plan.changes) == List{second().address.text()});
  CHECK(plan.steps.empty());
  CHECK(plan.scope.left_out == 1);
  CHECK(plan.digest == digest);
}

}  // namespace
}  // namespace sluice
