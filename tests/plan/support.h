// What the tests of plan/ share: short ways to write values, states and plans.
#pragma once

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "plan/canonical.h"
#include "plan/desired.h"
#include "plan/diff.h"
#include "plan/json.h"
#include "plan/plan.h"
#include "plan/risk.h"
#include "plan/strategy.h"
#include "plan/yaml.h"

namespace sluice::test {

inline Value json(std::string_view text) {
  auto value = parse_json(text);
  INFO(text);
  REQUIRE(value);
  return *value;
}

/// One finding a line: "file:line:column: error code: summary detail".
inline std::string text_of(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    text += to_string(d.at) + ": " + (d.severity == Severity::Error ? "error " : "warning ") + d.code + ": " +
            d.summary + " " + d.detail + "\n";
  }
  return text;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// A whole API body: served by HTTP, open to all.
inline Value body(std::string_view method, std::string_view path, std::string_view name) {
  Value backend = json(R"({"type": "HTTP", "httpEndpoints": {"address": "pets.internal:8080"}})");
  Value endpoints = *backend.find("httpEndpoints");
  endpoints.set("method", method).set("path", path);
  backend.set("httpEndpoints", endpoints);
  Value result = Value::object();
  result.set("method", method).set("path", path).set("operationId", name);
  return result.set("x-apigateway-backend", std::move(backend));
}

/// `value` with one member replaced.
inline Value with(Value value, std::string_view key, Value member) { return value.set(key, std::move(member)); }

/// `body` with another member of its HTTP endpoint.
inline Value with_endpoint(Value body, std::string_view key, Value member) {
  Value backend = *body.find("x-apigateway-backend");
  Value endpoint = *backend.find("httpEndpoints");
  backend.set("httpEndpoints", endpoint.set(key, std::move(member)));
  return body.set("x-apigateway-backend", std::move(backend));
}

inline Resource api(const Value& body, std::string_view group = "pets") {
  const Value* mode = body.find("x-apigateway-match-mode");
  const std::string match_mode = mode != nullptr ? mode->as_string() : "NORMAL";
  return make_resource(Address::api(group, body.text("method"), body.text("path"), match_mode), body);
}

inline Resource group(std::string_view name = "pets", std::string_view description = "") {
  return make_resource(Address::group(name), Value::object({{"name", name, 0}, {"description", description, 0}}));
}

/// `api` as it is served in `environment`.
inline Resource published(const Resource& api, std::string_view environment = "RELEASE") {
  return {Address::publication(api.address, environment), api.body, api.digest};
}

inline ResourceMap resources(const std::vector<Resource>& list) {
  ResourceMap map;
  for (const Resource& resource : list) map.emplace(resource.address, resource);
  return map;
}

inline DesiredState desired(const std::vector<Resource>& list) { return {resources(list)}; }
inline LiveState live(const std::vector<Resource>& list) { return {resources(list)}; }

/// What an apply that left `list` would have recorded.
inline Baseline base(const std::vector<Resource>& list) {
  Baseline baseline;
  for (Resource resource : list) {
    const bool publication = resource.address.type() == "publication";
    const Value recorded = publication ? Value::object({{"definition", resource.digest, 0}}) : resource.body;
    baseline.bodies.emplace(resource.address, write_json(recorded));
    resource.body = Value();
    baseline.resources.emplace(resource.address, resource);
  }
  return baseline;
}

inline DiffOptions options(std::vector<std::string> environments = {}) {
  DiffOptions result;
  result.environments = std::move(environments);
  return result;
}

/// One change a line: "update api.pets[…] pending: reason", each field below it.
inline std::string text_of(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += std::string(to_string(change.action)) + " " + change.address.text() + " " +
            std::string(to_string(change.origin)) + ": " + change.reason + "\n";
    for (const FieldChange& field : change.fields) {
      text += "  " + field.path + " " + write_json(field.before) + " -> " + write_json(field.after) + " " +
              std::string(to_string(field.origin)) + "\n";
    }
  }
  return text;
}

