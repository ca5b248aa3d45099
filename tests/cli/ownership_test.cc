// Whose something is: import, state rm, adopt, unmanaged, prune all.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t unmanaged(const Bench& bench, const std::string& command) {
  return at(json_of(bench.run({command, "--format", "json"}).out), "unmanaged").items().size();
}

}  // namespace

TEST_CASE("500 APIs of others in the group stay as they are, are counted, and are known from then on") {
  const Bench bench;
  bench.applied();
  Operations operations = many(500);
  operations.push_back({"/a", "one"});
  operations.push_back({"/b/{id}", "two"});
  bench.changed_behind_the_back(operations);
  const Finished plan = bench.run({"plan", "--detailed-exitcode"});
  INFO(plan.out + plan.err);
  CHECK(plan.code == 0);
  CHECK(contains(plan.out, "Not managed by Sluice, and left alone: 500\n"));
  CHECK(contains(plan.out, "    and 490 more: --format json lists all of them\n"));
  CHECK(lines(plan.out) < 30);
  CHECK(unmanaged(bench, "plan") == 500);
  CHECK(bench.run({"drift"}).code == 2);
  CHECK(unmanaged(bench, "drift") == 500);
  bench.applied();
  bench.converged();  // the second day
  CHECK(unmanaged(bench, "plan") == 500);
  CHECK(lines(bench.run({"state", "list"}).out) == 5);
  operations.push_back({"/new", "theirs"});
  bench.changed_behind_the_back(operations);
  const Finished drift = bench.run({"drift"});
  CHECK(drift.code == 2);
  CHECK(contains(drift.out, "and not managed by Sluice: 1\n    api.pets[\"GET /new\"]\n"));
  CHECK(bench.run({"drift", "--unmanaged", "report"}).code == 0);
  bench.applied();
  bench.converged();
  // What is taken away is forgotten: made again, it is new again.
  const Finished gone = bench.apply({"--state", "other.db", "--adopt", "**", "--prune", "all", "--max-deletes", "501"});
  INFO(gone.err);
  CHECK(gone.code == 0);
  bench.applied();
  bench.converged();
  CHECK(unmanaged(bench, "plan") == 0);
  bench.changed_behind_the_back(operations);
  CHECK(bench.run({"drift"}).code == 2);
  CHECK(unmanaged(bench, "drift") == 501);
}

