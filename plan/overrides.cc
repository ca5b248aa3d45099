#include "plan/overrides.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/schema.h"
#include "plan/secrets.h"
#include "plan/select.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::string_view kIdentity[] = {"method", "path", "x-apigateway-match-mode"};
/// Members that name things, which the gateway shows to everybody.
constexpr std::string_view kNames[] = {"operationId",
                                       "tags",
                                       "schemes",
                                       "security",
                                       "x-apigateway-response",
                                       "x-apigateway-ratelimit",
                                       "x-apigateway-access-control",
                                       "x-apigateway-plugins"};
/// Names that import documents give to the gateway's own security schemes.
constexpr std::pair<std::string_view, std::string_view> kSchemes[] = {
    {"apig-auth-app", "APP"}, {"apig-auth-app-header", "APP"}, {"apig-auth-iam", "IAM"}};

/// The key of an element as files write it: places in any case.
std::string raw_key(const Value& element, const FieldSchema& list) {
  Value folded = element;
  if (element.find("in") != nullptr) folded.set("in", lower(element.text("in")));
  return folded_element_key(folded, list);
}

/// An element that holds only what its key says; null when the key has too few parts.
Value element_from_key(std::string_view key, const FieldSchema& list) {
  Value element = Value::object();
  for (std::size_t i = 0; i < list.keys.size(); ++i) {
    const bool last = i + 1 == list.keys.size();
    const std::size_t colon = last ? key.size() : key.find(':');
    if (colon == std::string_view::npos || colon == 0) return {};
    element.set(list.keys[i], key.substr(0, colon));
    key.remove_prefix(std::min(colon + 1, key.size()));
  }
  return element;
}

class PatchCheck {
 public:
  std::vector<PatchProblem> run(const Value& patch) {
    for (const auto& member : patch.members()) {
      if (std::find(std::begin(kIdentity), std::end(kIdentity), member.key) == std::end(kIdentity)) continue;
      add("override-identity", fmt::format("`{}` cannot be overridden: it says which API this is.", member.key),
          "Change it in the Swagger file.", member.key_mark);
    }
    for (const auto& member : patch.members()) {
      if (std::find(std::begin(kNames), std::end(kNames), member.key) != std::end(kNames) && holds_mark(member.value))
        secret_place(member.key, member.value.mark());
    }
    check_members(patch, schema_of("api").fields, "an API");
    return std::move(problems_);
  }

 private:
  void add(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
    problems_.push_back({std::move(code), std::move(summary), std::move(detail), mark});
  }

  void secret_place(std::string_view name, std::uint32_t mark) {
    add("secret-place", fmt::format("`{}` cannot hold a secret.", name),
        "Put secrets into values, not into names and words that the gateway knows.", mark);
  }

  void check_members(const Value& patch, std::span<const FieldSchema> fields, std::string_view where) {
    for (const auto& member : patch.members()) {
      const FieldSchema* field = find_field(fields, member.key);
      if (field == nullptr) {
        std::vector<std::string_view> names;
        for (const FieldSchema& one : fields) names.push_back(one.name);
        const std::string near = did_you_mean(member.key, names);
        add("key-unknown", fmt::format("`{}` is not a field of {}.", member.key, where),
            near.empty() ? fmt::format("Known fields are {}.", fmt::join(names, ", "))
                         : fmt::format("Did you mean `{}`?", near),
            member.key_mark);
      } else if ((field->fold != Fold::None || !field->spellings.empty()) && member.value.is_string() &&
                 is_mark(member.value.as_string())) {
        secret_place(member.key, member.value.mark());
      } else if (!member.value.is_null()) {
        check_value(member, *field);
      }
    }
  }

  void wrong_shape(const Value::Member& member, std::string_view shape) {
    add("key-shape", fmt::format("`{}` is not {}.", member.key, shape),
        "Correct it, or write null to remove the field.", member.value.mark());
  }

