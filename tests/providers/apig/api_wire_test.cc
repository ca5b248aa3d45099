// Definitions asked for one by one are the same operations that an export of drafts holds.
#include "providers/apig/api_wire.h"

#include <catch2/catch.hpp>
#include <random>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/swagger.h"
#include "providers/apig/objects.h"
#include "providers/apig/policy_wire.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"

namespace sluice::apig {
namespace {

const std::string kBase = base_path("p", "i");

/// The embedded gateway, with a channel, an authorizer and a response of its own.
class Peer {
 public:
  Peer() {
    auto opened = gateway::Gateway::open({.data = ":memory:", .latency = {}, .quirks = {}});
    REQUIRE(opened);
    gateway_ = std::move(*opened);
    transport_.emplace(*gateway_, [] { return gateway::Now(std::chrono::milliseconds(1'700'000'000'000)); });
    group_ = std::string(ask(create_group(kBase, Value::object({{"name", "pets", 0}}))).text("id"));
    make("/vpc-channels", R"({"name":"channel-1","port":80,"balance_strategy":1,"member_type":"ip","type":2,)"
                          R"("members":[{"host":"10.0.0.1","weight":1}]})");
    make(
        "/authorizers",
        R"({"name":"Guard_1","type":"FRONTEND","authorizer_type":"FUNC","authorizer_uri":"urn:fss:r:p:function:default:f"})");
    make("/api-groups/" + group_ + "/gateway-responses",
         R"({"name":"teapot","responses":{"THROTTLED":{"status":418,"body":"slow"}}})");
  }

  Value ask(const HttpRequest& request) {
    const auto answer = transport_->send(request);
    REQUIRE(answer);
    INFO(request.method << " " << request.target << ": " << answer->body);
    REQUIRE(answer->status / 100 == 2);
    const auto body = parse_json(answer->body);
    REQUIRE(body);
    return *body;
  }
  HttpResponse raw(const HttpRequest& request) {
    auto answer = transport_->send(request);
    REQUIRE(answer);
    return std::move(*answer);
  }
  void make(const std::string& path, const std::string& body) {
    ask({"POST", kBase + path, {{"Content-Type", "application/json"}}, body});
  }

  /// Imports a document; how many operations were taken.
  std::size_t import(const Value& document) {
    Step step{.kind = StepKind::Import, .group = "pets", .document = write_json(document)};
    HttpResponse answer = task_answer(import_apis(kBase, group_, step));
    const auto task = read_task(answer);
    REQUIRE(task);
    INFO(std::string(task->result.data(), task->result.size()));
    REQUIRE(task->state == TaskAnswer::State::Succeeded);
    const auto result = parse_json_in_place(task->result);
    REQUIRE(result);
    for (const Value& failure : result->find("failure")->items()) FAIL(write_json(failure));
    return result->find("success")->items().size();
  }

  std::map<Address, Resource> exported() {
    HttpResponse answer = task_answer(export_group(kBase, group_, "DEFAULT_ENVIRONMENT_RELEASE_ID", "dev"));
    const auto task = read_task(answer);
    REQUIRE(task);
    const auto file = read_exported_file(task->result);
    REQUIRE(file);
    const auto document = read_exported_document(*file);
    REQUIRE(document);
    return resources_of(*document);
  }

  std::map<Address, Resource> resources_of(const Value& document) {
    const Swagger read = read_swagger(document, SwaggerOrigin::Export);
    for (const auto& finding : read.findings) FAIL(finding.summary);
    std::map<Address, Resource> resources;
    for (const Operation& operation : read.operations) {
      const Address address = Address::api("pets", operation.method, operation.path, operation.match_mode);
      resources.emplace(address, make_resource(address, operation.body));
    }
    return resources;
  }

  ReferredNames names() {
    ReferredNames names;
    const Calls calls(*transport_, kBase);
    names[Referred::Authorizer] = list_names(calls, ObjectKind::Authorizer).value();
    names[Referred::Channel] = list_names(calls, ObjectKind::Channel).value();
    HttpResponse answer = raw(list_responses(kBase, group_, 0));
    const auto page = read_responses(answer);
    REQUIRE(page);
    for (const auto& item : page->items) names[Referred::Response].emplace(item.id, item.name);
    return names;
  }

  const std::string& group() const { return group_; }

 private:
  HttpResponse task_answer(const HttpRequest& request) {
    const std::string id(ask(request).text("task_id"));
    return raw(query_task(kBase, id));
  }

