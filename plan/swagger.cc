#include "plan/swagger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "plan/json.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"get", "put", "post", "delete", "options", "head", "patch"};
constexpr std::string_view kAnyMethod = "x-apigateway-any-method";

/// Members of an operation that the gateway keeps as they stand.
constexpr std::string_view kTakenAsIs[] = {
    "description",
    "tags",
    "x-apigateway-match-mode",
    "x-apigateway-request-type",
    "x-apigateway-cors",
    "x-apigateway-content-type",
    "x-apigateway-is-send-fg-body-base64",
    "x-apigateway-response",
    "x-apigateway-backend",
};
/// Members with a reading of their own.
constexpr std::string_view kRead[] = {"operationId", "parameters", "schemes",
                                      "security",    "responses",  "x-apigateway-backend-policies"};
/// Extensions whose objects live outside the group.
constexpr std::string_view kPolicies[] = {"x-apigateway-ratelimit", "x-apigateway-access-control",
                                          "x-apigateway-plugins"};
constexpr std::string_view kKeptOfParameter[] = {"in",
                                                 "name",
                                                 "required",
                                                 "description",
                                                 "default",
                                                 "enum",
                                                 "minimum",
                                                 "maximum",
                                                 "minLength",
                                                 "maxLength",
                                                 "x-apigateway-pass-through",
                                                 "x-apigateway-sample",
                                                 "x-apigateway-orchestrations"};
constexpr std::string_view kSamples[] = {"x-apigateway-result-normal-sample", "x-apigateway-result-failure-sample"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::string unescaped_pointer_token(std::string_view token) {
  std::string result;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    result += !escape ? token[i] : token[++i] == '1' ? '/' : '~';
  }
  return result;
}

std::vector<std::string_view> known_extensions() {
  std::vector<std::string_view> names(std::begin(kTakenAsIs), std::end(kTakenAsIs));
  names.insert(names.end(), std::begin(kRead), std::end(kRead));
  std::erase_if(names, [](std::string_view name) { return !name.starts_with("x-"); });
  return names;
}

class Reader {
 public:
  Reader(const Value& document, SwaggerOrigin origin, const OperationFilter& wanted)
      : document_(document), origin_(origin), wanted_(wanted) {}

  Swagger run() {
    if (!document_.is_object()) {
      finding("swagger-shape", "The document is not a Swagger document: it is not a map.",
              "Start it with `swagger: \"2.0\"`.", document_.mark());
      return std::move(result_);
    }
    check_version();
    read_info();
    read_base_path();
    while (base_path_.ends_with('/')) base_path_.pop_back();
    count_unmapped(document_);
    const Value* paths = document_.find("paths");
    if (paths == nullptr || !paths->is_object()) {
      finding("swagger-shape", "The document has no `paths`.", "Add a `paths` map; an empty one is `paths: {}`.",
              document_.mark());
      return std::move(result_);
    }
    for (const auto& path : paths->members()) read_path(path);
    return std::move(result_);
  }

 private:
  void finding(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
    result_.findings.push_back({Severity::Error, std::move(code), std::move(summary), std::move(detail), mark});
  }
  /// A finding of a place that several operations inherit.
  void once(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
    const bool known = std::any_of(result_.findings.begin(), result_.findings.end(), [&](const Finding& finding) {
      return finding.code == code && finding.mark == mark;
    });
    if (!known) finding(std::move(code), std::move(summary), std::move(detail), mark);
  }
  void left_out(const std::string& kind, std::uint32_t mark) {
    LeftOut& entry = result_.left_out[kind];
    if (entry.count++ == 0) entry.first_mark = mark;
  }

  void check_version() {
    const Value* version = document_.find("swagger");
    const bool is_two = version != nullptr && ((version->is_string() && version->as_string() == "2.0") ||
                                               (version->is_number() && version->as_number() == 2.0));
    if (is_two) return;
    if (document_.find("openapi") != nullptr) {
      finding("openapi-not-built", "OpenAPI 3 documents are not built yet.", "Convert the file to Swagger 2.0.",
              document_.find("openapi")->mark());
    } else {
      finding("swagger-version", "The document does not say `swagger: \"2.0\"`.",
              "Add that line, or take the file out of the manifest if it is something else.",
              version != nullptr ? version->mark() : document_.mark());
    }
  }

