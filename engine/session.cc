#include "engine/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/cloud.h"
#include "engine/file_patterns.h"
#include "engine/files.h"
#include "engine/swagger_files.h"
#include "plan/policies.h"
#include "plan/safety_settings.h"
#include "plan/yaml.h"
#include "providers/apig/apig_provider.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"
#include "providers/gateway/quirks.h"

namespace sluice {
namespace {

constexpr std::string_view kSecretNames[] = {"SLUICE_TOKEN",  "SLUICE_ACCESS_KEY", "SLUICE_SECRET_KEY", "HW_ACCESS_KEY",
                                             "HW_SECRET_KEY", "OS_USERNAME",       "OS_PASSWORD"};
constexpr std::string_view kLocal = "local";  // project and instance of an embedded gateway

Diagnostic file_diagnostic(const Error& error, SourceSpan at) {
  return {Severity::Error, "file-unreadable", error.message, "Correct the path, or create the file.", std::move(at)};
}

Diagnostic pattern_diagnostic(const Error& error, SourceSpan at) {
  const bool nothing = error.kind == ErrorKind::NotFound;
  return {Severity::Error, nothing ? "glob-nothing" : "glob-outside", error.message,
          nothing ? "Correct it; paths are relative to the file that names them."
                  : "Name files below the folder of the file that names them, or give a plain path.",
          std::move(at)};
}

/// --var over --var-file over the environment.
Parsed<Variables> variables_of(const Invocation& invocation, const Environment& environment) {
  Parsed<Variables> result{environment, {}};
  for (const std::string& path : invocation.values("var-file")) {
    auto text = read_file(path);
    if (!text) {
      return {std::nullopt,
              {{Severity::Error,
                "file-unreadable",
                text.error().message,
                "Correct --var-file, or create the file.",
                {path}}}};
    }
    auto read = parse_variables({path, std::move(*text)});
    result.diagnostics.insert(result.diagnostics.end(), read.diagnostics.begin(), read.diagnostics.end());
    if (!read.value) continue;
    for (auto& [name, value] : *read.value) result.value->insert_or_assign(name, std::move(value));
  }
  for (const std::string& given : invocation.values("var")) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos || equals == 0) {
      result.diagnostics.push_back({Severity::Error,
                                    "variable-syntax",
                                    fmt::format("--var {} is not NAME=VALUE.", given),
                                    "Write --var NAME=VALUE.",
                                    {}});
      continue;
    }
    result.value->insert_or_assign(given.substr(0, equals), given.substr(equals + 1));
  }
  if (has_errors(result.diagnostics)) result.value.reset();
  return result;
}

/// What is wrong with the switches of the embedded gateway, which its own code knows.
Diagnostics wrong_switches(const GatewaySettings& settings) {
  Diagnostics wrong;
  const auto report = [&](std::string_view name, const std::string& why, const SourceSpan& at) {
    wrong.push_back(
        {Severity::Error, "value-unknown", fmt::format("`{}` of `gateway` is not what it takes.", name), why, at});
  };
  if (const auto latency = parse_duration(settings.latency); !latency) {
    report("latency", latency.error().message, settings.latency_at);
  }
  gateway::Rules rules;
  for (const auto& [name, position] : settings.quirks) {
    const auto set = gateway::set_quirk(rules, name, position);
    if (!set) report("quirks", set.error().message, settings.quirks_at.at(name));
  }
  return wrong;
}

/// A manifest on its way from its files: what it includes is found, and read once.
class ManifestLoad {
 public:
  explicit ManifestLoad(VariableSources sources) : reader_(std::move(sources)) {}

  Parsed<Manifest> run(SourceText manifest, Manifest* readable) {
    add(std::move(manifest), 0, {});
    auto whole = reader_.finish();
    if (whole.value) {
      for (Diagnostic& wrong : wrong_switches(whole.value->gateway)) whole.diagnostics.push_back(std::move(wrong));
      if (has_errors(whole.diagnostics)) {
        if (readable != nullptr) *readable = std::move(*whole.value);
        return {std::nullopt, std::move(whole.diagnostics)};
      }
    }
    if (!whole.value && readable != nullptr) *readable = reader_.readable();
    return whole;
  }

