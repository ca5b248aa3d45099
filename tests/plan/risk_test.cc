#include "plan/risk.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::json;

TEST_CASE("each rule judges a changed field") {
  struct Row {
    const char* topic;
    const char* before;
    const char* after;
    Risk risk;
    const char* rule;
  };
  const Row rows[] = {
      {"auth-changed", R"("APP")", R"("NONE")", Risk::Warning, "auth-weakened"},
      {"auth-changed", R"("NONE")", R"("APP")", Risk::Breaking, "auth-changed"},
      {"auth-changed", R"("IAM")", R"("APP")", Risk::Breaking, "auth-changed"},
      {"timeout-lowered", "5000", "3000", Risk::Warning, "timeout-lowered"},
      {"timeout-lowered", "3000", "5000", Risk::Safe, ""},
      {"param-type-changed", R"("string")", R"("number")", Risk::Breaking, "param-type-narrowed"},
      {"param-type-changed", R"("number")", R"("string")", Risk::Safe, ""},
      {"param-required-changed", "false", "true", Risk::Breaking, "param-required-added"},
      {"param-required-changed", "true", "false", Risk::Safe, ""},
      {"param-narrowed", R"(["a", "b"])", R"(["a"])", Risk::Breaking, "enum-narrowed"},
      {"param-narrowed", "null", R"(["a"])", Risk::Breaking, "enum-narrowed"},
      {"param-narrowed", R"(["a"])", R"(["a", "b"])", Risk::Safe, ""},
      {"param-narrowed", R"(["a"])", "null", Risk::Safe, ""},
      {"param-narrowed", "null", "10", Risk::Warning, "param-limits-changed"},
      {"param-narrowed", "10", "null", Risk::Safe, ""},
      {"protocol-changed", R"(["http", "https"])", R"(["https"])", Risk::Breaking, "protocol-removed"},
      {"protocol-changed", R"(["https"])", R"(["http", "https"])", Risk::Safe, ""},
      {"made-private", R"("public")", R"("private")", Risk::Warning, "made-private"},
      {"made-private", R"("private")", R"("public")", Risk::Safe, ""},
      {"cors-changed", "false", "true", Risk::Warning, "cors-opened"},
      {"cors-changed", "true", "false", Risk::Breaking, "cors-closed"},
      {"backend-moved", R"("a")", R"("b")", Risk::Warning, "backend-moved"},
      {"", "1", "2", Risk::Safe, ""},
  };
  for (const Row& row : rows) {
    INFO(row.topic << ": " << row.before << " -> " << row.after);
    const Judgement verdict = judge_field(row.topic, json(row.before), json(row.after));
    CHECK(verdict.risk == row.risk);
    CHECK(verdict.rule == row.rule);
  }
}

TEST_CASE("a parameter that appears or goes is judged as a whole") {
  const Value optional = json(R"({"in": "query", "name": "q", "required": false})");
  const Value required = json(R"({"in": "query", "name": "q", "required": true})");
  const Value variable = json(R"({"in": "path", "name": "q", "required": true})");
  CHECK(judge_element("param-changed", optional, Value()).rule == "param-removed");
  CHECK(judge_element("param-changed", optional, Value()).risk == Risk::Warning);
  CHECK(judge_element("param-changed", Value(), optional).risk == Risk::Safe);
  CHECK(judge_element("param-changed", Value(), required).rule == "param-required-added");
  CHECK(judge_element("param-changed", Value(), required).risk == Risk::Breaking);
  CHECK(judge_element("param-changed", Value(), variable).risk == Risk::Safe);
  CHECK(judge_element("", Value(), required).risk == Risk::Safe);
}

TEST_CASE("the worst field makes the risk of a change") {
  const Value before = canonical(test::body("GET", "/a", "abc"), kApiSchema.fields);
  Value after = test::with_endpoint(before, "timeout", 3000);
  after.set("x-apigateway-cors", true).set("schemes", json(R"(["http"])")).set("description", "new");
  const GroupDiff diff = diff_group(test::base({test::api(before)}), test::desired({test::api(after)}),
                                    test::live({test::api(before)}), test::options());
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].risk == Risk::Breaking);
  CHECK(diff.changes[0].rule == "protocol-removed");
}

}  // namespace
}  // namespace sluice
