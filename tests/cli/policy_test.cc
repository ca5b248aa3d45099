// Throttling and access control policies, shared by groups and changed by others.
#include "tests/cli/served.h"

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kGold = "  gold: {api-limit: 100, interval: 1, unit: SECOND}\n";
const std::string kTighterGold = "  gold: {api-limit: 10, interval: 1, unit: SECOND}\n";
const std::string kOffice = "acls:\n  office: {acl-type: PERMIT, entity-type: IP, value: '10.0.0.0/8,1.1.1.1'}\n";

/// Two groups, pets and shop, whose operations are throttled by gold; shop lets the office in only.
struct PolicyBench : Bench {
  explicit PolicyBench(const Served& server, const std::string& gold = kGold) : served(server) {
    for (const std::string group : {"pets", "shop"})
      folder.write(group + ".json", swagger({{"/a", "one"}, {"/b", "two"}}));
    define(gold);
  }

  void define(const std::string& gold, const std::string& more = kOffice) const {
    write("ratelimits:\n" + gold + more, "ratelimit: gold, ");
  }
  void write(const std::string& policies, const std::string& uses) const {
    std::string text = "version: 1\n" + served.gateway_block() + policies + "groups:\n";
    for (const std::string group : {"pets", "shop"}) {
      const std::string own = group == "shop" && policies.find("office") != std::string::npos ? "acl: office, " : "";
      text += "  - name: " + group + "\n    swagger: " + group + ".json\n    operations: {" + uses + own +
              "auth: none, backend: {type: HTTP, address: 'b:80', scheme: http, timeout: 5000}}\n";
    }
    folder.write("sluice.yaml", text);
  }
  Value plan(int code = 0) const {
    const Finished done = run({"plan", "--format", "json"});
    INFO(done.out + done.err);
    REQUIRE(done.code == code);
    return json_of(done.out);
  }
  /// Drift as one line a row: "address action path".
  std::string drift() const {
    const Finished done = run({"drift", "--format", "json"});
    INFO(done.out + done.err);
    REQUIRE((done.code == 0 || done.code == 2));
    std::string text;
    const Value drift = at(json_of(done.out), "resource_drift");
    for (const Value& row : drift.items()) {
      text += std::string(row.text("address")) + " " + at(row, "change/actions/0").as_string();
      const Value fields = at(row, "change/fields");
      for (const Value& field : fields.items()) text += " " + std::string(field.text("path"));
      text += "\n";
    }
    return text;
  }
  void reverted() const {
    CHECK(apply().code == 4);
    const Finished done = apply({"--on-drift", "revert"});
    INFO(done.out + done.err);
    REQUIRE(done.code == 0);
    converged();
  }
  std::string throttle_id(const std::string& name = "gold") const {
    const Value listed = at(served.ask("GET", "/throttles?limit=500"), "throttles");
    for (const Value& item : listed.items()) {
      if (item.text("name") == name) return std::string(item.text("id"));
    }
    FAIL("no such policy");
    return {};
  }
  Value bound(const std::string& id) const {
    return at(served.ask("GET", "/throttle-bindings/binded-apis?limit=500&throttle_id=" + id), "apis");
  }

  const Served& served;
};

