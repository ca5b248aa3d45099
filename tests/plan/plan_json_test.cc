#include "plan/plan_json.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::contains;
using test::json;

/// The kinds of `value` by path, as "path kind" lines; elements of lists are looked at once.
void describe(const std::string& path, const Value& value, std::set<std::string>& lines) {
  constexpr const char* kKinds[] = {"null", "boolean", "integer", "number", "string", "array", "object"};
  lines.insert(path + " " + kKinds[static_cast<std::size_t>(value.kind())]);
  const bool closed = path.ends_with("/before") || path.ends_with("/after") || path.ends_with("/live") ||
                      path.ends_with("/predicted");  // what they hold is not part of the form
  if (closed) return;
  for (const auto& member : value.members()) describe(path + "/" + member.key, member.value, lines);
  for (const Value& item : value.items()) describe(path + "/-", item, lines);
}

TEST_CASE("what is kept, foreign and not ours comes back from a saved plan") {
  DiffOptions how = test::options({"RELEASE"});
  how.on_drift = OnDrift::Keep;
  how.prune = Prune::All;
  const Resource ours = api(test::with(test::body("GET", "/a", "a"), "description", "ours"));
  const Resource theirs = api(test::with(test::body("GET", "/a", "a"), "description", "theirs"));
  const Resource other = api(test::body("GET", "/b", "b"));
  const Plan plan = test::plan_of(test::base({ours}), test::desired({ours}),
                                  test::live({theirs, test::published(theirs, "TEST"), other}), how);
  REQUIRE(plan.changes.size() == 1);
  CHECK(plan.changes[0].foreign);
  const auto read = read_plan_file(write_plan_file(plan));
  REQUIRE(read);
  CHECK(read->digest == plan.digest);
  CHECK(read->changes[0].foreign);
  CHECK(read->groups[0].foreign == plan.groups[0].foreign);
  CHECK(read->groups[0].foreign.size() == 1);
  CHECK(read->groups[0].kept == plan.groups[0].kept);
  CHECK(read->kept() == 1);
}

TEST_CASE("the JSON plan has the keys of the command line contract, with the right kinds") {
  const Value document = plan_to_json(test::plan_of_everything());
  std::set<std::string> found;
  describe("", document, found);
  const char* const kContract[] = {
      "/format_version string",
      "/sluice_version string",
      "/digest string",
      "/gateway/provider string",
      "/gateway/endpoint string",
      "/gateway/project_id string",
      "/gateway/instance_id string",
      "/applyable boolean",
      "/complete boolean",
      "/errored boolean",
      "/resource_changes array",
      "/resource_changes/-/address string",
      "/resource_changes/-/type string",
      "/resource_changes/-/group string",
      "/resource_changes/-/name string",
      "/resource_changes/-/change/actions array",
      "/resource_changes/-/change/actions/- string",
      "/resource_changes/-/change/before object",
      "/resource_changes/-/change/before null",
      "/resource_changes/-/change/after object",
      "/resource_changes/-/change/after null",
      "/resource_changes/-/change/before_sensitive object",
      "/resource_changes/-/change/after_sensitive object",
      "/resource_changes/-/change/fields array",
      "/resource_changes/-/change/fields/-/path string",
      "/resource_changes/-/change/fields/-/before integer",
      "/resource_changes/-/change/fields/-/after integer",
      "/resource_changes/-/change/fields/-/live integer",
      "/resource_changes/-/change/fields/-/origin string",
      "/resource_changes/-/change/fields/-/risk string",
      "/resource_changes/-/change/fields/-/rule string",
      "/resource_changes/-/risk string",
      "/resource_changes/-/reason string",
      "/resource_changes/-/source/file string",
      "/resource_changes/-/source/line integer",
      "/resource_changes/-/source/column integer",
      "/resource_changes/-/moved_from null",
      "/resource_changes/-/importing boolean",
      "/resource_drift array",
      "/resource_drift/-/address string",
      "/resource_drift/-/change/actions/- string",
      "/unmanaged array",
      "/unmanaged/- string",
      "/ignored array",
      "/steps array",
      "/steps/-/id integer",
      "/steps/-/kind string",
      "/steps/-/group string",
      "/steps/-/api_mode string",
      "/steps/-/extend_mode string",
      "/steps/-/reason string",
      "/steps/-/addresses array",
      "/steps/-/addresses/- string",
      "/steps/-/predicted object",
      "/steps/-/depends_on array",
      "/steps/-/depends_on/- integer",
      "/summary/create integer",
      "/summary/update integer",
      "/summary/delete integer",
      "/summary/replace integer",
      "/summary/import integer",
      "/summary/no_op integer",
      "/summary/drift integer",
      "/summary/conflict integer",
      "/summary/breaking integer",
      "/summary/unmanaged integer",
  };
  for (const char* line : kContract) {
    INFO(line);
    CHECK(found.contains(line));
  }
  CHECK(document.text("format_version") == "1.0");
  CHECK(document.text("digest").starts_with("sha256:"));
}

