#include "plan/risk_settings.h"

#include <fmt/format.h>

#include "plan/block_reader.h"
#include "plan/risk.h"
#include "plan/select.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr Key kRisksKeys[] = {{"severity"}, {"accept"}};
constexpr Key kAcceptKeys[] = {{"rule"}, {"api"}, {"reason"}, {"until"}};
constexpr std::string_view kSeverities[] = {"safe", "warning", "breaking"};

bool check_rule(std::string_view rule, std::uint32_t mark, BlockReader& reader) {
  if (find_risk_rule(rule) != nullptr) return true;
  std::vector<std::string_view> known;
  for (const RiskRule& row : risk_rules()) known.push_back(row.id);
  const std::string near = did_you_mean(rule, known);
  reader.error("risk-unknown", fmt::format("\"{}\" is not a risk rule.", shown(rule)),
               near.empty() ? "`sluice help risks` lists them." : fmt::format("Did you mean {}?", near), mark);
  return false;
}

void read_severities(const Value& block, BlockReader& reader, RiskSettings& settings) {
  for (const auto& member : block.members()) {
    if (!check_rule(member.key, member.key_mark, reader)) continue;
    std::string severity;
    reader.read_choice(block, member.key, kSeverities, severity);
    if (severity == "safe") settings.severity[member.key] = Risk::Safe;
    if (severity == "warning") settings.severity[member.key] = Risk::Warning;
    if (severity == "breaking") settings.severity[member.key] = Risk::Breaking;
  }
}

void read_acceptance(const Value& item, BlockReader& reader, RiskSettings& settings) {
  if (!item.is_object()) {
    reader.error("key-shape", "An accepted risk is not a map.", "Write `- rule: …` and `reason: …` below it.",
                 item.mark());
    return;
  }
  reader.check_keys(item, kAcceptKeys, "an accepted risk");
  AcceptedRisk entry{.rule = {}, .api = {}, .reason = {}, .until = {}, .at = reader.at(item.mark())};
  const std::size_t findings = reader.findings();
  reader.read_text(item, "rule", entry.rule);
  reader.read_text(item, "api", entry.api);
  reader.read_text(item, "reason", entry.reason);
  reader.read_text(item, "until", entry.until);
  if (reader.findings() != findings) return;
  const auto mark_of = [&](std::string_view key) { return item.find(key)->mark(); };
  if (entry.rule.empty()) {
    reader.error("risk-incomplete", "An accepted risk has no `rule`.", "`sluice help risks` lists them.", item.mark());
  } else if (!check_rule(entry.rule, mark_of("rule"), reader)) {
    return;
  }
  if (entry.reason.empty()) {
    reader.error("risk-incomplete", fmt::format("The accepted risk {} has no `reason`.", entry.rule),
                 "Say in a few words why it may happen: reviewers see it.", item.mark());
  }
  if (!entry.api.empty()) {
    if (const std::string problem = operation_glob_problem(entry.api); !problem.empty()) {
      reader.error("operation-glob", fmt::format("\"{}\" does not mean operations: {}.", entry.api, problem),
                   "Write \"METHOD /path\" with basePath, such as \"GET /v1/pets/*\" or \"* /internal/**\".",
                   mark_of("api"));
    }
  }
  if (!entry.until.empty() && !is_date(entry.until)) {
    reader.error("date-form", fmt::format("`until` cannot be \"{}\".", shown(entry.until)),
                 "Write the last day on which it counts, such as 2027-01-31.", mark_of("until"));
  }
  if (reader.findings() == findings) settings.accept.push_back(std::move(entry));
}

}  // namespace

RiskSettings read_risks(const Value& block, BlockReader& reader) {
  RiskSettings settings;
  reader.check_keys(block, kRisksKeys, "`risks`");
  if (const Value* severity = reader.block(block, "severity")) read_severities(*severity, reader, settings);
  const Value* accept = block.find("accept");
  if (accept == nullptr || accept->is_null()) return settings;
  if (!accept->is_array()) {
    reader.error("key-shape", "`accept` is not a list.", "Write `- rule: …` and `reason: …` below it.", accept->mark());
    return settings;
  }
  for (const Value& item : accept->items()) read_acceptance(item, reader, settings);
  return settings;
}

}  // namespace sluice
