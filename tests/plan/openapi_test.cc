#include "plan/openapi.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::contains;
using test::json;
using test::text_of;

Parsed<DesiredGroup> build(const std::string& text, bool open = false) {
  GroupSettings group;
  group.name = "pets";
  if (open) group.operations.security = json(R"({"type": "none"})");
  group.operations.backend = json(R"({"type": "MOCK"})");
  const SourceText source{"api.yaml", text};
  auto document = parse_document(source);
  REQUIRE(document.value);
  const SwaggerFile file{source, *document.value};
  return build_desired(group, {&file, 1});
}

Value body_of(const Parsed<DesiredGroup>& built, const std::string& name) {
  INFO(text_of(built.diagnostics));
  REQUIRE(built.value);
  const auto address = Address::parse("api.pets[\"" + name + "\"]");
  REQUIRE(built.value->state.resources.contains(*address));
  return built.value->state.resources.at(*address).body;
}

TEST_CASE("an export in OpenAPI 3 is the same API as the one in Swagger 2.0") {
  // As the gateway writes it: everything spelled out, zeros for what is not set, samples inside the default response.
  const std::string three = R"({
    "openapi": "3.0.3", "info": {"title": "pets", "version": "2024-01-01-10:00:00"},
    "servers": [{"url": "https://6b.apic.eu-de.example.com"}],
    "paths": {"/pets/{id}": {"get": {
      "operationId": "getPet", "description": "one", "servers": [{"url": "https://6b.apic.eu-de.example.com"}],
      "security": [{"apig-auth-app": []}],
      "parameters": [
        {"name": "id", "in": "path", "required": true, "example": "", "x-apigateway-pass-through": "always",
         "x-apigateway-orchestrations": [], "schema": {"type": "string", "maxLength": 0, "minimum": 0, "maximum": 0}},
        {"name": "n", "in": "query", "example": "5", "schema": {"type": "integer", "maximum": 9, "minimum": 0}}],
      "requestBody": {"content": {"application/json": {"schema": {"type": "object", "example": ""}}}},
      "responses": {"default": {"description": "d", "x-apigateway-result-normal-sample": "ok",
                                "x-apigateway-result-failure-sample": ""}},
      "x-apigateway-backend": {"type": "HTTP", "parameters": [
          {"name": "id", "in": "PATH", "origin": "REQUEST", "value": "id", "description": ""}],
        "httpEndpoints": {"address": "b:80", "scheme": "http", "method": "GET", "path": "/pets/{id}", "timeout": 5000,
                          "retryCount": "-1", "enableClientSsl": false, "description": ""}},
      "x-apigateway-cors": false, "x-apigateway-match-mode": "NORMAL", "x-apigateway-request-type": "public",
      "x-apigateway-response": "default"}}},
    "components": {
      "responses": {"default": {"description": "d"}},
      "securitySchemes": {"apig-auth-app": {"type": "apiKey", "name": "Authorization", "in": "header",
                                            "x-apigateway-auth-type": "AppSigv1"}},
      "x-apigateway-responses": {"default": {}}}})";
  const std::string two = R"({
    "swagger": "2.0", "paths": {"/pets/{id}": {"get": {
      "operationId": "getPet", "description": "one", "schemes": ["https"], "security": [{"apig-auth-app": []}],
      "parameters": [{"name": "id", "in": "path", "required": true, "type": "string"},
                     {"name": "n", "in": "query", "type": "integer", "maximum": 9, "x-apigateway-sample": "5"}],
      "responses": {"default": {"description": "d"}, "x-apigateway-result-normal-sample": "ok"},
      "x-apigateway-backend": {"type": "HTTP", "parameters": [
          {"name": "id", "in": "path", "origin": "REQUEST", "value": "id"}],
        "httpEndpoints": {"address": "b:80", "scheme": "http", "method": "GET", "path": "/pets/{id}"}}}}},
    "securityDefinitions": {"apig-auth-app": {"type": "apiKey", "name": "Authorization", "in": "header",
                                              "x-apigateway-auth-type": "AppSigv1"}}})";
  CHECK(write_json(body_of(build(three), "GET /pets/{id}")) == write_json(body_of(build(two), "GET /pets/{id}")));
}

