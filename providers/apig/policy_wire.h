// Requests and answers about policies, plug-ins and group responses, as values. Source of every format: APIG API
// reference V2, "Request Throttling Policy Management", "Binding/Unbinding Request Throttling Policies", "Access
// Control Policy Management", "Plug-in Management", "Group Response Management".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/apig/wire.h"

namespace sluice::apig {

/// What an API can be bound to.
enum class PolicyKind { Ratelimit, Acl, Plugin };

/// A policy or plug-in in a list. `body` is in the words of the Swagger extension, without specials; null for plug-ins.
struct ListedPolicy {
  std::string id;
  std::string name;
  Value body;
  bool has_specials = false;
  bool may_be_bound = true;  ///< false when the gateway says that no API uses it
};

/// An API that is bound to a policy or plug-in in one environment.
struct ListedBinding {
  std::string id;  ///< of the binding
  std::string api_id;
  std::string group;  ///< its name
  std::string method;
  std::string path;  ///< "" where the list does not tell it
  std::string name;
};

/// A response of a group, as a list names it.
struct ListedResponse {
  std::string id;
  std::string name;
};

HttpRequest list_policies(std::string_view base, PolicyKind kind, std::size_t offset);
HttpRequest list_specials(std::string_view base, std::string_view throttle_id, std::size_t offset);
/// `env_id` "" means every environment.
HttpRequest list_bindings(std::string_view base, PolicyKind kind, std::string_view policy_id, std::string_view env_id,
                          std::size_t offset);
/// Throttling and access control policies are bound to publications, plug-ins to APIs in an environment: `targets` are
/// publish ids or API ids.
HttpRequest bind_policy(std::string_view base, PolicyKind kind, std::string_view policy_id, std::string_view env_id,
                        const std::vector<std::string>& targets);
/// `targets` are binding ids, or API ids for plug-ins.
HttpRequest unbind_policy(std::string_view base, PolicyKind kind, std::string_view policy_id, std::string_view env_id,
                          const std::vector<std::string>& targets);
HttpRequest delete_policy(std::string_view base, PolicyKind kind, std::string_view policy_id);

HttpRequest list_responses(std::string_view base, std::string_view group_id, std::size_t offset);
HttpRequest show_response(std::string_view base, std::string_view group_id, std::string_view response_id);
/// `document` is {"name", "responses"}; with an id it replaces what is there.
HttpRequest write_response(std::string_view base, std::string_view group_id, std::string_view response_id,
                           const Value& document);
HttpRequest delete_response(std::string_view base, std::string_view group_id, std::string_view response_id);

Result<Page<ListedPolicy>> read_policies(HttpResponse& answer, PolicyKind kind);
/// Items of the extension's `special` list.
Result<Page<Value>> read_specials(HttpResponse& answer);
Result<Page<ListedBinding>> read_bindings(HttpResponse& answer);
/// The ids of bindings that could not be taken away, with why; empty when all went well.
Result<std::vector<std::string>> read_unbind_failures(HttpResponse& answer);
Result<Page<ListedResponse>> read_responses(HttpResponse& answer);
/// The customised error types of one response.
Result<Value> read_response_body(HttpResponse& answer);

}  // namespace sluice::apig
