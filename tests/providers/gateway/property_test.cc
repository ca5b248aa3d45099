// What is imported and published comes back, whatever it is, in either format and version.
#include "plan/canonical.h"
#include "plan/swagger.h"
#include "plan/yaml.h"
#include "tests/providers/gateway/bench.h"
#include "tests/providers/gateway/random_group.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

constexpr std::uint64_t kSeed = 20261124;
constexpr int kGroups = 1000;

/// What differs, a line each.
std::string difference(const Facts& sent, const Facts& seen) {
  std::string out;
  for (const auto& [name, value] : sent) {
    const auto at = seen.find(name);
    if (at == seen.end()) out += name + ": " + value + " is gone\n";
    if (at != seen.end() && at->second != value) out += name + ": " + value + " became " + at->second + "\n";
  }
  for (const auto& [name, value] : seen) {
    if (!sent.contains(name) && !value.empty()) out += name + ": " + value + " came from nowhere\n";
  }
  return out;
}

struct Prepared : Bench {
  Prepared() : Bench({.quirks = {{"member_groups", "on"}}}) {
    REQUIRE(post("/vpc-channels", R"({"name":"channel_1","port":80,"balance_strategy":1,"member_type":"ip",
      "member_groups":[{"member_group_name":"blue"},{"member_group_name":"green"}]})")
                .status == 201);
    const auto plugin = [&](const char* name, const char* type) {
      REQUIRE(post("/plugins", std::string(R"({"plugin_name":")") + name + R"(","plugin_type":")" + type +
                                   R"(","plugin_scope":"global","plugin_content":"{}"})")
                  .status == 201);
    };
    plugin("plug_cors", "cors");
    plugin("plug_limit", "rate_limit");
    for (const char* name : {"rule_a", "rule_b"}) {
      REQUIRE(post("/orchestrations", std::string(R"({"orchestration_name":")") + name +
                                          R"(","orchestration_strategy":"hash","is_preprocessing":true})")
                  .status == 201);
    }
  }
};

}  // namespace

TEST_CASE("a thousand random groups come back as they were sent") {
  std::mt19937_64 dice(kSeed);
  Prepared bench;
  std::size_t facts = 0;
  for (int i = 0; i < kGroups; ++i) {
    const bool openapi = i % 2 == 1;
    const bool yaml = i / 2 % 2 == 1;
    const bool openapi_back = i / 4 % 2 == 1;
    const bool yaml_back = i / 8 % 2 == 1;
    const std::string define = i % 3 == 0 ? "all" : i % 3 == 1 ? "proxy" : "spec";
    const RandomGroup wanted = random_group(dice, openapi, i % 5 == 0);
    const std::string file = yaml ? write_yaml(wanted.document) : write_json(wanted.document);
    INFO("group " << i << " of seed " << kSeed << "\n" << file);
    const std::string group = bench.group("group_" + std::to_string(i));
    const Answer taken = bench.import(
        file,
        {{"is_create_group", "false"}, {"group_id", group}, {"api_mode", "override"}, {"extend_mode", "override"}});
    INFO(taken.text);
    REQUIRE(at(taken.body, {"failure"}).empty());
    REQUIRE(at(bench.publish(group).body, {"failure"}).empty());
    const Answer back =
        bench.post(openapi_back ? "/openapi/export?oas_version=3.0" : "/openapi/export",
                   R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":")" + group + R"(","define":")" + define +
                       R"(","type":")" + (yaml_back ? "yaml" : "json") + "\"}");
    REQUIRE(back.status == 200);
    const auto document = yaml_back ? parse_yaml(back.text) : parse_json(back.text);
    INFO(back.text);
    REQUIRE(document);
    const Facts expected = shown_facts(wanted.facts, define);
    REQUIRE(difference(expected, read_facts(*document)) == "");
    facts += expected.size();
    // The other reader of this project finds as many operations, and nothing to object to.
    const Swagger read = sluice::read_swagger(*document, SwaggerOrigin::Export);
    CHECK(read.findings.empty());
    CHECK(read.operations.size() == at(taken.body, {"success"}).items().size());
    // Few throttling policies fit into an instance.
    REQUIRE(bench.publish(group, "offline").status == 200);
    const Answer throttles = bench.get("/throttles?limit=500");
    const Value list = at(throttles.body, {"throttles"});
    for (const Value& throttle : list.items()) bench.remove("/throttles/" + std::string(throttle.text("id")));
  }
  CHECK(facts > 30'000);
}

TEST_CASE("the reader of the property sees every member that changes") {
  std::mt19937_64 dice(kSeed);
  for (int i = 0; i < 50; ++i) {
    const RandomGroup group = random_group(dice, false, false);
    const std::string text = write_json(group.document);
    for (const auto& [word, other] :
         std::vector<std::pair<std::string, std::string>>{{R"("httpEndpoints")", R"("httpEndpoint")"},
                                                          {R"("operationId":"op_)", R"("operationId":"po_)"},
                                                          {R"("mine":[])", R"("iam":[])"},
                                                          {R"("http")", R"("https")"},
                                                          {R"("red")", R"("green")"}}) {
      const std::size_t at = text.find(word);
      if (at == std::string::npos) continue;
      std::string changed = text;
      changed.replace(at, word.size(), other);
      const auto document = parse_json(changed);
      REQUIRE(document);
      INFO(changed);
      CHECK(difference(read_facts(group.document), read_facts(*document)) != "");
    }
  }
}
