#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/commands/command.h"
#include "engine/files.h"
#include "engine/observation.h"
#include "engine/output.h"
#include "plan/export_files.h"
#include "plan/json.h"
#include "plan/plan_json.h"
#include "plan/policies.h"
#include "plan/render_text.h"
#include "plan/yaml.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

std::string absolute(const std::string& path) {
  std::error_code code;
  const fs::path whole = fs::absolute(path, code);
  return code ? path : whole.lexically_normal().string();
}

/// A path that the manifest says, as a manifest in `folder` must say it.
Value moved_path(const Value& path, const std::string& manifest, const std::string& folder) {
  if (!path.is_string() || path.as_string().empty() || path.as_string().find("${") != std::string::npos) return path;
  if (fs::path(path.as_string()).is_absolute()) return path;
  const std::string target = absolute(beside(manifest, path.as_string()));
  return fs::path(target).lexically_relative(absolute(folder)).string();
}

/// The gateway block of the manifest in use, as one in `folder` must say it; null where it needs none.
Result<Value> gateway_block(const Manifest& manifest, const Invocation& invocation, const std::string& folder) {
  const std::string& path = manifest.files.front();
  auto text = read_file(path);
  if (!text) return text.forward();
  const auto document = parse_document({path, std::move(*text)});
  const Value* written = document.value ? document.value->find("gateway") : nullptr;
  Value gateway = written != nullptr && written->is_object() ? *written : Value::object();
  for (const std::string_view key : {"ca_file", "cert_file", "key_file", "faults"}) {
    if (const Value* file = gateway.find(key)) gateway.set(key, moved_path(*file, path, folder));
  }
  if (const Value* credentials = gateway.find("credentials")) {
    Value moved = *credentials;
    const Value* command = moved.find("command");
    if (command != nullptr && !command->items().empty()) {
      Value words = *command;
      Value& program = words.mutable_items().front();
      if (program.is_string() && program.as_string().find('/') != std::string::npos) {
        program = moved_path(program, path, folder);
        if (program.as_string().find('/') == std::string::npos) program = "./" + program.as_string();
      }
      moved.set("command", std::move(words));
    }
    gateway.set("credentials", std::move(moved));
  }
  if (manifest.gateway.provider == "embedded") {
    const Value data = moved_path(manifest.gateway.data, path, folder);
    const bool by_default = data == Value(GatewaySettings{}.data);
    if (by_default) gateway.erase("data");
    if (!by_default) gateway.set("provider", "embedded").set("data", data);
  } else if (invocation.has("endpoint")) {
    gateway.set("endpoint", invocation.value("endpoint"));
  }
  return gateway.empty() ? Value() : gateway;
}

class ExportCommand {
 public:
  ExportCommand(const CommandContext& context, Formats formats, RunSettings run, SplitBy split)
      : context_(context),
        formats_(std::move(formats)),
        run_(std::move(run)),
        split_(split),
        out_(context.invocation.value("out")),
        interruption_(context.clock, run_.deadline) {
    run_.options.interrupted = [this] { return stop_requested(interruption_, workspace_); };
  }

  ExitCode run() {
    auto manifest = load_manifest(context_.invocation, context_.environment);
    print_diagnostics(manifest.diagnostics);
    if (!manifest.value) return ExitCode::Error;
    workspace_.manifest = std::move(*manifest.value);
    if (const auto meant = check_endpoint(workspace_.manifest, context_.invocation); !meant) {
      const ExitCode code = report(meant.error());
      return meant.error().kind == ErrorKind::Refused ? code : ExitCode::Usage;
    }
    auto connection = connect(workspace_.manifest, context_.invocation.value("file", "sluice.yaml"),
                              context_.invocation, context_.environment, context_.clock, false);
    if (!connection) return report(connection.error());
    workspace_.connection = std::move(*connection);
    if (!workspace_.connection->calls_wait()) run_.options.threads = 0;
    const auto written = write();
    return written ? ExitCode::Done : interruption_.signal().value_or(report(written.error()));
  }

