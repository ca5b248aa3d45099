#include "plan/swagger.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "plan/json.h"
#include "plan/openapi.h"
#include "plan/swagger_reading.h"
#include "plan/words.h"

namespace sluice {
namespace {

using Place = Reading::Place;

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
    "x-apigateway-ratelimit",
    "x-apigateway-access-control",
    "x-apigateway-plugins",
    "x-apigateway-backend",
    "x-apigateway-backend-policies",
};
/// Members with a reading of their own.
constexpr std::string_view kRead[] = {"operationId",
                                      "parameters",
                                      "schemes",
                                      "security",
                                      "responses",
                                      "x-apigateway-responses",
                                      "x-apigateway-pass-through",
                                      "x-apigateway-sample",
                                      "x-apigateway-orchestrations"};
constexpr std::string_view kSamples[] = {"x-apigateway-result-normal-sample", "x-apigateway-result-failure-sample"};
/// Members beside the `$ref` of a path that would be lost with it.
constexpr std::string_view kBesideReference[] = {"parameters", "servers", "trace", "connect"};

constexpr std::size_t kMostOperations = 20'000;  ///< of one file, from which groups may select

class Reader {
 public:
  Reader(const References& references, std::size_t file, SwaggerOrigin origin, const OperationFilter& wanted,
         CloudKind cloud)
      : document_{&references.document(file), file}, reading_(references, origin, result_), wanted_(wanted) {
    reading_.cloud = cloud;
  }

  Swagger run() {
    if (!document_.value->is_object()) {
      error("swagger-shape",
            document_.value->is_null() ? "The file is empty."
                                       : "The document is not a Swagger document: it is not a map.",
            "Start it with `swagger: \"2.0\"`.", reading_.mark(document_));
      return std::move(result_);
    }
    if (!check_version()) return std::move(result_);
    read_info();
    read_base_path();
    reading_.check_members(document_, Level::Root);
    check_security_schemes(reading_, document_);
    read_components();
    for (const auto& [member, kind] : {std::pair("x-apigateway-ratelimits", Definition::Kind::RateLimit),
                                       std::pair("x-apigateway-access-controls", Definition::Kind::AccessControl),
                                       std::pair("x-apigateway-responses", Definition::Kind::Response)}) {
      read_definitions(document_, member, kind);
    }
    const Value* paths = find("paths");
    if (paths == nullptr || !paths->is_object()) {
      error("swagger-shape", paths == nullptr ? "The document has no `paths`." : "`paths` is not a map.",
            "Add a `paths` map; an empty one is `paths: {}`.",
            paths == nullptr   ? reading_.mark(document_)
            : paths->is_null() ? at(document_.file, key_mark("paths"))
                               : at(document_.file, paths->mark()));
      return std::move(result_);
    }
    for (const auto& path : paths->members()) {
      if (reading_.of_file() && (reading_.full() || is_too_long(path))) break;
      read_path(path);
    }
    return std::move(result_);
  }

 private:
  struct Servers {
    std::string base_path;
    std::set<std::string> schemes;
  };
  /// A path's object, and what its operations inherit.
  struct PathItem {
    const std::string& path;
    Place place;
    std::optional<Servers> servers;
  };

  const Value* find(std::string_view key) const { return document_.value->find(key); }
  std::uint32_t at(std::size_t file, std::uint32_t mark) const { return reading_.mark(file, mark); }
  std::uint32_t key_mark(std::string_view key) const {
    const auto& members = document_.value->members();
    const auto found =
        std::find_if(members.begin(), members.end(), [&](const Value::Member& member) { return member.key == key; });
    return found == members.end() ? 0 : found->key_mark;
  }
  void error(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
    reading_.error(std::move(code), std::move(summary), std::move(detail), mark);
  }

  bool is_too_long(const Value::Member& path) {
    if (result_.operations.size() + result_.unsupported.size() < kMostOperations) return false;
    error("operations-too-many", fmt::format("The document holds more than {} operations.", kMostOperations),
          "Split it into several files and groups.", at(document_.file, path.key_mark));
    return true;
  }

  static std::string version_of(const Value* version) {
    if (version == nullptr) return {};
    if (version->is_string()) return version->as_string();
    return version->is_number() ? write_json(*version) : std::string();
  }

