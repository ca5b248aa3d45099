// What a change means for those who call the API.
#pragma once

#include <string_view>

#include "plan/change.h"

namespace sluice {

/// A verdict with the id of its rule; `rule` is "" when nothing is at risk.
struct Judgement {
  Risk risk = Risk::Safe;
  std::string_view rule;
};

/// Judges a change of one field. `topic` is the rule named by the schema table for that field.
Judgement judge_field(std::string_view topic, const Value& before, const Value& after);

/// Judges an element of a keyed list (a parameter, say) that appears or goes away; the other side is null.
Judgement judge_element(std::string_view topic, const Value& before, const Value& after);

}  // namespace sluice
