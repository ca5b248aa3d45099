#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "plan/limits.h"
#include "plan/openapi.h"
#include "plan/swagger_reading.h"
#include "plan/words.h"

namespace sluice {
namespace {

using Place = Reading::Place;

constexpr std::size_t kMostParameters = 50;
constexpr std::size_t kReadParameters = 1000;  ///< a longer list is a mistake
constexpr std::string_view kKept[] = {"in", "name", "required", "description", "default", "enum"};
constexpr std::string_view kKeptOfNumbers[] = {"minimum", "maximum"};
constexpr std::string_view kKeptOfTexts[] = {"minLength", "maxLength"};
constexpr std::string_view kExtensions[] = {"x-apigateway-pass-through", "x-apigateway-sample",
                                            "x-apigateway-orchestrations"};
constexpr std::string_view kNumbers[] = {"integer", "number", "long", "float", "double"};
constexpr std::string_view kOtherTypes[] = {"", "boolean", "array", "object", "file"};

/// What makes two parameters one: the case of header names does not count.
std::string key_of(const Value& parameter) {
  const std::string location = lower(parameter.text("in"));
  const std::string_view name = parameter.text("name");
  return location + ":" + (location == "header" ? lower(name) : std::string(name));
}

/// Whether the gateway would take this list of allowed values, which it keeps in one text between commas, for another.
bool is_ambiguous(const Value& allowed) {
  return std::any_of(allowed.items().begin(), allowed.items().end(), [](const Value& item) {
    return item.is_string() && (item.as_string().empty() || item.as_string().find(',') != std::string::npos);
  });
}

class ParameterReader {
 public:
  ParameterReader(Reading& reading, Place operation, Operation& result)
      : reading_(reading), operation_(operation), result_(result), name_(result.method + " " + result.path) {}

  bool run(Place path) {
    read_list(operation_, true);  // an operation's own parameter replaces the path's
    if (path.value != nullptr) read_list(path, false);
    check_path();
    keep_fifty();
    drop_mappings();
    if (!kept_.empty()) result_.body.set("parameters", Value::array(std::move(kept_)));
    return stands_;
  }

 private:
  /// What the gateway refuses in a part of the operation, or in all of it.
  void refuse_part(std::string code, std::string kind, std::string summary, std::string detail, std::uint32_t mark) {
    reading_.unsupported({std::move(code), std::move(kind), std::move(summary), std::move(detail), mark});
  }
  void refuse(std::string code, std::string kind, std::string summary, std::string detail, std::uint32_t mark) {
    if (stands_ || !reading_.of_file()) {
      reading_.unsupported({std::move(code), std::move(kind), std::move(summary), std::move(detail), mark, name_});
    }
    stands_ = false;
  }

  void read_list(Place holder, bool own) {
    const Value* list = holder.value->find("parameters");
    if (list == nullptr) return;
    if (!list->is_array()) {
      if (reading_.of_file() || !list->is_null()) {
        reading_.error("parameters-shape", fmt::format("The `parameters` of {} are not a list.", shown(name_)),
                       "Write each parameter as an element of a list, which starts with \"-\" in YAML.",
                       reading_.mark(holder.file, list->mark()));
      }
      return;
    }
    if (reading_.of_file() && list->items().size() > kReadParameters) {
      reading_.error("parameters-too-many",
                     fmt::format("{} has {} parameters; the gateway takes {}.", shown(name_), list->items().size(),
                                 kMostParameters),
                     "Leave most of them out, or split the operation.", reading_.mark(holder.file, list->mark()));
      return;
    }
    for (const Value& item : list->items()) {
      if (item.find("$ref") != nullptr) count_beside_reference(item, holder.file);
      const Place parameter = reading_.resolve({&item, holder.file});
      if (parameter.value == nullptr) continue;
      const std::string key = key_of(*parameter.value);
      const bool known = seen_.contains(key);
      if (known && own_.contains(key) && own && parameter.value->text("in") != "body") {
        reading_.error("parameter-twice",
                       fmt::format("{} declares the {} parameter \"{}\" twice.", shown(name_),
                                   parameter.value->text("in"), shown(parameter.value->text("name"))),
                       "Remove one of the two.", reading_.mark(holder.file, item.mark()));
      }
      if (own) own_.insert(key);
      seen_.insert(key);
      if (!known) read_one(parameter);
    }
  }

