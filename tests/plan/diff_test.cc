#include "plan/diff.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::base;
using test::body;
using test::contains;
using test::desired;
using test::json;
using test::live;
using test::options;
using test::published;
using test::text_of;
using test::with;
using test::with_endpoint;

const Address kPets = Address::api("pets", "GET", "/pets", "NORMAL");

Value pets(const char* description = "") { return with(body("GET", "/pets", "listPets"), "description", description); }

/// The one change of a comparison.
Change only(const GroupDiff& diff) {
  INFO(text_of(diff.changes));
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.collisions.empty());
  return diff.changes[0];
}

std::string addresses(const std::vector<Address>& list) {
  std::string text;
  for (const Address& address : list) text += address.text() + "\n";
  return text;
}

std::string addresses(const std::vector<Resource>& list) {
  std::string text;
  for (const Resource& resource : list) text += resource.address.text() + "\n";
  return text;
}

TEST_CASE("the three values of a field decide its origin") {
  struct Row {
    const char* base;
    const char* desired;
    const char* live;
    const char* origin;  // "" when nothing differs
    bool recorded;
  };
  const Row rows[] = {
      {"a", "a", "a", "", false},         {"a", "b", "a", "pending", false}, {"a", "a", "b", "drift", false},
      {"a", "b", "c", "conflict", false}, {"a", "b", "b", "", true},         {"", "b", "", "pending", false},
      {"b", "b", "", "drift", false},     {"b", "", "b", "pending", false},  {"b", "", "", "", true},
      {"b", "", "c", "conflict", false},  {"", "b", "c", "conflict", false},
  };
  for (const Row& row : rows) {
    INFO(row.base << " " << row.desired << " " << row.live);
    const GroupDiff diff = diff_group(base({api(pets(row.base))}), desired({api(pets(row.desired))}),
                                      live({api(pets(row.live))}), options());
    CHECK(diff.records.size() == (row.recorded ? 1U : 0U));
    if (*row.origin == '\0') {
      CHECK(diff.changes.empty());
      CHECK(diff.unchanged == 1);
      continue;
    }
    const Change change = only(diff);
    CHECK(change.action == Action::Update);
    CHECK(to_string(change.origin) == row.origin);
    REQUIRE(change.fields.size() == 1);
    const FieldChange& field = change.fields[0];
    const auto value = [](const char* text) { return *text == '\0' ? Value() : Value(text); };
    CHECK(to_string(field.origin) == row.origin);
    CHECK(field.path == "/description");
    CHECK(field.before == value(row.live));
    CHECK(field.after == value(row.desired));
    CHECK(field.base == value(row.base));
    CHECK(change.after_digest == api(pets(row.desired)).digest);
    CHECK(change.before_digest == api(pets(row.live)).digest);
  }
}

TEST_CASE("a field that only the gateway moved to where the files are is adopted beside others that change") {
  const Value before = with_endpoint(pets("a"), "timeout", 1000);
  const GroupDiff diff = diff_group(base({api(before)}), desired({api(with_endpoint(pets("b"), "timeout", 2000))}),
                                    live({api(with_endpoint(pets("b"), "timeout", 1000))}), options());
  CHECK(text_of(diff.changes) ==
        "update api.pets[\"GET /pets\"] pending: 1 field differs: import.\n"
        "  /x-apigateway-backend/httpEndpoints/timeout 1000 -> 2000 pending\n");
}

TEST_CASE("live fields that no table knows are carried along, counted, and never a difference") {
  const Value with_extras = with(with_endpoint(pets("a"), "later", json(R"({"x": 1})")), "x-later", 1);
  CHECK(diff_group(base({api(pets("a"))}), desired({api(pets("a"))}), live({api(with(pets("a"), "x-later", 1))}),
                   options())
            .undeclared == 1);
  const GroupDiff same =
      diff_group(base({api(pets("a"))}), desired({api(pets("a"))}), live({api(with_extras)}), options());
  CHECK(same.changes.empty());
  CHECK(same.drift.empty());
  const GroupDiff diff =
      diff_group(base({api(pets("a"))}), desired({api(pets("b"))}), live({api(with_extras)}), options());
  const Change change = only(diff);
  CHECK(change.fields.size() == 1);
  CHECK(change.after.find("x-later") != nullptr);
  CHECK(write_json(*change.after.find("x-apigateway-backend")->find("httpEndpoints")->find("later")) == R"({"x":1})");
  CHECK(change.after_digest == api(pets("b")).digest);
  CHECK(diff.undeclared == 2);
}