 private:
  Result<void> write() {
    auto names = group_names();
    if (!names) return names.forward();
    if (out_.empty() && !formats_.json && (names->size() > 1 || split_ != SplitBy::Nothing)) {
      return fail(ErrorKind::Invalid, fmt::format("{} would be written: say where with --out DIR.",
                                                  names->size() > 1 ? fmt::format("{} groups", names->size())
                                                                    : std::string("Several files")));
    }
    if (auto seen = look(*names); !seen) return seen;
    ExportOptions options{.split = split_};
    options.cloud = cloud_of(workspace_.manifest.gateway.provider, workspace_.manifest.gateway.cloud);
    options.sensitive = sensitive_of(workspace_.manifest);
    auto gateway = gateway_block(workspace_.manifest, context_.invocation, out_.empty() ? "." : out_);
    if (!gateway) return gateway.forward();
    options.gateway = std::move(*gateway);
    const ExportedFiles files = export_files(groups_, policies_, options);
    if (auto made = out_.empty() ? Result<void>() : create(files.files); !made) return made;
    print_diagnostics(files.warnings);
    return tell_what_was_written(files);
  }

  /// The groups that --group names, and all environments.
  Result<std::vector<std::string>> group_names() {
    std::vector<std::string> globs = context_.invocation.values("group");
    if (globs.empty()) globs = {"**"};
    std::set<std::string> all;
    Observation observation(workspace_.connection->provider(), context_.clock, run_.options,
                            {{.group = "", .groups = true}});
    const auto observed = observation.finish([&](const ExportRequest&, ExportDone done) -> Result<void> {
      all = std::move(done.objects.groups);
      environments_.assign(done.live.environments.begin(), done.live.environments.end());
      return {};
    });
    if (!observed) return observed.forward();
    std::set<std::string> named;
    for (const std::string& glob : globs) {
      const std::size_t before = named.size();
      bool any = false;
      for (const std::string& name : all) {
        if (!matches_glob(glob, name)) continue;
        named.insert(name);
        any = true;
      }
      if (any || named.size() != before) continue;
      const std::string near = did_you_mean(glob, std::vector<std::string_view>(all.begin(), all.end()));
      return fail(ErrorKind::NotFound, fmt::format("--group {} names no group of {}{}.", glob,
                                                   to_string(workspace_.connection->provider().identity()),
                                                   near.empty() ? "" : fmt::format("; near it is {}", near)));
    }
    return std::vector<std::string>(named.begin(), named.end());
  }

  Result<void> look(const std::vector<std::string>& names) {
    std::vector<ExportRequest> requests;
    for (const std::string& name : names) {
      requests.push_back({.group = name, .environments = environments_, .responses = true});
    }
    {
      const Waiting waiting(context_, "Exporting");
      Observation observation(workspace_.connection->provider(), context_.clock, run_.options, std::move(requests));
      const auto observed = observation.finish([&](const ExportRequest& exported, ExportDone done) -> Result<void> {
        if (done.live.resources.empty())
          return fail(ErrorKind::Unavailable, fmt::format("The group {} went away meanwhile.", exported.group));
        groups_.emplace(exported.group, std::move(done.live));
        return {};
      });
      if (!observed) return observed;
    }
    std::set<Address> used;
    for (const auto& [name, live] : groups_) {
      for (const auto& [address, resource] : live.resources) {
        if (address.type() != "api") continue;
        for (const Address& policy : policies_used_by(resource.body)) used.insert(policy);
      }
    }
    if (used.empty()) return {};
    Observation observation(workspace_.connection->provider(), context_.clock, run_.options,
                            {{.group = "", .policies = {used.begin(), used.end()}}});
    return observation.finish([&](const ExportRequest&, ExportDone done) -> Result<void> {
      policies_ = std::move(done.live);
      return {};
    });
  }

  /// All of them or none; nothing that is there is replaced.
  Result<void> create(const std::vector<ExportedFile>& files) const {
    const auto path_of = [this](const ExportedFile& file) { return (fs::path(out_) / file.path).string(); };
    for (const ExportedFile& file : files) {
      if (!file_exists(path_of(file))) continue;
      return fail(ErrorKind::Conflict,
                  fmt::format("{} exists, and an export replaces nothing: name another folder with "
                              "--out, or move it away. Nothing was written.",
                              path_of(file)));
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      auto made = create_file(path_of(files[i]), files[i].text);
      if (made) continue;
      for (std::size_t k = 0; k < i; ++k) remove_file(path_of(files[k]));
      return made;
    }
    return {};
  }

