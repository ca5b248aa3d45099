// The way back to what was live before a run, as an ordinary plan.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "engine/commands/command.h"
#include "engine/commands/plan_end.h"
#include "engine/journal.h"
#include "engine/output.h"
#include "engine/renames.h"
#include "plan/backup.h"
#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/policies.h"

namespace sluice {
namespace {

/// A publication is a part of its API.
Address whole_of(const Address& address) {
  return address.type() == "publication" ? address.api_of_publication() : address;
}

/// What the run changed, or may have changed.
Result<std::set<Address>> changed_by(const RunDetails& run) {
  std::set<Address> changed;
  for (const RunOutcome& outcome : run.outcomes) {
    const bool untouched =
        outcome.already || outcome.actual == Effected::Skipped || outcome.actual == Effected::Ignored;
    if (!untouched) changed.insert(whole_of(outcome.address));
  }
  const auto intents = fold(run.journal);
  if (!intents) return intents.forward();
  for (const Intent& intent : *intents) {
    for (const IntendedResource& resource : intent.resources) changed.insert(whole_of(resource.address));
  }
  return changed;
}

/// A rollback on its way from a backup to a plan.
class Rollback {
 public:
  Rollback(const Workspace& workspace, const StateSnapshot& state, std::set<Address> changed,
           std::map<std::string, ResourceMap> before)
      : workspace_(workspace), state_(state), changed_(std::move(changed)), before_(std::move(before)) {
    follow_later_renames();
    std::erase_if(changed_, [this](const Address& address) {
      if (before_.contains(address.group())) return false;
      notes_.push_back(fmt::format("{} stays as it is: no backup of its group was kept.", address.text()));
      return true;
    });
    keep_groups_in_use();
    leave_what_lost_its_policy();
  }

  bool empty() const { return changed_.empty(); }
  std::vector<std::string>& notes() { return notes_; }

  /// What is meant: what the run changed, and nothing else.
  Targets targets() const {
    std::vector<std::string> targets;
    std::vector<std::string> excludes;
    std::set<std::string> whole;
    for (const Address& address : changed_) {
      if (address.type() == "group") whole.insert(address.name());
    }
    for (const Address& address : changed_) {
      if (address.type() == "group" || !whole.contains(address.group())) targets.push_back(address.text());
    }
    for (const std::string& group : whole) {
      for (const auto& [address, resource] : state_.base_of(group).resources) {
        if (!changed_.contains(whole_of(address))) excludes.push_back(whole_of(address).text());
      }
    }
    excludes.erase(std::unique(excludes.begin(), excludes.end()), excludes.end());
    return {std::move(targets), std::move(excludes)};
  }

  /// Every group that is concerned, and one for policies to travel with.
  std::vector<GroupRequest> groups() const {
    std::set<std::string> names;
    for (const Address& address : changed_) names.insert(address.group());
    if (names.contains("")) {
      for (const auto& [name, base] : state_.groups) names.insert(name);
    }
    std::vector<GroupRequest> groups;
    for (const std::string& name : names) groups.push_back(request_of(name));
    PolicyUsers users;
    for (const GroupRequest& group : groups) {
      for (const auto& [address, resource] : group.desired.resources) {
        for (const Address& policy : policies_used_by(resource.body))
          users[policy].emplace(address.text(), address.text());
      }
    }
    for (GroupRequest& group : groups) {
      if (group.name.empty()) group.desired.users = users;
    }
    return groups;
  }

  /// Where a value is not known any more, what the state has of it now takes its place.
  void keep_what_is_unknown(const SecretVault& vault) {
    const auto known = [&](const Value& value) { return vault.reveal(write_json(value)).has_value(); };
    for (const Address& address : std::set<Address>(changed_)) {
      auto& resources = before_.at(address.group());
      const auto at = resources.find(address);
      if (at == resources.end() || known(at->second.body)) continue;
      const Value now = state_.base_of(address.group()).asked_of(address);
      const Value body = with_known_values(at->second.body, now, known);
      if (known(body)) {
        at->second = make_resource(address, body);
        notes_.push_back(
            fmt::format("{}: a secret of that time is not known any more, so today's stays.", address.text()));
      } else {
        changed_.erase(address);
        notes_.push_back(
            fmt::format("{} stays as it is: a secret of that time is not known any more.", address.text()));
      }
    }
  }