  void count_beside_reference(const Value& item, std::size_t file) {
    if (!reading_.of_file()) return;
    for (const auto& member : item.members()) {
      if (member.key == "$ref") continue;
      reading_.left_out("members beside the `$ref` of a parameter, where they do not count",
                        reading_.mark(file, member.key_mark));
    }
  }

  void read_one(Place parameter) {
    const std::uint32_t mark = reading_.mark(parameter);
    if (!parameter.value->is_object()) return refuse_shape(mark);
    reading_.check_members(parameter, Level::Parameter);
    Value flat = *parameter.value;
    if (reading_.dialect == Dialect::OpenApi3) {
      if (const Value* schema = parameter.value->find("schema")) reading_.check_strays({schema, parameter.file});
      flat = flat_parameter(reading_.references(), parameter, [this](const auto& fault) { reading_.fault(fault); });
    }
    if (auto kept = project(flat, mark)) {
      shift_marks(*kept, reading_.mark(parameter.file, 0));
      count_example(parameter, *kept);
      take_shared(*kept);
      kept->set_mark(mark);
      kept_.push_back(std::move(*kept));
    } else if (!flat.text("name").empty()) {
      left_out_.insert(std::string(flat.text("name")));
    }
  }

  /// OpenAPI's own word for a sample: told apart, since the file names no extension.
  void count_example(Place parameter, Value& kept) {
    const Value* example = parameter.value->find("example");
    const bool counts = reading_.of_file() && reading_.dialect == Dialect::OpenApi3 && example != nullptr &&
                        parameter.value->find("x-apigateway-sample") == nullptr;
    if (!counts || example->is_null()) return;
    if (example->is_array() || example->is_object()) {
      reading_.left_out("`example` of a parameter that is a list or a map",
                        reading_.mark(parameter.file, example->mark()));
    } else if (reading_.cloud == CloudKind::Otc) {
      kept.erase("x-apigateway-sample");
      reading_.left_out("`example` of a parameter", reading_.mark(parameter.file, example->mark()));
    }
  }

  /// An extension of parameters that stands in the operation is meant for all that say nothing.
  void take_shared(Value& parameter) const {
    for (const std::string_view extension : kExtensions) {
      const Value* shared = parameter.find(extension) == nullptr ? operation_.value->find(extension) : nullptr;
      if (shared == nullptr) continue;
      Value value = *shared;
      shift_marks(value, reading_.mark(operation_.file, 0));
      value.set_mark(reading_.mark({shared, operation_.file}));
      parameter.set(extension, std::move(value));
    }
  }

  void refuse_shape(std::uint32_t mark) {
    reading_.error("parameter-shape",
                   fmt::format("A parameter of {} has no `in` of path, query or header, or no `name`.", shown(name_)),
                   "Give it both.", mark);
  }

  /// An import knows no cookies anywhere; a cloud whose gateways know none either says so.
  void refuse_cookie(const std::string& name, std::uint32_t mark) {
    if (reading_.cloud == CloudKind::Huawei || !reading_.of_file()) return reading_.left_out("cookie parameters", mark);
    refuse_part("not-on-this-cloud", "cookie parameters",
                fmt::format("{} has no cookie parameters; {} declares \"{}\".", to_string(reading_.cloud), shown(name_),
                            shown(name)),
                "Leave it out, or pass the value in a header.", mark);
  }

