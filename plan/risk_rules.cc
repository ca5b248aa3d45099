// The table of risk rules. The sentence says what a change means for those who call the API.
#include <fmt/format.h>

#include <algorithm>

#include "plan/risk.h"

namespace sluice {
namespace {

constexpr Risk kSafe = Risk::Safe;
constexpr Risk kWarning = Risk::Warning;
constexpr Risk kBreaking = Risk::Breaking;

constexpr RiskRule kRules[] = {
    {"acl-loosened", kWarning, "Callers whom the access control list shut out may call from now on.",
     "an access control policy, and which one an API is bound to"},
    {"acl-tightened", kBreaking, "Callers whom the access control list shuts out now are refused.",
     "an access control policy, and which one an API is bound to"},
    {"api-moved", kBreaking, "The API is called by another method, path or host: the old one fails.",
     "a deletion that another API takes the place of"},
    {"api-removed", kBreaking, "The API goes away: every call of it fails.", "the deletion of an API"},
    {"auth-changed", kBreaking, "Callers must prove who they are in another way, or are refused.",
     "`security`: its type, authorizer and app code together"},
    {"auth-weakened", kWarning, "Callers are let in who had to prove more before.",
     "`security`: its type, authorizer and app code together"},
    {"backend-auth-changed", kWarning, "The gateway proves who it is to the backend in another way.",
     "client certificates and encryption towards a backend"},
    {"backend-moved", kWarning, "Calls are served by another backend, or it is reached in another way.",
     "type, address, path, method, channel, function and conditions of a backend"},
    {"backend-request-changed", kWarning, "The backend gets other parameters, or in another form, than before.",
     "mappings to the backend that go away or change, orchestration, encoding of bodies"},
    {"content-type-changed", kWarning, "The API says that it takes another type of content.",
     "`x-apigateway-content-type`"},
    {"cors-closed", kBreaking, "Browsers no longer let pages of other origins call the API.", "`x-apigateway-cors`"},
    {"cors-opened", kWarning, "Pages of other origins may call the API from a browser.", "`x-apigateway-cors`"},
    {"enum-narrowed", kBreaking, "Values of the parameter that were taken are refused.", "`enum` of a parameter"},
    {"made-async", kBreaking, "Calls end before the function has run: callers get no result.",
     "`invocation-type` of a function"},
    {"made-private", kWarning, "The API is no longer open to the public.", "`x-apigateway-request-type`"},
    {"made-public", kWarning, "The API is open to the public.", "`x-apigateway-request-type`"},
    {"param-default-changed", kWarning, "A call without the parameter reaches the backend with another value.",
     "`default` of a parameter that may be left out"},
    {"param-limits-changed", kBreaking, "Values of the parameter beyond the narrower limits are refused.",
     "a higher minimum or lower maximum of a parameter, of its value or its length"},
    {"param-removed", kWarning, "The gateway no longer knows the parameter, which callers may still send.",
     "a query or header parameter that goes away"},
    {"param-required-added", kBreaking, "Calls without the parameter are refused.",
     "a parameter that becomes required, or is new and required"},
    {"param-type-narrowed", kBreaking, "Values of the parameter that are no numbers are refused.",
     "`type` of a parameter"},
    {"pass-through-changed", kWarning, "The backend gets the parameter no longer, or from now on.",
     "`x-apigateway-pass-through` of a parameter"},
    {"path-changed", kSafe, "A variable of the path has another name; callers use the same URLs.", "`path`"},
    {"plugin-added", kWarning, "A plug-in works on the calls that may refuse or change them.",
     "`x-apigateway-plugins`"},
    {"plugin-removed", kWarning, "A plug-in that callers may rely on no longer works on the calls.",
     "`x-apigateway-plugins`"},
    {"protocol-opened", kWarning, "Calls may come unencrypted.", "`schemes`"},
    {"protocol-removed", kBreaking, "Calls by the protocol that goes away fail.", "`schemes`"},
    {"response-changed", kWarning, "Callers get other contents or another status than before.",
     "results of a mock, error responses of a group and which an API uses"},
    {"retries-changed", kWarning, "A call that fails at the backend is repeated more or less often.", "`retryCount`"},
    {"throttle-loosened", kSafe, "Callers may call more often; the backend may get more calls.",
     "limits of a throttling policy with its interval and unit, and which one an API is bound to"},
    {"throttle-tightened", kWarning, "Calls that come as often as before may be refused.",
     "limits of a throttling policy with its interval and unit, and which one an API is bound to"},
    {"timeout-lowered", kWarning, "Calls that take longer than the new timeout fail.", "`timeout` of a backend"},
    {"unpublished", kBreaking, "The API is taken offline in this environment: calls of it fail there.",
     "the deletion of a publication"},
};

}  // namespace

std::span<const RiskRule> risk_rules() { return kRules; }

const RiskRule* find_risk_rule(std::string_view id) {
  const auto* at =
      std::find_if(std::begin(kRules), std::end(kRules), [&](const RiskRule& rule) { return rule.id == id; });
  return at == std::end(kRules) ? nullptr : at;
}

std::string_view risk_sentence(std::string_view id) {
  const RiskRule* rule = find_risk_rule(id);
  return rule == nullptr ? std::string_view() : rule->sentence;
}

std::string risk_table() {
  std::size_t widest = 0;
  for (const RiskRule& rule : kRules) widest = std::max(widest, rule.id.size());
  std::string text;
  for (const RiskRule& rule : kRules)
    text += fmt::format("{:<{}}  {:<8}  {}\n", rule.id, widest, to_string(rule.severity), rule.sentence);
  return text;
}

}  // namespace sluice
