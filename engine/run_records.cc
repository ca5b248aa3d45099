#include "engine/run_records.h"

#include <algorithm>
#include <iterator>

#include "plan/backup.h"
#include "plan/import_document.h"
#include "plan/json.h"
#include "plan/policies.h"

namespace sluice {
namespace {

/// The digest by which a later run knows what this one made, before it was bound to its policies too.
std::string digest_to_claim(const Plan& plan, const Prediction& prediction) {
  const std::string digest = digest_after(plan, prediction);
  const Change* change = change_behind(plan, prediction.address);
  const bool api = prediction.address.type() == "api" || prediction.address.type() == "publication";
  const bool own = api && change != nullptr && !digest.empty() && prediction.digest.empty();
  return own ? unbound_digest({change->address, change->after, digest}) : digest;
}

/// What stays as the gateway has it, as far as the base now holds it so.
std::map<Address, std::string> kept_by(const GroupRun& run, const Ledger& ledger) {
  std::map<Address, std::string> kept;
  const auto add = [&](const Address& address) {
    const auto at = run.group->kept.find(address);
    if (at != run.group->kept.end()) kept.emplace(address, write_json(at->second));
  };
  for (const Resource& resource : ledger.owned) add(resource.address);
  for (const Address& address : ledger.gone) add(address);
  return kept;
}

}  // namespace

const Change* change_behind(const Plan& plan, const Address& address) {
  const Change* own = plan.find(address);
  return own != nullptr || address.type() != "publication" ? own : plan.find(address.api_of_publication());
}

std::string digest_after(const Plan& plan, const Prediction& prediction) {
  if (prediction.effect == Effected::Deleted || prediction.effect == Effected::Offline) return {};
  if (!prediction.digest.empty()) return prediction.digest;
  const Change* change = change_behind(plan, prediction.address);
  return change == nullptr ? std::string() : change->after_digest;
}

Intent intent_of(const Plan& plan, const Step& step, const std::string& run_id) {
  Intent intent{
      .id = 0, .run_id = run_id, .group = step.group, .kind = step.kind, .task_id = {}, .outcome = {}, .resources = {}};
  for (const Prediction& prediction : step.predicted)
    intent.resources.push_back({prediction.address, prediction.effect, digest_to_claim(plan, prediction)});
  if (step.kind != StepKind::Import) return intent;
  // Any import makes the policies that it carries, whichever step was to make them.
  for (const Change& change : plan.changes) {
    const bool named = std::any_of(step.predicted.begin(), step.predicted.end(),
                                   [&](const Prediction& prediction) { return prediction.address == change.address; });
    if (!change.address.group().empty() || change.action == Action::Delete || named) continue;
    if (!defines_policy(step.document, change.address)) continue;
    const Prediction made{change.address, change.action == Action::Create ? Effected::Created : Effected::Updated};
    intent.resources.push_back({made.address, made.effect, digest_to_claim(plan, made)});
  }
  return intent;
}

std::string result_text(const std::vector<EntryResult>& entries) {
  Value list = Value::array();
  for (const EntryResult& entry : entries) {
    Value one = Value::object();
    one.set("address", entry.address.text()).set("effect", to_string(entry.effect));
    if (!entry.remote_id.empty()) one.set("remote_id", entry.remote_id);
    if (!entry.error_code.empty()) one.set("error_code", entry.error_code);
    if (!entry.error_message.empty()) one.set("error_msg", entry.error_message);
    list.push(std::move(one));
  }
  return write_json(list);
}

StateChange change_of_state(const Plan& plan, const GroupRun& run, const Ledger& ledger, const LiveState& after) {
  std::set<Address> owned;
  for (const Resource& resource : ledger.owned) owned.insert(resource.address);
  StateChange change{.group = run.group->name,
                     .owned = ledger.owned,
                     .gone = ledger.gone,
                     .unmanaged = {},
                     .closed_intents = {},
                     .kept = kept_by(run, ledger)};
  for (const Address& address : plan.unmanaged) {
    if (address.group() == run.group->name && after.resources.contains(address)) change.unmanaged.insert(address);
  }
  for (const Address& address : run.group->foreign) {
    if (!owned.contains(address) && after.resources.contains(address)) change.unmanaged.insert(address);
  }
  std::set<Address> ours = run.owned;
  for (const Address& address : ledger.gone) ours.erase(address);
  ours.insert(owned.begin(), owned.end());
  std::copy_if(run.group->protect.begin(), run.group->protect.end(), std::back_inserter(change.protect),
               [&](const Address& address) { return ours.contains(address); });
  change.unprotect = run.group->unprotect;
  return change;
}

std::int64_t room_for(const Plan& plan) {
  constexpr std::int64_t kLeast = std::int64_t{1} << 20;
  constexpr std::int64_t kEachStep = 128 << 10;           // its journal entries, in pages of the write-ahead log
  constexpr std::int64_t kPages = std::int64_t{4} << 20;  // by then the log begins anew
  constexpr std::int64_t kEachResource = 2 << 10;         // its row, its outcome and its part of the journal
  std::int64_t bodies = 0;
  for (const Step& step : plan.steps) {
    bodies += 3 * static_cast<std::int64_t>(step.document.size());
    bodies += kEachResource * static_cast<std::int64_t>(step.predicted.size());
  }
  return kLeast + std::min(kPages, kEachStep * static_cast<std::int64_t>(plan.steps.size())) + bodies;
}

Result<void> keep_backups(StateStore& store, const LockToken& token, const std::string& run_id, const Plan& plan,
                          const std::vector<GroupRun>& groups) {
  std::set<std::string> touched;
  for (const Step& step : plan.steps) {
    touched.insert(step.group);
    for (const Prediction& prediction : step.predicted) touched.insert(prediction.address.group());
  }
  for (const GroupRun& run : groups) {
    const std::string& name = run.group->name;
    if (!touched.contains(name)) continue;
    if (auto kept = store.keep_backup(token, run_id, name, write_backup(run.before)); !kept) return kept;
  }
  return {};
}

}  // namespace sluice
