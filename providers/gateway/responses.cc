#include "providers/gateway/responses.h"

#include <algorithm>
#include <array>
#include <optional>

#include "providers/gateway/fields.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/names.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kMostHeaders = 10;
constexpr std::size_t kLongestBody = 65535;
constexpr std::string_view kTemplate =
    R"({"error_code":"$context.error.code","error_msg":"$context.error.message","request_id":"$context.requestId"})";

/// An error type and the status that it has unless one is set; 0 for none. Types that came later are shown only when
/// they are set.
struct ErrorType {
  std::string_view name;
  int status;
  bool shown = true;
};
constexpr std::array kTypes = {
    ErrorType{"ACCESS_DENIED", 403},
    ErrorType{"AUTHORIZER_CONF_FAILURE", 500},
    ErrorType{"AUTHORIZER_FAILURE", 500},
    ErrorType{"AUTHORIZER_IDENTITIES_FAILURE", 401},
    ErrorType{"AUTH_FAILURE", 401},
    ErrorType{"AUTH_HEADER_MISSING", 401},
    ErrorType{"BACKEND_TIMEOUT", 504},
    ErrorType{"BACKEND_UNAVAILABLE", 502},
    ErrorType{"DEFAULT_4XX", 0},
    ErrorType{"DEFAULT_5XX", 0},
    ErrorType{"JWT_AUTH_FAILURE", 0, false},
    ErrorType{"NOT_FOUND", 404},
    ErrorType{"OIDC_AUTH_CODE_FLOW_FAIL", 0, false},
    ErrorType{"OIDC_AUTH_GET_DISCOVERY_ERROR", 0, false},
    ErrorType{"OIDC_AUTH_TOKEN_VERIFY_FAIL", 0, false},
    ErrorType{"ORCHESTRATION_FAILURE", 0, false},
    ErrorType{"ORCHESTRATION_PARAMETER_NOT_FOUND", 0, false},
    ErrorType{"REQUEST_PARAMETERS_FAILURE", 400},
    ErrorType{"THIRD_AUTH_CONF_FAILURE", 500},
    ErrorType{"THIRD_AUTH_FAILURE", 401},
    ErrorType{"THIRD_AUTH_IDENTITIES_FAILURE", 401},
    ErrorType{"THROTTLED", 429},
    ErrorType{"UNAUTHORIZED", 401},
};

const ErrorType* find_type(std::string_view name) {
  const auto* at = std::find_if(kTypes.begin(), kTypes.end(), [&](const ErrorType& type) { return type.name == name; });
  return at != kTypes.end() ? at : nullptr;
}

bool is_default(const Policy& response) { return response.name == kDefaultResponse; }

Value check_headers(Fields& fields, std::optional<Fault>& fault) {
  const Value::Array& list = fields.list("headers");
  if (list.size() > kMostHeaders) fields.report(invalid("headers"));
  Value out = Value::array();
  for (const Value& item : list) {
    Fields inner(item, fault);
    Value header;
    header.set("key", inner.required("key", 128)).set("value", inner.text("value", 1024));
    out.push(std::move(header));
  }
  return out;
}

/// One type as it is set, with its defaults spelled out.
Value check_type(const ErrorType& type, const Value& from, std::optional<Fault>& fault) {
  Fields fields(from, fault);
  if (!from.is_object()) fields.report(invalid(type.name));
  Value out;
  const std::int64_t status = fields.integer("status", 200, 599, type.status);
  if (status == 444) fields.report(invalid("status"));
  if (status != 0) out.set("status", status);
  const std::string body = fields.text("body", kLongestBody);
  out.set("body", body.empty() ? std::string(kTemplate) : body);
  Value headers = check_headers(fields, fault);
  if (!headers.empty()) out.set("headers", std::move(headers));
  return out;
}

/// The type as answers show it.
Value write_type(const Policy& response, const ErrorType& type) {
  const Value* types = response.body.find("responses");
  if (const Value* set = types != nullptr ? types->find(type.name) : nullptr; set != nullptr) return *set;
  Value out;
  out.set("body", kTemplate).set("default", true);
  if (type.status != 0) out.set("status", type.status);
  return out;
}

