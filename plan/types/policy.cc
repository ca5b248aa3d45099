// Policies and group responses, in the words of the Swagger extensions that define them. Source: APIG user guide,
// "Extended Definition" (x-apigateway-ratelimits, -access-controls, -responses); API reference, "Request Throttling
// Policies", "Access Control Policies", "Group Responses".
#include "plan/schema.h"

namespace sluice {
namespace {

constexpr std::string_view kTypeAndInstance[] = {"type", "instance"};
constexpr std::string_view kKey[] = {"key"};
constexpr std::string_view kSpecialTypes[] = {"APP", "USER"};
constexpr std::string_view kUnits[] = {"SECOND", "MINUTE", "HOUR", "DAY"};
constexpr std::string_view kAclTypes[] = {"PERMIT", "DENY"};
constexpr std::string_view kEntityTypes[] = {"IP", "DOMAIN", "DOMAIN_ID"};
constexpr Range kLimit = {1, 2'147'483'647};

constexpr FieldSchema kSpecial[] = {
    {.name = "type", .fold = Fold::Upper, .choices = kSpecialTypes, .needed = true},
    {.name = "instance", .needed = true},
    {.name = "limit", .kind = FieldKind::Integer, .rule = "throttle", .range = kLimit, .needed = true},
};

constexpr FieldSchema user_limit(std::string_view name) {
  return {.name = name, .kind = FieldKind::Integer, .zero_is_absent = true, .rule = "throttle", .range = kLimit};
}

constexpr FieldSchema kRatelimit[] = {
    {.name = "api-limit", .kind = FieldKind::Integer, .rule = "throttle", .range = kLimit, .needed = true},
    user_limit("user-limit"),
    user_limit("app-limit"),
    user_limit("ip-limit"),
    {.name = "interval",
     .kind = FieldKind::Integer,
     .fallback = "1",
     .rule = "throttle",
     .range = kLimit,
     .needed = true},
    {.name = "unit", .fold = Fold::Upper, .rule = "throttle", .choices = kUnits, .needed = true},
    {.name = "shared", .kind = FieldKind::Boolean, .fallback = "false", .rule = "throttle"},
    {.name = "special",
     .kind = FieldKind::KeyedList,
     .fallback = "[]",
     .fields = kSpecial,
     .keys = kTypeAndInstance,
     .rule = "throttle",
     .extension = "x-apigateway-ratelimits.policy.special"},
};

constexpr FieldSchema kAcl[] = {
    {.name = "acl-type", .fold = Fold::Upper, .rule = "access", .choices = kAclTypes, .needed = true},
    {.name = "entity-type", .fallback = R"("IP")", .fold = Fold::Upper, .rule = "access", .choices = kEntityTypes},
    {.name = "value", .kind = FieldKind::CommaSet, .rule = "access", .needed = true},
};

constexpr FieldSchema kHeader[] = {{.name = "key"}, {.name = "value", .rule = "response"}};

constexpr FieldSchema kErrorResponse[] = {
    {.name = "status", .kind = FieldKind::Integer, .kept = true, .rule = "response", .range = {200, 599}},
    {.name = "body", .kept = true, .rule = "response"},
    {.name = "headers",
     .kind = FieldKind::KeyedList,
     .fields = kHeader,
     .keys = kKey,
     .kept = true,
     .rule = "response"},
};

constexpr FieldSchema error_type(std::string_view name) {
  return {.name = name, .kind = FieldKind::Object, .fields = kErrorResponse, .rule = "response"};
}

constexpr FieldSchema kResponse[] = {
    error_type("ACCESS_DENIED"),
    error_type("AUTHORIZER_CONF_FAILURE"),
    error_type("AUTHORIZER_FAILURE"),
    error_type("AUTHORIZER_IDENTITIES_FAILURE"),
    error_type("AUTH_FAILURE"),
    error_type("AUTH_HEADER_MISSING"),
    error_type("BACKEND_TIMEOUT"),
    error_type("BACKEND_UNAVAILABLE"),
    error_type("DEFAULT_4XX"),
    error_type("DEFAULT_5XX"),
    error_type("JWT_AUTH_FAILURE"),
    error_type("NOT_FOUND"),
    error_type("OIDC_AUTH_CODE_FLOW_FAIL"),
    error_type("OIDC_AUTH_GET_DISCOVERY_ERROR"),
    error_type("OIDC_AUTH_TOKEN_VERIFY_FAIL"),
    error_type("ORCHESTRATION_FAILURE"),
    error_type("ORCHESTRATION_PARAMETER_NOT_FOUND"),
    error_type("REQUEST_PARAMETERS_FAILURE"),
    error_type("THIRD_AUTH_CONF_FAILURE"),
    error_type("THIRD_AUTH_FAILURE"),
    error_type("THIRD_AUTH_IDENTITIES_FAILURE"),
    error_type("THROTTLED"),
    error_type("UNAUTHORIZED"),
};

}  // namespace

constexpr TypeSchema kRatelimitSchema = {"ratelimit", kRatelimit};
constexpr TypeSchema kAclSchema = {"acl", kAcl};
constexpr TypeSchema kResponseSchema = {"response", kResponse};

}  // namespace sluice
