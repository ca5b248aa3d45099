#include "plan/body_diff.h"

#include <algorithm>
#include <array>
#include <map>

#include "plan/canonical.h"
#include "plan/words.h"

namespace sluice {
namespace {

Value value_or_null(const Value* value) { return value != nullptr ? *value : Value(); }

bool same(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a == b || *a == *b;
}

Sides member(const Sides& sides, std::string_view name) {
  const auto find = [name](const Value* value) { return value != nullptr ? value->find(name) : nullptr; };
  return {find(sides.base), find(sides.desired), find(sides.live), find(sides.asked)};
}

/// Whether what the gateway has apart belongs to what the files ask for.
bool stays_apart(const FieldSchema& field, const Sides& sides) {
  return sides.desired != nullptr && sides.live != nullptr &&
         std::all_of(field.keys.begin(), field.keys.end(),
                     [&](std::string_view key) { return same(sides.desired->find(key), sides.live->find(key)); });
}

}  // namespace

Value BodyDiff::merge(const std::string& path, std::span<const FieldSchema> fields, const Sides& sides,
                      std::span<const std::string_view> keys) {
  Value::Object members;
  for (const FieldSchema& field : fields) {
    const Sides inner = member(sides, field.name);
    const bool is_key = std::find(keys.begin(), keys.end(), field.name) != keys.end();
    Value value;
    if (field.apart) {
      value = value_or_null(inner.desired != nullptr    ? inner.desired
                            : stays_apart(field, sides) ? inner.live
                                                        : nullptr);
    } else if (is_key || (inner.desired == nullptr && field.kept)) {
      value = value_or_null(inner.desired != nullptr ? inner.desired : inner.live);
    } else {
      value = merge_field(path + "/" + escaped_token(field.name), field, inner);
    }
    if (!value.is_null()) members.push_back({std::string(field.name), std::move(value), 0});
  }
  carry_undeclared(fields, sides, members);
  return Value::object(std::move(members));
}

Value BodyDiff::merge_field(const std::string& path, const FieldSchema& field, const Sides& sides) {
  const bool both = sides.desired != nullptr && sides.live != nullptr;
  if (field.kind == FieldKind::Object && both && sides.desired->is_object() && sides.live->is_object()) {
    return merge(path, field.fields, sides);
  }
  if (field.kind == FieldKind::KeyedList) return merge_list(path, field, sides);
  if (field.kind == FieldKind::ObjectSet) return merge_set(path, field, sides);
  return settle(path, sides);
}

Value BodyDiff::merge_list(const std::string& path, const FieldSchema& list, const Sides& sides) {
  std::map<std::string, Sides> elements;
  const auto collect = [&](const Value* value, const Value* Sides::*side) {
    if (value == nullptr) return;
    for (const Value& element : value->items()) elements[folded_element_key(element, list)].*side = &element;
  };
  collect(sides.base, &Sides::base);
  collect(sides.desired, &Sides::desired);
  collect(sides.live, &Sides::live);
  collect(sides.asked, &Sides::asked);
  Value::Array merged;
  for (const auto& [folded, element] : elements) {
    const Value* shown = element.desired != nullptr ? element.desired : element.live;
    if (shown == nullptr) continue;
    const std::string inner = path + "/" + escaped_token(element_key(*shown, list));
    const bool both = element.desired != nullptr && element.live != nullptr;
    Value value = both ? merge(inner, list.fields, element, list.keys) : settle(inner, element);
    if (!value.is_null()) merged.push_back(std::move(value));
  }
  return merged.empty() ? Value() : Value::array(std::move(merged));
}

/// Elements have no key: one is the same as another when all that the table knows of it is.
Value BodyDiff::merge_set(const std::string& path, const FieldSchema& set, const Sides& sides) {
  std::array<Value, 4> declared;
  const auto compared = [&](const Value* side, std::size_t slot) -> const Value* {
    if (side == nullptr) return nullptr;
    declared[slot] = declared_elements(*side, set);
    return &declared[slot];
  };
  const Sides plain{compared(sides.base, 0), compared(sides.desired, 1), compared(sides.live, 2),
                    compared(sides.asked, 3)};
  const Value settled = settle(path, plain);
  if (sides.live == nullptr || !settled.is_array() || *sides.live == *plain.live) return settled;
  Value carried = settled;
  for (const Value& element : sides.live->items()) {
    const Value known = declared_elements(Value::array({element}), set);
    if (known.items().front() == element) continue;
    for (Value& twin : carried.mutable_items()) {
      if (!(twin == known.items().front())) continue;
      twin = element;
      undeclared_ += count_undeclared(element, set.fields);
      break;
    }
  }
  return carried;
}

Value BodyDiff::settle(const std::string& path, const Sides& sides) {
  Value before = value_or_null(sides.live);
  Value after = value_or_null(sides.desired);
  if (same(sides.desired, sides.live)) {
    if (has_base_ && !same(sides.base, sides.desired)) ++adopted_;
    return after;
  }
  const bool files_moved = !has_base_ || !same(sides.asked, sides.desired);
  const bool gateway_moved = has_base_ && !same(sides.base, sides.live);
  if (!files_moved && (!gateway_moved || on_drift_ == OnDrift::Keep)) {
    ++kept_;
    return before;
  }
  const Origin origin = !gateway_moved ? Origin::Pending : files_moved ? Origin::Conflict : Origin::Drift;
  changes_.push_back({path, before, after, value_or_null(sides.base), origin});
  return after;
}

/// What the gateway holds beyond our tables stays as it is: an import would reset it otherwise.
void BodyDiff::carry_undeclared(std::span<const FieldSchema> fields, const Sides& sides, Value::Object& members) {
  if (sides.live == nullptr) return;
  for (const auto& extra : sides.live->members()) {
    if (find_field(fields, extra.key) != nullptr) continue;
    members.push_back({extra.key, extra.value, 0});
    ++undeclared_;
  }
}

std::vector<FieldChange> differences(std::string_view type, const Value& before, const Value& after) {
  BodyDiff body(false, OnDrift::Revert);
  body.merge("", schema_of(type).fields, {nullptr, &after, &before});
  return body.take_changes();
}

std::size_t count_undeclared(const Value& body, std::span<const FieldSchema> fields) {
  std::size_t count = 0;
  for (const auto& member : body.members()) {
    const FieldSchema* field = find_field(fields, member.key);
    if (field == nullptr) {
      ++count;
    } else if (!field->apart && !field->fields.empty()) {
      count += count_undeclared(member.value, field->fields);
      for (const Value& element : member.value.items()) count += count_undeclared(element, field->fields);
    }
  }
  return count;
}

}  // namespace sluice
