// A known change of one field shows exactly that field, reaches the gateway, and is over then.
#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "plan/canonical.h"
#include "tests/plan/support.h"
#include "tests/property/stage.h"

namespace sluice::property {
namespace {

constexpr int kRounds = 150;

/// Another body, the pointer that a plan should show, and the field of the table, without keys.
struct Mutation {
  std::string pointer;
  std::string field;
  Value body;
};

/// Fields that other fields hang on: they are changed with those, in the test of states.
bool stands_alone(const FieldSchema& field, std::string_view path) {
  static const std::set<std::string_view> kBound = {"method",
                                                    "path",
                                                    "x-apigateway-match-mode",
                                                    "x-apigateway-response",
                                                    "x-apigateway-ratelimit",
                                                    "x-apigateway-access-control",
                                                    "x-apigateway-plugins",
                                                    "x-apigateway-orchestrations",
                                                    "in",
                                                    "name",
                                                    "origin",
                                                    "parameter",
                                                    "minimum",
                                                    "maximum",
                                                    "minLength",
                                                    "maxLength",
                                                    "x-apigateway-is-send-fg-body-base64",
                                                    "x-apigateway-content-type",
                                                    "cascade_flag",
                                                    "authorizer",
                                                    "app_code"};
  if (field.kept || field.apart || kBound.contains(field.name)) return field.name == "enableSmChannel";
  if (field.name == "type") return path.starts_with("/parameters") || path.ends_with("/conditions");
  if (field.name == "value") return path.ends_with("/conditions");
  return field.name != "required" || path.find("/path:") == std::string_view::npos;
}

/// Texts that are no free ones: two of each.
constexpr std::array<std::string_view, 3> kSpecial[] = {
    {"address", "one.internal:80", "another.internal:80"},
    {"version", "v1", "v2"},
    {"function-urn", "urn:fss:eu-de:p1:function:default:one", "urn:fss:eu-de:p1:function:default:other"},
    {"alias-urn", "urn:fss:eu-de:p1:function:default:one:!a", "urn:fss:eu-de:p1:function:default:other:!a"}};

/// Another value of one kind; null when there is none to be had.
Value another(const FieldSchema& field, const Value& value) {
  if (field.kind == FieldKind::Boolean) return !(value.is_bool() && value.as_bool());
  if (!field.choices.empty() && field.kind == FieldKind::Text) {
    for (const std::string_view choice : field.choices) {
      if (!(Value(choice) == value)) return choice;
    }
    return {};
  }
  switch (field.kind) {
    case FieldKind::Integer:
    case FieldKind::Number:
      return value.is_integer() ? Value(value.as_integer() == 77 ? 78 : 77) : Value();
    case FieldKind::TextSet:
      if (field.name == "schemes")
        return Value::array(
            {value.items().size() == 1 && value.items()[0] == Value("http") ? Value("https") : Value("http")});
      return Value(value.is_array() ? value : Value::array()).push("added");
    case FieldKind::Text:
      for (const auto& [name, one, other] : kSpecial) {
        if (field.name == name) return value == Value(one) ? other : one;
      }
      return (value.is_string() ? value.as_string() : std::string()) + "x";
    default:
      return {};
  }
}

bool is_limited(const Value& parameter) {
  static constexpr std::string_view kLimits[] = {"minimum", "maximum", "minLength", "maxLength"};
  return std::any_of(std::begin(kLimits), std::end(kLimits),
                     [&](std::string_view limit) { return parameter.find(limit) != nullptr; });
}

using Replace = std::function<Value(const Value&)>;

/// Every mutation of one field below `body`, which `whole` puts back into its API.
void collect(const Value& body, std::span<const FieldSchema> fields, const std::string& pointer,
             const std::string& path, const Replace& whole, std::vector<Mutation>& out) {
  for (const FieldSchema& field : fields) {
    const Value* value = body.find(field.name);
    const std::string name(field.name);
    const Replace put = [&](const Value& changed) { return whole(Value(body).set(name, changed)); };
    if (field.apart) continue;
    if (field.kind == FieldKind::Object) {
      if (value != nullptr) collect(*value, field.fields, pointer + "/" + name, path + "/" + name, put, out);
    } else if (field.kind == FieldKind::KeyedList || field.kind == FieldKind::ObjectSet) {
      if (path.empty() && field.name == "parameters") {
        // One that sorts before most others, which stay as they are.
        const std::string free = "a" + std::to_string(value == nullptr ? 0 : value->items().size());
        Value list = value == nullptr ? Value::array() : *value;
        list.push(Value::object({{"in", "query", 0}, {"name", free, 0}}));
        out.push_back({"/parameters/query:" + free, "/parameters", put(list)});
      }
      for (std::size_t i = 0; value != nullptr && i < value->items().size(); ++i) {
        const Value& element = value->items()[i];
        const bool keyed = field.kind == FieldKind::KeyedList;
        // Elements of sets have no key: the set is shown.
        const std::string at = pointer + "/" + name + (keyed ? "/" + element_key(element, field) : "");
        std::vector<Mutation> inside;
        collect(
            element, field.fields, at, path + "/" + name,
            [&](const Value& changed) {
              Value list = *value;
              list.mutable_items()[i] = changed;
              return put(list);
            },
            inside);
        for (Mutation& mutation : inside) {
          if (!keyed) mutation.pointer = at;
          out.push_back(std::move(mutation));
        }
      }
    } else if (field.name == "type" && (is_limited(body) || body.text("origin") == "source")) {
      continue;  // limits go with the type, and an address has none
    } else if (stands_alone(field, pointer)) {
      const bool address = field.name == "value" && body.text("origin") == "source";
      const Value changed = address ? Value(value != nullptr && *value == Value("10.9.9.9") ? "10.9.9.8" : "10.9.9.9")
                                    : another(field, value == nullptr ? Value() : *value);
      if (!changed.is_null()) out.push_back({pointer + "/" + name, path + "/" + name, put(changed)});
    }
  }
}

void note(std::span<const FieldSchema> fields, const std::string& pointer, std::set<std::string>& known) {
  for (const FieldSchema& field : fields) {
    const std::string path = pointer + "/" + std::string(field.name);
    if (!field.fields.empty()) {
      if (!field.apart) note(field.fields, path, known);
    } else if (stands_alone(field, pointer)) {
      known.insert(path);
    }
  }
}

TEST_CASE("a change of one field shows exactly that field, is applied, and is over then") {
  const unsigned seed = 20'261'124;
  INFO("seed " << seed);
  StateGenerator generator(seed);
  std::set<std::string> done;
  std::size_t rounds = 0;
  for (int round = 0; round < kRounds; ++round) {
    RandomState state = generator.first();
    if (state.groups.at("alpha").apis.empty()) continue;
    Stage stage(generator);
    stage.apply(stage.plan(requests_of(state)));
    for (int again = 0; again < 3; ++again) {
      auto& apis = state.groups.at("alpha").apis;
      Value& api = apis[generator.dice().below(apis.size())];
      const Value canonical_body = test::api(api, "alpha").body;
      std::vector<Mutation> mutations;
      collect(
          canonical_body, kApiSchema.fields, "", "", [](const Value& body) { return body; }, mutations);
      // What was not seen yet comes first.
      std::stable_partition(mutations.begin(), mutations.end(),
                            [&](const Mutation& mutation) { return !done.contains(mutation.field); });
      const bool all_known = done.contains(mutations.front().field);
      const Mutation& chosen = mutations[all_known ? generator.dice().below(mutations.size()) : 0];
      api = chosen.body;
      INFO("round " << round << ": " << chosen.pointer << "\n" << write_json(canonical_body));
      const auto requests = requests_of(state);
      const Plan plan = stage.plan(requests);
      REQUIRE(test::text_of(plan.findings).find("error") == std::string::npos);
      REQUIRE(plan.changes.size() == 1);
      REQUIRE(plan.changes[0].fields.size() == 1);
      REQUIRE(plan.changes[0].fields[0].path == chosen.pointer);
      REQUIRE(plan.drift.empty());
      stage.reach(requests, plan);
      stage.seen_by_a_clean_observer(requests);
      done.insert(chosen.field);
      ++rounds;
    }
  }
  CHECK(rounds > 300);
  std::set<std::string> known = {"/parameters"};
  note(kApiSchema.fields, "", known);
  for (const std::string& field : known) {
    INFO(field);
    CHECK(done.contains(field));
  }
}

}  // namespace
}  // namespace sluice::property
