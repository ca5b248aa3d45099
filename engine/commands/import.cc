#include <fmt/format.h>

#include <algorithm>

#include "engine/commands/command.h"
#include "engine/observation.h"
#include "engine/output.h"
#include "engine/scopes.h"
#include "plan/json.h"
#include "plan/ownership.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

constexpr std::string_view kBuiltInEnvironment = "RELEASE";

const GroupSettings* find_settings(const Workspace& workspace, const std::string& name) {
  const auto& groups = workspace.manifest.groups;
  const auto at = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.name == name; });
  return at == groups.end() ? nullptr : &*at;
}

/// The groups that the globs name, and with a glob that may name several, the manifest's.
std::set<std::string> groups_to_look_at(const Workspace& workspace, const std::vector<std::string>& globs) {
  std::set<std::string> names;
  for (const std::string& glob : globs) {
    if (const auto name = group_named_by(glob)) {
      names.insert(*name);
    } else {
      for (const GroupSettings& group : workspace.manifest.groups) names.insert(group.name);
    }
  }
  return names;
}

/// The policies of the gateway that a glob may mean: the manifest's, and those that a glob spells out.
std::vector<Address> policies_to_look_at(const Workspace& workspace, const std::vector<std::string>& globs) {
  std::vector<Address> policies;
  for (const std::string& glob : globs) {
    if (const auto address = Address::parse(glob); address && address->group().empty()) policies.push_back(*address);
    for (const PolicyDefinition& policy : workspace.manifest.policies) {
      if (policy.address.group().empty() && names(glob, policy.address)) policies.push_back(policy.address);
    }
  }
  return policies;
}

/// Where an API of the group counts as published by us once it is imported.
std::vector<std::string> environments_of(const Workspace& workspace, const std::string& group) {
  const GroupSettings* settings = find_settings(workspace, group);
  return settings != nullptr ? settings->environments : std::vector<std::string>{std::string(kBuiltInEnvironment)};
}

/// Whether the next plan deletes it: ours, and not in the files.
bool is_doomed(const Workspace& workspace, const Address& address) {
  if (address.type() == "publication") return false;
  const GroupSettings* settings = find_settings(workspace, address.group());
  if (settings != nullptr && settings->prune == Prune::None) return false;
  return std::none_of(workspace.groups.begin(), workspace.groups.end(), [&](const GroupRequest& group) {
    return group.name == address.group() && group.desired.resources.contains(address);
  });
}

Value to_list(const std::vector<Address>& addresses) {
  Value list = Value::array();
  for (const Address& address : addresses) list.push(address.text());
  return list;
}

/// Whether nothing was committed to a group in between.
bool is_same_base(const Baseline& one, const Baseline& other) {
  const auto& a = one.resources;
  const auto& b = other.resources;
  return one.unmanaged == other.unmanaged && one.kept == other.kept && one.claimed == other.claimed &&
         std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
           return x.first == y.first && x.second.digest == y.second.digest && x.second.remote_id == y.second.remote_id;
         });
}

std::string counted(std::size_t count) { return count == 1 ? "1 resource" : fmt::format("{} resources", count); }

std::string first_of(const std::vector<Address>& addresses) {
  return fmt::format("{}{}", addresses.size() > 1 ? "the first is " : "", addresses.front().text());
}

class ImportCommand {
 public:
  ImportCommand(const CommandContext& context, Formats formats, RunSettings run)
      : context_(context),
        globs_(context.invocation.arguments),
        formats_(std::move(formats)),
        run_(std::move(run)),
        interruption_(context.clock, run_.deadline) {
    run_.options.interrupted = [this] { return stop_requested(interruption_, workspace_); };
  }

  ExitCode run() {
    auto opened = open_workspace(context_);
    if (const auto* code = std::get_if<ExitCode>(&opened)) return *code;
    workspace_ = std::move(*std::get_if<Workspace>(&opened));
    if (const ExitCode code = read_files(context_, workspace_); code != ExitCode::Done) return code;
    if (!workspace_.connection->calls_wait()) run_.options.threads = 0;
    auto state = workspace_.store->read();
    if (!state) return report(state.error());
    const GatewayIdentity gateway = workspace_.connection->provider().identity();
    if (const auto same = check_same_gateway(*state, gateway); !same) return report(same.error());
    leave_others_intents(*state, scopes());
    if (const auto settled = check_settled(*state); !settled) return report(settled.error());
    Secret key = hash_key(context_, *state);
    if (key.empty()) key = fresh_key_ = new_hash_key();
    if (const ExitCode code = protect_secrets(workspace_, *state, key, run_.options); code != ExitCode::Done)
      return code;
    mask_base(run_.options, *state);
    if (const auto looked = look(*state); !looked) {
      return interruption_.signal().value_or(report(looked.error()));
    }
    if (const auto missed = check_matched(); !missed) return report(missed.error());
    if (const auto written = commit(*state, gateway); !written) {
      return interruption_.signal().value_or(report(written.error()));
    }
    return tell_what_happened();
  }

 private:
  Result<void> look(const StateSnapshot& state) {
    std::vector<ExportRequest> requests;
    const std::vector<Address> policies = policies_to_look_at(workspace_, globs_);
    if (!policies.empty()) requests.push_back(export_request("", {}, state, policies));
    for (const std::string& name : groups_to_look_at(workspace_, globs_)) {
      ExportRequest request = export_request(name, {}, state);
      for (std::string& environment : environments_of(workspace_, name)) {
        const bool known = std::find(request.environments.begin(), request.environments.end(), environment) !=
                           request.environments.end();
        if (!known) request.environments.push_back(std::move(environment));
      }
      request.responses = true;
      requests.push_back(std::move(request));
    }
    const Waiting waiting(context_, "Exporting");
    Observation observation(workspace_.connection->provider(), context_.clock, run_.options, std::move(requests));
    return observation.finish([&](const ExportRequest& exported, ExportDone done) -> Result<void> {
      LiveState& live = done.live;
      const std::string& name = exported.group;
      for (const Address& external : workspace_.manifest.external) live.resources.erase(external);  // never ours
      taken_.emplace(
          name, take_over(state.base_of(name), live, globs_, environments_of(workspace_, name), run_.options.targets));
      return {};
    });
  }