  void read_base_path() {
    const Value* base = document_.find("basePath");
    if (base == nullptr || base->is_null()) return;
    if (base->is_string() && (base->as_string().empty() || base->as_string().starts_with('/'))) {
      base_path_ = base->as_string();
      return;
    }
    finding("base-path", "`basePath` is not a path that starts with \"/\".", "Write it as /v1, or leave it out.",
            base->mark());
  }

  void read_info() {
    const Value* info = document_.find("info");
    if (info == nullptr) return;
    result_.title = info->text("title");
    result_.description = info->text("description");
  }

  void count_unmapped(const Value& holder) {
    if (origin_ == SwaggerOrigin::Export) return;
    for (const auto& member : holder.members()) {
      if (member.key == "consumes" || member.key == "produces" || member.key == "externalDocs" ||
          member.key == "deprecated" || member.key == "summary") {
        left_out("`" + member.key + "`", member.key_mark);
      } else if (member.key == "definitions") {
        left_out("models (`definitions`)", member.key_mark);
      }
    }
  }

  void read_path(const Value::Member& path) {
    if (path.key.starts_with("x-")) return;
    if (!path.key.starts_with('/')) {
      finding("path-shape", fmt::format("The path \"{}\" does not start with \"/\".", path.key),
              "Write it from the root of the API, such as /pets.", path.key_mark);
      return;
    }
    if (path.value.find("$ref") != nullptr) {
      finding("ref-not-built", fmt::format("The path \"{}\" is a reference, which is not built yet.", path.key),
              "Write the operations under the path itself.", path.key_mark);
      return;
    }
    if (!path.value.is_object()) {
      finding("path-shape", fmt::format("The path {} holds no operations: it is not a map.", path.key),
              "Indent its methods below it; a path without operations is `{}`.", path.key_mark);
      return;
    }
    const Value* shared = path.value.find("parameters");
    for (const auto& member : path.value.members()) {
      const bool any = member.key == kAnyMethod;
      if (any || is_one_of(member.key, kMethods)) {
        read_operation(any ? "ANY" : upper(member.key), path.key, shared, member);
      } else if (member.key != "parameters" && !member.key.starts_with("x-")) {
        finding("method-unknown", fmt::format("\"{}\" is not a method.", member.key),
                "Known methods are get, put, post, delete, options, head, patch and x-apigateway-any-method.",
                member.key_mark);
      }
    }
  }

  void read_operation(std::string method, const std::string& path, const Value* shared, const Value::Member& source) {
    const Value& operation = source.value;
    if (wanted_ && !wanted_(method, base_path_ + path, operation)) return;
    Operation result{std::move(method), base_path_ + path, "NORMAL", Value::object(), source.key_mark};
    if (!operation.is_object()) {
      finding("operation-shape", fmt::format("{} {} is not a map.", result.method, result.path),
              "Describe the operation below its method.", source.key_mark);
      return;
    }
    if (upper(operation.text("x-apigateway-match-mode")) == "SWA") result.match_mode = "SWA";
    result.body.set("method", result.method).set("path", result.path);
    if (const auto name = operation.text("operationId"); !name.empty()) result.body.set("operationId", name);
    for (const std::string_view name : kTakenAsIs) {
      if (const Value* value = operation.find(name)) result.body.set(name, *value);
    }
    read_schemes(operation, result.body);
    read_security(operation, result.body);
    read_policies(operation, result.body);
    read_samples(operation, result.body);
    read_parameters(shared, operation, result);
    read_other_members(operation, result);
    result_.operations.push_back(std::move(result));
  }

  void read_schemes(const Value& operation, Value& body) {
    const Value* schemes = operation.find("schemes");
    if (schemes == nullptr) schemes = document_.find("schemes");
    if (schemes == nullptr || schemes->is_null()) return;
    if (!schemes->is_array()) {
      once("schemes-shape", "`schemes` is not a list.", "Write [https], or [http, https].", schemes->mark());
      return;
    }
    Value kept = Value::array();
    for (const Value& scheme : schemes->items()) {
      const std::string name = scheme.is_string() ? lower(scheme.as_string()) : "";
      if (name == "http" || name == "https" || (name == "grpcs" && origin_ == SwaggerOrigin::Export)) {
        kept.push(name);
      } else {
        left_out("schemes other than http and https", scheme.mark());
      }
    }
    if (!kept.items().empty()) body.set("schemes", std::move(kept));
  }