TEST_CASE("fields that the files leave open stay as the gateway has them") {
  const Value kept = with(pets("a"), "x-apigateway-content-type", "application/json");
  CHECK(diff_group(base({api(pets("a"))}), desired({api(pets("a"))}), live({api(kept)}), options()).changes.empty());
  CHECK(diff_group(base({api(kept)}), desired({api(pets("a"))}), live({api(kept)}), options()).changes.empty());
  const Change change = only(diff_group(base({api(kept)}), desired({api(pets("b"))}), live({api(kept)}), options()));
  CHECK(change.fields.size() == 1);
  CHECK(change.after.text("x-apigateway-content-type") == "application/json");
  CHECK(change.after_digest == api(with(kept, "description", "b")).digest);
  const Value other = with(pets("a"), "x-apigateway-content-type", "text/xml");
  CHECK(text_of(diff_group(base({api(kept)}), desired({api(other)}), live({api(kept)}), options()).changes) ==
        "update api.pets[\"GET /pets\"] pending: 1 field differs: import.\n"
        "  /x-apigateway-content-type \"application/json\" -> \"text/xml\" pending\n");
}

TEST_CASE("elements of keyed lists are found by key, whatever their place") {
  const auto with_parameters = [](const char* list) { return api(with(pets(), "parameters", json(list))); };
  const Resource before = with_parameters(R"([{"in": "query", "name": "limit"}, {"in": "query", "name": "old"},
                                              {"in": "header", "name": "X-A"}])");
  const Resource after = with_parameters(R"([{"in": "header", "name": "x-a", "description": "d"},
      {"in": "query", "name": "a/b~c", "required": true}, {"in": "query", "name": "limit", "required": true}])");
  CHECK(
      text_of(diff_group(base({before}), desired({after}), live({before}), options()).changes) ==
      "update api.pets[\"GET /pets\"] pending: 4 fields differ: import.\n"
      "  /parameters/header:x-a/description null -> \"d\" pending\n"
      "  /parameters/query:a~1b~0c null -> {\"in\":\"query\",\"name\":\"a/b~c\",\"type\":\"string\",\"required\":true,"
      "\"x-apigateway-pass-through\":\"always\"} pending\n"
      "  /parameters/query:limit/required false -> true pending\n"
      "  /parameters/query:old {\"in\":\"query\",\"name\":\"old\",\"type\":\"string\",\"required\":false,"
      "\"x-apigateway-pass-through\":\"always\"} -> null pending\n");
}

TEST_CASE("an API that is only in the files is created where it should be published, in whatever order that is said") {
  const GroupDiff diff = diff_group({}, desired({test::group(), api(pets())}), {}, options({"TEST", "RELEASE"}));
  CHECK(text_of(diff.changes) ==
        "create group.pets pending: The group is not on the gateway.\n"
        "create api.pets[\"GET /pets\"] pending: It is not on the gateway: import and publish in RELEASE and TEST.\n");
  CHECK(diff.changes[1].environments == std::vector<std::string>{"RELEASE", "TEST"});
  CHECK(diff.changes[1].before.is_null());
  CHECK(diff.changes[1].before_digest.empty());
}

TEST_CASE("an owned API that the files no longer name is deleted, and its publications are named") {
  const Resource gone = api(pets());
  const GroupDiff diff = diff_group(base({gone, published(gone)}), desired({}),
                                    live({gone, published(gone), published(gone, "TEST")}), options({"RELEASE"}));
  CHECK(text_of(diff.changes) ==
        "delete api.pets[\"GET /pets\"] pending: The files no longer name it: take it offline in RELEASE, then take it "
        "offline in TEST, where others published it, then delete it.\n");
  CHECK(diff.changes[0].after_digest.empty());
}

TEST_CASE("prune none keeps what the files no longer name") {
  DiffOptions keep = options({"RELEASE"});
  keep.prune = Prune::None;
  const GroupDiff diff =
      diff_group(base({test::group(), api(pets())}), desired({}), live({test::group(), api(pets())}), keep);
  CHECK(diff.changes.empty());
  CHECK(diff.unchanged == 2);
}

TEST_CASE("an API that is not ours and not in the files is listed and left alone") {
  const Resource other = api(pets());
  const GroupDiff diff =
      diff_group({}, desired({}), live({test::group(), other, published(other)}), options({"RELEASE"}));
  CHECK(diff.changes.empty());
  CHECK(addresses(diff.unmanaged) == "api.pets[\"GET /pets\"]\n");
  CHECK(diff.drift.empty());
}