 private:
  struct File {
    std::string path;
    std::size_t included_by = 0;
    SourceSpan at;  ///< what named it
  };

  void add(SourceText source, std::size_t included_by, const SourceSpan& at) {
    const std::size_t index = files_.size();
    files_.push_back({source.name, included_by, at});
    for (const FilePattern& include : reader_.read(std::move(source), included_by)) {
      const auto found = files_named(include.at.file, include.text);
      if (!found) reader_.report(pattern_diagnostic(found.error(), include.at));
      if (!found) continue;
      for (const std::string& path : *found) add_included(path, index, include.at);
    }
  }

  void add_included(const std::string& path, std::size_t included_by, const SourceSpan& at) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (!same_file(files_[i].path, path)) continue;
      return reader_.report(is_above(i, included_by) ? cycle(i, included_by, at) : twice(files_[i], at));
    }
    if (files_.size() >= kMostFiles) {
      if (files_.size() == kMostFiles) {
        reader_.report({Severity::Error, "include-many", fmt::format("More than {} files are included.", kMostFiles),
                        "Join some of them.", at});
        files_.push_back({path, included_by, at});
      }
      return;
    }
    auto text = read_file(path);
    if (!text) return reader_.report(file_diagnostic(text.error(), at));
    add({path, std::move(*text)}, included_by, at);
  }

  /// Whether file `above` includes file `below`, straight or through others.
  bool is_above(std::size_t above, std::size_t below) const {
    while (below != above && below != 0) below = files_[below].included_by;
    return below == above;
  }

  Diagnostic cycle(std::size_t first, std::size_t last, const SourceSpan& at) const {
    std::string chain = files_[first].path;
    for (std::size_t i = last; i != first; i = files_[i].included_by) chain.insert(0, files_[i].path + " -> ");
    return {Severity::Error, "include-cycle",
            fmt::format("The file includes itself: {} -> {}.", files_[first].path, chain), "Take one of them out.", at};
  }

  static Diagnostic twice(const File& first, const SourceSpan& at) {
    return {Severity::Error, "include-twice", fmt::format("{} is included twice.", first.path),
            fmt::format("It is also included at {}; take one of them out.", to_string(first.at)), at};
  }

  static constexpr std::size_t kMostFiles = 1000;
  ManifestReader reader_;
  std::vector<File> files_;
};

std::string manifest_path_of(const Invocation& invocation) { return invocation.value("file", "sluice.yaml"); }

class EmbeddedConnection final : public Connection {
 public:
  EmbeddedConnection(std::unique_ptr<gateway::Gateway> gateway, Clock& clock, ApigSettings settings)
      : gateway_(std::move(gateway)),
        transport_(
            *gateway_, [&clock] { return clock.now(); }, [&clock](Milliseconds delay) { clock.sleep_for(delay); }),
        gated_(transport_, gate()),
        provider_(gated_, std::move(settings)) {}
  Provider& provider() override { return provider_; }
  bool calls_wait() const override { return false; }

