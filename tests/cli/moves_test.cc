// APIs that move or are renamed within their group: what is shown, and that callers are served all the while.
#include "tests/cli/moves.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// A served gateway with a group that was applied.
struct Group {
  explicit Group(const std::vector<Api>& apis, const std::vector<std::string>& flags = {})
      : served("20ms", flags), bench(served) {
    files(apis);
    bench.applied();
  }
  void files(const std::vector<Api>& apis) const { bench.folder.write("pets.json", document(apis)); }
  std::string plan() const {
    const Finished plan = bench.run({"plan", "--format", "json"});
    INFO(plan.out + plan.err);
    REQUIRE(plan.code == 0);
    return changes_of(plan);
  }
  /// Applies; each API of `kept`, by any of its places, is served throughout.
  void applied_without_outage(const std::vector<std::vector<std::string>>& kept,
                              const std::vector<std::string>& more = {}) const {
    std::string outage;
    const Finished done = watched_apply(
        bench, served,
        [&](const ServedApis& now) {
          for (const auto& places : kept) {
            const bool there = std::any_of(places.begin(), places.end(),
                                           [&](const std::string& place) { return now.contains(place); });
            if (!there) outage = places.front();
          }
        },
        more);
    INFO(done.out + done.err);
    CHECK(outage.empty());
    CHECK(done.code == 0);
    bench.converged();
  }

  Served served;
  ServedBench bench;
};

}  // namespace