/// One step a line: "1 import merge: api.pets[…]=created …".
inline std::string text_of(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    text += std::to_string(step.id) + " " + std::string(to_string(step.kind));
    if (step.kind == StepKind::Import) text += " " + std::string(to_string(step.api_mode));
    if (!step.environment.empty()) text += " in " + step.environment;
    text += ":";
    for (const Prediction& prediction : step.predicted) {
      text += " " + prediction.address.text() + "=" + std::string(to_string(prediction.effect));
    }
    text += "\n";
  }
  return text;
}

inline GatewayIdentity gateway() { return {"apig", "https://apig.example.com", "p1", "i1"}; }

/// The plan of the group `pets`, as a run would make it.
inline Plan plan_of(const Baseline& base, const DesiredState& desired, const LiveState& live,
                    const DiffOptions& options, const Capabilities& capabilities = {}) {
  Plan plan;
  plan.gateway = gateway();
  PlannedGroup planned{
      .name = "pets", .owner = "team-pets", .environments = options.environments, .records = {}, .forgets = {}};
  for (const auto& [address, resource] : base.resources) planned.owned += address.type() == "api" ? 1U : 0U;
  GroupDiff diff = diff_group(base, desired, live, options);
  std::vector<Step> steps = choose_steps(diff, live, "pets", capabilities, {}, Deletions::Last, options.modes);
  add_group(plan, std::move(planned), std::move(diff), std::move(steps));
  judge(plan, {});
  finish(plan);
  return plan;
}

/// A plan with one of everything: each action, origin and step, an adopted and an unmanaged API.
inline Plan plan_of_everything() {
  const auto described = [](std::string_view path, const char* description) {
    return with(body("GET", path, "op_" + std::string(path.substr(1))), "description", description);
  };
  const Resource updated = api(with_endpoint(described("/updated", "a"), "timeout", 5000));
  const Resource drifted = api(described("/drifted", "as applied"));
  const Resource conflicting = api(described("/conflicting", "as applied"));
  const Resource deleted = api(described("/deleted", ""));
  const Resource vanished = api(described("/vanished", ""));
  const Resource served = api(described("/served", ""));
  const Resource recorded = api(described("/recorded", "a"));
  Resource wanted =
      api(with_endpoint(with(described("/updated", "a"), "schemes", json(R"(["http"])")), "timeout", 3000));
  Resource created = api(described("/created", "made here"));
  wanted.source = {"pets.yaml", 14, 7};
  created.source = {"pets.yaml", 20, 7};
  DiffOptions how = options({"RELEASE"});
  how.adopt = {"api.pets[\"GET /adopted\"]"};
  how.list_unchanged = true;
  return plan_of(
      base({group("pets", "old"), updated, drifted, conflicting, deleted, vanished, served, recorded,
            published(deleted), published(served), published(served, "TEST"), published(recorded)}),
      desired({group("pets", "new"), wanted, created, drifted, api(described("/conflicting", "in the files")), served,
               api(described("/adopted", "ours")), api(described("/recorded", "b"))}),
      live({group("pets", "old"), updated, api(described("/drifted", "by hand")),
            api(described("/conflicting", "by hand")), deleted, published(deleted), served, published(served, "TEST"),
            api(described("/adopted", "theirs")), api(with(described("/recorded", "b"), "x-later", 1)),
            published(api(described("/recorded", "b"))), api(described("/hand-made", ""))}),
      how);
}

