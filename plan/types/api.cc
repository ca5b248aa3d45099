// APIs, in the words of a Swagger operation. Source: APIG user guide, "Extended Definition"; API reference, "APIs".
#include "plan/schema.h"

namespace sluice {
namespace {

constexpr std::string_view kLocationAndName[] = {"in", "name"};
constexpr std::string_view kName[] = {"name"};
constexpr std::string_view kAuthorizerName[] = {"authorizer"};
constexpr std::string_view kSourceAndName[] = {"location", "name"};

constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "ANY"};
constexpr std::string_view kMatchModes[] = {"NORMAL", "SWA"};
constexpr std::string_view kRequestTypes[] = {"public", "private"};
constexpr std::string_view kContentTypes[] = {"application/json", "application/xml", "multipart/form-data",
                                              "text/plain"};
constexpr std::string_view kAuthTypes[] = {"NONE", "APP", "IAM", "AUTHORIZER"};
constexpr std::string_view kAppCodes[] = {"header"};
constexpr std::string_view kFunctionOnly[] = {"FUNC"};
constexpr std::string_view kAuthorizerTypes[] = {"FRONTEND", "BACKEND"};
constexpr std::string_view kIdentityPlaces[] = {"HEADER", "QUERY"};
constexpr std::string_view kPlaces[] = {"path", "query", "header"};
constexpr std::string_view kParameterTypes[] = {"string", "number"};
constexpr std::string_view kPassThrough[] = {"always", "never"};
constexpr std::string_view kMappingOrigins[] = {"REQUEST", "CONSTANT", "SYSTEM"};
constexpr std::string_view kSchemes[] = {"http", "https"};
constexpr std::string_view kRetries[] = {"-1", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
constexpr std::string_view kInvocationTypes[] = {"sync", "async"};
constexpr std::string_view kNetworkTypes[] = {"V1", "V2"};
constexpr std::string_view kFunctionProtocols[] = {"HTTPS", "GRPCS"};
constexpr std::string_view kBackendTypes[] = {"HTTP", "HTTP-VPC", "HTTP-VPC-MEMBER-GROUP", "FUNCTION", "MOCK"};
constexpr std::string_view kConditionOrigins[] = {"source",       "param", "system", "cookie", "frontend_authorizer",
                                                  "orchestration"};
constexpr std::string_view kConditionTypes[] = {"exact", "enum", "pattern"};
constexpr std::string_view kEffectModes[] = {"ANY", "ALL"};
/// Names of a condition's parameter: of the pages, and of the JSON API by origin.
constexpr std::string_view kConditionParameters[] = {
    "parameter_name",   "req_param_name", "sys_param_name", "cookie_name", "frontend_authorizer_param_name",
    "mapped_param_name"};

constexpr Range kTimeout = {1, 600'000};  ///< beyond 60,000 a gateway needs its feature backend_timeout
constexpr Range kPathLength = {1, 512};
constexpr Range kObjectName = {3, 64};  ///< of channels, authorizers and orchestration rules

constexpr Spelling kAppCode[] = {{"disable", ""}};
constexpr Spelling kInvocations[] = {{"synchronous", "sync"}, {"asynchronous", "async"}};
constexpr Spelling kOrigins[] = {{"request", "param"}, {"request_parameter", "param"}};
constexpr Spelling kConditions[] = {{"equal", "exact"}};

constexpr FieldSchema kIdentity[] = {
    {.name = "location", .fold = Fold::Upper, .choices = kIdentityPlaces, .needed = true},
    {.name = "name", .range = {1, 64}, .needed = true},
    {.name = "validation", .fallback = R"("")"},
};

constexpr FieldSchema kAuthorizer[] = {
    {.name = "authorizer_type", .fallback = R"("FUNC")", .fold = Fold::Upper, .choices = kFunctionOnly},
    {.name = "authorizer_uri", .range = {1, 255}, .needed = true},
    {.name = "authorizer_alias_uri", .fallback = R"("")"},
    {.name = "authorizer_version", .fallback = R"("")", .range = {0, 64}},
    {.name = "type", .fold = Fold::Upper, .choices = kAuthorizerTypes, .needed = true},
    {.name = "auth_downgrade_enabled", .kind = FieldKind::Boolean, .fallback = "false"},
    {.name = "need_body", .kind = FieldKind::Boolean},
    {.name = "identities", .kind = FieldKind::KeyedList, .fallback = "[]", .fields = kIdentity, .keys = kSourceAndName},
    {.name = "network_type", .fallback = R"("V1")", .fold = Fold::Upper, .choices = kNetworkTypes},
    {.name = "retry_attempts", .kind = FieldKind::Integer, .range = {0, 10}},
    {.name = "timeout", .kind = FieldKind::Integer, .range = {1, 60'000}},
    {.name = "ttl", .kind = FieldKind::Integer, .range = {0, 3600}},
};

constexpr FieldSchema kSecurity[] = {
    {.name = "type",
     .fallback = R"("NONE")",
     .fold = Fold::Upper,
     .rule = "auth",
     .choices = kAuthTypes,
     .extension = "x-apigateway-auth-type"},
    {.name = "app_code",
     .fallback = R"("")",
     .fold = Fold::Lower,
     .spellings = kAppCode,
     .rule = "auth",
     .choices = kAppCodes,
     .extension = "x-apigateway-auth-opt"},
    {.name = "authorizer", .fallback = R"("")", .rule = "auth", .range = kObjectName},
    {.name = "definition",
     .kind = FieldKind::Object,
     .fields = kAuthorizer,
     .keys = kAuthorizerName,
     .apart = true,
     .extension = "x-apigateway-authorizer"},
};

constexpr FieldSchema kParameter[] = {
    {.name = "in", .fold = Fold::Lower, .choices = kPlaces},
    {.name = "name"},
    {.name = "type", .fallback = R"("string")", .fold = Fold::Lower, .rule = "param-type", .choices = kParameterTypes},
    {.name = "required", .kind = FieldKind::Boolean, .fallback = "false", .rule = "param-required"},
    {.name = "description", .fallback = R"("")"},
    {.name = "default", .fallback = R"("")", .rule = "param-default"},
    {.name = "enum", .kind = FieldKind::TextSet, .fallback = "[]", .rule = "param-enum"},
    {.name = "minimum", .kind = FieldKind::Number, .zero_is_absent = true, .rule = "param-range"},
    {.name = "maximum", .kind = FieldKind::Number, .zero_is_absent = true, .rule = "param-range"},
    {.name = "minLength", .kind = FieldKind::Integer, .zero_is_absent = true, .rule = "param-range"},
    {.name = "maxLength", .kind = FieldKind::Integer, .zero_is_absent = true, .rule = "param-range"},
    {.name = "x-apigateway-pass-through",
     .fallback = R"("always")",
     .fold = Fold::Lower,
     .rule = "pass-through",
     .choices = kPassThrough},
    {.name = "x-apigateway-sample", .fallback = R"("")"},
    {.name = "x-apigateway-orchestrations",
     .kind = FieldKind::TextList,
     .fallback = "[]",
     .rule = "backend-request",
     .range = kObjectName,
     .secrecy = Secrecy::Name},
};

constexpr FieldSchema kBackendParameter[] = {
    {.name = "in", .fold = Fold::Lower, .choices = kPlaces},
    {.name = "name"},
    {.name = "origin", .fallback = R"("REQUEST")", .fold = Fold::Upper, .rule = "mapping", .choices = kMappingOrigins},
    {.name = "value", .rule = "mapping", .secrecy = Secrecy::Credential},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kHttp[] = {
    {.name = "address", .rule = "backend", .needed = true},
    {.name = "scheme", .fallback = R"("http")", .fold = Fold::Lower, .rule = "backend", .choices = kSchemes},
    {.name = "method", .fold = Fold::Upper, .rule = "backend", .choices = kMethods, .needed = true},
    {.name = "path", .rule = "backend-path", .range = kPathLength, .needed = true},
    {.name = "timeout", .kind = FieldKind::Integer, .fallback = "5000", .rule = "timeout", .range = kTimeout},
    {.name = "retryCount", .fallback = R"("-1")", .rule = "retries", .choices = kRetries},
    {.name = "enableClientSsl", .kind = FieldKind::Boolean, .fallback = "false", .rule = "backend-auth"},
    {.name = "enableSmChannel", .kind = FieldKind::Boolean, .kept = true, .rule = "backend-auth"},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kHttpVpc[] = {
    {.name = "name", .rule = "backend", .range = kObjectName, .needed = true, .secrecy = Secrecy::Name},
    {.name = "scheme", .fallback = R"("http")", .fold = Fold::Lower, .rule = "backend", .choices = kSchemes},
    {.name = "method", .fold = Fold::Upper, .rule = "backend", .choices = kMethods, .needed = true},
    {.name = "path", .rule = "backend-path", .range = kPathLength, .needed = true},
    {.name = "host", .fallback = R"("")", .rule = "backend"},
    {.name = "timeout", .kind = FieldKind::Integer, .fallback = "5000", .rule = "timeout", .range = kTimeout},
    {.name = "cascade_flag", .kind = FieldKind::Boolean, .fallback = "false", .rule = "backend"},
    {.name = "retryCount", .fallback = R"("-1")", .rule = "retries", .choices = kRetries},
    {.name = "enableClientSsl", .kind = FieldKind::Boolean, .fallback = "false", .rule = "backend-auth"},
    {.name = "enableSmChannel", .kind = FieldKind::Boolean, .kept = true, .rule = "backend-auth"},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kMemberGroupUrl[] = {
    {.name = "name"},
    {.name = "scheme", .fallback = R"("http")", .fold = Fold::Lower, .rule = "backend", .choices = kSchemes},
    {.name = "method", .fold = Fold::Upper, .rule = "backend", .choices = kMethods, .needed = true},
    {.name = "path", .rule = "backend-path", .range = kPathLength, .needed = true},
};

constexpr FieldSchema kMemberGroups[] = {
    {.name = "name", .rule = "backend", .range = kObjectName, .needed = true, .secrecy = Secrecy::Name},
    {.name = "memberGroupUrlInfos",
     .kind = FieldKind::KeyedList,
     .fields = kMemberGroupUrl,
     .keys = kName,
     .rule = "backend",
     .needed = true,
     .extension = "x-apigateway-backend.httpVpcMemberGroupEndpoints.memberGroupUrlInfos"},
    {.name = "timeout", .kind = FieldKind::Integer, .fallback = "5000", .rule = "timeout", .range = kTimeout},
    {.name = "retryCount", .fallback = R"("-1")", .rule = "retries", .choices = kRetries},
    {.name = "enableClientSsl", .kind = FieldKind::Boolean, .fallback = "false", .rule = "backend-auth"},
    {.name = "enableSmChannel", .kind = FieldKind::Boolean, .kept = true, .rule = "backend-auth"},
};

constexpr FieldSchema kFunction[] = {
    {.name = "function-urn", .rule = "backend", .range = {1, 255}, .needed = true},
    {.name = "version", .fallback = R"("")", .rule = "backend"},
    {.name = "alias-urn", .fallback = R"("")", .rule = "backend"},
    {.name = "invocation-type",
     .fallback = R"("sync")",
     .fold = Fold::Lower,
     .spellings = kInvocations,
     .rule = "invocation",
     .choices = kInvocationTypes},
    {.name = "network-type", .fallback = R"("V1")", .fold = Fold::Upper, .rule = "backend", .choices = kNetworkTypes},
    {.name = "req_protocol",
     .fallback = R"("HTTPS")",
     .fold = Fold::Upper,
     .rule = "backend",
     .choices = kFunctionProtocols},
    {.name = "timeout", .kind = FieldKind::Integer, .fallback = "5000", .rule = "timeout", .range = kTimeout},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kMock[] = {
    {.name = "result-content", .fallback = R"("")", .rule = "response"},
    {.name = "description", .fallback = R"("")"},
};

// What backends and backend policies have alike.
constexpr FieldSchema endpoint(std::string_view name, std::span<const FieldSchema> fields, std::string_view extension) {
  return {.name = name, .kind = FieldKind::Object, .fields = fields, .rule = "backend", .extension = extension};
}
constexpr FieldSchema kHttpEndpoint = endpoint("httpEndpoints", kHttp, "x-apigateway-backend.httpEndpoints");
constexpr FieldSchema kHttpVpcEndpoint =
    endpoint("httpVpcEndpoints", kHttpVpc, "x-apigateway-backend.httpVpcEndpoints");
constexpr FieldSchema kMemberGroupEndpoint =
    endpoint("httpVpcMemberGroupEndpoints", kMemberGroups, "x-apigateway-backend.httpVpcMemberGroupEndpoints");
constexpr FieldSchema kFunctionEndpoint =
    endpoint("functionEndpoints", kFunction, "x-apigateway-backend.functionEndpoints");
constexpr FieldSchema kMockEndpoint = endpoint("mockEndpoints", kMock, "x-apigateway-backend.mockEndpoints");
constexpr FieldSchema kMappings = {.name = "parameters",
                                   .kind = FieldKind::KeyedList,
                                   .fallback = "[]",
                                   .fields = kBackendParameter,
                                   .keys = kLocationAndName,
                                   .rule = "mapping",
                                   .extension = "x-apigateway-backend.parameters"};

constexpr FieldSchema kBackend[] = {
    {.name = "type", .fold = Fold::Upper, .rule = "backend", .choices = kBackendTypes},
    kHttpEndpoint,
    kHttpVpcEndpoint,
    kMemberGroupEndpoint,
    kFunctionEndpoint,
    kMockEndpoint,
    kMappings,
};

constexpr FieldSchema kCondition[] = {
    {.name = "origin",
     .fallback = R"("source")",
     .fold = Fold::Lower,
     .spellings = kOrigins,
     .choices = kConditionOrigins},
    {.name = "parameter", .fallback = R"("")", .aliases = kConditionParameters},
    {.name = "type",
     .fallback = R"("exact")",
     .fold = Fold::Lower,
     .spellings = kConditions,
     .choices = kConditionTypes},
    {.name = "value"},
};

constexpr FieldSchema kBackendPolicy[] = {
    {.name = "name"},
    {.name = "type", .fold = Fold::Upper, .rule = "backend", .choices = kBackendTypes},
    {.name = "effectMode", .fallback = R"("ANY")", .fold = Fold::Upper, .rule = "backend", .choices = kEffectModes},
    {.name = "conditions",
     .kind = FieldKind::ObjectSet,
     .fallback = "[]",
     .fields = kCondition,
     .rule = "backend",
     .extension = "x-apigateway-backend-policies.conditions"},
    kHttpEndpoint,
    kHttpVpcEndpoint,
    kMemberGroupEndpoint,
    kFunctionEndpoint,
    kMockEndpoint,
    kMappings,
};

constexpr FieldSchema kFields[] = {
    {.name = "method", .fold = Fold::Upper, .secrecy = Secrecy::Name},
    {.name = "path", .rule = "path", .secrecy = Secrecy::Name},
    {.name = "x-apigateway-match-mode", .fallback = R"("NORMAL")", .fold = Fold::Upper, .choices = kMatchModes},
    {.name = "operationId", .secrecy = Secrecy::Name},
    {.name = "description", .fallback = R"("")"},
    {.name = "tags", .kind = FieldKind::TextSet, .fallback = "[]", .secrecy = Secrecy::Name},
    {.name = "schemes",
     .kind = FieldKind::TextSet,
     .fallback = R"(["https"])",
     .fold = Fold::Lower,
     .rule = "protocol"},
    {.name = "security",
     .kind = FieldKind::Object,
     .fallback = "{}",
     .fields = kSecurity,
     .rule = "auth",
     .secrecy = Secrecy::Name},
    {.name = "parameters",
     .kind = FieldKind::KeyedList,
     .fallback = "[]",
     .fields = kParameter,
     .keys = kLocationAndName,
     .rule = "parameter"},
    {.name = "x-apigateway-request-type",
     .fallback = R"("public")",
     .fold = Fold::Lower,
     .rule = "visibility",
     .choices = kRequestTypes},
    {.name = "x-apigateway-cors", .kind = FieldKind::Boolean, .fallback = "false", .rule = "cors"},
    {.name = "x-apigateway-content-type",
     .fold = Fold::Lower,
     .kept = true,
     .rule = "content-type",
     .choices = kContentTypes},
    {.name = "x-apigateway-is-send-fg-body-base64",
     .kind = FieldKind::Boolean,
     .kept = true,
     .rule = "backend-request"},
    {.name = "x-apigateway-response",
     .fallback = R"("default")",
     .rule = "response",
     .range = {1, 64},
     .secrecy = Secrecy::Name},
    {.name = "x-apigateway-ratelimit", .fallback = R"("")", .rule = "bound-ratelimit", .secrecy = Secrecy::Name},
    {.name = "x-apigateway-access-control", .fallback = R"("")", .rule = "bound-acl", .secrecy = Secrecy::Name},
    {.name = "x-apigateway-plugins",
     .kind = FieldKind::TextSet,
     .fallback = "[]",
     .rule = "plugins",
     .range = {3, 255},
     .secrecy = Secrecy::Name},
    {.name = "x-apigateway-result-normal-sample", .fallback = R"("")"},
    {.name = "x-apigateway-result-failure-sample", .fallback = R"("")"},
    {.name = "x-apigateway-backend", .kind = FieldKind::Object, .fields = kBackend, .rule = "backend"},
    {.name = "x-apigateway-backend-policies",
     .kind = FieldKind::KeyedList,
     .fallback = "[]",
     .fields = kBackendPolicy,
     .keys = kName,
     .rule = "backend"},
};

}  // namespace

constexpr TypeSchema kApiSchema = {"api", kFields};

}  // namespace sluice