  std::unique_ptr<gateway::Gateway> gateway_;
  std::optional<gateway::LocalTransport> transport_;
  std::string group_;
};

/// Operations of every kind, made by chance from a seed.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  Value document(std::size_t count) {
    Value paths = Value::object();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string path = "/p" + std::to_string(i) + "/{id}";
      Value item = Value::object();
      const char* methods[] = {"get", "post", "put", "delete", "head", "patch", "options", "x-apigateway-any-method"};
      item.set(methods[i % 8], operation(i));
      paths.set(path, std::move(item));
    }
    Value document = *parse_json(R"({"swagger":"2.0","info":{"title":"pets","version":"1"},"securityDefinitions":{
      "app":{"type":"apiKey","in":"header","name":"Authorization","x-apigateway-auth-type":"AppSigv1"},
      "code":{"type":"apiKey","in":"header","name":"Authorization","x-apigateway-auth-type":"AppSigv1",
              "x-apigateway-auth-opt":{"appcode-auth-type":"header"}},
      "iam":{"type":"apiKey","in":"header","name":"unused","x-apigateway-auth-type":"IAM"},
      "Guard_1":{"type":"apiKey","in":"header","name":"unused","x-apigateway-auth-type":"AUTHORIZER"}}})");
    return document.set("paths", std::move(paths));
  }

 private:
  bool chance() { return std::uniform_int_distribution<int>(0, 1)(random_) == 1; }
  int number(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  std::string word() { return "w" + std::to_string(number(0, 999)); }
  template <std::size_t N>
  const char* one_of(const char* const (&words)[N]) {
    return words[static_cast<std::size_t>(number(0, static_cast<int>(N) - 1))];
  }

  Value http(bool channel) {
    Value out = Value::object();
    if (channel) {
      out.set("name", chance() ? "channel-1" : "never_made");
      if (chance()) out.set("host", "inside.example");
    } else {
      out.set("address", word() + ".internal:" + std::to_string(number(1, 9999)));
    }
    out.set("scheme", one_of({"http", "https"})).set("method", one_of({"GET", "POST", "ANY", "PATCH"}));
    out.set("path", "/" + word() + "/{id}").set("timeout", number(1, 60000));
    if (chance()) out.set("retryCount", std::to_string(number(-1, 10)));
    if (chance()) out.set("enableClientSsl", chance());
    if (chance()) out.set("enableSmChannel", chance());
    if (chance()) out.set("description", word());
    return out;
  }

  Value function() {
    Value out = Value::object();
    out.set("function-urn", "urn:fss:r:p:function:default:" + word()).set("version", "latest");
    out.set("invocation-type", one_of({"sync", "async"})).set("timeout", number(1, 60000));
    if (chance()) out.set("network-type", one_of({"V1", "V2"}));
    if (chance()) out.set("alias-urn", "urn:fss:r:p:function:default:f:!" + word());
    if (chance()) out.set("description", word());
    return out;
  }

  void endpoint(int kind, Value& out) {
    if (kind == 0) out.set("type", "HTTP").set("httpEndpoints", http(false));
    if (kind == 1) out.set("type", "HTTP-VPC").set("httpVpcEndpoints", http(true));
    if (kind == 2) out.set("type", "FUNCTION").set("functionEndpoints", function());
    if (kind != 3) return;
    Value mock = Value::object();
    mock.set("result-content", word() + "\n\"quoted\"");
    if (chance()) mock.set("description", word());
    out.set("type", "MOCK").set("mockEndpoints", std::move(mock));
  }

  Value mappings() {
    Value out = Value::array();
    out.push(*parse_json(R"({"name":"id","in":"path","origin":"REQUEST","value":"id"})"));
    if (chance()) {
      Value constant = Value::object();
      constant.set("name", "X-From").set("in", "header").set("origin", "CONSTANT").set("value", word());
      if (chance()) constant.set("description", word());
      out.push(std::move(constant));
    }
    if (chance()) {
      out.push(*parse_json(R"({"name":"at","in":"query","origin":"SYSTEM","value":"$context.requestId"})"));
    }
    return out;
  }

  Value parameter(const std::string& name, const char* in) {
    Value out = Value::object();
    const bool numeric = chance();
    out.set("name", name).set("in", in).set("type", numeric ? "number" : "string");
    if (chance()) out.set("required", chance());
    if (chance()) out.set("description", word());
    if (chance()) out.set("default", numeric ? std::to_string(number(0, 9)) : word());
    if (chance()) out.set("x-apigateway-sample", word());
    if (chance()) out.set("x-apigateway-pass-through", one_of({"always", "never"}));
    if (numeric && chance()) out.set("minimum", number(1, 5)).set("maximum", number(6, 99));
    if (!numeric && chance()) out.set("minLength", number(1, 5)).set("maxLength", number(6, 99));
    if (!numeric && chance()) out.set("enum", Value::array({word(), "second"}));
    return out;
  }

  Value policies(int kind) {
    Value out = Value::array();
    for (int i = number(1, 3); i-- > 0;) {
      Value policy = Value::object();
      policy.set("name", "policy" + std::to_string(i)).set("effectMode", one_of({"ALL", "ANY"}));
      Value conditions = Value::array();
      conditions.push(*parse_json(R"({"origin":"source","type":"","parameter":"","value":"10.0.0.0/8"})"));
      if (chance()) {
        Value condition = Value::object();
        condition.set("origin", "param").set("parameter", "q").set("type", one_of({"exact", "enum", "pattern"}));
        conditions.push(condition.set("value", word()));
      }
      if (chance()) {
        Value condition = Value::object();
        condition.set("origin", "system").set("parameter", "req_method").set("type", "exact");
        conditions.push(condition.set("value", "GET"));
      }
      policy.set("conditions", std::move(conditions)).set("parameters", mappings());
      endpoint(kind <= 1 ? number(0, 1) : kind, policy);
      out.push(std::move(policy));
    }
    return out;
  }

  Value operation(std::size_t i) {
    Value out = Value::object();
    out.set("operationId", "op_" + std::to_string(i));
    if (chance()) out.set("description", "Does " + word());
    if (chance()) out.set("tags", Value::array({"b" + word(), "a" + word()}));
    const int schemes = number(0, 2);
    if (schemes == 0) out.set("schemes", Value::array({"http", "https"}));
    if (schemes == 1) out.set("schemes", Value::array({"http"}));
    if (const int security = number(0, 4); security > 0) {
      const char* names[] = {"", "app", "code", "iam", "Guard_1"};
      out.set("security", Value::array({Value::object({{names[security], Value::array(), 0}})}));
    }
    Value parameters = Value::array({parameter("id", "path"), parameter("q", "query")});
    if (chance()) parameters.push(parameter("X-Header", "header"));
    out.set("parameters", std::move(parameters));
    Value responses = *parse_json(R"({"default":{"description":"ok"}})");
    if (chance()) responses.set("x-apigateway-result-normal-sample", word());
    if (chance()) responses.set("x-apigateway-result-failure-sample", word());
    out.set("responses", std::move(responses));
    if (chance()) out.set("x-apigateway-request-type", one_of({"public", "private"}));
    if (chance()) out.set("x-apigateway-match-mode", one_of({"NORMAL", "SWA"}));
    if (chance()) out.set("x-apigateway-cors", chance());
    if (chance()) out.set("x-apigateway-response", one_of({"default", "teapot"}));
    if (chance()) out.set("x-apigateway-content-type", "application/json");
    if (chance()) out.set("x-apigateway-is-send-fg-body-base64", true);
    const int kind = static_cast<int>(i % 4);
    Value backend = Value::object();
    endpoint(kind, backend);
    out.set("x-apigateway-backend", backend.set("parameters", mappings()));
    if (chance()) out.set("x-apigateway-backend-policies", policies(kind));
    return out;
  }

  std::mt19937 random_;
};

