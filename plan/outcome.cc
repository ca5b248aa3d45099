#include "plan/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "plan/body_diff.h"
#include "plan/half_done.h"
#include "plan/import_document.h"

namespace sluice {
namespace {

const Resource* find(const LiveState& state, const Address& address) {
  const auto at = state.resources.find(address);
  return at == state.resources.end() ? nullptr : &at->second;
}

bool shows(const LiveState& state, const Address& address, std::string_view digest) {
  const Resource* resource = find(state, address);
  return digest.empty() ? resource == nullptr : resource != nullptr && resource->digest == digest;
}

/// A response that was made has more than the files say: what they leave open is filled in there.
bool is_made_as_wanted(const Change& change, const Resource& seen) {
  if (seen.digest == change.after_digest) return true;
  return change.action == Action::Create && change.address.type() == "response" &&
         differences("response", seen.body, change.after).empty();
}

bool shows(const LiveState& state, const Change& change) {
  const Resource* resource = find(state, change.address);
  return change.after_digest.empty() ? resource == nullptr
                                     : resource != nullptr && is_made_as_wanted(change, *resource);
}

/// Whether `change` is visible in `live`, publications included; if not, what is missing.
std::string missing_from(const Change& change, const LiveState& live) {
  if (!shows(live, change)) {
    const bool exists = find(live, change.address) != nullptr;
    if (change.action == Action::Delete) return "it is still there";
    return exists ? "the gateway holds another definition" : "it is not there";
  }
  if (change.address.type() == "api" && change.action != Action::Delete) {
    for (const std::string& environment : change.environments) {
      if (!shows(live, Address::publication(change.address, environment), change.after_digest)) {
        return fmt::format("{} does not serve this version", environment);
      }
    }
  }
  return {};
}

/// Everything that was reported about one resource and its publications, worst first.
struct Report {
  bool started = false;
  bool all_done = true;
  EntryResult worst;
  std::map<Address, std::string> made =
      {};                             ///< created, updated or published, as the gateway says: the ids, where told
  std::set<Address> unanswered = {};  ///< sent, and what came of it was not told
};

/// What carrying it out makes of it.
Effected effect_of(const Change& change) {
  if (change.action == Action::Delete) return Effected::Deleted;
  if (change.address.type() == "publication") return Effected::Published;
  return change.action == Action::Create ? Effected::Created : Effected::Updated;
}

class Accountant {
 public:
  Accountant(const Plan& plan, std::string_view group, const std::map<int, StepResult>& results,
             const LiveState& before, const LiveState& after, const std::set<Address>& owned)
      : plan_(plan), group_(group), results_(results), before_(before), after_(after), owned_(owned) {}

  Ledger run() {
    for (const Change& change : plan_.changes) {
      if (change.address.group() != group_) continue;
      planned_.insert(change.address);
      judge(change);
    }
    record_planned_group();
    find_unexpected();
    return std::move(ledger_);
  }

 private:
  bool concerns(const Prediction& prediction, const Change& change) const {
    if (prediction.address == change.address) return true;
    return change.address.type() == "api" && prediction.address.type() == "publication" &&
           prediction.address.api_of_publication() == change.address;
  }

  Report report_on(const Change& change) const {
    Report report{.worst = {change.address, Effected::Skipped}};
    for (const Step& step : plan_.steps) {
      if (step.group != group_ && !group_.empty()) continue;                           // policies travel with any group
      if (change.action == Action::Delete && step.kind == StepKind::Import) continue;  // only frees a name
      for (const Prediction& prediction : step.predicted) {
        if (concerns(prediction, change)) add_report(step, prediction, report);
      }
    }
    return report;
  }

