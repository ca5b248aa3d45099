// APIs, in the words of a Swagger operation. Source: APIG user guide, "Extended Definition"; API reference, "APIs".
#include "plan/schema.h"

namespace sluice {
namespace {

constexpr std::string_view kLocationAndName[] = {"in", "name"};
constexpr std::string_view kName[] = {"name"};

constexpr Spelling kAppCode[] = {{"disable", ""}};
constexpr Spelling kInvocations[] = {{"synchronous", "sync"}, {"asynchronous", "async"}};
constexpr Spelling kOrigins[] = {{"request", "param"}, {"request_parameter", "param"}};
constexpr Spelling kConditions[] = {{"equal", "exact"}};

constexpr FieldSchema kSecurity[] = {
    {.name = "type", .fallback = R"("NONE")", .fold = Fold::Upper, .rule = "auth-changed"},
    {.name = "app_code", .fallback = R"("")", .fold = Fold::Lower, .spellings = kAppCode, .rule = "auth-changed"},
    {.name = "authorizer", .fallback = R"("")", .rule = "auth-changed"},
};

constexpr FieldSchema kParameter[] = {
    {.name = "in", .fold = Fold::Lower},
    {.name = "name"},
    {.name = "type", .fallback = R"("string")", .fold = Fold::Lower, .rule = "param-type-changed"},
    {.name = "required", .kind = FieldKind::Boolean, .fallback = "false", .rule = "param-required-changed"},
    {.name = "description", .fallback = R"("")"},
    {.name = "default", .fallback = R"("")"},
    {.name = "enum", .kind = FieldKind::TextSet, .fallback = "[]", .rule = "param-narrowed"},
    {.name = "minimum", .kind = FieldKind::Number, .zero_is_absent = true, .rule = "param-narrowed"},
    {.name = "maximum", .kind = FieldKind::Number, .zero_is_absent = true, .rule = "param-narrowed"},
    {.name = "minLength", .kind = FieldKind::Integer, .zero_is_absent = true, .rule = "param-narrowed"},
    {.name = "maxLength", .kind = FieldKind::Integer, .zero_is_absent = true, .rule = "param-narrowed"},
    {.name = "x-apigateway-pass-through", .fallback = R"("always")", .fold = Fold::Lower},
    {.name = "x-apigateway-sample", .fallback = R"("")"},
    {.name = "x-apigateway-orchestrations", .kind = FieldKind::TextList, .fallback = "[]"},
};

constexpr FieldSchema kBackendParameter[] = {
    {.name = "in", .fold = Fold::Lower},
    {.name = "name"},
    {.name = "origin", .fallback = R"("REQUEST")", .fold = Fold::Upper},
    {.name = "value"},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kHttp[] = {
    {.name = "address", .rule = "backend-moved"},
    {.name = "scheme", .fallback = R"("http")", .fold = Fold::Lower, .rule = "backend-moved"},
    {.name = "method", .fold = Fold::Upper, .rule = "backend-moved"},
    {.name = "path", .rule = "backend-moved"},
    {.name = "timeout", .kind = FieldKind::Integer, .fallback = "5000", .rule = "timeout-lowered"},
    {.name = "retryCount", .fallback = R"("-1")"},
    {.name = "enableClientSsl", .kind = FieldKind::Boolean, .fallback = "false"},
    {.name = "enableSmChannel", .kind = FieldKind::Boolean, .kept = true},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kHttpVpc[] = {
    {.name = "name", .rule = "backend-moved"},
    {.name = "scheme", .fallback = R"("http")", .fold = Fold::Lower, .rule = "backend-moved"},
    {.name = "method", .fold = Fold::Upper, .rule = "backend-moved"},
    {.name = "path", .rule = "backend-moved"},
    {.name = "host", .fallback = R"("")"},
    {.name = "timeout", .kind = FieldKind::Integer, .fallback = "5000", .rule = "timeout-lowered"},
    {.name = "cascade_flag", .kind = FieldKind::Boolean, .fallback = "false"},
    {.name = "retryCount", .fallback = R"("-1")"},
    {.name = "enableClientSsl", .kind = FieldKind::Boolean, .fallback = "false"},
    {.name = "enableSmChannel", .kind = FieldKind::Boolean, .kept = true},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kFunction[] = {
    {.name = "function-urn", .rule = "backend-moved"},
    {.name = "version", .fallback = R"("")", .rule = "backend-moved"},
    {.name = "alias-urn", .fallback = R"("")", .rule = "backend-moved"},
    {.name = "invocation-type", .fallback = R"("sync")", .fold = Fold::Lower, .spellings = kInvocations},
    {.name = "network-type", .fallback = R"("V1")", .fold = Fold::Upper},
    {.name = "req_protocol", .fallback = R"("HTTPS")", .fold = Fold::Upper},
    {.name = "timeout", .kind = FieldKind::Integer, .fallback = "5000", .rule = "timeout-lowered"},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kMock[] = {
    {.name = "result-content", .fallback = R"("")"},
    {.name = "description", .fallback = R"("")"},
};

constexpr FieldSchema kBackend[] = {
    {.name = "type", .fold = Fold::Upper, .rule = "backend-moved"},
    {.name = "httpEndpoints", .kind = FieldKind::Object, .fields = kHttp},
    {.name = "httpVpcEndpoints", .kind = FieldKind::Object, .fields = kHttpVpc},
    {.name = "functionEndpoints", .kind = FieldKind::Object, .fields = kFunction},
    {.name = "mockEndpoints", .kind = FieldKind::Object, .fields = kMock},
    {.name = "parameters",
     .kind = FieldKind::KeyedList,
     .fallback = "[]",
     .fields = kBackendParameter,
     .keys = kLocationAndName},
};

constexpr FieldSchema kCondition[] = {
    {.name = "origin", .fallback = R"("source")", .fold = Fold::Lower, .spellings = kOrigins},
    {.name = "parameter", .fallback = R"("")"},
    {.name = "type", .fallback = R"("exact")", .fold = Fold::Lower, .spellings = kConditions},
    {.name = "value"},
};

constexpr FieldSchema kBackendPolicy[] = {
    {.name = "name"},
    {.name = "type", .fold = Fold::Upper, .rule = "backend-moved"},
    {.name = "effectMode", .fallback = R"("ANY")", .fold = Fold::Upper},
    {.name = "conditions", .kind = FieldKind::ObjectSet, .fallback = "[]", .fields = kCondition},
    {.name = "httpEndpoints", .kind = FieldKind::Object, .fields = kHttp},
    {.name = "httpVpcEndpoints", .kind = FieldKind::Object, .fields = kHttpVpc},
    {.name = "functionEndpoints", .kind = FieldKind::Object, .fields = kFunction},
    {.name = "mockEndpoints", .kind = FieldKind::Object, .fields = kMock},
    {.name = "parameters",
     .kind = FieldKind::KeyedList,
     .fallback = "[]",
     .fields = kBackendParameter,
     .keys = kLocationAndName},
};

constexpr FieldSchema kFields[] = {
    {.name = "method", .fold = Fold::Upper},
    {.name = "path", .rule = "path-changed"},
    {.name = "x-apigateway-match-mode", .fallback = R"("NORMAL")", .fold = Fold::Upper},
    {.name = "operationId"},
    {.name = "description", .fallback = R"("")"},
    {.name = "tags", .kind = FieldKind::TextSet, .fallback = "[]"},
    {.name = "schemes",
     .kind = FieldKind::TextSet,
     .fallback = R"(["https"])",
     .fold = Fold::Lower,
     .rule = "protocol-changed"},
    {.name = "security", .kind = FieldKind::Object, .fallback = "{}", .fields = kSecurity},
    {.name = "parameters",
     .kind = FieldKind::KeyedList,
     .fallback = "[]",
     .fields = kParameter,
     .keys = kLocationAndName,
     .rule = "param-changed"},
    {.name = "x-apigateway-request-type", .fallback = R"("public")", .fold = Fold::Lower, .rule = "made-private"},
    {.name = "x-apigateway-cors", .kind = FieldKind::Boolean, .fallback = "false", .rule = "cors-changed"},
    {.name = "x-apigateway-content-type", .fold = Fold::Lower, .kept = true},
    {.name = "x-apigateway-is-send-fg-body-base64", .kind = FieldKind::Boolean, .kept = true},
    {.name = "x-apigateway-response", .fallback = R"("default")"},
    {.name = "x-apigateway-ratelimit", .fallback = R"("")"},
    {.name = "x-apigateway-access-control", .fallback = R"("")"},
    {.name = "x-apigateway-plugins", .kind = FieldKind::TextSet, .fallback = "[]"},
    {.name = "x-apigateway-result-normal-sample", .fallback = R"("")"},
    {.name = "x-apigateway-result-failure-sample", .fallback = R"("")"},
    {.name = "x-apigateway-backend", .kind = FieldKind::Object, .fields = kBackend},
    {.name = "x-apigateway-backend-policies",
     .kind = FieldKind::KeyedList,
     .fallback = "[]",
     .fields = kBackendPolicy,
     .keys = kName},
};

}  // namespace

constexpr TypeSchema kApiSchema = {"api", kFields};

}  // namespace sluice
