#include "plan/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/words.h"

namespace sluice {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::string_view kRoot2[] = {"swagger",     "info",       "host",        "basePath",
                                       "schemes",     "consumes",   "produces",    "paths",
                                       "definitions", "parameters", "responses",   "securityDefinitions",
                                       "security",    "tags",       "externalDocs"};
constexpr std::string_view kRoot3[] = {"openapi",    "info",     "servers", "paths",
                                       "components", "security", "tags",    "externalDocs"};
constexpr std::string_view kPathItem2[] = {"$ref",   "parameters", "get",  "put",  "post",
                                           "delete", "options",    "head", "patch"};
constexpr std::string_view kPathItem3[] = {"$ref", "parameters", "get",   "put",     "post",        "delete", "options",
                                           "head", "patch",      "trace", "summary", "description", "servers"};
constexpr std::string_view kOperation2[] = {"tags",        "summary",  "description", "externalDocs",
                                            "operationId", "consumes", "produces",    "parameters",
                                            "responses",   "schemes",  "deprecated",  "security"};
constexpr std::string_view kOperation3[] = {"tags",        "summary",    "description", "externalDocs",
                                            "operationId", "parameters", "requestBody", "responses",
                                            "callbacks",   "deprecated", "security",    "servers"};
constexpr std::string_view kParameter[] = {
    "$ref",       "in",        "name",        "required",         "description", "type",
    "format",     "items",     "default",     "collectionFormat", "enum",        "maximum",
    "minimum",    "maxLength", "minLength",   "exclusiveMaximum", "pattern",     "exclusiveMinimum",
    "maxItems",   "minItems",  "uniqueItems", "multipleOf",       "schema",      "allowEmptyValue",
    "deprecated", "style",     "explode",     "allowReserved",    "content",     "example",
    "examples"};

std::vector<std::string_view> extensions_of(Level level) {
  std::vector<std::string_view> names;
  for (const Extension& extension : extensions()) {
    if (std::find(extension.levels.begin(), extension.levels.end(), level) != extension.levels.end()) {
      names.push_back(extension.name);
    }
  }
  return names;
}

/// The same, made once: every member of every document is looked up.
Words known_extensions(Level level) {
  static const std::map<Level, std::vector<std::string_view>> kKnown = [] {
    std::map<Level, std::vector<std::string_view>> known;
    for (const Level one : {Level::Root, Level::Components, Level::PathItem, Level::Operation, Level::Parameter,
                            Level::Responses, Level::Response, Level::SecurityScheme}) {
      known.emplace(one, extensions_of(one));
    }
    return known;
  }();
  return kKnown.at(level);
}

std::string_view place_of(Level level) {
  switch (level) {
    case Level::Root:
      return "at the top of the document";
    case Level::Components:
      return "in `components`";
    case Level::PathItem:
      return "below a path";
    case Level::Operation:
      return "in an operation";
    case Level::Parameter:
      return "in a parameter";
    case Level::Responses:
    case Level::Response:
      return "in the `responses` of an operation";
    case Level::SecurityScheme:
      return "in a security scheme";
  }
  return {};
}

Words members_of(Level level, Dialect dialect) {
  const bool two = dialect == Dialect::Swagger2;
  if (level == Level::Root) return two ? Words(kRoot2) : Words(kRoot3);
  if (level == Level::PathItem) return two ? Words(kPathItem2) : Words(kPathItem3);
  if (level == Level::Operation) return two ? Words(kOperation2) : Words(kOperation3);
  if (level == Level::Parameter) return kParameter;
  return {};
}

/// The word that was meant; "" when none is near. A short word is near at one edit only.
std::string nearest(std::string_view key, Words words) {
  const std::string folded = lower(key);
  for (const std::string_view word : words) {
    if (lower(word) == folded) return std::string(word);
  }
  std::string near = did_you_mean(key, {words.begin(), words.end()});
  constexpr std::size_t kShort = 5;
  const bool too_short = near.size() <= kShort && near.size() != key.size() + 1 && near.size() + 1 != key.size();
  return too_short ? std::string() : near;
}

}  // namespace

Judgement judge_member(std::string_view key, Level level, Dialect dialect) {
  const Words extensions = known_extensions(level);
  const Words members = members_of(level, dialect);
  if (is_one_of(key, members) || is_one_of(key, extensions)) return {};
  if (!is_extension(key)) {
    if (members.empty()) return {};
    std::string near = nearest(key, members);
    return near.empty() ? Judgement{Word::Other} : Judgement{Word::Misspelled, std::move(near)};
  }
  if (std::string near = nearest(key, extensions); !near.empty()) return {Word::Misspelled, std::move(near)};
  Judgement stray = judge_stray(key);
  return stray.word == Word::Known ? Judgement{Word::Foreign} : stray;
}

Judgement judge_stray(std::string_view key) {
  const std::string folded = lower(key);
  const Extension* known = find_extension(folded);
  if (known != nullptr && !known->levels.empty())
    return {Word::Misplaced, std::string(place_of(known->levels.front()))};
  return {folded.starts_with("x-apigateway-") ? Word::Unknown : Word::Known};
}

bool is_extension(std::string_view key) { return key.starts_with("x-") || key.starts_with("X-"); }

std::string_view method_of_key(std::string_view key) {
  constexpr std::pair<std::string_view, std::string_view> kMethods[] = {
      {"get", "GET"},   {"put", "PUT"},         {"post", "POST"},   {"delete", "DELETE"},
      {"head", "HEAD"}, {"options", "OPTIONS"}, {"patch", "PATCH"}, {"x-apigateway-any-method", "ANY"}};
  for (const auto& [name, method] : kMethods) {
    if (name == key) return method;
  }
  return {};
}

}  // namespace sluice
