#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "plan/digest.h"
#include "plan/json.h"

namespace sluice {
namespace {

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

std::string compute_digest(const Plan& plan) {
  Value text = Value::array();
  text.push(to_string(plan.gateway));
  for (const Change& change : plan.changes) {
    Value entry = Value::array();
    entry.push(change.address.text())
        .push(to_string(change.action))
        .push(change.before_digest)
        .push(change.after_digest);
    entry.push(to_string(change.risk)).push(change.rule).push(change.reason).push(change.importing);
    if (change.foreign) entry.push("foreign");
    if (change.moved_from) entry.push("from").push(change.moved_from->text());
    if (change.moved_to) entry.push("to").push(change.moved_to->text());
    if (change.accepted.given()) entry.push(to_string(change.accepted.risk)).push(change.accepted.reason);
    if (!change.prevented_by.empty()) entry.push(change.prevented_by);
    for (const std::string& environment : change.environments) entry.push(environment);
    for (const auto& [environment, digest] : change.published) entry.push(environment).push(digest);
    for (const std::string& user : change.touches) entry.push(user);
    for (const std::string& reset : change.resets) entry.push("resets").push(reset);
    for (const FieldChange& field : change.fields) {
      entry.push(Value::array({field.path, field.before, field.after, to_string(field.origin)}));
    }
    text.push(std::move(entry));
  }
  for (const PlannedGroup& group : plan.groups) {
    Value entry = Value::array({group.name});
    if (!group.renamed_from.empty()) entry.push("from").push(group.renamed_from);
    for (const Resource& record : group.records) entry.push(record.address.text()).push(record.digest);
    for (const Address& address : group.forgets) entry.push(address.text());
    for (const auto& [address, asked] : group.kept) entry.push(address.text()).push(asked);
    for (const Address& address : group.protect) entry.push("protect").push(address.text());
    for (const Address& address : group.unprotect) entry.push("unprotect").push(address.text());
    text.push(std::move(entry));
  }
  for (const Collision& collision : plan.collisions) text.push(collision.address.text());
  for (const std::string& shortage : plan.shortages) text.push(shortage);
  for (const Step& step : plan.steps) {
    Value entry = Value::array();
    entry.push(step.reason).push(step.id).push(to_string(step.kind)).push(step.group).push(step.environment);
    entry.push(to_string(step.api_mode)).push(to_string(step.extend_mode)).push(sha256_hex(step.document));
    for (const Prediction& prediction : step.predicted) {
      entry.push(prediction.address.text()).push(to_string(prediction.effect)).push(prediction.digest);
    }
    text.push(std::move(entry));
  }
  return "sha256:" + sha256_hex(write_json(text));
}

}  // namespace

std::string to_string(const GatewayIdentity& gateway) {
  if (gateway.provider.empty()) return "not known";
  if (gateway.project_id.empty() && gateway.instance_id.empty()) {
    return fmt::format("{} at {}", gateway.provider, gateway.endpoint);
  }
  return fmt::format("{} at {} (project {}, instance {})", gateway.provider, gateway.endpoint, gateway.project_id,
                     gateway.instance_id);
}

bool Plan::changes_protection() const {
  return std::any_of(groups.begin(), groups.end(),
                     [](const PlannedGroup& group) { return !group.protect.empty() || !group.unprotect.empty(); });
}

bool Plan::has_conflict() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change& change) { return change.origin == Origin::Conflict; });
}

std::size_t Plan::kept() const {
  std::size_t count = 0;
  for (const PlannedGroup& group : groups) count += group.kept.size();
  return count;
}

void add_steps(Plan& plan, std::vector<Step> steps) {
  const int offset = static_cast<int>(plan.steps.size());
  for (Step& step : steps) {
    step.id += offset;
    for (int& id : step.depends_on) id += offset;
  }
  append(plan.steps, std::move(steps));
}

