// Forced modes: what they keep the gateway from doing is said, predicted and accounted for, and nothing else changes.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// Two groups on one gateway; pets is under forced modes, shop must never change.
struct ModesBench : ServedBench {
  explicit ModesBench(const Served& server) : ServedBench(server, {"pets", "shop"}), served(server) {
    modes("", 100);
    applied();
  }
  /// Writes the manifest anew, with more keys for pets, a limit for the policy gold, and what pets is bound to.
  void modes(const std::string& keys, int limit, const std::string& bound = "gold") const {
    std::string text = "version: 1\n" + served.gateway_block() +
                       "ratelimits: {gold: {api-limit: " + std::to_string(limit) +
                       ", interval: 1, unit: SECOND}}\ngroups:\n";
    for (const std::string group : {"pets", "shop"}) {
      text += "  - {name: " + group + ", swagger: " + group + ".json, " + (group == "pets" ? keys : "") +
              "operations: {ratelimit: " + (group == "pets" ? bound : "gold") +
              ", auth: none, backend: {type: HTTP, address: 'b:80', scheme: http}}}\n";
    }
    folder.write("sluice.yaml", text);
  }
  Value planned(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"plan", "--format", "json"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = run(words);
    INFO(done.out + done.err);
    REQUIRE(done.code == 0);
    return json_of(done.out);
  }
  /// What the gateway holds but times: drafts, what is published, and policies.
  std::string seen() const {
    std::string text = write_json(served.ask("GET", "/throttles?limit=500"));
    TempFolder other;
    other.write("sluice.yaml", "version: 1\n" + served.gateway_block() + "groups: []\n");
    const Value apis = at(served.ask("GET", "/apis?limit=500"), "apis");
    for (const Value& api : apis.items()) {
      const Value detail = served.ask("GET", "/apis/" + std::string(api.text("id")));
      for (const char* member : {"group_name", "req_uri", "name", "remark", "run_env_name", "publish_id"}) {
        const Value* value = detail.find(member);
        text += (value == nullptr ? "-" : write_json(*value)) + " ";
      }
      text += "\n";
    }
    return text;
  }
  std::vector<std::string> outcomes(int code) const {
    const Finished done = run({"apply", "--auto-approve", "--format", "json"});
    INFO(done.out + done.err);
    CHECK(done.code == code);
    std::vector<std::string> list;
    const auto events = events_of(done);
    for (const Value& event : events_of_type(events, "outcome")) {
      list.push_back(std::string(event.text("address")) + " " + std::string(event.text("predicted")) + " " +
                     std::string(event.text("actual")));
    }
    CHECK(at(events.back(), "converged") == Value(code == 0));
    return list;
  }

  const Served& served;
};

}  // namespace

