#include "plan/canonical.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "plan/check.h"
#include "plan/digest.h"
#include "plan/json.h"

namespace sluice {
namespace {

std::string folded(std::string text, Fold fold) {
  if (fold == Fold::None) return text;
  for (char& c : text) {
    if (fold == Fold::Lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (fold == Fold::Upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Value canonical_text(const Value& raw, const FieldSchema& field) {
  if (raw.is_array() || raw.is_object()) return raw;
  std::string text = folded(raw.is_string() ? raw.as_string() : write_json(raw), field.fold);
  for (const Spelling& spelling : field.spellings) {
    if (text == spelling.other) text = spelling.canonical;
  }
  return text;
}

Value canonical_comma_set(const Value& raw) {
  std::set<std::string> words;
  const auto add = [&words](std::string_view text) {
    while (!text.empty()) {
      const std::size_t comma = std::min(text.find(','), text.size());
      const std::string_view word = trimmed(text.substr(0, comma));
      if (!word.empty()) words.emplace(word);
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
  };
  if (raw.is_string()) add(raw.as_string());
  for (const Value& item : raw.items()) {
    if (!item.is_string()) return raw;
    add(item.as_string());
  }
  return raw.is_string() || raw.is_array() ? Value(fmt::format("{}", fmt::join(words, ","))) : raw;
}

Value canonical_number(const Value& raw) {
  Value number = raw;
  if (raw.is_string()) {
    const std::string& text = raw.as_string();
    if (auto read = parse_json(text); read && read->is_number()) number = *read;
  }
  if (number.kind() == Value::Kind::Number) {
    const double value = number.as_number();
    if (std::nearbyint(value) == value && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
  }
  return number;
}

Value canonical_boolean(const Value& raw) {
  if (raw.is_string() && (raw.as_string() == "true" || raw.as_string() == "false")) return raw.as_string() == "true";
  return raw;
}

/// Each once, in an order of their own.
Value set_of(Value::Array items) {
  std::vector<std::pair<std::string, Value>> keyed;
  for (Value& item : items) keyed.emplace_back(write_json_sorted(item), std::move(item));
  std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto last = std::unique(keyed.begin(), keyed.end(), [](auto& a, auto& b) { return a.first == b.first; });
  items.clear();
  for (auto item = keyed.begin(); item != last; ++item) items.push_back(std::move(item->second));
  return Value::array(std::move(items));
}

Value canonical_list(const Value& raw, const FieldSchema& field) {
  if (!raw.is_array()) return raw;
  Value::Array items;
  for (const Value& item : raw.items()) {
    items.push_back(field.fields.empty() ? canonical_text(item, field) : canonical(item, field.fields));
  }
  if (field.kind == FieldKind::KeyedList) {
    std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
      return folded_element_key(a, field) < folded_element_key(b, field);
    });
  } else if (field.kind != FieldKind::TextList) {
    return set_of(std::move(items));
  }
  return Value::array(std::move(items));
}

Value canonical_value(const Value& raw, const FieldSchema& field) {
  switch (field.kind) {
    case FieldKind::Text:
      return canonical_text(raw, field);
    case FieldKind::Integer:
    case FieldKind::Number:
      return canonical_number(raw);
    case FieldKind::Boolean:
      return canonical_boolean(raw);
    case FieldKind::CommaSet:
      return canonical_comma_set(raw);
    case FieldKind::Object:
      return raw.is_object() ? canonical(raw, field.fields) : raw;
    case FieldKind::TextSet:
    case FieldKind::TextList:
    case FieldKind::ObjectSet:
    case FieldKind::KeyedList:
      return canonical_list(raw, field);
  }
  return raw;
}

bool is_empty(const Value& value) {
  return value.is_null() || (value.is_string() && value.as_string().empty()) ||
         ((value.is_array() || value.is_object()) && value.empty());
}

Value fallback_of(const FieldSchema& field) {
  const std::string_view text = field.fallback;
  if (text.empty()) return {};
  if (text.size() >= 2 && text.front() == '"') return text.substr(1, text.size() - 2);  // most are plain texts
  auto value = parse_json(text);
  check(value.has_value(), "a schema table holds a fallback that is not JSON");
  return canonical_value(*value, field);
}

/// Backends and backend policies hold one endpoint object; the gateway reads the one that `type` names.
void keep_selected_endpoint(Value& body) {
  const std::string type(body.text("type"));
  const bool known = std::any_of(std::begin(kEndpoints), std::end(kEndpoints),
                                 [&](const auto& endpoint) { return endpoint.first == type; });
  if (!known) return;
  for (const auto& [name, member] : kEndpoints) {
    if (name != type) body.erase(member);
  }
}

/// A condition on the caller's address has neither a parameter nor a way to compare it.
void trim_condition(Value& body) {
  if (body.text("origin") != "source") return;
  body.erase("type");
  body.erase("parameter");
}

/// Only an authorizer has a definition.
void trim_security(Value& body) {
  if (body.text("type") != "AUTHORIZER") body.erase("definition");
}

void append_digest_text(std::string& text, const Value& body, std::span<const FieldSchema> fields,
                        std::span<const std::string_view> skipped) {
  for (const auto& member : body.members()) {
    const FieldSchema* field = find_field(fields, member.key);
    if (field == nullptr || field->apart || std::find(skipped.begin(), skipped.end(), member.key) != skipped.end())
      continue;
    text += member.key;
    text += '=';
    if (field->kind == FieldKind::KeyedList && member.value.is_array()) {
      for (const Value& element : member.value.items()) {
        text += folded_element_key(element, *field);
        text += '{';
        append_digest_text(text, element, field->fields, field->keys);
        text += '}';
      }
    } else if (field->kind == FieldKind::Object && member.value.is_object()) {
      text += '{';
      append_digest_text(text, member.value, field->fields, {});
      text += '}';
    } else if (member.value.is_string()) {
      const std::string& scalar = member.value.as_string();
      text.append(std::to_string(scalar.size())).append(":").append(scalar);
    } else if (field->kind == FieldKind::ObjectSet) {
      text += write_json_sorted(declared_elements(member.value, *field));
    } else {
      text += write_json_sorted(member.value);
    }
    text += '\n';
  }
}

}  // namespace

const Value* member_of(const Value& body, const FieldSchema& field) {
  const Value* found = body.find(field.name);
  for (const std::string_view alias : field.aliases) {
    if (found == nullptr || (found->is_string() && found->as_string().empty())) {
      const Value* other = body.find(alias);
      if (other != nullptr) found = other;
    }
  }
  return found;
}

Value canonical(const Value& body, std::span<const FieldSchema> fields) {
  Value::Object members;
  members.reserve(fields.size());
  for (const FieldSchema& field : fields) {
    const Value* raw = member_of(body, field);
    const bool absent = raw == nullptr || raw->is_null();
    if (absent && (field.fallback.empty() || field.fallback == R"("")" || field.fallback == "[]")) continue;
    Value value = absent ? fallback_of(field) : canonical_value(*raw, field);
    if (!absent && field.kind != FieldKind::Object && is_empty(value)) value = fallback_of(field);
    if (is_empty(value) && (field.kind != FieldKind::Object || raw == nullptr || field.fallback == "{}")) continue;
    if (field.zero_is_absent && value.is_number() && value.as_number() == 0) continue;
    members.push_back({std::string(field.name), std::move(value), 0});
  }
  std::vector<const Value::Member*> unknown;
  for (const auto& member : body.members()) {
    if (find_field(fields, member.key) == nullptr) unknown.push_back(&member);
  }
  std::sort(unknown.begin(), unknown.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
  for (const auto* member : unknown) members.push_back({member->key, member->value, 0});
  // Canonical bodies are kept: no room to spare.
  Value result = Value::object({std::make_move_iterator(members.begin()), std::make_move_iterator(members.end())});
  if (find_field(fields, "mockEndpoints") != nullptr) keep_selected_endpoint(result);
  if (find_field(fields, "origin") != nullptr && find_field(fields, "in") == nullptr) trim_condition(result);
  if (find_field(fields, "app_code") != nullptr) trim_security(result);
  return result;
}

std::string digest_of(const Value& body, std::span<const FieldSchema> fields) {
  std::string text;
  text.reserve(1024);
  append_digest_text(text, body, fields, {});
  return "sha256:" + sha256_hex(text);
}

Value declared_elements(const Value& set, const FieldSchema& field) {
  const auto unknown = [&](const Value::Member& member) { return find_field(field.fields, member.key) == nullptr; };
  const auto& elements = set.items();
  const bool plain = std::none_of(elements.begin(), elements.end(), [&](const Value& element) {
    return std::any_of(element.members().begin(), element.members().end(), unknown);
  });
  if (plain) return set;
  Value::Array declared = elements;
  for (Value& element : declared) {
    if (element.is_object()) std::erase_if(element.mutable_members(), unknown);
  }
  return set_of(std::move(declared));
}

Resource make_resource(Address address, const Value& body) {
  const TypeSchema& schema = schema_of(address.type());
  Value form = canonical(body, schema.fields);
  std::string digest = digest_of(form, schema.fields);
  return {std::move(address), std::move(form), std::move(digest)};
}

std::string element_key(const Value& element, const FieldSchema& list) {
  std::string key;
  for (const std::string_view name : list.keys) {
    if (!key.empty()) key += ':';
    key += element.text(name);
  }
  return key;
}

std::string folded_element_key(const Value& element, const FieldSchema& list) {
  const std::string key = element_key(element, list);
  return element.text("in") == "header" ? folded(key, Fold::Lower) : key;
}

}  // namespace sluice