 private:
  std::unique_ptr<gateway::Gateway> gateway_;
  gateway::LocalTransport transport_;
  GatedTransport gated_;
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

/// What goes wrong on purpose. Of a bad file the first finding is told.
Result<gateway::Faults> read_faults(const std::string& path) {
  auto text = read_file(path);
  if (!text) return text.forward();
  auto read = gateway::Faults::read({path, std::move(*text)});
  if (read.value) return std::move(*read.value);
  check(!read.diagnostics.empty(), "faults that cannot be read have no finding");
  const Diagnostic& first = read.diagnostics.front();
  return fail(ErrorKind::Invalid, fmt::format("{}: {} {}", to_string(first.at), first.summary, first.detail));
}

/// What exists in an embedded gateway by being named; a quirk that it does not know is reported when it opens.
void note_what_names_make(const std::map<std::string, std::string>& quirks, Capabilities& capabilities) {
  gateway::Rules rules;
  for (const auto& [name, position] : quirks) (void)gateway::set_quirk(rules, name, position).has_value();
  capabilities.names_make_channels = !rules.check_channels;
  capabilities.names_make_authorizers = rules.authorizers != gateway::AuthorizerRule::Checked;
}

Result<std::unique_ptr<Connection>> connect_embedded(const GatewaySettings& settings, const std::string& manifest_path,
                                                     Capabilities capabilities, Clock& clock, bool may_create) {
  const auto latency = parse_duration(settings.latency);
  if (!latency) return latency.forward();
  gateway::Options options{.latency = *latency, .quirks = settings.quirks};
  note_what_names_make(settings.quirks, capabilities);
  if (!settings.faults.empty()) {
    auto faults = read_faults(beside(manifest_path, settings.faults));
    if (!faults) return faults.forward();
    options.faults = std::move(*faults);
  }
  std::string data = beside(manifest_path, settings.data);
  if (!may_create && !file_exists(data)) data = ":memory:";
  if (may_create) {
    if (auto made = make_parent_folder(data); !made) return made.forward();
  }
  options.data = data;
  auto opened = gateway::Gateway::open(options);
  if (!opened) return opened.forward();
  const auto named = [](const std::string& given) { return given.empty() ? std::string(kLocal) : given; };
  ApigSettings apig{{"embedded", settings.data, named(settings.project_id), named(settings.instance_id)}, capabilities};
  return std::unique_ptr<Connection>(std::make_unique<EmbeddedConnection>(std::move(*opened), clock, std::move(apig)));
}

}  // namespace

Parsed<Manifest> load_manifest(const Invocation& invocation, const Environment& environment, Manifest* readable) {
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
  // A stranger's manifest sees only what the command line gives it.
  const Environment seen = invocation.has("untrusted") ? Environment() : environment;
  auto variables = variables_of(invocation, seen);
  if (!variables.value) return {std::nullopt, std::move(variables.diagnostics)};
  return ManifestLoad({std::move(*variables.value), seen}).run({path, std::move(*text)}, readable);
}

std::vector<FilePattern> swagger_files(const GroupSettings& group, Diagnostics& diagnostics) {
  std::map<std::string, SourceSpan> files;
  for (const FilePattern& pattern : group.swagger) {
    auto found = files_named(pattern.at.file, pattern.text);
    if (!found) diagnostics.push_back(pattern_diagnostic(found.error(), pattern.at));
    if (!found) continue;
    for (std::string& file : *found) files.emplace(std::move(file), pattern.at);
  }
  std::vector<FilePattern> list;
  for (auto& [file, at] : files) list.push_back({file, at});
  return list;
}

std::optional<SwaggerFile> read_swagger_file(const FilePattern& file, Diagnostics& diagnostics) {
  auto text = read_file(file.text);
  if (!text) {
    diagnostics.push_back(file_diagnostic(text.error(), file.at));
    return std::nullopt;
  }
  SwaggerFile read{{file.text, std::move(*text)}, {}};
  auto document = parse_document(read.source);
  diagnostics.insert(diagnostics.end(), document.diagnostics.begin(), document.diagnostics.end());
  if (!document.value) return std::nullopt;
  read.document = std::move(*document.value);
  return read;
}

