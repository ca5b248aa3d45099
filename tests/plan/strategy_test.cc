#include "plan/strategy.h"

#include "plan/import_document.h"
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

Resource get(const std::string& path, const std::string& name, const char* description = "") {
  return api(with(body("GET", path, name), "description", description));
}

Plan plan(const std::vector<Resource>& was, const std::vector<Resource>& wanted, const std::vector<Resource>& now,
          std::vector<std::string> environments = {}, const Capabilities& capabilities = {}) {
  return test::plan_of(base(was), desired(wanted), live(now), options(std::move(environments)), capabilities);
}

std::size_t operations_in(const Step& step) {
  const Value document = test::json(step.document);
  std::size_t count = 0;
  for (const auto& path : document.find("paths")->members()) count += path.value.members().size();
  return count;
}

std::vector<Resource> many(std::size_t count, const char* description = "") {
  std::vector<Resource> list;
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(get("/p" + std::to_string(10000 + i), "op_" + std::to_string(i), description));
  }
  return list;
}

TEST_CASE("nothing to do is no step") {
  CHECK(plan({}, {}, {}).steps.empty());
  const Resource a = get("/a", "one");
  CHECK(plan({a, published(a)}, {a}, {a, published(a)}, {"RELEASE"}).steps.empty());
}

TEST_CASE("a plan with everything runs in the one right order") {
  const Resource changed = get("/changed", "changed", "old");
  const Resource doomed = get("/doomed", "doomed");
  const Resource same = get("/same", "same");
  const Plan result =
      plan({changed, doomed, same, published(doomed), published(same)},
           {test::group(), get("/changed", "changed", "new"), get("/new", "new_one"), same},
           {changed, doomed, same, published(doomed), published(doomed, "OTHERS"), published(same)}, {"RELEASE"});
  CHECK(text_of(result.steps) ==
        "1 create-group: group.pets=created\n"
        "2 import merge: api.pets[\"GET /new\"]=created\n"
        "3 import override: api.pets[\"GET /changed\"]=updated\n"
        "4 publish in RELEASE: publication.pets.RELEASE[\"GET /changed\"]=published "
        "publication.pets.RELEASE[\"GET /new\"]=published\n"
        "5 offline in OTHERS: publication.pets.OTHERS[\"GET /doomed\"]=offline\n"
        "6 offline in RELEASE: publication.pets.RELEASE[\"GET /doomed\"]=offline\n"
        "7 delete: api.pets[\"GET /doomed\"]=deleted\n");
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    CHECK(result.steps[i].depends_on == (i == 0 ? std::vector<int>{} : std::vector<int>{static_cast<int>(i)}));
    CHECK(result.steps[i].group == "pets");
    CHECK_FALSE(result.steps[i].reason.empty());
    CHECK(result.steps[i].extend_mode == Mode::Merge);
  }
}

TEST_CASE("a document holds what changes and nothing else, with the live value at every undeclared path") {
  Value now = with(body("GET", "/a", "one"), "description", "old");
  now.set("x-later", 1).set("x-apigateway-content-type", "text/xml");
  const Resource same = get("/same", "same");
  const Plan result = plan({api(now), same}, {get("/a", "one", "new"), same}, {api(now), same});
  REQUIRE(result.steps.size() == 1);
  const Value document = test::json(result.steps[0].document);
  const auto& paths = document.find("paths")->members();
  REQUIRE(paths.size() == 1);
  const Value& operation = *paths[0].value.find("get");
  CHECK(operation.text("description") == "new");
  CHECK(operation.text("x-apigateway-content-type") == "text/xml");
  CHECK(operation.find("x-later") != nullptr);
  CHECK(document.find("info")->text("title") == "pets");
}