 private:
  /// What the state has by another name by now is known by that.
  void follow_later_renames() {
    std::map<std::string, std::string> names;
    for (const auto& [name, resources] : before_) {
      const Resource* then = find_resource(resources, Address::group(name));
      if (then == nullptr || then->remote_id.empty() || owns_something(state_, name)) continue;
      for (const auto& [now, base] : state_.groups) {
        const Resource* group = find_resource(base.resources, Address::group(now));
        if (group != nullptr && group->remote_id == then->remote_id) names.emplace(name, now);
      }
    }
    for (const auto& [name, now] : names) {
      notes_.push_back(fmt::format("{} is called {} by now.", Address::group(name).text(), now));
      ResourceMap renamed;
      auto old = before_.extract(name);
      for (auto& [address, resource] : old.mapped()) {
        resource.address = address.in_group(now);
        renamed.emplace(resource.address, std::move(resource));
      }
      before_.insert_or_assign(now, std::move(renamed));
      std::set<Address> changed;
      for (const Address& address : changed_) changed.insert(address.group() == name ? address.in_group(now) : address);
      changed_ = std::move(changed);
    }
  }

  /// A group that the run made does not go while something is in it that came later.
  void keep_groups_in_use() {
    std::erase_if(changed_, [this](const Address& address) {
      if (address.type() != "group" || before_.at(address.group()).contains(address)) return false;
      const ResourceMap& owned = state_.base_of(address.group()).resources;
      const auto later = std::find_if(owned.begin(), owned.end(), [this](const auto& entry) {
        return entry.first.type() == "api" && !changed_.contains(entry.first);
      });
      if (later == owned.end()) return false;
      notes_.push_back(fmt::format("{} stays: {} came into it later.", address.text(), later->first.text()));
      return true;
    });
  }

  /// An API cannot go back to a policy that nobody knows any more.
  void leave_what_lost_its_policy() {
    const auto& external = workspace_.manifest.external;
    const auto is_known = [&](const Address& policy) {
      const auto then = before_.find("");
      const bool comes_back = then != before_.end() && then->second.contains(policy) && changed_.contains(policy);
      return comes_back || state_.base_of("").resources.contains(policy) ||
             std::find(external.begin(), external.end(), policy) != external.end();
    };
    std::erase_if(changed_, [&](const Address& address) {
      const Resource* then = find_resource(before_.at(address.group()), address);
      if (then == nullptr || address.type() != "api") return false;
      const auto used = policies_used_by(then->body);
      const auto lost = std::find_if_not(used.begin(), used.end(), is_known);
      if (lost == used.end()) return false;
      notes_.push_back(
          fmt::format("{} stays as it is: {}, which it used then, is gone. Roll back the run that took it "
                      "away first.",
                      address.text(), lost->text()));
      return true;
    });
  }

