#include <fmt/format.h>

#include <algorithm>

#include "engine/commands/command.h"
#include "plan/json.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

Value resource_to_json(const Resource& resource, const Value& body) {
  Value json = Value::object();
  json.set("address", resource.address.text())
      .set("type", resource.address.type())
      .set("remote_id", resource.remote_id);
  return json.set("digest", resource.digest).set("body", body);
}

std::string resource_to_text(const Resource& resource, const Value& body) {
  return fmt::format("{}\n  remote_id: {}\n  digest: {}\n  body: {}\n", printable(resource.address.text()),
                     printable(resource.remote_id), resource.digest, printable(write_json(body)));
}

/// Whether one of the globs names it; no globs name everything.
bool is_asked_for(const Address& address, const std::vector<std::string>& globs) {
  const std::string text = address.text();
  return globs.empty() ||
         std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return matches_glob(glob, text); });
}

}  // namespace

ExitCode run_state(const CommandContext& context) {
  const auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  std::string path = context.invocation.value("state");
  if (path.empty()) {
    auto manifest = load_manifest(context.invocation, context.environment);
    print_diagnostics(manifest.diagnostics);
    if (!manifest.value) return ExitCode::Error;
    auto found = state_path(context.invocation, *manifest.value, context.invocation.value("file", "sluice.yaml"));
    if (!found) return report(found.error());
    path = std::move(*found);
  }
  const auto state = sqlite_state_store(path)->read();
  if (!state) return report(state.error());
  if (!state->exists())
    return report({ErrorKind::NotFound, fmt::format("There is no state at {}: run `sluice apply` first.", path)});
  const bool show = context.invocation.command == "state show";
  const auto& wanted = context.invocation.arguments;
  std::string text;
  Value list = Value::array();
  for (const auto& [name, base] : state->groups) {
    for (const auto& [address, resource] : base.resources) {
      if (!is_asked_for(resource.address, wanted)) continue;
      text += show ? resource_to_text(resource, base.body_of(address)) : resource.address.text() + "\n";
      list.push(show ? resource_to_json(resource, base.body_of(address)) : Value(resource.address.text()));
    }
  }
  if (show && list.items().empty() && !wanted.empty()) {
    return report(
        {ErrorKind::NotFound, fmt::format("The state holds nothing called {}: see `sluice state list`.", wanted[0])});
  }
  if (formats->text) {
    if (auto written = write_output(*formats->text, text); !written) return report(written.error());
  }
  if (formats->json) {
    Value json = Value::object();
    json.set("lineage", state->lineage).set("serial", state->serial).set("resources", std::move(list));
    if (auto written = write_output(*formats->json, write_json_pretty(json) + "\n"); !written)
      return report(written.error());
  }
  return ExitCode::Done;
}

}  // namespace sluice
