// Bad manifests and Swagger files: each is one clear sentence with its place and the right exit code, and nothing is
// sent. Inputs that take a program down elsewhere are among them.
#include <filesystem>
#include <map>

#include "tests/cli/bench.h"

namespace sluice {
namespace {

using test::contains;
using test::Finished;

/// Files to write besides the usual manifest; the line of the one that matters, and words of the message.
struct Row {
  std::string name;
  std::map<std::string, std::string> files;
  std::string place;  ///< "file:line:column"
  std::string words;
};

const std::string kManifest =
    "version: 1\ngroups:\n  - name: pets\n    swagger: api.yaml\n    operations: {auth: none, backend: {type: HTTP, "
    "address: 'b:80', scheme: http}}\n";
const std::string kHead = "swagger: '2.0'\npaths:\n";
const std::string kOpen = "  /a:\n    get: {operationId: listA}\n";

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

/// A row whose only unusual file is the Swagger file.
Row api(std::string name, std::string text, std::string place, std::string words) {
  return {std::move(name), {{"api.yaml", std::move(text)}}, "api.yaml:" + std::move(place), std::move(words)};
}
/// The same of a document that has a good operation, then `more`, which starts at line 5.
Row with(std::string name, const std::string& more, const std::string& place, std::string words) {
  return api(std::move(name), kHead + kOpen + more, place, std::move(words));
}
/// An operation with these members, each starting in line 5.
Row operation(std::string name, const std::string& members, const std::string& place, std::string words) {
  return api(std::move(name), kHead + "  /a:\n    get:\n      " + members + "\n", place, std::move(words));
}
Row in_json(std::string name, std::string text, std::string place, std::string words) {
  const std::string manifest = "version: 1\ngroups: [{name: pets, swagger: api.json}]\n";
  return {std::move(name),
          {{"api.json", std::move(text)}, {"sluice.yaml", manifest}},
          "api.json:" + std::move(place),
          std::move(words)};
}
Row manifest(std::string name, std::string text, std::string place, std::string words) {
  return {std::move(name), {{"sluice.yaml", std::move(text)}}, "sluice.yaml" + std::move(place), std::move(words)};
}
Row reference(std::string name, const std::string& to, std::string words,
              std::map<std::string, std::string> more = {}) {
  Row row = operation(std::move(name), "parameters: [{$ref: '" + to + "'}]", "5:27", std::move(words));
  for (auto& [file, text] : more) row.files.insert_or_assign(file, std::move(text));
  return row;
}

std::string alias_bomb() {
  std::string text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string last(1, static_cast<char>(c - 1));
    text += std::string(1, c) + ": &" + c + " [*" + last + repeated(",*" + last, 9) + "]\n";
  }
  return text;
}

std::vector<Row> texts() {
  const std::string wide("s\0w\0a\0g\0", 8);
  return {
      api("an empty file", "", "1:1", "The file is empty."),
      api("a file of comments", "# nothing\n", "1:1", "The file is empty."),
      api("UTF-16", "\xFF\xFE" + wide, "1:1", "it is UTF-16 or UTF-32; save it as UTF-8"),
      api("UTF-16 without a mark", wide, "1:1", "it is UTF-16 or UTF-32; save it as UTF-8"),
      api("a NUL byte", "swagger: '2.0'\na: \"" + std::string("\0\"\n", 3), "2:5", "it holds a NUL byte"),
      api("bytes that are not UTF-8", "swagger: '2.0'\na: \xE9t\xE9\n", "2:4", "it is not valid UTF-8"),
      api("an overlong character", "a: \xC0\xAF\n", "1:4", "it is not valid UTF-8"),
      api("half a surrogate pair", "a: \xED\xA0\x80\n", "1:4", "it is not valid UTF-8"),
      api("a tab in the indentation", "swagger: '2.0'\npaths:\n\t/a: {}\n", "3:1", "a tab stands in the indentation"),
      api("two documents", kHead + kOpen + "---\nswagger: '2.0'\n", "5:1", "it holds more than one document"),
      api("a key twice", kHead + kOpen + "  /a: {}\n", "5:3", "the key \"/a\" appears twice in one map"),
      in_json("a key twice in JSON", "{\"swagger\": \"2.0\",\n \"paths\": {\"/a\": {}, \"/a\": {}}}", "2:22",
              "the key \"/a\" appears twice in one object"),
      in_json("JSON that was cut off", "{\"swagger\": \"2.0\", \"paths\": {", "1:30", "Missing a"),
      in_json("a comma too many", "{\"swagger\": \"2.0\",}", "1:19", "Missing a name"),
      in_json("text behind the document", "{\"swagger\": \"2.0\", \"paths\": {}} x", "1:33",
              "must not be followed by other values"),
      in_json("deep nesting in JSON", repeated("[", 5000), "1:201", "nested deeper than 200 levels"),
      in_json("a number that is too large", "{\"swagger\": 1e999}", "1:13", "Number too big"),
      in_json("too many values", "[" + repeated("0,", 1'000'000) + "0]", "1:2000", "more than 1000000 values"),
      in_json("an empty file in JSON", "", "1:1", "The file is empty."),
      api("deep nesting in YAML", repeated("- ", 5000), "1:401", "nested deeper than 200 levels"),
      api("many brackets", "a: " + repeated("[", 1'500'000), "1:", "longer than 1000000 bytes"),
      api("an alias bomb", alias_bomb(), "6:", "more than 1000000 values"),
      api("an alias of what holds it", "a: &a [*a]\n", "1:8", "an alias refers to the value that contains it"),
      api("an alias of nothing", "a: *b\n", "1:4", "anchor"),
      api("a list as a key", "? [a]\n: b\n", "1:3", "a key must be a text"),
      api("a merge of a text", "a: {<<: x}\n", "1:", "\"<<\" takes a map or a list of maps"),
      api("a quote that is not closed", "a: \"x\n", "1:4", "a quote is not closed"),
  };
}

std::vector<Row> shapes() {
  return {
      api("a list as the document", "- swagger: '2.0'\n", "1:1", "it is not a map"),
      api("a text as the document", "swagger\n", "1:1", "it is not a map"),
      api("another version", "swagger: '1.2'\npaths: {}\n", "1:10", "does not say `swagger: \"2.0\"`"),
      api("no version", "paths: {}\n", "1:1", "does not say `swagger: \"2.0\"`"),
      api("two versions", "swagger: '2.0'\nopenapi: 3.0.0\npaths: {}\n", "1:10", "both `swagger` and `openapi`"),
      api("OpenAPI 3.1", "openapi: 3.1.0\npaths: {}\n", "1:10", "OpenAPI 3.1.0 is not read"),
      api("no paths", "swagger: '2.0'\n", "1:1", "has no `paths`"),
      api("paths as a list", "swagger: '2.0'\npaths: [/a]\n", "2:8", "`paths` is not a map"),
      api("paths without a value", "swagger: '2.0'\npaths:\n", "2:1", "`paths` is not a map"),
      with("a path without a slash", "  b: {}\n", "5:3", "does not start with \"/\""),
      with("a number as a path", "  404: {}\n", "5:3", "The path \"404\" does not start with \"/\""),
      with("a text as a path's object", "  /b: get\n", "5:3", "holds no operations: it is not a map"),
      with("no operation below a method", "  /b:\n    get:\n", "6:5", "GET /b is not a map"),
      with("an unknown method", "  /b:\n    fetch: {}\n", "6:5", "\"fetch\" is not a method"),
      with("a method in capitals", "  /b:\n    GET: {}\n", "6:5", "Did you mean `get`?"),
      operation("a misspelled member", "paramters: []", "5:7", "Did you mean `parameters`?"),
      api("a misspelled basePath", "swagger: '2.0'\nbasepath: /v1\npaths: {}\n", "2:1", "Did you mean `basePath`?"),
      api("a basePath that is none", "swagger: '2.0'\nbasePath: v1\npaths: {}\n", "2:11", "`basePath` is not a path"),
      operation("parameters as a map", "parameters: {in: query}", "5:19", "are not a list"),
      operation("a text as a parameter", "parameters: [id]", "5:20", "has no `in`"),
      operation("a parameter that is nowhere", "parameters: [{in: qurey, name: q}]", "5:20", "has no `in`"),
      operation("an unknown type", "parameters: [{in: query, name: q, type: strnig}]", "5:20",
                "has the type \"strnig\""),
      operation("a parameter twice",
                "parameters: [{in: query, name: q, type: string}, {in: query, name: q, type: string}]", "5:56",
                "declares the query parameter \"q\" twice"),
      operation("a misspelled rule", "parameters: [{in: query, name: q, type: string, requird: true}]", "5:55",
                "Did you mean `required`?"),
      operation("schemes as a text", "schemes: https", "5:16", "`schemes` is not a list"),
      operation("security as a map", "security: {app: []}", "5:17", "`security` is not a list of maps"),
      operation("a scheme that is not defined", "security: [{app: []}]", "5:19", "\"app\" is not defined"),
      api("security schemes as a list", "swagger: '2.0'\nsecurityDefinitions: [a]\npaths: {}\n", "2:22",
          "is not a map"),
      api("two ways to call",
          "swagger: '2.0'\nsecurityDefinitions:\n  a: {x-apigateway-auth-type: IAM}\n  b: {x-apigateway-auth-type: "
          "AppSigv1}\nsecurity: [{a: []}, {b: []}]\npaths: {/a: {get: {}}}\n",
          "5:11", "names several ways to call"),
      api("an unknown way to call",
          "swagger: '2.0'\nsecurityDefinitions:\n  a: {x-apigateway-auth-type: OAUTH}\nsecurity: [{a: []}]\npaths: "
          "{/a: {get: {}}}\n",
          "3:31", "unknown x-apigateway-auth-type \"OAUTH\""),
      with("one API twice",
           "  /b/{x}: &b\n    get: {parameters: [{in: path, name: x, type: string}]}\n  /b/{y}:\n    get: "
           "{parameters: [{in: path, name: y, type: string}]}\n",
           "8:5", "is the same API as GET /b/{x}"),
      with("one name twice", "  /b:\n    get: {operationId: listA}\n", "6:5", "The name listA is used twice"),
      api("a server variable without a value", "openapi: 3.0.0\nservers: [{url: 'https://a/{v}'}]\npaths: {}\n", "2:11",
          "\"v\" has no default"),
      api("servers with two paths", "openapi: 3.0.0\nservers: [{url: /v1}, {url: /v2}]\npaths: {}\n", "2:23",
          "Two servers differ in their paths"),
  };
}

std::vector<Row> limits() {
  const std::string x = "parameters: [{in: path, name: x, type: string}]";
  const auto path = [&](std::string name, const std::string& path, std::string words) {
    return with(std::move(name), "  '" + path + "':\n    get: {" + x + "}\n", "6:5", std::move(words));
  };
  return {
      path("part of a segment", "/b/pre-{x}", "has a variable that is not a whole segment"),
      path("a brace that is not closed", "/b/{x", "has a variable that is not a whole segment"),
      path("a variable twice", "/b/{x}/{x}", "has the variable \"x\" twice"),
      path("a long path", "/" + std::string(600, 'b') + "/{x}", "characters; the gateway takes 512"),
      path("a colon in a path", "/b/{x}:start", "holds a character that the gateway does not take"),
      with("an undeclared variable", "  /b/{x}:\n    get: {}\n", "6:5", "\"x\" of GET /b/{x} is not declared"),
      with("a boolean variable", "  /b/{x}:\n    get: {parameters: [{in: path, name: x, type: boolean}]}\n", "6:24",
           "has the type boolean, which the gateway does not hold"),
      operation(
          "51 parameters",
          "parameters: [" + repeated("{in: query, name: p, type: string}, ", 0) +
              [] {
                std::string list;
                for (int i = 0; i < 51; ++i) list += "{in: query, name: p" + std::to_string(i) + ", type: string}, ";
                return list;
              }() +
              "]",
          "4:5", "GET /a has 51 parameters; the gateway takes 50"),
      operation("a name that is none", "parameters: [{in: query, name: 'filter[x]', type: string}]", "5:20",
                "\"filter[x]\" of GET /a has a name that the gateway does not take"),
      operation("a reserved header", "parameters: [{in: header, name: X-Sdk-Date, type: string}]", "5:20", "reserves"),
      operation("an allowed value with a comma", "parameters: [{in: query, name: q, type: string, enum: ['a,b']}]",
                "5:20", "holds a comma"),
      operation("a tag that is none", "tags: [scan data]", "4:5",
                "the tag \"scan data\", which the gateway does not take"),
      operation("11 tags", "tags: [a, b, c, d, e, f, g, h, i, j, k]", "4:5", "has 11 tags; the gateway takes 10"),
      with("a method that is not there", "  /b:\n    trace: {}\n", "6:5", "TRACE /b: the gateway has no such method"),
  };
}

std::vector<Row> extensions() {
  const std::string backend = "x-apigateway-backend: ";
  return {
      operation("a misspelled extension", "x-apigateway-crs: true", "5:7", "Did you mean `x-apigateway-cors`?"),
      operation("a misspelled prefix", "x-apigatway-cors: true", "5:7", "Did you mean `x-apigateway-cors`?"),
      operation("an extension that is none", "x-apigateway-colour: red", "5:7", "is not an extension of the gateway"),
      operation("an extension in the wrong place", "x-apigateway-ratelimits: {}", "5:7", "Did you mean"),
      operation("a sample in the wrong place", "x-apigateway-result-normal-sample: a", "5:7", "in the `responses`"),
      api("policies as a list", "swagger: '2.0'\nx-apigateway-ratelimits: [a]\npaths: {}\n", "2:26", "is not a map"),
      operation("a misspelled match mode", "x-apigateway-match-mode: NORMLA", "4:5", "must be one of NORMAL, SWA"),
      operation("a backend of nothing", backend + "{type: HTTP}", "4:5", "has the type HTTP and no httpEndpoints"),
      operation("a misspelled backend",
                backend + "{type: HTTP, httpEndpoints: {address: b, method: GET, path: /a, timout: 5}}", "4:5",
                "Did you mean `timeout`?"),
      operation("an address with a scheme",
                backend + "{type: HTTP, httpEndpoints: {address: 'http://b', method: GET, path: /a}}", "4:5",
                "must be HOST or HOST:PORT"),
      operation("a mapping of nothing",
                backend + "{type: HTTP, httpEndpoints: {address: b, method: GET, path: /a}, parameters: [{name: q, in: "
                          "query, origin: REQUEST, value: q}]}",
                "4:5", "hands on \"q\", which is not a parameter"),
      operation("a backend variable that nothing fills",
                backend + "{type: HTTP, httpEndpoints: {address: b, method: GET, path: '/{x}'}}", "4:5",
                "has the variable \"x\", which no mapping with `in: path` fills"),
  };
}

std::vector<Row> references() {
  return {
      reference("a reference to nothing", "#/parameters/none", "\"#/parameters/none\" leads to nothing"),
      reference("a file that does not exist", "none.yaml#/a", "none.yaml, which does not exist"),
      reference("nothing in another file", "more.yaml#/b", "\"more.yaml#/b\" leads to nothing",
                {{"more.yaml", "a: {}\n"}}),
      reference("a URL", "https://example.com/a.yaml", "is a URL, which is never fetched"),
      reference("an absolute path", "/etc/passwd", "is an absolute path"),
      reference("a path out of the folder", "../../etc/passwd", "leads out of the manifest's folder"),
      reference("a link out of the folder", "link.yaml", "leads out of the manifest's folder"),
      reference("a folder", "folder", "is not a regular file", {{"folder/x", ""}}),
      reference("a file that is no document", "more.yaml", "neither JSON nor YAML", {{"more.yaml", "a: [\n"}}),
      reference("a pointer without a slash", "#parameters", "is not FILE#/POINTER"),
      reference("a circle through two files", "more.yaml#/a",
                "leads back to itself: more.yaml#/a -> api.yaml#/parameters/b -> more.yaml#/a",
                {{"more.yaml", "a: {$ref: 'api.yaml#/parameters/b'}\n"},
                 {"api.yaml", kHead + "  /a:\n    get:\n      parameters: [{$ref: 'more.yaml#/a'}]\nparameters: {b: "
                                      "{$ref: 'more.yaml#/a'}}\n"}}),
      operation("a reference that is no text", "parameters: [{$ref: 1}]", "5:27", "A `$ref` is not a text"),
      with("methods beside a reference", "  /b:\n    $ref: '#/x-b'\n    get: {}\nx-b: {}\n", "7:5",
           "`get` stands beside"),
  };
}

std::vector<Row> manifests() {
  return {
      manifest("an empty manifest", "", "", "sluice.yaml"),
      manifest("a list as the manifest", "- a\n", ":1:1", "map"),
      manifest("a key twice in the manifest", kManifest + "version: 1\n", ":6:1", "the key \"version\" appears twice"),
      manifest("an unknown key", kManifest + "groupz: []\n", ":6:1", "groupz"),
      manifest("a manifest in UTF-16", "\xFF\xFEv\n", ":1:1", "it is UTF-16 or UTF-32"),
      manifest("an alias bomb in the manifest", alias_bomb(), ":", "more than 1000000 values"),
      manifest("deep nesting in the manifest", repeated("- ", 5000), ":1:401", "nested deeper than 200 levels"),
      manifest("a tab in the manifest", "version: 1\ngroups:\n\t- name: a\n", ":3:1",
               "a tab stands in the indentation"),
      manifest("a variable that is not set", "version: 1\nstate: ${NOT_SET}\ngroups: []\n", ":2:8", "NOT_SET"),
      {"a Swagger file that is not there",
       {{"sluice.yaml", "version: 1\ngroups: [{name: pets, swagger: none.yaml}]\n"}},
       "sluice.yaml:2:32",
       "none.yaml"},
      {"a folder as a Swagger file",
       {{"sluice.yaml", "version: 1\ngroups: [{name: pets, swagger: folder}]\n"}, {"folder/x", ""}},
       "sluice.yaml:2:32",
       "folder"},
      {"nobody says who may call",
       {{"sluice.yaml", "version: 1\ngroups: [{name: pets, swagger: api.yaml, operations: {backend: {type: MOCK}}}]\n"},
        {"api.yaml", kHead + kOpen}},
       "api.yaml:4:5",
       "does not say who may call"},
      {"a foreign scheme says nothing",
       {{"sluice.yaml", "version: 1\ngroups: [{name: pets, swagger: api.yaml, operations: {backend: {type: MOCK}}}]\n"},
        {"api.yaml", "securityDefinitions: {basic: {type: basic}}\nsecurity: [{basic: []}]\n" + kHead + kOpen}},
       "api.yaml:6:5",
       "does not say who may call"},
      {"no backend",
       {{"sluice.yaml", "version: 1\ngroups: [{name: pets, swagger: api.yaml, operations: {auth: none}}]\n"},
        {"api.yaml", kHead + kOpen}},
       "api.yaml:4:5",
       "has no backend"},
  };
}

void check(const Row& row) {
  test::TempFolder folder;
  folder.write("sluice.yaml", kManifest);
  for (const auto& [name, text] : row.files) folder.write(name, text);
  std::filesystem::create_symlink("/etc/hostname", folder / "link.yaml");
  for (const auto& [command, code] : {std::pair("validate", 2), std::pair("plan", 1)}) {
    const auto begin = std::chrono::steady_clock::now();
    test::Process process(folder.path(), {SLUICE_BINARY, command});
    const Finished done = process.wait();
    const auto taken = std::chrono::steady_clock::now() - begin;
    INFO(command << ": " << done.out.substr(0, 2000) << done.err.substr(0, 2000));
    CHECK(done.code == code);
    CHECK(contains(done.err, row.place));
    CHECK(contains(done.err, row.words));
    CHECK(contains(done.err, "error: "));
    CHECK(taken < std::chrono::seconds(5));
    CHECK_FALSE(std::filesystem::exists(folder / ".sluice"));
  }
}

void check_all(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { check(row); }
  }
}