Value write_outline(const Policy& response) {
  Value out;
  out.set("id", response.id).set("name", response.name).set("default", is_default(response));
  return out.set("create_time", write_time(response.created)).set("update_time", write_time(response.updated));
}

Value write_response(const Policy& response) {
  const Value* set = response.body.find("responses");
  Value types = Value::object();
  for (const ErrorType& type : kTypes) {
    const bool is_set = set != nullptr && set->find(type.name) != nullptr;
    if (type.shown || is_set) types.set(type.name, write_type(response, type));
  }
  return write_outline(response).set("responses", std::move(types));
}

/// The response that a call's path names.
Result<Policy*, Fault> find_response(Session& session, const Call& call) {
  if (session.instance.groups.find(call.ids[0]) == nullptr) return Unexpected<Fault>{unknown_group(call.ids[0])};
  Policy* response = session.instance.responses.find(call.ids[1]);
  if (response == nullptr || response->group_id != call.ids[0]) {
    return Unexpected<Fault>{unknown_policy(PolicyKind::Response, call.ids[1])};
  }
  return response;
}

/// Older drafts refer to a response by its name.
bool refers_to(const Value& definition, const Policy& response) {
  const std::string_view text = definition.text("response_id");
  return !text.empty() && (text == response.id || text == response.name);
}

bool in_use(const Instance& instance, const Policy& response) {
  const auto& rows = instance.apis.rows();
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
    const Api& api = row.second;
    const auto& versions = api.publications;
    if (api.group_id != response.group_id) return false;
    return refers_to(api.definition, response) ||
           std::any_of(versions.begin(), versions.end(), [&](const Publication& version) {
             return version.active && refers_to(version.definition, response);
           });
  });
}

/// The definition with one type set, or no longer set.
WantedPolicy with_type(const Policy& response, std::string_view type, const Value* set) {
  Value types = Value::object();
  if (const Value* found = response.body.find("responses"); found != nullptr) types = *found;
  types.erase(type);
  if (set != nullptr) types.set(type, *set);
  Value body = response.body;
  body.set("responses", std::move(types));
  return {response.name, std::move(body)};
}

Reply answer_type(const Policy& response, const ErrorType& type) {
  Value out;
  return json_answer(200, out.set(type.name, write_type(response, type)));
}

}  // namespace

Result<WantedPolicy, Fault> check_response(const Value& body) {
  std::optional<Fault> fault;
  Fields fields(body, fault);
  const std::string name = fields.required("name", 64);
  if (!is_response_name(name)) fields.report(invalid("name"));
  const Value* given = fields.find("responses");
  if (given != nullptr && !given->is_object()) fields.report(invalid("responses"));
  const Value::Object none;
  Value types = Value::object();
  for (const Value::Member& member : given != nullptr ? given->members() : none) {
    const ErrorType* type = find_type(member.key);
    if (type == nullptr) {
      fields.report(invalid("responses." + member.key));
      break;
    }
    // An untouched type, as answers show it.
    if (const Value* untouched = member.value.find("default"); untouched != nullptr && *untouched == Value(true)) {
      continue;
    }
    types.set(member.key, check_type(*type, member.value, fault));
  }
  if (fault) return Unexpected<Fault>{*fault};
  Value out;
  out.set("responses", std::move(types));
  return WantedPolicy{name, std::move(out)};
}

Result<void, Fault> response_is_known(const Instance& instance, std::string_view group_id,
                                      std::string_view response_id) {
  if (response_id.empty()) return {};
  const Policy* response = instance.responses.find(response_id);
  if (response != nullptr && response->group_id == group_id) return {};
  return Unexpected<Fault>{unknown_policy(PolicyKind::Response, response_id)};
}