TEST_CASE("details of an API are the operation that an export of drafts holds, whatever it is made of") {
  Peer peer;
  const std::size_t count = 240;
  REQUIRE(peer.import(Maker(20261124).document(count)) == count);
  const auto exported = peer.exported();
  REQUIRE(exported.size() == count);
  const ReferredNames names = peer.names();
  HttpResponse listed = peer.raw(list_apis(kBase, peer.group(), 0));
  const auto apis = read_apis(listed);
  REQUIRE(apis);
  REQUIRE(apis->items.size() == count);
  for (const ListedApi& api : apis->items) {
    HttpResponse answer = peer.raw(show_api(kBase, api.id));
    const auto definition = read_api(answer);
    REQUIRE(definition);
    const auto told = peer.resources_of(document_of(*definition, names));
    REQUIRE(told.size() == 1);
    const auto& [address, resource] = *told.begin();
    INFO(address.text());
    REQUIRE(exported.contains(address));
    const Resource& shown = exported.at(address);
    CHECK(write_json_pretty(resource.body) == write_json_pretty(shown.body));
    CHECK(resource.digest == shown.digest);
    CHECK_FALSE(item_differs(*definition, shown.body));
    Value edited = *definition;
    edited.set("remark", "edited by hand");
    CHECK(item_differs(edited, shown.body));
  }
}