  void add_report(const Step& step, const Prediction& prediction, Report& report) const {
    const auto result = results_.find(step.id);
    if (result == results_.end() || result->second.end == StepEnd::NotStarted) {
      report.all_done = false;
      return;
    }
    if (result->second.not_sent.contains(prediction.address)) {
      report.all_done = false;
      return;
    }
    report.started = true;
    const StepResult& step_result = result->second;
    const auto entry = std::find_if(step_result.entries.begin(), step_result.entries.end(),
                                    [&](const EntryResult& e) { return e.address == prediction.address; });
    const auto worsen = [&](Effected effect, const std::string& code, const std::string& message) {
      report.all_done = false;
      const bool worse = report.worst.effect == Effected::Skipped ||
                         (report.worst.effect == Effected::Unknown && effect != Effected::Unknown);
      if (worse) report.worst = {prediction.address, effect, "", code, message};
    };
    const bool told = step_result.end == StepEnd::Done && entry != step_result.entries.end();
    if (told && (entry->effect == Effected::Created || entry->effect == Effected::Updated ||
                 entry->effect == Effected::Published)) {
      report.made.insert_or_assign(prediction.address, entry->remote_id);
    } else if (step_result.end != StepEnd::Failed && (!told || entry->effect == Effected::Unknown)) {
      report.unanswered.insert(prediction.address);
    }
    if (step_result.end == StepEnd::Failed) {
      worsen(Effected::Failed, step_result.error_code, step_result.error_message);
    } else if (step_result.end == StepEnd::Unknown) {
      worsen(Effected::Unknown, step_result.error_code, step_result.error_message);
    } else if (entry == step_result.entries.end()) {
      worsen(Effected::Unknown, "", "the gateway's answer does not name it");
    } else if (entry->effect == Effected::Ignored || entry->effect == Effected::Failed ||
               entry->effect == Effected::Unknown) {
      worsen(entry->effect, entry->error_code, entry->error_message);
    }
  }

  void judge(const Change& change) {
    Outcome outcome{change.address, prediction_of(change)};
    const std::string missing = missing_from(change, after_);
    const Report report = report_on(change);
    if (!report.started && missing_from(change, before_).empty() && missing.empty()) {
      outcome.actual = Effected::Skipped;
      outcome.already = true;
      outcome.error_message = "it was so already";
      record(change, outcome, report);
      ledger_.outcomes.push_back(std::move(outcome));
      return;
    }
    const bool refused = report.worst.effect == Effected::Ignored || report.worst.effect == Effected::Failed;
    if (missing.empty() && report.worst.effect != Effected::Ignored) {
      outcome.actual = effect_of(change);
    } else if (report.worst.effect == Effected::Ignored) {
      outcome.actual = Effected::Ignored;
      outcome.error_message =
          !change.prevented_by.empty()
              ? fmt::format("the gateway kept what it had, since the manifest says {}", change.prevented_by)
          : report.worst.error_message.empty() ? "the gateway kept what it had: somebody else made it meanwhile"
                                               : report.worst.error_message;
      outcome.error_code = report.worst.error_code;
    } else if (refused) {
      outcome.actual = Effected::Failed;
      outcome.error_code = report.worst.error_code;
      outcome.error_message = report.worst.error_message;
    } else if (!report.started) {
      outcome.actual = Effected::Skipped;
      outcome.error_message = "an earlier step of the group did not succeed";
    } else if (report.worst.effect == Effected::Unknown) {
      outcome.actual = Effected::Unknown;
      outcome.error_code = report.worst.error_code;
      outcome.error_message = fmt::format("{}; {}", report.worst.error_message, missing);
    } else if (!report.all_done) {
      outcome.actual = Effected::Failed;
      outcome.error_message = missing + ", because an earlier step of the group did not succeed";
    } else {
      outcome.actual = Effected::Failed;
      outcome.error_message = "the gateway reports success, but " + missing;
    }
    record(change, outcome, report);
    ledger_.outcomes.push_back(std::move(outcome));
  }

  /// Whether `seen`, an API or publication that is not as planned, is nevertheless this run's work: the gateway says
  /// so, or it said nothing and an API of the very name that was sent stands where nothing was.
  bool is_made_here(const Change& change, const Report& report, const Resource& seen) const {
    if (seen.address.type() != "api" && seen.address.type() != "publication") return false;
    const Resource* earlier = find(before_, seen.address);
    if (earlier != nullptr && earlier->digest == seen.digest) return false;
    if (const auto made = report.made.find(seen.address); made != report.made.end()) {
      const bool another = seen.address.type() != "publication" && !made->second.empty() && !seen.remote_id.empty() &&
                           made->second != seen.remote_id;
      return !another;
    }
    return seen.address.type() == "api" && report.unanswered.contains(seen.address) && earlier == nullptr &&
           seen.body.text("operationId") == change.after.text("operationId");
  }