TEST_CASE("an API that is not ours and differs from the files is a collision") {
  Resource wanted = api(pets("a"));
  wanted.source = {"pets.yaml", 4, 5};
  const GroupDiff diff = diff_group({}, desired({wanted}), live({api(pets("b"))}), options({"RELEASE"}));
  CHECK(diff.changes.empty());
  REQUIRE(diff.collisions.size() == 1);
  CHECK(diff.collisions[0].address == kPets);
  CHECK(diff.collisions[0].difference ==
        "it exists on the gateway, is not owned by Sluice, and differs (/description)");
  CHECK(to_string(diff.collisions[0].source) == "pets.yaml:4:5");
}

TEST_CASE("an API that is not ours and equals the files is no change, and still not ours") {
  const GroupDiff diff = diff_group({}, desired({api(pets())}), live({api(pets())}), options());
  CHECK(diff.changes.empty());
  CHECK(diff.collisions.empty());
  CHECK(diff.records.empty());
  CHECK(diff.unmanaged.empty());
  CHECK(diff.unchanged == 1);
}

TEST_CASE("an adopted API is changed, or recorded when it is right already") {
  DiffOptions adopt = options();
  adopt.adopt = {R"(api.pets["* /pets"])"};
  const Change change = only(diff_group({}, desired({api(pets("a"))}), live({api(pets("b"))}), adopt));
  CHECK(change.action == Action::Update);
  CHECK(change.importing);
  CHECK(change.fields.at(0).origin == Origin::Pending);
  const GroupDiff same = diff_group({}, desired({api(pets())}), live({api(pets())}), adopt);
  CHECK(same.changes.empty());
  CHECK(addresses(same.records) == "api.pets[\"GET /pets\"]\n");
  adopt.adopt = {R"(api.pets["* /other"])"};
  CHECK(diff_group({}, desired({api(pets("a"))}), live({api(pets("b"))}), adopt).collisions.size() == 1);
}

TEST_CASE("what an interrupted run sent is ours if it exists as it was sent") {
  Baseline claimed;
  claimed.claimed.emplace(kPets, api(pets()).digest);
  CHECK(addresses(diff_group(claimed, desired({api(pets())}), live({api(pets())}), options()).records) ==
        "api.pets[\"GET /pets\"]\n");
  CHECK(only(diff_group(claimed, desired({api(pets("a"))}), live({api(pets())}), options())).action == Action::Update);
  CHECK(diff_group(claimed, desired({api(pets("a"))}), live({api(pets("theirs"))}), options()).collisions.size() == 1);
  CHECK(diff_group(claimed, desired({}), live({api(pets("theirs"))}), options()).unmanaged.size() == 1);
  CHECK(only(diff_group(claimed, desired({}), live({api(pets())}), options())).action == Action::Delete);
}

TEST_CASE("an existing group that is not ours is used and never changed") {
  const GroupDiff diff = diff_group({}, desired({test::group("pets", "ours"), api(pets())}),
                                    live({test::group("pets", "theirs")}), options());
  CHECK(text_of(diff.changes) == "create api.pets[\"GET /pets\"] pending: It is not on the gateway: import.\n");
  CHECK(diff.collisions.empty());
  CHECK(diff_group({}, desired({}), live({test::group()}), options()).changes.empty());
}

TEST_CASE("our group's description is updated, and the group goes when the manifest drops it") {
  const Resource was = test::group("pets", "a");
  CHECK(text_of(diff_group(base({was}), desired({test::group("pets", "b")}), live({was}), options()).changes) ==
        "update group.pets pending: 1 field differs: update.\n  /description \"a\" -> \"b\" pending\n");
  const GroupDiff gone = diff_group(base({was, api(pets())}), desired({}), live({was, api(pets())}), options());
  CHECK(text_of(gone.changes) ==
        "delete group.pets pending: The manifest no longer names the group.\n"
        "delete api.pets[\"GET /pets\"] pending: The files no longer name it: delete it.\n");
}

TEST_CASE("our group stays when somebody else has an API in it") {
  const GroupDiff diff = diff_group(base({test::group()}), desired({}), live({test::group(), api(pets())}), options());
  CHECK(diff.changes.empty());
  CHECK(diff.unmanaged.size() == 1);
}

TEST_CASE("what was deleted behind our back is created again, or forgotten when nobody wants it") {
  const GroupDiff again = diff_group(base({api(pets())}), desired({api(pets())}), {}, options({"RELEASE"}));
  CHECK(text_of(again.changes) ==
        "create api.pets[\"GET /pets\"] drift: It was deleted on the gateway: import and publish in RELEASE.\n");
  CHECK(text_of(again.drift) ==
        "delete api.pets[\"GET /pets\"] drift: It was deleted on the gateway, with its group.\n");
  const GroupDiff forgotten =
      diff_group(base({api(pets()), published(api(pets()))}), desired({}), {}, options({"RELEASE"}));
  CHECK(forgotten.changes.empty());
  CHECK(addresses(forgotten.forgets) == "api.pets[\"GET /pets\"]\npublication.pets.RELEASE[\"GET /pets\"]\n");
}

