// `ignore`: what is left to others stays as they have it, in the draft and in what is served.
#include "tests/cli/hand.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kRule = "    ignore: [{path: /description, api: 'GET /a', reason: by hand}]\n";

/// A group that ignores the description of GET /a, once applied.
struct Ignoring {
  explicit Ignoring(const Served& served, const std::string& rule = kRule) : bench(served), hand(served, "pets") {
    text = bench.folder.read("sluice.yaml");
    rules(rule);
    bench.applied();
  }
  void rules(const std::string& rule) const { bench.folder.write("sluice.yaml", text + rule); }
  void files(const std::string& a, const std::string& b = "two") const {
    bench.folder.write("pets.json", swagger({{"/a", a}, {"/b/{id}", b}}));
  }
  Value plan() const { return json_of(bench.run({"plan", "--format", "json"}).out); }
  /// What `path` serves, as far as that is the description.
  std::string served() const {
    const std::string id(hand.api("/a").text("id"));
    return std::string(hand.served().ask("GET", "/apis/runtime/" + id).text("remark"));
  }
  std::string draft() const { return std::string(hand.api("/a").text("remark")); }

  ServedBench bench;
  Hand hand;
  std::string text;
};

std::string ignored_in(const Value& plan) {
  std::string text;
  for (const Value& row : at(plan, "ignored").items()) {
    text += std::string(row.text("address")) + " " + std::string(row.text("path")) + " " +
            std::string(row.text("reason")) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("what is edited by hand in an ignored place is no change and no drift, published or not") {
  const Served served;
  const Ignoring group(served);
  group.hand.describe("/a", "theirs");
  const bool published = GENERATE(false, true);
  if (published) group.hand.publish("/a");
  const Value before = group.hand.all();
  group.bench.converged();
  const Finished plan = group.bench.run({"plan"});
  CHECK(contains(plan.out, "1 field is ignored (/description of api.pets[\"GET /a\"]: by hand)."));
  CHECK(ignored_in(group.plan()) == "api.pets[\"GET /a\"] /description by hand\n");
  CHECK(contains(group.bench.run({"drift"}).out, "1 field is ignored (/description"));
  CHECK(ignored_in(json_of(group.bench.run({"drift", "--format", "json"}).out)) ==
        "api.pets[\"GET /a\"] /description by hand\n");
  group.bench.applied();
  CHECK(group.hand.all() == before);
  group.bench.converged();
  if (!published) {
    group.hand.publish("/a");
    group.bench.converged();
  }
  CHECK(group.served() == "theirs");
}

TEST_CASE("a change of the files beside an ignored place leaves what is there") {
  const Served served;
  const Ignoring group(served);
  group.hand.describe("/a", "theirs");
  const bool published = GENERATE(false, true);
  if (published) group.hand.publish("/a");
  std::string manifest = group.bench.folder.read("sluice.yaml");
  manifest.replace(manifest.find("timeout: 5000"), 13, "timeout: 6000");
  group.bench.folder.write("sluice.yaml", manifest);
  const Value plan = group.plan();
  for (const Value& change : at(plan, "resource_changes").items()) {
    REQUIRE(at(change, "change/fields").items().size() == 1);
    CHECK(at(change, "change/fields/0/path") == Value("/x-apigateway-backend/httpEndpoints/timeout"));
  }
  group.bench.applied();
  group.bench.converged();
  CHECK(group.draft() == "theirs");
  CHECK(group.served() == "theirs");
  CHECK(at(group.hand.api("/a"), "backend_api/timeout") == Value(6000));
  const Finished state = group.bench.run({"state", "show", "api.pets[\"GET /a\"]"});
  CHECK(contains(state.out, "\"description\":\"theirs\""));
}

TEST_CASE("a change of the files in an ignored place is none, until the API is made anew") {
  const Served served;
  const Ignoring group(served);
  group.files("newer");
  group.bench.converged();
  CHECK(ignored_in(group.plan()) == "api.pets[\"GET /a\"] /description by hand\n");
  group.bench.applied();
  CHECK(group.draft() == "one");
  group.hand.remove("/a");
  CHECK(group.bench.apply({"--on-drift", "revert"}).code == 0);
  CHECK(group.draft() == "newer");
  group.bench.converged();
}

TEST_CASE("without its rule what was edited is drift again") {
  const Served served;
  const Ignoring group(served);
  group.hand.describe("/a", "theirs");
  group.hand.publish("/a");
  group.bench.converged();
  group.rules("");
  CHECK(group.bench.run({"plan", "--detailed-exitcode"}).code == 2);
  CHECK(group.bench.run({"drift"}).code == 2);
  CHECK(group.bench.apply({"--on-drift", "revert"}).code == 0);
  CHECK(group.served() == "one");
}

TEST_CASE("a saved plan that would overwrite what was edited in an ignored place since is stale") {
  const Served served;
  const Ignoring group(served);
  std::string manifest = group.bench.folder.read("sluice.yaml");
  manifest.replace(manifest.find("timeout: 5000"), 13, "timeout: 6000");
  group.bench.folder.write("sluice.yaml", manifest);
  REQUIRE(group.bench.run({"plan", "--out", "p.json"}).code == 0);
  group.hand.describe("/a", "theirs");
  const Value before = group.hand.all();
  const Finished done = group.bench.run({"apply", "p.json"});
  INFO(done.out + done.err);
  CHECK(done.code == 4);
  CHECK(group.hand.all() == before);
}

TEST_CASE("a rule past its day still holds, and is reported where it stands") {
  const Served served;
  const Ignoring group(served, "    ignore:\n      - {path: /description, until: 2020-01-31}\n");
  group.hand.describe("/a", "theirs");
  group.bench.converged();
  for (const char* command : {"plan", "drift", "validate"}) {
    const Finished done = group.bench.run({command});
    INFO(command << done.out << done.err);
    CHECK(done.code == 0);
    CHECK(contains(done.out + done.err, "/description was to be ignored until 2020-01-31, and still is."));
    CHECK(contains(done.out + done.err, "sluice.yaml:9:9"));
  }
  CHECK(at(group.plan(), "diagnostics/0/code") == Value("ignore-expired"));
}

TEST_CASE("what is wrong with a rule is told with its place") {
  const Bench bench;
  const std::string text = bench.folder.read("sluice.yaml");
  const std::pair<const char*, const char*> rows[] = {
      {"    ignore: [{path: /descripton}]\n", "sluice.yaml:7:21"},
      {"    ignore: [{path: /descripton}]\n", "Did you mean `description`?"},
      {"    ignore: [{path: /description, until: tomorrow}]\n", "\"tomorrow\" is not a day."},
      {"    ignore: [{path: /description, api: /a}]\n", "does not mean operations"},
      {"    ignore: [{api: 'GET /a'}]\n", "A rule of `ignore` has no `path`."},
      {"    ignore: [{path: /description, why: x}]\n", "why"},
      {"    ignore: {path: /description}\n", "`ignore` is not a list."},
      {"    protect: ['/a']\n", "does not mean operations"},
      {"    protect: {a: b}\n", "`protect` is neither true nor a list of operations."},
  };
  for (const auto& [keys, words] : rows) {
    bench.folder.write("sluice.yaml", text + keys);
    const Finished done = bench.run({"validate"});
    INFO(keys << done.out << done.err);
    CHECK(done.code == 2);
    CHECK(contains(done.err, words));
  }
}

TEST_CASE("an update names what an import resets and no document carries") {
  const Served served;
  const Ignoring group(served);
  group.hand.edit("/a", [](Value& api) { api.set("body_remark", "a body"); });
  group.bench.converged();
  std::string manifest = group.bench.folder.read("sluice.yaml");
  manifest.replace(manifest.find("timeout: 5000"), 13, "timeout: 6000");
  group.bench.folder.write("sluice.yaml", manifest);
  const Finished plan = group.bench.run({"plan"});
  CHECK(contains(plan.out, "An import resets what no document carries: body_remark."));
  CHECK(at(group.plan(), "resource_changes/0/resets/0") == Value("body_remark"));
}

TEST_CASE("a saved plan carries along what stands on the gateway in the place of a secret") {
  const Served served;
  const Ignoring group(served);
  const std::map<std::string, std::string> env = {{"WORD", "planted-word"}};
  const auto files = [&](const std::string& cors) {
    group.rules(kRule + ("    overrides: [{match: 'GET /a', set: {description: '${secret:WORD}', x-apigateway-cors: " +
                         cors + "}}]\n"));
  };
  group.rules("    overrides: [{match: 'GET /a', set: {description: '${secret:WORD}'}}]\n");
  const Finished first = group.bench.run({"apply", "--auto-approve", "--on-drift", "revert"}, env);
  INFO(first.out + first.err);
  REQUIRE(first.code == 0);
  group.hand.describe("/a", "their-own-word");
  group.hand.publish("/a");
  files("true");
  REQUIRE(group.bench.run({"plan", "--out", "p.json"}, env).code == 0);
  CHECK_FALSE(contains(group.bench.folder.read("p.json"), "their-own-word"));
  const Finished done = group.bench.run({"apply", "p.json"}, env);
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  CHECK(group.served() == "their-own-word");
  CHECK(group.bench.run({"plan", "--detailed-exitcode"}, env).code == 0);
  files("false");
  REQUIRE(group.bench.run({"plan", "--out", "p.json"}, env).code == 0);
  group.hand.describe("/a", "yet-another-word");
  CHECK(group.bench.run({"apply", "p.json"}, env).code == 4);
}

TEST_CASE("what an ignored place still names stays, though nothing defines it any more") {
  const Served served;
  const ServedBench bench(served);
  const auto say = [&](const std::string& name, const std::string& rule) {
    std::string text = swagger({{"/a", "one"}});
    text.insert(
        1, "\"x-apigateway-responses\": {\"" + name + "\": {\"THROTTLED\": {\"status\": 418, \"body\": \"x\"}}}, ");
    bench.folder.write("pets.json", text);
    bench.folder.write("sluice.yaml", "version: 1\n" + served.gateway_block() + "ratelimits: {" + name +
                                          ": {api-limit: 5, interval: 1, unit: DAY}}\ngroups:\n  - name: pets\n"
                                          "    swagger: pets.json\n    operations: {auth: none, backend: {type: HTTP, "
                                          "address: 'b:80', scheme: http}, ratelimit: " +
                                          name + ", response: " + name + "}\n" + rule);
  };
  say("gold", "");
  bench.applied();
  say("teapot",
      "    ignore: [{path: /x-apigateway-ratelimit, reason: ours}, {path: /x-apigateway-response, reason: ours}]\n");
  const Finished done = bench.apply();
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  const std::string owned = bench.run({"state", "list"}).out;
  CHECK(contains(owned, "ratelimit.gold"));
  CHECK(contains(owned, "response.pets.gold"));
  bench.converged();
  say("teapot", "");
  bench.applied();
  bench.converged();
  CHECK_FALSE(contains(bench.run({"state", "list"}).out, "gold"));
}

TEST_CASE("a change that cannot stand beside what is ignored is refused before anything is sent") {
  const Served served;
  const Ignoring group(served, "    ignore: [{path: /parameters/**, api: 'GET /b/*', reason: by hand}]\n");
  std::string text = group.bench.folder.read("pets.json");
  for (const std::string before : {"{id}", "\"id\""}) {
    for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before))
      text.replace(at, 4, before == "{id}" ? "{ky}" : "\"ky\"");
  }
  group.bench.folder.write("pets.json", text);
  const Value before = group.hand.all();
  for (const std::string command : {"plan", "apply"}) {
    const Finished done = group.bench.run({command});
    INFO(done.out + done.err);
    CHECK(done.code == 4);
    CHECK(contains(done.err, "with what `ignore` leaves as the gateway has it, "));
    CHECK(contains(done.err, "has the variable \"ky\", which no parameter declares"));
  }
  CHECK(group.hand.all() == before);
  group.rules("");
  group.bench.applied();
  group.bench.converged();
}
