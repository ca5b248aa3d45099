#include "plan/risk.h"

#include <set>

#include "plan/words.h"
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::json;
using test::with;

/// An API with a parameter of each kind, a mapping to its backend, and a backend policy.
Value whole() {
  Value body = test::body("GET", "/pets/{id}", "getPet");
  body.set("x-apigateway-plugins", json(R"(["one"])")).set("x-apigateway-ratelimit", "gold");
  body.set("x-apigateway-access-control", "office");
  body.set("security", json(R"({"type": "APP"})"));
  body.set("parameters", json(R"([{"in": "path", "name": "id", "required": true},
      {"in": "query", "name": "limit", "type": "number", "default": "10", "minimum": 2, "maximum": 50},
      {"in": "query", "name": "sort", "enum": ["a", "b"], "minLength": 2, "maxLength": 5},
      {"in": "header", "name": "X-Kind", "required": true}])"));
  Value backend = *body.find("x-apigateway-backend");
  backend.set("parameters", json(R"([{"in": "path", "name": "id", "origin": "REQUEST", "value": "id"},
      {"in": "query", "name": "l", "origin": "REQUEST", "value": "limit"},
      {"in": "header", "name": "X-Const", "origin": "CONSTANT", "value": "1"}])"));
  body.set("x-apigateway-backend", backend);
  return test::with_endpoint(body, "timeout", 5000);
}

/// The body of `whole` with a value at a pointer; null takes it away. Elements of lists are found by their last key.
Value changed(Value value, std::string_view pointer, const Value& to) {
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  const std::string token = replaced(replaced(std::string(pointer.substr(1, end - 1)), "~1", "/"), "~0", "~");
  const std::string_view rest = pointer.substr(end);
  if (value.is_array()) {
    Value::Array items;
    bool found = false;
    for (const Value& item : value.items()) {
      const bool here = token == std::string(item.text("in")) + ":" + std::string(item.text("name"));
      found = found || here;
      if (!here) items.push_back(item);
      if (here && !rest.empty()) items.push_back(changed(item, rest, to));
      if (here && rest.empty() && !to.is_null()) items.push_back(to);
    }
    if (!found && !to.is_null()) items.push_back(to);
    return Value::array(std::move(items));
  }
  if (rest.empty() && to.is_null()) {
    value.erase(token);
    return value;
  }
  const Value* inner = value.find(token);
  return value.set(token, rest.empty() ? to : changed(inner != nullptr ? *inner : Value::object(), rest, to));
}

Resource ratelimit(std::string_view name, std::string_view body) {
  return make_resource(Address::ratelimit(name), json(body));
}
Resource acl(std::string_view name, std::string_view body) { return make_resource(Address::acl(name), json(body)); }

/// What the gateway has of policies.
ResourceMap policies() {
  return test::resources(
      {ratelimit("gold", R"({"api-limit": 100, "interval": 1, "unit": "SECOND"})"),
       ratelimit("tight", R"({"api-limit": 100, "interval": 1, "unit": "MINUTE"})"),
       ratelimit("wide", R"({"api-limit": 200, "interval": 1, "unit": "SECOND"})"),
       acl("office", R"({"acl-type": "PERMIT", "entity-type": "IP", "value": "10.0.0.1,10.0.0.2"})"),
       acl("wide", R"({"acl-type": "PERMIT", "entity-type": "IP", "value": "10.0.0.1,10.0.0.2,10.0.0.3"})")});
}

/// The plan that brings one resource from `before` to `after`, either of them null, judged.
Plan judged(const Address& address, const Value& before, const Value& after, const Judging& judging) {
  Plan plan;
  Change change{.address = address, .action = Action::Update};
  if (before.is_null()) change.action = Action::Create;
  if (after.is_null()) change.action = Action::Delete;
  change.before = before;
  change.after = after;
  const std::string_view type = address.type() == "publication" ? std::string_view("api") : address.type();
  if (change.action == Action::Update) change.fields = differences(type, before, after);
  plan.changes.push_back(std::move(change));
  judge(plan, judging);
  return plan;
}

Plan judged(const Address& address, const Value& before, const Value& after) {
  return judged(address, before, after, {.settings = {}, .policies = policies(), .today = "2026-11-24"});
}

const Address kApi = Address::api("pets", "GET", "/pets/{id}", "NORMAL");

