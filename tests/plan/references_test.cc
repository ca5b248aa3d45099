#include "plan/references.h"

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

SwaggerFile file(const std::string& name, const std::string& text, bool named = true) {
  const SourceText source{name, text};
  auto document = parse_document(source);
  INFO(text_of(document.diagnostics));
  REQUIRE(document.value);
  return {source, std::move(*document.value), named};
}

/// "GET /a sha256:…" of each API; the files must be whole.
std::map<std::string, std::string> digests(const std::vector<SwaggerFile>& files) {
  const auto built = build_desired(settings(), files);
  INFO(text_of(built.diagnostics));
  REQUIRE(built.value);
  std::map<std::string, std::string> result;
  for (const auto& [address, resource] : built.value->state.resources) {
    if (address.type() == "api") result[std::string(address.name())] = resource.digest;
  }
  return result;
}

std::string findings(const std::vector<SwaggerFile>& files, const GroupSettings& group = settings()) {
  return text_of(build_desired(group, files).diagnostics);
}

std::vector<std::string> needed(const std::vector<SwaggerFile>& files) {
  std::vector<std::string> names;
  for (const NeededFile& one : files_needed(files)) names.push_back(to_string(one.at) + " " + one.name);
  return names;
}

const std::string kHead = "swagger: '2.0'\npaths:\n";

