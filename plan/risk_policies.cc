#include "plan/risk_policies.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "plan/words.h"

namespace sluice {
namespace {

using Limit = std::optional<double>;

Limit number_in(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value != nullptr && value->is_number() ? Limit(value->as_number()) : std::nullopt;
}

double seconds_of(const Value& policy) {
  const std::string_view unit = policy.text("unit");
  const double of_unit = unit == "DAY" ? 86400 : unit == "HOUR" ? 3600 : unit == "MINUTE" ? 60 : 1;
  return number_in(policy, "interval").value_or(1) * of_unit;
}

/// A number of calls in a window; no number is no limit.
struct Rate {
  Limit calls;
  double seconds = 1;
};

/// Whether calls that came as `before` lets them may be refused by `after`: a shorter window must hold what came at
/// once, a longer one what came in all of it.
bool refuses_some(const Rate& before, const Rate& after) {
  if (!after.calls) return false;
  return !before.calls || *after.calls < *before.calls * std::max(1.0, after.seconds / before.seconds);
}

Tightness compare(const Rate& before, const Rate& after) {
  return {refuses_some(before, after), refuses_some(after, before)};
}

/// What an app or user is limited to that no exception names.
Limit general_limit(const Value& policy, std::string_view type) {
  const Limit own = number_in(policy, type == "USER" ? "user-limit" : "app-limit");
  return own ? own : number_in(policy, "api-limit");
}

using Exception = std::pair<std::string, std::string>;  ///< type and instance

std::set<Exception> exceptions_in(const Value& policy) {
  std::set<Exception> found;
  const Value* list = policy.find("special");
  if (list == nullptr) return found;
  for (const Value& item : list->items()) found.emplace(item.text("type"), item.text("instance"));
  return found;
}

Limit limit_for(const Value& policy, const Exception& who) {
  const Value* list = policy.find("special");
  if (list != nullptr) {
    for (const Value& item : list->items()) {
      if (item.text("type") == who.first && item.text("instance") == who.second) return number_in(item, "limit");
    }
  }
  return general_limit(policy, who.first);
}

std::set<std::string> entries_of(const Value& acl) {
  std::set<std::string> entries;
  std::string_view rest = acl.text("value");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    entries.emplace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return entries;
}

bool has_all(const std::set<std::string>& entries, const std::set<std::string>& wanted) {
  return std::includes(entries.begin(), entries.end(), wanted.begin(), wanted.end());
}

}  // namespace

Tightness& Tightness::operator|=(const Tightness& other) {
  tightened = tightened || other.tightened;
  loosened = loosened || other.loosened;
  return *this;
}

Tightness compare_ratelimits(const Value& before, const Value& after, std::string_view pointer) {
  const double window_before = seconds_of(before);
  const double window_after = seconds_of(after);
  constexpr std::string_view kKinds[] = {"api-limit", "user-limit", "app-limit", "ip-limit"};
  const std::string_view field = pointer.empty() ? pointer : pointer.substr(1);
  const bool one_kind = is_one_of(field, kKinds);
  const bool special = field.starts_with("special");
  const std::string_view of_one = field.size() > 8 && special ? field.substr(8, field.find('/', 8) - 8) : "";
  Tightness result;
  for (const std::string_view kind : kKinds) {
    if ((one_kind && kind != field) || special) continue;
    result |= compare({number_in(before, kind), window_before}, {number_in(after, kind), window_after});
  }
  if (one_kind) return result;
  std::set<Exception> exceptions = exceptions_in(before);
  exceptions.merge(exceptions_in(after));
  for (const Exception& who : exceptions) {
    if (!of_one.empty() && of_one != escaped_token(who.first + ":" + who.second)) continue;
    result |= compare({limit_for(before, who), window_before}, {limit_for(after, who), window_after});
  }
  const bool was_shared = before.find("shared") != nullptr && *before.find("shared") == Value(true);
  const bool is_shared = after.find("shared") != nullptr && *after.find("shared") == Value(true);
  if (!special && !before.is_null() && !after.is_null() && was_shared != is_shared) {
    result |= {is_shared, was_shared};
  }
  return result;
}

Tightness compare_acls(const Value& before, const Value& after) {
  if (before.is_null() || after.is_null()) return {!after.is_null(), !before.is_null()};
  const bool alike =
      before.text("acl-type") == after.text("acl-type") && before.text("entity-type") == after.text("entity-type");
  if (!alike) return {true, true};
  const std::set<std::string> was = entries_of(before);
  const std::set<std::string> now = entries_of(after);
  const bool gained = !has_all(was, now);
  const bool lost = !has_all(now, was);
  return before.text("acl-type") == "DENY" ? Tightness{gained, lost} : Tightness{lost, gained};
}

}  // namespace sluice