/// "rule rule" of all fields, without those that are under none.
std::string rules_of(const Plan& plan) {
  std::set<std::string> rules;
  for (const FieldChange& field : plan.changes[0].fields) {
    if (!field.rule.empty()) rules.insert(field.rule);
  }
  std::string text;
  for (const std::string& rule : rules) text += (text.empty() ? "" : " ") + rule;
  return text;
}

struct ApiRow {
  const char* pointer;
  const char* before;  ///< JSON; "" leaves what `whole` has
  const char* after;
  const char* rules;
};

// Each rule has a row in which it fires, and one beside it in which it nearly does.
const ApiRow kApiRows[] = {
    {"/description", "", R"("new")", ""},
    {"/operationId", "", R"("other")", ""},
    {"/tags", "", R"(["t"])", ""},
    {"/x-apigateway-result-normal-sample", "", R"("sample")", ""},
    {"/schemes", R"(["http", "https"])", R"(["https"])", "protocol-removed"},
    {"/schemes", R"(["https"])", R"(["http", "https"])", "protocol-opened"},
    {"/schemes", R"(["http"])", R"(["http", "https"])", ""},
    {"/security", "", R"({"type": "NONE"})", "auth-weakened"},
    {"/security", R"({"type": "NONE"})", R"({"type": "APP"})", "auth-changed"},
    {"/security", "", R"({"type": "IAM"})", "auth-changed"},
    {"/security", "", R"({"type": "APP", "app_code": "header"})", "auth-weakened"},
    {"/security", R"({"type": "APP", "app_code": "header"})", R"({"type": "APP"})", "auth-changed"},
    {"/security", R"({"type": "APP", "app_code": "header"})", R"({"type": "NONE"})", "auth-weakened"},
    {"/security", R"({"type": "AUTHORIZER", "authorizer": "one"})", R"({"type": "AUTHORIZER", "authorizer": "two"})",
     "auth-changed"},
    {"/security", R"({"type": "AUTHORIZER", "authorizer": "one"})", R"({"type": "NONE"})", "auth-weakened"},
    {"/security", R"({"type": "APP", "app_code": "disable"})", R"({"type": "APP"})", ""},
    {"/parameters/query:new", "null", R"({"in": "query", "name": "new"})", ""},
    {"/parameters/query:new", "null", R"({"in": "query", "name": "new", "required": true})", "param-required-added"},
    {"/parameters/query:new", "null", R"({"in": "query", "name": "new", "required": true, "default": "1"})",
     "param-required-added"},
    {"/parameters/query:limit/required", "", "true", "param-required-added"},
    {"/parameters/header:X-Kind/required", "", "false", ""},
    {"/parameters/query:sort", "", "null", "param-removed"},
    {"/parameters/header:X-Kind", "", "null", "param-removed"},
    {"/parameters/query:sort/type", "", R"("number")", "param-type-narrowed"},
    {"/parameters/query:limit/type", "", R"("string")", ""},
    {"/parameters/query:limit/default", "", R"("20")", "param-default-changed"},
    {"/parameters/query:limit/default", "", "null", "param-default-changed"},
    {"/parameters/header:X-Kind/default", "", R"("20")", ""},
    {"/parameters/query:sort/enum", "", R"(["a"])", "enum-narrowed"},
    {"/parameters/query:sort/enum", "", R"(["a", "b", "c"])", ""},
    {"/parameters/query:sort/enum", "null", R"(["a"])", "enum-narrowed"},
    {"/parameters/query:sort/enum", "", "null", ""},
    {"/parameters/query:limit/maximum", "", "40", "param-limits-changed"},
    {"/parameters/query:limit/maximum", "", "60", ""},
    {"/parameters/query:limit/maximum", "", "null", ""},
    {"/parameters/query:limit/maximum", "null", "60", "param-limits-changed"},
    {"/parameters/query:limit/minimum", "", "3", "param-limits-changed"},
    {"/parameters/query:limit/minimum", "", "1", ""},
    {"/parameters/query:sort/minLength", "", "3", "param-limits-changed"},
    {"/parameters/query:sort/minLength", "", "1", ""},
    {"/parameters/query:sort/maxLength", "", "4", "param-limits-changed"},
    {"/parameters/query:sort/maxLength", "", "6", ""},
    {"/parameters/query:sort/description", "", R"("new")", ""},
    {"/parameters/query:sort/x-apigateway-sample", "", R"("new")", ""},
    {"/parameters/query:sort/x-apigateway-pass-through", "", R"("never")", "pass-through-changed"},
    {"/parameters/query:sort/x-apigateway-pass-through", R"("never")", R"("always")", "pass-through-changed"},
    {"/parameters/query:sort/x-apigateway-orchestrations", "", R"(["one"])", "backend-request-changed"},
    {"/x-apigateway-backend/httpEndpoints/address", "", R"("b:81")", "backend-moved"},
    {"/x-apigateway-backend/httpEndpoints/scheme", "", R"("https")", "backend-moved"},
    {"/x-apigateway-backend/httpEndpoints/path", "", R"("/other/{id}")", "backend-moved"},
    {"/x-apigateway-backend/httpEndpoints/description", "", R"("new")", ""},
    {"/x-apigateway-backend/httpEndpoints/timeout", "", "4999", "timeout-lowered"},
    {"/x-apigateway-backend/httpEndpoints/timeout", "", "5001", ""},
    {"/x-apigateway-backend/httpEndpoints/retryCount", "", R"("2")", "retries-changed"},
    {"/x-apigateway-backend/httpEndpoints/enableClientSsl", "", "true", "backend-auth-changed"},
    {"/x-apigateway-backend/parameters/header:X-Const/value", "", R"("2")", "backend-request-changed"},
    {"/x-apigateway-backend/parameters/header:X-Const/description", "", R"("2")", ""},
    {"/x-apigateway-backend/parameters/header:X-Const", "", "null", "backend-request-changed"},
    {"/x-apigateway-backend/parameters/header:X-New", "null",
     R"({"in": "header", "name": "X-New", "origin": "CONSTANT", "value": "1"})", ""},
    {"/x-apigateway-backend", "", R"({"type": "MOCK", "mockEndpoints": {"result-content": "a"}})",
     "backend-moved backend-request-changed"},
    {"/x-apigateway-backend", R"({"type": "MOCK", "mockEndpoints": {"result-content": "a"}})",
     R"({"type": "MOCK", "mockEndpoints": {"result-content": "b"}})", "response-changed"},
    {"/x-apigateway-backend", R"({"type": "FUNCTION", "functionEndpoints": {"function-urn": "u"}})",
     R"({"type": "FUNCTION", "functionEndpoints": {"function-urn": "u", "invocation-type": "async"}})", "made-async"},
    {"/x-apigateway-backend",
     R"({"type": "FUNCTION", "functionEndpoints": {"function-urn": "u", "invocation-type": "async"}})",
     R"({"type": "FUNCTION", "functionEndpoints": {"function-urn": "u"}})", "response-changed"},
    {"/x-apigateway-backend-policies", "null",
     R"([{"name": "p", "type": "MOCK", "conditions": [{"value": "10.0.0.1"}], "mockEndpoints": {}}])", "backend-moved"},
    {"/x-apigateway-request-type", "", R"("private")", "made-private"},
    {"/x-apigateway-request-type", R"("private")", R"("public")", "made-public"},
    {"/x-apigateway-cors", "", "true", "cors-opened"},
    {"/x-apigateway-cors", "true", "false", "cors-closed"},
    {"/x-apigateway-content-type", "", R"("text/plain")", "content-type-changed"},
    {"/x-apigateway-is-send-fg-body-base64", "", "true", "backend-request-changed"},
    {"/x-apigateway-response", "", R"("teapot")", "response-changed"},
    {"/x-apigateway-response", "", R"("default")", ""},
    {"/x-apigateway-plugins", "", R"(["one", "two"])", "plugin-added"},
    {"/x-apigateway-plugins", "", "null", "plugin-removed"},
    {"/x-apigateway-ratelimit", "null", R"("gold")", "throttle-tightened"},
    {"/x-apigateway-ratelimit", "", "null", "throttle-loosened"},
    {"/x-apigateway-ratelimit", "", R"("tight")", "throttle-tightened"},
    {"/x-apigateway-ratelimit", "", R"("wide")", "throttle-loosened"},
    {"/x-apigateway-ratelimit", "", R"("unknown")", "throttle-tightened"},
    {"/x-apigateway-access-control", "null", R"("office")", "acl-tightened"},
    {"/x-apigateway-access-control", "", "null", "acl-loosened"},
    {"/x-apigateway-access-control", "", R"("wide")", "acl-loosened"},
    {"/x-apigateway-access-control", R"("wide")", R"("office")", "acl-tightened"},
};

