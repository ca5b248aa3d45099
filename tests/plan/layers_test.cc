// What a manifest lays over the operations of its files: select, operations, overrides; and which layer won.
#include "plan/desired.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::json;
using test::text_of;

GroupSettings settings() {
  GroupSettings group;
  group.name = "pets";
  group.at = {"sluice.yaml", 3, 5};
  group.operations.security = json(R"({"type": "none"})");
  group.operations.backend = json(R"({"type": "HTTP", "address": "h:80"})");
  return group;
}

Parsed<DesiredGroup> build(const std::string& paths, const GroupSettings& group, Explanations* explanations = nullptr) {
  const SourceText source{"pets.yaml", "swagger: '2.0'\nbasePath: /v1\npaths:\n" + paths};
  auto document = parse_document(source);
  REQUIRE(document.value);
  const SwaggerFile file{source, *document.value};
  return build_desired(group, {&file, 1}, explanations);
}

/// The one API of a document, which must be whole.
Value only(const std::string& paths, const GroupSettings& group) {
  const auto parsed = build(paths, group);
  INFO(text_of(parsed.diagnostics));
  REQUIRE(parsed.value);
  REQUIRE(parsed.value->state.resources.size() == 2);
  return std::next(parsed.value->state.resources.begin())->second.body;
}

const std::string kTwo =
    "  /pets: {get: {operationId: listPets, tags: [public]}}\n"
    "  /pets/{id}-x: {get: {operationId: broken, tags: [private]}}\n";

TEST_CASE("an operation that is not selected cannot fail the plan") {
  GroupSettings group = settings();
  CHECK_FALSE(build(kTwo, group).value);
  group.select.tags = {"public"};
  CHECK(only(kTwo, group).text("operationId") == "listPets");
  group.select = {.paths = {}, .tags = {}, .methods = {}, .exclude = {"* /v1/pets/*"}};
  CHECK(only(kTwo, group).text("operationId") == "listPets");
}

TEST_CASE("a condition of select that meets nothing is a warning") {
  GroupSettings group = settings();
  group.select = {.paths = {"/pets/**", "/v1/pets"}, .at = {"sluice.yaml", 5, 13}};
  CHECK(text_of(build(kTwo, group).diagnostics) ==
        "sluice.yaml:5:13: warning select-nothing: \"/pets/**\" in `select.paths` meets no operation of the group's "
        "files. Correct it, or take it out; paths include basePath.\n");
}

TEST_CASE("overrides lie over the file and over operations, in order") {
  GroupSettings group = settings();
  const std::string file = "  /pets: {get: {operationId: listPets, description: own, x-apigateway-cors: true}}\n";
  group.overrides = {
      {"* **", json(R"({"description": "all", "x-apigateway-backend": {"httpEndpoints": {"timeout": 7}}})"), {}},
      {"GET /v1/pets", json(R"({"description": "one", "x-apigateway-cors": null})"), {}}};
  const Value body = only(file, group);
  CHECK(body.text("description") == "one");
  CHECK(write_json(*body.find("x-apigateway-cors")) == "false");
  const Value& endpoint = *body.find("x-apigateway-backend")->find("httpEndpoints");
  CHECK(endpoint.text("address") == "h:80");
  CHECK(write_json(*endpoint.find("timeout")) == "7");
}

TEST_CASE("an override may say what file and operations leave open, and take away what they said") {
  GroupSettings group = settings();
  group.operations.security.reset();
  group.operations.backend.reset();
  const std::string file = "  /pets: {get: {operationId: listPets}}\n";
  group.overrides = {
      {"GET /v1/pets",
       json(R"({"security": {"type": "APP"}, "x-apigateway-backend": {"type": "MOCK", "mockEndpoints": {}}})"),
       {}}};
  CHECK(only(file, group).find("security")->text("type") == "APP");
  group.overrides.push_back({"GET /v1/pets", json(R"({"security": null})"), {}});
  CHECK(contains(text_of(build(file, group).diagnostics), "error auth-missing"));
}

TEST_CASE("an override that meets nothing is an error at its place, also where select took the operation out") {
  GroupSettings group = settings();
  group.select.tags = {"public"};
  group.overrides = {{"GET /v1/pets/{id}-x", json("{}"), {"sluice.yaml", 9, 16}}};
  CHECK(text_of(build(kTwo, group).diagnostics) ==
        "sluice.yaml:9:16: error override-nothing: The override of \"GET /v1/pets/{id}-x\" meets no operation of the "
        "group. Correct the match, or take the override out; paths include basePath.\n");
}

TEST_CASE("a value of the wrong kind that an override brings in is found before anything is sent") {
  GroupSettings group = settings();
  group.overrides = {{"* **", json(R"({"x-apigateway-backend": {"httpEndpoints": {"address": "http://h"}}})"), {}}};
  CHECK(contains(text_of(build("  /pets: {get: {operationId: listPets}}\n", group).diagnostics),
                 "pets.yaml:4:11: error limit: GET /v1/pets:"));
}

TEST_CASE("each value tells which layer set it") {
  GroupSettings group = settings();
  group.overrides = {
      {"* **",
       json(R"({"description": "all", "x-apigateway-backend": {"httpEndpoints": {"timeout": 7}}})"),
       {"sluice.yaml", 9, 16}},
      {"GET /v1/pets/{id}", json(R"({"parameters": {"query:limit": {"required": true}}})"), {"sluice.yaml", 11, 16}}};
  Explanations explanations;
  REQUIRE(build("  /pets/{id}:\n"
                "    get:\n"
                "      description: own\n"
                "      x-apigateway-cors: true\n"
                "      parameters:\n"
                "        - {in: path, name: id, type: string}\n"
                "        - {in: query, name: limit, type: string, description: most}\n",
                group, &explanations)
              .value);
  std::map<std::string, std::string> layers;
  for (const ValueOrigin& origin : explanations.begin()->second) layers[origin.path] = origin.layer;
  CHECK(layers.at("/description") == "overrides[0] at sluice.yaml:9:16");
  CHECK(layers.at("/x-apigateway-backend/httpEndpoints/timeout") == "overrides[0] at sluice.yaml:9:16");
  CHECK(layers.at("/x-apigateway-backend/httpEndpoints/address") == "operations");
  CHECK(layers.at("/x-apigateway-backend/httpEndpoints/scheme") == "gateway default");
  CHECK(layers.at("/x-apigateway-backend/parameters/path:id/value") == "operations");
  CHECK(layers.at("/security/type") == "operations");
  CHECK(layers.at("/operationId") == "operations");  // made, since the file has none
  CHECK(layers.at("/x-apigateway-cors") == "pets.yaml:7:26");
  CHECK(layers.at("/parameters/query:limit/required") == "overrides[1] at sluice.yaml:11:16");
  CHECK(layers.at("/parameters/query:limit/description") == "pets.yaml:10:63");
  CHECK(layers.at("/parameters/query:limit/x-apigateway-pass-through") == "gateway default");
  CHECK(layers.at("/schemes") == "gateway default");
  CHECK_FALSE(layers.contains("/method"));
  CHECK_FALSE(layers.contains("/parameters/query:limit/in"));
}

}  // namespace
}  // namespace sluice
