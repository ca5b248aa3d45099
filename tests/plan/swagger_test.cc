#include "plan/swagger.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::json;

Value yaml(const std::string& text) {
  auto value = parse_yaml(text);
  INFO(text);
  REQUIRE(value);
  return *value;
}

/// A document with `paths`, and what stands before them.
Swagger read(const std::string& paths, const std::string& head = "", SwaggerOrigin origin = SwaggerOrigin::File) {
  return read_swagger(yaml("swagger: '2.0'\n" + head + "paths:\n" + paths), origin);
}

std::string codes(const Swagger& swagger) {
  std::string text;
  for (const Finding& finding : swagger.findings) text += finding.code + ": " + finding.summary + "\n";
  for (const Unsupported& one : swagger.unsupported) text += one.code + ": " + one.summary + "\n";
  return text;
}

std::string left_out(const Swagger& swagger) {
  std::string text;
  for (const auto& [kind, entry] : swagger.left_out) text += std::to_string(entry.count) + " " + kind + "\n";
  return text;
}

TEST_CASE("basePath stands before every path") {
  for (const char* base : {"/v1", "/v1/", "/v1//"}) {
    const Swagger swagger =
        read("  /pets: {get: {}, post: {}}\n  /: {get: {}}\n", "basePath: " + std::string(base) + "\n");
    REQUIRE(swagger.operations.size() == 3);
    CHECK(swagger.operations[0].method == "GET");
    CHECK(swagger.operations[0].path == "/v1/pets");
    CHECK(swagger.operations[0].body.text("path") == "/v1/pets");
    CHECK(swagger.operations[1].method == "POST");
    CHECK(swagger.operations[2].path == "/v1/");
  }
  CHECK(read("  /pets: {get: {}}\n", "basePath: /\n").operations.at(0).path == "/pets");
}

TEST_CASE("every method is read, any-method and prefix match too") {
  const Swagger swagger = read(R"(
  /a: {get: {}, put: {}, post: {}, delete: {}, options: {}, head: {}, patch: {}, x-apigateway-any-method: {}, x-own: {}}
  /b: {get: {x-apigateway-match-mode: swa}}
  x-not-a-path: {get: {}}
)");
  std::string order;
  for (const Operation& operation : swagger.operations) order += operation.method + " " + operation.match_mode + "\n";
  CHECK(order ==
        "GET NORMAL\nPUT NORMAL\nPOST NORMAL\nDELETE NORMAL\nOPTIONS NORMAL\nHEAD NORMAL\nPATCH NORMAL\nANY NORMAL\n"
        "GET SWA\n");
  CHECK(swagger.findings.empty());
}

TEST_CASE("a local reference is the parameter it leads to") {
  const Swagger swagger =
      read("  /a: {get: {parameters: [{$ref: '#/parameters/one'}]}}\n",
           "parameters:\n  one: {$ref: '#/parameters/a~1b~0c'}\n  a/b~c: {in: query, name: q, type: string}\n");
  CHECK(codes(swagger).empty());
  CHECK(write_json(*swagger.operations.at(0).body.find("parameters")) ==
        R"([{"in":"query","name":"q","type":"string"}])");
}

TEST_CASE("references that lead nowhere, elsewhere or in circles are findings") {
  const std::string head = "parameters: {a: {$ref: '#/parameters/b'}, b: {$ref: '#/parameters/a'}}\n";
  const auto reference = [&](const std::string& to) {
    return codes(read("  /a: {get: {parameters: [{$ref: '" + to + "'}]}}\n", head));
  };
  CHECK(contains(reference("#/parameters/none"), "ref-missing: The reference \"#/parameters/none\" leads to nothing."));
  CHECK(contains(reference("other.yaml#/x"),
                 "ref-file-missing: The reference \"other.yaml#/x\" leads to the file other.yaml"));
  CHECK(contains(reference("#/parameters/a"), "ref-cycle"));
  CHECK(contains(codes(read("  /a: {$ref: '#/x'}\n")), "ref-missing: The reference \"#/x\" leads to nothing."));
}