TEST_CASE("imports are split at the limit of APIs, and each API travels once") {
  struct Row {
    std::size_t apis;
    std::vector<std::size_t> split;
  };
  for (const Row& row : {Row{300, {300}}, Row{301, {300, 1}}, Row{600, {300, 300}}, Row{601, {300, 300, 1}}}) {
    const Plan result = plan({}, many(row.apis), {test::group()});
    std::vector<std::size_t> split;
    std::set<Address> seen;
    for (const Step& step : result.steps) {
      CHECK(step.kind == StepKind::Import);
      CHECK(operations_in(step) == step.predicted.size());
      split.push_back(step.predicted.size());
      for (const Prediction& prediction : step.predicted) CHECK(seen.insert(prediction.address).second);
    }
    CHECK(split == row.split);
    CHECK(seen.size() == row.apis);
  }
}

TEST_CASE("imports are split by size, and an API that is larger than that goes alone") {
  const std::string large(3000, 'x');
  std::vector<Resource> wanted;
  for (int i = 0; i < 5; ++i) {
    wanted.push_back(get("/p" + std::to_string(i), "op_" + std::to_string(i), i == 4 ? large.c_str() : ""));
  }
  Capabilities small;
  small.bytes_per_import = 1000;
  const Plan result = plan({}, wanted, {}, {}, small);
  std::vector<std::size_t> split;
  for (const Step& step : result.steps) split.push_back(step.predicted.size());
  CHECK(split == std::vector<std::size_t>{2, 2, 1});
}

TEST_CASE("exact and prefix match of one path cannot share a document") {
  const Resource exact = api(body("GET", "/a", "exact"));
  const Resource prefix = api(with(body("GET", "/a", "prefix"), "x-apigateway-match-mode", "SWA"));
  const Resource other = api(body("PUT", "/a", "other"));
  CHECK(text_of(plan({}, {exact, prefix, other}, {test::group()}).steps) ==
        "1 import merge: api.pets[\"GET /a\"]=created api.pets[\"PUT /a\"]=created\n"
        "2 import merge: api.pets[\"GET /a SWA\"]=created\n");
}

TEST_CASE("publishing is one call an environment, and at most the limit of ids") {
  Capabilities capabilities;
  capabilities.apis_per_import = 5000;
  const std::vector<Resource> apis = many(1001);
  std::vector<std::size_t> split;
  std::string environments;
  for (const Step& step : plan(apis, apis, apis, {"TEST", "RELEASE"}, capabilities).steps) {
    CHECK(step.kind == StepKind::Publish);
    split.push_back(step.predicted.size());
    environments += step.environment + " ";
  }
  CHECK(split == std::vector<std::size_t>{1000, 1, 1000, 1});
  CHECK(environments == "RELEASE RELEASE TEST TEST ");
}

TEST_CASE("what leaves an environment is taken offline there, and not deleted") {
  const Resource a = get("/a", "one");
  CHECK(text_of(plan({a, published(a, "TEST")}, {a}, {a, published(a, "TEST")}).steps) ==
        "1 offline in TEST: publication.pets.TEST[\"GET /a\"]=offline\n");
}

TEST_CASE("a group that is no longer wanted goes last") {
  const Resource a = get("/a", "one");
  CHECK(text_of(plan({test::group(), a}, {}, {test::group(), a, published(a)}).steps) ==
        "1 offline in RELEASE: publication.pets.RELEASE[\"GET /a\"]=offline\n"
        "2 delete: api.pets[\"GET /a\"]=deleted\n"
        "3 delete-group: group.pets=deleted\n");
  CHECK(text_of(plan({test::group("pets", "a")}, {test::group("pets", "b")}, {test::group("pets", "a")}).steps) ==
        "1 update-group: group.pets=updated\n");
}

TEST_CASE("a name that a doomed API still holds is freed first") {
  const Resource doomed = get("/old", "listPets");
  const Plan result = plan({doomed}, {get("/new", "listPets")}, {doomed});
  CHECK(result.collisions.empty());
  CHECK(text_of(result.steps) ==
        "1 import override: api.pets[\"GET /old\"]=updated\n"
        "2 import merge: api.pets[\"GET /new\"]=created\n"
        "3 delete: api.pets[\"GET /old\"]=deleted\n");
  CHECK(contains(result.steps[0].document, "\"operationId\":\"tmp_"));
  CHECK(contains(result.steps[0].reason, "temporary"));
  CHECK(contains(result.steps[1].document, "\"operationId\":\"listPets\""));
}