  Result<void> tell_what_was_written(const ExportedFiles& files) const {
    if (formats_.json) {
      if (auto written = write_output(*formats_.json, write_json_pretty(to_json(files)) + "\n"); !written)
        return written;
    }
    if (formats_.text) {
      std::string text;
      for (const ExportedFile& file : files.files) {
        if (!out_.empty()) text += printable((fs::path(out_) / file.path).string()) + "\n";
      }
      if (out_.empty()) text = files.files.back().text;  // of the only group
      if (auto written = write_output(*formats_.text, text); !written) return written;
    }
    if (!files.secrets.empty()) {
      std::string names;
      for (const ExportedSecret& secret : files.secrets)
        names += fmt::format("  {} ({}{})\n", secret.name, printable(secret.first),
                             secret.uses > 1 ? fmt::format(", and {} more", secret.uses - 1) : "");
      print_warning(fmt::format(
          "{} not written, and the manifest reads {} from the environment: set before `sluice plan`:",
          files.secrets.size() == 1 ? "1 value that looks like a credential is"
                                    : fmt::format("{} values that look like credentials are", files.secrets.size()),
          files.secrets.size() == 1 ? "it" : "them"));
      tell(names);
    }
    if (context_.invocation.has("quiet") || out_.empty()) return {};
    std::size_t apis = 0;
    for (const ExportedGroup& group : files.groups) apis += group.apis;
    tell(fmt::format("Exported {} with {}; look with: sluice plan --file {}\n",
                     files.groups.size() == 1 ? "1 group" : fmt::format("{} groups", files.groups.size()),
                     apis == 1 ? "1 API" : fmt::format("{} APIs", apis),
                     printable((fs::path(out_) / kExportedManifest).string())));
    return {};
  }

  Value to_json(const ExportedFiles& files) const {
    Value json = Value::object();
    Value list = Value::array();
    for (const ExportedFile& file : files.files) {
      Value entry = Value::object();
      entry.set("path", out_.empty() ? file.path : (fs::path(out_) / file.path).string());
      if (out_.empty()) entry.set("text", file.text);
      list.push(std::move(entry));
    }
    Value groups = Value::array();
    for (const ExportedGroup& group : files.groups) {
      Value environments = Value::array();
      for (const std::string& environment : group.environments) environments.push(environment);
      Value entry = Value::object();
      entry.set("name", group.name).set("apis", static_cast<std::int64_t>(group.apis));
      groups.push(entry.set("environments", std::move(environments)));
    }
    Value secrets = Value::array();
    for (const ExportedSecret& secret : files.secrets) {
      Value entry = Value::object();
      entry.set("name", secret.name).set("uses", static_cast<std::int64_t>(secret.uses)).set("first", secret.first);
      secrets.push(std::move(entry));
    }
    json.set("files", std::move(list)).set("groups", std::move(groups)).set("secrets", std::move(secrets));
    Value warnings = Value::array();
    for (const Diagnostic& warning : files.warnings) warnings.push(diagnostic_to_json(warning));
    return json.set("diagnostics", std::move(warnings));
  }

  const CommandContext& context_;
  Formats formats_;
  RunSettings run_;
  SplitBy split_;
  std::string out_;
  Interruption interruption_;
  Workspace workspace_;
  std::vector<std::string> environments_;
  std::map<std::string, LiveState> groups_;
  LiveState policies_;
};

}  // namespace

ExitCode run_export(const CommandContext& context) {
  auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  auto run = read_run_settings(context.invocation);
  if (!run) return report_usage(run.error().message);
  const std::string split = context.invocation.value("split");
  if (context.invocation.has("split") && split != "tags" && split != "paths")
    return report_usage(fmt::format("--split cannot be \"{}\"; choose tags or paths.", split));
  if (context.invocation.has("out") && context.invocation.value("out").empty())
    return report_usage("--out names no folder.");
  const SplitBy by = split == "tags" ? SplitBy::Tags : split == "paths" ? SplitBy::Paths : SplitBy::Nothing;
  return ExportCommand(context, std::move(*formats), std::move(*run), by).run();
}

}  // namespace sluice