TEST_CASE("an operation's own parameter replaces the path's, the others are inherited") {
  const Swagger swagger = read(R"(
  /a/{id}:
    parameters:
      - {in: path, name: id, type: string}
      - {in: query, name: q, type: string, description: of the path}
      - {in: header, name: X-Trace, type: string, description: of the path}
    get:
      parameters:
        - {in: query, name: q, type: integer, description: of the operation}
        - {in: header, name: x-trace, type: string, description: of the operation}
        - {in: query, name: id, type: string}
    put: {}
)");
  CHECK(codes(swagger).empty());
  const auto listed = [&](std::size_t at) {
    std::string text;
    for (const Value& parameter : swagger.operations.at(at).body.find("parameters")->items()) {
      text += std::string(parameter.text("in")) + ":" + std::string(parameter.text("name")) + " " +
              std::string(parameter.text("type")) + " " + std::string(parameter.text("description")) + "\n";
    }
    return text;
  };
  CHECK(listed(0) ==
        "query:q number of the operation\nheader:x-trace string of the operation\nquery:id string \npath:id string \n");
  CHECK(listed(1) == "path:id string \nquery:q string of the path\nheader:X-Trace string of the path\n");
}

TEST_CASE("one parameter declared twice in an operation is a finding, header names without case") {
  CHECK(codes(read(
            "  /a: {get: {parameters: [{in: query, name: q, type: string}, {in: query, name: q, type: string}]}}\n")) ==
        "parameter-twice: GET /a declares the query parameter \"q\" twice.\n");
  CHECK(codes(read("  /a: {get: {parameters: [{in: header, name: X-A, type: string}, {in: header, name: x-a, type: "
                   "string}]}}\n")) == "parameter-twice: GET /a declares the header parameter \"x-a\" twice.\n");
  CHECK(
      codes(
          read("  /a: {get: {parameters: [{in: query, name: q, type: string}, {in: query, name: Q, type: string}]}}\n"))
          .empty());
}

TEST_CASE("schemes are inherited, an operation's own win, unknown ones are left out") {
  const Swagger swagger =
      read("  /a: {get: {}, put: {schemes: [HTTP]}, post: {schemes: [ws]}}\n", "schemes: [https, wss]\n");
  const auto schemes = [&](std::size_t at) {
    const Value* value = swagger.operations.at(at).body.find("schemes");
    return value != nullptr ? write_json(*value) : "";
  };
  CHECK(schemes(0) == R"(["https"])");
  CHECK(schemes(1) == R"(["http"])");
  CHECK(schemes(2).empty());
  CHECK(left_out(swagger) == "2 schemes other than http and https\n");
}

TEST_CASE("only security schemes with x-apigateway-auth-type count") {
  const std::string head = R"(securityDefinitions:
  app: {type: apiKey, in: header, name: A, x-apigateway-auth-type: AppSigv1}
  code: {type: apiKey, in: header, name: A, x-apigateway-auth-type: appsigv1, x-apigateway-auth-opt: {appcode-auth-type: header}}
  iam: {type: apiKey, in: header, name: u, x-apigateway-auth-type: IAM}
  mine: {type: apiKey, in: header, name: u, x-apigateway-auth-type: AUTHORIZER}
  foreign: {type: basic}
  odd: {type: apiKey, in: header, name: u, x-apigateway-auth-type: OAUTH}
)";
  const auto auth = [&](const std::string& operation, const std::string& top = "") {
    const Swagger swagger = read("  /a: {get: {" + operation + "}}\n", head + top);
    CHECK(codes(swagger).empty());
    const Value* security = swagger.operations.at(0).body.find("security");
    return security != nullptr ? write_json(*security) : "";
  };
  CHECK(auth("security: [{app: []}]") == R"({"type":"APP"})");
  CHECK(auth("security: [{code: []}]") == R"({"type":"APP","app_code":"header"})");
  CHECK(auth("security: [{iam: []}]") == R"({"type":"IAM"})");
  CHECK(auth("security: [{mine: []}]") == R"({"type":"AUTHORIZER","authorizer":"mine"})");
  CHECK(auth("security: [{foreign: []}, {app: []}]") == R"({"type":"APP"})");
  CHECK(auth("security: [{foreign: []}]").empty());
  CHECK(auth("").empty());
  CHECK(auth("security: []") == R"({"type":"NONE"})");
  CHECK(auth("", "security: [{iam: []}]\n") == R"({"type":"IAM"})");
  CHECK(auth("security: [{app: []}]", "security: [{iam: []}]\n") == R"({"type":"APP"})");
  CHECK(auth("security: []", "security: [{iam: []}]\n") == R"({"type":"NONE"})");
  const Swagger undefined = read("  /a: {get: {security: [{unknown: []}]}}\n", head);
  CHECK(contains(codes(undefined), "scheme-undefined: The security scheme \"unknown\" is not defined."));
  const Swagger odd = read("  /a: {get: {security: [{odd: []}]}}\n", head);
  CHECK(contains(codes(odd),
                 "auth-type-unknown: The security scheme \"odd\" has the unknown x-apigateway-auth-type \"OAUTH\"."));
}

