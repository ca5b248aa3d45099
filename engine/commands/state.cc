#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "engine/commands/command.h"
#include "engine/output.h"
#include "plan/json.h"
#include "plan/ownership.h"
#include "plan/render_text.h"
#include "plan/secrets.h"

namespace sluice {
namespace {

Value resource_to_json(const Resource& resource, const Value& body, bool guarded) {
  Value json = Value::object();
  json.set("address", resource.address.text())
      .set("type", resource.address.type())
      .set("remote_id", resource.remote_id);
  json.set("protected", guarded);
  return json.set("digest", resource.digest).set("body", body);
}

std::string resource_to_text(const Resource& resource, const Value& body, bool guarded) {
  return fmt::format("{}\n  remote_id: {}\n  digest: {}\n{}  body: {}\n", printable(resource.address.text()),
                     printable(resource.remote_id), resource.digest, guarded ? "  protected: true\n" : "",
                     printable(write_json(body)));
}

/// Whether one of the globs names it; no globs name everything.
bool is_asked_for(const Address& address, const std::vector<std::string>& globs) {
  return globs.empty() ||
         std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return names(glob, address); });
}

/// The state's file: --state, or what the manifest says. An exit code when there is no telling: all has been printed.
std::variant<std::string, ExitCode> find_state(const CommandContext& context) {
  std::string path = context.invocation.value("state");
  if (!path.empty()) return path;
  auto manifest = load_manifest(context.invocation, context.environment);
  print_diagnostics(manifest.diagnostics);
  if (!manifest.value) return ExitCode::Error;
  auto found = state_path(context.invocation, *manifest.value, context.invocation.value("file", "sluice.yaml"));
  if (!found) return report(found.error());
  return std::move(*found);
}

Targets targets_of(const Invocation& invocation) {
  return Targets(invocation.values("target"), invocation.values("exclude"));
}

Unexpected<Error> nothing_called(const std::string& glob) {
  return fail(ErrorKind::NotFound, fmt::format("The state holds nothing called {}: see `sluice state list`.", glob));
}

Result<void> print_resources(const CommandContext& context, const Formats& formats, const StateSnapshot& state) {
  const bool show = context.invocation.command == "state show";
  const auto& wanted = context.invocation.arguments;
  const Targets targets = targets_of(context.invocation);
  std::string text;
  Value list = Value::array();
  Value protected_ones = Value::array();
  for (const auto& [name, base] : state.groups) {
    for (const auto& [address, resource] : base.resources) {
      if (!is_asked_for(resource.address, wanted) || !targets.includes(address)) continue;
      const bool guarded = base.guarded.contains(address);
      if (guarded) protected_ones.push(resource.address.text());
      text += show ? resource_to_text(resource, base.body_of(address), guarded) : resource.address.text() + "\n";
      list.push(show ? resource_to_json(resource, base.body_of(address), guarded) : Value(resource.address.text()));
    }
  }
  if (show && list.items().empty() && !wanted.empty()) return nothing_called(wanted[0]);
  if (formats.text) {
    if (auto written = write_output(*formats.text, text); !written) return written;
  }
  if (!formats.json) return {};
  Value json = Value::object();
  json.set("lineage", state.lineage)
      .set("serial", state.serial)
      .set("resources", std::move(list))
      .set("protected", std::move(protected_ones));
  return write_output(*formats.json, write_json_pretty(json) + "\n");
}

/// What the globs let go, by group. Errors: NotFound for one that names nothing.
Result<std::map<std::string, Release>> choose_releases(const StateSnapshot& state,
                                                       const std::vector<std::string>& globs, const Targets& targets) {
  std::map<std::string, Release> releases;
  std::set<std::string> matched;
  for (const auto& [name, base] : state.groups) {
    Release release = let_go(base, globs, targets);
    matched.insert(release.matched.begin(), release.matched.end());
    if (!release.gone.empty()) releases.emplace(name, std::move(release));
  }
  for (const std::string& glob : globs) {
    if (!matched.contains(glob)) return nothing_called(glob);
  }
  return releases;
}

Result<std::vector<Address>> remove_locked(const CommandContext& context, StateStore& store, const LockToken& token) {
  const auto state = store.read();
  if (!state) return state.forward();
  if (const auto settled = check_settled(*state); !settled) return settled.forward();
  const auto releases = choose_releases(*state, context.invocation.arguments, targets_of(context.invocation));
  if (!releases) return releases.forward();
  std::vector<Address> removed;
  for (const auto& [name, release] : *releases) {
    const StateChange change{
        .group = name, .owned = {}, .gone = release.gone, .unmanaged = release.unmanaged, .closed_intents = {}};
    if (const auto written = store.commit(token, change); !written) return written.forward();
    removed.insert(removed.end(), release.gone.begin(), release.gone.end());
  }
  return removed;
}

ExitCode run_remove(const CommandContext& context, const Formats& formats, StateStore& store,
                    const StateSnapshot& state) {
  if (context.invocation.arguments.empty()) return report_usage("`sluice state rm` needs addresses or globs.");
  if (const auto patience = parse_duration(context.invocation.value("lock-timeout", "0s")); !patience)
    return report_usage(patience.error().message);
  // Looked at before the lock too, which writes: a wrong address leaves the file as it is.
  if (const auto chosen = choose_releases(state, context.invocation.arguments, targets_of(context.invocation)); !chosen)
    return report(chosen.error());
  Interruption interruption(context.clock, std::chrono::hours(2));
  const auto token = wait_for_lock(context, store, "state rm", state.gateway, interruption);
  if (!token) return interruption.signal().value_or(report(token.error()));
  const auto removed = remove_locked(context, store, *token);
  if (const auto unlocked = store.unlock(*token); !unlocked) print_warning(unlocked.error().message);
  if (!removed) return report(removed.error());
  std::string text;
  Value list = Value::array();
  for (const Address& address : *removed) {
    text += printable(address.text()) + "\n";
    list.push(address.text());
  }
  if (formats.text) {
    if (const auto written = write_output(*formats.text, text); !written) return report(written.error());
  }
  if (formats.json) {
    const Value json = Value::object({{"removed", std::move(list), 0}});
    if (const auto written = write_output(*formats.json, write_json_pretty(json) + "\n"); !written)
      return report(written.error());
  }
  if (!context.invocation.has("quiet")) {
    tell(fmt::format("Sluice no longer owns {}; nothing was sent to the gateway.\n",
                     removed->size() == 1 ? "1 resource" : fmt::format("{} resources", removed->size())));
  }
  return ExitCode::Done;
}

}  // namespace

ExitCode run_state(const CommandContext& context) {
  const auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  const auto path = find_state(context);
  if (const auto* code = std::get_if<ExitCode>(&path)) return *code;
  const std::string& file = *std::get_if<std::string>(&path);
  const auto store = sqlite_state_store(file);
  auto state = store->read();
  if (!state) return report(state.error());
  if (!state->exists())
    return report({ErrorKind::NotFound, fmt::format("There is no state at {}: run `sluice apply` first.",
                                                    file.find("://") == std::string::npos ? file : "that URL")});
  if (context.invocation.command == "state rm") return run_remove(context, *formats, *store, *state);
  const SecretVault vault(hash_key(context, *state), {});  // an older version may have kept what is hidden now
  for (auto& [name, base] : state->groups) vault.mask(base);
  const auto printed = print_resources(context, *formats, *state);
  return printed ? ExitCode::Done : report(printed.error());
}

}  // namespace sluice