  const Value* gateway_scheme(std::string_view name) const {
    const Value* definitions = document_.find("securityDefinitions");
    const Value* scheme = definitions != nullptr ? definitions->find(name) : nullptr;
    return scheme != nullptr && scheme->find("x-apigateway-auth-type") != nullptr ? scheme : nullptr;
  }
  bool has_gateway_schemes() const {
    const Value* definitions = document_.find("securityDefinitions");
    if (definitions == nullptr) return false;
    return std::any_of(definitions->members().begin(), definitions->members().end(),
                       [](const auto& scheme) { return scheme.value.find("x-apigateway-auth-type") != nullptr; });
  }

  /// Only schemes with x-apigateway-auth-type count: who may call an API is never guessed.
  void read_security(const Value& operation, Value& body) {
    const Value* security = operation.find("security");
    if (security == nullptr && origin_ == SwaggerOrigin::File) security = document_.find("security");
    if (security == nullptr || (security->is_array() && security->items().empty())) {
      const bool none = origin_ == SwaggerOrigin::Export || (security != nullptr && has_gateway_schemes());
      if (none) body.set("security", Value::object({{"type", "NONE", 0}}));
      return;
    }
    for (const Value& requirement : security->items()) {
      for (const auto& member : requirement.members()) {
        if (const Value* scheme = gateway_scheme(member.key)) {
          body.set("security", auth_of(member.key, *scheme));
          return;
        }
        const Value* definitions = document_.find("securityDefinitions");
        if (definitions == nullptr || definitions->find(member.key) == nullptr) {
          once("scheme-undefined", fmt::format("The security scheme \"{}\" is not defined.", member.key),
               "Define it below `securityDefinitions`, or correct the name.", member.key_mark);
        }
      }
    }
  }

  Value auth_of(std::string_view name, const Value& scheme) {
    const std::string kind = lower(scheme.text("x-apigateway-auth-type"));
    Value auth = Value::object();
    if (kind == "appsigv1") {
      auth.set("type", "APP");
      if (const Value* options = scheme.find("x-apigateway-auth-opt")) {
        if (const Value* code = options->find("appcode-auth-type")) auth.set("app_code", *code);
      }
    } else if (kind == "iam") {
      auth.set("type", "IAM");
    } else if (kind == "authorizer") {
      auth.set("type", "AUTHORIZER").set("authorizer", name);
    } else {
      finding("auth-type-unknown",
              fmt::format("The security scheme \"{}\" has the unknown x-apigateway-auth-type \"{}\".", name,
                          scheme.text("x-apigateway-auth-type")),
              "Use AppSigv1, IAM or AUTHORIZER.", scheme.mark());
    }
    return auth;
  }

  void read_policies(const Value& operation, Value& body) {
    const Value* policies = operation.find("x-apigateway-backend-policies");
    if (policies == nullptr) return;
    Value kept = Value::array();
    for (Value policy : policies->items()) {
      if (const Value* conditions = policy.find("conditions")) {
        Value renamed = Value::array();
        for (Value condition : conditions->items()) {
          if (const Value* parameter = condition.find("parameter_name")) {
            condition.set("parameter", Value(*parameter));
            condition.erase("parameter_name");
          }
          renamed.push(std::move(condition));
        }
        policy.set("conditions", std::move(renamed));
      }
      kept.push(std::move(policy));
    }
    body.set("x-apigateway-backend-policies", std::move(kept));
  }

  /// Beside `default` in Swagger 2.0 exports, inside it in newer pages: both are read.
  void read_samples(const Value& operation, Value& body) {
    const Value* responses = operation.find("responses");
    if (responses == nullptr) return;
    const Value* fallback = responses->find("default");
    for (const std::string_view name : kSamples) {
      const Value* sample = responses->find(name);
      if (sample == nullptr && fallback != nullptr) sample = fallback->find(name);
      if (sample != nullptr) body.set(name, *sample);
    }
  }

  /// What makes two parameters one: the case of header names does not count.
  static std::string parameter_key(const Value& parameter) {
    const std::string location = lower(parameter.text("in"));
    const std::string_view name = parameter.text("name");
    return location + ":" + (location == "header" ? lower(name) : std::string(name));
  }

