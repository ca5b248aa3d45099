#include "plan/risk_settings.h"

#include "plan/manifest.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

const std::string kHead = "version: 1\n";
const std::string kPets = "groups:\n  - name: pets\n    swagger: pets.yaml\n";

Parsed<Manifest> read(const std::string& text) { return parse_manifest({"sluice.yaml", text}, {}); }

Manifest good(const std::string& text) {
  auto parsed = read(text);
  INFO(test::text_of(parsed.diagnostics));
  REQUIRE(parsed.value);
  return *parsed.value;
}

std::string wrong(const std::string& risks) {
  return test::text_of(read(kHead + kPets + "    risks: " + risks + "\n").diagnostics);
}

}  // namespace

TEST_CASE("severities and acceptances of defaults lie under each group's, and are those of policies") {
  const Manifest manifest = good(kHead +
                                 "defaults:\n"
                                 "  risks:\n"
                                 "    severity: {timeout-lowered: safe, cors-opened: breaking}\n"
                                 "    accept: [{rule: api-removed, reason: all were told, until: 2027-01-31}]\n" +
                                 kPets +
                                 "    risks:\n"
                                 "      severity: {cors-opened: warning}\n"
                                 "      accept:\n"
                                 "        - {rule: auth-changed, api: 'GET /pets/*', reason: one caller}\n");
  const RiskSettings& risks = manifest.groups[0].risks;
  CHECK(risks.severity ==
        std::map<std::string, Risk, std::less<>>{{"cors-opened", Risk::Warning}, {"timeout-lowered", Risk::Safe}});
  REQUIRE(risks.accept.size() == 2);
  CHECK(risks.accept[0].rule == "api-removed");
  CHECK(risks.accept[0].until == "2027-01-31");
  CHECK(risks.accept[0].at == SourceSpan{"sluice.yaml", 5, 14});
  CHECK(risks.accept[1].api == "GET /pets/*");
  CHECK(risks.accept[1].reason == "one caller");
  CHECK(manifest.risks.severity.at("cors-opened") == Risk::Breaking);
  CHECK(manifest.risks.accept.size() == 1);
}

TEST_CASE("what is wrong with risks is told with its place") {
  CHECK(wrong("{severity: {api-remved: safe}}") ==
        "sluice.yaml:5:24: error risk-unknown: \"api-remved\" is not a risk rule. Did you mean api-removed?\n");
  CHECK(wrong("{severity: {whatever: safe}}") ==
        "sluice.yaml:5:24: error risk-unknown: \"whatever\" is not a risk rule. `sluice help risks` lists them.\n");
  CHECK(wrong("{severity: {api-removed: fine}}") ==
        "sluice.yaml:5:37: error value-unknown: `api-removed` cannot be \"fine\". Choose one of safe, warning, "
        "breaking.\n");
  CHECK(test::contains(wrong("{sverity: {}}"), "`sverity` is not a key of `risks`. Did you mean `severity`?"));
  CHECK(test::contains(wrong("{accept: [{rule: api-removed}]}"), "The accepted risk api-removed has no `reason`."));
  CHECK(test::contains(wrong("{accept: [{reason: x}]}"), "An accepted risk has no `rule`."));
  CHECK(test::contains(wrong("{accept: [{rule: cors-opend, reason: x}]}"), "Did you mean cors-opened?"));
  CHECK(test::contains(wrong("{accept: [{rule: api-removed, reason: x, until: 31.1.2027}]}"),
                       "error date-form: `until` cannot be \"31.1.2027\"."));
  CHECK(test::contains(wrong("{accept: [{rule: api-removed, reason: x, until: 2027-13-01}]}"), "date-form"));
  CHECK(test::contains(wrong("{accept: [{rule: api-removed, reason: x, api: /pets}]}"), "error operation-glob"));
  CHECK(test::contains(wrong("{accept: api-removed}"), "`accept` is not a list."));
  CHECK(test::contains(wrong("[]"), "`risks` is not a map."));
  CHECK(
      test::contains(test::text_of(read(kHead + "defaults: {risks: {severity: {x: safe}}}\ngroups: []\n").diagnostics),
                     "risk-unknown"));
}

TEST_CASE("modes are auto unless a group or the defaults force one") {
  const Manifest manifest = good(kHead + "defaults: {extend_mode: override}\n" + kPets + "    api_mode: merge\n" +
                                 "  - {name: shop, swagger: shop.yaml, extend_mode: auto}\n");
  CHECK(manifest.groups[0].modes.api == Mode::Merge);
  CHECK(manifest.groups[0].modes.extend == Mode::Override);
  CHECK_FALSE(manifest.groups[1].modes.api);
  CHECK_FALSE(manifest.groups[1].modes.extend);
}

}  // namespace sluice
