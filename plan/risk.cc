#include "plan/risk.h"

#include <algorithm>

namespace sluice {
namespace {

bool has_all(const Value& values, const Value& wanted) {
  return std::all_of(wanted.items().begin(), wanted.items().end(), [&](const Value& item) {
    return std::find(values.items().begin(), values.items().end(), item) != values.items().end();
  });
}

bool is_none(const Value& auth) { return auth.is_null() || auth == Value("NONE"); }

Judgement judge_limits(const Value& before, const Value& after) {
  if (after.is_array() || before.is_array()) {
    const bool narrowed = !after.is_null() && (before.is_null() || !has_all(after, before));
    return narrowed ? Judgement{Risk::Breaking, "enum-narrowed"} : Judgement{};
  }
  return after.is_null() ? Judgement{} : Judgement{Risk::Warning, "param-limits-changed"};
}

}  // namespace

Judgement judge_field(std::string_view topic, const Value& before, const Value& after) {
  if (topic == "auth-changed") {
    if (is_none(after) && !is_none(before)) return {Risk::Warning, "auth-weakened"};
    return {Risk::Breaking, "auth-changed"};
  }
  if (topic == "timeout-lowered") {
    const bool lowered = before.is_number() && after.is_number() && after.as_number() < before.as_number();
    return lowered ? Judgement{Risk::Warning, "timeout-lowered"} : Judgement{};
  }
  if (topic == "throttle-tightened") {
    const bool lowered = after.is_number() && (!before.is_number() || after.as_number() < before.as_number());
    return lowered ? Judgement{Risk::Warning, "throttle-tightened"} : Judgement{};
  }
  if (topic == "param-type-changed") {
    return after == Value("number") ? Judgement{Risk::Breaking, "param-type-narrowed"} : Judgement{};
  }
  if (topic == "param-required-changed") {
    return after == Value(true) ? Judgement{Risk::Breaking, "param-required-added"} : Judgement{};
  }
  if (topic == "param-narrowed") return judge_limits(before, after);
  if (topic == "protocol-changed") {
    return has_all(after, before) ? Judgement{} : Judgement{Risk::Breaking, "protocol-removed"};
  }
  if (topic == "made-private") {
    return after == Value("private") ? Judgement{Risk::Warning, "made-private"} : Judgement{};
  }
  if (topic == "cors-changed") {
    return after == Value(true) ? Judgement{Risk::Warning, "cors-opened"} : Judgement{Risk::Breaking, "cors-closed"};
  }
  if (topic == "backend-moved") return {Risk::Warning, "backend-moved"};
  return {};
}

Judgement judge_element(std::string_view topic, const Value& before, const Value& after) {
  if (topic != "param-changed") return {};
  if (after.is_null()) return {Risk::Warning, "param-removed"};
  const Value* required = after.find("required");
  const bool breaks = before.is_null() && required != nullptr && *required == Value(true) && after.text("in") != "path";
  return breaks ? Judgement{Risk::Breaking, "param-required-added"} : Judgement{};
}

}  // namespace sluice