  void read_parameters(const Value* shared, const Value& operation, Operation& result) {
    Value::Array kept;
    std::set<std::string> seen;
    const auto read_list = [&](const Value* list) {
      if (list == nullptr) return;
      for (const Value& item : list->items()) {
        const Value* parameter = resolve(item);
        if (parameter == nullptr) continue;
        if (!seen.insert(parameter_key(*parameter)).second) continue;
        if (auto projected = project_parameter(*parameter, item.mark(), result)) kept.push_back(std::move(*projected));
      }
    };
    check_repeated(operation.find("parameters"), result);
    read_list(operation.find("parameters"));  // an operation's own parameter replaces the path's
    read_list(shared);
    if (kept.size() > 50) {
      finding("parameters-too-many",
              fmt::format("{} {} has {} parameters; the gateway takes 50.", result.method, result.path, kept.size()),
              "Leave some out, or split the operation.", result.mark);
    }
    check_path_variables(kept, result);
    if (!kept.empty()) result.body.set("parameters", Value::array(std::move(kept)));
  }

  void check_repeated(const Value* list, const Operation& result) {
    std::set<std::string> seen;
    if (list == nullptr) return;
    for (const Value& item : list->items()) {
      const Value* parameter = resolve(item);
      if (parameter == nullptr || parameter->text("in") == "body") continue;
      if (!seen.insert(parameter_key(*parameter)).second) {
        finding("parameter-twice",
                fmt::format("{} {} declares the {} parameter \"{}\" twice.", result.method, result.path,
                            parameter->text("in"), parameter->text("name")),
                "Remove one of the two.", item.mark());
      }
    }
  }

  /// The value that a local reference leads to, or the value itself; null after a finding.
  const Value* resolve(const Value& item) {
    const Value* value = &item;
    for (int hops = 0; hops < 20; ++hops) {
      const Value* reference = value->find("$ref");
      if (reference == nullptr || !reference->is_string()) return value;
      const std::string& target = reference->as_string();
      if (!target.starts_with("#/")) {
        once("ref-not-built",
             fmt::format("The reference \"{}\" leads to another file, which is not built yet.", target),
             "Write the value in this file, below `parameters`.", reference->mark());
        return nullptr;
      }
      const Value* next = follow(target.substr(2));
      if (next == nullptr) {
        once("ref-missing", fmt::format("The reference \"{}\" leads to nothing.", target),
             "Correct the name, or define it.", reference->mark());
        return nullptr;
      }
      value = next;
    }
    once("ref-cycle", "A reference leads back to itself.", "Let one of the references name a value.", item.mark());
    return nullptr;
  }

  const Value* follow(std::string_view pointer) const {
    const Value* value = &document_;
    while (value != nullptr) {
      const std::size_t slash = pointer.find('/');
      value = value->find(unescaped_pointer_token(pointer.substr(0, slash)));
      if (slash == std::string_view::npos) return value;
      pointer.remove_prefix(slash + 1);
    }
    return nullptr;
  }

  std::optional<Value> project_parameter(const Value& parameter, std::uint32_t mark, const Operation& operation) {
    const std::string location = lower(parameter.text("in"));
    const std::string_view name = parameter.text("name");
    if (location == "body") return left_out("body parameters", mark), std::nullopt;
    if (location == "formdata") return left_out("form parameters", mark), std::nullopt;
    const bool known = location == "path" || location == "query" || location == "header";
    if (!known || name.empty()) {
      finding("parameter-shape",
              fmt::format("A parameter of {} {} has no `in` of path, query or header, or no `name`.", operation.method,
                          operation.path),
              "Give it both.", mark);
      return std::nullopt;
    }
    const std::string folded_name = lower(name);
    if (location == "header" && (folded_name == "authorization" || folded_name == "x-auth-token")) {
      return left_out("header parameters that the gateway refuses (Authorization, X-Auth-Token)", mark), std::nullopt;
    }
    const std::string type = lower(parameter.text("type"));
    const bool numeric = type == "integer" || type == "number" || type == "long" || type == "float" || type == "double";
    constexpr std::string_view kOtherTypes[] = {"", "boolean", "array", "object", "file"};
    if (!numeric && type != "string" && !is_one_of(type, kOtherTypes)) {
      once("parameter-type",
           fmt::format("The parameter \"{}\" of {} {} has the type \"{}\", which Swagger does not know.", name,
                       operation.method, operation.path, parameter.text("type")),
           "Use string, integer or number; the gateway holds no others.", mark);
      return std::nullopt;
    }
    if (!numeric && type != "string") {
      if (location != "path") {
        return left_out(fmt::format("{} parameters {}", location, type.empty() ? "without a type" : "of type " + type),
                        mark),
               std::nullopt;
      }
      finding("path-variable-type",
              fmt::format("The path variable \"{}\" of {} {} has {}, which the gateway does not hold.", name,
                          operation.method, operation.path, type.empty() ? "no type" : "the type " + type),
              "Declare it as string, integer or number.", mark);
      return std::nullopt;
    }
    Value kept = Value::object();
    for (const std::string_view member : kKeptOfParameter) {
      if (const Value* value = parameter.find(member)) kept.set(member, *value);
    }
    kept.set("in", location).set("type", numeric ? "number" : "string");
    if (location == "path") kept.set("required", true);
    kept.set_mark(mark);
    if (origin_ == SwaggerOrigin::Export) keep_unknown(parameter, kept);
    return kept;
  }