  bool check_version() {
    const Value* openapi = find("openapi");
    const Value* swagger = find("swagger");
    const std::string three = version_of(openapi);
    const std::string two = version_of(swagger);
    if (openapi != nullptr && swagger == nullptr) {
      reading_.dialect = Dialect::OpenApi3;
      if (three == "3.0" || three.starts_with("3.0.")) return true;
      error("openapi-version", fmt::format("OpenAPI {} is not read: the gateway takes 3.0.", shown(three)),
            "Write `openapi: 3.0.3`, with what that version has, or convert the file to Swagger 2.0.",
            at(document_.file, openapi->mark()));
      return false;
    }
    if (openapi == nullptr && (two == "2.0" || two == "2")) return true;
    error("swagger-version",
          openapi != nullptr ? "The document says both `swagger` and `openapi`."
                             : "The document does not say `swagger: \"2.0\"`.",
          "Add that line or `openapi: 3.0.3`, or take the file out of the manifest if it is something else.",
          swagger != nullptr ? at(document_.file, swagger->mark()) : reading_.mark(document_));
    return false;
  }

  void read_info() {
    const Value* info = find("info");
    if (info == nullptr) return;
    reading_.check_strays({info, document_.file});
    result_.title = info->text("title");
    result_.description = info->text("description");
  }

  void read_base_path() {
    if (reading_.dialect == Dialect::OpenApi3) {
      servers_ = read_servers(document_).value_or(Servers{});
      return;
    }
    const Value* base = find("basePath");
    if (base == nullptr || base->is_null()) return;
    if (base->is_string() && (base->as_string().empty() || base->as_string().starts_with('/'))) {
      servers_.base_path = base->as_string();
      while (servers_.base_path.ends_with('/')) servers_.base_path.pop_back();
      return;
    }
    error("base-path", "`basePath` is not a path that starts with \"/\".", "Write it as /v1, or leave it out.",
          at(document_.file, base->mark()));
  }

  /// The servers of a document, path or operation; the path of the first counts where they differ.
  std::optional<Servers> read_servers(Place holder) {
    const Value* list = holder.value->find("servers");
    if (list == nullptr || reading_.dialect == Dialect::Swagger2) return std::nullopt;
    if (!list->is_array()) {
      error("servers-shape", "`servers` is not a list.", "Write it as `servers: [{url: /v1}]`.",
            at(holder.file, list->mark()));
      return std::nullopt;
    }
    std::optional<Servers> found;
    for (const Value& item : list->items()) {
      const auto server = read_server(item);
      if (!server) {
        error("server-url", server.error(), "Write `url` as a URL or path, and give each variable a default.",
              at(holder.file, item.mark()));
        continue;
      }
      if (!found) found = Servers{server->path, {}};
      if (found->base_path != server->path) {
        reading_.unsupported(
            {"servers-differ", "servers with another base path than the first",
             fmt::format("Two servers differ in their paths, \"{}\" and \"{}\", and a gateway has one.",
                         shown(found->base_path), shown(server->path)),
             "Keep one of them, or let their paths be the same.", at(holder.file, item.mark())});
      } else if (server->scheme == "http" || server->scheme == "https") {
        found->schemes.insert(server->scheme);
      }
    }
    return found;
  }

  void read_components() {
    const bool three = reading_.dialect == Dialect::OpenApi3;
    const Value* components = three ? find("components") : nullptr;
    const Value* models = components != nullptr ? components->find("schemas") : three ? nullptr : find("definitions");
    if (models != nullptr && reading_.of_file()) {
      const std::string kind = three ? "models (`components.schemas`)" : "models (`definitions`)";
      for (const auto& model : models->members()) reading_.left_out(kind, at(document_.file, model.key_mark));
    }
    if (components == nullptr) return;
    const Place place{components, document_.file};
    reading_.check_members(place, Level::Components);
    read_definitions(place, "x-apigateway-responses", Definition::Kind::Response);
  }

  void read_definitions(Place holder, std::string_view member, Definition::Kind kind) {
    const Value* map = holder.value->find(member);
    if (map == nullptr || map->is_null() || !reading_.of_file()) return;
    if (!map->is_object()) {
      error("definitions-shape", fmt::format("`{}` is not a map.", member), "Name each definition below it.",
            at(holder.file, map->mark()));
      return;
    }
    for (const auto& one : map->members()) {
      if (!one.value.is_object()) {
        error("definitions-shape", fmt::format("\"{}\" of `{}` is not a map.", shown(one.key), member),
              "Describe it below its name.", at(holder.file, one.key_mark));
        continue;
      }
      Value body = one.value;
      shift_marks(body, at(holder.file, 0));
      result_.definitions.push_back({kind, one.key, std::move(body), at(holder.file, one.key_mark)});
    }
  }

