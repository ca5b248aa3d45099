#include "plan/export_swagger.h"

#include <algorithm>

#include "plan/canonical.h"
#include "plan/import_document.h"
#include "plan/json.h"
#include "plan/sensitive.h"

namespace sluice {
namespace {

bool is_default(const Value& value, const FieldSchema& field) {
  if (field.needed || field.fallback.empty() || field.name == "type") return false;
  const auto fallback = parse_json(field.fallback);
  return fallback && *fallback == value;
}

const FieldSchema& field_of(std::span<const FieldSchema> fields, std::string_view name) {
  return *find_field(fields, name);
}

/// Takes credentials out of the parameters of a backend or backend policy, `owner`.
void take_from(Value& owner, const FieldSchema& list, const std::vector<std::string>& policy,
               const std::set<std::string>& known, std::vector<FoundSecret>& found) {
  const Value* parameters = owner.find("parameters");
  if (parameters == nullptr) return;
  Value kept = Value::array();
  for (const Value& parameter : parameters->items()) {
    const bool constant = parameter.text("origin") == "CONSTANT" && !parameter.text("value").empty();
    const bool secret = is_credential(parameter) || (constant && known.contains(std::string(parameter.text("value"))));
    if (secret) {
      found.push_back({policy, element_key(parameter, list), std::string(parameter.text("name")), parameter});
    } else {
      kept.push(parameter);
    }
  }
  if (kept.items().size() == parameters->items().size()) return;
  owner.set("parameters", std::move(kept));
}

/// What an override must set to make `after` of `before`, which differ in texts only.
Value patch_of(const Value& before, const Value& after, std::span<const FieldSchema> fields) {
  Value patch = Value::object();
  for (const auto& member : after.members()) {
    const Value* own = before.find(member.key);
    if (own == nullptr || *own == member.value) continue;
    const FieldSchema& field = field_of(fields, member.key);
    if (field.kind == FieldKind::Object) {
      patch.set(member.key, patch_of(*own, member.value, field.fields));
    } else if (field.kind == FieldKind::KeyedList) {
      Value elements = Value::object();
      for (std::size_t i = 0; i < own->items().size(); ++i) {
        const Value& element = member.value.items()[i];
        if (element == own->items()[i]) continue;
        elements.set(element_key(element, field), patch_of(own->items()[i], element, field.fields));
      }
      patch.set(member.key, std::move(elements));
    } else {
      patch.set(member.key, member.value);
    }
  }
  return patch;
}

}  // namespace

Value take_sensitive(Value& body, const PathWalk& named,
                     const std::function<std::string(const std::string& plain)>& instead) {
  if (named.lost()) return Value::object();
  const auto fields = kApiSchema.fields;
  Value patch = patch_of(body, with_sensitive(body, fields, named, instead), fields);
  if (!patch.empty()) body = with_sensitive(body, fields, named, [](const std::string&) { return "sensitive"; });
  return patch;
}

Value without_defaults(const Value& body, std::span<const FieldSchema> fields, std::size_t& unknown) {
  Value readable = Value::object();
  for (const auto& member : body.members()) {
    const FieldSchema* field = find_field(fields, member.key);
    if (field == nullptr) {
      ++unknown;
      continue;
    }
    if (is_default(member.value, *field)) continue;
    if (field->kind == FieldKind::Object) {
      readable.set(member.key, without_defaults(member.value, field->fields, unknown));
    } else if (field->kind == FieldKind::KeyedList || field->kind == FieldKind::ObjectSet) {
      Value list = Value::array();
      for (const Value& item : member.value.items()) list.push(without_defaults(item, field->fields, unknown));
      readable.set(member.key, std::move(list));
    } else {
      readable.set(member.key, member.value);
    }
  }
  return readable;
}

std::vector<FoundSecret> take_secrets(Value& body, const std::set<std::string>& known) {
  std::vector<FoundSecret> found;
  const auto parameters_of = [](std::string_view member) -> const FieldSchema& {
    return field_of(field_of(kApiSchema.fields, member).fields, "parameters");
  };
  if (const Value* backend = body.find("x-apigateway-backend")) {
    Value changed = *backend;
    take_from(changed, parameters_of("x-apigateway-backend"), {}, known, found);
    body.set("x-apigateway-backend", std::move(changed));
  }
  if (const Value* policies = body.find("x-apigateway-backend-policies")) {
    Value changed = *policies;
    for (Value& policy : changed.mutable_items()) {
      take_from(policy, parameters_of("x-apigateway-backend-policies"), {std::string(policy.text("name"))}, known,
                found);
    }
    body.set("x-apigateway-backend-policies", std::move(changed));
  }
  return found;
}

bool has_schemes(const Value& document) {
  const Value* schemes = document.find("securityDefinitions");
  return schemes != nullptr && !schemes->empty();
}

Value readable_swagger(const std::string& group, const std::vector<Value>& apis,
                       const std::map<std::string, Value>& responses) {
  std::vector<const Value*> bodies;
  for (const Value& api : apis) bodies.push_back(&api);
  const Value written = import_swagger(group, bodies);
  const bool with_schemes = has_schemes(written);
  Value document = Value::object();
  for (const std::string_view member : {"swagger", "info"}) document.set(member, *written.find(member));
  if (with_schemes) document.set("securityDefinitions", *written.find("securityDefinitions"));
  Value defined = Value::object();
  for (const auto& [name, body] : responses) defined.set(name, body);
  if (!defined.empty()) document.set("x-apigateway-responses", std::move(defined));
  Value paths = *written.find("paths");
  if (paths.empty()) return document.set("paths", std::move(paths));
  for (auto& path : paths.mutable_members()) {
    for (auto& operation : path.value.mutable_members()) {
      if (with_schemes && operation.value.find("security") == nullptr) operation.value.set("security", Value::array());
    }
  }
  return document.set("paths", std::move(paths));
}

}  // namespace sluice
