#include "plan/openapi.h"

#include <fmt/format.h>

#include <optional>

#include "plan/json.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr int kSchemaDepth = 20;
constexpr int kSchemas = 1000;  ///< looked at for one parameter, where schemas name each other
/// Members of a schema that Swagger 2.0 puts into the parameter itself.
constexpr std::string_view kOfSchema[] = {"type",    "format",           "default",          "enum",
                                          "minimum", "maximum",          "minLength",        "maxLength",
                                          "pattern", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"};

std::string_view kind_of(std::string_view type) { return type == "integer" ? "number" : type; }

class Flattener {
 public:
  Flattener(const References& references, const OnFault& fault, Value& flat, int& budget)
      : references_(references), fault_(fault), flat_(flat), budget_(budget) {}

  /// Lays what the schema says into the parameter; what stands there already stays.
  void lay(References::Place schema, int depth) {
    const auto found = references_.resolve(schema);
    if (!found) return fault_(found.error());
    if (depth > kSchemaDepth || --budget_ < 0) return;
    for (const std::string_view name : kOfSchema) {
      const Value* value = found->value->find(name);
      if (value != nullptr && flat_.find(name) == nullptr)
        flat_.set(name, name == "enum" ? without_null(*value) : *value);
    }
    if (const Value* parts = found->value->find("allOf")) {
      for (const Value& part : parts->items()) lay({&part, found->file}, depth + 1);
    }
    for (const std::string_view name : {"anyOf", "oneOf"}) {
      const Value* choices = found->value->find(name);
      if (choices == nullptr || flat_.find("type") != nullptr) continue;
      if (const std::string type = common_type({choices, found->file}, depth); !type.empty()) flat_.set("type", type);
    }
  }

 private:
  static Value without_null(const Value& list) {
    if (!list.is_array()) return list;
    Value kept = Value::array();
    for (const Value& item : list.items()) {
      if (!item.is_null()) kept.push(item);
    }
    return kept;
  }

  /// The type that every choice has, as far as the gateway tells types apart.
  std::string common_type(References::Place choices, int depth) {
    std::string common;
    for (const Value& choice : choices.value->items()) {
      Value one = Value::object();
      Flattener(references_, fault_, one, budget_).lay({&choice, choices.file}, depth + 1);
      const std::string type(kind_of(one.text("type")));
      if (type.empty() || (!common.empty() && type != common)) return {};
      common = type;
    }
    return common;
  }

  const References& references_;
  const OnFault& fault_;
  Value& flat_;
  int& budget_;
};

}  // namespace

Result<Server, std::string> read_server(const Value& server) {
  std::string url(server.text("url"));
  if (url.empty()) return Unexpected<std::string>{"A server has no `url`."};
  for (std::size_t open = 0; (open = url.find('{', open)) != std::string::npos;) {
    const std::size_t close = url.find('}', open);
    if (close == std::string::npos) {
      return Unexpected<std::string>{fmt::format("The server URL \"{}\" has a brace that is not closed.", shown(url))};
    }
    const std::string name = url.substr(open + 1, close - open - 1);
    const Value* variables = server.find("variables");
    const Value* variable = variables != nullptr ? variables->find(name) : nullptr;
    const Value* value = variable != nullptr ? variable->find("default") : nullptr;
    if (value == nullptr || value->is_array() || value->is_object()) {
      return Unexpected<std::string>{fmt::format("The server variable \"{}\" has no default.", shown(name))};
    }
    const std::string text = value->is_string() ? value->as_string() : write_json(*value);
    url.replace(open, close - open + 1, text);
    open += text.size();
  }
  Server result;
  std::string_view rest = url;
  if (const std::size_t mark = rest.find("://"); mark != std::string_view::npos) {
    result.scheme = lower(rest.substr(0, mark));
    rest.remove_prefix(mark + 3);
    rest.remove_prefix(std::min(rest.find('/'), rest.size()));
  } else if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    rest.remove_prefix(std::min(rest.find('/'), rest.size()));
  }
  result.path = rest.substr(0, rest.find_first_of("?#"));
  while (result.path.ends_with('/')) result.path.pop_back();
  if (!result.path.empty() && !result.path.starts_with('/')) result.path.insert(0, 1, '/');
  return result;
}

Value flat_parameter(const References& references, References::Place parameter, const OnFault& fault) {
  Value flat = *parameter.value;
  int budget = kSchemas;
  flat.erase("schema");
  flat.erase("content");
  if (const Value* schema = parameter.value->find("schema")) {
    Flattener(references, fault, flat, budget).lay({schema, parameter.file}, 0);
  } else if (const Value* content = parameter.value->find("content"); content != nullptr) {
    const Value* plain = content->find("text/plain");
    const Value* schema_of_text = plain != nullptr ? plain->find("schema") : nullptr;
    if (schema_of_text != nullptr) Flattener(references, fault, flat, budget).lay({schema_of_text, parameter.file}, 0);
  }
  const Value* example = parameter.value->find("example");
  const bool scalar = example != nullptr && !example->is_null() && !example->is_array() && !example->is_object();
  if (scalar && flat.find("x-apigateway-sample") == nullptr) {
    flat.set("x-apigateway-sample", example->is_string() ? *example : Value(write_json(*example)));
  }
  return flat;
}

}  // namespace sluice