  void read_path(const Value::Member& path) {
    const std::uint32_t mark = at(document_.file, path.key_mark);
    if (is_extension(path.key)) {
      if (!reading_.of_file()) return;
      const Judgement judged = judge_stray(path.key);
      if (judged.word == Word::Known) return reading_.left_out("extensions that the gateway does not know", mark);
      error("extension-misplaced", fmt::format("`{}` does not count among the paths.", shown(path.key)),
            judged.hint.empty() ? "Correct the name, or leave it out." : fmt::format("It belongs {}.", judged.hint),
            mark);
      return;
    }
    if (!path.key.starts_with('/')) {
      error("path-shape", fmt::format("The path \"{}\" does not start with \"/\".", shown(path.key)),
            "Write it from the root of the API, such as /pets.", mark);
      return;
    }
    if (path.value.find("$ref") != nullptr) {
      check_beside_reference(
          path.value, document_.file, fmt::format("the path {}", shown(path.key)),
          [](std::string_view key) { return !method_of_key(key).empty() || is_one_of(key, kBesideReference); });
    }
    const Place item = reading_.resolve({&path.value, document_.file});
    if (item.value == nullptr) return;
    if (!item.value->is_object()) {
      error("path-shape", fmt::format("The path {} holds no operations: it is not a map.", shown(path.key)),
            "Indent its methods below it; a path without operations is `{}`.", mark);
      return;
    }
    const PathItem context{path.key, item, read_servers(item)};
    for (const auto& member : item.value->members()) {
      if (reading_.of_file() && reading_.full()) return;
      read_path_member(context, member);
    }
  }

  /// What would be lost beside a reference, of those members that count.
  template <typename Counts>
  void check_beside_reference(const Value& holder, std::size_t file, const std::string& name, Counts counts) {
    for (const auto& member : holder.members()) {
      if (member.key == "$ref" || !counts(member.key)) continue;
      error("ref-siblings",
            fmt::format("`{}` stands beside the `$ref` of {}, where it does not count.", shown(member.key), name),
            "Move it into what the reference leads to, or write that here.", at(file, member.key_mark));
    }
  }

  void read_path_member(const PathItem& item, const Value::Member& member) {
    const std::uint32_t mark = at(item.place.file, member.key_mark);
    if (const std::string_view method = method_of_key(member.key); !method.empty()) {
      return read_operation(method, item, member);
    }
    if (member.key == "trace" || member.key == "connect") {
      const std::string name = fmt::format("{} {}{}", upper(member.key), servers_.base_path, item.path);
      reading_.unsupported({"method-unsupported", "operations of a method that the gateway does not have",
                            fmt::format("{}: the gateway has no such method.", shown(name)),
                            "Leave the operation out, or use x-apigateway-any-method.", mark, name});
      return;
    }
    const Judgement judged = judge_member(member.key, Level::PathItem, reading_.dialect);
    if (judged.word == Word::Known || !reading_.of_file()) return;
    if (judged.word == Word::Foreign) return reading_.left_out("extensions that the gateway does not know", mark);
    constexpr std::string_view kMethods =
        "Known methods are get, put, post, delete, options, head, patch and x-apigateway-any-method.";
    if (is_extension(member.key)) {
      error("extension-unknown", fmt::format("`{}` is not an extension that counts below a path.", shown(member.key)),
            judged.word == Word::Misplaced    ? fmt::format("It belongs {}.", judged.hint)
            : judged.word == Word::Misspelled ? fmt::format("Did you mean `{}`?", judged.hint)
                                              : "Correct the name, or leave it out.",
            mark);
      return;
    }
    error("method-unknown", fmt::format("\"{}\" is not a method.", shown(member.key)),
          judged.word == Word::Misspelled ? fmt::format("Did you mean `{}`? {}", judged.hint, kMethods)
                                          : std::string(kMethods),
          mark);
  }

  void read_operation(std::string_view method, const PathItem& item, const Value::Member& source) {
    const Place written{&source.value, item.place.file};
    const auto referred = reading_.references().resolve(written);
    const Place operation = referred ? *referred : written;
    const Value& content = *operation.value;
    const std::optional<Servers> own = content.is_object() ? read_servers(operation) : std::nullopt;
    const Servers& servers = own ? *own : item.servers ? *item.servers : servers_;
    Operation result{std::string(method), servers.base_path + item.path, "NORMAL", Value::object(),
                     at(item.place.file, source.key_mark)};
    if (wanted_ && !wanted_(method, result.path, content)) return;
    if (!referred) return reading_.fault(referred.error());
    if (content.is_object() && source.value.find("$ref") != nullptr) {
      check_beside_reference(source.value, item.place.file, fmt::format("{} {}", result.method, shown(result.path)),
                             [](std::string_view) { return true; });
    }
    if (!content.is_object()) {
      error("operation-shape", fmt::format("{} {} is not a map.", result.method, shown(result.path)),
            "Describe the operation below its method.", result.mark);
      return;
    }
    if (upper(content.text("x-apigateway-match-mode")) == "SWA") result.match_mode = "SWA";
    result.body.set("method", result.method).set("path", result.path);
    if (const auto name = content.text("operationId"); !name.empty()) result.body.set("operationId", name);
    for (const std::string_view name : kTakenAsIs) {
      if (const Value* value = content.find(name)) result.body.set(name, *value);
    }
    shift_marks(result.body, at(operation.file, 0));
    if (reading_.dialect == Dialect::Swagger2) {
      read_schemes(operation, result.body);
    } else if (!servers.schemes.empty()) {
      Value schemes = Value::array();
      for (const std::string& scheme : servers.schemes) schemes.push(scheme);
      result.body.set("schemes", std::move(schemes));
    }
    read_security(reading_, document_, operation, result.body);
    read_responses(operation, result.body);
    read_definitions(operation, "x-apigateway-responses", Definition::Kind::Response);
    reading_.check_members(operation, Level::Operation);
    if (!reading_.of_file()) keep_unknown(content, result.body);
    if (read_parameters(reading_, item.place, operation, result)) result_.operations.push_back(std::move(result));
  }

