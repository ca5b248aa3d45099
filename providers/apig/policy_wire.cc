#include "providers/apig/policy_wire.h"

#include <fmt/format.h>

#include "plan/json.h"

namespace sluice::apig {
namespace {

/// Where the calls about one kind are, and what they call things.
struct Words {
  std::string_view path;      ///< of the objects
  std::string_view plural;    ///< of the list
  std::string_view name;      ///< of the object
  std::string_view id;        ///< of the object
  std::string_view bindings;  ///< path of the bindings
  std::string_view filter;    ///< the object's id in a query for bindings
  std::string_view bind_as;   ///< the object's id in a binding
  std::string_view unbind;    ///< the list of binding ids
};

constexpr Words kRatelimitWords = {"throttles",         "throttles",   "name",        "id",
                                   "throttle-bindings", "throttle_id", "strategy_id", "throttle_bindings"};
constexpr Words kAclWords = {"acls", "acls", "acl_name", "id", "acl-bindings", "acl_id", "acl_id", "acl_bindings"};
constexpr Words kPluginWords = {"plugins", "plugins", "plugin_name", "plugin_id", "", "", "", ""};

const Words& words_of(PolicyKind kind) {
  if (kind == PolicyKind::Ratelimit) return kRatelimitWords;
  return kind == PolicyKind::Acl ? kAclWords : kPluginWords;
}

Value ratelimit_body(const Value& item) {
  Value body = Value::object();
  const auto take = [&](std::string_view from, std::string_view to) {
    if (const Value* value = item.find(from)) body.set(to, *value);
  };
  take("api_call_limits", "api-limit");
  take("user_call_limits", "user-limit");
  take("app_call_limits", "app-limit");
  take("ip_call_limits", "ip-limit");
  take("time_interval", "interval");
  take("time_unit", "unit");
  const Value* type = item.find("type");
  return body.set("shared", type != nullptr && *type == Value(2));
}

Value acl_body(const Value& item) {
  Value body = Value::object();
  body.set("acl-type", item.text("acl_type")).set("entity-type", item.text("entity_type"));
  return body.set("value", item.text("acl_value"));
}

Value text_list(const std::vector<std::string>& texts) {
  Value list = Value::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

std::string first_text(const Value& item, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const auto text = item.text(key); !text.empty()) return std::string(text);
  }
  return {};
}

}  // namespace

HttpRequest list_policies(std::string_view base, PolicyKind kind, std::size_t offset) {
  return get_request(fmt::format("{}/{}?limit={}&offset={}", base, words_of(kind).path, kPageSize, offset));
}

HttpRequest list_specials(std::string_view base, std::string_view throttle_id, std::size_t offset) {
  return get_request(
      fmt::format("{}/throttles/{}/throttle-specials?limit={}&offset={}", base, throttle_id, kPageSize, offset));
}

HttpRequest list_bindings(std::string_view base, PolicyKind kind, std::string_view policy_id, std::string_view env_id,
                          std::size_t offset) {
  const std::string env = env_id.empty() ? "" : fmt::format("&env_id={}", env_id);
  if (kind == PolicyKind::Plugin) {
    return get_request(
        fmt::format("{}/plugins/{}/attached-apis?limit={}&offset={}{}", base, policy_id, kPageSize, offset, env));
  }
  const Words& words = words_of(kind);
  return get_request(fmt::format("{}/{}/binded-apis?{}={}&limit={}&offset={}{}", base, words.bindings, words.filter,
                                 policy_id, kPageSize, offset, env));
}

HttpRequest bind_policy(std::string_view base, PolicyKind kind, std::string_view policy_id, std::string_view env_id,
                        const std::vector<std::string>& targets) {
  Value body = Value::object();
  if (kind == PolicyKind::Plugin) {
    body.set("env_id", env_id).set("api_ids", text_list(targets));
    return json_request("POST", fmt::format("{}/plugins/{}/attach", base, policy_id), body);
  }
  const Words& words = words_of(kind);
  body.set(words.bind_as, policy_id).set("publish_ids", text_list(targets));
  return json_request("POST", fmt::format("{}/{}", base, words.bindings), body);
}

HttpRequest unbind_policy(std::string_view base, PolicyKind kind, std::string_view policy_id, std::string_view env_id,
                          const std::vector<std::string>& targets) {
  Value body = Value::object();
  if (kind == PolicyKind::Plugin) {
    body.set("env_id", env_id).set("api_ids", text_list(targets));
    return json_request("PUT", fmt::format("{}/plugins/{}/detach", base, policy_id), body);
  }
  const Words& words = words_of(kind);
  body.set(words.unbind, text_list(targets));
  return json_request("PUT", fmt::format("{}/{}?action=delete", base, words.bindings), body);
}

