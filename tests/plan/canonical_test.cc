#include "plan/canonical.h"

#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::json;

std::string form(std::string_view body) { return write_json(canonical(json(body), kApiSchema.fields)); }
std::string digest(std::string_view body) {
  return digest_of(canonical(json(body), kApiSchema.fields), kApiSchema.fields);
}

TEST_CASE("documented defaults are filled in") {
  CHECK(form(R"({"method": "get", "path": "/a", "operationId": "abc",
                 "x-apigateway-backend": {"type": "http", "httpEndpoints": {"address": "h"}},
                 "parameters": [{"in": "query", "name": "q"}]})") ==
        R"({"method":"GET","path":"/a","x-apigateway-match-mode":"NORMAL","operationId":"abc","schemes":["https"],)"
        R"("security":{"type":"NONE"},"parameters":[{"in":"query","name":"q","type":"string","required":false,)"
        R"("x-apigateway-pass-through":"always"}],"x-apigateway-request-type":"public","x-apigateway-cors":false,)"
        R"("x-apigateway-response":"default","x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"h",)"
        R"("scheme":"http","timeout":5000,"retryCount":"-1","enableClientSsl":false}}})");
  CHECK(write_json(canonical(json(R"({"name": "pets"})"), kGroupSchema.fields)) == R"({"name":"pets"})");
}

TEST_CASE("two spellings of one thing have one digest") {
  struct Row {
    const char* one;
    const char* other;
  };
  const Row rows[] = {
      {R"({"method": "get"})", R"({"method": "GET"})"},
      {R"({"schemes": ["http", "HTTPS"]})", R"({"schemes": ["https", "http", "http"]})"},
      {R"({"tags": ["b", "a"]})", R"({"tags": ["a", "b"]})"},
      {R"({})", R"({"schemes": ["https"]})"},
      {R"({})", R"({"schemes": []})"},
      {R"({})", R"({"description": "", "tags": [], "parameters": null, "security": {}})"},
      {R"({})", R"({"x-apigateway-response": "default", "x-apigateway-cors": "false"})"},
      {R"({})", R"({"x-apigateway-response": ""})"},
      {R"({"security": {"type": "app"}})", R"({"security": {"type": "APP", "app_code": "disable"}})"},
      {R"({"parameters": [{"in": "HEADER", "name": "X-A"}, {"in": "query", "name": "q"}]})",
       R"({"parameters": [{"in": "query", "name": "q"}, {"in": "header", "name": "x-a", "type": "STRING"}]})"},
      {R"({"parameters": [{"in": "query", "name": "q", "minimum": 0, "enum": ["b", "a"], "default": 20}]})",
       R"({"parameters": [{"in": "query", "name": "q", "enum": ["a", "b"], "default": "20", "required": "false"}]})"},
      {R"({"parameters": [{"in": "query", "name": "q", "maximum": 100}]})",
       R"({"parameters": [{"in": "query", "name": "q", "maximum": "100.0"}]})"},
      {R"({"x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {"timeout": 5000, "retryCount": -1}}})",
       R"({"x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {"timeout": "5000.0", "retryCount": "-1"},)"
       R"("mockEndpoints": {"result-content": "not used"}}})"},
      {R"({"x-apigateway-backend": {"type": "FUNCTION", "functionEndpoints": {"invocation-type": "synchronous"}}})",
       R"({"x-apigateway-backend": {"type": "FUNCTION", "functionEndpoints": {"invocation-type": "sync"}}})"},
      {R"({"x-apigateway-backend": {"type": "FUNCTION", "functionEndpoints": {"invocation-type": "asynchronous"}}})",
       R"({"x-apigateway-backend": {"type": "FUNCTION", "functionEndpoints": {"invocation-type": "ASYNC"}}})"},
      {R"({"x-apigateway-backend-policies": [{"name": "a", "type": "MOCK", "mockEndpoints": {}, "conditions": [
            {"origin": "source", "value": "1.1.1.1"},
            {"origin": "request", "parameter": "p", "type": "equal", "value": "v"}]}, {"name": "b"}]})",
       R"({"x-apigateway-backend-policies": [{"name": "b"}, {"name": "a", "type": "mock", "mockEndpoints": {},
            "effectMode": "any", "conditions": [
            {"origin": "PARAM", "parameter": "p", "type": "exact", "value": "v"},
            {"value": "1.1.1.1", "type": "enum", "parameter": "left over"}]}]})"},
  };
  for (const Row& row : rows) {
    INFO(row.one << "\n" << row.other);
    CHECK(digest(row.one) == digest(row.other));
    CHECK(digest(row.one).starts_with("sha256:"));
    CHECK(digest(row.one).size() == 71);
  }
}