  void read_schemes(Place operation, Value& body) {
    const Value* schemes = operation.value->find("schemes");
    std::size_t file = operation.file;
    if (schemes == nullptr) {
      schemes = find("schemes");
      file = document_.file;
    }
    if (schemes == nullptr || schemes->is_null()) return;
    if (!schemes->is_array()) {
      error("schemes-shape", "`schemes` is not a list.", "Write [https], or [http, https].", at(file, schemes->mark()));
      return;
    }
    Value kept = Value::array();
    for (const Value& scheme : schemes->items()) {
      const std::string name = scheme.is_string() ? lower(scheme.as_string()) : "";
      if (name == "http" || name == "https" || (name == "grpcs" && !reading_.of_file())) {
        Value one(name);
        one.set_mark(at(file, scheme.mark()));
        kept.push(std::move(one));
      } else {
        reading_.left_out("schemes other than http and https", at(file, scheme.mark()));
      }
    }
    if (!kept.items().empty()) body.set("schemes", std::move(kept));
  }

  /// Samples stand beside `default` in Swagger 2.0 exports, inside it or beside its reference in newer pages.
  void read_responses(Place operation, Value& body) {
    const Value* responses = operation.value->find("responses");
    if (responses == nullptr) return;
    reading_.check_members({responses, operation.file}, Level::Responses);
    const Value* fallback = responses->find("default");
    if (fallback == nullptr) fallback = responses->find("default-cors");
    Place resolved;
    if (fallback != nullptr) {
      reading_.check_members({fallback, operation.file}, Level::Response);
      const bool wanted = reading_.of_file() && fallback->find("$ref") != nullptr;
      if (wanted) resolved = reading_.resolve({fallback, operation.file});
    }
    for (const std::string_view name : kSamples) {
      Place sample{responses->find(name), operation.file};
      if (sample.value == nullptr && fallback != nullptr) sample.value = fallback->find(name);
      if (sample.value == nullptr && resolved.value != nullptr) sample = {resolved.value->find(name), resolved.file};
      if (sample.value == nullptr) continue;
      Value text = *sample.value;
      text.set_mark(reading_.mark(sample));
      body.set(name, std::move(text));
    }
    if (reading_.of_file()) check_other_responses(*responses, fallback, operation.file);
  }

  void check_other_responses(const Value& responses, const Value* fallback, std::size_t file) {
    for (const auto& response : responses.members()) {
      if (&response.value == fallback) continue;
      for (const auto& member : response.value.members()) {
        if (!member.key.starts_with("x-apigateway-")) continue;
        error("extension-misplaced", fmt::format("`{}` does not count here.", shown(member.key)),
              "It belongs into the `default` response.", at(file, member.key_mark));
      }
    }
  }

  static void keep_unknown(const Value& operation, Value& body) {
    for (const auto& member : operation.members()) {
      if (is_one_of(member.key, kTakenAsIs) || is_one_of(member.key, kRead)) continue;
      body.set(member.key, member.value);
    }
  }

  Place document_;
  Swagger result_;
  Reading reading_;
  const OperationFilter& wanted_;
  Servers servers_;
};

}  // namespace

Swagger read_swagger(const References& references, std::size_t file, SwaggerOrigin origin,
                     const OperationFilter& wanted, CloudKind cloud) {
  return Reader(references, file, origin, wanted, cloud).run();
}

Swagger read_swagger(const Value& document, SwaggerOrigin origin) {
  const SwaggerFile file{{}, document};
  return read_swagger(References({&file, 1}), 0, origin);
}

std::vector<std::string> path_variables(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = path.find('{', at)) != std::string_view::npos;) {
    const std::size_t end = path.find('}', at);
    if (end == std::string_view::npos) break;
    std::string_view name = path.substr(at + 1, end - at - 1);
    if (name.ends_with('+')) name.remove_suffix(1);
    names.emplace_back(name);
    at = end + 1;
  }
  return names;
}

}  // namespace sluice