std::vector<const Policy*> responses_of(const Instance& instance, std::string_view group_id) {
  std::vector<const Policy*> rows;
  for (const auto& [number, response] : instance.responses.rows()) {
    if (response.group_id == group_id) rows.push_back(&response);
  }
  std::stable_partition(rows.begin(), rows.end(), [](const Policy* response) { return is_default(*response); });
  return rows;
}

std::size_t count_responses(const Instance& instance, std::string_view group_id) {
  return responses_of(instance, group_id).size();
}

void erase_responses(Session& session, std::string_view group_id) {
  std::vector<std::string> ids;
  for (const Policy* response : responses_of(session.instance, group_id)) ids.push_back(response->id);
  for (const std::string& id : ids) erase_policy(session, PolicyKind::Response, id);
}

Reply create_response(Session& session, const Call& call) {
  const std::string& group_id = call.ids[0];
  if (session.instance.groups.find(group_id) == nullptr) return Unexpected<Fault>{unknown_group(group_id)};
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_response(*body);
  if (!wanted) return wanted.forward();
  const auto kind = PolicyKind::Response;
  if (auto free = name_is_free(session.instance, kind, wanted->name, "", group_id); !free) return free.forward();
  const std::size_t held = count_responses(session.instance, group_id);
  if (auto room = room_for_policy(kind, held); !room) return room.forward();
  return json_answer(201, write_response(add_policy(session, kind, std::move(*wanted), group_id)));
}

Reply list_responses(Session& session, const Call& call) {
  const std::string& group_id = call.ids[0];
  if (session.instance.groups.find(group_id) == nullptr) return Unexpected<Fault>{unknown_group(group_id)};
  return list_answer(call, "responses", responses_of(session.instance, group_id), write_outline);
}

Reply show_response(Session& session, const Call& call) {
  const auto response = find_response(session, call);
  if (!response) return response.forward();
  return json_answer(200, write_response(**response));
}

Reply update_response(Session& session, const Call& call) {
  const auto response = find_response(session, call);
  if (!response) return response.forward();
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto wanted = check_response(*body);
  if (!wanted) return wanted.forward();
  Policy& known = **response;
  if (is_default(known) && wanted->name != known.name) return refuse("APIG.3492");
  const auto free = name_is_free(session.instance, PolicyKind::Response, wanted->name, known.id, known.group_id);
  if (!free) return free.forward();
  replace_policy(session, known, std::move(*wanted));
  return json_answer(200, write_response(known));
}

Reply delete_response(Session& session, const Call& call) {
  const auto response = find_response(session, call);
  if (!response) return response.forward();
  if (is_default(**response)) return refuse("APIG.3491");
  if (in_use(session.instance, **response)) {
    return refuse("APIG.1107", "The response cannot be deleted because it is used by APIs");
  }
  erase_policy(session, PolicyKind::Response, call.ids[1]);
  return empty_answer();
}

Reply show_response_type(Session& session, const Call& call) {
  const auto response = find_response(session, call);
  if (!response) return response.forward();
  const ErrorType* type = find_type(call.ids[2]);
  if (type == nullptr) return refuse_invalid("response_type");
  return answer_type(**response, *type);
}

Reply update_response_type(Session& session, const Call& call) {
  const auto response = find_response(session, call);
  if (!response) return response.forward();
  const ErrorType* type = find_type(call.ids[2]);
  if (type == nullptr) return refuse_invalid("response_type");
  const auto body = read_body(call);
  if (!body) return body.forward();
  std::optional<Fault> fault;
  const Value set = check_type(*type, *body, fault);
  if (fault) return Unexpected<Fault>{*fault};
  replace_policy(session, **response, with_type(**response, type->name, &set));
  return answer_type(**response, *type);
}

Reply reset_response_type(Session& session, const Call& call) {
  const auto response = find_response(session, call);
  if (!response) return response.forward();
  const ErrorType* type = find_type(call.ids[2]);
  if (type == nullptr) return refuse_invalid("response_type");
  replace_policy(session, **response, with_type(**response, type->name, nullptr));
  return empty_answer();
}

}  // namespace sluice::gateway
