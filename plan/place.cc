#include "plan/place.h"

#include <span>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/schema.h"

namespace sluice {
namespace {

/// How far the tokens lead in one layer, and the mark of the last value there that has one.
struct Trail {
  std::size_t depth = 0;
  std::uint32_t mark = 0;
};

/// The element of a list, or of a map of keys, that the token names.
const Value* element_of(const Value& list, const std::string& token, const FieldSchema& field) {
  if (field.kind == FieldKind::KeyedList) {
    for (const Value& item : list.items()) {
      if (folded_element_key(canonical(item, field.fields), field) == token) return &item;
    }
    return find_element(list, token, field);
  }
  for (const Value& item : list.items()) {
    const FieldSchema one[] = {field};
    const Value form = field.fields.empty()
                           ? canonical(Value::object({{std::string(field.name), Value::array({item}), 0}}), one)
                           : canonical(item, field.fields);
    const Value* texts = field.fields.empty() ? form.find(field.name) : nullptr;
    if (texts != nullptr && texts->items().size() == 1 && texts->items().front() == Value(token)) return &item;
    if (!field.fields.empty() && write_json_sorted(form) == token) return &item;
  }
  return nullptr;
}

Trail follow(const Value& layer, const std::vector<std::string>& place) {
  Trail trail;
  const Value* value = &layer;
  std::span<const FieldSchema> fields = kApiSchema.fields;
  const FieldSchema* list = nullptr;
  for (const std::string& token : place) {
    if (list != nullptr) {
      value = element_of(*value, token, *list);
      fields = list->fields;
      list = nullptr;
    } else {
      const FieldSchema* field = find_field(fields, token);
      value = field != nullptr ? member_of(*value, *field) : value->find(token);
      const bool is_list = field != nullptr && field->kind != FieldKind::Object && value != nullptr &&
                           (value->is_array() || field->kind == FieldKind::KeyedList);
      if (is_list) list = field;
      if (field != nullptr) fields = field->fields;
    }
    if (value == nullptr) break;
    ++trail.depth;
    if (value->mark() != 0) trail.mark = value->mark();
  }
  return trail;
}

}  // namespace

bool says(const Value& layer, const std::vector<std::string>& place) {
  return follow(layer, place).depth == place.size();
}

SourceSpan place_of(const std::vector<std::string>& place, const BodyLayers& layers,
                    const std::vector<Override>& overrides, const std::function<SourceSpan(std::uint32_t)>& at) {
  const Trail file = follow(layers.file, place);
  std::size_t depth = file.depth;
  const Override* deepest = nullptr;
  std::uint32_t mark = 0;
  for (const std::size_t index : layers.overrides) {
    const Trail trail = follow(overrides[index].set, place);
    const std::size_t reached = trail.depth;
    const bool whole = reached == place.size();  // the last that says it, wins
    if (reached <= depth && !whole) continue;
    if (reached == 0) continue;
    depth = reached;
    deepest = &overrides[index];
    mark = trail.mark;
  }
  if (deepest != nullptr && deepest->places.contains(mark)) return deepest->places.at(mark);
  if (deepest != nullptr && deepest->at.line != 0) return deepest->at;
  return at(file.mark != 0 ? file.mark : layers.mark);
}

}  // namespace sluice
