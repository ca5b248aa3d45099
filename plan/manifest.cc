#include "plan/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "plan/block_reader.h"
#include "plan/group_settings.h"
#include "plan/json.h"
#include "plan/move_settings.h"
#include "plan/policy_settings.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr Key kTopKeys[] = {{"version"}, {"gateway"},  {"state"}, {"ratelimits"}, {"acls"},           {"defaults"},
                            {"groups"},  {"external"}, {"moved"}, {"include"},    {"jobs", kNotBuilt}};
constexpr std::string_view kMainOnly[] = {"gateway", "state"};
constexpr Key kGatewayKeys[] = {{"provider"},     {"cloud"},       {"region"},      {"endpoint"},
                                {"iam_endpoint"}, {"project_id"},  {"instance_id"}, {"ca_file"},
                                {"cert_file"},    {"key_file"},    {"limits"},      {"data"},
                                {"latency"},      {"credentials"}, {"quirks"},      {"faults"}};
constexpr Key kLimitKeys[] = {{"apis_per_import"}, {"requests_per_second"}};
constexpr Key kCredentialKeys[] = {{"command"}};

void read_credentials(const Value& credentials, GatewaySettings& settings, BlockReader& reader) {
  reader.check_keys(credentials, kCredentialKeys, "`credentials`");
  const Value* command = credentials.find("command");
  const bool valid = command != nullptr && command->is_array() && !command->items().empty() &&
                     std::all_of(command->items().begin(), command->items().end(),
                                 [](const Value& word) { return word.is_string() && !word.as_string().empty(); });
  if (!valid) {
    reader.error("value-unknown", "`credentials` has no `command` that is a list of texts.",
                 "Write `command: [./get-token.sh]`: a program and its arguments; no shell reads them.",
                 command != nullptr ? command->mark() : credentials.mark());
    return;
  }
  for (const Value& word : command->items()) settings.credentials_command.push_back(word.as_string());
}

/// What can be told of an address without asking: the rest is for whoever connects.
void check_endpoint(const Value& gateway, std::string_view name, const std::string& url, BlockReader& reader) {
  if (url.empty()) return;
  const std::uint32_t mark = gateway.find(name)->mark();
  const std::string folded = lower(url);
  const bool open = folded.starts_with("http://");
  if (!open && !folded.starts_with("https://")) {
    reader.error("endpoint-form", fmt::format("`{}` is not a URL of the form https://host or https://host:port.", name),
                 "Write it with https://.", mark);
    return;
  }
  if (!open) return;
  const std::string_view rest = std::string_view(folded).substr(std::string_view("http://").size());
  const bool here =
      rest.starts_with("127.") || rest.starts_with("[::1]") || rest.substr(0, rest.find_first_of(":/")) == "localhost";
  if (here) return;
  reader.error("endpoint-open",
               fmt::format("`{}` would send credentials unencrypted: http is for localhost only.", name),
               "Write https://.", mark);
}