TEST_CASE("bad texts") { check_all(texts()); }
TEST_CASE("bad shapes") { check_all(shapes()); }
TEST_CASE("what the gateway refuses") { check_all(limits()); }
TEST_CASE("bad extensions") { check_all(extensions()); }
TEST_CASE("bad references") { check_all(references()); }
TEST_CASE("bad manifests") { check_all(manifests()); }

TEST_CASE("apply sends nothing when the files are wrong, and says the same") {
  test::TempFolder folder;
  folder.write("sluice.yaml", kManifest);
  folder.write("api.yaml", kHead + kOpen + "  /b/{x}:\n    get: {}\n");
  test::Process process(folder.path(), {SLUICE_BINARY, "apply", "--auto-approve"});
  const Finished done = process.wait();
  CHECK(done.code == 1);
  CHECK(contains(done.err, "api.yaml:6:5: error: The path variable \"x\" of GET /b/{x} is not declared."));
  folder.write("api.yaml", kHead + kOpen);
  test::Process plan(folder.path(), {SLUICE_BINARY, "plan"});
  CHECK(contains(plan.wait().out, "Plan: 2 to add"));
}

TEST_CASE("JSON in a .yaml file and YAML in a .json file are read") {
  test::TempFolder folder;
  folder.write(
      "sluice.yaml",
      R"({"version": 1, "groups": [{"name": "pets", "swagger": "api.json", "operations": {"auth": "none", "backend": {"type": "MOCK"}}}]})");
  folder.write("api.json", "\xEF\xBB\xBF" + kHead + kOpen);
  test::Process process(folder.path(), {SLUICE_BINARY, "validate"});
  const Finished done = process.wait();
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(contains(done.out, "Valid: 1 operation."));
}

