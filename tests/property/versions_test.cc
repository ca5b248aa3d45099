// Between any two versions of a Swagger document: what is created, deleted and updated is what a small projection of
// its own says, which knows nothing of the product's.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "plan/yaml.h"
#include "tests/plan/support.h"
#include "tests/property/stage.h"

namespace sluice::property {
namespace {

constexpr unsigned kDocuments = 84;
constexpr int kVersions = 7;  ///< of a document; each but the first makes a pair

// ---- documents ------------------------------------------------------------------------------------------------------

struct Parameter {
  std::string name;
  std::string in;
  std::string type = "string";
  bool required = false;
  int limit = 0;          ///< a reference to the definition of the limit, or one of its own
  bool referred = false;  ///< stands in `parameters` of the document, under its name
};

struct Operation {
  std::string id;
  std::string method;
  std::string path;
  std::string description;
  std::vector<Parameter> parameters;
  bool shared_variables = false;  ///< declared by the path item
  bool with_schemes = false;
  std::string model;  ///< of the body, which the gateway does not keep
};

struct Document {
  std::string base_path;
  std::vector<Operation> operations;
  std::map<std::string, Parameter> shared;    ///< `parameters` of the document
  std::map<std::string, std::string> models;  ///< `definitions`: a description each
  bool https_only = true;
};

std::vector<std::string> variables_of(const std::string& path) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = path.find('{', at)) != std::string::npos; ++at) {
    names.push_back(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

class Author {
 public:
  explicit Author(unsigned seed) : dice_(seed) {}

  Document first() {
    Document document;
    document.base_path = dice_.chance(2) ? "/v1" : "";
    for (int i = 0; i < 3; ++i) {
      const std::string name = "shared" + std::to_string(i);
      document.shared.emplace(name, Parameter{.name = name, .in = "query", .limit = 10 + i});
    }
    for (int i = 0; i < 3; ++i) document.models.emplace("Model" + std::to_string(i), "a model");
    for (std::size_t left = 1 + dice_.below(7); left > 0; --left) document.operations.push_back(operation());
    return document;
  }

  Document next(Document document) {
    for (std::size_t left = 1 + dice_.below(3); left > 0; --left) change(document);
    return document;
  }

 private:
  Operation operation() {
    static constexpr std::string_view kMethods[] = {"get", "put", "post", "delete", "patch"};
    const std::string number = std::to_string(++count_);
    Operation one;
    one.id = "operation_" + number;
    one.method = dice_.pick(kMethods);
    one.path = "/things" + number + (dice_.chance(2) ? "/{id}" : "") + (dice_.chance(4) ? "/{part}" : "");
    one.description = dice_.text(0, 9);
    one.shared_variables = dice_.chance(3);
    one.with_schemes = dice_.chance(3);
    for (std::size_t left = dice_.below(4); left > 0; --left) add_parameter(one);
    if (one.method != "get" && dice_.chance(2)) one.model = "Model" + std::to_string(dice_.below(3));
    return one;
  }

  void add_parameter(Operation& operation) {
    Parameter added = parameter();
    const bool twice = std::any_of(operation.parameters.begin(), operation.parameters.end(),
                                   [&](const Parameter& other) { return other.name == added.name; });
    if (!twice) operation.parameters.push_back(std::move(added));
  }

  Parameter parameter() {
    const std::string number = std::to_string(++count_);
    if (dice_.chance(3)) return {.name = "shared" + std::to_string(dice_.below(3)), .in = "query", .referred = true};
    return {.name = "p" + number,
            .in = dice_.chance(2) ? "query" : "header",
            .type = dice_.chance(3) ? "number" : "string",
            .required = dice_.chance(2),
            .limit = static_cast<int>(dice_.below(3) * 50)};
  }

  void change(Document& document) {
    auto& all = document.operations;
    if (all.empty()) return all.push_back(operation());
    Operation& one = all[dice_.below(all.size())];
    switch (dice_.below(14)) {
      case 0:
        return all.push_back(operation());
      case 1:
        all.erase(all.begin() + (&one - all.data()));
        return;
      case 2:
        one.id = "renamed_" + std::to_string(++count_);
        return;
      case 3: {  // two names change places
        Operation& other = all[dice_.below(all.size())];
        std::swap(one.id, other.id);
        return;
      }
      case 4:
        add_parameter(one);
        return;
      case 5:
        if (!one.parameters.empty()) one.parameters.pop_back();
        return;
      case 6:
        if (!one.parameters.empty() && !one.parameters[0].referred) one.parameters[0].required ^= true;
        return;
      case 7:
        one.path = "/moved" + std::to_string(++count_) + one.path;
        return;
      case 8: {  // a variable gets another name
        const auto names = variables_of(one.path);
        if (names.empty()) return;
        const std::string to = "v" + std::to_string(++count_);
        one.path.replace(one.path.find("{" + names[0] + "}"), names[0].size() + 2, "{" + to + "}");
        return;
      }
      case 9:
        document.base_path = "/v" + std::to_string(dice_.below(4));
        return;
      case 10:  // what several operations refer to
        document.shared.at("shared" + std::to_string(dice_.below(3))).limit = static_cast<int>(1 + dice_.below(99));
        return;
      case 11:  // what the gateway does not keep
        document.models.at("Model" + std::to_string(dice_.below(3))) = dice_.text(1, 9);
        return;
      case 12:
        document.https_only = !document.https_only;
        return;
      default:
        one.description = dice_.text(0, 9);
    }
  }

  test::Dice dice_;
  int count_ = 0;
};

/// A document as somebody writes one.
Value written(const Document& document, bool yaml) {
  Value root = test::json(R"({"swagger": "2.0", "info": {"title": "things", "version": "1"}})");
  if (!document.base_path.empty()) root.set("basePath", document.base_path);
  root.set("schemes", document.https_only ? test::json(R"(["https"])") : test::json(R"(["http", "https"])"));
  const auto as_value = [](const Parameter& parameter) {
    Value one = Value::object();
    one.set("name", parameter.name).set("in", parameter.in).set("type", parameter.type);
    if (parameter.required) one.set("required", true);
    if (parameter.limit != 0) one.set(parameter.type == "number" ? "maximum" : "maxLength", parameter.limit);
    return one;
  };
  Value shared = Value::object();
  for (const auto& [name, parameter] : document.shared) shared.set(name, as_value(parameter));
  root.set("parameters", std::move(shared));
  Value models = Value::object();
  for (const auto& [name, text] : document.models) {
    models.set(name, Value::object({{"type", "object", 0}, {"description", text, 0}}));
  }
  root.set("definitions", std::move(models));
  Value paths = Value::object();
  for (const Operation& operation : document.operations) {
    Value variables = Value::array();
    for (const std::string& name : variables_of(operation.path)) {
      variables.push(as_value({.name = name, .in = "path", .required = true}));
    }
    Value one = Value::object();
    one.set("operationId", operation.id).set("description", operation.description);
    Value parameters = operation.shared_variables ? Value::array() : variables;
    for (const Parameter& parameter : operation.parameters) {
      parameters.push(parameter.referred ? Value::object({{"$ref", "#/parameters/" + parameter.name, 0}})
                                         : as_value(parameter));
    }
    if (!operation.model.empty()) {
      Value body = test::json(R"({"name": "body", "in": "body"})");
      parameters.push(body.set("schema", Value::object({{"$ref", "#/definitions/" + operation.model, 0}})));
    }
    one.set("parameters", std::move(parameters));
    if (operation.with_schemes) one.set("schemes", test::json(R"(["http"])"));
    Value item = Value::object();
    if (operation.shared_variables) item.set("parameters", variables);
    paths.set(operation.path, item.set(operation.method, std::move(one)));
  }
  root.set("paths", std::move(paths));
  if (!yaml) return root;
  return *parse_yaml(write_yaml(root));
}

// ---- the test's own projection
// -----------------------------------------------------------------------------------------

/// What a gateway keeps of each operation: its identity, and everything else as one text.
std::map<std::string, std::string> projected(const Value& root) {
  std::map<std::string, std::string> all;
  const std::string base(root.text("basePath"));
  for (const auto& path : root.find("paths")->members()) {
    for (const auto& operation : path.value.members()) {
      if (operation.key == "parameters") continue;
      std::string identity = operation.key + " ";
      bool inside = false;
      for (const char c : base + path.key) {
        if (c == '{') identity += "{}";
        inside = (inside || c == '{') && c != '}';
        if (!inside && c != '}') identity += c;
      }
      std::set<std::string> facts = {"path " + base + path.key,
                                     "name " + std::string(operation.value.text("operationId")),
                                     "description " + std::string(operation.value.text("description"))};
      const Value* schemes = operation.value.find("schemes");
      facts.insert("schemes " + write_json(schemes == nullptr ? *root.find("schemes") : *schemes));
      for (const Value* list : {path.value.find("parameters"), operation.value.find("parameters")}) {
        for (const Value& given : list == nullptr ? Value::Array() : list->items()) {
          const std::string reference(given.text("$ref"));
          const Value parameter =
              reference.empty() ? given : *root.find("parameters")->find(reference.substr(reference.rfind('/') + 1));
          if (parameter.text("in") == "body") continue;
          facts.insert("parameter " + write_json_sorted(parameter));
        }
      }
      std::string text;
      for (const std::string& fact : facts) text += fact + "\n";
      all.emplace(identity, text);
    }
  }
  return all;
}

// ---- the test
// ----------------------------------------------------------------------------------------------------------

std::vector<GroupRequest> requests_for(const Value& document) {
  GroupSettings settings;
  settings.name = "alpha";
  settings.operations.security = test::json(R"({"type": "none"})");
  settings.operations.backend = test::json(R"({"type": "HTTP", "address": "b.internal:80"})");
  const SwaggerFile file{{"things.json", ""}, document};
  auto desired = build_desired(settings, {&file, 1});
  INFO(test::text_of(desired.diagnostics));
  REQUIRE(desired.value);
  return {{"alpha", "", desired.value->state, {.environments = {"RELEASE"}}, desired.value->objects}, {"", "", {}, {}}};
}

/// The identity of an API's address, as `projected` spells it.
std::string identity_of(const Address& address) {
  std::string name = without_variable_names(address.name());
  for (std::size_t i = 0; i < name.find(' '); ++i) name[i] = static_cast<char>(std::tolower(name[i]));
  return name;
}

TEST_CASE("between versions of a document exactly what differs is created, deleted and updated") {
  std::size_t pairs = 0;
  std::size_t updates = 0;
  for (unsigned seed = 1; seed <= kDocuments; ++seed) {
    INFO("seed " << seed);
    Author author(seed);
    StateGenerator others(seed);
    Stage stage(others);
    Document document = author.first();
    std::map<std::string, std::string> before;
    for (int version = 0; version < kVersions; ++version) {
      const Value text = written(document, version % 2 == 1);
      INFO("version " << version << "\n" << write_json(text));
      const auto after = projected(text);
      std::map<std::string, std::set<std::string>> expected;
      for (const auto& [identity, facts] : after) {
        const auto was = before.find(identity);
        if (was == before.end()) expected["create"].insert(identity);
        if (was != before.end() && was->second != facts) expected["update"].insert(identity);
      }
      for (const auto& [identity, facts] : before) {
        if (!after.contains(identity)) expected["delete"].insert(identity);
      }
      const auto requests = requests_for(text);
      const Plan plan = stage.plan(requests);
      std::map<std::string, std::set<std::string>> shown;
      for (const Change& change : plan.changes) {
        if (change.address.type() != "api") continue;
        shown[std::string(to_string(change.action))].insert(identity_of(change.address));
      }
      INFO(render_text(plan, {}));
      REQUIRE(shown == expected);
      stage.reach(requests, plan);
      updates += expected["update"].size();
      if (version > 0) ++pairs;
      before = after;
      document = author.next(document);
    }
  }
  CHECK(pairs >= 500);
  CHECK(updates > 250);
}

}  // namespace
}  // namespace sluice::property