void read_gateway(const Value& gateway, GatewaySettings& settings, BlockReader& reader) {
  reader.check_keys(gateway, kGatewayKeys, "`gateway`");
  settings.given = true;
  settings.at = reader.at(gateway.mark());
  constexpr std::string_view kProviders[] = {"apig", "dataarts", "embedded"};
  constexpr std::string_view kClouds[] = {"huawei", "otc"};
  reader.read_choice(gateway, "provider", kProviders, settings.provider);
  reader.read_choice(gateway, "cloud", kClouds, settings.cloud);
  for (const auto& [name, field] :
       std::initializer_list<std::pair<std::string_view, std::string*>>{{"region", &settings.region},
                                                                        {"endpoint", &settings.endpoint},
                                                                        {"iam_endpoint", &settings.iam_endpoint},
                                                                        {"project_id", &settings.project_id},
                                                                        {"instance_id", &settings.instance_id},
                                                                        {"ca_file", &settings.ca_file},
                                                                        {"cert_file", &settings.cert_file},
                                                                        {"key_file", &settings.key_file},
                                                                        {"data", &settings.data},
                                                                        {"latency", &settings.latency},
                                                                        {"faults", &settings.faults}}) {
    reader.read_text(gateway, name, *field);
  }
  if (const Value* quirks = reader.block(gateway, "quirks")) {
    for (const auto& member : quirks->members()) {
      reader.read_text(*quirks, member.key, settings.quirks[member.key]);
      settings.quirks_at[member.key] = reader.at(member.key_mark);
    }
  }
  if (const Value* latency = gateway.find("latency")) settings.latency_at = reader.at(latency->mark());
  check_endpoint(gateway, "endpoint", settings.endpoint, reader);
  check_endpoint(gateway, "iam_endpoint", settings.iam_endpoint, reader);
  for (const std::string_view name : {"data", "latency", "quirks", "faults"}) {
    if (settings.provider == "embedded" || gateway.find(name) == nullptr) continue;
    reader.error("gateway-embedded", fmt::format("`{}` is for the embedded gateway only.", name),
                 "Leave it out, or give it to `sluice gateway serve`.", gateway.find(name)->mark());
  }
  if (gateway.find("provider") == nullptr && !settings.endpoint.empty()) {
    reader.error("gateway-incomplete", "`gateway` has an `endpoint` but no `provider`.", "Add `provider: apig`.",
                 gateway.mark());
  } else if (settings.provider == "embedded" && !settings.endpoint.empty()) {
    reader.error("gateway-incomplete", "The embedded gateway has no `endpoint`.",
                 "Say `provider: apig` to use the endpoint, or leave it out.", gateway.find("endpoint")->mark());
  }
  if (settings.provider == "dataarts") {
    reader.error("not-built", "The provider dataarts is not built yet.", "Use apig or embedded.",
                 gateway.find("provider")->mark());
  }
  if (settings.provider == "apig") {
    for (const auto& [name, field] :
         std::initializer_list<std::pair<std::string_view, std::string*>>{{"endpoint", &settings.endpoint},
                                                                          {"project_id", &settings.project_id},
                                                                          {"instance_id", &settings.instance_id}}) {
      if (!field->empty()) continue;
      const bool by_region = !settings.region.empty() || reader.variables().contains("HW_REGION_NAME");
      if (name == "endpoint" && by_region) continue;
      reader.error("gateway-incomplete", fmt::format("`gateway` of provider apig has no `{}`.", name),
                   name == "endpoint"
                       ? "Add the address of the service, such as https://apig.eu-de.otc.t-systems.com, or a `region`."
                       : "Add it; the console shows it.",
                   gateway.mark());
    }
  }
  if (const Value* limits = reader.block(gateway, "limits")) {
    reader.check_keys(*limits, kLimitKeys, "`limits`");
    if (const Value* apis = limits->find("apis_per_import")) reader.read_count(*apis, settings.apis_per_import);
    if (const Value* rate = limits->find("requests_per_second")) reader.read_count(*rate, settings.requests_per_second);
  }
  if (const Value* credentials = reader.block(gateway, "credentials")) read_credentials(*credentials, settings, reader);
}

}  // namespace

ManifestReader::ManifestReader(VariableSources sources) : reader_(std::make_unique<BlockReader>(std::move(sources))) {}
ManifestReader::~ManifestReader() = default;

std::vector<FilePattern> ManifestReader::read(SourceText source, std::size_t included_by) {
  const bool included = !defaults_.empty();
  const auto root = reader_->add(std::move(source));
  Value& defaults = defaults_.emplace_back();
  if (!root) return {};
  if (!root->is_object()) {
    reader_->error("manifest-shape", "The manifest is not a map.", "Start it with `version: 1` and a `groups` list.",
                   root->mark());
    return {};
  }
  read_top(*root, included);
  if (const Value* own = reader_->block(*root, "defaults")) {
    check_defaults(*own, *reader_);
    defaults = *own;
    defaults_extents_.push_back(extent_in(*root, own->mark()));
  }
  if (included) defaults = with_defaults(defaults_[included_by], defaults);
  if (const Value* risks = included ? nullptr : reader_->block(defaults, "risks"))
    manifest_.risks = read_risks(*risks, *reader_);
  read_groups(*root, included);
  std::vector<FilePattern> includes;
  for (const Value& pattern : reader_->read_texts(*root, "include")) {
    includes.push_back({pattern.as_string(), reader_->at(pattern.mark())});
  }
  return includes;
}

void ManifestReader::report(Diagnostic diagnostic) { reader_->report(std::move(diagnostic)); }

Parsed<Manifest> ManifestReader::finish() {
  check_group_names();
  check_policies_once(manifest_.policies, manifest_.external, *reader_);
  check_moves(manifest_.moved, manifest_.groups, *reader_);
  manifest_.files = reader_->files();
  manifest_.secrets = reader_->secrets();
  Diagnostics diagnostics = reader_->take_diagnostics();
  if (has_errors(diagnostics)) {
    found_ = diagnostics;
    return {std::nullopt, std::move(diagnostics)};
  }
  return {std::move(manifest_), std::move(diagnostics)};
}