/// A plan of policies, bindings and a group response: a policy each made, changed and deleted; an API that is bound to
/// another one from now on.
inline Plan plan_of_policies() {
  const auto ratelimit = [](std::string_view name, int limit) {
    Resource resource =
        make_resource(Address::ratelimit(name), Value::object({{"api-limit", limit, 0}, {"unit", "DAY", 0}}));
    resource.source = {"sluice.yaml", 5, 3};
    return resource;
  };
  const auto bound_to = [](std::string_view name) {
    return api(with(body("GET", "/bound", "op_bound"), "x-apigateway-ratelimit", name));
  };
  const Resource was = bound_to("gold");
  const Resource teapot =
      make_resource(Address::response("pets", "teapot"), json(R"({"THROTTLED": {"status": 418, "body": "slow"}})"));
  DesiredState policies = desired({ratelimit("gold", 10), ratelimit("silver", 5)});
  policies.users[Address::ratelimit("silver")] = {{was.address.text(), was.address.text()}};
  LiveState live_policies = live({ratelimit("gold", 100), ratelimit("bronze", 1)});
  live_policies.users[Address::ratelimit("gold")] = {{"id1", was.address.text()}, {"id2", "api.theirs[\"GET /x\"]"}};
  const LiveState live_group = live({group(), was, published(was)});
  GroupDiff gateway_diff =
      diff_group(base({ratelimit("gold", 100), ratelimit("bronze", 1)}), policies, live_policies, options());
  GroupDiff group_diff = diff_group(base({group(), was, published(was)}),
                                    desired({group(), bound_to("silver"), teapot}), live_group, options({"RELEASE"}));
  PolicySteps steps = choose_policy_steps(gateway_diff, policies, "pets");
  Plan plan;
  plan.gateway = gateway();
  std::vector<Step> group_steps = choose_steps(group_diff, live_group, "pets", {}, policies);
  add_group(plan, {.name = "pets", .owner = "team-pets", .environments = {"RELEASE"}, .records = {}, .forgets = {}},
            std::move(group_diff), with_policy_steps(std::move(group_steps), std::move(steps.by_group["pets"])));
  add_group(plan, {.name = "", .owner = "", .environments = {}, .records = {}, .forgets = {}}, std::move(gateway_diff),
            std::move(steps.deletions));
  judge(plan, {});
  finish(plan);
  return plan;
}

/// Random bodies from a seed, the same ones everywhere.
class BodyGenerator {
 public:
  explicit BodyGenerator(unsigned seed) : random_(seed) {}

