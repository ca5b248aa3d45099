#include "plan/desired.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::json;
using test::text_of;

/// The settings of the group `pets`: open to all, served by HTTP.
GroupSettings settings() {
  GroupSettings group;
  group.name = "pets";
  group.at = {"sluice.yaml", 3, 5};
  group.operations.security = json(R"({"type": "none"})");
  group.operations.backend = json(R"({"type": "HTTP", "address": "h:80"})");
  return group;
}

Parsed<DesiredState> build(const std::string& text, const GroupSettings& group = settings()) {
  const SourceText source{"pets.yaml", text};
  auto document = parse_document(source);
  INFO(text_of(document.diagnostics));
  REQUIRE(document.value);
  const SwaggerFile file{source, *document.value};
  auto built = build_desired(group, {&file, 1});
  if (!built.value) return {std::nullopt, std::move(built.diagnostics)};
  return {std::move(built.value->state), std::move(built.diagnostics)};
}

const std::string kHead = "swagger: '2.0'\npaths:\n";

/// The one API of a document with these `paths`, which must be whole.
Resource only(const std::string& paths, const GroupSettings& group = settings()) {
  const auto parsed = build(kHead + paths, group);
  INFO(text_of(parsed.diagnostics));
  REQUIRE(parsed.value);
  REQUIRE(parsed.value->resources.size() == 2);
  return std::next(parsed.value->resources.begin())->second;
}

std::string findings(const std::string& paths, const GroupSettings& group = settings()) {
  return text_of(build(kHead + paths, group).diagnostics);
}

const std::string kListPets = "  /pets: {get: {operationId: listPets}}\n";

TEST_CASE("a group and its APIs are wanted, each with the line that asks for it") {
  const auto parsed = build(
      "swagger: '2.0'\ninfo: {description: From the file}\npaths:\n  /pets:\n    get:\n      operationId: listPets\n");
  REQUIRE(parsed.value);
  CHECK(parsed.diagnostics.empty());
  const auto& resources = parsed.value->resources;
  REQUIRE(resources.size() == 2);
  const Resource& group = resources.at(Address::group("pets"));
  CHECK(write_json(group.body) == R"({"name":"pets","description":"From the file"})");
  CHECK(to_string(group.source) == "sluice.yaml:3:5");
  const Resource& api = resources.at(Address::api("pets", "GET", "/pets", "NORMAL"));
  CHECK(to_string(api.source) == "pets.yaml:5:5");
  CHECK(api.body.text("operationId") == "listPets");
}

/// What is found in listPets, called with APP, under an override of this `set`.
std::string overridden(const std::string& set) {
  GroupSettings group = settings();
  group.operations.security = json(R"({"type": "app"})");
  group.overrides.push_back({"GET /pets", json(set), {}});
  return findings(kListPets, group);
}

TEST_CASE("the authentication that overrides leave is one that a gateway has") {
  CHECK(overridden(R"({"security": {"type": "NONE"}})").empty());
  CHECK(overridden(R"({"security": []})").empty());
  CHECK(overridden(R"({"security": {"app_code": "HEADER"}})").empty());
  CHECK(overridden(R"({"security": {"app_code": "disable"}})").empty());
  CHECK(overridden(R"({"security": {"type": "AUTHORIZER", "authorizer": "fun"}})").empty());
  CHECK(contains(overridden(R"({"security": {"type": "APPS"}})"),
                 "error limit: GET /pets: `security/type` must be one of NONE, APP, IAM, AUTHORIZER."));
  CHECK(contains(overridden(R"({"security": {"type": "AUTHORIZER"}})"), "has the type AUTHORIZER and no `authorizer`"));
  CHECK(contains(overridden(R"({"security": {"type": "IAM", "authorizer": "f"}})"), "only the type AUTHORIZER has"));
  CHECK(contains(overridden(R"({"security": {"type": "IAM", "app_code": "header"}})"), "only the type APP has"));
  CHECK(contains(overridden(R"({"security": {"app_code": "bogus"}})"), "`security/app_code` must be one of header"));
  for (const char* nothing : {R"({"security": null})", R"({"security": {"type": null}})",
                              R"({"security": {"type": ""}})", R"({"security": ["apig-auth-app"]})"}) {
    INFO(nothing);
    CHECK(contains(overridden(nothing), "error auth-missing: 1 operation does not say who may call"));
  }
}