  std::optional<Value> project(const Value& parameter, std::uint32_t mark) {
    const std::string location = lower(parameter.text("in"));
    const std::string name(parameter.text("name"));
    if (location == "body") return reading_.left_out("body parameters", mark), std::nullopt;
    if (location == "formdata") return reading_.left_out("form parameters", mark), std::nullopt;
    if (location == "cookie") return refuse_cookie(name, mark), std::nullopt;
    const bool known = location == "path" || location == "query" || location == "header";
    if (!known || name.empty()) return refuse_shape(mark), std::nullopt;
    if (!takes_name(location, name, mark)) return std::nullopt;
    const std::string type = lower(parameter.text("type"));
    const bool numeric = is_one_of(type, kNumbers);
    if (!numeric && type != "string") return refuse_type(location, name, parameter, mark), std::nullopt;
    Value kept = Value::object();
    const auto keep = [&](std::span<const std::string_view> members) {
      for (const std::string_view member : members) {
        if (const Value* value = parameter.find(member)) kept.set(member, *value);
      }
    };
    keep(kKept);
    if (numeric || !reading_.of_file()) keep(kKeptOfNumbers);
    if (!numeric || !reading_.of_file()) keep(kKeptOfTexts);
    keep(kExtensions);
    kept.set("in", location).set("type", numeric ? "number" : "string");
    if (location == "path") kept.set("required", true);
    if (!reading_.of_file()) return keep_unknown(parameter, kept), kept;
    trim(name, mark, kept);
    return kept;
  }

  /// Takes out of a file's parameter what the gateway would read as something else.
  void trim(const std::string& name, std::uint32_t mark, Value& kept) {
    const Value* allowed = kept.find("enum");
    if (allowed != nullptr && is_ambiguous(*allowed)) {
      refuse_part(
          "enum-comma", "lists of allowed values of which one is empty or holds a comma",
          fmt::format("The parameter \"{}\" of {} allows a value that is empty or holds a comma, and the gateway "
                      "keeps allowed values in one text between commas.",
                      shown(name), shown(name_)),
          "Take the value out of `enum`, or leave `enum` out.", mark);
      kept.erase("enum");
    }
    const Value* fallback = kept.find("default");
    if (fallback == nullptr) return;
    if (fallback->is_array() || fallback->is_object()) {
      reading_.left_out("defaults that are a list or a map", mark);
      kept.erase("default");
    } else if (fallback->is_string() && characters_in(fallback->as_string()) > kRemarkLimit) {
      refuse_part("default-long", fmt::format("defaults of more than {} characters", kRemarkLimit),
                  fmt::format("The default of the parameter \"{}\" of {} has more than {} characters.", shown(name),
                              shown(name_), kRemarkLimit),
                  "Shorten it, or leave it out.", mark);
      kept.erase("default");
    }
  }

  bool takes_name(const std::string& location, const std::string& name, std::uint32_t mark) {
    if (!reading_.of_file() && location != "header") return true;
    const std::string folded = lower(name);
    if (location == "header" && (folded == "authorization" || folded == "x-auth-token")) {
      reading_.left_out("header parameters that the gateway refuses (Authorization, X-Auth-Token)", mark);
      return false;
    }
    if (!reading_.of_file()) return true;
    if (location == "header" && is_reserved_header(name)) {
      refuse_part("header-reserved", "header parameters whose names the gateway reserves (x-stage, x-sdk-, x-apig-)",
                  fmt::format("The header parameter \"{}\" of {} has a name that the gateway reserves.", shown(name),
                              shown(name_)),
                  "Leave it out, or give it a name that is not x-stage and does not start with x-sdk- or x-apig-.",
                  mark);
      return false;
    }
    if (is_parameter_name(name)) return true;
    const std::string summary = fmt::format("The {} parameter \"{}\" of {} has a name that the gateway does not take.",
                                            location, shown(name), shown(name_));
    constexpr std::string_view kRule = "A name has 1 to 32 letters, digits and ._- and starts with a letter.";
    if (location == "path") {
      refuse("parameter-name", "operations with a path variable whose name the gateway does not take", summary,
             std::string(kRule), mark);
    } else {
      refuse_part("parameter-name", fmt::format("{} parameters with a name that the gateway does not take", location),
                  summary, std::string(kRule), mark);
    }
    return false;
  }