TEST_CASE("api_mode merge keeps an API that is there, says so, and ends with 3") {
  const Served served;
  const ModesBench bench(served);
  bench.pets({{"/a", "changed"}, {"/b/{id}", "two"}});
  bench.modes("api_mode: merge, ", 100);
  const Finished text = bench.run({"plan", "--fail-on", "warning"});
  CHECK(text.code == 0);
  CHECK(contains(text.out,
                 "api_mode merge, forced by the manifest, keeps the existing GET /a: 1 update will not happen"));
  CHECK(contains(text.out, "It will not happen: api_mode: merge keeps what the gateway has."));
  CHECK(contains(text.out, "Will not happen: 1."));
  const Value plan = bench.planned();
  CHECK(at(plan, "steps").items().size() == 1);
  CHECK(at(plan, "steps/0/api_mode") == Value("merge"));
  CHECK(at(plan, "steps/0/predicted") == json_of(R"({"api.pets[\"GET /a\"]": "ignored"})"));
  CHECK(at(plan, "resource_changes/0/prevented_by") == Value("api_mode: merge"));
  CHECK(at(plan, "summary/prevented") == Value(1));
  for (const std::string format : {"markdown", "html"})
    CHECK(contains(bench.run({"plan", "--format", format}).out, "It will not happen"));
  CHECK(bench.run({"plan", "--detailed-exitcode"}).code == 2);
  CHECK(bench.run({"plan", "--out", "plan.json"}).code == 0);
  const std::string before = bench.seen();
  CHECK(bench.outcomes(3) == std::vector<std::string>{"api.pets[\"GET /a\"] ignored ignored"});
  CHECK(bench.seen() == before);
  const Finished saved = bench.run({"apply", "plan.json"});
  CHECK(saved.code == 3);
  CHECK(contains(saved.out, "the gateway kept what it had, since the manifest says api_mode: merge"));
  CHECK(contains(saved.out, "Ignored, as planned: 1."));
  CHECK(bench.run({"drift"}).code == 0);
  bench.modes("", 100);
  bench.applied();
  bench.converged();
}

TEST_CASE("api_mode merge creates and deletes all the same") {
  const Served served;
  const ModesBench bench(served);
  bench.pets({{"/a", "changed"}, {"/c", "new"}});
  bench.modes("api_mode: merge, ", 100);
  CHECK(bench.outcomes(3) == std::vector<std::string>{"api.pets[\"GET /a\"] ignored ignored",
                                                      "api.pets[\"GET /b/{id}\"] deleted deleted",
                                                      "api.pets[\"GET /c\"] created created"});
  bench.pets({{"/a", "one"}, {"/c", "new"}});
  bench.converged();
}

TEST_CASE("a policy stays that an API keeps under api_mode merge") {
  const Served served;
  const ModesBench bench(served);
  std::string text = bench.folder.read("sluice.yaml");
  text.erase(text.find("ratelimits: "), text.find("groups:") - text.find("ratelimits: "));
  for (std::size_t i = text.find("ratelimit: gold, "); i != std::string::npos; i = text.find("ratelimit: gold, "))
    text.erase(i, std::string("ratelimit: gold, ").size());
  text.insert(text.find("swagger: pets.json"), "api_mode: merge, ");
  bench.folder.write("sluice.yaml", text);
  const std::string policies = write_json(bench.served.ask("GET", "/throttles?limit=500"));
  CHECK(bench.outcomes(3) ==
        std::vector<std::string>{"api.pets[\"GET /a\"] ignored ignored", "api.pets[\"GET /b/{id}\"] ignored ignored",
                                 "api.shop[\"GET /a\"] updated updated", "api.shop[\"GET /b/{id}\"] updated updated"});
  CHECK(contains(write_json(bench.served.ask("GET", "/throttles?limit=500")), "gold"));
}

TEST_CASE("api_mode override makes what the files ask for, and touches nothing else") {
  const Served served;
  const ModesBench bench(served);
  bench.pets({{"/a", "changed"}, {"/b/{id}", "two"}, {"/c", "new"}});
  bench.modes("api_mode: override, extend_mode: override, ", 100);
  const Value plan = bench.planned();
  const Value steps = at(plan, "steps");
  for (const Value& step : steps.items()) {
    if (step.text("kind") != "import") continue;
    CHECK(step.text("api_mode") == "override");
    CHECK(step.text("extend_mode") == "override");
    CHECK(contains(std::string(step.text("reason")), "replaces the definition of ratelimit.gold as well"));
  }
  CHECK(bench.outcomes(0) ==
        std::vector<std::string>{"api.pets[\"GET /a\"] updated updated", "api.pets[\"GET /c\"] created created"});
  bench.converged();
}

TEST_CASE("extend_mode merge keeps a policy, says so, and ends with 3") {
  const Served served;
  const ModesBench bench(served);
  std::string text = bench.folder.read("sluice.yaml");
  for (const std::string group : {"pets", "shop"}) {
    const std::string at = "swagger: " + group + ".json, ";
    text.insert(text.find(at), "extend_mode: merge, ");
  }
  text.replace(text.find("api-limit: 100"), 14, "api-limit: 10");
  bench.folder.write("sluice.yaml", text);
  const Value plan = bench.planned();
  CHECK(at(plan, "steps/0/predicted") == json_of(R"({"ratelimit.gold": "ignored"})"));
  CHECK(
      at(plan, "steps/0/reason") ==
      Value("extend_mode merge, forced by the manifest, keeps the existing ratelimit.gold: 1 update will not happen."));
  const std::string before = bench.seen();
  CHECK(bench.outcomes(3) == std::vector<std::string>{"ratelimit.gold ignored ignored"});
  CHECK(bench.seen() == before);
}

TEST_CASE("a name that cannot be freed is refused with the key") {
  const Served served;
  const ModesBench bench(served);
  std::string text = swagger({{"/a", "one"}, {"/c", "two"}});
  text.replace(text.find("get_c"), 5, "get_b__id_");
  bench.folder.write("pets.json", text);
  bench.modes("api_mode: merge, ", 100);
  const std::string before = bench.seen();
  const Finished plan = bench.run({"plan"});
  CHECK(plan.code == 4);
  CHECK(contains(plan.err, "Say `api_mode: auto` for the group pets"));
  CHECK(bench.apply().code == 4);
  CHECK(bench.seen() == before);
  bench.modes("", 100);
  bench.applied();
  bench.converged();
}

TEST_CASE("a policy that stays as somebody changed it is not replaced by the way") {
  const Served served;
  const ModesBench bench(served);
  const std::string id = std::string(at(served.ask("GET", "/throttles?limit=500"), "throttles/0").text("id"));
  served.ask("PUT", "/throttles/" + id,
             R"({"name": "gold", "api_call_limits": 7, "time_interval": 1, "time_unit": "SECOND"})");
  bench.pets({{"/a", "changed"}, {"/b/{id}", "two"}});
  bench.modes("extend_mode: override, ", 100);
  const std::string before = bench.seen();
  const Finished refused = bench.apply({"--on-drift", "keep"});
  INFO(refused.out + refused.err);
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "`extend_mode: override` of the group pets would replace it"));
  CHECK(bench.seen() == before);
  bench.modes("", 100);
  CHECK(bench.apply({"--on-drift", "keep"}).code == 0);
  CHECK(at(served.ask("GET", "/throttles/" + id), "api_call_limits") == Value(7));
  bench.modes("extend_mode: override, ", 100);
  bench.pets({{"/a", "changed again"}, {"/b/{id}", "two"}});
  CHECK(bench.apply({"--on-drift", "keep"}).code == 4);
  CHECK(bench.apply({"--on-drift", "revert"}).code == 0);
  CHECK(at(served.ask("GET", "/throttles/" + id), "api_call_limits") == Value(100));
  bench.converged();
}

TEST_CASE("under api_mode merge an API that would be published elsewhere stays where it is") {
  const Served served;
  const ModesBench bench(served);
  served.ask("POST", "/envs", R"({"name": "TEST"})");
  bench.pets({{"/a", "changed"}, {"/b/{id}", "two"}});
  bench.modes("api_mode: merge, environments: [TEST], ", 100);
  const Value plan = bench.planned();
  std::string deleted;
  for (const Value& change : at(plan, "resource_changes").items()) {
    if (at(change, "change/actions/0") == Value("delete")) deleted += change.text("address");
  }
  CHECK(deleted == "publication.pets.RELEASE[\"GET /b/{id}\"]");
  bench.outcomes(3);
  const Value apis = at(served.ask("GET", "/apis?limit=500"), "apis");
  for (const Value& api : apis.items()) {
    if (api.text("group_name") == "pets")
      CHECK(api.text("run_env_name") == (api.text("req_uri") == "/a" ? "RELEASE" : "TEST"));
  }
  bench.modes("environments: [], api_mode: merge, ", 100);  // nowhere means nowhere
  CHECK(contains(bench.run({"plan"}).out, "publication.pets.RELEASE[\"GET /a\"] will be taken offline"));
}