TEST_CASE("what the gateway stores differently has another digest") {
  const char* const kDifferent[] = {
      R"({})",
      R"({"description": "x"})",
      R"({"description": "x "})",
      R"({"tags": ["x"]})",
      R"({"tags": ["x", "y"]})",
      R"({"tags": ["x\",\"y"]})",
      R"({"schemes": ["http"]})",
      R"({"security": {"type": "APP"}})",
      R"({"security": {"type": "APP", "app_code": "header"}})",
      R"({"security": {"type": "AUTHORIZER", "authorizer": "a"}})",
      R"({"security": {"type": "AUTHORIZER", "authorizer": "A"}})",
      R"({"parameters": [{"in": "query", "name": "q"}]})",
      R"({"parameters": [{"in": "query", "name": "Q"}]})",
      R"({"parameters": [{"in": "path", "name": "q"}]})",
      R"({"parameters": [{"in": "query", "name": "q", "type": "number"}]})",
      R"({"parameters": [{"in": "query", "name": "q", "required": true}]})",
      R"({"parameters": [{"in": "query", "name": "q", "maximum": 1}]})",
      R"({"parameters": [{"in": "query", "name": "q", "maximum": 1.5}]})",
      R"({"parameters": [{"in": "query", "name": "q", "x-apigateway-orchestrations": ["a", "b"]}]})",
      R"({"parameters": [{"in": "query", "name": "q", "x-apigateway-orchestrations": ["b", "a"]}]})",
      R"({"x-apigateway-backend": {"type": "MOCK", "mockEndpoints": {}}})",
      R"({"x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {}}})",
      R"({"x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {"timeout": 5001}}})",
      R"({"x-apigateway-content-type": "application/json"})",
  };
  std::map<std::string, std::string> seen;
  for (const char* body : kDifferent) {
    const auto [first, fresh] = seen.emplace(digest(body), body);
    INFO(body << "\n" << first->second);
    CHECK(fresh);
  }
}

TEST_CASE("unknown fields are kept, sorted behind the known ones, and are not in the digest") {
  const std::string text = form(R"({"x-zoo": {"b": 1, "a": null}, "x-ant": [2, 1], "path": "/a"})");
  CHECK(text.ends_with(R"("x-apigateway-response":"default","x-ant":[2,1],"x-zoo":{"b":1,"a":null}})"));
  CHECK(digest(R"({"path": "/a", "x-ant": 1, "parameters": [{"in": "query", "name": "q", "later": 1}]})") ==
        digest(R"({"path": "/a", "parameters": [{"in": "query", "name": "q"}]})"));
}

TEST_CASE("header names are shown as written and compared without case") {
  const FieldSchema& list = *find_field(kApiSchema.fields, "parameters");
  const Value header = json(R"({"in": "header", "name": "X-Trace"})");
  CHECK(element_key(header, list) == "header:X-Trace");
  CHECK(folded_element_key(header, list) == "header:x-trace");
  const Value query = json(R"({"in": "query", "name": "Limit"})");
  CHECK(folded_element_key(query, list) == "query:Limit");
}

TEST_CASE("a canonical body is its own canonical form") {
  test::BodyGenerator generator(7);
  for (int i = 0; i < 400; ++i) {
    const Value body = generator.next();
    const Value once = canonical(body, kApiSchema.fields);
    INFO(write_json(body));
    CHECK(write_json(canonical(once, kApiSchema.fields)) == write_json(once));
  }
}

TEST_CASE("the order of members and of lists without order does not reach the canonical form") {
  test::BodyGenerator generator(11);
  for (int i = 0; i < 200; ++i) {
    const Value body = generator.next();
    Value shuffled = body;
    generator.shuffle(shuffled.mutable_members());
    for (const char* list : {"parameters", "tags", "schemes"}) {
      if (const Value* items = shuffled.find(list)) {
        Value copy = *items;
        generator.shuffle(copy.mutable_items());
        shuffled.set(list, copy);
      }
    }
    CHECK(write_json(canonical(shuffled, kApiSchema.fields)) == write_json(canonical(body, kApiSchema.fields)));
  }
}

TEST_CASE("a resource made of any spelling is canonical and carries its digest") {
  const Resource resource = make_resource(Address::api("pets", "GET", "/a", "NORMAL"),
                                          json(R"({"path": "/a", "method": "get", "x-later": 1})"));
  CHECK(resource.body == canonical(resource.body, kApiSchema.fields));
  CHECK(resource.digest == digest(R"({"path": "/a", "method": "GET"})"));
}

}  // namespace
}  // namespace sluice