Plan judged(const ApiRow& row) {
  const Value before = *row.before == '\0' ? whole() : changed(whole(), row.pointer, json(row.before));
  const Value after = changed(whole(), row.pointer, json(row.after));
  return judged(kApi, canonical(before, kApiSchema.fields), canonical(after, kApiSchema.fields));
}

struct PolicyRow {
  const char* type;
  const char* before;
  const char* after;
  const char* rules;
};

const PolicyRow kPolicyRows[] = {
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})", R"({"api-limit": 99, "unit": "SECOND"})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})", R"({"api-limit": 101, "unit": "SECOND"})",
     "throttle-loosened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})", R"({"api-limit": 100, "unit": "MINUTE"})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "MINUTE"})", R"({"api-limit": 100, "unit": "SECOND"})",
     "throttle-loosened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})", R"({"api-limit": 6000, "unit": "MINUTE"})",
     "throttle-loosened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})", R"({"api-limit": 5999, "unit": "MINUTE"})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 6000, "unit": "MINUTE"})", R"({"api-limit": 100, "unit": "SECOND"})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})", R"({"api-limit": 100, "interval": 2, "unit": "SECOND"})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})", R"({"api-limit": 100, "unit": "SECOND", "ip-limit": 50})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND", "ip-limit": 50})", R"({"api-limit": 100, "unit": "SECOND"})",
     "throttle-loosened"},
    {"ratelimit", R"({"api-limit": 100, "unit": "SECOND"})",
     R"({"api-limit": 100, "unit": "SECOND", "special": [{"type": "APP", "instance": "a", "limit": 10}]})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 100, "app-limit": 5, "unit": "SECOND"})",
     R"({"api-limit": 100, "app-limit": 5, "unit": "SECOND", "special": [{"type": "APP", "instance": "a", "limit": 9}]})",
     "throttle-loosened"},
    {"ratelimit", R"({"api-limit": 9, "unit": "SECOND", "special": [{"type": "APP", "instance": "a", "limit": 5}]})",
     R"({"api-limit": 9, "unit": "SECOND", "special": [{"type": "APP", "instance": "a", "limit": 4}]})",
     "throttle-tightened"},
    {"ratelimit", R"({"api-limit": 9, "unit": "SECOND"})", R"({"api-limit": 9, "unit": "SECOND", "shared": true})",
     "throttle-tightened"},
    {"acl", R"({"acl-type": "PERMIT", "value": "a,b"})", R"({"acl-type": "PERMIT", "value": "a"})", "acl-tightened"},
    {"acl", R"({"acl-type": "PERMIT", "value": "a"})", R"({"acl-type": "PERMIT", "value": "b,a"})", "acl-loosened"},
    {"acl", R"({"acl-type": "DENY", "value": "a"})", R"({"acl-type": "DENY", "value": "a,b"})", "acl-tightened"},
    {"acl", R"({"acl-type": "DENY", "value": "a,b"})", R"({"acl-type": "DENY", "value": "a"})", "acl-loosened"},
    {"acl", R"({"acl-type": "PERMIT", "value": "a"})", R"({"acl-type": "DENY", "value": "a"})", "acl-tightened"},
    {"response", R"({"THROTTLED": {"status": 429, "body": "slow"}})",
     R"({"THROTTLED": {"status": 418, "body": "slow"}})", "response-changed"},
};