  /// Whether a policy that was not there may have come with another step than the one that was to make it: every import
  /// carries the definitions that its operations use.
  bool has_travelled(const Change& change) const {
    if (!change.address.group().empty() || find(before_, change.address) != nullptr) return false;
    return std::any_of(plan_.steps.begin(), plan_.steps.end(), [&](const Step& step) {
      const auto result = results_.find(step.id);
      const bool sent = result != results_.end() && result->second.end != StepEnd::NotStarted;
      return sent && step.kind == StepKind::Import && defines_policy(step.document, change.address);
    });
  }

  /// What the gateway shows as planned is ours from now on, whatever became of the rest; so is what this run made and
  /// came out otherwise, as it is seen.
  void record(const Change& change, const Outcome& outcome, const Report& report) {
    if (change.action == Action::Delete) {
      if (outcome.as_predicted()) {
        ledger_.gone.push_back(change.address);
      } else if (const Resource* seen = find(after_, change.address);
                 seen != nullptr && owned_.contains(change.address) && seen->digest != change.before_digest &&
                 is_half_deleted(change.before, *seen)) {
        ledger_.owned.push_back(*seen);
      }
      return;
    }
    if (outcome.actual == Effected::Ignored) return;
    const Address subject =
        change.address.type() == "publication" ? change.address.api_of_publication() : change.address;
    const bool ours = report.started || owned_.contains(subject) || change.importing || has_travelled(change);
    if (!ours) return;
    const Resource* seen = find(after_, change.address);
    const bool between =
        seen != nullptr && owned_.contains(subject) && seen->digest == temporary_digest(plan_, change.address);
    const auto enters = [&](const Resource& resource) {
      return is_made_as_wanted(change, resource) || is_made_here(change, report, resource);
    };
    if (between || (seen != nullptr && enters(*seen))) ledger_.owned.push_back(*seen);
    if (change.address.type() != "api") return;
    for (const std::string& environment : change.environments) {
      const Resource* published = find(after_, Address::publication(change.address, environment));
      if (published != nullptr && enters(*published)) ledger_.owned.push_back(*published);
    }
  }

  void record_planned_group() {
    for (const PlannedGroup& group : plan_.groups) {
      if (group.name != group_) continue;
      for (const Resource& resource : group.records) {
        if (shows(after_, resource.address, resource.digest)) ledger_.owned.push_back(resource);
      }
      ledger_.gone.insert(ledger_.gone.end(), group.forgets.begin(), group.forgets.end());
    }
  }

  bool is_planned(const Address& address) const {
    return planned_.contains(address) ||
           (address.type() == "publication" && planned_.contains(address.api_of_publication()));
  }

  void find_unexpected() {
    std::set<Address> unexpected;
    for (const auto& [address, resource] : after_.resources) {
      const Resource* earlier = find(before_, address);
      const bool same = earlier != nullptr && earlier->digest == resource.digest;
      if (!same && !is_planned(address)) unexpected.insert(address);
    }
    for (const auto& [address, resource] : before_.resources) {
      if (find(after_, address) == nullptr && !is_planned(address)) unexpected.insert(address);
    }
    ledger_.unexpected.assign(unexpected.begin(), unexpected.end());
  }

  const Plan& plan_;
  std::string_view group_;
  const std::map<int, StepResult>& results_;
  const LiveState& before_;
  const LiveState& after_;
  const std::set<Address>& owned_;
  std::set<Address> planned_;
  Ledger ledger_;
};

}  // namespace

bool Ledger::converged() const {
  return std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
    return outcome.as_predicted() && outcome.actual != Effected::Ignored;
  });
}

Effected prediction_of(const Change& change) {
  return change.prevented_by.empty() ? effect_of(change) : Effected::Ignored;
}

Ledger account(const Plan& plan, std::string_view group, const std::map<int, StepResult>& results,
               const LiveState& before, const LiveState& after, const std::set<Address>& owned) {
  return Accountant(plan, group, results, before, after, owned).run();
}

}  // namespace sluice