HttpRequest delete_policy(std::string_view base, PolicyKind kind, std::string_view policy_id) {
  return delete_request(fmt::format("{}/{}/{}", base, words_of(kind).path, policy_id));
}

HttpRequest list_responses(std::string_view base, std::string_view group_id, std::size_t offset) {
  return get_request(
      fmt::format("{}/api-groups/{}/gateway-responses?limit={}&offset={}", base, group_id, kPageSize, offset));
}

HttpRequest show_response(std::string_view base, std::string_view group_id, std::string_view response_id) {
  return get_request(fmt::format("{}/api-groups/{}/gateway-responses/{}", base, group_id, response_id));
}

HttpRequest write_response(std::string_view base, std::string_view group_id, std::string_view response_id,
                           const Value& document) {
  const std::string target = fmt::format("{}/api-groups/{}/gateway-responses", base, group_id);
  if (response_id.empty()) return json_request("POST", target, document);
  return json_request("PUT", fmt::format("{}/{}", target, response_id), document);
}

HttpRequest delete_response(std::string_view base, std::string_view group_id, std::string_view response_id) {
  return delete_request(fmt::format("{}/api-groups/{}/gateway-responses/{}", base, group_id, response_id));
}

Result<Page<ListedPolicy>> read_policies(HttpResponse& answer, PolicyKind kind) {
  const Words& words = words_of(kind);
  return read_page<ListedPolicy>(answer, "list of policies", words.plural, [&](const Value& item) {
    ListedPolicy policy{std::string(item.text(words.id)), std::string(item.text(words.name)), Value()};
    if (kind == PolicyKind::Ratelimit) policy.body = ratelimit_body(item);
    if (kind == PolicyKind::Acl) policy.body = acl_body(item);
    const Value* specials = item.find("is_inclu_special_throttle");
    policy.has_specials = specials != nullptr && *specials == Value(1);
    const Value* bound = item.find("bind_num");
    policy.may_be_bound = bound == nullptr || !(*bound == Value(0));
    return policy;
  });
}

Result<Page<Value>> read_specials(HttpResponse& answer) {
  return read_page<Value>(answer, "list of excluded apps and users", "throttle_specials", [](const Value& item) {
    Value special = Value::object();
    special.set("type", item.text("object_type")).set("instance", item.text("object_id"));
    if (const Value* limit = item.find("call_limits")) special.set("limit", *limit);
    return special;
  });
}

Result<Page<ListedBinding>> read_bindings(HttpResponse& answer) {
  // The three kinds name the same things differently; no name means two things.
  return read_page<ListedBinding>(answer, "list of bound APIs", "apis", [](const Value& item) {
    return ListedBinding{first_text(item, {"throttle_apply_id", "bind_id", "plugin_attach_id"}),
                         first_text(item, {"api_id", "id"}),
                         first_text(item, {"group_name"}),
                         first_text(item, {"req_method"}),
                         first_text(item, {"req_uri"}),
                         first_text(item, {"api_name", "name"})};
  });
}

Result<std::vector<std::string>> read_unbind_failures(HttpResponse& answer) {
  std::vector<std::string> failures;
  if (answer.body.empty()) return failures;
  auto object = parse_json_in_place(answer.body);
  if (!object) return unreadable("answer to unbinding", object.error().message);
  const Value* list = object->find("failure");
  if (list == nullptr) return failures;
  for (const Value& item : list->items()) {
    failures.push_back(fmt::format("{} ({})", item.text("error_msg"), item.text("error_code")));
  }
  return failures;
}

Result<Page<ListedResponse>> read_responses(HttpResponse& answer) {
  return read_page<ListedResponse>(answer, "list of group responses", "responses", [](const Value& item) {
    return ListedResponse{std::string(item.text("id")), std::string(item.text("name"))};
  });
}

Result<Value> read_response_body(HttpResponse& answer) {
  auto object = parse_json_in_place(answer.body);
  if (!object) return unreadable("group response", object.error().message);
  Value body = Value::object();
  const Value* responses = object->find("responses");
  if (responses == nullptr || !responses->is_object()) return unreadable("group response", "`responses` is missing");
  for (const auto& member : responses->members()) {
    const Value* untouched = member.value.find("default");
    if (untouched != nullptr && *untouched == Value(true)) continue;
    Value definition = member.value;
    definition.erase("default");
    body.set(member.key, std::move(definition));
  }
  return body;
}

}  // namespace sluice::apig
