#include "plan/overrides.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::json;
using test::text_of;

std::string patch(const std::string& body, const std::string& set) {
  return write_json(patched(json(body), json(set)));
}

std::string problems(const std::string& set) {
  std::string text;
  for (const PatchProblem& problem : patch_problems(json(set))) {
    text += problem.code + ": " + problem.summary + " " + problem.detail + "\n";
  }
  return text;
}

TEST_CASE("members are merged, null removes, other lists are replaced") {
  CHECK(patch(R"({"description": "a", "tags": ["x"]})", R"({"description": "b", "tags": ["y", "z"]})") ==
        R"({"description":"b","tags":["y","z"]})");
  CHECK(patch(R"({"description": "a", "tags": ["x"]})", R"({"description": null})") == R"({"tags":["x"]})");
  CHECK(patch(R"({"tags": ["x"]})", R"({"description": null})") == R"({"tags":["x"]})");
  CHECK(patch(R"({"x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {"address": "a", "timeout": 1}}})",
              R"({"x-apigateway-backend": {"httpEndpoints": {"address": "b", "timeout": null, "scheme": "https"}}})") ==
        R"({"x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"b","scheme":"https"}}})");
  CHECK(patch(R"({})", R"({"x-apigateway-backend": {"type": "MOCK", "mockEndpoints": {"description": null}}})") ==
        R"({"x-apigateway-backend":{"type":"MOCK","mockEndpoints":{}}})");
}

TEST_CASE("elements of keyed lists are merged with their twin, added, or removed by their key") {
  const std::string body =
      R"({"parameters": [{"in": "query", "name": "limit", "type": "number"}, {"in": "header", "name": "X-Key"}]})";
  CHECK(
      patch(body, R"({"parameters": [{"in": "query", "name": "limit", "required": true}]})") ==
      R"({"parameters":[{"in":"query","name":"limit","type":"number","required":true},{"in":"header","name":"X-Key"}]})");
  CHECK(patch(body, R"({"parameters": [{"in": "query", "name": "page", "type": "integer"}]})") ==
        R"({"parameters":[{"in":"query","name":"limit","type":"number"},{"in":"header","name":"X-Key"},)"
        R"({"in":"query","name":"page","type":"number"}]})");
  CHECK(
      patch(body, R"({"parameters": {"query:limit": {"required": true}, "header:x-key": null, "query:old": null}})") ==
      R"({"parameters":[{"in":"query","name":"limit","type":"number","required":true}]})");
  CHECK(patch(body, R"({"parameters": {"query:a:b": {"type": "string"}}})") ==
        R"({"parameters":[{"in":"query","name":"limit","type":"number"},{"in":"header","name":"X-Key"},)"
        R"({"in":"query","name":"a:b","type":"string"}]})");
  CHECK(patch(body, R"({"parameters": [{"in": "query", "name": "limit", "type": null}]})") ==
        R"({"parameters":[{"in":"query","name":"limit"},{"in":"header","name":"X-Key"}]})");
  CHECK(patch(body, R"({"parameters": null})") == "{}");
  CHECK(patch(R"({"x-apigateway-backend": {"parameters": [{"in": "HEADER", "name": "x-id", "value": "a"}]}})",
              R"({"x-apigateway-backend": {"parameters": [{"in": "header", "name": "X-Id", "value": "b"}]}})") ==
        R"({"x-apigateway-backend":{"parameters":[{"in":"header","name":"X-Id","value":"b"}]}})");
  CHECK(patch(R"({"x-apigateway-backend-policies": [{"name": "one", "type": "HTTP"}, {"name": "two"}]})",
              R"({"x-apigateway-backend-policies": {"one": {"type": "MOCK"}, "two": null}})") ==
        R"({"x-apigateway-backend-policies":[{"name":"one","type":"MOCK"}]})");
}

TEST_CASE("authentication is said as a whole, in the gateway's words or as Swagger writes it") {
  const std::string body = R"({"security": {"type": "AUTHORIZER", "authorizer": "f"}})";
  CHECK(patch(body, R"({"security": {"type": "NONE"}})") == R"({"security":{"type":"NONE"}})");
  CHECK(patch(body, R"({"security": {"authorizer": "g"}})") ==
        R"({"security":{"type":"AUTHORIZER","authorizer":"g"}})");
  CHECK(patch(body, R"({"security": []})") == R"({"security":{"type":"NONE"}})");
  CHECK(patch(body, R"({"security": [{"apig-auth-iam": []}]})") == R"({"security":{"type":"IAM"}})");
  CHECK(patch(body, R"({"security": [{"apig-auth-app-header": []}]})") ==
        R"({"security":{"type":"APP","app_code":"header"}})");
  CHECK(patch(body, R"({"security": null})") == "{}");
  CHECK(problems(R"({"security": [{"oauth": []}]})") ==
        "value-unknown: The security scheme \"oauth\" is not known here. Write `security: {type: APP}` (or NONE, IAM, "
        "AUTHORIZER with `authorizer`).\n");
}

