#include <fmt/format.h>

#include <filesystem>

#include "engine/commands/command.h"
#include "engine/files.h"
#include "engine/output.h"
#include "plan/json.h"
#include "plan/plan_json.h"
#include "plan/render_sarif.h"

namespace sluice {
namespace {

constexpr std::string_view kStarterManifest =
    R"(# What the gateway should hold. Try it: sluice plan, sluice apply, sluice drift.
version: 1

# Without a gateway block, Sluice uses its embedded gateway, with data in .sluice/gateway.db. A real one looks like this;
# the token comes from the environment (SLUICE_TOKEN), never from this file.
# gateway:
#   provider: apig
#   endpoint: https://apig.eu-de.otc.t-systems.com
#   project_id: ${PROJECT_ID}
#   instance_id: ${INSTANCE_ID}

groups:
  - name: hello                  # the API group on the gateway
    description: A first group
    swagger: hello.yaml          # relative to this file
    environments: [RELEASE]      # publish there; []: import, don't publish
    operations:                  # what a plain Swagger file does not say
      auth: none                 # none | app | iam | authorizer NAME
      backend: {type: HTTP, address: "backend.internal:8080", scheme: http, timeout: 5000}
)";

constexpr std::string_view kStarterSwagger = R"(swagger: "2.0"
info: {title: hello, version: "1.0"}
basePath: /v1
schemes: [https]
paths:
  /hello/{name}:
    get:
      operationId: sayHello
      description: Says hello
      parameters:
        - {name: name, in: path, type: string, required: true}
      responses: {default: {description: a greeting}}
)";

Value diagnostics_to_json(const Diagnostics& diagnostics) {
  Value list = Value::array();
  for (const Diagnostic& diagnostic : diagnostics) list.push(diagnostic_to_json(diagnostic));
  Value json = Value::object();
  return json.set("valid", !has_errors(diagnostics)).set("diagnostics", std::move(list));
}

}  // namespace

ExitCode run_init(const CommandContext& context) {
  const std::string folder = context.invocation.arguments.empty() ? "." : context.invocation.arguments[0];
  const std::string manifest = (std::filesystem::path(folder) / "sluice.yaml").lexically_normal().string();
  const std::string swagger = (std::filesystem::path(folder) / "hello.yaml").lexically_normal().string();
  for (const std::string& path : {manifest, swagger}) {
    if (file_exists(path)) {
      return report(
          {ErrorKind::Conflict,
           fmt::format("{} exists and is not overwritten: choose another folder, as in `sluice init DIR`.", path)});
    }
  }
  if (const auto written = create_file(manifest, kStarterManifest); !written) return report(written.error());
  if (const auto written = create_file(swagger, kStarterSwagger); !written) return report(written.error());
  tell_stdout(fmt::format("Wrote {} and {}. Next: sluice plan{}\n", manifest, swagger,
                          folder == "." ? "" : fmt::format(" -f {}", manifest)));
  return ExitCode::Done;
}

ExitCode run_validate(const CommandContext& context) {
  const auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  Manifest readable;
  auto manifest = load_manifest(context.invocation, context.environment, &readable);
  Diagnostics diagnostics = std::move(manifest.diagnostics);
  std::size_t operations = 0;
  if (manifest.value) readable = std::move(*manifest.value);
  const Targets targets(context.invocation.values("target"), context.invocation.values("exclude"));
  std::set<Address> known;
  for (const GroupSettings& group : readable.groups) known.insert(Address::group(group.name));
  for (const PolicyDefinition& policy : readable.policies) known.insert(policy.address);
  const auto unmeant =
      std::erase_if(readable.groups, [&](const GroupSettings& group) { return !targets.may_concern(group.name); });
  readable.partial = readable.partial || unmeant > 0;  // what the other groups define is not known
  if (!readable.files.empty()) {
    auto groups = load_groups(readable);
    diagnostics.insert(diagnostics.end(), groups.diagnostics.begin(), groups.diagnostics.end());
    if (groups.value) {
      SecretVault vault({}, readable.secrets, sensitive_of(readable));
      for (GroupRequest& group : groups.value->groups) {
        for (const auto& [address, resource] : group.desired.resources) known.insert(address);
        const Diagnostics wrong = vault.seal(group.desired.resources);
        diagnostics.insert(diagnostics.end(), wrong.begin(), wrong.end());
        operations +=
            static_cast<std::size_t>(std::count_if(group.desired.resources.begin(), group.desired.resources.end(),
                                                   [](const auto& entry) { return entry.first.type() == "api"; }));
      }
    }
  }
  for (const GroupSettings& group : readable.groups) {
    report_expired(group.ignore, to_date(context.clock.now()), diagnostics);
  }
  if (const auto wrong = targets.names_nothing(known); wrong && !has_errors(diagnostics))
    return report({ErrorKind::NotFound, *wrong});
  sort_diagnostics(diagnostics);
  const bool valid = !has_errors(diagnostics);
  if (formats->text) print_diagnostics(diagnostics);
  const auto written = write_formats(*formats, [&](const FormatTarget& target) {
    if (target.kind == "json") return write_json_pretty(diagnostics_to_json(diagnostics)) + "\n";
    if (target.kind == "sarif") return render_sarif(diagnostics);
    if (target.kind == "github") return render_github(diagnostics);
    const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(),
                                      [](const Diagnostic& d) { return d.severity == Severity::Error; });
    return valid
               ? fmt::format("Valid: {}.\n", operations == 1 ? "1 operation" : fmt::format("{} operations", operations))
               : fmt::format("Not valid: {}.\n", errors == 1 ? "1 error" : fmt::format("{} errors", errors));
  });
  if (!written) return report(written.error());
  return valid ? ExitCode::Done : ExitCode::Different;
}

}  // namespace sluice