  static void keep_unknown(const Value& parameter, Value& kept) {
    for (const auto& member : parameter.members()) {
      if (member.key.starts_with("x-") && kept.find(member.key) == nullptr) kept.set(member.key, member.value);
    }
  }

  void check_path_variables(const Value::Array& parameters, const Operation& operation) {
    for (std::size_t at = 0; (at = operation.path.find('{', at)) != std::string::npos; ++at) {
      const std::size_t end = operation.path.find('}', at);
      const bool whole = at > 0 && operation.path[at - 1] == '/' && end != std::string::npos &&
                         (end + 1 == operation.path.size() || operation.path[end + 1] == '/');
      if (!whole && origin_ == SwaggerOrigin::File) {
        finding("path-variable-shape",
                fmt::format("The path {} has a variable that is not a whole segment, which the gateway does not take.",
                            operation.path),
                "Use a variable for the whole segment, or leave the operation out.", operation.mark);
        return;
      }
    }
    for (const std::string& variable : path_variables(operation.path)) {
      const bool declared = std::any_of(parameters.begin(), parameters.end(), [&](const Value& parameter) {
        return parameter.text("in") == "path" && parameter.text("name") == variable;
      });
      if (!declared && origin_ == SwaggerOrigin::File && !variable.ends_with('+')) {
        finding("path-variable-undeclared",
                fmt::format("The path variable \"{}\" of {} {} is not declared.", variable, operation.method,
                            operation.path),
                "Add a parameter with `in: path` and this name.", operation.mark);
      }
    }
  }

  void read_other_members(const Value& operation, Operation& result) {
    count_unmapped(operation);
    for (const auto& member : operation.members()) {
      if (is_one_of(member.key, kTakenAsIs) || is_one_of(member.key, kRead)) continue;
      if (is_one_of(member.key, kPolicies) && origin_ == SwaggerOrigin::File) {
        finding("policy-not-built", fmt::format("`{}` is not built yet.", member.key),
                "Leave it out; bind the policy on the gateway.", member.key_mark);
      } else if (origin_ == SwaggerOrigin::Export) {
        result.body.set(member.key, member.value);
      } else if (member.key.starts_with("x-apigateway-")) {
        const std::string near = did_you_mean(member.key, known_extensions());
        finding("extension-unknown", fmt::format("`{}` is not an extension of the gateway.", member.key),
                near.empty() ? "Correct the name, or leave it out." : fmt::format("Did you mean `{}`?", near),
                member.key_mark);
      } else if (member.key.starts_with("x-")) {
        left_out("extensions that the gateway does not know", member.key_mark);
      }
    }
  }

  const Value& document_;
  SwaggerOrigin origin_;
  const OperationFilter& wanted_;
  std::string base_path_;
  Swagger result_;
};

}  // namespace

Swagger read_swagger(const Value& document, SwaggerOrigin origin, const OperationFilter& wanted) {
  return Reader(document, origin, wanted).run();
}

std::vector<std::string> path_variables(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = path.find('{', at)) != std::string_view::npos;) {
    const std::size_t end = path.find('}', at);
    if (end == std::string_view::npos) break;
    names.emplace_back(path.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return names;
}

}  // namespace sluice
