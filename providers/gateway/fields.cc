#include "providers/gateway/fields.h"

#include <algorithm>
#include <charconv>

#include "providers/gateway/names.h"

namespace sluice::gateway {

const Value* Fields::find(std::string_view name) const {
  const Value* value = from_.find(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

void Fields::report(Fault fault) {
  if (!fault_) fault_ = std::move(fault);
}

std::string Fields::text(std::string_view name, std::size_t longest) {
  const Value* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string() || length_of(value->as_string()) > longest) {
    report(invalid(name));
    return {};
  }
  return value->as_string();
}

std::string Fields::required(std::string_view name, std::size_t longest) {
  std::string value = text(name, longest);
  if (value.empty()) report(missing(name));
  return value;
}

std::string Fields::word(std::string_view name, std::initializer_list<std::string_view> words,
                         std::string_view absent) {
  const Value* value = find(name);
  if (value == nullptr) {
    if (absent.empty()) report(missing(name));
    return std::string(absent);
  }
  if (value->is_string() && std::find(words.begin(), words.end(), value->as_string()) != words.end()) {
    return value->as_string();
  }
  report(invalid(name));
  return std::string(absent);
}

std::int64_t Fields::integer(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t absent) {
  const Value* value = find(name);
  if (value == nullptr) return absent;
  std::int64_t number = least - 1;
  if (value->is_integer()) number = value->as_integer();
  if (value->is_string()) {
    const std::string& text = value->as_string();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size()) number = least - 1;
  }
  if (number < least || number > most) report(invalid(name));
  return number;
}

bool Fields::flag(std::string_view name, bool absent) {
  const Value* value = find(name);
  if (value == nullptr) return absent;
  if (!value->is_bool()) report(invalid(name));
  return value->is_bool() && value->as_bool();
}

const Value::Array& Fields::list(std::string_view name) {
  static const Value none;
  const Value* value = find(name);
  if (value == nullptr) return none.items();
  if (!value->is_array()) report(invalid(name));
  return value->items();
}

const Value* Fields::object(std::string_view name) {
  const Value* value = find(name);
  if (value == nullptr) report(missing(name));
  if (value == nullptr || value->is_object()) return value;
  report(invalid(name));
  return nullptr;
}

void Fields::copy_number(std::string_view name, Value& to) {
  const Value* value = find(name);
  if (value == nullptr) return;
  if (!value->is_number()) return report(invalid(name));
  to.set(name, *value);
}

}  // namespace sluice::gateway