  void check_value(const Value::Member& member, const FieldSchema& field) {
    const Value& value = member.value;
    if (field.kind == FieldKind::KeyedList) return check_keyed_list(member, field);
    if (field.name == "security" && value.is_array()) return check_security_list(value);
    if (field.kind == FieldKind::Object) {
      if (!value.is_object()) return wrong_shape(member, "a map");
      return check_members(value, field.fields, fmt::format("`{}`", member.key));
    }
    const bool list =
        field.kind == FieldKind::TextSet || field.kind == FieldKind::TextList || field.kind == FieldKind::ObjectSet;
    if (list) {
      if (!value.is_array()) return wrong_shape(member, "a list");
      for (const Value& item : value.items()) {
        if (field.kind == FieldKind::ObjectSet) {
          check_members(item, field.fields, fmt::format("an element of `{}`", member.key));
        } else if (item.is_object() || item.is_array() || item.is_null()) {
          add("key-shape", fmt::format("`{}` holds something that is not a text.", member.key), "Write texts.",
              item.mark());
        }
      }
      return;
    }
    if (value.is_object() || value.is_array()) return wrong_shape(member, "a single value");
    const FieldSchema one[] = {field};
    const Value form = canonical(Value::object({{std::string(field.name), value, 0}}), one);
    const Value* read = form.find(field.name);
    if (read == nullptr) return;
    if (field.kind == FieldKind::Integer && !read->is_integer()) return wrong_shape(member, "a whole number");
    if (field.kind == FieldKind::Number && !read->is_number()) return wrong_shape(member, "a number");
    if (field.kind == FieldKind::Boolean && !read->is_bool()) return wrong_shape(member, "true or false");
  }

  /// As Swagger writes it: a list of requirements, of the schemes that import documents define.
  void check_security_list(const Value& list) {
    constexpr std::string_view kForm = "Write `security: {type: APP}` (or NONE, IAM, AUTHORIZER with `authorizer`).";
    std::size_t schemes = 0;
    for (const Value& requirement : list.items()) {
      if (!requirement.is_object() || requirement.empty()) {
        add("key-shape", "`security` holds an element that is not a map from a security scheme.", std::string(kForm),
            requirement.mark());
      }
      for (const auto& scheme : requirement.members()) {
        if (++schemes == 2) {
          add("security-several", "`security` names several ways to call, and the gateway has one for each operation.",
              std::string(kForm), scheme.key_mark);
        }
        const bool known = std::any_of(std::begin(kSchemes), std::end(kSchemes),
                                       [&](const auto& one) { return one.first == scheme.key; });
        if (known) continue;
        add("value-unknown", fmt::format("The security scheme \"{}\" is not known here.", scheme.key),
            std::string(kForm), scheme.key_mark);
      }
    }
  }

  void check_keyed_list(const Value::Member& member, const FieldSchema& list) {
    const std::string where = fmt::format("an element of `{}`", member.key);
    const std::string keys = fmt::format("{}", fmt::join(list.keys, ":"));
    if (member.value.is_object()) {
      for (const auto& element : member.value.members()) {
        if (element_from_key(element.key, list).is_null()) {
          add("override-key", fmt::format("\"{}\" is not the key of {}.", element.key, where),
              fmt::format("Write {}, as in query:limit.", keys), element.key_mark);
        } else if (!element.value.is_null() && !element.value.is_object()) {
          wrong_shape(element, "a map");
        } else {
          check_members(element.value, list.fields, where);
        }
      }
      return;
    }
    if (!member.value.is_array()) return wrong_shape(member, fmt::format("a list, or a map by {}", keys));
    for (const Value& element : member.value.items()) {
      for (const std::string_view key : list.keys) {
        if (is_mark(element.text(key))) secret_place(key, element.find(key)->mark());
        if (!element.text(key).empty()) continue;
        add("override-key", fmt::format("{} has no `{}`, so it cannot be told which is meant.", where, key), "Add it.",
            element.mark());
      }
      check_members(element, list.fields, where);
    }
  }

  std::vector<PatchProblem> problems_;
};

Value merged(const Value* target, const Value& patch, std::span<const FieldSchema> fields);

Value merged_list(const Value* target, const Value& patch, const FieldSchema& list) {
  Value::Array elements = target != nullptr ? target->items() : Value::Array();
  const auto lay = [&](const Value& key_element, const Value& change) {
    const std::string key = raw_key(key_element, list);
    const auto twin = std::find_if(elements.begin(), elements.end(),
                                   [&](const Value& element) { return raw_key(element, list) == key; });
    if (change.is_null()) {
      if (twin != elements.end()) elements.erase(twin);
    } else if (twin != elements.end()) {
      *twin = merged(&*twin, change, list.fields);
    } else {
      elements.push_back(merged(&key_element, change, list.fields));
    }
  };
  for (const Value& element : patch.items()) {
    Value key_element = Value::object();
    for (const std::string_view key : list.keys) key_element.set(key, element.text(key));
    lay(key_element, element);
  }
  for (const auto& member : patch.members()) lay(element_from_key(member.key, list), member.value);
  return Value::array(std::move(elements));
}