TEST_CASE("with unsupported: drop, a file that no gateway holds whole converges, and what is missing is said") {
  test::TempFolder folder;
  folder.write("sluice.yaml",
               "version: 1\ngroups:\n  - name: pets\n    swagger: api/all.yaml\n    unsupported: drop\n    operations: "
               "{auth: none, backend: {type: HTTP, address: 'b:80', scheme: http}}\n");
  folder.write("common/parameters.json", R"({"id": {"in": "path", "name": "id", "required": true, "type": "integer"},
    "limit": {"in": "query", "name": "limit", "type": "integer", "minimum": 1, "maximum": 99, "minLength": 3}})");
  folder.write("api/all.yaml", R"(
swagger: 2.0
basePath: /v1
consumes: [a]
paths:
  /a/{id}:
    parameters: [{$ref: '../common/parameters.json#/id'}]
    get:
      operationId: list it
      summary: s
      tags: [scan data, good]
      description: ')" + std::string(300, 'd') +
                                   R"('
      parameters:
        - {$ref: '../common/parameters.json#/limit'}
        - {in: body, name: b, schema: {$ref: 'nowhere.json'}}
        - {in: query, name: 'filter[x]', type: string}
        - {in: query, name: q, type: string, enum: ['a,b', c], maximum: 7, default: 010}
        - {in: query, name: f, type: boolean}
        - {in: header, name: X-Auth-Token, type: string}
        - {in: header, name: X-Sdk-Date, type: string}
        - {in: cookie, name: c, type: string}
    put: {operationId: list it}
    x-apigateway-any-method: {operationId: 'list,it'}
  /{proxy+}: {get: {parameters: [{in: path, name: proxy, type: string}]}}
  /b/{id}.json: {get: {operationId: getJson, parameters: [{in: path, name: id, type: string}]}}
  /c/{id}: {get: {operationId: getC, parameters: [{in: path, name: id, type: array}]}}
  /d/{undeclared}: {get: {operationId: getD}}
  /e:batch: {post: {operationId: batch}, trace: {}}
  /f: {get: {operationId: getF, x-apigateway-backend: {type: HTTP, httpEndpoints: {address: b, scheme: http, method: GET,
    path: /f}, parameters: [{name: t, in: header, origin: REQUEST, value: X-Auth-Token}]},
    parameters: [{in: header, name: X-Auth-Token, type: string}]}}
)");
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), SLUICE_BINARY);
    return test::Process(folder.path(), words).wait();
  };
  const Finished plan = run({"plan"});
  INFO(plan.out << plan.err);
  REQUIRE(plan.code == 0);
  CHECK(contains(plan.out, "Plan: 6 to add"));
  CHECK(contains(plan.err, "not a whole segment (1): GET /v1/b/{id}.json."));
  CHECK(contains(plan.err, "neither a text nor a number (1): GET /v1/c/{id}."));
  CHECK(contains(plan.err, "that is not declared (1): GET /v1/d/{undeclared}."));
  CHECK(contains(plan.err, "other characters than the gateway takes (1): POST /v1/e:batch."));
  CHECK(contains(plan.err, "a method that the gateway does not have (1): TRACE /v1/e:batch."));
  const Finished applied = run({"apply", "--auto-approve"});
  INFO(applied.out << applied.err);
  CHECK(applied.code == 0);
  const Finished again = run({"plan", "--detailed-exitcode"});
  INFO(again.out << again.err);
  CHECK(again.code == 0);
  const Finished nothing = run({"apply", "--auto-approve"});
  CHECK(nothing.code == 0);
  CHECK(contains(nothing.out, "No changes."));
}

}  // namespace
}  // namespace sluice