  /// The groups that are looked at, and the policies.
  LockScopes scopes() const {
    LockScopes scopes;
    for (const Address& policy : policies_to_look_at(workspace_, globs_)) scopes.insert(scope_of(policy));
    for (const std::string& name : groups_to_look_at(workspace_, globs_)) scopes.insert(scope_of(Address::group(name)));
    return scopes;
  }

  Result<void> check_matched() const {
    for (const std::string& glob : globs_) {
      const bool matched = std::any_of(taken_.begin(), taken_.end(),
                                       [&](const auto& entry) { return entry.second.matched.contains(glob); });
      if (!matched) {
        return fail(ErrorKind::NotFound,
                    fmt::format("{} names nothing on the gateway, so nothing was imported: `sluice plan` lists what is "
                                "there and not managed.",
                                glob));
      }
    }
    return {};
  }

  Result<void> commit(const StateSnapshot& seen, const GatewayIdentity& gateway) {
    const bool nothing =
        std::all_of(taken_.begin(), taken_.end(), [](const auto& entry) { return entry.second.owned.empty(); });
    if (nothing) return {};
    StateStore& store = *workspace_.store;
    const auto token = wait_for_lock(context_, store, {"import", "", scopes(), {}}, gateway, interruption_);
    if (!token) return token.forward();
    auto written = commit_locked(seen, gateway, *token);  // too short for a heartbeat
    if (const auto unlocked = store.unlock(*token); !unlocked) print_warning(unlocked.error().message);
    return written;
  }

  Result<void> commit_locked(const StateSnapshot& seen, const GatewayIdentity& gateway, const LockToken& token) {
    const auto now = workspace_.store->read();
    if (!now) return now.forward();
    if (auto same = check_same_gateway(*now, gateway); !same) return same;
    const bool same = std::all_of(taken_.begin(), taken_.end(), [&](const auto& entry) {
      return is_same_base(now->base_of(entry.first), seen.base_of(entry.first));
    });
    auto open = *now;
    leave_others_intents(open, scopes());
    if (!same || !open.open_intents.empty()) {
      return fail(ErrorKind::Refused,
                  "Another run changed the state while the gateway was exported; nothing was imported: run the command "
                  "again.");
    }
    if (!fresh_key_.empty()) {
      if (auto taken = workspace_.store->take_hash_key(token, fresh_key_); !taken) return taken;
    }
    for (const auto& [name, taken] : taken_) {
      if (taken.owned.empty()) continue;
      const StateChange change{
          .group = name, .owned = taken.owned, .gone = {}, .unmanaged = taken.unmanaged, .closed_intents = {}};
      if (auto written = workspace_.store->commit(token, change); !written) return written;
    }
    return {};
  }

  ExitCode tell_what_happened() const {
    std::vector<Address> imported;
    std::vector<Address> already;
    std::vector<Address> doomed;
    for (const auto& [name, taken] : taken_) {
      for (const Resource& resource : taken.owned) {
        imported.push_back(resource.address);
        if (is_doomed(workspace_, resource.address)) doomed.push_back(resource.address);
      }
      already.insert(already.end(), taken.already.begin(), taken.already.end());
    }
    if (formats_.text) {
      std::string text;
      for (const Address& address : imported) text += printable(address.text()) + "\n";
      if (auto written = write_output(*formats_.text, text); !written) return report(written.error());
    }
    if (formats_.json) {
      Value json = Value::object();
      json.set("imported", to_list(imported)).set("already_owned", to_list(already));
      json.set("planned_for_deletion", to_list(doomed));
      if (auto written = write_output(*formats_.json, write_json_pretty(json) + "\n"); !written)
        return report(written.error());
    }
    if (!context_.invocation.has("quiet")) {
      tell(fmt::format("Imported {}; nothing was sent to the gateway.\n", counted(imported.size())));
      if (!already.empty())
        tell(fmt::format("Owned already: {} ({}).\n", counted(already.size()), printable(first_of(already))));
    }
    if (!doomed.empty()) {
      print_warning(
          fmt::format("The files do not ask for {} of them ({}): the next apply deletes what it owns and the files do "
                      "not name. Add them to the files, or let them go with `sluice state rm`.",
                      doomed.size(), first_of(doomed)));
    }
    return ExitCode::Done;
  }

  const CommandContext& context_;
  const std::vector<std::string>& globs_;
  Formats formats_;
  RunSettings run_;
  Interruption interruption_;
  Workspace workspace_;
  Secret fresh_key_;                       ///< of a state that is still to be made
  std::map<std::string, Takeover> taken_;  ///< by group
};

}  // namespace

ExitCode run_import(const CommandContext& context) {
  auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  auto run = read_run_settings(context.invocation);
  if (!run) return report_usage(run.error().message);
  if (context.invocation.arguments.empty())
    return report_usage("`sluice import` needs addresses or globs, such as 'api.petstore[\"GET /pets/**\"]'.");
  return ImportCommand(context, std::move(*formats), std::move(*run)).run();
}

}  // namespace sluice