/// The gateway's words for what a Swagger requirement names. An empty list is no authentication; what names no known
/// scheme says nothing.
Value security_from(const Value& list) {
  if (list.items().empty()) return Value::object({{"type", "NONE", 0}});
  for (const Value& requirement : list.items()) {
    for (const auto& member : requirement.members()) {
      for (const auto& [name, type] : kSchemes) {
        if (name != member.key) continue;
        Value security = Value::object({{"type", type, 0}});
        if (name == "apig-auth-app-header") security.set("app_code", "header");
        return security;
      }
    }
  }
  return Value::object();
}

Value merged(const Value* target, const Value& patch, std::span<const FieldSchema> fields) {
  Value result = target != nullptr && target->is_object() ? *target : Value::object();
  for (const auto& member : patch.members()) {
    if (member.value.is_null()) {
      result.erase(member.key);
      continue;
    }
    const FieldSchema* field = find_field(fields, member.key);
    const Value* own = result.find(member.key);
    Value value = member.value;
    if (field != nullptr && field->kind == FieldKind::KeyedList) {
      value = merged_list(own, member.value, *field);
    } else if (field != nullptr && field->name == "security") {
      // Another kind of authentication takes nothing over from the old one.
      if (member.value.is_array()) {
        value = security_from(member.value);
      } else if (member.value.find("type") == nullptr) {
        value = merged(own, member.value, field->fields);
      }
    } else if (member.value.is_object()) {
      value = merged(own, member.value, field != nullptr ? field->fields : std::span<const FieldSchema>());
    }
    result.set(member.key, std::move(value));
  }
  return result;
}

/// Parameters in the types that a gateway holds, whatever Swagger calls them; path variables are always required.
void fold_parameters(Value& body) {
  const Value* parameters = body.find("parameters");
  if (parameters == nullptr || parameters->items().empty()) return;
  constexpr std::string_view kNumeric[] = {"integer", "long", "float", "double"};
  Value folded = *parameters;
  for (Value& parameter : folded.mutable_items()) {
    const std::string type = lower(parameter.text("type"));
    if (std::find(std::begin(kNumeric), std::end(kNumeric), type) != std::end(kNumeric))
      parameter.set("type", "number");
    if (lower(parameter.text("in")) == "path") parameter.set("required", true);
  }
  body.set("parameters", std::move(folded));
}

}  // namespace

std::vector<PatchProblem> patch_problems(const Value& patch) { return PatchCheck().run(patch); }

Value patched(const Value& body, const Value& patch) {
  Value result = merged(&body, patch, schema_of("api").fields);
  if (patch.find("parameters") != nullptr) fold_parameters(result);
  return result;
}

const Value* find_element(const Value& list, const std::string& key, const FieldSchema& schema) {
  for (const Value& element : list.items()) {
    if (raw_key(element, schema) == key) return &element;
  }
  for (const auto& member : list.members()) {
    const Value element = element_from_key(member.key, schema);
    if (!element.is_null() && raw_key(element, schema) == key) return &member.value;
  }
  return nullptr;
}

std::string pointer_token(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~' || c == '/') {
      token += c == '~' ? "~0" : "~1";
    } else {
      token += c;
    }
  }
  return token;
}

std::vector<std::size_t> Overrides::apply(std::string_view method, std::string_view path, Value& body) {
  std::vector<std::size_t> applied;
  for (std::size_t i = 0; i < list_.size(); ++i) {
    if (!matches_operation(list_[i].match, method, path)) continue;
    met_[i] = 1;
    applied.push_back(i);
    body = patched(body, list_[i].set);
  }
  return applied;
}

Diagnostics Overrides::unmet() const {
  Diagnostics errors;
  for (std::size_t i = 0; i < list_.size(); ++i) {
    if (met_[i] != 0) continue;
    errors.push_back({Severity::Error, "override-nothing",
                      fmt::format("The override of \"{}\" meets no operation of the group.", list_[i].match),
                      "Correct the match, or take the override out; paths include basePath.", list_[i].at});
  }
  return errors;
}

}  // namespace sluice