TEST_CASE("a change behind a reference is a change of every operation that uses it, one in a model is none") {
  const auto build = [](const std::string& limit, const std::string& model) {
    return digests(
        {file("api/pets.yaml", kHead + R"(
  /a: {get: {operationId: getA, parameters: [{$ref: '../common.yaml#/limit'}]}}
  /b: {get: {operationId: getB, parameters: [{$ref: '#/parameters/limit'}]}}
  /c: {post: {operationId: postC, parameters: [{in: body, name: b, schema: {$ref: '../common.yaml#/model'}}]}}
  /d: {$ref: '../paths.json#/d'}
parameters: {limit: {$ref: '../common.yaml#/limit'}}
)"),
         file("common.yaml", "limit: {in: query, name: limit, type: " + limit + "}\nmodel: {type: " + model + "}\n",
              false),
         file("paths.json",
              R"({"d": {"get": {"operationId": "getD", "parameters": [{"$ref": "common.yaml#/limit"}]}}})", false)});
  };
  const auto before = build("integer", "object");
  REQUIRE(before.size() == 4);
  CHECK(build("integer", "string") == before);
  const auto after = build("string", "object");
  for (const char* name : {"GET /a", "GET /b", "GET /d"}) CHECK(after.at(name) != before.at(name));
  CHECK(after.at("POST /c") == before.at("POST /c"));
}

TEST_CASE("only files that can matter to the gateway are needed, each once, relative to where it is named") {
  const std::string api = kHead + R"(
  /a:
    parameters: [{$ref: '../p.yaml#/x'}]
    get:
      parameters: [{$ref: '../p.yaml#/y'}, {in: body, name: b, schema: {$ref: 'body.json'}}]
      responses: {200: {$ref: 'no.json'}, default: {$ref: './r%20s.json'}}
  /b: {$ref: 'deep/paths.yaml#/b'}
definitions: {M: {$ref: 'model.json'}}
)";
  std::vector<SwaggerFile> files = {file("api/pets.yaml", api)};
  CHECK(needed(files) == std::vector<std::string>{"api/pets.yaml:5:25 p.yaml", "api/pets.yaml:8:59 api/r s.json",
                                                  "api/pets.yaml:9:14 api/deep/paths.yaml"});
  files.push_back(
      file("p.yaml", "x: {in: query, name: x, type: string}\ny: {in: query, name: y, type: string}\n", false));
  files.push_back(file("api/r s.json", "{}", false));
  files.push_back(file("api/deep/paths.yaml", "b: {get: {parameters: [{$ref: '../more.yaml'}]}}\n", false));
  CHECK(needed(files) == std::vector<std::string>{"api/deep/paths.yaml:1:31 api/more.yaml"});
  files.push_back(file("api/more.yaml", "in: query\nname: q\ntype: string\n", false));
  CHECK(needed(files).empty());
  CHECK(digests(files).size() == 2);
}

TEST_CASE("pointers are unescaped, go into lists, and what stands beside a reference does not count") {
  const auto parameters = [](const std::string& reference) {
    const auto built = build_desired(
        settings(),
        std::vector{file("a.yaml", kHead + "  /a: {get: {operationId: getA, parameters: [{$ref: '" + reference +
                                       "', name: other}]}}\nparameters:\n  a/b~c d: {in: query, name: q, type: "
                                       "string}\n  list: [{in: query, name: r, type: string}]\n")});
    INFO(text_of(built.diagnostics));
    REQUIRE(built.value);
    return std::string(
        std::next(built.value->state.resources.begin())->second.body.find("parameters")->items().at(0).text("name"));
  };
  CHECK(parameters("#/parameters/a~1b~0c%20d") == "q");
  CHECK(parameters("#/parameters/list/0") == "r");
  CHECK(parameters("a.yaml#/parameters/list/0") == "r");
  CHECK(parameters("./x/../a.yaml#/parameters/list/0") == "r");
}

TEST_CASE("an operation that is a reference is what the reference leads to") {
  const auto direct = digests({file("a.yaml", kHead + "  /a: {get: {operationId: getA, tags: [x]}}\n")});
  const std::string text = kHead + "  /a: {get: {$ref: 'more.yaml#/get'}}\n";
  CHECK(needed({file("a.yaml", text)}) == std::vector<std::string>{"a.yaml:3:20 more.yaml"});
  GroupSettings tagged = settings();
  tagged.select.tags = {"x"};
  const auto more = file("more.yaml", "get: {operationId: getA, tags: [x]}\n", false);
  CHECK(digests({file("a.yaml", text), more}) == direct);
  CHECK(findings({file("a.yaml", text), more}, tagged).empty());
  CHECK(contains(findings({file("a.yaml", kHead + "  /a: {get: {$ref: '#/x-none'}}\n")}),
                 "a.yaml:3:20: error ref-missing: The reference \"#/x-none\" leads to nothing."));
  CHECK(contains(
      findings({file("a.yaml", kHead + "  /a: {get: {$ref: '#/x-a', tags: [y]}}\nx-a: {operationId: getA}\n")}),
      "a.yaml:3:29: error ref-siblings: `tags` stands beside the `$ref` of GET /a, where it does not count."));
}

TEST_CASE("what stands beside the reference of a parameter is counted") {
  const std::string text =
      kHead + "  /a: {get: {operationId: getA, parameters: [{$ref: '#/parameters/q', required: true}]}}\n" +
      "parameters: {q: {in: query, name: q, type: string}}\n";
  CHECK(contains(findings({file("a.yaml", text)}),
                 "a.yaml:3:71: warning left-out: Left out, because the gateway does not hold them: members beside the "
                 "`$ref` of a parameter, where they do not count (1)."));
}

TEST_CASE("findings in another file name that file") {
  const std::vector<SwaggerFile> files = {
      file("a.yaml", kHead + "  /a: {get: {operationId: getA, parameters: [{$ref: 'b.yaml#/p'}]}}\n"),
      file("b.yaml", "p:\n  in: query\n  name: q\n  type: strnig\n", false)};
  CHECK(contains(findings(files), "b.yaml:2:3: error parameter-type"));
}

TEST_CASE("a circle of references is named") {
  CHECK(contains(findings({file("a.yaml", kHead + "  /a: {get: {parameters: [{$ref: 'b.yaml#/p'}]}}\n"),
                           file("b.yaml", "p: {$ref: 'a.yaml#/x'}\n", false)}),
                 "b.yaml:1:11: error ref-missing"));
  CHECK(contains(
      findings({file("a.yaml", kHead + "  /a: {get: {parameters: [{$ref: 'b.yaml#/p'}]}}\nx: {$ref: 'b.yaml#/p'}\n"),
                file("b.yaml", "p: {$ref: 'a.yaml#/x'}\n", false)}),
      "leads back to itself: b.yaml#/p -> a.yaml#/x -> b.yaml#/p."));
}

TEST_CASE("a group has the operations of all its files, in order, and the first file's description") {
  const std::vector<SwaggerFile> files = {
      file("a.yaml",
           "swagger: '2.0'\ninfo: {description: first}\nbasePath: /v1\npaths:\n  /a: {get: {operationId: getA}}\n"),
      file(
          "b.json",
          R"({"swagger": "2.0", "info": {"description": "second"}, "paths": {"/b": {"get": {"operationId": "getB"}}}})")};
  const auto built = build_desired(settings(), files);
  REQUIRE(built.value);
  const ResourceMap& resources = built.value->state.resources;
  REQUIRE(resources.size() == 3);
  CHECK(resources.at(Address::group("pets")).body.text("description") == "first");
  CHECK(to_string(resources.at(*Address::parse(R"(api.pets["GET /v1/a"])")).source) == "a.yaml:5:8");
  CHECK(to_string(resources.at(*Address::parse(R"(api.pets["GET /b"])")).source) == "b.json:1:72");
}

TEST_CASE("one API or one name in two files is an error that names both places") {
  const SwaggerFile one = file("a.yaml", kHead + "  /a: {get: {operationId: getA}}\n");
  CHECK(
      contains(findings({one, file("b.yaml", kHead + "\n  /a: {get: {operationId: other}}\n")}),
               "b.yaml:4:8: error operation-twice: GET /a is the same API as GET /a: the gateway compares method, path "
               "without variable names, and match mode. The other is at a.yaml:3:8"));
  CHECK(contains(
      findings({one, file("b.yaml", kHead + "\n  /b: {get: {operationId: getA}}\n")}),
      "b.yaml:4:8: error name-twice: The name getA is used twice in the group pets. The other is at a.yaml:3:8"));
}

TEST_CASE("policies and responses that files define are handed on, and may not differ") {
  const std::string policies =
      "swagger: '2.0'\nx-apigateway-ratelimits:\n  gold: {api-limit: 1, interval: 1, unit: "
      "DAY}\nx-apigateway-access-controls: {office: "
      "{acl-type: DENY, value: "
      "10.0.0.1}}\nx-apigateway-responses: {default: {}, own: {THROTTLED: {status: 429}}}\npaths: {}\n";
  const auto built = build_desired(settings(), std::vector{file("a.yaml", policies), file("b.yaml", policies)});
  REQUIRE(built.value);
  REQUIRE(built.value->policies.size() == 2);
  CHECK(built.value->policies[0].address.text() == "ratelimit.gold");
  CHECK(write_json(built.value->policies[0].body) == R"({"api-limit":1,"interval":1,"unit":"DAY"})");
  CHECK(to_string(built.value->policies[0].at) == "a.yaml:3:3");
  CHECK(built.value->policies[1].address.text() == "acl.office");
  REQUIRE(built.value->responses.size() == 1);
  CHECK(built.value->responses[0].address.text() == "response.pets.own");
  CHECK(
      contains(findings({file("a.yaml", policies), file("b.yaml",
                                                        "swagger: '2.0'\nx-apigateway-ratelimits: {gold: {api-limit: "
                                                        "2, interval: 1, unit: DAY}}\npaths: {}\n")}),
               "b.yaml:2:27: error definition-twice: ratelimit.gold is defined twice, and differently. The other is at "
               "a.yaml:3:3"));
}

TEST_CASE("with unsupported: drop, what cannot be held is left out with one warning a kind") {
  GroupSettings group = settings();
  group.drop_unsupported = true;
  std::string many;
  for (int i = 0; i < 55; ++i) many += "{in: query, name: p" + std::to_string(i) + ", type: string}, ";
  const auto built = build_desired(
      group, std::vector{file("a.yaml", kHead + R"(
  /a/{x}.json: {get: {operationId: jsonA, parameters: [{in: path, name: x, type: string}]}}
  /b/pre-{x}: {get: {operationId: getB, parameters: [{in: path, name: x, type: string}]}}
  /c/{x}: {get: {operationId: getC, parameters: [{in: path, name: x, type: boolean}]}}
  /d: {get: {operationId: getD, tags: [good, not good], parameters: [{in: query, name: 'a[b]', type: string}, {in: query, name: q, type: string}]}}
  /e: {get: {operationId: getE, parameters: [)" +
                                            many + "{in: query, name: needed, required: true, type: string}]}}\n")});
  INFO(text_of(built.diagnostics));
  REQUIRE(built.value);
  const ResourceMap& resources = built.value->state.resources;
  REQUIRE(resources.size() == 3);
  const Resource& d = resources.at(*Address::parse(R"(api.pets["GET /d"])"));
  CHECK(d.body.find("parameters")->items().size() == 1);
  CHECK(write_json(*d.body.find("tags")) == R"(["good"])");
  const Resource& e = resources.at(*Address::parse(R"(api.pets["GET /e"])"));
  CHECK(e.body.find("parameters")->items().size() == 50);
  CHECK(contains(write_json(e.body), R"("name":"needed")"));
  const std::string told = text_of(built.diagnostics);
  CHECK(contains(told,
                 "a.yaml:4:17: warning path-variable-shape: Left out, because the gateway does not hold them: "
                 "operations with a path variable that is not a whole segment (2): GET /a/{x}.json, GET "
                 "/b/pre-{x}. The first is here. To have them: "));
  CHECK(contains(told,
                 "warning path-variable-type: Left out, because the gateway does not hold them: operations with a "
                 "path variable that is neither a text nor a number (1): GET /c/{x}."));
  CHECK(contains(told, "warning parameter-name: "));
  CHECK(contains(told, "parameters beyond the 50 that an API may have (6)."));
  CHECK(contains(told, "warning tag-name: "));
}

TEST_CASE("made names never depend on the order, and never take another operation's") {
  const std::vector<std::string> lines = {"  /a-b: {get: {}}\n", "  /c: {get: {operationId: 'list it'}}\n",
                                          "  /d: {get: {operationId: 'list,it'}}\n",
                                          "  /e: {get: {operationId: GET_f}}\n", "  /f: {get: {}}\n"};
  const auto names = [&](const std::vector<std::size_t>& order) {
    std::string paths;
    for (const std::size_t line : order) paths += lines[line];
    const auto built = build_desired(settings(), std::vector{file("a.yaml", kHead + paths)});
    INFO(text_of(built.diagnostics));
    REQUIRE(built.value);
    std::map<std::string, std::string> result;
    for (const auto& [address, resource] : built.value->state.resources) {
      result[std::string(address.name())] = resource.body.text("operationId");
    }
    return result;
  };
  const auto made = names({0, 1, 2, 3, 4});
  CHECK(made.at("GET /a-b") == "GET_a-b");
  CHECK(made.at("GET /c") == "GET_c");
  CHECK(made.at("GET /d") == "GET_d");
  CHECK(made.at("GET /e") == "GET_f");
  CHECK(made.at("GET /f").starts_with("GET_f_"));
  CHECK(names({4, 3, 2, 1, 0}) == made);
}

}  // namespace
}  // namespace sluice
