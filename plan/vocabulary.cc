#include "plan/vocabulary.h"

#include <fmt/format.h>

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

constexpr std::string_view kRootExtensions[] = {"x-apigateway-ratelimits", "x-apigateway-access-controls",
                                                "x-apigateway-responses"};
constexpr std::string_view kComponentsExtensions[] = {"x-apigateway-responses"};
constexpr std::string_view kPathItemExtensions[] = {"x-apigateway-any-method"};
constexpr std::string_view kOperationExtensions[] = {
    "x-apigateway-request-type", "x-apigateway-match-mode", "x-apigateway-cors", "x-apigateway-is-send-fg-body-base64",
    "x-apigateway-backend", "x-apigateway-backend-policies", "x-apigateway-ratelimit", "x-apigateway-access-control",
    "x-apigateway-plugins", "x-apigateway-response", "x-apigateway-content-type",
    // The user guide names the operation as the place of these, exports write them elsewhere.
    "x-apigateway-responses", "x-apigateway-pass-through", "x-apigateway-sample", "x-apigateway-orchestrations"};
constexpr std::string_view kParameterExtensions[] = {"x-apigateway-pass-through", "x-apigateway-sample",
                                                     "x-apigateway-orchestrations"};
constexpr std::string_view kResponseExtensions[] = {"x-apigateway-result-normal-sample",
                                                    "x-apigateway-result-failure-sample"};
constexpr std::string_view kSchemeExtensions[] = {"x-apigateway-auth-type", "x-apigateway-auth-opt",
                                                  "x-apigateway-authorizer"};

struct Place {
  Level level;
  std::string_view name;
  Words extensions;
};
constexpr Place kPlaces[] = {
    {Level::Operation, "in an operation", kOperationExtensions},
    {Level::Root, "at the top of the document", kRootExtensions},
    {Level::PathItem, "below a path", kPathItemExtensions},
    {Level::Parameter, "in a parameter", kParameterExtensions},
    {Level::Response, "in the `responses` of an operation", kResponseExtensions},
    {Level::SecurityScheme, "in a security scheme", kSchemeExtensions},
};

Words extensions_of(Level level) {
  if (level == Level::Components) return kComponentsExtensions;
  if (level == Level::Responses) return kResponseExtensions;
  for (const Place& place : kPlaces) {
    if (place.level == level) return place.extensions;
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
  const Words extensions = extensions_of(level);
  const Words members = members_of(level, dialect);
  if (is_one_of(key, members) || is_one_of(key, extensions)) return {};
  if (!key.starts_with("x-")) {
    if (members.empty()) return {};
    std::string near = nearest(key, members);
    return near.empty() ? Judgement{Word::Other} : Judgement{Word::Misspelled, std::move(near)};
  }
  if (std::string near = nearest(key, extensions); !near.empty()) return {Word::Misspelled, std::move(near)};
  for (const Place& place : kPlaces) {
    if (is_one_of(key, place.extensions)) return {Word::Misplaced, std::string(place.name)};
  }
  return {key.starts_with("x-apigateway-") ? Word::Unknown : Word::Foreign};
}

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