TEST_CASE("the whole group gone is created again as drift") {
  const GroupDiff diff =
      diff_group(base({test::group(), api(pets())}), desired({test::group(), api(pets())}), {}, options());
  CHECK(text_of(diff.changes) ==
        "create group.pets drift: The group is not on the gateway.\n"
        "create api.pets[\"GET /pets\"] drift: It was deleted on the gateway: import.\n");
  CHECK(diff.drift.size() == 2);
}

TEST_CASE("on-drift keep leaves what the gateway changed and carries on with what the files changed") {
  DiffOptions keep = options();
  keep.on_drift = OnDrift::Keep;
  const Resource was = api(with_endpoint(pets("a"), "timeout", 1000));
  const Resource now = api(with_endpoint(pets("drifted"), "timeout", 1000));
  const GroupDiff nothing = diff_group(base({was}), desired({was}), live({now}), keep);
  CHECK(nothing.changes.empty());
  CHECK(nothing.drift.size() == 1);
  const Change change =
      only(diff_group(base({was}), desired({api(with_endpoint(pets("a"), "timeout", 2000))}), live({now}), keep));
  CHECK(change.fields.size() == 1);
  CHECK(change.after.text("description") == "drifted");
  CHECK(change.after_digest == api(with_endpoint(pets("drifted"), "timeout", 2000)).digest);
  CHECK(diff_group(base({was}), desired({was}), {}, keep).changes.empty());
  const Change conflict =
      only(diff_group(base({api(pets("a"))}), desired({api(pets("b"))}), live({api(pets("c"))}), keep));
  CHECK(conflict.origin == Origin::Conflict);
}

TEST_CASE("on-drift keep knows a deletion on the gateway although a kept field was recorded") {
  DiffOptions keep = options();
  keep.on_drift = OnDrift::Keep;
  const Resource was = api(with(pets(), "x-apigateway-content-type", "application/json"));
  CHECK(diff_group(base({was}), desired({api(pets())}), {}, keep).changes.empty());
}

TEST_CASE("an API that is right but not served is published") {
  const Resource now = api(pets());
  const GroupDiff fresh = diff_group(base({now}), desired({now}), live({now}), options({"RELEASE"}));
  CHECK(text_of(fresh.changes) ==
        "create publication.pets.RELEASE[\"GET /pets\"] pending: It is not published in RELEASE.\n");
  const GroupDiff taken = diff_group(base({now, published(now)}), desired({now}), live({now}), options({"RELEASE"}));
  CHECK(text_of(taken.changes) ==
        "create publication.pets.RELEASE[\"GET /pets\"] drift: It was taken offline in RELEASE: publish it again.\n");
  CHECK(taken.drift.size() == 1);
}

TEST_CASE("an API that is served in another version is published again") {
  const Resource now = api(pets("new"));
  const Resource old = api(pets("old"));
  const GroupDiff diff =
      diff_group(base({now, published(now)}), desired({now}), live({now, published(old)}), options({"RELEASE"}));
  CHECK(text_of(diff.changes) ==
        "update publication.pets.RELEASE[\"GET /pets\"] drift: RELEASE serves another version than the one that is "
        "imported: publish it again.\n"
        "  /description \"old\" -> \"new\" pending\n");
  CHECK(text_of(diff.drift) ==
        "update publication.pets.RELEASE[\"GET /pets\"] drift: RELEASE serves another version than the last apply "
        "left.\n  /description \"new\" -> \"old\" drift\n");
}

TEST_CASE("an API that is served as it should be is no change; its publication is recorded once") {
  const Resource now = api(pets());
  const LiveState served = live({now, published(now)});
  const GroupDiff first = diff_group(base({now}), desired({now}), served, options({"RELEASE"}));
  CHECK(first.changes.empty());
  CHECK(addresses(first.records) == "publication.pets.RELEASE[\"GET /pets\"]\n");
  const GroupDiff second = diff_group(base({now, published(now)}), desired({now}), served, options({"RELEASE"}));
  CHECK(second.changes.empty());
  CHECK(second.records.empty());
}