TEST_CASE("a body is checked as the gateway does, whichever layer gave it") {
  const std::string policy = R"({"x-apigateway-backend-policies": {"p": )";
  const std::string http = R"("type": "HTTP", "httpEndpoints": {"address": "b", "method": "GET", "path": "/b"})";
  for (const auto& [set, finding] : std::vector<std::pair<std::string, const char*>>{
           {R"({"parameters": {"body:b": {}}})", "`parameters/in` must be one of path, query, header"},
           {R"({"parameters": {"formData:q": {}}})", "`parameters/in` must be one of path, query, header"},
           {R"({"parameters": {"query:q": {"type": "array"}}})", "`parameters/type` must be one of string, number"},
           {R"({"parameters": {"query:q": {"type": ["string"]}}})", "`parameters/type` must be a text"},
           {R"({"parameters": {"header:Authorization": {}}})", "holds the header \"Authorization\""},
           {R"({"parameters": {"query:q": {"minimum": 3}}})",
            "`parameters/minimum` is given, which only the type number"},
           {R"({"parameters": {"query:q": {"type": "integer", "maxLength": 3}}})", "`parameters/maxLength` is given"},
           {R"({"parameters": {"query:q": {"enum": ["a,b"]}}})",
            "`parameters/enum` holds a value that is empty or has"},
           {R"({"parameters": {"query:q": {"default": [1]}}})", "`parameters/default` must be a text"},
           {R"({"schemes": ["gopher"]})", "`schemes` holds \"gopher\""},
           {R"({"x-apigateway-plugins": "cors"})", "`x-apigateway-plugins` must be a list of texts"},
           {R"({"x-apigateway-response": ["a"]})", "`x-apigateway-response` must be a text"},
           {R"({"x-apigateway-content-type": "a/b"})", "`x-apigateway-content-type` must be one of"},
           {R"({"x-apigateway-is-send-fg-body-base64": false})", "takes `x-apigateway-content-type: application/json`"},
           {R"({"x-apigateway-backend": {"parameters": {"query:q": {"origin": "WEIRD", "value": "a"}}}})",
            "`x-apigateway-backend/parameters/origin` must be one of REQUEST, CONSTANT, SYSTEM"},
           {R"({"x-apigateway-backend": {"parameters": {"body:q": {"origin": "CONSTANT", "value": "a"}}}})",
            "`x-apigateway-backend/parameters/in` must be one of path, query, header"},
           {R"({"x-apigateway-backend": {"parameters": {"query:q": {"origin": "CONSTANT"}}}})", "has no `value`"},
           {R"({"x-apigateway-backend": {"httpEndpoints": {"retryCount": 11}}})", "retryCount` must be one of -1, 0"},
           {policy + "{" + http + "}}}", "holds \"p\", which has no conditions"},
           {policy + R"({"type": "MOCK", "mockEndpoints": {}, "conditions": [{"value": "10.0.0.1"}]}}})",
            "beside a backend of the type HTTP the gateway takes HTTP and HTTP-VPC"},
           {policy + "{" + http + R"(, "conditions": [{"origin": "moon", "value": "a"}]}}})",
            "conditions/origin` must be one of source, param"},
           {policy + "{" + http + R"(, "conditions": [{"origin": "param", "type": "near", "value": "a"}]}}})",
            "conditions/type` must be one of exact, enum, pattern"},
           {policy + "{" + http + R"(, "conditions": [{"origin": "param", "value": "a"}]}}})", "names no `parameter`"},
           {policy + "{" + http + R"(, "effectMode": "SOME", "conditions": [{"value": "10.0.0.1"}]}}})",
            "effectMode` must be one of ANY, ALL"},
       }) {
    INFO(set);
    CHECK(contains(overridden(set), finding));
  }
  const std::string taken = policy + "{" + http +
                            R"(, "conditions": [{"value": "10.0.0.1"}, {"origin": "request", "type": "equal",
                              "parameter": "q", "value": "a"}]}}, "parameters": {"query:q": {"type": "integer"}},
                              "schemes": ["HTTP"], "x-apigateway-plugins": ["cors"], "x-apigateway-backend":
                              {"parameters": {"header:X-A": {"value": "q"}}}})";
  CHECK(overridden(taken).empty());
}