const Value* change_of(const Value& plan, const std::string& address) {
  static Value found;
  const Value changes = at(plan, "resource_changes");
  for (const Value& change : changes.items()) {
    if (change.text("address") != address) continue;
    found = change;
    return &found;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a policy of the manifest is created once and bound in every group that uses it") {
  const Served served;
  const PolicyBench bench(served);
  const Value plan = bench.plan();
  CHECK(at(plan, "summary/create") == Value(8));
  REQUIRE(change_of(plan, "ratelimit.gold") != nullptr);
  CHECK(at(*change_of(plan, "ratelimit.gold"), "touches").items().size() == 4);
  bench.applied();
  bench.converged();
  CHECK(bench.bound(bench.throttle_id()).items().size() == 4);
  CHECK(contains(bench.run({"state", "list"}).out, "ratelimit.gold\n"));
}

TEST_CASE("a changed policy names every API it touches, and travels alone under extend_mode override") {
  const Served served;
  const PolicyBench bench(served);
  bench.applied();
  bench.define(kTighterGold);
  const Value plan = bench.plan();
  CHECK(at(plan, "resource_changes").items().size() == 1);
  CHECK(at(plan, "resource_changes/0/touches") ==
        json_of(R"(["api.pets[\"GET /a\"]", "api.pets[\"GET /b\"]", "api.shop[\"GET /a\"]", "api.shop[\"GET /b\"]"])"));
  CHECK(at(plan, "resource_changes/0/change/fields/0/path") == Value("/api-limit"));
  CHECK(at(plan, "steps").items().size() == 1);
  CHECK(at(plan, "steps/0/kind") == Value("import"));
  CHECK(at(plan, "steps/0/extend_mode") == Value("override"));
  CHECK(at(plan, "steps/0/predicted") == json_of(R"({"ratelimit.gold": "updated"})"));
  const Finished text = bench.run({"plan"});
  CHECK(contains(text.out, "It applies to 4 APIs:"));
  CHECK(contains(text.out, "api.shop[\"GET /b\"]"));
  const auto events = events_of(bench.run({"apply", "--auto-approve", "--format", "json"}));
  const auto outcomes = events_of_type(events, "outcome");
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes[0].text("address") == "ratelimit.gold");
  CHECK(outcomes[0].text("actual") == "updated");
  bench.converged();
  CHECK(at(served.ask("GET", "/throttles/" + bench.throttle_id()), "api_call_limits") == Value(10));
}

TEST_CASE("drift of policies is told as what it is") {
  const Served served;
  const PolicyBench bench(served);
  bench.applied();
  const std::string id = bench.throttle_id();

  SECTION("its definition was changed") {
    served.ask("PUT", "/throttles/" + id,
               R"({"name": "gold", "api_call_limits": 7, "time_interval": 1, "time_unit": "SECOND"})");
    CHECK(bench.drift() == "ratelimit.gold update /api-limit\n");
  }
  SECTION("an API was unbound") {
    const Value bound = bench.bound(id);
    served.ask("PUT", "/throttle-bindings?action=delete",
               R"({"throttle_bindings": [")" + std::string(at(bound, "0").text("throttle_apply_id")) + R"("]})");
    const std::string drift = bench.drift();
    CHECK(contains(drift, " update /x-apigateway-ratelimit\n"));
    CHECK(std::count(drift.begin(), drift.end(), '\n') == 1);
  }
  SECTION("an API was bound to another policy") {
    const Value made = served.ask(
        "POST", "/throttles", R"({"name": "silver", "api_call_limits": 7, "time_interval": 1, "time_unit": "SECOND"})");
    served.ask("POST", "/throttle-bindings",
               R"({"strategy_id": ")" + std::string(made.text("id")) + R"(", "publish_ids": [")" +
                   std::string(at(bench.bound(id), "0").text("publish_id")) + R"("]})");
    CHECK(contains(bench.drift(), " update /x-apigateway-ratelimit\n"));
  }
  SECTION("it was unbound and deleted") {
    std::string ids;
    const Value bound = bench.bound(id);
    for (const Value& api : bound.items()) {
      ids += (ids.empty() ? "\"" : ", \"") + std::string(api.text("throttle_apply_id")) + "\"";
    }
    served.ask("PUT", "/throttle-bindings?action=delete", R"({"throttle_bindings": [)" + ids + "]}");
    served.ask("DELETE", "/throttles/" + id);
    const std::string drift = bench.drift();
    CHECK(contains(drift, "ratelimit.gold delete\n"));
    CHECK(std::count(drift.begin(), drift.end(), '\n') == 5);
  }
  SECTION("an access control policy was opened") {
    const Value acl = at(served.ask("GET", "/acls"), "acls/0");
    served.ask("PUT", "/acls/" + std::string(acl.text("id")),
               R"({"acl_name": "office", "acl_type": "DENY", "entity_type": "IP", "acl_value": "1.1.1.1"})");
    CHECK(bench.drift() == "acl.office update /acl-type /value\n");
  }
  CHECK(bench.run({"drift"}).code == 2);
  bench.reverted();
}

TEST_CASE("a dropped reference is unbound, and a policy that nothing defines any more is deleted") {
  const Served served;
  const PolicyBench bench(served);
  bench.applied();
  const std::string id = bench.throttle_id();
  bench.write("ratelimits:\n" + kGold, "");
  const Finished unbound = bench.apply();
  INFO(unbound.out + unbound.err);
  REQUIRE(unbound.code == 0);
  CHECK(bench.bound(id).items().empty());
  bench.converged();
  bench.write("", "");
  bench.applied();
  bench.converged();
  CHECK(at(served.ask("GET", "/throttles"), "total") == Value(0));
  CHECK(at(served.ask("GET", "/acls"), "total") == Value(0));
}

TEST_CASE("a policy that others use stays when the manifest no longer names it") {
  const Served served;
  const PolicyBench bench(served);
  bench.applied();
  const std::string id = bench.throttle_id();
  const Value group = served.ask("POST", "/api-groups", R"({"name": "theirs"})");
  const Value api = served.ask("POST", "/apis",
                               R"({"name": "their_api", "type": 1, "req_protocol": "HTTPS",
      "req_method": "GET", "req_uri": "/t", "auth_type": "NONE", "backend_type": "MOCK",
      "mock_info": {"result_content": "x"}, "group_id": ")" +
                                   std::string(group.text("id")) + "\"}");
  const Value published = served.ask("POST",
                                     "/apis/action", R"({"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID",
      "api_id": ")" + std::string(api.text("id")) + "\"}");
  served.ask(
      "POST", "/throttle-bindings",
      R"({"strategy_id": ")" + id + R"(", "publish_ids": [")" + std::string(published.text("publish_id")) + "\"]}");
  bench.write("", "");
  CHECK(contains(bench.run({"plan"}).out, "APIs that are not changed here use it: it stays."));
  bench.applied();
  CHECK(bench.bound(id).items().size() == 1);
  bench.converged();
}