TEST_CASE("two APIs that swap their names get temporary ones first") {
  const Resource a = get("/a", "one");
  const Resource b = get("/b", "two");
  const Plan result = plan({a, b}, {get("/a", "two"), get("/b", "one")}, {a, b});
  CHECK(text_of(result.steps) ==
        "1 import override: api.pets[\"GET /a\"]=updated api.pets[\"GET /b\"]=updated\n"
        "2 import override: api.pets[\"GET /a\"]=updated api.pets[\"GET /b\"]=updated\n");
  CHECK_FALSE(contains(result.steps[0].document, "\"operationId\":\"one\""));
  CHECK(contains(result.steps[1].document, "\"operationId\":\"one\""));
}

TEST_CASE("a name that a renamed API gives up is freed for a new one") {
  const Resource a = get("/a", "one");
  CHECK(text_of(plan({a}, {get("/a", "two"), get("/b", "one")}, {a}).steps) ==
        "1 import override: api.pets[\"GET /a\"]=updated\n"
        "2 import merge: api.pets[\"GET /b\"]=created\n"
        "3 import override: api.pets[\"GET /a\"]=updated\n");
}

TEST_CASE("a name that is held by an API that is not ours is a collision") {
  const Plan result = plan({}, {get("/new", "listPets")}, {get("/theirs", "listPets")});
  REQUIRE(result.collisions.size() == 1);
  CHECK(result.collisions[0].address.text() == "api.pets[\"GET /new\"]");
  CHECK(result.collisions[0].difference ==
        "it needs the name listPets, which api.pets[\"GET /theirs\"] has, an API that is not owned by Sluice");
  CHECK_FALSE(result.applyable());
}

TEST_CASE("a name that is held by an API of ours that stays is a collision that says so") {
  const Resource old = get("/old", "listPets");
  DiffOptions keeping = options({});
  keeping.prune = Prune::None;
  const Plan diff = test::plan_of(base({old}), desired({get("/new", "listPets")}), live({old}), keeping, {});
  REQUIRE(diff.collisions.size() == 1);
  CHECK(diff.collisions[0].difference ==
        "it needs the name listPets, which api.pets[\"GET /old\"] has, an API that stays as it is");
  CHECK(contains(diff.collisions[0].way_out, "prune: none"));
}

/// The plan of `plan` above, under forced modes and in RELEASE.
Plan forced(const ForcedModes& modes, const std::vector<Resource>& was, const std::vector<Resource>& wanted) {
  DiffOptions how = options({"RELEASE"});
  how.modes = modes;
  return test::plan_of(base(was), desired(wanted), live(was), how);
}

TEST_CASE("under api_mode merge updates travel, and are predicted to be ignored") {
  const Resource old = get("/old", "old_one", "old");
  const Plan result = forced({Mode::Merge, {}}, {test::group(), old, published(old)},
                             {test::group(), get("/old", "old_one", "new"), get("/new", "new_one")});
  CHECK(text_of(result.steps) ==
        "1 import merge: api.pets[\"GET /new\"]=created\n"
        "2 import merge: api.pets[\"GET /old\"]=ignored\n"
        "3 publish in RELEASE: publication.pets.RELEASE[\"GET /new\"]=published\n");
  CHECK(result.steps[1].reason ==
        "api_mode merge, forced by the manifest, keeps the existing GET /old: 1 update will not happen; no policy "
        "travels.");
  const Change* update = result.find(old.address);
  REQUIRE(update != nullptr);
  CHECK(update->prevented_by == "api_mode: merge");
  CHECK(summarize(result).prevented == 1);
  CHECK(result.applyable());
}

