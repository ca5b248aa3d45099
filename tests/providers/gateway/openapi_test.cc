// OpenAPI 3.0, imported and exported.
#include <algorithm>
#include <functional>

#include "plan/yaml.h"
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

const std::string kPets = R"(
openapi: 3.0.3
info: {title: petstore, description: Pets, version: "1"}
servers: [{url: "http://example.com/v1"}]
paths:
  /pets/{petId}:
    parameters: [{$ref: "#/components/parameters/petId"}]
    servers: [{url: "https://example.com"}]
    get:
      operationId: getPet
      description: One pet
      tags: [pets]
      security: [{app: []}]
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100, minimum: 0, default: 20}, example: "5"}
        - {name: color, in: header, schema: {$ref: "#/components/schemas/Color"}, x-apigateway-pass-through: never}
        - {name: session, in: cookie, schema: {type: string}}
        - {name: free, in: query, schema: {type: string, maxLength: 0, maximum: 0, minimum: 0}}
      requestBody: {content: {application/json: {schema: {type: object, example: "a pet"}}}}
      responses:
        default: {description: ok, x-apigateway-result-normal-sample: fine}
      x-apigateway-ratelimit: gold
      x-apigateway-response: errors
      x-apigateway-backend: {type: MOCK, mockEndpoints: {result-content: ok}}
    x-apigateway-any-method:
      operationId: anyPet
      servers: [{url: "http://example.com"}, {url: "https://example.com"}]
      x-apigateway-cors: true
      x-apigateway-backend: {type: MOCK, mockEndpoints: {result-content: ok}}
  /plain:
    get:
      operationId: plain
      x-apigateway-backend: {type: MOCK, mockEndpoints: {result-content: ok}}
x-apigateway-ratelimits: {gold: {api-limit: 5, interval: 1, unit: MINUTE}}
components:
  parameters: {petId: {name: petId, in: path, required: true, schema: {type: string, minLength: 2}}}
  schemas: {Color: {type: string, enum: [red, green]}}
  securitySchemes: {app: {type: apiKey, name: Authorization, in: header, x-apigateway-auth-type: AppSigv1}}
  x-apigateway-responses: {errors: {THROTTLED: {status: 429, body: {application/json: "slow"}}}}
)";

Answer export_as(Bench& bench, const std::string& group, const std::string& query, const std::string& type = "json") {
  return bench.post("/openapi/export" + query,
                    R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","define":"all","version":"1","type":")" + type +
                        R"(","group_id":")" + group + R"("})");
}

/// The APIs as their details show them, without what differs from one gateway to another.
Value apis_of(Bench& bench) {
  Value out = at(bench.get("/apis").body, {"apis"});
  for (Value& api : out.mutable_items()) {
    for (const char* name : {"register_time", "update_time", "publish_id", "publish_time", "id", "group_id",
                             "group_name", "response_id"}) {
      api.erase(name);
    }
    for (const char* name : {"req_params", "mock_info"}) {
      const auto strip = [](Value& value) { value.erase("id"); };
      Value part = *api.find(name);
      if (part.is_array()) {
        for (Value& item : part.mutable_items()) strip(item);
      } else {
        strip(part);
      }
      api.set(name, part);
    }
  }
  std::sort(out.mutable_items().begin(), out.mutable_items().end(),
            [](const Value& a, const Value& b) { return a.text("name") < b.text("name"); });
  return out;
}

}  // namespace

TEST_CASE("an OpenAPI document becomes the same definitions as Swagger") {
  Bench bench;
  const std::string group = bench.group();
  const Answer imported = bench.import_into(group, kPets);
  INFO(imported.text);
  REQUIRE(at(imported.body, {"success"}).items().size() == 3);
  const Value apis = apis_of(bench);
  const Value any = at(apis, {"0"});
  const Value pet = at(apis, {"1"});
  const Value plain = at(apis, {"2"});
  CHECK(pet.text("req_uri") == "/pets/{petId}");
  CHECK(pet.text("req_protocol") == "HTTPS");
  CHECK(any.text("req_protocol") == "BOTH");
  CHECK(plain.text("req_protocol") == "HTTP");
  CHECK(pet.text("auth_type") == "APP");
  CHECK(plain.text("auth_type") == "NONE");
  CHECK(pet.text("remark") == "One pet");
  CHECK(pet.text("body_remark") == "a pet");
  CHECK(pet.text("result_normal_sample") == "fine");
  const Value parameters = at(pet, {"req_params"});
  REQUIRE(parameters.items().size() == 4);
  const Value& id = parameters.items()[0];
  const Value& limit = parameters.items()[1];
  const Value& color = parameters.items()[2];
  const Value& free = parameters.items()[3];
  CHECK(id.text("location") == "PATH");
  CHECK(at(id, {"min_size"}) == Value(2));
  CHECK(limit.text("type") == "NUMBER");
  CHECK(limit.text("default_value") == "20");
  CHECK(limit.text("sample_value") == "5");
  CHECK(at(limit, {"min_num"}) == Value(0));
  CHECK(at(limit, {"max_num"}) == Value(100));
  CHECK(color.text("enumerations") == "red,green");
  CHECK(at(color, {"pass_through"}) == Value(2));
  CHECK(free.find("max_num") == nullptr);
  CHECK(free.find("max_size") == nullptr);
}