TEST_CASE("an override may not take away the parameter of a path variable") {
  GroupSettings group = settings();
  const std::string paths =
      "  /a/{id}: {get: {operationId: abc, parameters: [{in: path, name: id, required: true, type: string}]}}\n";
  group.overrides.push_back({"GET /a/*", json(R"({"parameters": {"path:id": null}})"), {}});
  CHECK(contains(findings(paths, group), "`path` has the variable \"id\", which no parameter declares"));
  group.overrides[0].set = json(R"({"parameters": {"path:id": {"required": false}}})");
  CHECK(only(paths, group).body.find("parameters")->items().front().find("required")->as_bool());
}

TEST_CASE("the manifest's description wins over the file's, even an empty one") {
  GroupSettings group = settings();
  group.description = "";
  const auto parsed = build("swagger: '2.0'\ninfo: {description: x}\npaths: {}\n", group);
  CHECK(write_json(parsed.value->resources.at(Address::group("pets")).body) == R"({"name":"pets"})");
}

TEST_CASE("auth is never guessed: a file that says nothing needs operations.auth") {
  GroupSettings open = settings();
  open.operations.security.reset();
  CHECK(findings("  /a: {get: {operationId: abc}}\n  /b: {get: {operationId: abd}}\n", open) ==
        "pets.yaml:3:8: error auth-missing: 2 operations do not say who may call, the first being GET /a. Give "
        "`operations.auth` in the manifest, or name a security scheme with x-apigateway-auth-type.\n");
  const std::string foreign = "swagger: '2.0'\nsecurityDefinitions: {basic: {type: basic}}\npaths:\n";
  CHECK(
      contains(text_of(build(foreign + "  /a: {get: {operationId: abc, security: [{basic: []}]}}\n", open).diagnostics),
               "auth-missing: 1 operation does not say who may call, the first being GET /a."));
  CHECK(contains(text_of(build(foreign + "  /a: {get: {operationId: abc, security: []}}\n", open).diagnostics),
                 "auth-missing"));
  const std::string own = "swagger: '2.0'\nsecurityDefinitions: {iam: {x-apigateway-auth-type: IAM}}\npaths:\n";
  CHECK(build(own + "  /a: {get: {operationId: abc, security: []}}\n", open).value);
  const std::string referred =
      "swagger: '2.0'\nsecurityDefinitions: {iam: {$ref: '#/x-iam'}}\nx-iam: {x-apigateway-auth-type: IAM}\npaths:\n";
  GroupSettings guarded = settings();
  guarded.operations.security = json(R"({"type": "app"})");
  const auto none = build(referred + "  /a: {get: {operationId: abc, security: []}}\n", guarded);
  REQUIRE(none.value);
  CHECK(none.value->resources.at(Address::api("pets", "GET", "/a", "NORMAL")).body.find("security")->text("type") ==
        "NONE");
  CHECK(contains(text_of(build(own + "  /a: {get: {operationId: abc}}\n", open).diagnostics), "auth-missing"));
}

TEST_CASE("operations.auth stands where the file says nothing, and what a file says itself wins") {
  GroupSettings app = settings();
  app.operations.security = json(R"({"type": "app"})");
  CHECK(only(kListPets, app).body.find("security")->text("type") == "APP");
  const auto parsed = build(
      "swagger: '2.0'\nsecurityDefinitions: {iam: {x-apigateway-auth-type: IAM}}\npaths:\n"
      "  /a: {get: {operationId: abc, security: [{iam: []}]}, put: {operationId: abd, security: []}, post: "
      "{operationId: abe}}\n",
      app);
  REQUIRE(parsed.value);
  const auto auth = [&](std::string_view method) {
    return parsed.value->resources.at(Address::api("pets", method, "/a", "NORMAL")).body.find("security")->text("type");
  };
  CHECK(auth("GET") == "IAM");
  CHECK(auth("PUT") == "NONE");
  CHECK(auth("POST") == "APP");
}