TEST_CASE("under api_mode merge nothing is bound, unbound or judged for what does not change") {
  const auto bound = [](const char* policy) {
    return api(with(body("GET", "/a", "one"), "x-apigateway-ratelimit", policy));
  };
  const Resource old = bound("gold");
  const Plan result = forced({Mode::Merge, {}}, {old, published(old)}, {bound("silver")});
  CHECK(text_of(result.steps) == "1 import merge: api.pets[\"GET /a\"]=ignored\n");
  CHECK(result.changes[0].risk == Risk::Safe);
  CHECK(forced({}, {old, published(old)}, {bound("silver")}).changes[0].rule == "throttle-tightened");
}

TEST_CASE("under api_mode merge a response stays that an API keeps naming") {
  const auto naming = [](const char* response) {
    return api(with(body("GET", "/a", "one"), "x-apigateway-response", response));
  };
  const Resource response = make_resource(Address::response("pets", "teapot"), test::json(R"({"THROTTLED": {}})"));
  const Resource old = naming("teapot");
  const std::vector<Resource> was = {test::group(), response, old, published(old)};
  const std::vector<Resource> wanted = {test::group(), naming("default")};
  CHECK(text_of(forced({Mode::Merge, {}}, was, wanted).steps) == "1 import merge: api.pets[\"GET /a\"]=ignored\n");
  CHECK(contains(text_of(forced({}, was, wanted).steps), "delete-response"));
}

TEST_CASE("under api_mode merge no name can be freed") {
  const Resource doomed = get("/old", "listPets");
  const Plan result = forced({Mode::Merge, {}}, {doomed}, {get("/new", "listPets")});
  REQUIRE(result.collisions.size() == 1);
  CHECK(result.collisions[0].difference ==
        "it needs the name listPets, which api.pets[\"GET /old\"] has until it is changed or deleted, and `api_mode: "
        "merge` lets no import free it first");
  CHECK(result.collisions[0].way_out == "Say `api_mode: auto` for the group pets, or give one of them another name.");
  CHECK_FALSE(result.applyable());
  const Resource a = get("/a", "one");
  const Resource b = get("/b", "two");
  const Plan swap = forced({Mode::Merge, {}}, {a, b}, {get("/a", "two"), get("/b", "one")});
  CHECK(swap.collisions.empty());  // neither will happen
  CHECK(summarize(swap).prevented == 2);
}

TEST_CASE("under api_mode override creates say what they would replace") {
  const Plan result = forced({Mode::Override, {}}, {test::group()}, {test::group(), get("/new", "new_one")});
  REQUIRE(result.steps.size() == 2);
  CHECK(result.steps[0].api_mode == Mode::Override);
  CHECK(result.steps[0].reason ==
        "api_mode override, forced by the manifest, creates 1 API; override would replace one that somebody makes "
        "meanwhile; no policy travels.");
  CHECK(text_of(result.steps) ==
        "1 import override: api.pets[\"GET /new\"]=created\n"
        "2 publish in RELEASE: publication.pets.RELEASE[\"GET /new\"]=published\n");
}

TEST_CASE("a forced extend_mode says which definitions travel") {
  DesiredState policies =
      desired({make_resource(Address::ratelimit("gold"), test::json(R"({"api-limit": 10, "unit": "DAY"})"))});
  const Resource a = api(with(body("GET", "/a", "one"), "x-apigateway-ratelimit", "gold"));
  const auto import_of = [&](const ForcedModes& modes) {
    GroupDiff diff = diff_group({}, desired({a}), live({test::group()}), options());
    return choose_steps(diff, live({test::group()}), "pets", {}, policies, Deletions::Last, modes).front();
  };
  CHECK(import_of({{}, Mode::Override}).extend_mode == Mode::Override);
  CHECK(contains(import_of({{}, Mode::Override}).reason,
                 "extend_mode override, forced by the manifest, replaces the definition of ratelimit.gold as well."));
  CHECK(contains(import_of({{}, Mode::Merge}).reason,
                 "extend_mode merge, forced by the manifest, keeps the policies that it names."));
  CHECK(import_of({}).extend_mode == Mode::Merge);
}

