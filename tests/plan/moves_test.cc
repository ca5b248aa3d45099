#include "plan/moves.h"

#include "plan/plan_json.h"
#include "plan/renames.h"
#include "plan/render_html.h"
#include "plan/render_markdown.h"
#include "plan/render_sarif.h"
#include "plan/render_text.h"
#include "plan/review.h"
#include "tests/plan/golden.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::base;
using test::body;
using test::contains;
using test::desired;
using test::live;
using test::options;
using test::published;
using test::text_of;
using test::with;
using test::with_endpoint;

Resource get(const std::string& path, const std::string& name, const char* description = "") {
  return api(with(body("GET", path, name), "description", description));
}

/// What goes and what comes, both published in RELEASE.
Plan plan_of(const std::vector<Resource>& gone, const std::vector<Resource>& made, DiffOptions how) {
  std::vector<Resource> now = gone;
  for (const Resource& resource : gone) now.push_back(published(resource));
  return test::plan_of(base(now), desired(made), live(now), how);
}
Plan plan_of(const std::vector<Resource>& gone, const std::vector<Resource>& made) {
  return plan_of(gone, made, options({"RELEASE"}));
}

/// "GET /a -> GET /b" a line.
std::string links(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    if (change.moved_to) text += change.address.name() + " -> " + change.moved_to->name() + "\n";
  }
  return text;
}

Address address(std::string_view text) { return *Address::parse(text); }

/// The diffs of the groups "from" and "to", where APIs leave the one and come to the other.
struct TwoGroups {
  GroupDiff from;
  GroupDiff to;
  DesiredState wanted;

  TwoGroups(const std::vector<Resource>& gone, const std::vector<Resource>& made) {
    const auto with_base = base(gone);
    from = diff_group(with_base, {}, live(gone), options({"RELEASE"}));
    wanted = desired(made);
    to = diff_group({}, wanted, {}, options({"RELEASE"}));
  }
  std::string linked(const std::string& operations, Diagnostics* findings = nullptr) {
    Diagnostics found;
    link_moves({{"from", {&from, nullptr}}, {"to", {&to, &wanted}}},
               {{"api.from[\"" + operations + "\"]", "from", operations, "to", {}}}, found);
    if (findings != nullptr) *findings = found;
    return links(from.changes);
  }
};

Resource in(std::string_view group, const std::string& path, const std::string& name, const char* description = "") {
  return api(with(body("GET", path, name), "description", description), group);
}

TEST_CASE("what moved is one creation and one deletion that name each other") {
  const Plan plan = plan_of({get("/old", "find")}, {get("/new", "find", "said otherwise")});
  REQUIRE(plan.changes.size() == 2);
  const Change* made = plan.find(address("api.pets[\"GET /new\"]"));
  const Change* gone = plan.find(address("api.pets[\"GET /old\"]"));
  REQUIRE(made != nullptr);
  REQUIRE(gone != nullptr);
  CHECK(made->moved_from == gone->address);
  CHECK(gone->moved_to == made->address);
  for (const Change* change : {made, gone}) {
    CHECK(change->rule == "api-moved");
    CHECK(change->risk == Risk::Breaking);
  }
  CHECK(gone->reason ==
        "Its id, its app authorizations and its statistics go with it. The files no longer name it: take it offline in "
        "RELEASE, then delete it.");
  CHECK(made->reason ==
        "Callers of the other have to move too. It is not on the gateway: import and publish in RELEASE.");
  CHECK(review_order(plan.changes) == std::vector<const Change*>{gone, made});
}

TEST_CASE("what is linked, and what is not") {
  struct Row {
    std::string what;
    std::vector<Resource> gone;
    std::vector<Resource> made;
    std::string links;
  };
  const Resource post = api(with_endpoint(body("POST", "/a", "one"), "method", "POST"));
  const Resource prefix = api(with(body("GET", "/a", "one"), "x-apigateway-match-mode", "SWA"));
  const Row rows[] = {
      {"a method", {get("/a", "one")}, {post}, "GET /a -> POST /a\n"},
      {"a match mode", {get("/a", "one")}, {prefix}, "GET /a -> GET /a SWA\n"},
      {"the name goes first: what looks alike is another",
       {get("/a", "one", "x"), get("/b", "two", "y")},
       {get("/c", "two", "x"), get("/d", "one", "y")},
       "GET /a -> GET /d\nGET /b -> GET /c\n"},
      {"another name, all else alike", {get("/a", "one", "x")}, {get("/b", "two", "x")}, "GET /a -> GET /b\n"},
      {"another name and another text", {get("/a", "one", "x")}, {get("/b", "two", "y")}, ""},
      {"two alike went", {get("/a", "one"), get("/b", "two")}, {get("/c", "three")}, ""},
      {"two alike came", {get("/a", "one")}, {get("/b", "two"), get("/c", "three")}, ""},
      {"of two alike, one is known by its name, which leaves one",
       {get("/a", "one"), get("/b", "two")},
       {get("/c", "one"), get("/d", "four")},
       "GET /a -> GET /c\nGET /b -> GET /d\n"},
      {"another backend", {get("/a", "one")}, {api(with_endpoint(body("GET", "/b", "two"), "address", "other"))}, ""},
      {"nothing came", {get("/a", "one")}, {}, ""},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(links(plan_of(row.gone, row.made).changes) == row.links);
  }
}

