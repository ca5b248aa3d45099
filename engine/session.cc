#include "engine/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cloud.h"
#include "engine/files.h"
#include "plan/desired.h"
#include "plan/policies.h"
#include "plan/yaml.h"
#include "providers/apig/apig_provider.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"

namespace sluice {
namespace {

constexpr std::string_view kSecretNames[] = {"SLUICE_TOKEN",  "SLUICE_ACCESS_KEY", "SLUICE_SECRET_KEY", "HW_ACCESS_KEY",
                                             "HW_SECRET_KEY", "OS_USERNAME",       "OS_PASSWORD"};
constexpr std::string_view kLocal = "local";  // project and instance of an embedded gateway

Diagnostic file_diagnostic(const Error& error, SourceSpan at) {
  return {Severity::Error, "file-unreadable", error.message, "Correct the path, or create the file.", std::move(at)};
}

std::string manifest_path_of(const Invocation& invocation) { return invocation.value("file", "sluice.yaml"); }

class EmbeddedConnection final : public Connection {
 public:
  EmbeddedConnection(std::unique_ptr<gateway::Gateway> gateway, Clock& clock, ApigSettings settings)
      : gateway_(std::move(gateway)),
        transport_(*gateway_, [&clock] { return clock.now(); }),
        provider_(transport_, std::move(settings)) {}
  Provider& provider() override { return provider_; }
  bool calls_wait() const override { return false; }

 private:
  std::unique_ptr<gateway::Gateway> gateway_;
  gateway::LocalTransport transport_;
  ApigProvider provider_;
};

class CloudConnection final : public Connection {
 public:
  CloudConnection(std::unique_ptr<Patience> patience, std::unique_ptr<Transport> transport, ApigSettings settings)
      : patience_(std::move(patience)), transport_(std::move(transport)), provider_(*transport_, std::move(settings)) {}
  Provider& provider() override { return provider_; }
  bool calls_wait() const override { return true; }
  void stop_waiting() override { patience_->end(); }

 private:
  std::unique_ptr<Patience> patience_;
  std::unique_ptr<Transport> transport_;
  ApigProvider provider_;
};

std::string found_secret(const Environment& environment) {
  for (const std::string_view name : kSecretNames) {
    const auto at = environment.find(name);
    if (at != environment.end() && !at->second.empty()) return std::string(name);
  }
  return {};
}

Result<std::unique_ptr<Connection>> connect_embedded(const GatewaySettings& settings, const std::string& manifest_path,
                                                     Capabilities capabilities, Clock& clock, bool may_create) {
  const auto latency = parse_duration(settings.latency);
  if (!latency) return latency.forward();
  std::string data = beside(manifest_path, settings.data);
  if (!may_create && !file_exists(data)) data = ":memory:";
  if (may_create) {
    if (auto made = make_parent_folder(data); !made) return made.forward();
  }
  auto opened = gateway::Gateway::open({.data = data, .latency = *latency, .quirks = {}});
  if (!opened) return opened.forward();
  const auto named = [](const std::string& given) { return given.empty() ? std::string(kLocal) : given; };
  ApigSettings apig{{"embedded", settings.data, named(settings.project_id), named(settings.instance_id)}, capabilities};
  return std::unique_ptr<Connection>(std::make_unique<EmbeddedConnection>(std::move(*opened), clock, std::move(apig)));
}

}  // namespace

Parsed<Manifest> load_manifest(const Invocation& invocation, const Environment& environment) {
  const std::string path = manifest_path_of(invocation);
  auto text = read_file(path);
  if (!text) {
    return {std::nullopt,
            {{Severity::Error,
              "file-unreadable",
              text.error().message,
              "Make one with `sluice init`, or name yours with --file FILE.",
              {path}}}};
  }
  Variables variables = invocation.has("untrusted") ? Variables() : environment;  // they may be secrets
  for (const std::string& given : invocation.values("var")) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos || equals == 0) {
      return {std::nullopt,
              {{Severity::Error,
                "variable-syntax",
                fmt::format("--var {} is not NAME=VALUE.", given),
                "Write --var NAME=VALUE.",
                {}}}};
    }
    variables.insert_or_assign(given.substr(0, equals), given.substr(equals + 1));
  }
  return parse_manifest({path, std::move(*text)}, variables);
}