Plan judged(const PolicyRow& row) {
  const std::string_view type = row.type;
  const Address address = type == "acl"        ? Address::acl("one")
                          : type == "response" ? Address::response("pets", "one")
                                               : Address::ratelimit("one");
  const auto fields = schema_of(type).fields;
  return judged(address, canonical(json(row.before), fields), canonical(json(row.after), fields));
}

Judging with_settings(RiskSettings settings, const std::string& group = "pets") {
  return {.settings = {{group, std::move(settings)}}, .policies = policies(), .today = "2026-11-24"};
}

}  // namespace

TEST_CASE("each field of an API is judged by what it means for callers") {
  for (const ApiRow& row : kApiRows) {
    INFO(row.pointer << ": " << row.before << " -> " << row.after);
    CHECK(rules_of(judged(row)) == row.rules);
  }
}

TEST_CASE("a definition that others share is judged by its limits together") {
  for (const PolicyRow& row : kPolicyRows) {
    INFO(row.before << " -> " << row.after);
    CHECK(rules_of(judged(row)) == row.rules);
  }
}

TEST_CASE("deletions are judged as a whole") {
  const Value body = canonical(whole(), kApiSchema.fields);
  CHECK(judged(kApi, body, Value()).changes[0].rule == "api-removed");
  CHECK(judged(kApi, body, Value()).changes[0].risk == Risk::Breaking);
  const Plan offline = judged(Address::publication(kApi, "RELEASE"), body, Value());
  CHECK(offline.changes[0].rule == "unpublished");
  CHECK(judged(Address::group("pets"), json(R"({"name": "pets"})"), Value()).changes[0].rule.empty());
  CHECK(judged(kApi, Value(), body).changes[0].rule.empty());
  Plan moved = judged(kApi, body, Value());
  moved.changes[0].rule = "api-moved";
  judge(moved, {});
  CHECK(moved.changes[0].rule == "api-moved");
  CHECK(moved.changes[0].risk == Risk::Breaking);
}