TEST_CASE("a plain OpenAPI 3 document is read with its servers, schemas and references") {
  const auto built = build(R"(
openapi: 3.0.0
servers: [{url: 'https://{host}/{v}/', variables: {host: {default: a.b}, v: {default: v2}}}, {url: 'http://x/v2'}]
paths:
  /a/{id}:
    summary: of the path
    parameters: [{$ref: '#/components/parameters/Id'}]
    get:
      operationId: getA
      parameters:
        - {in: query, name: s, schema: {$ref: '#/components/schemas/Status'}}
        - {in: query, name: u, schema: {oneOf: [{type: integer}, {type: number}]}}
        - {in: query, name: v, schema: {anyOf: [{type: integer}, {type: string}]}}
        - {in: query, name: w, schema: {allOf: [{$ref: '#/components/schemas/Status'}, {maxLength: 9}]}}
        - {in: query, name: l, schema: {type: array, items: {type: string}}}
        - {in: query, name: c, content: {application/json: {schema: {type: object}}}}
        - {in: cookie, name: k, schema: {type: string}}
    post:
      operationId: postA
      servers: [{url: /other}]
      requestBody: {content: {}}
components:
  parameters: {Id: {in: path, name: id, required: true, schema: {type: integer, format: int64}}}
  schemas: {Status: {type: string, nullable: true, enum: [on, off, null], default: on}}
)",
                           true);
  const Value get = body_of(built, "GET /v2/a/{id}");
  CHECK(write_json(*get.find("schemes")) == R"(["http","https"])");
  std::string parameters;
  for (const Value& one : get.find("parameters")->items()) {
    const Value* allowed = one.find("enum");
    parameters += std::string(one.text("name")) + " " + std::string(one.text("type")) + " " +
                  std::string(one.text("default")) + (allowed != nullptr ? write_json(*allowed) : "") + "\n";
  }
  CHECK(parameters == "id number \ns string on[\"off\",\"on\"]\nu number \nw string on[\"off\",\"on\"]\n");
  body_of(built, "POST /other/a/{id}");
  const std::string told = text_of(built.diagnostics);
  CHECK(contains(told, "query parameters without a type (2)."));
  CHECK(contains(told, "query parameters of type array (1)."));
  CHECK(contains(told, "cookie parameters (1)."));
  CHECK(contains(told, "`requestBody` (1)."));
  CHECK(contains(told, "models (`components.schemas`) (1)."));
}

TEST_CASE("a server's URL gives scheme and base path, variables their defaults") {
  const auto read = [](const std::string& server) {
    const auto result = read_server(json(server));
    return result ? result->scheme + " " + result->path : "error: " + result.error();
  };
  CHECK(read(R"({"url": "https://a/v1/"})") == "https /v1");
  CHECK(read(R"({"url": "HTTP://a:80"})") == "http ");
  CHECK(read(R"({"url": "//a/b?c"})") == " /b");
  CHECK(read(R"({"url": "v1"})") == " /v1");
  CHECK(read(R"({"url": "/{v}", "variables": {"v": {"default": 2}}})") == " /2");
  CHECK(read(R"({"url": "/{v"})") == "error: The server URL \"/{v\" has a brace that is not closed.");
  CHECK(read(R"({})") == "error: A server has no `url`.");
}

TEST_CASE("schemas that name each other end") {
  std::string all;
  for (int i = 0; i < 30; ++i) all += (i == 0 ? "" : ", ") + std::string("{$ref: '#/components/schemas/S'}");
  const auto built = build(
      "openapi: 3.0.0\npaths: {/a: {get: {operationId: getA, parameters: [{in: query, name: q, schema: "
      "{$ref: '#/components/schemas/S'}}]}}}\ncomponents: {schemas: {S: {allOf: [" +
          all + "], anyOf: [" + all + "]}}}\n",
      true);
  CHECK(contains(text_of(built.diagnostics), "query parameters without a type (1)."));
}

}  // namespace
}  // namespace sluice
