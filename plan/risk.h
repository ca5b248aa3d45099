// What a change means for those who call the API: the rules, as one table, and their judgement.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"
#include "plan/risk_settings.h"

namespace sluice {

/// One rule: how grave it is unless the manifest says otherwise, what it means for callers in one sentence, and what it
/// looks at.
struct RiskRule {
  std::string_view id;
  Risk severity;
  std::string_view sentence;
  std::string_view judged_on;
};

/// All rules, sorted by id.
std::span<const RiskRule> risk_rules();

/// The rule with this id; null when there is none.
const RiskRule* find_risk_rule(std::string_view id);

/// What the rule means for callers; "" for an id that no rule has.
std::string_view risk_sentence(std::string_view id);

/// The table as text: id, severity and sentence of each rule, aligned.
std::string risk_table();

/// What judging needs beyond the changes.
struct Judging {
  std::map<std::string, RiskSettings> settings = {};  ///< by group; those of policies under ""
  ResourceMap policies = {};                          ///< as the gateway has them; by address
  std::string today = {};                             ///< YYYY-MM-DD
};

/// Gives every change of the plan, and every field of a change or of drift, its rule and risk, and what is accepted.
/// What has a rule already keeps it, unless a field is graver. What a forced mode prevents is no risk. Adds a warning
/// to the findings for each acceptance that is past its date.
void judge(Plan& plan, const Judging& judging);

}  // namespace sluice