TEST_CASE("a saved plan carries what is ignored and what is protected, and one without them is read") {
  const Resource list = api(test::with(test::body("GET", "/pets", "listPets"), "description", "a"));
  const Resource other = api(test::body("DELETE", "/pets/{id}", "deletePet"));
  const Resource now = api(test::with(list.body, "description", "hand"));
  DiffOptions options = test::options();
  options.ignore.push_back({"/description", "", "by hand", ""});
  options.protect.push_back({"GET /pets", {}});
  Baseline left = test::base({list, other});
  left.guarded = {other.address};
  const Plan plan = test::plan_of(left, test::desired({list}), test::live({now, other}), options);
  const std::string text = write_plan_file(plan);
  const auto read = read_plan_file(text);
  REQUIRE(read);
  REQUIRE(read->ignored.size() == 1);
  CHECK(read->ignored[0].path == "/description");
  CHECK(read->ignored[0].reason == "by hand");
  REQUIRE(read->losses.size() == 1);
  CHECK(read->losses[0].address == other.address);
  CHECK(read->groups.at(0).protect == std::vector<Address>{list.address});
  CHECK(read->digest == plan.digest);
  CHECK(*test::json(text).find("applyable") == Value(false));

  Value old = test::json(write_plan_file(test::plan_of({}, test::desired({list}), test::live({}), test::options())));
  Value payload = *old.find("payload");
  Value groups = Value::array();
  for (Value group : payload.find("groups")->items()) {
    group.erase("protect");
    group.erase("unprotect");
    groups.push(group);
  }
  payload.set("groups", groups);
  old.set("payload", payload);
  CHECK(read_plan_file(write_json(old)));
}

TEST_CASE("a change in JSON reads as in the contract") {
  const Resource before = api(test::with_endpoint(test::body("GET", "/pets/all", "listPets"), "timeout", 5000));
  const Resource after = api(test::with_endpoint(test::body("GET", "/pets/all", "listPets"), "timeout", 3000));
  const Plan plan = test::plan_of(test::base({before}), test::desired({after}), test::live({before}), test::options());
  const Value change = change_to_json(plan.changes.at(0));
  CHECK(change.text("address") == "api.pets[\"GET /pets/all\"]");
  CHECK(change.text("type") == "api");
  CHECK(change.text("group") == "pets");
  CHECK(change.text("name") == "GET /pets/all");
  CHECK(write_json(*change.find("change")->find("actions")) == R"(["update"])");
  CHECK(
      write_json(*change.find("change")->find("fields")) ==
      R"([{"path":"/x-apigateway-backend/httpEndpoints/timeout","before":5000,"after":3000,"live":5000,)"
      R"("origin":"pending","risk":"warning","rule":"timeout-lowered","why":"Calls that take longer than the new timeout fail."}])");
  CHECK(change.text("risk") == "warning");
  const Value whole = plan_to_json(plan);
  REQUIRE(whole.find("steps")->items().size() == 1);
  CHECK(
      write_json(test::with(whole.find("steps")->items()[0], "reason", "…")) ==
      R"({"id":1,"kind":"import","group":"pets","api_mode":"override","extend_mode":"merge","reason":"…","addresses":)"
      R"(["api.pets[\"GET /pets/all\"]"],"predicted":{"api.pets[\"GET /pets/all\"]":"updated"},"depends_on":[]})");
  CHECK(write_json(*whole.find("summary")) ==
        R"({"create":0,"update":1,"delete":0,"replace":0,"import":0,"no_op":0,"drift":0,"conflict":0,"breaking":0,)"
        R"("unmanaged":0})");
}

TEST_CASE("a plan with collisions and a drift report are not applyable") {
  Plan plan;
  finish(plan);
  CHECK(*plan_to_json(plan).find("applyable") == Value(true));
  plan.drift_only = true;
  CHECK(*plan_to_json(plan).find("applyable") == Value(false));
  plan.drift_only = false;
  plan.collisions.push_back({Address::group("pets"), "/description", {}});
  CHECK(*plan_to_json(plan).find("applyable") == Value(false));
}

TEST_CASE("a saved plan reads back as what was written, byte for byte") {
  for (const bool collides : {false, true}) {
    Plan plan = test::plan_of_everything();
    plan.created_at = "2026-11-22T09:00:00Z";
    plan.expires_at = "2026-11-29T09:00:00Z";
    plan.max_deletes = 3;
    plan.drift_decided = true;
    if (collides) plan.collisions.push_back({Address::group("pets"), "/description", {"pets.yaml", 1, 2}});
    finish(plan);
    const std::string text = write_plan_file(plan);
    const auto again = read_plan_file(text);
    REQUIRE(again);
    CHECK(write_plan_file(*again) == text);
    CHECK(again->digest == plan.digest);
    CHECK(again->max_deletes == plan.max_deletes);
    CHECK(again->steps.size() == plan.steps.size());
    for (std::size_t i = 0; i < plan.steps.size(); ++i) CHECK(again->steps[i].document == plan.steps[i].document);
    REQUIRE(again->drift.size() == plan.drift.size());
    CHECK(again->drift.at(0).origin == Origin::Drift);
    for (std::size_t i = 0; i < plan.changes.size(); ++i) CHECK(again->changes[i].rule == plan.changes[i].rule);
  }
}