TEST_CASE("a path, a method or a match mode that changed is a linked move, and something is served all the while") {
  struct Row {
    std::string what;
    Api before;
    Api after;
    std::string was;
    std::string is;
  };
  const Row rows[] = {
      {"path", {"get", "/old", "find"}, {"get", "/new", "find"}, "GET /old", "GET /new"},
      {"path and backend, another name",
       {"get", "/old", "findOld"},
       {"get", "/new", "findNew"},
       "GET /old",
       "GET /new"},
      {"method", {"get", "/a", "find"}, {"post", "/a", "find"}, "GET /a", "POST /a"},
      {"match mode", {"get", "/a", "find"}, {"get", "/a", "find", kPrefixMatch}, "GET /a", "GET /a SWA"},
      {"match mode back", {"get", "/a", "find", kPrefixMatch}, {"get", "/a", "find"}, "GET /a SWA", "GET /a"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const Group group({row.before, {"get", "/stays", "stays"}});
    group.files({row.after, {"get", "/stays", "stays"}});
    const std::string was = "api.pets[\"" + row.was + "\"]";
    const std::string is = "api.pets[\"" + row.is + "\"]";
    const Value plan = json_of(group.bench.run({"plan", "--format", "json"}).out);
    CHECK(at(plan, "resource_changes").items().size() == 2);
    const Value gone = change_at(plan, was);
    const Value made = change_at(plan, is);
    CHECK(at(gone, "change/actions/0") == Value("delete"));
    CHECK(at(made, "change/actions/0") == Value("create"));
    CHECK(gone.text("moved_to") == is);
    CHECK(made.text("moved_from") == was);
    for (const Value& change : {gone, made}) {
      CHECK(change.text("rule") == "api-moved");
      CHECK(change.text("risk") == "breaking");
    }
    CHECK(contains(std::string(gone.text("reason")), "app authorizations"));
    CHECK(contains(group.bench.run({"plan"}).out, "# " + was + " has moved to " + is));
    group.applied_without_outage({{row.was, row.is}, {"GET /stays"}});
  }
}

TEST_CASE("a changed basePath moves every API, and the limit says that they move") {
  std::vector<Api> apis;
  for (int i = 0; i < 40; ++i) apis.push_back({"get", "/a" + std::to_string(i), "find" + std::to_string(i)});
  const Group group(apis);
  group.bench.folder.write("pets.json", document(apis, "/v2"));
  const Finished refused = group.bench.apply();
  CHECK(refused.code == 4);
  CHECK(contains(refused.err,
                 "The plan deletes 40 APIs, all of which move, more than 20 in one run: say --max-deletes 40"));
  const Value plan = json_of(group.bench.run({"plan", "--format", "json"}).out);
  for (int i = 0; i < 40; ++i) {
    const std::string path = "/a" + std::to_string(i);
    CHECK(change_at(plan, "api.pets[\"GET " + path + "\"]").text("moved_to") == "api.pets[\"GET /v2" + path + "\"]");
  }
  group.applied_without_outage({{"GET /a0", "GET /v2/a0"}, {"GET /a39", "GET /v2/a39"}}, {"--max-deletes", "40"});
}

TEST_CASE("what is in doubt is not linked") {
  const Group group({{"get", "/a", "one"}, {"get", "/b", "two"}, {"get", "/stays", "stays"}});
  group.files({{"get", "/c", "three"}, {"get", "/d", "four"}, {"get", "/stays", "stays"}});
  const std::string plan = group.plan();
  CHECK_FALSE(contains(plan, " from "));
  CHECK_FALSE(contains(plan, " to "));
  CHECK(contains(group.bench.run({"plan"}).out, "# breaking: api-removed"));
  group.applied_without_outage({{"GET /stays"}});
}

TEST_CASE("a renamed variable or operation is one update") {
  const Group group({{"get", "/pets/{id}", "find"}, {"get", "/b", "two"}});
  group.files({{"get", "/pets/{petId}", "find"}, {"get", "/b", "other"}});
  CHECK(group.plan() == "update api.pets[\"GET /b\"]\nupdate api.pets[\"GET /pets/{petId}\"]\n");
  group.applied_without_outage({{"GET /pets/{id}", "GET /pets/{petId}"}, {"GET /b"}});
}

TEST_CASE("names that are swapped, go round or are taken over need no outage") {
  struct Row {
    std::string what;
    std::vector<Api> before;
    std::vector<Api> after;
    std::string changes;
    std::vector<std::vector<std::string>> kept;
  };
  const std::string d = R"("description": "new", )";
  const std::string e = R"("description": "another", )";
  const Row rows[] = {
      {"swap",
       {{"get", "/a", "one"}, {"get", "/b", "two"}},
       {{"get", "/a", "two"}, {"get", "/b", "one"}},
       "update api.pets[\"GET /a\"]\nupdate api.pets[\"GET /b\"]\n",
       {{"GET /a"}, {"GET /b"}}},
      {"three in a round",
       {{"get", "/a", "one"}, {"get", "/b", "two"}, {"get", "/c", "three"}},
       {{"get", "/a", "two"}, {"get", "/b", "three"}, {"get", "/c", "one"}},
       "update api.pets[\"GET /a\"]\nupdate api.pets[\"GET /b\"]\nupdate api.pets[\"GET /c\"]\n",
       {{"GET /a"}, {"GET /b"}, {"GET /c"}}},
      {"a chain of four, the last name is new",
       {{"get", "/a", "one"}, {"get", "/b", "two"}, {"get", "/c", "three"}, {"get", "/d", "four"}},
       {{"get", "/a", "two"}, {"get", "/b", "three"}, {"get", "/c", "four"}, {"get", "/d", "five"}},
       "update api.pets[\"GET /a\"]\nupdate api.pets[\"GET /b\"]\nupdate api.pets[\"GET /c\"]\nupdate api.pets[\"GET "
       "/d\"]\n",
       {{"GET /a"}, {"GET /b"}, {"GET /c"}, {"GET /d"}}},
      {"the name of one that goes, by one that stays",
       {{"get", "/a", "one"}, {"get", "/b", "two"}},
       {{"get", "/b", "one"}},
       "delete api.pets[\"GET /a\"]\nupdate api.pets[\"GET /b\"]\n",
       {{"GET /b"}}},
      {"the name of one that goes, by another kind of API: by its name it is a move",
       {{"get", "/a", "one"}, {"get", "/b", "two"}},
       {{"post", "/x", "one", d}, {"get", "/b", "two"}},
       "delete api.pets[\"GET /a\"] to api.pets[\"POST /x\"]\ncreate api.pets[\"POST /x\"] from api.pets[\"GET "
       "/a\"]\n",
       {{"GET /a", "POST /x"}, {"GET /b"}}},
      {"a swap, a takeover and a newcomer",
       {{"get", "/a", "one"}, {"get", "/b", "two"}, {"get", "/c", "three", d}},
       {{"get", "/a", "two"}, {"get", "/b", "three"}, {"get", "/d", "one", e}},
       "update api.pets[\"GET /a\"]\nupdate api.pets[\"GET /b\"]\ndelete api.pets[\"GET /c\"]\ncreate "
       "api.pets[\"GET /d\"]\n",
       {{"GET /a"}, {"GET /b"}}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const Group group(row.before);
    group.files(row.after);
    CHECK(group.plan() == row.changes);
    group.applied_without_outage(row.kept, {"--max-deletes", "9"});
  }
}

TEST_CASE("moves end well whatever a gateway does that is not documented") {
  for (const std::string quirk : {"conflict_key=name", "override=unbind", "override=offline", "override=replace",
                                  "dev=unpublished", "dev_definition=runtime", "merge=failure", "ignore=absent",
                                  "offline_unpublished=accept", "task_retention=1m", "concurrent_tasks=1"}) {
    INFO(quirk);
    const Group group({{"get", "/old", "old"}, {"get", "/mode", "mode"}, {"get", "/a", "one"}, {"get", "/b", "two"}},
                      {"--quirk", quirk});
    group.files(
        {{"get", "/new", "old"}, {"get", "/mode", "mode", kPrefixMatch}, {"get", "/a", "two"}, {"get", "/b", "one"}});
    CHECK(group.plan() ==
          "update api.pets[\"GET /a\"]\nupdate api.pets[\"GET /b\"]\ndelete api.pets[\"GET /mode\"] to "
          "api.pets[\"GET /mode SWA\"]\ncreate api.pets[\"GET /mode SWA\"] from api.pets[\"GET /mode\"]\ncreate "
          "api.pets[\"GET /new\"] from api.pets[\"GET /old\"]\ndelete api.pets[\"GET /old\"] to api.pets[\"GET "
          "/new\"]\n");
    // An import that takes offline what it replaces cannot be had without an outage.
    const bool spares = quirk != "override=offline" && quirk != "override=replace";
    group.applied_without_outage(spares ? std::vector<std::vector<std::string>>{{"GET /old", "GET /new"},
                                                                                {"GET /mode", "GET /mode SWA"},
                                                                                {"GET /a"},
                                                                                {"GET /b"}}
                                        : std::vector<std::vector<std::string>>{});
  }
}

TEST_CASE("both match modes of one path can be told apart") {
  const Served served;
  const ServedBench bench(served);
  bench.folder.write("sluice.yaml", [&] {
    std::string text = manifest({"pets"}, served.gateway_block());
    text.replace(text.find("swagger: pets.json"), 18, "swagger: [pets.json, more.json]");
    return text;
  }());
  bench.folder.write("pets.json", document({{"get", "/a", "exact"}}));
  bench.folder.write("more.json", document({{"get", "/a", "prefix", kPrefixMatch}}));
  bench.applied();
  bench.converged();
  bench.folder.write("more.json", document({{"get", "/a", "other", kPrefixMatch}}));
  CHECK(changes_of(bench.run({"plan", "--format", "json"})) == "update api.pets[\"GET /a SWA\"]\n");
  bench.applied();
  bench.converged();
}

TEST_CASE("what a move replaces stays as long as its successor does not serve") {
  // The first apply imports once and publishes once; what follows meets the fault.
  struct Row {
    std::string what;
    std::string fault;
    bool same_name;
  };
  const Row rows[] = {
      {"the import fails for it",
       R"([{method: POST, path: "**/openapi/async-import", nth: 2, action: partial_failure}])", false},
      {"the import leaves it out", R"([{method: POST, path: "**/openapi/async-import", nth: 2, action: ignored}])",
       false},
      {"the task fails", R"([{method: POST, path: "**/openapi/async-import", nth: 2, action: failed_task}])", false},
      {"the import is refused",
       R"([{method: POST, path: "**/openapi/async-import", nth: 2, action: status, status: 400, error_code: APIG.2000}])",
       false},
      {"the publishing fails",
       R"([{method: POST, path: "**/apis/publish", nth: 2, action: status, status: 400, error_code: APIG.2000}])",
       false},
      {"the import of the one that takes the name fails",
       R"([{method: POST, path: "**/openapi/async-import", nth: 3, action: partial_failure}])", true},
      {"the answer to the import is lost", R"([{method: POST, path: "**/openapi/async-import", nth: 2, action: drop}])",
       false},
  };
  for (const bool mode : {false, true}) {
    for (const Row& row : rows) {
      INFO(row.what << (mode ? ", another match mode" : ", another path"));
      const TempFolder folder;
      folder.write("faults.yaml", row.fault);
      const Group group({{"get", "/old", "old"}, {"get", "/stays", "stays"}}, {"--faults", folder / "faults.yaml"});
      const std::string successor = mode ? "GET /old SWA" : "GET /new";
      group.files({{"get", mode ? "/old" : "/new", row.same_name ? "old" : "new", mode ? kPrefixMatch : ""},
                   {"get", "/stays", "stays"}});
      std::string outage;
      const Finished failed = watched_apply(group.bench, group.served, [&](const ServedApis& now) {
        if (!now.contains("GET /old")) outage = "GET /old";
      });
      INFO(failed.out + failed.err);
      if (!contains(row.what, "lost")) {
        CHECK(failed.code == 3);
        CHECK(outage.empty());
        CHECK(contains(failed.out, "api.pets[\"GET /old\"]"));
        CHECK(contains(failed.out, "skipped"));
      }
      const Finished again = group.bench.apply();  // the fault is over
      INFO(again.out + again.err);
      CHECK(again.code == 0);
      group.bench.converged();
      CHECK_FALSE(served_apis(group.served).contains("GET /old"));
      CHECK(served_apis(group.served).contains(successor));
    }
  }
}

TEST_CASE("after a kill at any moment of moves and a swap the next apply converges, without an outage") {
  std::vector<std::unique_ptr<Group>> runs;
  const std::vector<int> moments = {30, 70, 110, 150, 190, 240, 300, 360};
  const std::vector<Api> before = {{"get", "/old", "old"}, {"get", "/a", "one"}, {"get", "/b", "two"}};
  for (std::size_t i = 0; i < moments.size(); ++i) {
    runs.push_back(std::make_unique<Group>(before, std::vector<std::string>{"--latency", "50ms"}));
    runs.back()->files({{"get", "/new", "old"}, {"get", "/a", "two"}, {"get", "/b", "one"}});
  }
  kill_applies(runs, moments);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    INFO("killed after " << moments[i] << " ms");
    runs[i]->applied_without_outage({{"GET /old", "GET /new"}, {"GET /a"}, {"GET /b"}});
  }
}