void add_group(Plan& plan, PlannedGroup group, GroupDiff diff, std::vector<Step> steps) {
  group.unchanged = diff.unchanged;
  group.records = std::move(diff.records);
  group.forgets = std::move(diff.forgets);
  group.foreign = std::move(diff.foreign);
  group.kept = std::move(diff.kept);
  group.protect = std::move(diff.protect);
  group.unprotect = std::move(diff.unprotect);
  plan.groups.push_back(std::move(group));
  plan.undeclared += diff.undeclared;
  append(plan.changes, std::move(diff.changes));
  append(plan.unchanged, std::move(diff.same));
  append(plan.drift, std::move(diff.drift));
  append(plan.unmanaged, std::move(diff.unmanaged));
  append(plan.unowned, std::move(diff.unowned));
  append(plan.collisions, std::move(diff.collisions));
  append(plan.ignored, std::move(diff.ignored));
  append(plan.losses, std::move(diff.losses));
  add_steps(plan, std::move(steps));
}

void finish(Plan& plan) {
  const auto by_address = [](const auto& a, const auto& b) { return a.address < b.address; };
  std::sort(plan.groups.begin(), plan.groups.end(), [](const PlannedGroup& a, const PlannedGroup& b) {
    return std::make_pair(a.name.empty(), std::string_view(a.name)) <
           std::make_pair(b.name.empty(), std::string_view(b.name));  // the gateway's own is the last
  });
  std::sort(plan.changes.begin(), plan.changes.end(), by_address);
  std::sort(plan.unchanged.begin(), plan.unchanged.end(), by_address);
  std::sort(plan.drift.begin(), plan.drift.end(), by_address);
  std::sort(plan.collisions.begin(), plan.collisions.end(), by_address);
  std::sort(plan.unmanaged.begin(), plan.unmanaged.end());
  std::sort(plan.unowned.begin(), plan.unowned.end());
  std::sort(plan.losses.begin(), plan.losses.end(), by_address);
  std::sort(plan.ignored.begin(), plan.ignored.end(), [](const IgnoredField& a, const IgnoredField& b) {
    return std::tie(a.address, a.path) < std::tie(b.address, b.path);
  });
  std::sort(plan.scope.notes.begin(), plan.scope.notes.end());
  // What became of policies is accounted once all groups are done.
  std::sort(plan.groups.begin(), plan.groups.end(), [](const PlannedGroup& a, const PlannedGroup& b) {
    return std::pair(a.name.empty(), std::string_view(a.name)) < std::pair(b.name.empty(), std::string_view(b.name));
  });
  plan.digest = compute_digest(plan);
}

const Change* Plan::find(const Address& address) const {
  const auto at = std::lower_bound(changes.begin(), changes.end(), address,
                                   [](const Change& change, const Address& wanted) { return change.address < wanted; });
  return at != changes.end() && at->address == address ? &*at : nullptr;
}

std::string temporary_digest(const Plan& plan, const Address& address) {
  for (const Step& step : plan.steps) {
    for (const Prediction& prediction : step.predicted) {
      if (!prediction.digest.empty() && prediction.address == address) return prediction.digest;
    }
  }
  return {};
}

Summary summarize(const Plan& plan) {
  Summary summary;
  for (const Change& change : plan.changes) {
    summary.create += change.action == Action::Create ? 1U : 0U;
    summary.update += change.action == Action::Update ? 1U : 0U;
    summary.remove += change.action == Action::Delete ? 1U : 0U;
    summary.import += change.importing ? 1U : 0U;
    summary.conflict += change.origin == Origin::Conflict ? 1U : 0U;
    summary.breaking += change.risk == Risk::Breaking ? 1U : 0U;
    summary.prevented += change.prevented_by.empty() ? 0U : 1U;
  }
  for (const Change& change : plan.unchanged) summary.import += change.importing ? 1U : 0U;
  for (const PlannedGroup& group : plan.groups) summary.no_op += group.unchanged;
  if (plan.drift_only) {  // what moved is judged by its fields
    const auto breaks = [](const FieldChange& field) { return field.risk == Risk::Breaking; };
    for (const Change& change : plan.drift)
      summary.breaking += std::any_of(change.fields.begin(), change.fields.end(), breaks) ? 1U : 0U;
  }
  summary.drift = plan.drift.size();
  summary.unmanaged = plan.unmanaged.size();
  return summary;
}

}  // namespace sluice
