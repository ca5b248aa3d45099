// Who moved: each combination of what the last apply left, what the files ask for and what the gateway holds.
#include "tests/plan/support.h"

namespace sluice {
namespace {

using test::api;
using test::base;
using test::body;
using test::desired;
using test::group;
using test::json;
using test::live;
using test::options;
using test::published;
using test::text_of;
using test::with;
using test::with_endpoint;

Value pets() { return body("GET", "/pets", "listPets"); }

/// By the definition, which knows nothing of how it is computed.
std::string origin_by(const std::string& base, const std::string& desired, const std::string& live) {
  if (desired == live) return base == desired ? "same" : "adopted";
  if (live == base) return "pending";
  return desired == base ? "drift" : "conflict";
}

std::string worst_of(const GroupDiff& diff) {
  if (diff.changes.empty()) return diff.records.empty() && diff.forgets.empty() ? "same" : "adopted";
  return std::string(to_string(diff.changes.front().origin));
}

const char* const kValues[] = {"", "a", "b", "c"};

template <typename Check>
void each_combination(const Check& check) {
  for (const std::string base : kValues) {
    for (const std::string desired : kValues) {
      for (const std::string live : kValues) check(base, desired, live);
    }
  }
}

/// A kind of field: a body in which it has a value, "" for none.
struct Field {
  const char* name;
  Value (*body)(const std::string& value);
};

Value parameter(const std::string& value) {
  Value one = json(R"({"in": "query", "name": "limit"})");
  if (!value.empty()) one.set("default", value);
  return with(pets(), "parameters", Value::array({one}));
}

const Field kFields[] = {
    {"text", [](const std::string& value) { return with(pets(), "description", value); }},
    {"set",
     [](const std::string& value) {
       return with(pets(), "tags", value.empty() ? Value::array() : Value::array({value, "x"}));
     }},
    {"nested",
     [](const std::string& value) { return value.empty() ? pets() : with_endpoint(pets(), "description", value); }},
    {"in an element", parameter},
    {"element",
     [](const std::string& value) {
       if (value.empty()) return pets();
       Value one = json(R"({"in": "header", "name": "X-A"})");
       return with(pets(), "parameters", Value::array({one.set("default", value)}));
     }},
    {"object set",
     [](const std::string& value) {
       if (value.empty()) return pets();
       Value policy =
           json(R"({"name": "p1", "type": "HTTP", "httpEndpoints": {"address": "a:1", "method": "GET", "path": "/"}})");
       Value condition = json(R"({"origin": "param", "parameter": "limit", "type": "exact"})");
       policy.set("conditions", Value::array({condition.set("value", value)}));
       return with(pets(), "x-apigateway-backend-policies", Value::array({policy}));
     }},
};

TEST_CASE("the origin of a field, whatever its kind") {
  for (const Field& field : kFields) {
    each_combination([&](const std::string& left, const std::string& wanted, const std::string& now) {
      INFO(field.name << ": base \"" << left << "\", desired \"" << wanted << "\", live \"" << now << "\"");
      const GroupDiff diff = diff_group(base({api(field.body(left))}), desired({api(field.body(wanted))}),
                                        live({api(field.body(now))}), options());
      INFO(text_of(diff.changes));
      CHECK(worst_of(diff) == origin_by(left, wanted, now));
      if (diff.changes.empty()) return;
      REQUIRE(diff.changes.front().fields.size() == 1);
      CHECK(to_string(diff.changes.front().fields.front().origin) == to_string(diff.changes.front().origin));
    });
  }
}

TEST_CASE("the origin of an API, a response and a group, where absent is a value too") {
  const auto resource_of = [](const std::string& type, const std::string& value) {
    if (type == "group") return group("pets", value);
    if (type == "response") {
      return make_resource(Address::response("pets", "errors"),
                           json(R"({"AUTH_FAILURE": {"status": 401, "body": ")" + value + "\"}}"));
    }
    return api(with(pets(), "description", value));
  };
  for (const std::string type : {"api", "response", "group"}) {
    each_combination([&](const std::string& left, const std::string& wanted, const std::string& now) {
      const auto state = [&](const std::string& value) {
        return value.empty() ? std::vector<Resource>() : std::vector<Resource>{resource_of(type, value)};
      };
      INFO(type << ": base \"" << left << "\", desired \"" << wanted << "\", live \"" << now << "\"");
      const GroupDiff diff = diff_group(base(state(left)), desired(state(wanted)), live(state(now)), options());
      INFO(text_of(diff.changes));
      if (left.empty() && !now.empty()) {  // nothing of ours: origins are about what is
        CHECK(diff.changes.empty());
        if (type == "group") return;
        CHECK(diff.collisions.size() == (wanted.empty() || wanted == now ? 0U : 1U));
        CHECK(diff.unowned.size() == (wanted == now ? 1U : 0U));
        CHECK(diff.unmanaged.size() == (wanted.empty() && type == "api" ? 1U : 0U));
        return;
      }
      CHECK(worst_of(diff) == origin_by(left, wanted, now));
    });
  }
}

TEST_CASE("the origin of a publication, by the version that is served") {
  const auto version = [](const std::string& value) { return api(with(pets(), "description", value)); };
  const Resource draft = version("a");
  for (const bool wanted : {false, true}) {
    for (const std::string left : kValues) {
      for (const std::string now : kValues) {
        INFO("base \"" << left << "\", live \"" << now << "\", wanted " << wanted);
        std::vector<Resource> owned = {draft};
        std::vector<Resource> held = {draft};
        if (!left.empty()) owned.push_back(published(version(left)));
        if (!now.empty()) held.push_back(published(version(now)));
        const GroupDiff diff =
            diff_group(base(owned), desired({draft}), live(held),
                       options(wanted ? std::vector<std::string>{"RELEASE"} : std::vector<std::string>()));
        INFO(text_of(diff.changes));
        if (left.empty() && !wanted) {  // somebody else's, and none of ours
          CHECK(diff.changes.empty());
          continue;
        }
        CHECK(worst_of(diff) == origin_by(left, wanted ? "a" : "", now));
      }
    }
  }
}

TEST_CASE("what others published before the last apply is no conflict where it is wanted later") {
  const Resource draft = api(with(pets(), "description", "a"));
  const Resource other = published(api(with(pets(), "description", "b")));
  Baseline left = base({draft});
  left.unmanaged.insert(other.address);
  const GroupDiff diff = diff_group(left, desired({draft}), live({draft, other}), options({"RELEASE"}));
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].origin == Origin::Pending);
}