TEST_CASE("an HTTP backend gets the operation's method and path, and one mapping for each path variable") {
  GroupSettings group = settings();
  group.operations.backend = json(R"({"type": "HTTP", "address": "h:80", "scheme": "https", "timeout": "3000"})");
  const std::string document =
      "swagger: '2.0'\nbasePath: /v1\npaths:\n  /pets/{id}:\n    get:\n      operationId: getPet\n      parameters: "
      "[{in: path, name: id, type: string}, {in: query, name: q, type: string}]\n";
  const auto parsed = build(document, group);
  REQUIRE(parsed.value);
  const Address address = Address::api("pets", "GET", "/v1/pets/{id}", "NORMAL");
  CHECK(write_json(*parsed.value->resources.at(address).body.find("x-apigateway-backend")) ==
        R"({"type":"HTTP","httpEndpoints":{"address":"h:80","scheme":"https","method":"GET","path":"/v1/pets/{id}",)"
        R"("timeout":3000,"retryCount":"-1","enableClientSsl":false},"parameters":[{"in":"path","name":"id",)"
        R"("origin":"REQUEST","value":"id"}]})");
  group.operations.forward_all_parameters = true;
  group.operations.backend = json(R"({"type": "HTTP", "address": "h", "method": "POST", "path": "/inner{path}"})");
  const auto all = build(document, group);
  const Value backend = *all.value->resources.at(address).body.find("x-apigateway-backend");
  CHECK(backend.find("parameters")->items().size() == 2);
  CHECK(backend.find("httpEndpoints")->text("path") == "/inner/v1/pets/{id}");
  CHECK(backend.find("httpEndpoints")->text("method") == "POST");
}

TEST_CASE("backends of the other types are filled in too") {
  const auto backend = [](const std::string& settings_text) {
    GroupSettings group = settings();
    group.operations.backend = json(settings_text);
    return write_json(*only(kListPets, group).body.find("x-apigateway-backend"));
  };
  CHECK(backend(R"({"type": "HTTP-VPC", "channel": "chan", "host": "pets.internal"})") ==
        R"({"type":"HTTP-VPC","httpVpcEndpoints":{"name":"chan","scheme":"http","method":"GET","path":"/pets",)"
        R"("host":"pets.internal","timeout":5000,"cascade_flag":false,"retryCount":"-1","enableClientSsl":false}})");
  CHECK(
      backend(
          R"({"type": "FUNCTION", "function_urn": "urn:fss:r:p:function:default:f", "version": "v1", "invocation_type": "asynchronous"})") ==
      R"({"type":"FUNCTION","functionEndpoints":{"function-urn":"urn:fss:r:p:function:default:f","version":"v1",)"
      R"("invocation-type":"async",)"
      R"("network-type":"V1","req_protocol":"HTTPS","timeout":5000}})");
  CHECK(backend(R"({"type": "MOCK", "result": "ok", "timeout": 3})") ==
        R"({"type":"MOCK","mockEndpoints":{"result-content":"ok"}})");
}

TEST_CASE("an operation without a backend is an error when the manifest has none") {
  GroupSettings group = settings();
  group.operations.backend.reset();
  CHECK(findings(kListPets, group) ==
        "pets.yaml:3:11: error backend-missing: 1 operation has no backend, the first being GET /pets. Give "
        "`operations.backend` in the manifest, or x-apigateway-backend in the file.\n");
  CHECK(build(kHead + "  /a: {get: {operationId: abc, x-apigateway-backend: {type: MOCK, mockEndpoints: {}}}}\n", group)
            .value);
}