  GroupRequest request_of(const std::string& name) const {
    GroupRequest request{.name = name, .owner = {}, .desired = {}, .options = {}};
    const auto& groups = workspace_.manifest.groups;
    const auto settings =
        std::find_if(groups.begin(), groups.end(), [&](const GroupSettings& group) { return group.name == name; });
    if (settings != groups.end()) {
      request.owner = settings->owner;
      request.options.environments = settings->environments;
      request.environments_at = settings->environments_at;
      request.options.modes = settings->modes;
      request.options.ignore = settings->ignore;
      request.options.protect = settings->protect;
    } else {
      request.options.environments = environments_then(name);
    }
    const Baseline& base = state_.base_of(name);
    for (const auto& [address, resource] : base.resources) {
      if (address.type() == "publication" || changed_.contains(address)) continue;
      request.desired.resources.emplace(address, make_resource(address, base.asked_of(address)));
    }
    const auto before = before_.find(name);
    if (before == before_.end()) return request;
    std::set<Address> wanted;  // what the run changed, and what that needs and may have gone since
    for (const auto& [address, resource] : before->second) {
      if (!changed_.contains(address)) continue;
      wanted.insert({address, Address::group(name)});
      wanted.insert(Address::response(name, resource.body.text("x-apigateway-response")));
    }
    for (const Address& address : wanted) {
      const Resource* then = find_resource(before->second, address);
      if (then == nullptr) continue;
      Resource anew = *then;
      anew.remote_id.clear();
      request.desired.resources.emplace(address, std::move(anew));
    }
    return request;
  }

  std::vector<std::string> environments_then(const std::string& name) const {
    std::set<std::string> environments;
    const auto note = [&](const ResourceMap& resources) {
      for (const auto& [address, resource] : resources) {
        if (address.type() == "publication") environments.insert(address.environment());
      }
    };
    note(state_.base_of(name).resources);
    if (const auto before = before_.find(name); before != before_.end()) note(before->second);
    return {environments.begin(), environments.end()};
  }