TEST_CASE("a variable with another name is no risk, unless it takes other values or goes elsewhere") {
  const std::string renamed = replaced(write_json(whole()), "{id}", "{petId}");
  const std::string mapped =
      replaced(replaced(renamed, R"("name":"id")", R"("name":"petId")"), R"("value":"id")", R"("value":"petId")");
  const Value before = canonical(whole(), kApiSchema.fields);
  const auto after = [](const std::string& text) { return canonical(json(text), kApiSchema.fields); };
  CHECK(rules_of(judged(kApi, before, after(mapped))) == "path-changed");
  const std::string narrowed = replaced(mapped, R"("in":"path","name":"petId","required":true)",
                                        R"("in":"path","name":"petId","required":true,"type":"number")");
  REQUIRE(narrowed != mapped);
  CHECK(rules_of(judged(kApi, before, after(narrowed))) == "param-type-narrowed path-changed");
  const std::string elsewhere =
      replaced(mapped, R"("origin":"REQUEST","value":"petId")", R"("origin":"CONSTANT","value":"7")");
  REQUIRE(elsewhere != mapped);
  CHECK(rules_of(judged(kApi, before, after(elsewhere))) == "backend-moved backend-request-changed path-changed");
}

TEST_CASE("variables of a path that change places take other values and go elsewhere") {
  Value body = test::body("GET", "/a/{x}/{y}", "get_a");
  body.set("parameters", json(R"([{"in": "path", "name": "x", "required": true, "type": "number"},
                                  {"in": "path", "name": "y", "required": true}])"));
  const auto rules = [](const Value& before) {
    const std::string swapped = replaced(write_json(before), "/a/{x}/{y}", "/a/{y}/{x}");
    return rules_of(judged(Address::api("pets", "GET", "/a/{x}/{y}", "NORMAL"), canonical(before, kApiSchema.fields),
                           canonical(json(swapped), kApiSchema.fields)));
  };
  CHECK(rules(test::with_endpoint(body, "path", "/b")) == "param-type-narrowed");
  body.set("parameters",
           json(R"([{"in": "path", "name": "x", "required": true}, {"in": "path", "name": "y", "required": true}])"));
  CHECK(rules(test::with_endpoint(body, "path", "/b")) == "path-changed");
  Value backend = *test::with_endpoint(body, "path", "/b/{x}").find("x-apigateway-backend");
  backend.set("parameters", json(R"([{"in": "path", "name": "x", "origin": "REQUEST", "value": "x"}])"));
  body.set("x-apigateway-backend", backend);
  CHECK(rules(body) == "backend-request-changed");
}

TEST_CASE("every rule of the table fires somewhere, and no other does") {
  std::set<std::string_view> fired = {"api-moved", "api-removed", "unpublished", "path-changed"};  // in the cases above
  const auto note = [&](const Plan& plan) {
    for (const FieldChange& field : plan.changes[0].fields) {
      if (!field.rule.empty()) fired.insert(find_risk_rule(field.rule)->id);
    }
  };
  for (const ApiRow& row : kApiRows) note(judged(row));
  for (const PolicyRow& row : kPolicyRows) note(judged(row));
  std::set<std::string_view> known;
  std::string_view last;
  for (const RiskRule& rule : risk_rules()) {
    CHECK(last < rule.id);
    last = rule.id;
    known.insert(rule.id);
    CHECK(rule.sentence.ends_with('.'));
    CHECK(test::contains(risk_table(), rule.sentence));
  }
  CHECK(fired == known);
}