TEST_CASE("what others made has not moved, nor what went to another group") {
  const Resource theirs = get("/a", "one");
  DiffOptions all = options({"RELEASE"});
  all.prune = Prune::All;
  const Plan pruned = test::plan_of({}, desired({get("/b", "one")}), live({theirs}), all);
  CHECK(pruned.changes.size() == 2);
  CHECK(links(pruned.changes).empty());
  DiffOptions leaving = options({"RELEASE"});
  leaving.leaving = {address("api.pets[\"GET /a\"]")};
  CHECK(links(plan_of({get("/a", "one")}, {get("/b", "one")}, leaving).changes).empty());
}

TEST_CASE("the order of a move: made, published, then taken away") {
  const Plan plan = plan_of({get("/old", "find")}, {get("/new", "find")});
  CHECK(text_of(plan.steps) ==
        "1 import override: api.pets[\"GET /old\"]=updated\n"
        "2 import merge: api.pets[\"GET /new\"]=created\n"
        "3 publish in RELEASE: publication.pets.RELEASE[\"GET /new\"]=published\n"
        "4 offline in RELEASE: publication.pets.RELEASE[\"GET /old\"]=offline\n"
        "5 delete: api.pets[\"GET /old\"]=deleted\n");
}

TEST_CASE("a rule links what has the same method and path in the other group, or its name") {
  const std::vector<Resource> gone = {in("from", "/returns/a", "one"), in("from", "/returns/b", "two"),
                                      in("from", "/orders", "three")};
  TwoGroups groups(gone, {in("to", "/returns/a", "uno"), in("to", "/other", "two"), in("to", "/orders", "three")});
  CHECK(groups.linked("* /returns/**") == "GET /returns/a -> GET /returns/a\nGET /returns/b -> GET /other\n");
  const auto change = std::find_if(groups.from.changes.begin(), groups.from.changes.end(),
                                   [](const Change& one) { return one.address.name() == "GET /returns/a"; });
  REQUIRE(change != groups.from.changes.end());
  CHECK(leaves_group(*change));
  CHECK(contains(change->reason, "its statistics and its group's domain go with it, once the other group serves"));
  CHECK(change->rule == "api-moved");
}

TEST_CASE("what an earlier run made in the other group already is linked too") {
  TwoGroups groups({in("from", "/returns/a", "one"), in("from", "/returns/b", "two")}, {});
  groups.wanted = desired({in("to", "/returns/a", "one"), in("to", "/elsewhere", "two")});
  CHECK(groups.linked("* /returns/**") == "GET /returns/a -> GET /returns/a\nGET /returns/b -> GET /elsewhere\n");
}

TEST_CASE("a rule that links nothing says whether it is done") {
  Diagnostics findings;
  TwoGroups done({in("from", "/orders", "three")}, {in("to", "/returns/a", "one")});
  CHECK(done.linked("* /returns/**", &findings).empty());
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::Warning);
  CHECK(findings[0].code == "moved-nothing");
  CHECK(contains(findings[0].detail, "it has done its work"));
  TwoGroups wrong({in("from", "/orders", "three")}, {in("to", "/else", "one")});
  CHECK(wrong.linked("* /returns/**", &findings).empty());
  REQUIRE(findings.size() == 1);
  CHECK(contains(findings[0].detail, "Correct it"));
}

