#include "plan/extensions.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "plan/import_document.h"
#include "plan/policy_definition.h"
#include "plan/vocabulary.h"
#include "tests/plan/one_file.h"

namespace sluice {
namespace {

using test::build;
using test::contains;
using test::json;
using test::settings;
using test::text_of;
using test::with_members;

/// A document without operations that has these members; they start in line 3.
std::string with_root(const std::string& members) { return "swagger: '2.0'\npaths: {}\n" + members + "\n"; }

std::string http(const std::string& member) {
  return "x-apigateway-backend:\n  type: HTTP\n  httpEndpoints: {address: h, method: GET, path: /a, " + member + "}";
}
std::string channel(const std::string& name) {
  return "x-apigateway-backend:\n  type: HTTP-VPC\n  httpVpcEndpoints: {method: GET, path: /a, name: " + name + "}";
}
std::string groups(const std::string& members, const std::string& more = "") {
  return "x-apigateway-backend:\n  type: HTTP-VPC-MEMBER-GROUP\n  httpVpcMemberGroupEndpoints:\n    name: chan\n    "
         "memberGroupUrlInfos:\n    - {" +
         members + "}\n" + more;
}
std::string function(const std::string& members) {
  return "x-apigateway-backend: {type: FUNCTION, functionEndpoints: {" + members + "}}";
}
const std::string kUrn = "'urn:fss:r:p:function:default:f'";
/// A backend policy with these members; its conditions are in line 10.
std::string policy(const std::string& members, const std::string& conditions = "[{value: 10.0.0.1}]") {
  return "x-apigateway-backend-policies:\n- name: one\n  type: HTTP\n  httpEndpoints: {address: h, method: GET, path: "
         "/a}\n  conditions: " +
         conditions + "\n" + (members.empty() ? "" : "  " + members);
}
/// A document with an authorizer of this definition, in line 4.
std::string authorizer(const std::string& definition, const std::string& name = "custom") {
  return "swagger: '2.0'\nsecurityDefinitions:\n  " + name +
         ": {type: apiKey, in: header, name: u, x-apigateway-auth-type: AUTHORIZER,\n    x-apigateway-authorizer: {" +
         definition + "}}\npaths:\n  /a: {get: {operationId: getA, security: [{" + name + ": []}]}}\n";
}
std::string defined(const std::string& members) {
  return authorizer("authorizer_uri: " + kUrn + ", type: FRONTEND, " + members);
}
std::string scheme(const std::string& members) {
  return "swagger: '2.0'\nsecurityDefinitions: {s: {type: apiKey, in: header, name: u, " + members +
         "}}\npaths:\n  /a: {get: {operationId: getA, security: [{s: []}]}}\n";
}
std::string parameter(const std::string& members) {
  return with_members("parameters:\n- {in: query, name: q, type: string, " + members + "}");
}
std::string throttling(const std::string& members) {
  return with_root("x-apigateway-ratelimits:\n  gold: {api-limit: 9, interval: 1, unit: DAY, " + members + "}");
}
std::string specials(int count, const char* type) {
  std::string list;
  for (int i = 0; i < count; ++i) {
    list += "{type: " + std::string(type) + ", limit: 1, instance: i" + std::to_string(i) + "},";
  }
  return "special: [" + list + "]";
}
std::string access(const std::string& members) {
  return with_root("x-apigateway-access-controls:\n  office: {" + members + "}");
}
std::string addresses(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + ("10.0.0." + std::to_string(i));
  return "acl-type: PERMIT, value: '" + list + "'";
}
std::string response(const std::string& members) {
  return with_root("x-apigateway-responses:\n  own:\n    THROTTLED: {" + members + "}");
}
std::string headers(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += "{key: X-" + std::to_string(i) + ", value: v},";
  return "headers: [" + list + "]";
}

struct Rule {
  const char* extension;
  std::string document;
  const char* finding;  ///< from the place on; "" when it is taken
};

std::vector<Rule> rules() {
  const char* const kHttp = "x-apigateway-backend.httpEndpoints";
  const char* const kChannel = "x-apigateway-backend.httpVpcEndpoints";
  const char* const kGroups = "x-apigateway-backend.httpVpcMemberGroupEndpoints";
  const char* const kUrls = "x-apigateway-backend.httpVpcMemberGroupEndpoints.memberGroupUrlInfos";
  const char* const kFunction = "x-apigateway-backend.functionEndpoints";
  const char* const kMapping = "x-apigateway-backend.parameters";
  const char* const kPolicies = "x-apigateway-backend-policies";
  const char* const kConditions = "x-apigateway-backend-policies.conditions";
  const char* const kAuthorizer = "x-apigateway-authorizer";
  const char* const kLimit = "x-apigateway-ratelimits.policy";
  const char* const kSpecial = "x-apigateway-ratelimits.policy.special";
  const char* const kAcl = "x-apigateway-access-controls.policy";
  const char* const kResponses = "x-apigateway-responses";
  const std::string whole = "name: g1, method: GET, path: /a";
  return {
      {"x-apigateway-auth-type", scheme("x-apigateway-auth-type: OAUTH"), "2:86: error auth-type-unknown"},
      {"x-apigateway-auth-type", scheme("x-apigateway-auth-type: IAM_NONE"), "2:86: error auth-type-unknown"},
      {"x-apigateway-auth-opt",
       scheme("x-apigateway-auth-type: AppSigv1, x-apigateway-auth-opt: {appcode-auth-type: query}"),
       "2:139: error scheme-value: `x-apigateway-auth-opt/appcode-auth-type` cannot be \"query\". Write disable or "
       "header."},
      {"x-apigateway-auth-opt",
       scheme("x-apigateway-auth-type: AppSigv1, x-apigateway-auth-opt: {appcode-authtype: header}"),
       "2:120: error scheme-member: `appcode-authtype` is not a member of `x-apigateway-auth-opt`. Did you mean "
       "`appcode-auth-type`?"},
      {"x-apigateway-auth-opt", scheme("x-apigateway-auth-type: AppSigv1, x-apigateway-auth-opt: yes"),
       "2:119: error scheme-extension: `x-apigateway-auth-opt` of the security scheme \"s\" is not a map."},
      {"x-apigateway-auth-opt",
       scheme("x-apigateway-auth-type: IAM, x-apigateway-auth-opt: {appcode-auth-type: header}"),
       "warning scheme-extension: `x-apigateway-auth-opt` of the security scheme \"s\" does not count"},
      {"x-apigateway-auth-type", scheme("x-apigateway-auth-type: 5"), "has the unknown x-apigateway-auth-type \"5\""},
      {"x-apigateway-auth-type",
       "swagger: '2.0'\nsecurityDefinitions: {s: {type: oauth2, x-apigateway-auth-type: IAM}}\npaths: {}\n",
       "2:33: error scheme-form: The security scheme \"s\" has `type: oauth2`"},
      {"x-apigateway-auth-type",
       "swagger: '2.0'\nsecurityDefinitions: {s: {type: apiKey, in: query, name: u, x-apigateway-auth-type: "
       "IAM}}\npaths: {}\n",
       "2:45: error scheme-form: The security scheme \"s\" has `in: query`"},
      {kAuthorizer, scheme("x-apigateway-auth-type: IAM, x-apigateway-authorizer: {type: FRONTEND}"),
       "warning scheme-extension: `x-apigateway-authorizer` of the security scheme \"s\" does not count"},
      {kAuthorizer, defined("needs_body: true"), "Did you mean `need_body`?"},
      {kAuthorizer, defined("identities: [{name: a, location: HEADER, valdation: b}]"), "Did you mean `validation`?"},
      {"x-apigateway-auth-opt",
       scheme("x-apigateway-auth-type: AppSigv1, x-apigateway-auth-opt: {app_code_auth_type: HEADER}"), ""},
      {kAuthorizer, defined("retry_attempts: 10, ttl: 3600, timeout: 60000"), ""},
      {kAuthorizer, defined("retry_attempts: 11"), "retry_attempts` is 11"},
      {kAuthorizer, defined("ttl: 3601"), "4:"},
      {kAuthorizer, defined("ttl: -1"), "x-apigateway-authorizer/ttl` is -1, and a gateway takes 0 to 3600"},
      {kAuthorizer, defined("timeout: 0"), "x-apigateway-authorizer/timeout` is 0, and a gateway takes 1 to 60000"},
      {kAuthorizer, authorizer("type: FRONTEND"),
       "4:30: error limit: GET /a: `x-apigateway-authorizer` has no `authorizer_uri`"},
      {kAuthorizer, authorizer("authorizer_uri: u, type: FRONTEND"),
       "4:47: error limit: GET /a: `x-apigateway-authorizer/authorizer_uri` is not the URN of a function"},
      {kAuthorizer, authorizer("authorizer_uri: " + kUrn),
       "4:30: error limit: GET /a: `x-apigateway-authorizer` has no `type`"},
      {kAuthorizer, defined("authorizer_type: LDAP"), "x-apigateway-authorizer/authorizer_type` must be one of FUNC"},
      {kAuthorizer, defined("identities: [{name: a}]"), "x-apigateway-authorizer/identities` has no `location`"},
      {kAuthorizer, defined("identities: [{location: HEADER}]"), "x-apigateway-authorizer/identities` has no `name`"},
      {kAuthorizer, defined("identities: [{location: BODY, name: a}]"),
       "x-apigateway-authorizer/identities/location` must be one of HEADER, QUERY"},
      {kAuthorizer, defined("identities: [{location: QUERY, name: a}, {location: query, name: a}]"),
       "x-apigateway-authorizer/identities` holds \"QUERY:a\" twice"},
      {kAuthorizer, authorizer("authorizer_uri: " + kUrn + ", type: FRONTEND", "fn"),
       "the name of its security scheme has 2 characters, and a gateway takes 3 to 64"},
      {"x-apigateway-request-type", with_members("x-apigateway-request-type: open"),
       "6:34: error limit: GET /a: `x-apigateway-request-type` must be one of public, private"},
      {"x-apigateway-match-mode", with_members("x-apigateway-match-mode: PREFIX"),
       "6:32: error limit: GET /a: `x-apigateway-match-mode` must be one of NORMAL, SWA"},
      {"x-apigateway-cors", with_members("x-apigateway-cors: maybe"),
       "6:26: error limit: GET /a: `x-apigateway-cors` must be true or false"},
      {"x-apigateway-is-send-fg-body-base64", with_members("x-apigateway-is-send-fg-body-base64: false"),
       "6:44: error limit: GET /a: `x-apigateway-is-send-fg-body-base64` is false, which takes"},
      {"x-apigateway-any-method",
       "swagger: '2.0'\npaths:\n  /a:\n    x-apigateway-any-method:\n      x-apigateway-cors: 3\n      operationId: "
       "any\n",
       "5:26: error limit: ANY /a: `x-apigateway-cors` must be true or false"},
      {"x-apigateway-backend", with_members("x-apigateway-backend: {type: FTP}"),
       "6:36: error limit: GET /a: `x-apigateway-backend/type` must be one of HTTP, HTTP-VPC"},
      {"x-apigateway-backend", with_members("x-apigateway-backend: {type: MOCK}"),
       "6:29: error limit: GET /a: `x-apigateway-backend` has the type MOCK and no mockEndpoints"},
      {"x-apigateway-backend.mockEndpoints",
       with_members("x-apigateway-backend: {type: MOCK, mockEndpoints: {result-contents: a}}"),
       "has the unknown member `result-contents`. Did you mean `result-content`?"},
      {kHttp, with_members(http("timeout: 1")), ""},
      {kHttp, with_members(http("timeout: 60000")), ""},
      {kHttp, with_members(http("timeout: 600000")),
       "8:69: warning limit: GET /a: `x-apigateway-backend/httpEndpoints/timeout` is 600000, and a gateway takes more "
       "than 60000 only where its feature backend_timeout allows it."},
      {kHttp, with_members(http("timeout: 60001")), "8:69: warning limit"},
      {kHttp,
       with_members("x-apigateway-backend: {type: HTTP, httpEndpoints: {address: 'b:80800', method: GET, path: /a}}"),
       "6:67: error limit: GET /a: `x-apigateway-backend/httpEndpoints/address` has the port \"80800\""},
      {kHttp,
       with_members("x-apigateway-backend: {type: HTTP, httpEndpoints: {address: 'b:65535', method: GET, path: /a}}"),
       ""},
      {kHttp,
       with_members("x-apigateway-backend: {type: HTTP, httpEndpoints: {address: '[::1]:80', method: GET, path: /a}}"),
       ""},
      {kHttp, with_members(http("timeout: 0")),
       "8:69: error limit: GET /a: `x-apigateway-backend/httpEndpoints/timeout` is 0, and a gateway takes 1 to 600000"},
      {kHttp, with_members(http("timeout: 600001")),
       "8:69: error limit: GET /a: `x-apigateway-backend/httpEndpoints/timeout`"},
      {kHttp, with_members(http("timeout: soon")),
       "8:69: error limit: GET /a: `x-apigateway-backend/httpEndpoints/timeout` must"},
      {kHttp, with_members(http("retryCount: 10")), ""},
      {kHttp, with_members(http("retryCount: '11'")),
       "8:72: error limit: GET /a: `x-apigateway-backend/httpEndpoints/retryCount` must be one of -1, 0, 1"},
      {kHttp, with_members(http("retryCount: -2")), "8:72: error limit"},
      {kHttp, with_members(http("scheme: ftp")), "8:68: error limit"},
      {kHttp, with_members("x-apigateway-backend: {type: HTTP, httpEndpoints: {address: h, path: /a}}"),
       "`x-apigateway-backend/httpEndpoints` has no `method`"},
      {kHttp,
       with_members("x-apigateway-backend: {type: HTTP, httpEndpoints: {address: 'http://h', method: GET, path: /a}}"),
       "must be HOST or HOST:PORT"},
      {kHttp,
       with_members("x-apigateway-backend: {type: HTTP, httpEndpoints: {address: h, method: GET, path: '/{x}'}}"),
       "httpEndpoints/path` has the variable \"x\", which no mapping with `in: path` fills"},
      {kChannel, with_members(channel("abc")), ""},
      {kChannel, with_members(channel("ab")),
       "8:57: error limit: GET /a: `x-apigateway-backend/httpVpcEndpoints/name` has 2 characters, and a gateway takes "
       "3 to"},
      {kChannel, with_members(channel(std::string(65, 'c'))), "8:57: error limit"},
      {kGroups, with_members(groups(whole)), ""},
      {kGroups, with_members(groups(whole, "    timeout: 0")),
       "12:20: error limit: GET /a: `x-apigateway-backend/httpVpcMemberGroupEndpoints/timeout` is 0"},
      {kGroups,
       with_members("x-apigateway-backend: {type: HTTP-VPC-MEMBER-GROUP, httpVpcMemberGroupEndpoints: {name: chan}}"),
       "`x-apigateway-backend/httpVpcMemberGroupEndpoints` has no `memberGroupUrlInfos`"},
      {kGroups, with_members("x-apigateway-backend: {type: HTTP-VPC-MEMBER-GROUP}"),
       "has the type HTTP-VPC-MEMBER-GROUP and no httpVpcMemberGroupEndpoints"},
      {kUrls, with_members(groups("name: g1, method: GET, path: /" + std::string(511, 'a'))), ""},
      {kUrls, with_members(groups("name: g1, method: GET, path: /" + std::string(512, 'a'))),
       "11:43: error limit: GET /a: `x-apigateway-backend/httpVpcMemberGroupEndpoints/memberGroupUrlInfos/path` has "
       "513"},
      {kUrls, with_members(groups("method: GET, path: /a")), "memberGroupUrlInfos` holds one that has no `name`"},
      {kUrls, with_members(groups("name: g1, path: /a")), "memberGroupUrlInfos` has no `method`"},
      {kUrls, with_members(groups("name: g1, method: GET, path: a")), "memberGroupUrlInfos/path` must start with"},
      {kUrls, with_members(groups(whole + "}\n    - {" + whole)), "memberGroupUrlInfos` holds \"g1\" twice"},
      {kUrls, with_members(groups("name: g1, method: GET, path: '/{x}'")), "has the variable \"x\""},
      {kFunction, with_members(function("version: v1, function-urn: " + kUrn)), ""},
      {kFunction, with_members(function("function-urn: " + kUrn)),
       "6:65: warning limit: GET /a: `x-apigateway-backend/functionEndpoints` has neither `version` nor `alias-urn`"},
      {"x-apigateway-backend.mockEndpoints",
       with_members("x-apigateway-backend: {type: MOCK, mockEndpoints: {description: d}}"),
       "6:57: warning limit: GET /a: `x-apigateway-backend/mockEndpoints` has no `result-content`"},
      {kFunction, with_members(function("version: v1")),
       "`x-apigateway-backend/functionEndpoints` has no `function-urn`"},
      {kFunction, with_members(function("function-urn: 'urn:fss:f'")),
       "6:80: error limit: GET /a: `x-apigateway-backend/functionEndpoints/function-urn` is not the URN of a function"},
      {kFunction, with_members(function("function-urn: " + kUrn + ", network-type: V3")),
       "functionEndpoints/network-type` must be one of V1, V2"},
      {kFunction, with_members(function("function-urn: " + kUrn + ", invocation-type: later")),
       "functionEndpoints/invocation-type` must be one of sync, async"},
      {kFunction, with_members(function("function-urn: " + kUrn + ", req_protocol: FTP")),
       "functionEndpoints/req_protocol` must be one of HTTPS, GRPCS"},
      {kMapping,
       with_members(http("timeout: 5") +
                    "\n  parameters:\n  - {name: m, in: query, origin: SYSTEM, value: $context.sourceIp}"),
       ""},
      {kMapping, with_members(http("timeout: 5") + "\n  parameters:\n  - {name: m, in: query, value: q}"),
       "10:11: error limit: GET /a: `x-apigateway-backend/parameters` hands on \"q\", which is not a parameter"},
      {kMapping,
       with_members(http("timeout: 5") + "\n  parameters:\n  - {name: m, in: body, origin: CONSTANT, value: q}"),
       "10:25: error limit: GET /a: `x-apigateway-backend/parameters/in` must be one of path, query, header"},
      {kMapping,
       with_members(http("timeout: 5") + "\n  parameters:\n  - {name: 9, in: query, origin: CONSTANT, value: q}"),
       "10:11: error limit: GET /a: `x-apigateway-backend/parameters` holds \"9\""},
      {kPolicies, with_members(policy("")), ""},
      {kPolicies, with_members(policy("effectMode: SOME")),
       "11:21: error limit: GET /a: `x-apigateway-backend-policies/effectMode` must be one of ANY, ALL"},
      {kPolicies,
       with_members(
           "x-apigateway-backend-policies:\n- {name: one, type: MOCK, mockEndpoints: {}, conditions: [{value: a}]}"),
       "7:27: error limit: GET /a: `x-apigateway-backend-policies/type` of \"one\" is MOCK, and beside a backend"},
      {kPolicies,
       with_members(
           "x-apigateway-backend-policies: [" +
           [] {
             std::string list;
             for (int i = 0; i < 6; ++i) {
               list += "{name: p" + std::to_string(i) +
                       ", type: HTTP, httpEndpoints: {address: h, method: GET, path: /a}, conditions: [{value: a}]},";
             }
             return list + "]";
           }()),
       "6:38: error limit: GET /a: `x-apigateway-backend-policies` holds more than 5 policies"},
      {kConditions,
       with_members(policy("",
                           "[{origin: cookie, cookie_name: c, value: a}, {origin: system, "
                           "sys_param_name: s, type: equal, value: a}, {origin: orchestration, "
                           "mapped_param_name: o, value: a}]")),
       ""},
      {kConditions, with_members(policy("", "[{origin: source, value: '10.0.0.0/24, ::1'}]")), ""},
      {kConditions, with_members(policy("", "[{origin: source, value: 10.0.0.0/99}]")),
       "10:46: error limit: GET /a: `x-apigateway-backend-policies/conditions/value` holds \"10.0.0.0/99\", which is "
       "not "
       "an IP address"},
      {kConditions, with_members(policy("", "[{origin: request, parameter: p, value: a}]")),
       "10:51: error limit: GET /a: `x-apigateway-backend-policies/conditions/parameter` is \"p\", which is not a "
       "parameter"},
      {kConditions, with_members(policy("", "[]")), "holds \"one\", which has no conditions"},
      {kConditions, with_members(policy("", "[{origin: moon, parameter: p, value: a}]")),
       "10:31: error limit: GET /a: `x-apigateway-backend-policies/conditions/origin` must be one of source, param"},
      {kConditions, with_members(policy("", "[{origin: cookie, value: a}]")),
       "10:22: error limit: GET /a: `x-apigateway-backend-policies/conditions` holds one that names no `parameter`"},
      {kConditions, with_members(policy("", "[{origin: request, parameter: p, type: near, value: a}]")),
       "10:60: error limit: GET /a: `x-apigateway-backend-policies/conditions/type` must be one of exact, enum, "
       "pattern"},
      {kConditions, with_members(policy("", "[{origin: request, parameter: p}]")),
       "10:22: error limit: GET /a: `x-apigateway-backend-policies/conditions` holds one that has no `value`"},
      {"x-apigateway-ratelimit", with_members("x-apigateway-ratelimit: [gold]"),
       "6:31: error limit: GET /a: `x-apigateway-ratelimit` must be a text"},
      {"x-apigateway-ratelimits", with_root("x-apigateway-ratelimits:\n  go: {api-limit: 9, interval: 1, unit: DAY}"),
       "4:3: error policy-name: \"go\" cannot be the name of a policy"},
      {"x-apigateway-ratelimits", with_root("x-apigateway-ratelimits: [gold]"), "3:26: error definitions-shape"},
      {kLimit, throttling("user-limit: 9, app-limit: 9, ip-limit: 9"), ""},
      {kLimit, throttling("user-limit: 10"), "4:60: error policy-limit: `user-limit` of the policy gold is 10"},
      {kLimit, throttling("user-limit: 5, app-limit: 6"),
       "4:74: error policy-limit: `app-limit` of the policy gold is 6"},
      {kLimit, throttling("ip-limit: 10"), "4:58: error policy-limit"},
      {kLimit, throttling("ip-limit: 0"), "4:58: error policy-value"},
      {kLimit, throttling("shared: perhaps"), "4:56: error policy-value"},
      {kLimit, throttling("burst: 5"), "4:48: error key-unknown"},
      {kLimit, with_root("x-apigateway-ratelimits:\n  gold: {api-limit: 9, interval: 1, unit: WEEK}"),
       "4:43: error policy-value: `unit` of the policy gold is not one of SECOND, MINUTE, HOUR, DAY"},
      {kLimit, with_root("x-apigateway-ratelimits:\n  gold: {api-limit: 2147483648, interval: 1, unit: DAY}"),
       "4:21: error policy-value"},
      {kSpecial, throttling(specials(30, "APP")), ""},
      {kSpecial, throttling(specials(31, "APP")),
       "error limit: `special` of the policy gold names more than 30 of the type APP"},
      {kSpecial, throttling("special: [{type: APP, limit: 10, instance: i}]"),
       "4:77: error policy-limit: `limit` in `special` of the policy gold is 10, above its `api-limit` of 9."},
      {kSpecial, throttling(specials(31, "user")), "names more than 30 of the type USER"},
      {kSpecial, throttling("special: [{type: CAT, limit: 1, instance: i}]"), "4:65: error policy-value"},
      {kSpecial, throttling("special: [{type: APP, limit: 1, instance: i}, {type: app, limit: 2, instance: i}]"),
       "4:94: error policy-value: `special` of the policy gold names the app i twice"},
      {"x-apigateway-access-control", with_members("x-apigateway-access-control: {a: b}"),
       "6:36: error limit: GET /a: `x-apigateway-access-control` must be a text"},
      {"x-apigateway-access-controls",
       with_root("x-apigateway-access-controls: {of: {acl-type: DENY, value: 10.0.0.1}}"), "3:32: error policy-name"},
      {kAcl, access("acl-type: DENY, value: '10.0.0.1, 10.0.0.0/8,10.0.0.1-10.0.0.9,::1,2001:db8::/32'"), ""},
      {kAcl, access(addresses(100)), ""},
      {kAcl, access(addresses(101)), "4:37: error limit: `value` of office has 101 addresses; the gateway takes 100"},
      {kAcl, access("acl-type: DENY, value: 10.0.0.256"),
       "4:35: error policy-value: `value` of the policy office holds"},
      {kAcl, access("acl-type: DENY, value: 10.0.0.0/33"), "4:35: error policy-value"},
      {kAcl, access("acl-type: DENY, value: '10.0.0.1-::1'"), "4:35: error policy-value"},
      {kAcl, access("acl-type: DENY, value: '1:2:3'"), "4:35: error policy-value"},
      {kAcl, access("acl-type: DENY, value: here"), "4:35: error policy-value"},
      {kAcl, access("acl-type: FORBID, value: 10.0.0.1"), "4:22: error policy-value"},
      {kAcl, access("acl-type: DENY, entity-type: MAC, value: 10.0.0.1"), "4:41: error policy-value"},
      {"x-apigateway-plugins", with_members("x-apigateway-plugins: [abc]"), ""},
      {"x-apigateway-plugins", with_members("x-apigateway-plugins: [abc, ab]"),
       "6:35: error limit: GET /a: `x-apigateway-plugins` holds \"ab\", which has 2 characters, and a gateway takes 3 "
       "to "
       "255"},
      {"x-apigateway-plugins", with_members("x-apigateway-plugins: [a]"), "holds \"a\", which has 1 character, and"},
      {"x-apigateway-plugins", with_members("x-apigateway-plugins: [abc, abc]"),
       "6:30: error limit: GET /a: `x-apigateway-plugins` holds \"abc\" twice. Keep one of the two."},
      {"x-apigateway-cors", "swagger: '2.0'\ninfo: {x-apigateway-cors: true}\npaths: {}\n",
       "2:8: error extension-misplaced: `x-apigateway-cors` does not count here. It belongs in an operation."},
      {"x-apigateway-cors", "swagger: '2.0'\npaths: {x-apigateway-cors: true}\n", "2:9: error extension-misplaced"},
      {"x-apigateway-cors", with_members("X-Apigateway-Cors: true"),
       "6:7: error extension-unknown: `X-Apigateway-Cors` is not a member that counts here. Did you mean "
       "`x-apigateway-cors`?"},
      {"x-apigateway-sample",
       "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      parameters: [{in: query, name: q, schema: {type: string, "
       "x-apigateway-sample: s}}]\n",
       "5:64: error extension-misplaced: `x-apigateway-sample` does not count here. It belongs in a parameter."},
      {"x-apigateway-sample",
       "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      operationId: getA\n      parameters: [{in: query, name: q, "
       "schema: "
       "{type: string}, example: {a: 1}}]\n",
       "6:74: warning left-out: Left out, because the gateway does not hold them: `example` of a parameter that is a "
       "list or a map (1)."},
      {"x-apigateway-plugins", with_members("x-apigateway-plugins: [" + std::string(256, 'p') + "]"),
       "6:30: error limit"},
      {"x-apigateway-result-normal-sample",
       with_members("responses: {default: {x-apigateway-result-normal-sample: {a: 1}}}"),
       "`x-apigateway-result-normal-sample` must be a text"},
      {"x-apigateway-result-normal-sample",
       with_members("responses: {x-apigateway-result-normal-sample: " + std::string(20'481, 's') + "}"),
       "warning text-cut"},
      {"x-apigateway-result-failure-sample",
       with_members("responses: {'400': {x-apigateway-result-failure-sample: no}}"), "6:27: error extension-misplaced"},
      {"x-apigateway-response", with_members("x-apigateway-response: " + std::string(65, 'r')),
       "6:30: error limit: GET /a: `x-apigateway-response` has 65 characters, and a gateway takes 1 to 64"},
      {"x-apigateway-response", with_members("x-apigateway-response: 'a b'"),
       "6:30: error limit: GET /a: `x-apigateway-response` is \"a b\": a name has"},
      {kResponses, response("status: 200, body: {application/json: '{}'}, " + headers(10)), ""},
      {kResponses, response("status: 199"), "5:25: error response-value: `THROTTLED/status` of the response own"},
      {kResponses, response("status: 600"), "5:25: error response-value"},
      {kResponses, response("status: 444"), "5:25: error response-value"},
      {kResponses, response("body: {a/b: 1}"), "5:23: error response-value: `THROTTLED/body` of the response own"},
      {kResponses, response("body: {foo: x}"),
       "5:24: error response-value: `THROTTLED/body` of the response own names \"foo\", which is not a media type."},
      {kResponses, response("body: {a/b: x, c/d: y}"), "has several media types, and the gateway keeps one"},
      {kResponses, response(headers(11)),
       "5:26: error response-value: `THROTTLED/headers` of the response own holds more"},
      {kResponses, response("headers: [{key: X-A}]"), "5:27: error response-value"},
      {kResponses, response("state: 429"),
       "5:17: error response-value: `THROTTLED` of the response own has the unknown"},
      {kResponses, with_root("x-apigateway-responses: {own: {THROTLED: {status: 429}}}"),
       "3:32: error response-type: The response own names the error \"THROTLED\", which the gateway does not know."},
      {kResponses, with_root("x-apigateway-responses: {'a b': {THROTTLED: {status: 429}}}"),
       "3:26: error response-name"},
      {"x-apigateway-pass-through", parameter("x-apigateway-pass-through: sometimes"),
       "7:71: error limit: GET /a: `parameters/x-apigateway-pass-through` must be one of always, never"},
      {"x-apigateway-pass-through",
       with_members("x-apigateway-pass-through: sometimes\nparameters: [{in: query, name: q, type: string}]"),
       "6:34: error limit: GET /a: `parameters/x-apigateway-pass-through` must be one of always, never"},
      {"x-apigateway-sample", parameter("x-apigateway-sample: " + std::string(256, 's')), "warning text-cut"},
      {"x-apigateway-sample", parameter("x-apigateway-sample: [a]"), "`parameters/x-apigateway-sample` must be a text"},
      {"x-apigateway-content-type", with_members("x-apigateway-content-type: image/png"),
       "6:34: error limit: GET /a: `x-apigateway-content-type` must be one of application/json"},
      {"x-apigateway-orchestrations", parameter("x-apigateway-orchestrations: [one, two]"), ""},
      {"x-apigateway-orchestrations", parameter("x-apigateway-orchestrations: one"),
       "7:73: error limit: GET /a: `parameters/x-apigateway-orchestrations` must be a list of texts"},
      {"x-apigateway-orchestrations", parameter("x-apigateway-orchestrations: [one, one]"),
       "7:74: error limit: GET /a: `parameters/x-apigateway-orchestrations` holds \"one\" twice"},
      {"x-apigateway-orchestrations", parameter("x-apigateway-orchestrations: [on]"),
       "7:74: error limit: GET /a: `parameters/x-apigateway-orchestrations` holds \"on\", which has 2 characters"},
  };
}

TEST_CASE("each rule of an extension is found at its line, and what it allows is taken") {
  for (const Rule& rule : rules()) {
    const auto built = build(rule.document, settings(), CloudKind::Huawei);
    const std::string found = text_of(built.diagnostics);
    INFO(rule.document.substr(0, 1000));
    INFO("want " << rule.finding << "\nfound " << found.substr(0, 400));
    CHECK(find_extension(rule.extension) != nullptr);
    const std::string_view finding = rule.finding;
    if (finding.empty()) {
      CHECK(found.empty());
      continue;
    }
    const bool placed = finding[0] >= '0' && finding[0] <= '9';
    CHECK(contains("\n" + found, (placed ? "\npets.yaml:" : "") + std::string(finding)));
    CHECK_FALSE(contains(found, "pets.yaml:4:5: error limit"));  // that of the operation is the place for nothing
  }
}

TEST_CASE("there are the 34 extensions of the user guide, six of which Open Telekom Cloud lacks") {
  CHECK(extensions().size() == 34);
  std::set<std::string> names;
  std::string lacking;
  for (const Extension& extension : extensions()) {
    CHECK(names.emplace(extension.name).second);
    CHECK(extension.levels.empty() == !extension.inside.empty());
    if (!extension.on_otc) lacking += std::string(extension.name) + "\n";
    for (const Level level : extension.levels) {
      CHECK(judge_member(extension.name, level, Dialect::Swagger2).word == Word::Known);
    }
  }
  CHECK(lacking ==
        "x-apigateway-authorizer\nx-apigateway-backend.httpVpcMemberGroupEndpoints\n"
        "x-apigateway-backend.httpVpcMemberGroupEndpoints.memberGroupUrlInfos\nx-apigateway-sample\n"
        "x-apigateway-content-type\nx-apigateway-orchestrations\n");
  CHECK(cloud_of("apig", "otc") == CloudKind::Otc);
  CHECK(cloud_of("apig", "huawei") == CloudKind::Huawei);
  CHECK(cloud_of("apig", "") == CloudKind::Huawei);
  CHECK(cloud_of("embedded", "otc") == CloudKind::Huawei);
}

TEST_CASE("a condition on an orchestrated parameter needs a cloud that has those") {
  const std::string text = with_members(
      policy("", "[{origin: orchestration, parameter: p, value: a}, {origin: system, parameter: s, value: a}]"));
  CHECK(build(text, settings(), CloudKind::Huawei).value);
  CHECK(contains(text_of(build(text, settings(), CloudKind::Otc).diagnostics),
                 "pets.yaml:10:22: error not-on-this-cloud: Open Telekom Cloud has no x-apigateway-orchestrations"));
}

Value with_definition(const char* name, const char* definition) {
  Value security = json(R"({"type": "AUTHORIZER"})");
  security.set("authorizer", name);
  if (*definition != 0) security.set("definition", json(definition));
  return test::with(test::body("GET", "/a", "getA"), "security", std::move(security));
}

TEST_CASE("what an authorizer is travels with the API, and is neither compared nor taken from another one") {
  constexpr const char* kOne = R"({"authorizer_uri": "urn:fss:r:p:function:default:f", "type": "FRONTEND"})";
  const Resource with = test::api(with_definition("mine", kOne));
  const Resource without = test::api(with_definition("mine", ""));
  CHECK(with.digest == without.digest);
  const auto merged = [](const Resource& desired, const Resource& live) {
    BodyDiff diff(false, OnDrift::Revert);
    const Value body = diff.merge("", kApiSchema.fields, {nullptr, &desired.body, &live.body});
    return std::pair(diff.take_changes().size(), body.find("security")->find("definition") != nullptr);
  };
  CHECK(merged(without, with) == std::pair(std::size_t{0}, true));  // what the gateway has stays
  CHECK(merged(with, without) == std::pair(std::size_t{0}, true));
  CHECK(merged(test::api(with_definition("other", "")), with) == std::pair(std::size_t{1}, false));
  CHECK(merged(test::api(test::body("GET", "/a", "getA")), with).second == false);
  const Value* const both[] = {&with.body, &without.body};
  CHECK(contains(import_document("pets", both), R"("x-apigateway-authorizer":{"authorizer_type":"FUNC",)"));
}

TEST_CASE("one name of an authorizer is one definition in all files of a group") {
  std::string text = authorizer("authorizer_uri: " + kUrn + ", type: FRONTEND");
  SwaggerFile one{{"a.yaml", text}, {}};
  text.replace(text.find("FRONTEND"), 8, "BACKEND");
  text.replace(text.find("/a:"), 3, "/b:");
  text.replace(text.find("getA"), 4, "getB");
  SwaggerFile two{{"b.yaml", text}, {}};
  one.document = *parse_document(one.source).value;
  two.document = *parse_document(two.source).value;
  CHECK(contains(text_of(build_desired(settings(), std::vector{one, two}).diagnostics),
                 "b.yaml:4:30: error definition-twice: The authorizer custom is defined twice, and differently. The "
                 "other is at a.yaml:4:30"));
}

/// The README's table of extensions is what the code's table says; SLUICE_ACCEPT=1 in the environment rewrites it.
TEST_CASE("the README's table of extensions is the code's") {
  const std::string path = std::string(SLUICE_SOURCE_DIR) + "/plan/types/README.md";
  std::map<std::string, std::size_t> counts;
  for (const Rule& rule : rules()) ++counts[rule.extension];
  std::vector<std::string> tested;
  for (const Extension& extension : extensions()) {
    const std::size_t count = counts[std::string(extension.name)];
    INFO(extension.name);
    CHECK((count > 0 || extension.name == "x-apigateway-any-method"));
    tested.push_back("round trip, " + std::to_string(count) + (count == 1 ? " rule" : " rules"));
  }
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  file.close();
  const std::string readme = text.str();
  constexpr std::string_view kBegin = "<!-- extensions: written by the tests -->\n";
  constexpr std::string_view kEnd = "<!-- end of extensions -->\n";
  const std::size_t begin = readme.find(kBegin);
  const std::size_t end = readme.find(kEnd);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const std::string wanted = readme.substr(0, begin + kBegin.size()) + extensions_table(tested) + readme.substr(end);
  const char* accept = std::getenv("SLUICE_ACCEPT");
  if (accept != nullptr && std::string_view(accept) == "1") {
    std::ofstream(path, std::ios::binary) << wanted;
    return;
  }
  INFO("SLUICE_ACCEPT=1 rewrites " << path);
  CHECK(readme == wanted);
}

}  // namespace
}  // namespace sluice