TEST_CASE("no security at all says nothing in a file without gateway schemes, and NONE in an export") {
  const std::string foreign = "securityDefinitions: {basic: {type: basic}}\nsecurity: [{basic: []}]\n";
  CHECK(read("  /a: {get: {security: []}}\n", foreign).operations.at(0).body.find("security") == nullptr);
  CHECK(read("  /a: {get: {}}\n", foreign).operations.at(0).body.find("security") == nullptr);
  CHECK(write_json(*read("  /a: {get: {}}\n", "", SwaggerOrigin::Export).operations.at(0).body.find("security")) ==
        R"({"type":"NONE"})");
}

TEST_CASE("what the gateway would drop is counted once a kind") {
  const Swagger swagger = read(R"(
  /a:
    get:
      summary: s
      consumes: [x]
      x-own: 1
      externalDocs: {}
      parameters:
        - {in: body, name: b, schema: {}}
        - {in: query, name: l, type: array, items: {}}
        - {in: query, name: f, type: boolean}
        - {in: header, name: Authorization, type: string}
        - {in: header, name: x-auth-token, type: string}
    put:
      deprecated: true
      consumes: [x]
      produces: [y]
      parameters:
        - {in: formData, name: b, type: string}
        - {in: body, name: b, schema: {}}
        - {in: query, name: m, type: array, items: {}}
)",
                               "consumes: [x]\ndefinitions: {A: {}, B: {}}\n");
  CHECK(codes(swagger).empty());
  CHECK(left_out(swagger) ==
        "3 `consumes`\n1 `deprecated`\n1 `externalDocs`\n1 `produces`\n1 `summary`\n2 body parameters\n"
        "1 extensions that the gateway does not know\n1 form parameters\n"
        "2 header parameters that the gateway refuses (Authorization, X-Auth-Token)\n2 models (`definitions`)\n"
        "2 query parameters of type array\n1 query parameters of type boolean\n");
  for (const Operation& operation : swagger.operations) CHECK(operation.body.find("parameters") == nullptr);
}

TEST_CASE("an export keeps what this version does not know") {
  const Swagger swagger =
      read("  /a: {get: {x-later: 1, odd: 2, parameters: [{in: QUERY, name: q, type: string, x-more: 3, odd: 4}]}}\n",
           "", SwaggerOrigin::Export);
  CHECK(swagger.left_out.empty());
  const Value& body = swagger.operations.at(0).body;
  CHECK(body.find("x-later") != nullptr);
  CHECK(body.find("odd") != nullptr);
  CHECK(write_json(*body.find("parameters")) == R"([{"in":"query","name":"q","type":"string","x-more":3}])");
}

TEST_CASE("path variables are declared, whole segments, and of a type the gateway holds") {
  CHECK(codes(read("  /a/{id}: {get: {}}\n")) ==
        "path-variable-undeclared: The path variable \"id\" of GET /a/{id} is not declared.\n");
  CHECK(codes(read("  /a/{id}: {get: {parameters: [{in: query, name: id, type: string}]}}\n")) ==
        "path-variable-undeclared: The path variable \"id\" of GET /a/{id} is not declared.\n");
  CHECK(codes(read("  /a/{id}: {get: {parameters: [{in: path, name: id, type: boolean}]}}\n"))
            .starts_with("path-variable-type: The path variable \"id\" of GET /a/{id} has the type boolean"));
  for (const char* path : {"/a/pre-{x}", "/a/{x}.json", "/a/{x}{y}", "/a/{x", "/{x}-{y}/b"}) {
    INFO(path);
    CHECK(contains(
        codes(read("  '" + std::string(path) +
                   "': {get: {parameters: [{in: path, name: x, type: string}, {in: path, name: y, type: string}]}}\n")),
        "path-variable-shape: The path " + std::string(path)));
  }
  const Swagger good = read(
      "  /a/{id}: {get: {parameters: [{in: path, name: id, type: long}]}}\n  /b/{proxy+}: {get: {parameters: [{in: "
      "path, name: proxy, type: string}]}}\n");
  CHECK(codes(good).empty());
  CHECK(write_json(*good.operations.at(0).body.find("parameters")) ==
        R"([{"in":"path","name":"id","type":"number","required":true}])");
  CHECK(path_variables("/a/{x}/b/{y}/c") == std::vector<std::string>{"x", "y"});
  CHECK(path_variables("/a").empty());
}

