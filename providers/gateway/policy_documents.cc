#include "providers/gateway/policy_documents.h"

#include <algorithm>
#include <array>

namespace sluice::gateway {
namespace {

constexpr std::string_view kBodyType = "application/json";

/// A member of the JSON API and the member of a document that it is.
struct Pair {
  std::string_view api;
  std::string_view document;
};
// In the order of exports: by the document's name.
constexpr std::array kThrottlePairs = {
    Pair{"api_call_limits", "api-limit"},
    Pair{"app_call_limits", "app-limit"},
    Pair{"time_interval", "interval"},
    Pair{"ip_call_limits", "ip-limit"},
    Pair{"time_unit", "unit"},
    Pair{"user_call_limits", "user-limit"},
};
constexpr std::array kAclPairs = {Pair{"acl_type", "acl-type"}, Pair{"entity_type", "entity-type"},
                                  Pair{"acl_value", "value"}};
constexpr std::array kSpecialPairs = {Pair{"object_id", "instance"}, Pair{"call_limits", "limit"},
                                      Pair{"object_type", "type"}};

template <std::size_t N>
void to_api(const Value& from, const std::array<Pair, N>& pairs, Value& out) {
  for (const Pair& pair : pairs) {
    if (const Value* value = from.find(pair.document); value != nullptr) out.set(pair.api, *value);
  }
}

template <std::size_t N>
void to_document(const Value& from, const std::array<Pair, N>& pairs, Value& out) {
  for (const Pair& pair : pairs) {
    if (const Value* value = from.find(pair.api); value != nullptr) out.set(pair.document, *value);
  }
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

Result<Value, Fault> read_throttle(const std::string& name, const Value& from) {
  Value out = Value::object();
  out.set("name", name);
  to_api(from, kThrottlePairs, out);
  // Examples write units in lower case too.
  if (!from.text("unit").empty()) out.set("time_unit", upper(from.text("unit")));
  if (const Value* shared = from.find("shared"); shared != nullptr && !shared->is_null()) {
    if (!shared->is_bool()) return refuse_invalid("shared");
    out.set("type", shared->as_bool() ? 2 : 1);
  }
  const Value* special = from.find("special");
  if (special == nullptr || special->is_null()) return out;
  if (!special->is_array()) return refuse_invalid("special");
  Value specials = Value::array();
  for (const Value& item : special->items()) {
    Value one = Value::object();
    to_api(item, kSpecialPairs, one);
    specials.push(std::move(one));
  }
  out.set("specials", std::move(specials));
  return out;
}

Value read_acl(const std::string& name, const Value& from) {
  Value out = Value::object();
  out.set("acl_name", name);
  to_api(from, kAclPairs, out);
  return out;
}

/// The text of a body: that for JSON, else the first one.
Result<Value, Fault> read_body_text(const Value& body) {
  if (!body.is_object()) return refuse_invalid("body");
  if (const Value* text = body.find(kBodyType); text != nullptr) return *text;
  return body.empty() ? Value() : body.members().front().value;
}

Result<Value, Fault> read_response(const std::string& name, const Value& from) {
  Value types = Value::object();
  for (const Value::Member& member : from.members()) {
    if (!member.value.is_object()) return refuse_invalid(member.key);
    Value type = Value::object();
    if (const Value* status = member.value.find("status"); status != nullptr) type.set("status", *status);
    if (const Value* body = member.value.find("body"); body != nullptr && !body->is_null()) {
      const auto text = read_body_text(*body);
      if (!text) return text.forward();
      type.set("body", *text);
    }
    types.set(member.key, std::move(type));
  }
  Value out;
  return out.set("name", name).set("responses", std::move(types));
}

Result<Value, Fault> read_definition(PolicyKind kind, const std::string& name, const Value& from) {
  if (!from.is_object()) return refuse_invalid(name);
  if (kind == PolicyKind::Throttle) return read_throttle(name, from);
  if (kind == PolicyKind::Acl) return read_acl(name, from);
  return read_response(name, from);
}

Result<void, Fault> read_name(const Value& operation, std::string_view from, std::string_view to, Value& wishes) {
  const Value* name = operation.find(from);
  if (name == nullptr || name->is_null()) return {};
  if (!name->is_string()) return refuse_invalid(from);
  if (!name->as_string().empty()) wishes.set(to, *name);
  return {};
}

Value write_throttle_policy(const Policy& policy) {
  Value members;
  to_document(policy.body, kThrottlePairs, members);
  const Value* type = policy.body.find("type");
  members.set("shared", type != nullptr && *type == Value(2));
  if (const Value* specials = policy.body.find("specials"); specials != nullptr && !specials->empty()) {
    Value list = Value::array();
    for (const Value& special : specials->items()) {
      Value item;
      to_document(special, kSpecialPairs, item);
      list.push(std::move(item));
    }
    members.set("special", std::move(list));
  }
  Value::Object sorted = members.members();
  std::sort(sorted.begin(), sorted.end(), [](const Value::Member& a, const Value::Member& b) { return a.key < b.key; });
  return Value::object(std::move(sorted));
}

Value write_response_policy(const Policy& policy) {
  Value out = Value::object();
  const Value* types = policy.body.find("responses");
  if (types == nullptr) return out;
  for (const Value::Member& member : types->members()) {
    Value body;
    body.set(kBodyType, member.value.text("body"));
    Value type;
    type.set("body", std::move(body));
    if (const Value* status = member.value.find("status"); status != nullptr) type.set("status", *status);
    out.set(member.key, std::move(type));
  }
  return out;
}

}  // namespace

Result<std::vector<DocumentPolicy>, Fault> read_document_policies(const Value& document) {
  struct Extension {
    const char* name;
    PolicyKind kind;
  };
  std::vector<DocumentPolicy> out;
  for (const Extension& extension : {Extension{"x-apigateway-ratelimits", PolicyKind::Throttle},
                                     Extension{"x-apigateway-access-controls", PolicyKind::Acl},
                                     Extension{"x-apigateway-responses", PolicyKind::Response}}) {
    const Value* definitions = document.find(extension.name);
    if (definitions == nullptr || definitions->is_null()) continue;
    if (!definitions->is_object()) {
      return refuse("APIG.3602",
                    "Syntax error in the Swagger file, " + std::string(extension.name) + " must be an object");
    }
    for (const Value::Member& member : definitions->members()) {
      out.push_back({extension.kind, member.key, read_definition(extension.kind, member.key, member.value)});
    }
  }
  return out;
}

Result<Value, Fault> read_wishes(const Value& operation) {
  Value out = Value::object();
  if (auto read = read_name(operation, "x-apigateway-ratelimit", "throttle", out); !read) return read.forward();
  if (auto read = read_name(operation, "x-apigateway-access-control", "acl", out); !read) return read.forward();
  const Value* plugins = operation.find("x-apigateway-plugins");
  if (plugins == nullptr || plugins->is_null()) return out;
  const auto& items = plugins->items();
  const bool names = std::all_of(items.begin(), items.end(), [](const Value& item) { return item.is_string(); });
  if (!plugins->is_array() || !names) return refuse_invalid("x-apigateway-plugins");
  if (!items.empty()) out.set("plugins", *plugins);
  return out;
}

Value write_document_policy(const Policy& policy) {
  if (policy.kind == PolicyKind::Throttle) return write_throttle_policy(policy);
  if (policy.kind == PolicyKind::Response) return write_response_policy(policy);
  Value out = Value::object();
  to_document(policy.body, kAclPairs, out);
  return out;
}

}  // namespace sluice::gateway