  const Workspace& workspace_;
  const StateSnapshot& state_;
  std::set<Address> changed_;
  std::map<std::string, ResourceMap> before_;
  std::vector<std::string> notes_;
};

/// What comes back under another id.
void note_new_ids(const Plan& plan, std::vector<std::string>& notes) {
  for (const Change& change : plan.changes) {
    if (change.action != Action::Create) continue;
    const std::string address = change.address.text();
    if (change.address.type() == "api")
      notes.push_back(
          fmt::format("{} is made anew: it gets another id, and apps have to be authorized again.", address));
    if (change.address.type() == "group") notes.push_back(fmt::format("{} is made anew: it gets another id.", address));
  }
}

Result<std::map<std::string, ResourceMap>> read_backups(StateStore& store, const std::string& run) {
  const auto texts = store.backup(run);
  if (!texts) return texts.forward();
  if (texts->empty()) {
    return fail(
        ErrorKind::NotFound,
        fmt::format("What was live before the run {} is not kept any more, only for the newest {} runs: check out "
                    "the files of that time, and apply those.",
                    run, kRunsInFull));
  }
  std::map<std::string, ResourceMap> before;
  for (const auto& [group, text] : *texts) {
    auto resources = read_backup(text);
    if (!resources) return resources.forward();
    before.emplace(group, std::move(*resources));
  }
  return before;
}

/// Whether something is left out of it that only the files may know.
bool holds_masks(const std::map<std::string, ResourceMap>& before) {
  return std::any_of(before.begin(), before.end(), [](const auto& group) {
    return std::any_of(group.second.begin(), group.second.end(),
                       [](const auto& entry) { return holds_mask(write_json(entry.second.body)); });
  });
}

}  // namespace

ExitCode run_rollback(const CommandContext& context) {
  const Invocation& invocation = context.invocation;
  if (invocation.arguments.empty())
    return report_usage("`sluice rollback` needs the id of a run: see `sluice history`.");
  const auto reports = read_reports(invocation);
  if (!reports) return report_usage(reports.error().message);
  const auto settings = read_plan_settings(invocation);
  if (!settings)
    return settings.error().kind == ErrorKind::Invalid ? report_usage(settings.error().message)
                                                       : report(settings.error());
  auto run_settings = read_run_settings(invocation);
  if (!run_settings) return report_usage(run_settings.error().message);
  const auto expires = parse_duration(invocation.value("expires", "7d"));
  if (!expires) return report_usage(expires.error().message);
  if (invocation.has("out") && invocation.value("out").empty()) return report_usage("--out names no file.");
  const std::string& id = invocation.arguments[0];
  Failure failure(context, *reports);
  auto opened = open_workspace(context, ReadFirst::Secrets, &failure.told());
  if (const auto* code = std::get_if<ExitCode>(&opened)) return failure.end(*code);
  Workspace& workspace = *std::get_if<Workspace>(&opened);
  Provider& provider = workspace.connection->provider();
  failure.reached(provider.identity());
  if (const auto free = check_report_files(context, workspace, reports->formats); !free)
    return failure.end(free.error());
  if (is_input(workspace, invocation.value("out"))) {
    return failure.end(
        Error{ErrorKind::Conflict, fmt::format("--out {} is one of the files that the manifest is made of: "
                                               "name another.",
                                               invocation.value("out"))});
  }
  auto state = workspace.store->read();
  if (!state) return failure.end(state.error());
  if (const auto same = check_same_gateway(*state, provider.identity()); !same) return failure.end(same.error());
  const auto run = find_run(*workspace.store, id);
  if (!run) return failure.end(run.error());
  auto before = read_backups(*workspace.store, id);
  if (!before) return failure.end(before.error());
  auto changed = changed_by(*run);
  if (!changed) return failure.end(changed.error());
  if (!state->open_intents.empty()) {
    print_warning(
        "An apply is still at work, or was interrupted; the next `sluice apply` looks at what became of it first.");
  }
  if (!workspace.connection->calls_wait()) run_settings->options.threads = 0;
  run_settings->options.risks = risks_of(workspace.manifest);
  if (workspace.groups.empty() && holds_masks(*before)) {
    if (read_files(context, workspace) != ExitCode::Done)
      print_warning("The files cannot be read, so what only they know of secrets does not come back.");
  }
  const Interruption interruption(context.clock, run_settings->deadline);
  ReconcilerOptions& options = run_settings->options;
  options.interrupted = [&] { return stop_requested(interruption, workspace); };
  if (const ExitCode code = protect_secrets(workspace, *state, hash_key(context, *state), options, {}, &failure.told());
      code != ExitCode::Done)
    return failure.end(code);
  for (const auto& [group, resources] : *before) {
    for (const auto& [address, resource] : resources) options.secrets->expect(address, write_json(resource.body));
  }
  mask_base(options, *state);
  Rollback rollback(workspace, *state, std::move(*changed), std::move(*before));
  const auto make_plan = [&]() -> Result<Plan> {
    options.targets = rollback.targets();
    Reconciler reconciler(provider, context.clock, options);
    auto groups = rollback.groups();
    for (GroupRequest& group : groups) group.options.on_drift = settings->diff.on_drift;
    const Waiting waiting(context, fmt::format("Exporting from {}", to_string(provider.identity())));
    return reconciler.plan(groups, *state);
  };
  auto plan = make_plan();
  if (!plan) return failure.end(plan.error(), interruption);
  const std::size_t known = rollback.notes().size();
  rollback.keep_what_is_unknown(*options.secrets);  // what the gateway has of secrets is known by now
  if (rollback.notes().size() > known) plan = make_plan();
  if (!plan) return failure.end(plan.error(), interruption);
  note_new_ids(*plan, rollback.notes());
  plan->scope.notes.push_back(fmt::format(
      "This is the way back to what was live before the run {}: \"the files\" are those of that time.", id));
  for (std::string& note : rollback.notes()) plan->scope.notes.push_back(std::move(note));
  finish(*plan);
  print_diagnostics(plan->findings);
  plan->max_deletes = settings->max_deletes;
  plan->drift_decided = settings->drift_decided && settings->diff.on_drift == OnDrift::Revert;
  const ExitCode code = end_plan(context, *reports, *settings, *plan, *expires);
  const bool saved = invocation.has("out") || invocation.has("quiet") || plan->empty();
  if (!saved)
    tell(fmt::format("Nothing was sent. To go back, save this plan with --out FILE, and: sluice apply FILE\n"));
  return code;
}

}  // namespace sluice