TEST_CASE("the gateway takes 50 parameters and no more") {
  const auto with = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += "{in: query, name: p" + std::to_string(i) + ", type: string}, ";
    return codes(read("  /a: {get: {parameters: [{in: body, name: b}, " + list + "]}}\n"));
  };
  CHECK(with(50).empty());
  CHECK(with(51) == "parameters-too-many: GET /a has 51 parameters; the gateway takes 50.\n");
}

TEST_CASE("documents that are no Swagger 2.0 are refused with what they are") {
  CHECK(contains(codes(read_swagger(json("[]"), SwaggerOrigin::File)),
                 "swagger-shape: The document is not a Swagger document"));
  CHECK(contains(codes(read_swagger(json(R"({"openapi": "3.1.0", "paths": {}})"), SwaggerOrigin::File)),
                 "openapi-version: OpenAPI 3.1.0 is not read: the gateway takes 3.0."));
  CHECK(contains(codes(read_swagger(json(R"({"swagger": "1.2", "paths": {}})"), SwaggerOrigin::File)),
                 "swagger-version"));
  CHECK(contains(codes(read_swagger(json(R"({"paths": {}})"), SwaggerOrigin::File)), "swagger-version"));
  CHECK(contains(codes(read_swagger(json(R"({"swagger": "2.0"})"), SwaggerOrigin::File)),
                 "swagger-shape: The document has no `paths`."));
  CHECK(codes(read_swagger(json(R"({"swagger": 2.0, "paths": {}})"), SwaggerOrigin::File)).empty());
}

TEST_CASE("parts of the wrong shape are findings, not crashes") {
  CHECK(contains(codes(read("  pets: {get: {}}\n")), "path-shape: The path \"pets\" does not start with \"/\"."));
  CHECK(contains(codes(read("  /a: {fetch: {}}\n")), "method-unknown: \"fetch\" is not a method."));
  CHECK(contains(codes(read("  /a: {get: x}\n")), "operation-shape: GET /a is not a map."));
  CHECK(contains(codes(read("  /a: {get: {parameters: [{in: qurey, name: c, type: string}]}}\n")), "parameter-shape"));
  CHECK(contains(codes(read("  /a: {get: {parameters: [x]}}\n")), "parameter-shape"));
  const Swagger odd = read("  /a: {get: {security: x, schemes: 1, responses: [], tags: x, parameters: {}}}\n  /b: 1\n");
  CHECK(odd.operations.size() == 1);
}

TEST_CASE("samples are read beside the default response and inside it") {
  const Swagger swagger = read(R"(
  /a: {get: {responses: {default: {description: d}, x-apigateway-result-normal-sample: beside}}}
  /b: {get: {responses: {default: {x-apigateway-result-normal-sample: inside, x-apigateway-result-failure-sample: f}}}}
)");
  CHECK(swagger.operations.at(0).body.text("x-apigateway-result-normal-sample") == "beside");
  CHECK(swagger.operations.at(1).body.text("x-apigateway-result-normal-sample") == "inside");
  CHECK(swagger.operations.at(1).body.text("x-apigateway-result-failure-sample") == "f");
}

TEST_CASE("a condition's parameter_name is its parameter") {
  const Swagger swagger = read(R"(
  /a:
    get:
      x-apigateway-backend-policies:
        - {name: p, type: MOCK, conditions: [{origin: request, parameter_name: q, type: equal, value: v}]}
)");
  const Resource api = test::api(test::with(test::body("GET", "/a", "getA"), "x-apigateway-backend-policies",
                                            *swagger.operations.at(0).body.find("x-apigateway-backend-policies")));
  CHECK(write_json(*api.body.find("x-apigateway-backend-policies")->items().at(0).find("conditions")) ==
        R"([{"origin":"param","parameter":"q","type":"exact","value":"v"}])");
}

}  // namespace
}  // namespace sluice