TEST_CASE("what an interrupted run did is no conflict") {
  const Resource before = api(with(pets(), "description", "a"));
  const Resource after = api(with(pets(), "description", "b"));
  Baseline left = base({before, published(before)});
  left.claimed.emplace(before.address, after.digest);
  left.claimed.emplace(published(before).address, after.digest);
  const GroupDiff gone = diff_group(left, {}, live({after, published(after)}), options());
  for (const Change& change : gone.changes) CHECK(change.origin != Origin::Conflict);
}

TEST_CASE("fields that no table knows stay, at any depth, and are no difference") {
  Value now = json(R"({"method": "GET", "path": "/pets", "operationId": "listPets", "x-later": 1,
      "security": {"type": "APP", "later": 1},
      "parameters": [{"in": "query", "name": "limit", "later": [1]}, {"in": "query", "name": "theirs"}],
      "x-apigateway-backend": {"type": "HTTP", "later": {"a": 1}, "httpEndpoints": {"address": "pets.internal:8080",
          "method": "GET", "path": "/pets", "later": true},
        "parameters": [{"in": "query", "name": "limit", "value": "limit", "later": 1}]},
      "x-apigateway-backend-policies": [{"name": "p1", "type": "MOCK", "later": 2,
          "mockEndpoints": {"result-content": "x", "later": 3},
          "conditions": [{"origin": "source", "value": "10.0.0.1", "later": 4}, {"origin": "source", "value": "10.0.0.2"}]}]})");
  Value wanted = json(R"({"method": "GET", "path": "/pets", "operationId": "listPets",
      "security": {"type": "APP"}, "parameters": [{"in": "query", "name": "limit"}, {"in": "query", "name": "theirs"}],
      "x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {"address": "pets.internal:8080", "method": "GET",
          "path": "/pets"}, "parameters": [{"in": "query", "name": "limit", "value": "limit"}]},
      "x-apigateway-backend-policies": [{"name": "p1", "type": "MOCK", "mockEndpoints": {"result-content": "x"},
          "conditions": [{"origin": "source", "value": "10.0.0.2"}, {"origin": "source", "value": "10.0.0.1"}]}]})");
  const GroupDiff same = diff_group(base({api(wanted)}), desired({api(wanted)}), live({api(now)}), options());
  CHECK(text_of(same.changes) == "");
  CHECK(text_of(same.drift) == "");
  CHECK(same.undeclared == 9);
  wanted.set("description", "newer");
  const GroupDiff diff = diff_group(base({api(wanted)}), desired({api(wanted)}), live({api(now)}), options());
  CHECK(diff.undeclared == 9);
  REQUIRE(diff.changes.size() == 1);
  REQUIRE(diff.changes[0].fields.size() == 1);
  const std::string sent = write_json(diff.changes[0].after);
  std::size_t carried = 0;
  for (std::size_t at = sent.find("later\""); at != std::string::npos; at = sent.find("later\"", at + 1)) ++carried;
  CHECK(carried == 9);
  const Resource left = api(now);
  const Resource right = make_resource(left.address, wanted.set("description", ""));
  CHECK(find_drift(base({left}), live({right})).empty());
}

}  // namespace
}  // namespace sluice