ManifestReader::Extent ManifestReader::extent_in(const Value& root, std::uint32_t from) const {
  std::uint32_t to = std::numeric_limits<std::uint32_t>::max();
  const auto note = [&](std::uint32_t mark) {
    if (mark > from) to = std::min(to, mark);
  };
  for (const auto& member : root.members()) note(member.key_mark);
  if (const Value* groups = root.find("groups")) {
    for (const Value& group : groups->items()) note(group.mark());
  }
  const bool last = to == std::numeric_limits<std::uint32_t>::max();
  return {reader_->at(from), last ? std::nullopt : std::optional(reader_->at(to))};
}

Manifest ManifestReader::readable() const {
  const auto before = [](const SourceSpan& a, const SourceSpan& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  };
  const auto wrong = [&](const Extent& extent) {
    return std::any_of(found_.begin(), found_.end(), [&](const Diagnostic& one) {
      return one.severity == Severity::Error && one.at.file == extent.from.file && !before(one.at, extent.from) &&
             (!extent.to || before(one.at, *extent.to));
    });
  };
  Manifest readable = manifest_;
  readable.partial = true;
  readable.groups.clear();
  if (std::any_of(defaults_extents_.begin(), defaults_extents_.end(), wrong)) return readable;
  for (std::size_t i = 0; i < manifest_.groups.size(); ++i) {
    if (read_well_[i] != 0 && !wrong(group_extents_[i])) readable.groups.push_back(manifest_.groups[i]);
  }
  return readable;
}

void ManifestReader::read_top(const Value& root, bool included) {
  reader_->check_keys(root, kTopKeys, "the manifest");
  const Value* version = root.find("version");
  const bool right = version != nullptr && (*version == Value(1) || *version == Value("1"));
  if (!right && (version != nullptr || !included)) {
    reader_->error("manifest-version",
                   version == nullptr ? "The manifest does not say its version."
                                      : fmt::format("The manifest's version is {}, and this Sluice reads version 1.",
                                                    write_json(*version)),
                   "Write `version: 1`.", version != nullptr ? version->mark() : root.mark());
  }
  if (included) {
    for (const auto& member : root.members()) {
      if (std::find(std::begin(kMainOnly), std::end(kMainOnly), member.key) == std::end(kMainOnly)) continue;
      reader_->error("include-key", fmt::format("An included file has a `{}`.", member.key),
                     "Move it to the manifest that includes this file: there is one for all groups.", member.key_mark);
    }
  } else {
    if (const Value* gateway = reader_->block(root, "gateway")) read_gateway(*gateway, manifest_.gateway, *reader_);
    reader_->read_text(root, "state", manifest_.state);
    const bool in_postgres = manifest_.state.starts_with("postgres://") || manifest_.state.starts_with("postgresql://");
    if (manifest_.state.find("://") != std::string::npos && !in_postgres) {
      reader_->error("not-built", "State behind HTTP is not built yet.",
                     "Name a file, such as .sluice/state.db, or postgres://USER@HOST/DATABASE?name=STATE.",
                     root.find("state")->mark());
    }
  }
  read_policies(root, *reader_, manifest_.policies);
  read_external(root, *reader_, manifest_.external);
  read_moved(root, *reader_, manifest_.moved);
}

void ManifestReader::read_groups(const Value& root, bool included) {
  const Value* groups = root.find("groups");
  if (groups == nullptr && (included || root.find("include") != nullptr)) return;
  if (groups == nullptr || !groups->is_array()) {
    reader_->error("manifest-shape", "The manifest has no list of `groups`.",
                   "Add one; `groups: []` is a manifest that asks for nothing.",
                   groups != nullptr ? groups->mark() : root.mark());
    return;
  }
  for (const Value& group : groups->items()) {
    const std::size_t findings = reader_->findings();
    auto settings = read_group(group, defaults_.back(), *reader_);
    if (!settings) continue;
    manifest_.groups.push_back(std::move(*settings));
    read_well_.push_back(reader_->findings() == findings ? 1 : 0);
    group_extents_.push_back(extent_in(root, group.mark()));
  }
}

void ManifestReader::check_group_names() {
  std::map<std::string_view, const GroupSettings*> seen;
  for (const GroupSettings& group : manifest_.groups) {
    const auto [first, fresh] = seen.emplace(group.name, &group);
    if (fresh) continue;
    reader_->report({Severity::Error, "group-twice", fmt::format("The group {} appears twice.", group.name),
                     fmt::format("It is also at {}; join the two, or rename one.", to_string(first->second->at)),
                     group.at});
  }
}

Parsed<Manifest> parse_manifest(const SourceText& source, const Variables& variables, const Variables& environment) {
  ManifestReader reader({variables, environment});
  reader.read(source);
  return reader.finish();
}

}  // namespace sluice
