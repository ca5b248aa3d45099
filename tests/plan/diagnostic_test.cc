#include "plan/diagnostic.h"

#include <catch2/catch.hpp>

#include "plan/source.h"

namespace sluice {
namespace {

TEST_CASE("a place is written as far as it is known") {
  CHECK(to_string(SourceSpan{}).empty());
  CHECK(to_string(SourceSpan{"a.yaml", 0, 0}) == "a.yaml");
  CHECK(to_string(SourceSpan{"a.yaml", 3, 7}) == "a.yaml:3:7");
}

TEST_CASE("findings are sorted by file, line, column and code") {
  Diagnostics findings = {{Severity::Error, "b", "4", "", {"b.yaml", 1, 1}},
                          {Severity::Error, "b", "3", "", {"a.yaml", 2, 1}},
                          {Severity::Warning, "b", "2", "", {"a.yaml", 1, 9}},
                          {Severity::Error, "z", "1", "", {"a.yaml", 1, 2}},
                          {Severity::Error, "a", "0", "", {"a.yaml", 1, 2}}};
  sort_diagnostics(findings);
  std::string order;
  for (const Diagnostic& finding : findings) order += finding.summary;
  CHECK(order == "01234");
}

TEST_CASE("warnings alone are not errors") {
  CHECK_FALSE(has_errors({}));
  CHECK_FALSE(has_errors({{Severity::Warning, "a", "b"}}));
  CHECK(has_errors({{Severity::Warning, "a", "b"}, {Severity::Error, "a", "b"}}));
}

TEST_CASE("a misspelt word is answered with the nearest known one") {
  const std::vector<std::string_view> known = {"groups", "gateway", "defaults", "acl"};
  CHECK(did_you_mean("group", known) == "groups");
  CHECK(did_you_mean("gatway", known) == "gateway");
  CHECK(did_you_mean("defualts", known) == "defaults");
  CHECK(did_you_mean("something", known).empty());
  CHECK(did_you_mean("", known).empty());
  CHECK(did_you_mean("xyz", known).empty());
  CHECK(did_you_mean("x", {}).empty());
}

TEST_CASE("an offset becomes a line and a column of characters") {
  const SourceText source{"a.yaml", "ab\nüx\n\nlast"};
  CHECK(source.locate(0) == SourceSpan{"a.yaml", 1, 1});
  CHECK(source.locate(1) == SourceSpan{"a.yaml", 1, 2});
  CHECK(source.locate(3) == SourceSpan{"a.yaml", 2, 1});
  CHECK(source.locate(5) == SourceSpan{"a.yaml", 2, 2});
  CHECK(source.locate(7) == SourceSpan{"a.yaml", 3, 1});
  CHECK(source.locate(8) == SourceSpan{"a.yaml", 4, 1});
}

TEST_CASE("places in a long text agree with counting from the start") {
  SourceText source{"long.json", {}};
  for (int i = 0; i < 3000; ++i) source.text += i % 50 == 0 ? "é\n" : "x€y ";
  const Places places(source);
  for (std::size_t offset = 0; offset <= source.text.size(); offset += 61) {
    CHECK(places.at(offset) == source.locate(offset));
  }
  CHECK(places.at(source.text.size()) == source.locate(source.text.size()));
}

}  // namespace
}  // namespace sluice
