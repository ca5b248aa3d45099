#include "plan/secret_places.h"

#include <algorithm>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

bool is_secret(std::string_view text) { return is_mark(text) || is_mask(text); }

/// The element of `list` with this key; null when there is none.
const Value* element_of(const Value* list, const std::string& key, const FieldSchema& schema) {
  if (list == nullptr) return nullptr;
  const auto found = std::find_if(list->items().begin(), list->items().end(),
                                  [&](const Value& element) { return folded_element_key(element, schema) == key; });
  return found == list->items().end() ? nullptr : &*found;
}

/// Changes one value in the places where another one, the pattern, has marks or masks.
class SecretPlaces {
 public:
  explicit SecretPlaces(const AtSecret& change) : change_(change) {}

  Value object(const Value& value, const Value& pattern, const Value* asked,
               std::span<const FieldSchema> fields) const {
    Value result = value;
    for (const auto& member : pattern.members()) {
      const Value* own = value.find(member.key);
      if (own == nullptr || !any_text(member.value, is_secret)) continue;
      const Value* wanted = asked != nullptr ? asked->find(member.key) : nullptr;
      result.set(member.key, field(*own, member.value, wanted, find_field(fields, member.key)));
    }
    return result;
  }

 private:
  Value field(const Value& value, const Value& pattern, const Value* asked, const FieldSchema* schema) const {
    const auto fields = schema != nullptr ? schema->fields : std::span<const FieldSchema>();
    if (pattern.is_object() && value.is_object()) return object(value, pattern, asked, fields);
    if (schema != nullptr && schema->kind == FieldKind::KeyedList && value.is_array() && pattern.is_array()) {
      return keyed_list(value, pattern, asked, *schema);
    }
    return change_(value, asked);
  }

  Value keyed_list(const Value& value, const Value& pattern, const Value* asked, const FieldSchema& list) const {
    Value::Array elements = value.items();
    for (const Value& wanted : pattern.items()) {
      const std::string key = folded_element_key(wanted, list);
      for (Value& element : elements) {
        if (folded_element_key(element, list) == key)
          element = object(element, wanted, element_of(asked, key, list), list.fields);
      }
    }
    return Value::array(std::move(elements));
  }

  const AtSecret& change_;
};

/// Masks the texts of a body that are wanted, but names and words, by which things are found, and what stands in the
/// same place of one of `plains`.
class TextMasker {
 public:
  using Plains = std::vector<const Value*>;
  TextMasker(const std::function<bool(const std::string&)>& wanted, const Masker& mask)
      : wanted_(wanted), mask_(mask) {}

  Value body(const Value& value, std::span<const FieldSchema> fields, const Plains& plains) const {
    return object(value, fields, kNames, plains);
  }

 private:
  static constexpr std::string_view kNames[] = {"name",
                                                "method",
                                                "path",
                                                "operationId",
                                                "x-apigateway-response",
                                                "x-apigateway-ratelimit",
                                                "x-apigateway-access-control",
                                                "x-apigateway-plugins",
                                                "security"};

  Value object(const Value& value, std::span<const FieldSchema> fields, std::span<const std::string_view> names,
               const Plains& plains) const {
    Value result = value;
    for (const auto& member : value.members()) {
      const FieldSchema* schema = find_field(fields, member.key);
      const bool word = schema != nullptr && (schema->fold != Fold::None || !schema->spellings.empty());
      if (word || std::find(names.begin(), names.end(), member.key) != names.end()) continue;
      Plains inner;
      for (const Value* plain : plains) {
        if (const Value* there = plain->find(member.key)) inner.push_back(there);
      }
      Value changed = field(member.value, schema, inner);
      if (!(changed == member.value)) result.set(member.key, std::move(changed));
    }
    return result;
  }

  Value field(const Value& value, const FieldSchema* schema, const Plains& plains) const {
    if (value.is_object())
      return object(value, schema != nullptr ? schema->fields : std::span<const FieldSchema>(), {}, plains);
    if (value.is_array()) return list(value, schema, plains);
    if (!value.is_string() || !wanted_(value.as_string())) return value;
    const bool plain = std::any_of(plains.begin(), plains.end(), [&](const Value* one) { return *one == value; });
    return plain ? value : Value(mask_(value.as_string()));
  }

  Value list(const Value& value, const FieldSchema* schema, const Plains& plains) const {
    const bool keyed = schema != nullptr && schema->kind == FieldKind::KeyedList;
    Value::Array items;
    for (const Value& item : value.items()) {
      Plains inner;
      for (const Value* plain : plains) {
        if (!keyed) {  // any element may be the one
          for (const Value& one : plain->items()) inner.push_back(&one);
        } else if (const Value* one = element_of(plain, folded_element_key(item, *schema), *schema)) {
          inner.push_back(one);
        }
      }
      items.push_back(keyed ? object(item, schema->fields, schema->keys, inner) : field(item, schema, inner));
    }
    return Value::array(std::move(items));
  }

  const std::function<bool(const std::string&)>& wanted_;
  const Masker& mask_;
};

}  // namespace

bool any_text(const Value& value, bool (*wanted)(std::string_view)) {
  if (value.is_string()) return wanted(value.as_string());
  return std::any_of(value.items().begin(), value.items().end(),
                     [&](const Value& item) { return any_text(item, wanted); }) ||
         std::any_of(value.members().begin(), value.members().end(),
                     [&](const auto& member) { return any_text(member.value, wanted); });
}

Value masked_whole(const Value& value, const Masker& mask) {
  if (value.is_array()) {
    Value::Array items;
    for (const Value& item : value.items()) items.push_back(masked_whole(item, mask));
    return Value::array(std::move(items));
  }
  if (value.is_object()) {
    Value::Object members = value.members();
    for (auto& member : members) member.value = masked_whole(member.value, mask);
    return Value::object(std::move(members));
  }
  if (value.is_null()) return value;
  return mask(value.is_string() ? value.as_string() : write_json(value));
}

Value hidden(const Value& value, const Masker& mask) {
  return any_text(value, is_mask) ? value : masked_whole(value, mask);
}

Value at_secrets(const Value& value, const Value& pattern, const Value* other, std::span<const FieldSchema> fields,
                 const AtSecret& change) {
  return SecretPlaces(change).object(value, pattern, other, fields);
}

Value with_texts_masked(const Value& body, std::span<const FieldSchema> fields, const std::vector<const Value*>& plains,
                        const std::function<bool(const std::string&)>& wanted, const Masker& mask) {
  return TextMasker(wanted, mask).body(body, fields, plains);
}

bool is_plain(const Value* asked) { return asked != nullptr && !any_text(*asked, is_secret); }

bool same_elements(const Value& a, const Value& b) {
  return a.is_array() && b.is_array()
             ? std::is_permutation(a.items().begin(), a.items().end(), b.items().begin(), b.items().end())
             : a == b;
}

void collect_masks(const Value& value, std::set<std::string>& masks) {
  if (value.is_string() && is_mask(value.as_string())) masks.insert(value.as_string());
  for (const Value& item : value.items()) collect_masks(item, masks);
  for (const auto& member : value.members()) collect_masks(member.value, masks);
}

std::span<const FieldSchema> fields_of(const Address& address) {
  return schema_of(address.type() == "publication" ? "api" : address.type()).fields;
}

void put_body(Resource& resource, const Value& body) {
  const auto fields = fields_of(resource.address);
  resource.body = canonical(body, fields);
  resource.digest = digest_of(resource.body, fields);
}

}  // namespace sluice