TEST_CASE("a saved plan of policies reads back as what was written, byte for byte") {
  const std::string text = write_plan_file(test::plan_of_policies());
  const auto again = read_plan_file(text);
  REQUIRE(again);
  CHECK(write_plan_file(*again) == text);
  REQUIRE(again->changes.size() == 5);
  CHECK(again->changes[1].touches == test::plan_of_policies().changes[1].touches);
}

TEST_CASE("an empty plan is saved and read back too") {
  Plan plan;
  plan.gateway = test::gateway();
  finish(plan);
  const std::string text = write_plan_file(plan);
  const auto again = read_plan_file(text);
  REQUIRE(again);
  CHECK(again->empty());
  CHECK(write_plan_file(*again) == text);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a plan that was changed after it was written is refused") {
  const std::string text = write_plan_file(test::plan_of_everything());
  const std::pair<std::string, std::string> edits[] = {
      {"\"after\": 3000", "\"after\": 3001"},
      {"https://apig.example.com", "https://apig.example.org"},
      {"\"api_mode\": \"override\"", "\"api_mode\": \"merge\""},
      {"\"kind\": \"offline\"", "\"kind\": \"publish\""},
      {"\"environment\": \"RELEASE\"", "\"environment\": \"RELEASF\""},
      {"\\\"timeout\\\":3000", "\\\"timeout\\\":3009"},
      {"\"after_digest\": \"sha256:", "\"after_digest\": \"sha256:0"},
      {"\"before_digest\": \"sha256:", "\"before_digest\": \"sha256:0"},
      {"\"digest\": \"sha256:", "\"digest\": \"sha256:0"},
  };
  REQUIRE(read_plan_file(text));
  for (const auto& [from, to] : edits) {
    // Environments are written both in a change and in its step: every one of them counts.
    const std::size_t steps = text.find("\"steps\": [");
    const std::size_t behind = from.starts_with("\"environment\"") ? text.find(from, steps) : text.find(from);
    INFO(from);
    REQUIRE(behind != std::string::npos);
    const auto again = read_plan_file(std::string(text).replace(behind, from.size(), to));
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == ErrorKind::Invalid);
    CHECK(again.error().message.starts_with(
        "The file is not a plan that can be used: it was changed after it was written, "));
    CHECK(again.error().message.ends_with("Make a new one with `sluice plan --out FILE`."));
  }
}

TEST_CASE("a file that is torn, no JSON, no plan or of a later version is refused in one sentence") {
  const std::string text = write_plan_file(test::plan_of_everything());
  for (std::size_t length = 0; length + 2 < text.size(); length += text.size() / 50) {
    CHECK_FALSE(read_plan_file(std::string_view(text).substr(0, length)));
  }
  const auto why = [](const std::string& file) {
    const auto plan = read_plan_file(file);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().kind == ErrorKind::Invalid);
    CHECK(plan.error().message.ends_with(". Make a new one with `sluice plan --out FILE`."));
    CHECK(plan.error().message.find('\n') == std::string::npos);
    return plan.error().message;
  };
  CHECK(why("hello").starts_with("The file is not a plan that can be used: "));
  CHECK(contains(why("{}"), "it has no format_version"));
  CHECK(contains(why("[]"), "it has no format_version"));
  CHECK(contains(why(replaced(text, "\"format_version\": \"1.0\"", "\"format_version\": \"2.0\"")),
                 "its format_version is 2.0, and this Sluice reads 1.x"));
  CHECK(contains(why(replaced(text, "\"format_version\": \"1.0\"", "\"format_version\": \"10.0\"")), "10.0"));
  CHECK(contains(why("{\"format_version\": \"1.0\"}"), "`gateway` is missing"));
  CHECK(contains(why(replaced(text, "\"actions\": [", "\"actions\": [\"create\", ")),
                 "`actions` does not hold one action"));
  CHECK(contains(why(replaced(text, "\"id\": 1,", "\"id\": \"1\",")), "`id` is not a whole number"));
  CHECK(contains(why(replaced(text, "\"kind\": \"import\"", "\"kind\": \"upload\"")), "\"upload\" is not known"));
  CHECK(contains(why(replaced(text, "\"address\": \"", "\"address\": \"x")), "is not an address"));
}

}  // namespace
}  // namespace sluice