TEST_CASE("a changed policy travels with a group that lets it, else it is predicted to be ignored") {
  const auto gold = [](int limit) {
    return make_resource(Address::ratelimit("gold"), Value::object({{"api-limit", limit, 0}, {"unit", "DAY", 0}}));
  };
  DesiredState policies = desired({gold(10)});
  policies.users[Address::ratelimit("gold")] = {{"api.pets[\"GET /a\"]", "api.pets[\"GET /a\"]"},
                                                {"api.shop[\"GET /a\"]", "api.shop[\"GET /a\"]"}};
  const auto steps = [&](const std::map<std::string, ForcedModes>& modes) {
    GroupDiff diff = diff_group(base({gold(100)}), policies, live({gold(100)}), options());
    PolicySteps chosen = choose_policy_steps(diff, policies, "pets", modes);
    std::string text;
    for (const auto& [group, list] : chosen.by_group) {
      text += group + " " + text_of(list) + list.front().reason + " " + diff.changes[0].prevented_by + "\n";
    }
    return text;
  };
  const ForcedModes merge{{}, Mode::Merge};
  CHECK(steps({}) ==
        "pets 0 import merge: ratelimit.gold=updated\nextend_mode override replaces the definition of 1 policy; no API "
        "travels. \n");
  CHECK(contains(steps({{"pets", merge}}), "shop 0 import merge: ratelimit.gold=updated\n"));
  CHECK(steps({{"pets", merge}, {"shop", merge}}) ==
        "pets 0 import merge: ratelimit.gold=ignored\nextend_mode merge, forced by the manifest, keeps the existing "
        "ratelimit.gold: 1 update will not happen. extend_mode: merge\n");
}

TEST_CASE("shuffled files give the same plan") {
  test::BodyGenerator generator(31);
  std::vector<Value> bodies;
  for (int i = 0; i < 40; ++i) bodies.push_back(generator.next());
  std::string first;
  for (int round = 0; round < 5; ++round) {
    std::vector<Resource> wanted = {test::group()};
    std::vector<Resource> now;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      wanted.push_back(api(bodies[i]));
      if (bodies[i].text("method") != "GET") now.push_back(api(with(bodies[i], "description", "live")));
    }
    generator.shuffle(wanted);
    generator.shuffle(now);
    const Plan result = plan(now, wanted, now, {"RELEASE", "TEST"});
    CHECK(result.digest.starts_with("sha256:"));
    if (first.empty()) first = result.digest;
    CHECK(result.digest == first);
    for (Value& body : bodies) generator.shuffle(body.mutable_members());
    generator.shuffle(bodies);
  }
}

TEST_CASE("the plan digest moves with gateway, addresses, fields, steps and modes, not with times") {
  const Resource a = get("/a", "one", "old");
  const Plan original = plan({a}, {get("/a", "one", "new")}, {a}, {"RELEASE"});
  const auto digest_after = [&](auto&& change) {
    Plan copy = original;
    change(copy);
    finish(copy);
    return copy.digest;
  };
  CHECK(digest_after([](Plan&) {}) == original.digest);
  CHECK(digest_after([](Plan& p) { p.created_at = p.expires_at = "2026-01-01T00:00:00Z"; }) == original.digest);
  CHECK(digest_after([](Plan& p) { p.steps[0].reason = p.changes[0].reason = "other words"; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.gateway.instance_id = "i2"; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.changes[0].action = Action::Create; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.changes[0].after_digest += "0"; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.changes[0].fields[0].after = "newer"; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.steps[0].api_mode = Mode::Merge; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.steps[0].document += " "; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.steps[1].environment = "TEST"; }) != original.digest);
  CHECK(digest_after([](Plan& p) { p.steps.pop_back(); }) != original.digest);
}

}  // namespace
}  // namespace sluice