TEST_CASE("the other defaults of operations stand where the file says nothing") {
  GroupSettings group = settings();
  group.operations.request_type = "private";
  group.operations.response = "errors";
  group.operations.schemes = json(R"(["http"])");
  const Resource filled = only(kListPets, group);
  CHECK(filled.body.text("x-apigateway-request-type") == "private");
  CHECK(filled.body.text("x-apigateway-response") == "errors");
  CHECK(write_json(*filled.body.find("schemes")) == R"(["http"])");
  const Resource own = only(
      "  /a: {get: {operationId: abc, schemes: [https], x-apigateway-request-type: public, x-apigateway-response: "
      "own}}\n",
      group);
  CHECK(own.body.text("x-apigateway-request-type") == "public");
  CHECK(own.body.text("x-apigateway-response") == "own");
  CHECK(write_json(*own.body.find("schemes")) == R"(["https"])");
}

TEST_CASE("names are made where operationId is absent or not valid") {
  const auto name = [](const std::string& operation, const std::string& name_template = "{operationId}") {
    GroupSettings group = settings();
    group.operations.name = name_template;
    return std::string(only("  /pets/all: {get: {" + operation + "}}\n", group).body.text("operationId"));
  };
  CHECK(name("operationId: listPets") == "listPets");
  CHECK(name("operationId: listPets", "{method}_{path}") == "listPets");
  CHECK(name("") == "GET_pets_all");
  CHECK(name("operationId: list pets") == "list_pets");
  CHECK(name("operationId: '  '") == "GET_pets_all");
  CHECK(name("operationId: ab") == "GET_pets_all");
  CHECK(name("operationId: ab", "{operationId}_{method}") == "ab_GET");
  CHECK(name("", "{method} {path}") == "GET_pets_all");
  CHECK(name("", "x-{path}") == "x-_pets_all");
  CHECK(name("operationId: 列出宠物") == "列出宠物");
  CHECK(name("operationId: " + std::string(300, 'a')) == std::string(255, 'a'));
  CHECK(
      findings("  /a: {get: {}, put: {operationId: ab}}\n") ==
      "pets.yaml:3:8: warning name-made: 2 names were made because operationId is absent or not a valid name; the "
      "first is that of GET /a. Give an operationId of 3 to 255 letters, digits and -_./(): to choose it yourself.\n");
}

TEST_CASE("a name that is cut stays valid UTF-8") {
  std::string long_name;
  for (int i = 0; i < 100; ++i) long_name += "宠";  // three bytes each
  const std::string name(only("  /a: {get: {operationId: a" + long_name + "}}\n").body.text("operationId"));
  CHECK(name == "a" + long_name);  // 101 characters
  const std::string cut(
      only("  /a: {get: {operationId: " + long_name + long_name + long_name + "}}\n").body.text("operationId"));
  CHECK(cut.size() == 255 * 3);
  CHECK(parse_json(write_json(Value(name))));
}

TEST_CASE("a description is cut to 255 characters, whatever their bytes") {
  const auto described = [](const std::string& text) {
    return std::string(only("  /a: {get: {operationId: abc, description: '" + text + "'}}\n").body.text("description"));
  };
  std::string wide;
  for (int i = 0; i < 255; ++i) wide += "é";
  CHECK(described(std::string(255, 'x')).size() == 255);
  CHECK(described(std::string(256, 'x')).size() == 255);
  CHECK(described(wide) == wide);
  CHECK(described(wide + "ü") == wide);
  CHECK(findings("  /a: {get: {operationId: abc, description: " + wide + "é}}\n") ==
        "pets.yaml:3:8: warning text-cut: 1 description was cut to 255 characters, the gateway's limit; the first is "
        "that of GET /a. Nothing needs to be done.\n");
  CHECK(findings("  /a: {get: {operationId: abc, description: " + wide + "}}\n").empty());
}

TEST_CASE("a group's description is cut to 1000 characters") {
  GroupSettings group = settings();
  group.description = std::string(1001, 'x');
  const auto parsed = build("swagger: '2.0'\npaths: {}\n", group);
  CHECK(parsed.value->resources.at(Address::group("pets")).body.text("description").size() == 1000);
  CHECK(contains(text_of(parsed.diagnostics),
                 "sluice.yaml:3:5: warning text-cut: The group's description was cut to 1000 characters."));
}