TEST_CASE("authentication that cannot be told is an error, and never none") {
  CHECK(contains(problems(R"({"security": ["apig-auth-app"]})"), "key-shape: `security` holds an element that is not"));
  CHECK(contains(problems(R"({"security": [{}]})"), "key-shape: `security` holds an element that is not"));
  CHECK(contains(problems(R"({"security": [{"apig-auth-app": []}, {"apig-auth-iam": []}]})"), "security-several:"));
  CHECK(contains(problems(R"({"security": [{"apig-auth-app": [], "apig-auth-iam": []}]})"), "security-several:"));
  CHECK(problems(R"({"security": [{"apig-auth-app": []}]})").empty());
  CHECK(patch("{}", R"({"security": ["apig-auth-app"]})") == R"({"security":{}})");
}

TEST_CASE("what no API can take is found in the patch") {
  CHECK(problems(R"({"x-apigateway-cors": "true", "x-apigateway-backend": {"httpEndpoints": {"timeout": "3000"}}})")
            .empty());
  CHECK(problems(R"({"x-apigateway-cor": true})") ==
        "key-unknown: `x-apigateway-cor` is not a field of an API. Did you mean `x-apigateway-cors`?\n");
  CHECK(problems(R"({"x-apigateway-backend": {"httpEndpoints": {"adress": "h"}}})") ==
        "key-unknown: `adress` is not a field of `httpEndpoints`. Did you mean `address`?\n");
  CHECK(contains(problems(R"({"parameters": [{"in": "query", "name": "a", "tipe": "string"}]})"),
                 "key-unknown: `tipe` is not a field of an element of `parameters`. Did you mean `type`?"));
  CHECK(contains(problems(R"({"path": "/x"})"), "override-identity: `path` cannot be overridden"));
  CHECK(contains(problems(R"({"x-apigateway-match-mode": "SWA"})"), "override-identity"));
  CHECK(contains(problems(R"({"x-apigateway-backend": "h"})"), "key-shape: `x-apigateway-backend` is not a map."));
  CHECK(contains(problems(R"({"description": ["a"]})"), "key-shape: `description` is not a single value."));
  CHECK(contains(problems(R"({"tags": "a"})"), "key-shape: `tags` is not a list."));
  CHECK(contains(problems(R"({"tags": [{}]})"), "key-shape: `tags` holds something that is not a text."));
  CHECK(contains(problems(R"({"x-apigateway-cors": "yes"})"), "key-shape: `x-apigateway-cors` is not true or false."));
  CHECK(contains(problems(R"({"x-apigateway-backend": {"httpEndpoints": {"timeout": "5s"}}})"),
                 "key-shape: `timeout` is not a whole number."));
  CHECK(contains(problems(R"({"parameters": "x"})"), "key-shape: `parameters` is not a list, or a map by in:name."));
  CHECK(contains(problems(R"({"parameters": [{"in": "query"}]})"),
                 "override-key: an element of `parameters` has no `name`"));
  CHECK(contains(problems(R"({"parameters": {"limit": {}}})"),
                 "override-key: \"limit\" is not the key of an element of `parameters`. Write in:name, as in"));
}

TEST_CASE("overrides are laid in order, and one that meets nothing is an error at its match") {
  const std::vector<Override> list = {{"* /pets/**", json(R"({"description": "all", "x-apigateway-cors": true})"), {}},
                                      {"GET /pets", json(R"({"description": "one"})"), {}},
                                      {"GET /toys", json("{}"), {"sluice.yaml", 9, 16}}};
  Overrides overrides(list);
  Value body = json(R"({"description": "own"})");
  CHECK(overrides.apply("GET", "/pets", body) == std::vector<std::size_t>{0, 1});
  CHECK(write_json(body) == R"({"description":"one","x-apigateway-cors":true})");
  CHECK(text_of(overrides.unmet()) ==
        "sluice.yaml:9:16: error override-nothing: The override of \"GET /toys\" meets no operation of the group. "
        "Correct the match, or take the override out; paths include basePath.\n");
}

}  // namespace
}  // namespace sluice