  void refuse_type(const std::string& location, const std::string& name, const Value& parameter, std::uint32_t mark) {
    const std::string type = lower(parameter.text("type"));
    if (!is_one_of(type, kOtherTypes)) {
      reading_.error("parameter-type",
                     fmt::format("The parameter \"{}\" of {} has the type \"{}\", which Swagger does not know.",
                                 shown(name), shown(name_), shown(parameter.text("type"))),
                     "Use string, integer or number; the gateway holds no others.", mark);
      stands_ = stands_ && location != "path";
      return;
    }
    const std::string what = type.empty() ? "without a type" : "of type " + type;
    if (location != "path") return reading_.left_out(fmt::format("{} parameters {}", location, what), mark);
    refuse("path-variable-type", "operations with a path variable that is neither a text nor a number",
           fmt::format("The path variable \"{}\" of {} has {}, which the gateway does not hold.", shown(name),
                       shown(name_), type.empty() ? "no type" : "the type " + type),
           "Declare it as string, integer or number.", mark);
  }

  static void keep_unknown(const Value& parameter, Value& kept) {
    for (const auto& member : parameter.members()) {
      if (member.key.starts_with("x-") && kept.find(member.key) == nullptr) kept.set(member.key, member.value);
    }
  }

  void check_path() {
    if (!reading_.of_file()) return;
    const std::string& path = result_.path;
    if (characters_in(path) > kPathLimit) {
      return refuse("path-long", fmt::format("operations with a path of more than {} characters", kPathLimit),
                    fmt::format("The path of {} has {} characters; the gateway takes {}.", shown(name_),
                                characters_in(path), kPathLimit),
                    "Shorten it.", result_.mark);
    }
    if (!has_path_characters(path)) {
      return refuse("path-characters", "operations with a path that holds other characters than the gateway takes",
                    fmt::format("The path {} holds a character that the gateway does not take.", shown(path)),
                    "Paths have letters, digits and /*%-_. besides variables in braces.", result_.mark);
    }
    for (std::size_t at = 0; (at = path.find_first_of("{}", at)) != std::string::npos; ++at) {
      const std::size_t end = path.find_first_of("{}", at + 1);
      const bool whole = path[at] == '{' && at > 0 && path[at - 1] == '/' && end != std::string::npos &&
                         path[end] == '}' && end > at + 1 && (end + 1 == path.size() || path[end + 1] == '/');
      if (!whole) {
        return refuse(
            "path-variable-shape", "operations with a path variable that is not a whole segment",
            fmt::format("The path {} has a variable that is not a whole segment, which the gateway does not take.",
                        shown(path)),
            "Use a variable for the whole segment, or leave the operation out.", result_.mark);
      }
      at = end;
    }
    check_variables();
  }

  void check_variables() {
    std::set<std::string> twice;
    for (const std::string& variable : path_variables(result_.path)) {
      if (!twice.insert(variable).second) {
        return refuse("path-variable-twice", "operations with two path variables of one name",
                      fmt::format("The path {} has the variable \"{}\" twice.", shown(result_.path), shown(variable)),
                      "Give each variable a name of its own.", result_.mark);
      }
      const bool declared = std::any_of(kept_.begin(), kept_.end(), [&](const Value& parameter) {
        return parameter.text("in") == "path" && parameter.text("name") == variable;
      });
      if (!declared && stands_) {
        return refuse("path-variable-undeclared", "operations with a path variable that is not declared",
                      fmt::format("The path variable \"{}\" of {} is not declared.", shown(variable), shown(name_)),
                      "Add a parameter with `in: path` and this name.", result_.mark);
      }
    }
  }