TEST_CASE("a policy that is not ours and differs is a collision, with the ways out") {
  const Served served;
  served.ask("POST", "/throttles", R"({"name": "gold", "api_call_limits": 7, "time_interval": 1, "time_unit": "DAY"})");
  const PolicyBench bench(served);
  const Finished refused = bench.apply();
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "ratelimit.gold"));
  CHECK(contains(refused.err, "--adopt 'ratelimit.gold'"));
  CHECK(bench.apply({"--adopt", "ratelimit.gold"}).code == 0);
  bench.converged();
}

TEST_CASE("an external policy is bound and never changed") {
  const Served served;
  served.ask("POST", "/throttles", R"({"name": "gold", "api_call_limits": 7, "time_interval": 1, "time_unit": "DAY"})");
  const PolicyBench bench(served);
  bench.write("external: [ratelimit.gold]\n", "ratelimit: gold, ");
  bench.applied();
  bench.converged();
  CHECK(bench.bound(bench.throttle_id()).items().size() == 4);
  CHECK(at(served.ask("GET", "/throttles/" + bench.throttle_id()), "api_call_limits") == Value(7));
  bench.write("external: [ratelimit.silver]\n", "ratelimit: silver, ");
  const Finished missing = bench.run({"plan"});
  CHECK(missing.code == 1);
  CHECK(contains(missing.err, "ratelimit.silver is `external`"));
}

TEST_CASE("a policy that becomes external is let go, and never deleted") {
  const Served served;
  const PolicyBench bench(served);
  bench.applied();
  bench.write("external: [ratelimit.gold]\n", "ratelimit: gold, ");
  const Finished done = bench.apply();
  INFO(done.out + done.err);
  CHECK(done.code == 0);
  bench.converged();
  CHECK(bench.bound(bench.throttle_id()).items().size() == 4);
  CHECK_FALSE(contains(bench.run({"state", "list"}).out, "ratelimit.gold"));
}

TEST_CASE("policies stay where no group prunes") {
  const Served served;
  const PolicyBench bench(served);
  bench.applied();
  bench.write("defaults: {prune: none}\n", "");
  const Finished plan = bench.run({"plan"});
  CHECK_FALSE(contains(plan.out, "ratelimit.gold will be destroyed"));
  bench.applied();
  bench.converged();
}

TEST_CASE("a definition that the gateway refuses is a failure, not an unknown outcome") {
  const Served served("0s", {"--quirk", "acl_domain=refuse"});
  const PolicyBench bench(served);
  bench.define(kGold, "acls:\n  office: {acl-type: PERMIT, entity-type: DOMAIN, value: me}\n");
  const Finished done = bench.apply();
  INFO(done.out + done.err);
  CHECK(done.code == 3);
  CHECK(contains(done.out + done.err, "acl.office: failed instead of created"));
  bench.define(kGold);
  bench.applied();
  bench.converged();
}

TEST_CASE("one policy defined in two ways is found before anything is sent") {
  const Served served;
  const PolicyBench bench(served);
  std::string file = swagger({{"/a", "one"}});
  file.insert(1, R"("x-apigateway-ratelimits": {"gold": {"api-limit": 5, "interval": 1, "unit": "DAY"}}, )");
  bench.folder.write("shop.json", file);
  const Finished found = bench.run({"validate"});
  CHECK(found.code == 2);
  CHECK(contains(found.err, "ratelimit.gold is defined in two ways"));
  CHECK(contains(found.err, "sluice.yaml:"));
  CHECK(contains(found.err, "shop.json:"));
  CHECK(bench.run({"plan"}).code == 1);
}

TEST_CASE("an API whose path variable is renamed counts once among those that a policy applies to") {
  const Served served;
  const PolicyBench bench(served);
  bench.folder.write("pets.json", swagger({{"/a", "one"}, {"/b/{id}", "two"}}));
  bench.applied();
  std::string renamed = bench.folder.read("pets.json");
  for (auto at = renamed.find("{id}"); at != std::string::npos; at = renamed.find("{id}"))
    renamed.replace(at, 4, "{pet}");
  renamed.replace(renamed.find(R"("name": "id")"), 12, R"("name": "pet")");
  bench.folder.write("pets.json", renamed);
  bench.define(kTighterGold);
  const Value tighter = bench.plan();
  CHECK(at(*change_of(tighter, "ratelimit.gold"), "touches").items().size() == 4);
  bench.write(kOffice, "");
  const Finished part = bench.run({"plan", "--format", "json", "--target", "**"});
  INFO(part.out + part.err);
  CHECK(change_of(json_of(part.out), "ratelimit.gold") != nullptr);
}