TEST_CASE("the worst field makes the risk of a change, and fields say why") {
  const Value before = canonical(test::body("GET", "/a", "abc"), kApiSchema.fields);
  Value after = test::with_endpoint(before, "timeout", 3000);
  after.set("x-apigateway-cors", true).set("schemes", json(R"(["http"])")).set("description", "new");
  const Plan plan = judged(Address::api("pets", "GET", "/a", "NORMAL"), before, after);
  CHECK(plan.changes[0].risk == Risk::Breaking);
  CHECK(plan.changes[0].rule == "protocol-removed");
  CHECK(risk_sentence("protocol-removed") == "Calls by the protocol that goes away fail.");
}

TEST_CASE("the manifest's severities win over the table's") {
  const Value before = canonical(test::body("GET", "/a", "abc"), kApiSchema.fields);
  const Value after = test::with_endpoint(with(before, "x-apigateway-cors", true), "timeout", 3000);
  const Address api = Address::api("pets", "GET", "/a", "NORMAL");
  const RiskSettings settings{{{"timeout-lowered", Risk::Safe}, {"cors-opened", Risk::Breaking}}, {}};
  const Plan plan = judged(api, before, after, with_settings(settings));
  CHECK(plan.changes[0].risk == Risk::Breaking);
  CHECK(plan.changes[0].rule == "cors-opened");
  CHECK(plan.changes[0].fields[1].risk == Risk::Safe);
  CHECK(judged(api, before, after, with_settings(settings, "other")).changes[0].risk == Risk::Warning);
}

TEST_CASE("an accepted risk counts as safe until its day is past") {
  const Value body = canonical(whole(), kApiSchema.fields);
  const auto judged_with = [&](const AcceptedRisk& entry) {
    return judged(kApi, body, Value(), with_settings({{}, {entry}}));
  };
  const AcceptedRisk entry{"api-removed", "GET /pets/*", "nobody calls it", "2026-11-24", {"sluice.yaml", 7, 9}};
  const Plan plan = judged_with(entry);
  CHECK(plan.changes[0].risk == Risk::Safe);
  CHECK(plan.changes[0].rule == "api-removed");
  CHECK(plan.changes[0].accepted.risk == Risk::Breaking);
  CHECK(plan.changes[0].accepted.reason == "nobody calls it");
  CHECK(summarize(plan).breaking == 0);
  CHECK(plan.findings.empty());

  AcceptedRisk past = entry;
  past.until = "2026-11-23";
  const Plan late = judged_with(past);
  CHECK(late.changes[0].risk == Risk::Breaking);
  CHECK_FALSE(late.changes[0].accepted.given());
  CHECK(test::text_of(late.findings) ==
        "sluice.yaml:7:9: warning risk-accept-expired: The risk api-removed of GET /pets/* was accepted until "
        "2026-11-23, "
        "which is past: it counts again. Give it a later date, or take the entry out.\n");

  AcceptedRisk other = entry;
  other.api = "GET /owners/*";
  CHECK(judged_with(other).changes[0].risk == Risk::Breaking);
  other = entry;
  other.rule = "cors-closed";
  CHECK(judged_with(other).changes[0].risk == Risk::Breaking);
  other = entry;
  other.api.clear();
  other.until.clear();
  CHECK(judged_with(other).changes[0].risk == Risk::Safe);
}

TEST_CASE("of a safe and a breaking field the breaking one counts, whatever is accepted") {
  const Value before = canonical(with(test::body("GET", "/a", "abc"), "x-apigateway-cors", true), kApiSchema.fields);
  Value after = test::with_endpoint(before, "timeout", 3000);
  after.set("x-apigateway-cors", false);
  const Plan plan = judged(Address::api("pets", "GET", "/a", "NORMAL"), before, canonical(after, kApiSchema.fields),
                           with_settings({{}, {{"cors-closed", "", "no browser calls it", "", {}}}}));
  CHECK(plan.changes[0].risk == Risk::Warning);
  CHECK(plan.changes[0].rule == "timeout-lowered");
  CHECK_FALSE(plan.changes[0].accepted.given());
}

}  // namespace sluice