TEST_CASE("a list's item differs in what it holds, and in nothing that it leaves out") {
  const Value body =
      *parse_json(R"({"method":"GET","path":"/a","operationId":"one","description":"d","schemes":["https"],
    "security":{"type":"NONE"},"x-apigateway-backend":{"type":"MOCK","mockEndpoints":{"result-content":"ok"}}})");
  const Resource known = make_resource(Address::api("g", "GET", "/a", "NORMAL"), body);
  const auto differs = [&](const char* item) { return item_differs(*parse_json(item), known.body); };
  CHECK_FALSE(differs("{}"));
  CHECK_FALSE(differs(R"({"name":"one","req_method":"GET","req_uri":"/a","backend_type":"MOCK"})"));
  CHECK_FALSE(differs(R"({"name":"one","req_method":"GET","req_uri":"/a","auth_type":"NONE","remark":"d"})"));
  CHECK(differs(R"({"name":"two","req_method":"GET","req_uri":"/a"})"));
  CHECK(differs(R"({"name":"one","req_method":"GET","req_uri":"/a","remark":"other"})"));
  CHECK(differs(R"({"name":"one","req_method":"GET","req_uri":"/a","auth_type":"IAM"})"));
  CHECK(differs(R"({"name":"one","req_method":"GET","req_uri":"/a","req_protocol":"BOTH"})"));
  CHECK(
      differs(R"({"name":"one","req_method":"GET","req_uri":"/a","remark":"d","auth_type":"NONE","backend_type":"MOCK",
    "req_params":[],"mock_info":{"result_content":"other"}})"));
}

TEST_CASE("what only newer gateways have is translated too") {
  const Value definition = *parse_json(R"({"name":"x","req_method":"GET","req_uri":"/a","auth_type":"NONE","type":1,
    "backend_type":"HTTP","backend_api":{"vpc_channel_status":4,"vpc_channel_info":{"vpc_channel_id":"c1"},"timeout":7,
    "retry_count":3,"remark":"","member_group_url_infos":[{"member_group_id":"m1","req_protocol":"HTTP","req_method":"GET",
    "req_uri":"/in"}]},"body_remark":"seen","orchestrations":null,
    "req_params":[{"name":"q","location":"QUERY","type":"STRING","orchestrations":["rule1"],"required":2,"min_num":null}],
    "policy_https":[{"name":"p","effect_mode":"ANY","vpc_channel_info":{"vpc_channel_id":"c1"},"req_protocol":"HTTP",
    "req_method":"GET","req_uri":"/b","conditions":[{"condition_origin":"cookie","condition_type":"exact",
    "condition_value":"v","cookie_param_name":"session"},{"condition_origin":"orchestration",
    "condition_type":"exact","condition_value":"w","mapped_param_name":"mapped"}]}]})");
  CHECK(refers_to(definition, Referred::Channel));
  CHECK_FALSE(refers_to(definition, Referred::Authorizer));
  const Value document = document_of(definition, {{Referred::Channel, {{"c1", "inner"}, {"m1", "group-1"}}}});
  const Value* operation = document.find("paths")->find("/a")->find("get");
  REQUIRE(operation != nullptr);
  CHECK(write_json_sorted(*operation->find("x-apigateway-backend")) ==
        R"({"httpVpcMemberGroupEndpoints":{"memberGroupUrlInfos":[{"method":"GET","name":"group-1","path":"/in",)"
        R"("scheme":"http"}],"name":"inner","retryCount":"3","timeout":7},"type":"HTTP-VPC-MEMBER-GROUP"})");
  CHECK(write_json_sorted(*operation->find("parameters")) ==
        R"([{"in":"query","name":"q","required":false,"type":"string","x-apigateway-orchestrations":["rule1"]}])");
  const Value policy = operation->find("x-apigateway-backend-policies")->items()[0];
  CHECK(policy.text("type") == "HTTP-VPC");
  CHECK(policy.find("httpVpcEndpoints")->text("name") == "inner");
  CHECK(policy.find("conditions")->items()[0].text("parameter") == "session");
  CHECK(policy.find("conditions")->items()[1].text("parameter") == "mapped");
}

TEST_CASE("an answer that is no definition is refused") {
  for (const char* body : {"", "[]", "{}", R"({"req_method":"GET"})", "<html>"}) {
    HttpResponse answer{200, {}, body};
    CHECK_FALSE(read_api(answer));
  }
}

}  // namespace
}  // namespace sluice::apig
