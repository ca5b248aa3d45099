#include "engine/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/files.h"
#include "engine/swagger_files.h"
#include "plan/desired.h"
#include "plan/policies.h"
#include "plan/yaml.h"
#include "providers/apig/apig_provider.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"
#include "providers/http/poco_transport.h"
#include "providers/http/token_transport.h"

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
  CloudConnection(std::unique_ptr<Transport> wire, Secret token, ApigSettings settings)
      : wire_(std::move(wire)), transport_(*wire_, std::move(token)), provider_(transport_, std::move(settings)) {}
  Provider& provider() override { return provider_; }
  bool calls_wait() const override { return true; }

 private:
  std::unique_ptr<Transport> wire_;
  TokenTransport transport_;
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
  Variables variables = environment;
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
  const std::string folder = std::filesystem::path(manifest_path).parent_path().string();
  for (const GroupSettings& settings : manifest.groups) {
    const std::string path = beside(manifest_path, settings.swagger.front());
    auto text = read_file(path);
    if (!text) {
      diagnostics.push_back(file_diagnostic(text.error(), settings.swagger_at));
      continue;
    }
    std::vector<SwaggerFile> files;
    files.push_back({{path, std::move(*text)}, {}});
    auto document = parse_document(files.front().source);
    diagnostics.insert(diagnostics.end(), document.diagnostics.begin(), document.diagnostics.end());
    if (!document.value) continue;
    files.front().document = std::move(*document.value);
    const Diagnostics referenced = load_referenced_files(files, folder);
    diagnostics.insert(diagnostics.end(), referenced.begin(), referenced.end());
    if (has_errors(referenced)) continue;
    auto desired = build_desired(settings, files);
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
                                            const Environment& environment, Clock& clock, bool may_create) {
  const GatewaySettings& settings = manifest.gateway;
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
  const auto token = environment.find("SLUICE_TOKEN");
  const bool signing = environment.contains("SLUICE_ACCESS_KEY") || environment.contains("HW_ACCESS_KEY") ||
                       environment.contains("OS_PASSWORD");
  if (token == environment.end() && signing) {
    return fail(ErrorKind::Unsupported,
                "Signing with access keys and logging in with a password are not built yet: set SLUICE_TOKEN to a "
                "token of IAM.");
  }
  auto wire = connect_to(
      {.url = settings.endpoint, .ca_file = settings.ca_file.empty() ? "" : beside(manifest_path, settings.ca_file)});
  if (!wire) return wire.forward();
  ApigSettings apig{{"apig", settings.endpoint, settings.project_id, settings.instance_id}, capabilities};
  Secret secret_token(token == environment.end() ? std::string() : token->second);
  return std::unique_ptr<Connection>(
      std::make_unique<CloudConnection>(std::move(*wire), std::move(secret_token), std::move(apig)));
}

Result<std::string> state_path(const Invocation& invocation, const Manifest& manifest,
                               const std::string& manifest_path) {
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