TEST_CASE("two operations that the gateway takes for one are an error that names both places") {
  CHECK(findings("  /a/{x}:\n    get: {operationId: one, parameters: [{in: path, name: x, type: string}]}\n"
                 "  /a/{y}:\n    get: {operationId: two, parameters: [{in: path, name: y, type: string}]}\n") ==
        "pets.yaml:6:5: error operation-twice: GET /a/{y} is the same API as GET /a/{x}: the gateway compares method, "
        "path without variable names, and match mode. The other is at pets.yaml:4:5; remove one of them.\n");
}

TEST_CASE("two operations with one name are an error that names both places") {
  CHECK(
      findings("  /a:\n    get: {operationId: same}\n    put: {operationId: same}\n") ==
      "pets.yaml:5:5: error name-twice: The name same is used twice in the group pets. The other is at pets.yaml:4:5; "
      "give each operation an operationId of its own.\n");
}

TEST_CASE("what is left out is one warning a kind, at the first of them") {
  CHECK(findings("  /a:\n    get: {operationId: one, parameters: [{in: body, name: b}]}\n"
                 "    put: {operationId: two, parameters: [{in: body, name: b}], summary: s}\n") ==
        "pets.yaml:4:42: warning left-out: Left out, because the gateway does not hold them: body parameters (2). The "
        "first is "
        "here. "
        "Nothing needs to be done.\n"
        "pets.yaml:5:64: warning left-out: Left out, because the gateway does not hold them: `summary` (1). The first "
        "is here. "
        "Nothing needs to be done.\n");
}

TEST_CASE("findings of the document carry file, line and column, and leave no state") {
  const auto undeclared = build(kHead + "  /a/{id}:\n    get: {operationId: one}\n");
  CHECK_FALSE(undeclared.value);
  CHECK(text_of(undeclared.diagnostics) ==
        "pets.yaml:4:5: error path-variable-undeclared: The path variable \"id\" of GET /a/{id} is not declared. Add a "
        "parameter with `in: path` and this name.\n");
  CHECK(
      findings("  /a/pre-{x}:\n    get: {operationId: one, parameters: [{in: path, name: x, type: string}]}\n") ==
      "pets.yaml:4:5: error path-variable-shape: The path /a/pre-{x} has a variable that is not a whole segment, which "
      "the gateway does not take. Use a variable for the whole segment, or leave the operation out.\n");
  const auto openapi = build("openapi: 3.1.0\npaths: {}\n");
  CHECK_FALSE(openapi.value);
  CHECK(text_of(openapi.diagnostics) ==
        "pets.yaml:1:10: error openapi-version: OpenAPI 3.1.0 is not read: the gateway takes 3.0. Write `openapi: "
        "3.0.3`, with what that version has, or convert the file to Swagger 2.0.\n");
  const auto in_json = build("{\"swagger\": \"2.0\",\n \"paths\": {\"/ä\": {\"fetch\": {}}}}");
  CHECK(contains(text_of(in_json.diagnostics), "pets.yaml:2:19: error method-unknown: \"fetch\" is not a method."));
}

TEST_CASE("a group of more APIs than a gateway takes is an error") {
  std::string paths;
  for (int i = 0; i < 1001; ++i)
    paths += "  /p" + std::to_string(i) + ": {get: {operationId: op_" + std::to_string(i) + "}}\n";
  CHECK(contains(findings(paths),
                 "sluice.yaml:3:5: error group-full: The group pets would hold 1001 APIs; a gateway takes 1000"));
}

TEST_CASE("any-method and prefix match are part of an API's identity") {
  const auto parsed = build(kHead +
                            "  /a: {get: {operationId: one}, x-apigateway-any-method: {operationId: any}}\n"
                            "  /b: {get: {operationId: two, x-apigateway-match-mode: SWA}}\n");
  REQUIRE(parsed.value);
  CHECK(parsed.value->resources.contains(*Address::parse(R"(api.pets["ANY /a"])")));
  CHECK(parsed.value->resources.contains(*Address::parse(R"(api.pets["GET /a"])")));
  CHECK(parsed.value->resources.contains(*Address::parse(R"(api.pets["GET /b SWA"])")));
}

}  // namespace
}  // namespace sluice