  /// Path variables stay, then what is required, then the first of the others.
  void keep_fifty() {
    if (kept_.size() <= kMostParameters || !reading_.of_file()) return;
    const std::string summary =
        fmt::format("{} has {} parameters; the gateway takes {}.", shown(name_), kept_.size(), kMostParameters);
    std::stable_sort(kept_.begin(), kept_.end(), [](const Value& a, const Value& b) { return rank(a) < rank(b); });
    if (rank(kept_[kMostParameters]) == 0) {
      return refuse("parameters-too-many", "operations with more than 50 path variables", summary,
                    "Split the operation.", result_.mark);
    }
    for (std::size_t i = kMostParameters; i < kept_.size(); ++i) {
      refuse_part("parameters-too-many", "parameters beyond the 50 that an API may have", summary,
                  "Leave some out, or split the operation.", result_.mark);
      left_out_.insert(std::string(kept_[i].text("name")));
    }
    kept_.resize(kMostParameters);
  }
  static int rank(const Value& parameter) {
    if (parameter.text("in") == "path") return 0;
    const Value* required = parameter.find("required");
    return required != nullptr && required->is_bool() && required->as_bool() ? 1 : 2;
  }

  bool is_left_out(std::string_view name) const {
    return left_out_.contains(std::string(name)) &&
           std::none_of(kept_.begin(), kept_.end(), [&](const Value& one) { return one.text("name") == name; });
  }

  /// The file's own backends may not hand on what has been left out.
  void drop_mappings() {
    if (left_out_.empty() || !reading_.of_file() || !stands_) return;
    if (const Value* backend = result_.body.find("x-apigateway-backend")) {
      result_.body.set("x-apigateway-backend", without_mappings(*backend));
    }
    const Value* policies = result_.body.find("x-apigateway-backend-policies");
    if (policies == nullptr || !policies->is_array()) return;
    Value kept = Value::array();
    for (const Value& policy : policies->items()) {
      check_conditions(policy);
      kept.push(without_mappings(policy));
    }
    result_.body.set("x-apigateway-backend-policies", std::move(kept));
  }

  void check_conditions(const Value& policy) {
    const Value* conditions = policy.find("conditions");
    if (conditions == nullptr) return;
    for (const Value& condition : conditions->items()) {
      if (lower(condition.text("origin")) == "source" || !is_left_out(condition.text("parameter"))) continue;
      refuse("condition-unsupported", "operations with a backend policy that looks at a parameter that was left out",
             fmt::format("A backend policy of {} looks at the parameter \"{}\", which the gateway does not hold.",
                         shown(name_), shown(condition.text("parameter"))),
             "Take the condition out.", result_.mark);
    }
  }

  Value without_mappings(const Value& backend) {
    const Value* mappings = backend.find("parameters");
    if (mappings == nullptr || !mappings->is_array()) return backend;
    Value kept = Value::array();
    for (const Value& mapping : mappings->items()) {
      const std::string origin = upper(mapping.text("origin"));
      const bool of_request = origin.empty() || origin == "REQUEST";
      if (!of_request || !is_left_out(mapping.text("value"))) {
        kept.push(mapping);
      } else if (lower(mapping.text("in")) == "path") {
        refuse("mapping-unsupported", "operations whose backend path needs a parameter that was left out",
               fmt::format("The backend path of {} needs the parameter \"{}\", which the gateway does not hold.",
                           shown(name_), shown(mapping.text("value"))),
               "Take the variable out of the backend's path.", result_.mark);
      } else {
        reading_.left_out("backend mappings of parameters that were left out", result_.mark);
      }
    }
    Value result = backend;
    return result.set("parameters", std::move(kept));
  }

  Reading& reading_;
  Place operation_;
  Operation& result_;
  std::string name_;
  Value::Array kept_;
  std::set<std::string> seen_;
  std::set<std::string> own_;
  std::set<std::string> left_out_;  ///< names
  bool stands_ = true;
};

}  // namespace

bool read_parameters(Reading& reading, Place path, Place operation, Operation& result) {
  return ParameterReader(reading, operation, result).run(path);
}

}  // namespace sluice