Parsed<LoadedGroups> load_groups(const Manifest& manifest, Explanations* explanations) {
  LoadedGroups loaded;
  Diagnostics diagnostics;
  std::vector<DesiredGroup> read;
  const std::string folder = std::filesystem::path(manifest.files.front()).parent_path().string();
  for (const GroupSettings& settings : manifest.groups) {
    const std::vector<FilePattern> names = swagger_files(settings, diagnostics);
    std::vector<SwaggerFile> files;
    for (const FilePattern& name : names) {
      loaded.files.push_back(name.text);
      if (auto file = read_swagger_file(name, diagnostics)) files.push_back(std::move(*file));
    }
    if (files.empty() || files.size() != names.size()) continue;  // what is wrong is reported already
    const Diagnostics referenced = load_referenced_files(files, folder);
    diagnostics.insert(diagnostics.end(), referenced.begin(), referenced.end());
    for (const SwaggerFile& file : files) {
      if (!file.named) loaded.files.push_back(file.source.name);
    }
    if (has_errors(referenced)) continue;
    auto desired =
        build_desired(settings, files, explanations, cloud_of(manifest.gateway.provider, manifest.gateway.cloud));
    diagnostics.insert(diagnostics.end(), desired.diagnostics.begin(), desired.diagnostics.end());
    if (!desired.value) continue;
    const Diagnostics settled = settle_references(settings, *desired.value);
    diagnostics.insert(diagnostics.end(), settled.begin(), settled.end());
    loaded.groups.push_back({settings.name,
                             settings.owner,
                             desired.value->state,
                             {.environments = settings.environments, .prune = settings.prune, .modes = settings.modes},
                             desired.value->objects,
                             settings.environments_at,
                             settings.renamed_from,
                             settings.renamed_from_at});
    std::copy_if(manifest.moved.begin(), manifest.moved.end(), std::back_inserter(loaded.groups.back().arrivals),
                 [&](const MoveRule& rule) { return rule.to == settings.name; });
    loaded.groups.back().options.ignore = settings.ignore;
    loaded.groups.back().options.protect = settings.protect;
    read.push_back(std::move(*desired.value));
  }
  if (read.size() == manifest.groups.size() && !manifest.partial) {  // else a policy may look as if nothing defined it
    RuleUses uses;
    for (std::size_t i = 0; i < read.size(); ++i) uses.note(manifest.groups[i], loaded.groups[i].desired.resources);
    const Diagnostics unmet = uses.unmet();
    diagnostics.insert(diagnostics.end(), unmet.begin(), unmet.end());
    auto policies = build_policies(manifest, read);
    diagnostics.insert(diagnostics.end(), policies.diagnostics.begin(), policies.diagnostics.end());
    if (policies.value && !(policies.value->resources.empty() && manifest.external.empty())) {
      loaded.groups.push_back({.name = "", .owner = "", .desired = std::move(*policies.value), .options = {}});
      loaded.groups.back().options.external = manifest.external;
    }
  }
  if (has_errors(diagnostics)) return {std::nullopt, std::move(diagnostics)};
  return {std::move(loaded), std::move(diagnostics)};
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

Result<void> check_endpoint(const Manifest& manifest, const Invocation& invocation) {
  if (manifest.gateway.provider != "embedded" || !invocation.has("endpoint")) return {};
  return fail(
      invocation.has("untrusted") ? ErrorKind::Refused : ErrorKind::Invalid,
      fmt::format("The embedded gateway has no endpoint: --endpoint {} names one, and the manifest's gateway is "
                  "the embedded one. Write `provider: apig` into its `gateway` block, or leave out --endpoint "
                  "(SLUICE_ENDPOINT).",
                  invocation.value("endpoint")));
}

Result<std::string> state_path(const Invocation& invocation, const Manifest& manifest,
                               const std::string& manifest_path) {
  if (!invocation.has("state") && invocation.has("untrusted")) {
    return fail(ErrorKind::Refused, "--untrusted takes the state from the command line only: say --state FILE.");
  }
  const std::string given = invocation.value("state", manifest.state);
  const bool is_file = given.find("://") == std::string::npos;  // what else it may be, open_state_store knows
  return invocation.has("state") || !is_file ? given : beside(manifest_path, given);
}

Result<void> check_same_gateway(const StateSnapshot& state, const GatewayIdentity& gateway) {
  if (state.holds_nothing() || state.gateway == gateway) return {};
  return fail(
      ErrorKind::Refused,
      fmt::format("The state belongs to {}, and the manifest names {}: use the state of that gateway (--state).",
                  to_string(state.gateway), to_string(gateway)));
}

}  // namespace sluice
