#include "plan/import_document.h"

#include "plan/swagger.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::json;

TEST_CASE("an import document holds just the operations it is given") {
  const Value one = canonical(test::body("GET", "/pets", "listPets"), kApiSchema.fields);
  const Value two = canonical(
      json(R"({"method": "ANY", "path": "/a", "operationId": "any", "security": {"type": "app", "app_code": "header"},
               "x-apigateway-match-mode": "SWA", "x-apigateway-result-normal-sample": "ok",
               "x-apigateway-backend": {"type": "MOCK", "mockEndpoints": {}}})"),
      kApiSchema.fields);
  const Value* const bodies[] = {&one, &two};
  CHECK(
      import_document("pets", bodies) ==
      R"({"swagger":"2.0","info":{"title":"pets","version":"1"},"paths":{"/a":{"x-apigateway-any-method":{)"
      R"("x-apigateway-match-mode":"SWA","operationId":"any","schemes":["https"],"security":[{"apig-auth-app-header":)"
      R"([]}],"x-apigateway-request-type":"public","x-apigateway-cors":false,"x-apigateway-response":"default",)"
      R"("x-apigateway-backend":{"type":"MOCK","mockEndpoints":{}},"responses":{"default":{"description":"default"},)"
      R"("x-apigateway-result-normal-sample":"ok"}}},"/pets":{"get":{"x-apigateway-match-mode":"NORMAL",)"
      R"("operationId":"listPets","schemes":["https"],"x-apigateway-request-type":"public","x-apigateway-cors":false,)"
      R"("x-apigateway-response":"default","x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":)"
      R"("pets.internal:8080","scheme":"http","method":"GET","path":"/pets","timeout":5000,"retryCount":"-1",)"
      R"("enableClientSsl":false}},"responses":{"default":{"description":"default"}}}}},"securityDefinitions":{)"
      R"("apig-auth-app-header":{"type":"apiKey","name":"Authorization","in":"header","x-apigateway-auth-type":)"
      R"("AppSigv1","x-apigateway-auth-opt":{"appcode-auth-type":"header"}}}})");
}

TEST_CASE("a document does not depend on the order in which its operations are given") {
  const Value one = canonical(test::body("GET", "/b", "one"), kApiSchema.fields);
  const Value two = canonical(test::body("PUT", "/b", "two"), kApiSchema.fields);
  const Value three = canonical(test::body("GET", "/a", "three"), kApiSchema.fields);
  const Value* const forwards[] = {&one, &two, &three};
  const Value* const backwards[] = {&three, &two, &one};
  CHECK(import_document("pets", forwards) == import_document("pets", backwards));
}

TEST_CASE("what is sent reads back as the API it was made of") {
  test::BodyGenerator generator(3);
  std::size_t compared = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<Value> bodies;
    std::vector<const Value*> pointers;
    std::map<Address, std::string> digests;
    for (int i = 0; i < 6; ++i) {
      const Resource resource = test::api(generator.next());
      digests.emplace(resource.address, resource.digest);
      bodies.push_back(resource.body);
    }
    for (const Value& body : bodies) pointers.push_back(&body);
    const Swagger swagger = read_swagger(json(import_document("pets", pointers)), SwaggerOrigin::Export);
    CHECK(swagger.findings.empty());
    CHECK(swagger.left_out.empty());
    REQUIRE(swagger.operations.size() == digests.size());
    for (const Operation& operation : swagger.operations) {
      const Resource again =
          make_resource(Address::api("pets", operation.method, operation.path, operation.match_mode), operation.body);
      REQUIRE(digests.contains(again.address));
      INFO(write_json(again.body));
      CHECK(digests.at(again.address) == again.digest);
      const auto sent = std::find_if(bodies.begin(), bodies.end(),
                                     [&](const Value& body) { return body.text("path") == operation.path; });
      CHECK(*sent == again.body);  // unknown fields come back too
      ++compared;
    }
  }
  CHECK(compared == 360);
}

TEST_CASE("a filtered document holds the named operations and nothing else") {
  const Value one = canonical(test::body("GET", "/a", "one"), kApiSchema.fields);
  const Value two = canonical(test::body("PUT", "/a", "two"), kApiSchema.fields);
  const Value any = canonical(test::body("ANY", "/b", "any"), kApiSchema.fields);
  const Value* const all[] = {&one, &two, &any};
  const Value* const some[] = {&one, &any};
  const std::string names[] = {"GET /a", "ANY /b", "GET /not-there"};
  CHECK(filtered_import_document(import_document("pets", all), names) == import_document("pets", some));
  const std::string none[] = {"GET /b"};
  CHECK(filtered_import_document(import_document("pets", all), none) == import_document("pets", {}));
}

}  // namespace
}  // namespace sluice