  /// An API body in some spelling: every field of the schema table may be there or not. Never two with one path.
  Value next() {
    const std::string path = "/p" + std::to_string(++count_) + (chance(2) ? "/{id}" : "");
    Value api = Value::object();
    api.set("method", pick({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY"})).set("path", path);
    if (chance(3)) api.set("x-apigateway-match-mode", pick({"NORMAL", "SWA"}));
    api.set("operationId", "op_" + std::to_string(count_));
    if (chance(2)) api.set("description", pick({"", "Lists pets", "quote \" slash \\ tab \t", "bună ziua €"}));
    if (chance(2)) api.set("tags", texts({"b", "a", "c", "a"}));
    if (chance(2)) api.set("schemes", texts({"https", "HTTP", "http"}));
    if (chance(2)) api.set("security", security());
    if (chance(2) || path.ends_with('}')) api.set("parameters", parameters(path.ends_with('}')));
    if (chance(3)) api.set("x-apigateway-request-type", pick({"public", "private", "PUBLIC"}));
    if (chance(3)) api.set("x-apigateway-cors", chance(2) ? Value(true) : Value("false"));
    if (chance(4)) api.set("x-apigateway-content-type", "application/JSON");
    if (chance(4)) api.set("x-apigateway-is-send-fg-body-base64", true);
    if (chance(3)) api.set("x-apigateway-response", pick({"default", "other", ""}));
    if (chance(3)) api.set("x-apigateway-ratelimit", pick({"gold", ""}));
    if (chance(4)) api.set("x-apigateway-access-control", "office");
    if (chance(4)) api.set("x-apigateway-plugins", texts({"b", "a"}));
    if (chance(3)) api.set("x-apigateway-result-normal-sample", "{\"a\": 1}");
    if (chance(3)) api.set("x-apigateway-result-failure-sample", "no");
    api.set("x-apigateway-backend", backend());
    if (chance(3)) api.set("x-apigateway-backend-policies", policies());
    if (chance(3)) api.set("x-later", json(R"({"b": [1, null], "a": 2})"));
    shuffle(api.mutable_members());
    return api;
  }

  template <typename List>
  void shuffle(List& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random_() % i]);
  }

 private:
  bool chance(unsigned of) { return random_() % of == 0; }
  std::string pick(std::vector<std::string> choices) { return choices[random_() % choices.size()]; }
  Value texts(std::vector<std::string> choices) {
    Value list = Value::array();
    for (const std::string& choice : choices) {
      if (chance(2)) list.push(choice);
    }
    return list;
  }

  Value security() {
    const std::string type = pick({"none", "app", "IAM", "authorizer"});
    Value auth = Value::object();
    auth.set("type", type);
    if (type == "app" && chance(2)) auth.set("app_code", pick({"header", "disable", "HEADER"}));
    if (type == "authorizer") auth.set("authorizer", "custom_" + std::to_string(count_ % 3));
    return auth;
  }

  Value parameters(bool with_variable) {
    Value::Array list;
    if (with_variable) list.push_back(json(R"({"in": "PATH", "name": "id", "required": true})"));
    for (const char* name : {"limit", "X-Trace", "offset"}) {
      if (chance(2)) continue;
      Value parameter = Value::object();
      parameter.set("in", name[0] == 'X' ? pick({"header", "HEADER"}) : "query").set("name", name);
      parameter.set("type", pick({"string", "number"}));
      if (chance(2)) parameter.set("required", chance(2));
      if (chance(3)) parameter.set("default", chance(2) ? Value(20) : Value("x"));
      if (chance(3)) parameter.set("enum", texts({"c", "a", "b"}));
      if (chance(3)) parameter.set("minimum", chance(2) ? Value(0) : Value("1"));
      if (chance(3)) parameter.set("maximum", chance(2) ? Value(100.0) : Value(2.5));
      if (chance(3)) parameter.set("maxLength", 10);
      if (chance(3)) parameter.set("x-apigateway-pass-through", pick({"always", "never"}));
      if (chance(4)) parameter.set("x-apigateway-orchestrations", texts({"two", "one"}));
      if (chance(4)) parameter.set("x-later", "kept");
      list.push_back(std::move(parameter));
    }
    shuffle(list);
    return Value::array(std::move(list));
  }

  Value backend() {
    const std::string type = pick({"HTTP", "http-vpc", "FUNCTION", "MOCK"});
    Value result = Value::object();
    result.set("type", type);
    if (type == "HTTP") {
      Value endpoint = json(R"({"address": "a.b:80", "path": "/x", "method": "get"})");
      if (chance(2)) endpoint.set("timeout", chance(2) ? Value("3000") : Value(3000.0));
      if (chance(2)) endpoint.set("scheme", pick({"http", "HTTPS"}));
      if (chance(3)) endpoint.set("retryCount", chance(2) ? Value(-1) : Value("2"));
      if (chance(4)) endpoint.set("later", 1);
      result.set("httpEndpoints", std::move(endpoint));
      if (chance(4)) result.set("mockEndpoints", json(R"({"result-content": "left over"})"));
    } else if (type == "http-vpc") {
      result.set("httpVpcEndpoints", json(R"({"name": "vpc_one", "path": "/x", "method": "GET", "host": ""})"));
    } else if (type == "FUNCTION") {
      Value endpoint = json(R"({"function-urn": "urn:fss:f", "version": "latest"})");
      endpoint.set("invocation-type", pick({"sync", "synchronous", "ASYNC", "asynchronous"}));
      result.set("functionEndpoints", std::move(endpoint));
    } else {
      result.set("mockEndpoints", chance(2) ? Value::object() : json(R"({"result-content": "ok"})"));
    }
    if (chance(2)) {
      Value::Array mappings = {json(R"({"in": "HEADER", "name": "X-A", "origin": "constant", "value": "1"})"),
                               json(R"({"in": "query", "name": "q", "origin": "REQUEST", "value": "limit"})")};
      shuffle(mappings);
      result.set("parameters", Value::array(std::move(mappings)));
    }
    return result;
  }

  Value policies() {
    Value policy = json(R"({"type": "MOCK", "mockEndpoints": {"result-content": "p"}})");
    policy.set("name", pick({"night", "day"})).set("effectMode", pick({"ALL", "any"}));
    Value::Array conditions = {json(R"({"origin": "source", "value": "10.0.0.0/8"})")};
    if (chance(2)) conditions.push_back(json(R"({"origin":"param","parameter":"limit","type":"equal","value":"1"})"));
    if (chance(2)) conditions.push_back(json(R"({"origin":"request","parameter":"offset","value":"2"})"));
    shuffle(conditions);
    return Value::array({policy.set("conditions", Value::array(std::move(conditions)))});
  }

  std::mt19937 random_;
  int count_ = 0;
};

}  // namespace sluice::test
