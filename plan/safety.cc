#include "plan/safety.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plan/secrets.h"

namespace sluice {
namespace {

constexpr std::size_t kDeletesPerRun = 20;
constexpr std::size_t kDeletesPerGroup = 10;
constexpr std::size_t kPercentPerGroup = 30;

std::optional<std::string> deletes_refused(const Plan& plan, const SafetyPolicy& policy) {
  std::map<std::string, std::size_t> by_group;
  std::map<std::string, std::size_t> arriving;
  std::map<std::string, std::size_t> foreign;
  std::size_t total = 0;
  for (const Change& change : plan.changes) {
    if (change.address.type() != "api") continue;
    if (change.action == Action::Create) ++arriving[change.address.group()];
    if (change.action != Action::Delete) continue;
    ++by_group[change.address.group()];
    foreign[change.address.group()] += change.foreign ? 1U : 0U;
    ++total;
  }
  if (total == 0 || (policy.max_deletes && total <= *policy.max_deletes)) return std::nullopt;
  const std::string way_out = fmt::format("say --max-deletes {} if that is meant", total);
  if (policy.max_deletes) {
    return fmt::format("The plan deletes {} APIs and --max-deletes allows {}: {}.", total, *policy.max_deletes,
                       way_out);
  }
  if (total > kDeletesPerRun) {
    return fmt::format("The plan deletes {} APIs, more than {} in one run: {}.", total, kDeletesPerRun, way_out);
  }
  for (const PlannedGroup& group : plan.groups) {
    const std::size_t deletes = by_group[group.name];
    if (deletes == 0) continue;
    if (deletes - foreign[group.name] >= group.owned && arriving[group.name] == 0) {
      return fmt::format("The plan deletes every API that Sluice owns in the group {}: {}.", group.name, way_out);
    }
    if (deletes > kDeletesPerGroup && deletes * 100 > group.owned * kPercentPerGroup) {
      return fmt::format("The plan deletes {} of {} owned APIs of the group {}, more than {} and {} %: {}.", deletes,
                         group.owned, group.name, kDeletesPerGroup, kPercentPerGroup, way_out);
    }
  }
  return std::nullopt;
}

std::string at_source(const SourceSpan& source) {
  return source.file.empty() ? "" : fmt::format(" (asked for at {})", to_string(source));
}

}  // namespace

std::vector<std::string> refusals(const Plan& plan, const SafetyPolicy& policy) {
  std::vector<std::string> reasons;
  for (const Collision& collision : plan.collisions) {
    reasons.push_back(
        fmt::format("{}{}: {}. Take what is there over with --adopt '{}', take it out of the files, or "
                    "rename or delete it on the gateway.",
                    collision.address.text(), at_source(collision.source), with_masks_hidden(collision.difference),
                    collision.address.text()));
  }
  if (plan.has_conflict() && (!policy.drift_decided || policy.keeps_drift)) {
    for (const Change& change : plan.changes) {
      const auto field = std::find_if(change.fields.begin(), change.fields.end(),
                                      [](const FieldChange& f) { return f.origin == Origin::Conflict; });
      if (field == change.fields.end()) continue;
      reasons.push_back(fmt::format(
          "{} of {} was changed both in the files and on the gateway: bring the gateway's value into the files, or say "
          "--on-drift revert to let the files win.",
          field->path, change.address.text()));
    }
  }
  if (policy.unattended && !policy.drift_decided && !plan.drift.empty()) {
    reasons.push_back(fmt::format(
        "{} changed behind the manifest's back, the first being {}: look at `sluice drift`, then say --on-drift revert "
        "or --on-drift keep together with --auto-approve.",
        plan.drift.size() == 1 ? "1 resource was" : fmt::format("{} resources were", plan.drift.size()),
        plan.drift.front().address.text()));
  }
  if (auto refused = deletes_refused(plan, policy)) reasons.push_back(std::move(*refused));
  return reasons;
}

}  // namespace sluice