TEST_CASE("what leaves a group waits for the other to serve it, behind all that it waits for") {
  TwoGroups groups({in("from", "/a", "one"), in("from", "/b", "two")}, {in("to", "/a", "one")});
  std::vector<Resource> now = {in("from", "/a", "one"), in("from", "/b", "two")};
  now.push_back(published(now[0]));
  now.push_back(published(now[1]));
  groups.from = diff_group(base(now), {}, live(now), options({"RELEASE"}));
  REQUIRE(groups.linked("* /**") == "GET /a -> GET /a\n");
  Plan plan;
  auto from = choose_steps(groups.from, live(now), "from", {});
  auto to = choose_steps(groups.to, {}, "to", {});
  add_group(plan, {.name = "from", .owner = "", .environments = {}, .records = {}, .forgets = {}}, groups.from, from);
  add_group(plan, {.name = "to", .owner = "", .environments = {}, .records = {}, .forgets = {}}, groups.to, to);
  await_arrivals(plan.steps, plan.changes);
  CHECK(text_of(plan.steps) ==
        "1 offline in RELEASE: publication.from.RELEASE[\"GET /b\"]=offline\n"
        "2 delete: api.from[\"GET /b\"]=deleted\n"
        "3 import merge: api.to[\"GET /a\"]=created\n"
        "4 publish in RELEASE: publication.to.RELEASE[\"GET /a\"]=published\n"
        "5 offline in RELEASE: publication.from.RELEASE[\"GET /a\"]=offline\n"
        "6 delete: api.from[\"GET /a\"]=deleted\n");
  CHECK(plan.steps[2].depends_on.empty());
  CHECK(plan.steps[3].depends_on == std::vector<int>{3});
  CHECK(plan.steps[4].depends_on == std::vector<int>{2, 4});
  CHECK(plan.steps[5].depends_on == std::vector<int>{4, 5});
}

TEST_CASE("a move is in every rendering, and in a saved plan") {
  Plan plan = plan_of({get("/old", "find")}, {get("/new", "find")});
  const std::string note = "api.pets[\"GET /old\"] has moved to api.pets[\"GET /new\"]";
  CHECK(contains(render_text(plan, {}), "# " + note));
  CHECK(contains(render_markdown(plan), "</code> has moved to <code>"));
  const std::string html = render_html(plan);
  CHECK(contains(html, "has moved to <a href="));
  CHECK(contains(render_sarif(plan), "api-moved"));
  plan.created_at = "2026-01-01T00:00:00Z";
  plan.groups[0].renamed_from = "old";
  finish(plan);
  const auto read = read_plan_file(write_plan_file(plan));
  REQUIRE(read);
  CHECK(read->digest == plan.digest);
  CHECK(links(read->changes) == "GET /old -> GET /new\n");
  CHECK(read->groups[0].renamed_from == "old");
}

TEST_CASE("each rendering of moves and a rename reads as it always did") {
  const Resource old_group = make_resource(Address::group("pets"), test::json(R"({"name": "animals"})"));
  const Resource old = get("/v1/pets", "listPets");
  const Resource old_by_id = get("/v1/pets/{id}", "showPet");
  const Resource same = get("/same", "same");
  const std::vector<Resource> now = {old_group,      old, old_by_id, same, published(old), published(old_by_id),
                                     published(same)};
  const DesiredState wanted = desired({test::group(), get("/v2/pets", "listPets"), same,
                                       api(with_endpoint(body("POST", "/v1/pets/{id}", "showPet"), "timeout", 3000))});
  GroupDiff diff = diff_group(base(now), wanted, live(now), options({"RELEASE"}));
  link_rename(diff, Address::group("animals"), Address::group("pets"));
  Plan plan;
  plan.gateway = test::gateway();
  std::vector<Step> steps = choose_steps(diff, live(now), "pets", {});
  add_group(plan,
            {.name = "pets",
             .owner = "team-pets",
             .environments = {"RELEASE"},
             .records = {},
             .forgets = {},
             .renamed_from = "animals"},
            std::move(diff), std::move(steps));
  judge(plan, {});
  finish(plan);
  test::check_golden("review_moves.txt", render_text(plan, {}));
  test::check_golden("review_moves.json", write_json_pretty(plan_to_json(plan)) + "\n");
  test::check_golden("review_moves.md", render_markdown(plan));
  test::check_golden("review_moves.html", render_html(plan));
  test::check_golden("review_moves.sarif", render_sarif(plan));
  test::check_golden("review_moves.github", render_github(plan));
}

TEST_CASE("a group's name goes through all that is known of it") {
  Baseline known = base({test::group("old"), in("old", "/a", "one"), published(in("old", "/a", "one"))});
  known.unmanaged.insert(address("api.old[\"GET /theirs\"]"));
  known.kept.emplace(address("api.old[\"GET /kept\"]"), "{}");
  known.claimed.emplace(address("api.old[\"GET /sent\"]"), "sha256:x");
  const Baseline renamed = with_group_name(known, "new");
  CHECK(renamed.resources.size() == 3);
  for (const auto& [key, resource] : renamed.resources) {
    CHECK(key.group() == "new");
    CHECK(resource.address == key);
  }
  CHECK(renamed.body_of(address("group.new")).text("name") == "old");
  CHECK_FALSE(renamed.body_of(address("api.new[\"GET /a\"]")).is_null());
  CHECK(renamed.unmanaged.contains(address("api.new[\"GET /theirs\"]")));
  CHECK(renamed.kept.contains(address("api.new[\"GET /kept\"]")));
  CHECK(renamed.claimed.contains(address("api.new[\"GET /sent\"]")));
}

}  // namespace
}  // namespace sluice
