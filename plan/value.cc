#include "plan/value.h"

#include <algorithm>

#include "plan/check.h"

namespace sluice {

Value Value::array(Array items) {
  Value value;
  value.data_ = std::make_shared<Array>(std::move(items));
  return value;
}

Value Value::object() { return object(Object{}); }

Value Value::object(Object members) {
  Value value;
  value.data_ = std::make_shared<Object>(std::move(members));
  return value;
}

bool Value::as_bool() const {
  check(is_bool(), "as_bool() of another kind");
  return *std::get_if<bool>(&data_);
}

std::int64_t Value::as_integer() const {
  check(is_integer(), "as_integer() of another kind");
  return *std::get_if<std::int64_t>(&data_);
}

double Value::as_number() const {
  if (is_integer()) return static_cast<double>(as_integer());
  check(is_number(), "as_number() of another kind");
  return *std::get_if<double>(&data_);
}

const std::string& Value::as_string() const {
  check(is_string(), "as_string() of another kind");
  return *std::get_if<std::string>(&data_);
}

const Value::Array& Value::items() const {
  static const Array none;
  const auto* array = std::get_if<ArrayPtr>(&data_);
  return array != nullptr ? **array : none;
}

const Value::Object& Value::members() const {
  static const Object none;
  const auto* object = std::get_if<ObjectPtr>(&data_);
  return object != nullptr ? **object : none;
}

const Value* Value::find(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string_view Value::text(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = std::make_shared<Object>();
  Object& object = mutable_members();
  const auto at = std::find_if(object.begin(), object.end(), [key](const Member& m) { return m.key == key; });
  if (at != object.end()) {
    at->value = std::move(value);
  } else {
    if (object.empty()) object.reserve(8);  // most objects that are built member by member have a few
    object.push_back({std::string(key), std::move(value), 0});
  }
  return *this;
}

void Value::erase(std::string_view key) {
  if (find(key) == nullptr) return;
  Object& object = mutable_members();
  object.erase(std::find_if(object.begin(), object.end(), [key](const Member& m) { return m.key == key; }));
}

Value& Value::push(Value value) {
  if (is_null()) data_ = std::make_shared<Array>();
  mutable_items().push_back(std::move(value));
  return *this;
}

Value::Array& Value::mutable_items() {
  check(is_array(), "mutable_items() of another kind");
  auto& array = *std::get_if<ArrayPtr>(&data_);
  if (array.use_count() > 1) array = std::make_shared<Array>(*array);
  return *array;
}

Value::Object& Value::mutable_members() {
  check(is_object(), "mutable_members() of another kind");
  auto& object = *std::get_if<ObjectPtr>(&data_);
  if (object.use_count() > 1) object = std::make_shared<Object>(*object);
  return *object;
}

bool Value::operator==(const Value& other) const {
  if (kind() != other.kind()) return false;
  if (is_array()) return &items() == &other.items() || items() == other.items();
  if (!is_object()) return data_ == other.data_;
  const Object& a = members();
  const Object& b = other.members();
  if (&a == &b) return true;
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Value* same = b[i].key == a[i].key ? &b[i].value : other.find(a[i].key);
    if (same == nullptr || !(a[i].value == *same)) return false;
  }
  return true;
}

const Value::Member* repeated_member(const Value::Object& members) {
  if (members.size() < 16) {
    for (std::size_t i = 1; i < members.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (members[i].key == members[j].key) return &members[i];
      }
    }
    return nullptr;
  }
  std::vector<const Value::Member*> sorted;  // only for large objects
  sorted.reserve(members.size());
  for (const auto& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->key != b->key ? a->key < b->key : a < b; });
  const auto at =
      std::adjacent_find(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key == b->key; });
  return at == sorted.end() ? nullptr : *(at + 1);
}

}  // namespace sluice