TEST_CASE("import starts to own what exists and sends nothing") {
  const Bench bench;
  bench.changed_behind_the_back({{"/a", "one"}, {"/b/{id}", "theirs"}, {"/c", "three"}});
  const std::string before = bench.folder.read(".sluice/gateway.db");
  const Finished done = bench.run({"import", "api.pets[\"GET /a\"]", "api.pets[\"GET /b/*\"]", "group.pets"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(done.out ==
        "group.pets\napi.pets[\"GET /a\"]\napi.pets[\"GET /b/{id}\"]\npublication.pets.RELEASE[\"GET /a\"]\n"
        "publication.pets.RELEASE[\"GET /b/{id}\"]\n");
  CHECK(contains(done.err, "Imported 5 resources; nothing was sent"));
  CHECK_FALSE(contains(done.err, "Warning"));
  CHECK(bench.run({"state", "list"}).out == done.out);
  const Value shown = json_of(bench.run({"state", "show", "api.pets[\"GET /a\"]", "--format", "json"}).out);
  CHECK_FALSE(at(shown, "resources/0/remote_id").as_string().empty());
  CHECK(bench.run({"drift"}).code == 0);  // /c was there, and was seen
  const Value plan = json_of(bench.run({"plan", "--format", "json"}).out);
  CHECK(at(plan, "summary/update") == Value(1));
  CHECK(at(plan, "resource_changes/0/address") == Value("api.pets[\"GET /b/{id}\"]"));
  CHECK(at(plan, "resource_drift").items().empty());
  bench.applied();
  bench.converged();

  const Finished again = bench.run({"import", "api.pets[\"GET /a\"]", "api.pets[\"GET /c\"]", "--format", "json"});
  CHECK(again.code == 0);
  const Value json = json_of(again.out);
  CHECK(at(json, "imported/0") == Value("api.pets[\"GET /c\"]"));
  CHECK(at(json, "already_owned/0") == Value("api.pets[\"GET /a\"]"));
  CHECK(at(json, "planned_for_deletion") == Value::array({"api.pets[\"GET /c\"]"}));
  CHECK(contains(again.err, "Warning: The files do not ask for 1 of them (api.pets[\"GET /c\"])"));
  CHECK(at(json_of(bench.run({"plan", "--format", "json"}).out), "summary/delete") == Value(1));
}

TEST_CASE("import of what is not there is an error, and half of it is not imported") {
  const Bench bench;
  bench.changed_behind_the_back({{"/a", "one"}});
  const Finished missing = bench.run({"import", "api.pets[\"GET /a\"]", "api.pets[\"GET /nowhere\"]"});
  CHECK(missing.code == 1);
  CHECK(contains(missing.err, "api.pets[\"GET /nowhere\"] names nothing on the gateway"));
  CHECK(missing.out.empty());
  CHECK_FALSE(bench.folder.files().contains(".sluice/state.db"));
  CHECK(bench.run({"import", "api.nobody[\"**\"]"}).code == 1);
  CHECK(bench.run({"import"}).code == 64);
  bench.folder.write("pets.json", "{");
  CHECK(bench.run({"import", "api.**"}).code == 1);
}

TEST_CASE("hundreds of APIs are imported by one glob, and a group that no file names is said to go") {
  const Bench bench(many(300));
  bench.changed_behind_the_back(many(300));
  const Finished done = bench.run({"import", "api.**"});
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(lines(done.out) == 600);
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 0);
  bench.converged();
  bench.folder.write("sluice.yaml", manifest({"other"}));
  bench.folder.write("other.json", swagger(many(1)));
  const Finished unnamed = bench.run({"import", "group.pets"});
  CHECK(unnamed.code == 0);
  CHECK(contains(unnamed.err, "Warning: The files do not ask for 1 of them (group.pets)"));
}

TEST_CASE("state rm stops owning, sends nothing, and drift does not find it new") {
  const Bench bench;
  bench.applied();
  const std::string before = bench.run({"state", "list"}).out;
  const Finished unknown = bench.run({"state", "rm", "api.pets[\"GET /a\"]", "api.pets[\"GET /x\"]"});
  CHECK(unknown.code == 1);
  CHECK(contains(unknown.err, "The state holds nothing called api.pets[\"GET /x\"]: see `sluice state list`."));
  CHECK(bench.run({"state", "list"}).out == before);
  CHECK(bench.run({"state", "rm"}).code == 64);

  const Finished done = bench.run({"state", "rm", "api.pets[\"GET /b/{name}\"]"});
  CHECK(done.code == 0);
  CHECK(done.out == "api.pets[\"GET /b/{id}\"]\npublication.pets.RELEASE[\"GET /b/{id}\"]\n");
  CHECK(contains(done.err, "no longer owns 2 resources; nothing was sent"));
  CHECK(bench.run({"drift"}).code == 0);
  const Value plan = json_of(bench.run({"plan", "--format", "json"}).out);
  CHECK(at(plan, "unowned/0") == Value("api.pets[\"GET /b/{id}\"]"));
  CHECK(at(plan, "resource_changes").items().empty());
  bench.pets({{"/a", "one"}});
  bench.applied();  // it is not ours, so it stays
  CHECK(at(json_of(bench.run({"plan", "--format", "json"}).out), "unmanaged/0") == Value("api.pets[\"GET /b/{id}\"]"));

  CHECK(bench.run({"state", "rm", "group.pets", "--format", "json"}).code == 0);
  CHECK(lines(bench.run({"state", "list"}).out) == 2);
  CHECK(bench.run({"state", "rm", "**"}).code == 0);
  CHECK(bench.run({"state", "list"}).out.empty());
  CHECK(bench.run({"drift"}).code == 0);
}

TEST_CASE("import and state rm wait for nobody who holds the lock") {
  const Served served("500ms");
  const ServedBench bench(served);
  bench.applied();
  CHECK(bench.run({"state", "rm", "api.pets[\"GET /b/{id}\"]"}).code == 0);
  bench.pets({{"/a", "newer"}});
  const auto running = bench.start({"apply", "--auto-approve"});
  REQUIRE(running->wait_for("import"));
  const Finished removed = bench.run({"state", "rm", "group.pets"});
  CHECK(removed.code == 4);
  CHECK(contains(removed.err, "locked by alice"));
  const Finished import = bench.run({"import", "api.pets[\"GET /b/{id}\"]"});
  CHECK(import.code == 4);
  CHECK(running->wait().code == 0);
  CHECK(bench.run({"import", "api.pets[\"GET /b/{id}\"]"}).code == 0);
}

TEST_CASE("what is in the way is refused with three ways out, and adopted when that is said") {
  const Bench bench;
  bench.changed_behind_the_back({{"/a", "one"}, {"/b/{id}", "theirs"}});
  const Finished refused = bench.apply();
  CHECK(refused.code == 4);
  CHECK(
      contains(refused.out, "Collision: api.pets[\"GET /b/{id}\"]: it exists on the gateway, is not owned by Sluice"));
  for (const char* way : {"--adopt", "take it out of the files", "rename or delete it on the gateway"}) {
    CHECK(contains(refused.err, way));
  }
  const Value plan = json_of(bench.run({"plan", "--adopt", "api.**", "--format", "json"}).out);
  CHECK(at(plan, "summary/import") == Value(2));
  for (const Value& change : at(plan, "resource_changes").items()) CHECK(at(change, "importing") == Value(true));
  const Finished text = bench.run({"plan", "--adopt", "api.**"});
  CHECK(contains(text.out, "Sluice starts to own it."));
  CHECK(contains(text.out, "api.pets[\"GET /a\"] will be owned by Sluice, as it is"));
  CHECK(bench.apply({"--adopt", "api.**"}).code == 0);
  bench.converged();
  CHECK(lines(bench.run({"state", "list"}).out) == 4);
}

TEST_CASE("prune all deletes what nobody asked for, says so, and counts it") {
  const Bench bench;
  bench.applied();
  Operations operations = many(3);
  operations.push_back({"/a", "one"});
  operations.push_back({"/b/{id}", "two"});
  bench.changed_behind_the_back(operations);
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 0);
  const Finished plan = bench.run({"plan", "--prune", "all"});
  CHECK(plan.code == 0);
  CHECK(
      contains(plan.out, "It is not owned by Sluice; prune: all: take it offline in RELEASE, where others published"));
  CHECK(at(json_of(bench.run({"plan", "--prune", "all", "--format", "json"}).out), "resource_changes/0/owned") ==
        Value(false));
  const Finished limited = bench.apply({"--prune", "all", "--max-deletes", "2"});
  CHECK(limited.code == 4);
  CHECK(contains(limited.err, "deletes 3 APIs"));
  CHECK(bench.run({"plan", "--prune", "all", "--out", "plan.json"}).code == 0);
  const Finished done = bench.run({"apply", "plan.json"});
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(unmanaged(bench, "plan") == 0);
  bench.converged();
}
