#include "providers/gateway/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/json.h"

namespace sluice::gateway {
namespace {

const Value* member_of(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

}  // namespace

void Settings::report(const Value& at, std::string summary, std::string detail) {
  findings_.push_back(
      {Severity::Error, "gateway-settings", std::move(summary), std::move(detail), source_.locate(at.mark())});
}

bool Settings::is_object(const Value& value, const std::vector<std::string_view>& known) {
  if (!value.is_object()) {
    report(value, "An object is expected here.", fmt::format("Its members may be {}.", fmt::join(known, ", ")));
    return false;
  }
  for (const Value::Member& member : value.members()) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    const std::string near = did_you_mean(member.key, known);
    report(member.value,
           discreet_ ? "A member is not known here." : fmt::format("\"{}\" is not known here.", member.key),
           near.empty() ? fmt::format("Use one of {}.", fmt::join(known, ", "))
                        : fmt::format("Did you mean \"{}\"?", near));
  }
  return true;
}

const Value::Array& Settings::list(const Value& object, std::string_view name) {
  const Value* value = member_of(object, name);
  if (value == nullptr) {
    static const Value none;
    return none.items();
  }
  if (!value->is_array()) report(*value, fmt::format("\"{}\" must be a list.", name));
  return value->items();
}

std::string Settings::text(const Value& object, std::string_view name, std::string_view absent) {
  const Value* value = member_of(object, name);
  if (value == nullptr) return std::string(absent);
  if (value->is_string()) return value->as_string();
  if (value->is_number()) return write_json(*value);
  report(*value, fmt::format("\"{}\" must be a text.", name));
  return std::string(absent);
}

std::string Settings::required(const Value& object, std::string_view name) {
  std::string out = text(object, name);
  if (out.empty()) report(object, fmt::format("\"{}\" is missing here.", name));
  return out;
}

std::string Settings::word(const Value& object, std::string_view name, const std::vector<std::string_view>& words) {
  const Value* value = member_of(object, name);
  if (value == nullptr) return std::string(words.front());
  std::string out = text(object, name);
  if (std::find(words.begin(), words.end(), out) != words.end()) return out;
  const std::string near = did_you_mean(out, words);
  report(
      *value, fmt::format("\"{}\" is no {}.", out, name),
      near.empty() ? fmt::format("Use one of {}.", fmt::join(words, ", ")) : fmt::format("Did you mean \"{}\"?", near));
  return std::string(words.front());
}

std::optional<std::int64_t> Settings::whole(const Value& object, std::string_view name, std::int64_t least,
                                            std::int64_t most) {
  const Value* value = member_of(object, name);
  if (value == nullptr) return std::nullopt;
  if (value->is_integer() && value->as_integer() >= least && value->as_integer() <= most) return value->as_integer();
  report(*value, fmt::format("\"{}\" must be a whole number from {} to {}.", name, least, most));
  return std::nullopt;
}

std::optional<double> Settings::fraction(const Value& object, std::string_view name) {
  const Value* value = member_of(object, name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number() && value->as_number() >= 0 && value->as_number() <= 1) return value->as_number();
  report(*value, fmt::format("\"{}\" must be a number from 0 to 1.", name));
  return std::nullopt;
}

}  // namespace sluice::gateway
