// Groups made of one file, for tests of what is found in it.
#pragma once

#include <sstream>
#include <string>

#include "plan/desired.h"
#include "tests/plan/support.h"

namespace sluice::test {

/// A group without authentication and with a backend for all.
inline GroupSettings settings(bool drop = false) {
  GroupSettings group;
  group.name = "pets";
  group.at = {"sluice.yaml", 3, 5};
  group.operations.security = json(R"({"type": "none"})");
  group.operations.backend = json(R"({"type": "HTTP", "address": "h:80"})");
  group.drop_unsupported = drop;
  return group;
}

/// The group of one file, pets.yaml.
inline Parsed<DesiredGroup> build(const std::string& text, const GroupSettings& group,
                                  CloudKind cloud = CloudKind::Huawei) {
  const SourceText source{"pets.yaml", text};
  auto document = parse_document(source);
  INFO(text);
  INFO(text_of(document.diagnostics));
  REQUIRE(document.value);
  const SwaggerFile file{source, *document.value};
  return build_desired(group, {&file, 1}, nullptr, cloud);
}

/// A document whose one operation, GET /a, has these members; they start in line 6.
inline std::string with_members(const std::string& members) {
  std::string text = "swagger: '2.0'\npaths:\n  /a:\n    get:\n      operationId: getA\n";
  std::istringstream lines(members);
  for (std::string line; std::getline(lines, line);) text += "      " + line + "\n";
  return text;
}

}  // namespace sluice::test