TEST_CASE("an OpenAPI export is what an import takes, and comes back the same") {
  for (const char* type : {"json", "yaml", "yml"}) {
    Bench bench;
    const std::string group = bench.group();
    bench.import_into(group, kPets);
    bench.publish(group);
    const Answer exported = export_as(bench, group, "?oas_version=3.0", type);
    REQUIRE(exported.status == 200);
    Bench other;
    const std::string copy = other.group();
    const Answer again = other.import_into(copy, exported.text);
    INFO(again.text);
    REQUIRE(at(again.body, {"success"}).items().size() == 3);
    other.publish(copy);
    CHECK(apis_of(other) == apis_of(bench));
    // Through either format the group is the same.
    Value swagger = export_as(bench, group, "").body;
    Value swagger_again = export_as(other, copy, "?oas_version=2.0").body;
    swagger.erase("host");
    swagger_again.erase("host");
    CHECK(swagger == swagger_again);
  }
}

TEST_CASE("an OpenAPI export looks as the service's") {
  Bench bench;
  const std::string group = bench.group();
  bench.import_into(group, kPets);
  bench.publish(group);
  const Value document = export_as(bench, group, "?oas_version=3.0").body;
  CHECK(document.text("openapi") == "3.0.3");
  CHECK(document.find("host") == nullptr);
  const std::string host = group + ".apic.cn-north-7.huaweicloudapis.com";
  CHECK(at(document, {"servers", "0", "url"}) == Value("https://" + host));
  const Value get = at(document, {"paths", "/pets/{petId}", "get"});
  CHECK(at(get, {"servers", "0", "url"}) == Value("https://" + host));
  CHECK(at(get, {"parameters", "0", "schema", "type"}) == Value("string"));
  CHECK(at(get, {"parameters", "0", "schema", "maximum"}) == Value(0));
  CHECK(at(get, {"parameters", "0", "x-apigateway-pass-through"}) == Value("always"));
  CHECK(at(get, {"parameters", "0", "x-apigateway-orchestrations"}) == Value::array());
  CHECK(at(get, {"responses", "default", "x-apigateway-result-normal-sample"}) == Value("fine"));
  CHECK(at(get, {"requestBody", "content", "application/json", "schema", "example"}) == Value("a pet"));
  CHECK(at(get, {"x-apigateway-response"}) == Value("errors"));
  CHECK(at(get, {"x-apigateway-ratelimit"}) == Value("gold"));
  const Value any = at(document, {"paths", "/pets/{petId}", "x-apigateway-any-method"});
  CHECK(at(any, {"servers"}).items().size() == 2);
  CHECK(at(any, {"responses", "default-cors", "headers", "Access-Control-Allow-Origin", "schema", "default"}) ==
        Value("*"));
  CHECK(at(any, {"x-apigateway-response"}) == Value("default"));
  CHECK(at(document, {"components", "securitySchemes", "apig-auth-iam", "x-apigateway-auth-type"}) == Value("IAM"));
  CHECK(at(document, {"components", "x-apigateway-responses", "errors", "THROTTLED", "status"}) == Value(429));
  // A task gives the same text.
  const Answer accepted = bench.post("/openapi/async-export?oas_version=3.0",
                                     R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","define":"all","type":"yaml",)"
                                     R"("version":"1","group_id":")" +
                                         group + R"("})");
  const Answer task = bench.get("/async-tasks/" + std::string(accepted.body.text("task_id")));
  const auto result = parse_json(task.body.text("task_result"));
  REQUIRE(result);
  CHECK(result->text("FileType") == ".yaml");
  const auto yaml = parse_yaml(result->text("Comment"));
  REQUIRE(yaml);
  CHECK(*yaml == document);
}

TEST_CASE("what is no OpenAPI 3.0 is refused") {
  Bench bench;
  CHECK(bench.import(R"({"openapi":"3.1.0","paths":{}})").code() == "APIG.3601");
  CHECK(bench.import(R"({"openapi":"2.0","paths":{}})").code() == "APIG.3601");
  CHECK(bench.import(R"({"openapi":"3.0.0"})").code() == "APIG.3602");
  for (const char* servers : {"7", "[7]", "[{}]", R"([{"url":""}])", R"({"url":"http://a"})"}) {
    CHECK(bench.import(std::string(R"({"openapi":"3.0.0","paths":{},"servers":)") + servers + "}").code() ==
          "APIG.2045");
  }
  CHECK(export_as(bench, bench.group(), "?oas_version=3.1").code() == "APIG.2011");
}

TEST_CASE("every kind of value is survived in every place of an OpenAPI document") {
  Bench bench;
  const std::string group = bench.group();
  const auto parsed = parse_yaml(kPets);
  REQUIRE(parsed);
  std::size_t count = 0;
  const std::function<Value(const Value&, std::size_t&, const Value&)> replace =
      [&](const Value& from, std::size_t& left, const Value& with) -> Value {
    ++count;
    if (left-- == 0) return with;
    Value out = from;
    if (out.is_array()) {
      for (Value& item : out.mutable_items()) item = replace(Value(item), left, with);
    } else if (out.is_object()) {
      for (auto& member : out.mutable_members()) member.value = replace(Value(member.value), left, with);
    }
    return out;
  };
  std::size_t none = SIZE_MAX;
  replace(*parsed, none, Value());
  const std::size_t places = count;
  for (const char* text : {"null", "true", "7", R"("x")", "[]", "{}", "[[]]", R"({"$ref":"#/components"})"}) {
    const auto value = parse_json(text);
    REQUIRE(value);
    for (std::size_t place = 0; place < places; ++place) {
      std::size_t left = place;
      REQUIRE(bench.import_into(group, write_json(replace(*parsed, left, *value))).status < 500);
    }
  }
}
