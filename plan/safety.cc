#include "plan/safety.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "plan/secrets.h"

namespace sluice {
namespace {

constexpr std::size_t kDeletesPerRun = 20;
constexpr std::size_t kDeletesPerGroup = 10;
constexpr std::size_t kPercentPerGroup = 30;
constexpr std::size_t kLossesTold = 10;

/// What a plan takes from those who call a group's APIs.
struct Losses {
  std::size_t deleted = 0;
  std::size_t foreign = 0;             ///< of the deleted: not ours
  std::size_t moved = 0;               ///< of the deleted: another takes their place
  std::set<Address> unpublished = {};  ///< taken offline in the last of their environments, and not deleted
  std::size_t arriving = 0;
  std::size_t arriving_published = 0;

  std::size_t total() const { return deleted + unpublished.size(); }
  void add(const Losses& other) {
    deleted += other.deleted;
    moved += other.moved;
    unpublished.insert(other.unpublished.begin(), other.unpublished.end());
  }
  /// ", 3 of which move", …
  std::string moves() const {
    if (moved == 0) return {};
    if (moved == total()) return moved == 1 ? ", which moves" : ", all of which move";
    return fmt::format(", {} of which move", moved);
  }
  std::string_view verb() const {
    if (unpublished.empty()) return "deletes";
    return deleted == 0 ? "unpublishes" : "deletes or unpublishes";
  }
};

std::map<std::string, Losses> losses_by_group(const Plan& plan) {
  std::map<std::string, Losses> groups;
  std::set<Address> doomed;
  for (const Change& change : plan.changes) {
    if (change.address.type() != "api") continue;
    Losses& losses = groups[change.address.group()];
    if (change.action == Action::Create) {
      ++losses.arriving;
      if (!change.environments.empty()) ++losses.arriving_published;
    }
    if (change.action != Action::Delete) continue;
    doomed.insert(change.address);
    ++losses.deleted;
    if (change.foreign) ++losses.foreign;
    if (change.moved_to) ++losses.moved;
  }
  for (const Change& change : plan.changes) {
    const bool goes = change.address.type() == "publication" && change.action == Action::Delete;
    if (!goes || !change.environments.empty()) continue;
    const Address api = change.address.api_of_publication();
    if (!doomed.contains(api)) groups[change.address.group()].unpublished.insert(api);
  }
  return groups;
}

std::optional<std::string> deletes_refused(const Plan& plan, const SafetyPolicy& policy) {
  const auto by_group = losses_by_group(plan);
  Losses all;
  for (const auto& [name, losses] : by_group) all.add(losses);
  const std::size_t total = all.total();
  if (total == 0 || (policy.max_deletes && total <= *policy.max_deletes)) return std::nullopt;
  const std::string way_out = fmt::format("say --max-deletes {} if that is meant", total);
  if (policy.max_deletes) {
    return fmt::format("The plan {} {} APIs{}{} and --max-deletes allows {}: {}.", all.verb(), total, all.moves(),
                       all.moved > 0 ? "," : "", *policy.max_deletes, way_out);
  }
  if (total > kDeletesPerRun) {
    return fmt::format("The plan {} {} APIs{}, more than {} in one run: {}.", all.verb(), total, all.moves(),
                       kDeletesPerRun, way_out);
  }
  for (const PlannedGroup& group : plan.groups) {
    const auto at = by_group.find(group.name);
    if (at == by_group.end() || at->second.total() == 0) continue;
    const Losses& losses = at->second;
    const std::size_t lost = losses.total();
    const std::size_t arriving = losses.unpublished.empty() ? losses.arriving : losses.arriving_published;
    if (lost - losses.foreign >= group.owned && arriving == 0) {
      return fmt::format("The plan {} every API that Sluice owns in the group {}{}: {}.", losses.verb(), group.name,
                         losses.moves(), way_out);
    }
    if (lost > kDeletesPerGroup && lost * 100 > group.owned * kPercentPerGroup) {
      return fmt::format("The plan {} {} of {} owned APIs of the group {}{}, more than {} and {} %: {}.", losses.verb(),
                         lost, group.owned, group.name, losses.moves(), kDeletesPerGroup, kPercentPerGroup, way_out);
    }
  }
  return std::nullopt;
}

std::string at_source(const SourceSpan& source) {
  return source.file.empty() ? "" : fmt::format(" (asked for at {})", to_string(source));
}

/// The same of a resource as a whole.
std::string conflict_of(const Change& change) {
  constexpr std::string_view kWayOut = "say --on-drift revert to let the files win";
  const std::string address = change.address.text();
  if (change.action == Action::Create && change.address.type() != "publication") {
    return fmt::format("{} was changed in the files and deleted on the gateway: take it out of the files, or {}.",
                       address, kWayOut);
  }
  if (change.action == Action::Delete && change.address.type() != "publication") {
    return fmt::format(
        "The files no longer name {}, and it was changed on the gateway since the last apply: put it back into the "
        "files as it is there, or {}.",
        address, kWayOut);
  }
  return fmt::format(
      "{} is to be served otherwise, and somebody else changed what is served there since the last apply: look at "
      "`sluice drift`, then {}.",
      address, kWayOut);
}

/// What follows from the changes and from what the user said.
std::vector<std::string> unsafe(const Plan& plan, const SafetyPolicy& policy) {
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < std::min(plan.losses.size(), kLossesTold); ++i)
    reasons.push_back(to_sentence(plan.losses[i]));
  if (plan.losses.size() > kLossesTold) {
    reasons.push_back(
        fmt::format("{} more are protected by `protect`, and would go: --format json lists them below `protection`.",
                    plan.losses.size() - kLossesTold));
  }
  if (plan.has_conflict() && (!policy.drift_decided || policy.keeps_drift)) {
    for (const Change& change : plan.changes) {
      const auto field = std::find_if(change.fields.begin(), change.fields.end(),
                                      [](const FieldChange& f) { return f.origin == Origin::Conflict; });
      if (field == change.fields.end()) {
        if (change.origin == Origin::Conflict) reasons.push_back(conflict_of(change));
        continue;
      }
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

/// What the user said when the plan was made.
SafetyPolicy policy_of(const Plan& plan) { return {plan.max_deletes, plan.drift_decided, false, false}; }

}  // namespace

/// What holds a name is not in the files, so --adopt can take it over only when they name it.
std::string way_out_of(const Collision& collision) {
  if (!collision.way_out.empty()) return collision.way_out;
  if (!collision.holder) {
    return fmt::format(
        "Take what is there over with --adopt '{}', take it out of the files, or rename or delete it on the gateway.",
        collision.address.text());
  }
  if (collision.left_out) {
    return fmt::format("Let the change of {} be planned as well, or leave this one out too.", collision.holder->text());
  }
  return fmt::format(
      "To replace it, run `sluice import '{0}'`, then apply again; to keep it, write its method and path into the "
      "files "
      "and say --adopt '{0}'; or rename or delete it on the gateway.",
      collision.holder->text());
}

std::vector<std::string> refusals(const Plan& plan, const SafetyPolicy& policy) {
  std::vector<std::string> reasons;
  for (const Collision& collision : plan.collisions) {
    reasons.push_back(fmt::format("{}{}: {}. {}", collision.address.text(), at_source(collision.source),
                                  with_masks_hidden(collision.difference), way_out_of(collision)));
  }
  for (const Diagnostic& finding : plan.findings) {
    if (finding.severity != Severity::Error) continue;
    reasons.push_back(fmt::format("{}{} {}", finding.summary, at_source(finding.at), finding.detail));
  }
  reasons.insert(reasons.end(), plan.shortages.begin(), plan.shortages.end());
  for (std::string& reason : unsafe(plan, policy)) reasons.push_back(std::move(reason));
  return reasons;
}

std::vector<std::string> refusals(const Plan& plan) {
  return plan.drift_only ? std::vector<std::string>() : refusals(plan, policy_of(plan));
}

std::vector<std::string> unlisted_refusals(const Plan& plan) {
  return plan.drift_only ? std::vector<std::string>() : unsafe(plan, policy_of(plan));
}

}  // namespace sluice
