// Every case below tests/golden/cases: what is shown and what is sent. SLUICE_ACCEPT=1 rewrites what is expected;
// SLUICE_CASE=NAME plays one.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "plan/risk.h"
#include "plan/yaml.h"
#include "tests/golden/rules.h"
#include "tests/golden/stage.h"
#include "tests/plan/golden.h"

namespace sluice::golden {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path(SLUICE_SOURCE_DIR) / "tests/golden/cases"; }

/// The cases by name.
std::map<std::string, Value> cases() {
  std::map<std::string, Value> found;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto read = parse_yaml(text);
    INFO(entry.path());
    if (!read) FAIL("line " << read.error().message);
    found.emplace(entry.path().stem().string(), *read);
  }
  return found;
}

TEST_CASE("what is shown and sent is as each case says") {
  const char* only = std::getenv("SLUICE_CASE");
  for (const auto& [name, play] : cases()) {
    if (only != nullptr && name != only) continue;
    DYNAMIC_SECTION(name) {
      const std::string head = fmt::format("# {}: {}\n", play.text("rule"), play.text("says"));
      test::check_golden(fmt::format("cases/{}.txt", name), head + played(play));
    }
  }
}

TEST_CASE("every rule has a case, and every case a rule and a file of what is expected") {
  std::set<std::string> rules(std::begin(kRules), std::end(kRules));
  for (const RiskRule& rule : risk_rules()) rules.insert(fmt::format("risk-{}", rule.id));
  std::set<std::string> told;
  for (const auto& [name, play] : cases()) {
    INFO(name);
    CHECK_FALSE(play.text("says").empty());
    CHECK(fs::exists(folder() / fmt::format("{}.txt", name)));
    CHECK(rules.contains(std::string(play.text("rule"))));
    told.emplace(play.text("rule"));
  }
  for (const std::string& rule : rules) {
    INFO(rule);
    CHECK(told.contains(rule));
  }
}

}  // namespace
}  // namespace sluice::golden