TEST_CASE("an environment that left the list is taken offline where we published, and only there") {
  const Resource now = api(pets());
  const LiveState served = live({now, published(now), published(now, "TEST"), published(now, "OTHERS")});
  const Baseline ours = base({now, published(now), published(now, "TEST")});
  const GroupDiff diff = diff_group(ours, desired({now}), served, options({"RELEASE"}));
  CHECK(
      text_of(diff.changes) ==
      "delete publication.pets.TEST[\"GET /pets\"] pending: TEST is no longer among the group's environments: take it "
      "offline there.\n");
  const GroupDiff with_update = diff_group(ours, desired({api(pets("x"))}), served, options({"RELEASE"}));
  CHECK(with_update.changes.size() == 2);
  const GroupDiff gone = diff_group(ours, desired({now}), live({now, published(now)}), options({"RELEASE"}));
  CHECK(gone.changes.empty());
  CHECK(addresses(gone.forgets) == "publication.pets.TEST[\"GET /pets\"]\n");
}

TEST_CASE("a renamed path variable is an update of one API") {
  const auto variable = [](const std::string& name) {
    Value result = body("GET", "/pets/{" + name + "}", "getPet");
    return api(result.set("parameters", json(R"([{"in": "path", "required": true, "name": ")" + name + "\"}]")));
  };
  const Change change =
      only(diff_group(base({variable("id")}), desired({variable("petId")}), live({variable("id")}), options()));
  CHECK(change.action == Action::Update);
  CHECK(change.address.text() == "api.pets[\"GET /pets/{petId}\"]");
  CHECK(change.after_digest == variable("petId").digest);
  std::string paths;
  for (const FieldChange& field : change.fields) paths += field.path + "\n";
  CHECK(paths == "/path\n/parameters/path:id\n/parameters/path:petId\n/x-apigateway-backend/httpEndpoints/path\n");
}

TEST_CASE("unchanged resources are listed when asked for") {
  DiffOptions all = options();
  all.list_unchanged = true;
  const GroupDiff diff = diff_group(base({api(pets())}), desired({api(pets())}), live({api(pets())}), all);
  REQUIRE(diff.same.size() == 1);
  CHECK(diff.same[0].action == Action::NoOp);
}

TEST_CASE("drift is base against live, whatever the files say, and leaves out what live already is") {
  const Baseline was = base({api(pets("a"))});
  CHECK(find_drift(was, live({api(pets("a"))})).empty());
  CHECK(find_drift(was, live({api(with(pets("a"), "x-later", 1))})).empty());
  CHECK(text_of(find_drift(was, live({api(pets("b"))}))) ==
        "update api.pets[\"GET /pets\"] drift: It was changed on the gateway.\n  /description \"a\" -> \"b\" drift\n");
  CHECK(diff_group(was, desired({api(pets("b"))}), live({api(pets("b"))}), options()).drift.empty());
  CHECK(diff_group(was, desired({api(pets("c"))}), live({api(pets("b"))}), options()).drift.size() == 1);
  CHECK(diff_group(was, desired({}), {}, options()).drift.empty());
}

TEST_CASE("a publication that the gateway moved to where the files are is no drift of the plan") {
  const Resource old = api(pets("a"));
  const Resource now = api(with(pets("b"), "x-apigateway-content-type", "text/xml"));
  const Baseline was = base({old, published(old), published(old, "TEST")});
  const LiveState moved = live({now, published(now)});
  CHECK(diff_group(was, desired({api(pets("b"))}), moved, options({"RELEASE"})).drift.empty());
  CHECK(find_drift(was, moved).size() == 1);
  CHECK(contains(text_of(diff_group(was, desired({api(pets("b"))}), moved, options({"RELEASE", "TEST"})).drift),
                 "it is not published in TEST any more"));
  CHECK(diff_group(was, desired({api(pets("c"))}), moved, options({"RELEASE"})).drift.size() == 1);
}

TEST_CASE("random states: after what diff plans, nothing is left to do") {
  test::BodyGenerator generator(23);
  for (int round = 0; round < 60; ++round) {
    const Resource was = api(generator.next());
    Value moved = generator.next();
    moved.set("path", was.body.text("path")).set("method", was.body.text("method"));
    moved.set("x-apigateway-match-mode", was.body.text("x-apigateway-match-mode"));
    moved.erase("x-later");
    const Resource wanted = api(moved);
    const GroupDiff diff = diff_group(base({was}), desired({wanted}), live({was}), options());
    const Change change = only(diff);
    const Resource now = make_resource(was.address, change.after);
    INFO(text_of(diff.changes));
    CHECK(now.digest == change.after_digest);
    const GroupDiff again = diff_group(base({now}), desired({wanted}), live({now}), options());
    CHECK(again.changes.empty());
    CHECK(again.drift.empty());
  }
}

}  // namespace
}  // namespace sluice