Parsed<std::vector<GroupRequest>> load_groups(const Manifest& manifest, const std::string& manifest_path) {
  std::vector<GroupRequest> groups;
  std::vector<DesiredGroup> read;
  Diagnostics diagnostics;
  for (const GroupSettings& settings : manifest.groups) {
    const std::string path = beside(manifest_path, settings.swagger.front());
    auto text = read_file(path);
    if (!text) {
      diagnostics.push_back(file_diagnostic(text.error(), settings.swagger_at));
      continue;
    }
    SwaggerFile file{{path, std::move(*text)}, {}};
    auto document = parse_document(file.source);
    diagnostics.insert(diagnostics.end(), document.diagnostics.begin(), document.diagnostics.end());
    if (!document.value) continue;
    file.document = std::move(*document.value);
    auto desired = build_desired(settings, {&file, 1});
    diagnostics.insert(diagnostics.end(), desired.diagnostics.begin(), desired.diagnostics.end());
    if (!desired.value) continue;
    const Diagnostics settled = settle_references(settings, *desired.value);
    diagnostics.insert(diagnostics.end(), settled.begin(), settled.end());
    groups.push_back({settings.name,
                      settings.owner,
                      desired.value->state,
                      {.environments = settings.environments, .prune = settings.prune}});
    read.push_back(std::move(*desired.value));
  }
  if (read.size() == manifest.groups.size()) {  // else a policy may look as if nothing defined it
    auto policies = build_policies(manifest, read);
    diagnostics.insert(diagnostics.end(), policies.diagnostics.begin(), policies.diagnostics.end());
    if (policies.value && !(policies.value->resources.empty() && manifest.external.empty())) {
      groups.push_back({.name = "", .owner = "", .desired = std::move(*policies.value), .options = {}});
      groups.back().options.external = manifest.external;
    }
  }
  if (has_errors(diagnostics)) return {std::nullopt, std::move(diagnostics)};
  return {std::move(groups), std::move(diagnostics)};
}

Result<std::unique_ptr<Connection>> connect(const Manifest& manifest, const std::string& manifest_path,
                                            const Invocation& invocation, const Environment& environment, Clock& clock,
                                            bool may_create) {
  const GatewaySettings& settings = manifest.gateway;
  if (auto allowed = check_untrusted(settings, invocation); !allowed) return allowed.forward();
  const std::string secret = found_secret(environment);
  if (!settings.given && !secret.empty()) {
    return fail(ErrorKind::Refused,
                fmt::format("{} is set, but {} names no gateway, so this would run against the embedded one: add a "
                            "`gateway` block, or unset the credentials.",
                            secret, manifest_path));
  }
  Capabilities capabilities;
  capabilities.apis_per_import = settings.apis_per_import;
  if (settings.provider == "embedded")
    return connect_embedded(settings, manifest_path, capabilities, clock, may_create);
  const auto deadline = parse_duration(invocation.value("deadline", "2h"));
  if (!deadline) return deadline.forward();
  auto patience = std::make_unique<Patience>(clock, *deadline);
  auto cloud = reach_cloud(settings, manifest_path, invocation, environment, patience->timing(), clock);
  if (!cloud) return cloud.forward();
  ApigSettings apig{{"apig", cloud->endpoint, settings.project_id, settings.instance_id}, capabilities};
  return std::unique_ptr<Connection>(
      std::make_unique<CloudConnection>(std::move(patience), std::move(cloud->transport), std::move(apig)));
}

Result<std::string> state_path(const Invocation& invocation, const Manifest& manifest,
                               const std::string& manifest_path) {
  if (!invocation.has("state") && invocation.has("untrusted")) {
    return fail(ErrorKind::Refused, "--untrusted takes the state from the command line only: say --state FILE.");
  }
  if (!invocation.has("state")) return beside(manifest_path, manifest.state);
  const std::string given = invocation.value("state");
  if (given.find("://") != std::string::npos) {
    return fail(ErrorKind::Unsupported, "State in PostgreSQL or behind HTTP is not built yet: name a file.");
  }
  return given;
}

Result<void> check_same_gateway(const StateSnapshot& state, const GatewayIdentity& gateway) {
  if (!state.exists() || state.gateway == gateway) return {};
  return fail(
      ErrorKind::Refused,
      fmt::format("The state belongs to {}, and the manifest names {}: use the state of that gateway (--state).",
                  to_string(state.gateway), to_string(gateway)));
}

}  // namespace sluice
