#include "plan/export_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "plan/diff.h"
#include "plan/export_swagger.h"
#include "plan/policies.h"
#include "plan/secrets.h"
#include "plan/variables.h"
#include "plan/words.h"
#include "plan/yaml.h"

namespace sluice {
namespace {

/// A part of a file's path: letters, digits, - and _ only.
std::string file_word(std::string_view text) {
  std::string word;
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (plain) {
      word += c;
    } else if (word.empty() || word.back() != '_') {
      word += '_';
    }
  }
  return word.empty() ? "_" : word;
}

/// Texts of the gateway as a manifest holds them: nothing in them is a variable.
Value without_variables(const Value& value) {
  if (value.is_string()) return replaced(value.as_string(), "${", "$${");
  Value copy = value;
  if (value.is_array()) {
    for (Value& item : copy.mutable_items()) item = without_variables(item);
  } else if (value.is_object()) {
    for (auto& member : copy.mutable_members()) member.value = without_variables(member.value);
  }
  return copy;
}

Value text_list(const std::vector<std::string>& texts) {
  Value list = Value::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

/// Where the APIs of a group are published just as they are.
class Serving {
 public:
  explicit Serving(const LiveState& live) {
    for (const auto& [address, resource] : live.resources) {
      if (address.type() == "api") by_api_[address];
      if (address.type() != "publication") continue;
      published_.insert(address.environment());
      const auto api = live.resources.find(address.api_of_publication());
      const bool same = api != live.resources.end() && api->second.digest == resource.digest;
      if (same) by_api_[address.api_of_publication()].insert(address.environment());
      bound_ = bound_ || !bindings_of(resource.body).empty();
    }
  }

  /// The environments in which every API is served as it is. Where there is none and policies are bound, which takes an
  /// environment, those that most APIs have in common; the others are left out then.
  std::set<std::string> choose() {
    std::set<std::string> common = published_;
    for (const auto& [api, served] : by_api_) {
      std::erase_if(common, [&](const std::string& environment) { return !served.contains(environment); });
    }
    if (!common.empty() || !bound_) return common;
    std::map<std::set<std::string>, std::size_t> counts;
    for (const auto& [api, served] : by_api_) {
      if (!served.empty()) ++counts[served];
    }
    std::size_t most = 0;
    for (const auto& [served, count] : counts) {
      if (count <= most) continue;
      most = count;
      common = served;
    }
    for (const auto& [api, served] : by_api_) {
      if (!std::includes(served.begin(), served.end(), common.begin(), common.end())) left_out_.insert(api);
    }
    return common;
  }

  const std::set<std::string>& published() const { return published_; }
  const std::set<Address>& left_out() const { return left_out_; }
  /// An API that is not served there as it is; for a published environment that is not common.
  Address missing_in(const std::string& environment) const {
    const auto at = std::find_if(by_api_.begin(), by_api_.end(),
                                 [&](const auto& entry) { return !entry.second.contains(environment); });
    return at->first;
  }

 private:
  std::map<Address, std::set<std::string>> by_api_;
  std::set<std::string> published_;
  std::set<Address> left_out_;
  bool bound_ = false;
};

class Export {
 public:
  Export(const std::map<std::string, LiveState>& groups, const LiveState& policies, const ExportOptions& options)
      : groups_(groups), policies_(policies), options_(options) {
    paths_.insert(std::string(kExportedManifest));
  }

  ExportedFiles run() {
    Value manifest = Value::object();
    manifest.set("version", 1);
    if (!options_.gateway.is_null()) manifest.set("gateway", options_.gateway);
    Value groups = Value::array();
    for (const auto& [name, live] : groups_) look_for_secrets(live);
    for (const auto& [name, live] : groups_) groups.push(write_group(name, live));
    write_policies(manifest);
    manifest.set("groups", std::move(groups));
    result_.files.insert(result_.files.begin(), {std::string(kExportedManifest), write_yaml(manifest)});
    if (unknown_ > 0) {
      warn("export-unknown",
           fmt::format("{} of the gateway that this version does not know {} not written.",
                       counted(unknown_, "field", "fields"), unknown_ == 1 ? "is" : "are"),
           "Imports carry them along.");
    }
    read_back(manifest);
    return std::move(result_);
  }

 private:
  void warn(std::string code, std::string summary, std::string detail) {
    result_.warnings.push_back({Severity::Warning, std::move(code), std::move(summary), std::move(detail)});
  }

  /// A path that no other file has, also where case does not count.
  std::string free_path(const std::string& stem) {
    for (int i = 1;; ++i) {
      std::string path = i == 1 ? stem + ".yaml" : fmt::format("{}-{}.yaml", stem, i);
      if (paths_.insert(lower(path)).second) return path;
    }
  }

  Value write_group(const std::string& name, const LiveState& live) {
    ExportedGroup written{.name = name};
    Serving serving(live);
    const std::set<std::string> environments = serving.choose();
    written.environments.assign(environments.begin(), environments.end());
    tell_publications(name, serving, environments);
    // By the name of their file. A file has one operation of a method and path: one more is in the next file.
    std::map<std::pair<std::string, std::size_t>, std::vector<Value>> parts;
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> alike;
    std::map<std::string, Value> responses;
    overrides_.clear();
    for (const auto& [address, resource] : live.resources) {
      if (address.type() == "response" && address.name() != "default") {
        responses.emplace(address.name(), without_defaults(resource.body, kResponseSchema.fields, unknown_));
      }
      if (address.type() != "api" || serving.left_out().contains(address)) continue;
      Value body = resource.body;
      note_secrets(name, address, take_secrets(body, secret_values_), body);
      const std::string part = part_of(body);
      const std::size_t next = alike[{part, std::string(body.text("method")), std::string(body.text("path"))}]++;
      parts[{part, next}].push_back(without_defaults(body, kApiSchema.fields, unknown_));
      ++written.apis;
      for (const Address& policy : policies_used_by(resource.body)) used_.insert(policy);
    }
    if (parts.empty()) parts[{}];
    bool silent = false;  // a file that says nothing of authentication
    for (const auto& [place, apis] : parts) {
      const std::string& part = place.first;
      const Value document = readable_swagger(name, apis, responses);
      silent = silent || !has_schemes(document);
      responses.clear();  // once is enough
      const std::string stem = part.empty() ? file_word(name) : fmt::format("{}/{}", file_word(name), part);
      written.files.push_back(free_path(stem));
      result_.files.push_back({written.files.back(), write_yaml(document)});
    }
    Value group = Value::object();
    group.set("name", without_variables(name));
    const auto own = live.resources.find(Address::group(name));
    const std::string description(own == live.resources.end() ? "" : own->second.body.text("description"));
    group.set("description", without_variables(description)).set("environments", text_list(written.environments));
    group.set("swagger", written.files.size() == 1 ? Value(written.files.front()) : text_list(written.files));
    if (silent) group.set("operations", Value::object({{"auth", "none", 0}}));
    if (const auto paths = sensitive_in(name); !paths.empty()) group.set("sensitive", text_list(paths));
    if (Value patches = overrides(written.apis); !patches.empty()) group.set("overrides", std::move(patches));
    result_.groups.push_back(std::move(written));
    return group;
  }

  void tell_publications(const std::string& group, const Serving& serving, const std::set<std::string>& chosen) {
    for (const Address& api : serving.left_out()) {
      warn("export-unpublished",
           fmt::format("{} is left out: it is not served as the other APIs of its group are.", api.text()),
           "A group has one list of environments, and policies are bound where an API is published. A plan lists it as "
           "not managed.");
    }
    for (const std::string& environment : serving.published()) {
      if (chosen.contains(environment) || !serving.left_out().empty()) continue;
      warn(
          "export-environment",
          fmt::format("The group {} is published in {}, but not every API as it is (the first is {}).", group,
                      environment, serving.missing_in(environment).text()),
          fmt::format("A group has one list of environments, so {} is not in it: what is served there stays and is not "
                      "managed. Add it to `environments`, and a plan shows what it would publish.",
                      environment));
    }
  }

  /// The part of the group that an API belongs to; "" when it is not split.
  std::string part_of(const Value& body) const {
    if (options_.split == SplitBy::Nothing) return {};
    if (options_.split == SplitBy::Tags) {
      const Value* tags = body.find("tags");
      return tags == nullptr || tags->empty() ? "untagged" : file_word(tags->items().front().as_string());
    }
    std::string_view path = body.text("path");
    path.remove_prefix(std::min<std::size_t>(path.find_first_not_of('/'), path.size()));
    path = path.substr(0, path.find('/'));
    return path.empty() ? "root" : file_word(path);
  }

  // ---- secrets

  std::vector<std::string> sensitive_in(const std::string& group) const {
    const auto paths = options_.sensitive.find(group);
    return paths == options_.sensitive.end() ? std::vector<std::string>() : paths->second;
  }

  /// What one API calls a credential is one in every API; a word such as "basic" is not.
  void look_for_secrets(const LiveState& live) {
    constexpr std::size_t kShortest = 8;
    for (const auto& [address, resource] : live.resources) {
      if (address.type() != "api") continue;
      Value body = resource.body;
      for (const FoundSecret& secret : take_secrets(body, {})) {
        const std::string_view plain = secret.parameter.text("value");
        if (plain.size() >= kShortest) secret_values_.emplace(plain);
      }
    }
  }

  /// What the manifest puts back into an API: the credentials that were `found`, and what is sensitive in `body`.
  void note_secrets(const std::string& group, const Address& api, const std::vector<FoundSecret>& found, Value& body) {
    const PathWalk named(sensitive_in(group));
    Value set = take_sensitive(body, named, [&](const std::string& plain) {
      return fmt::format("${{secret:{}}}", name_of(group, "sensitive", plain, api));
    });
    for (const FoundSecret& secret : found) {
      const std::string plain(secret.parameter.text("value"));
      std::size_t unknown = 0;
      const FieldSchema* list = find_field(find_field(kApiSchema.fields, "x-apigateway-backend")->fields, "parameters");
      Value parameter = without_variables(without_defaults(secret.parameter, list->fields, unknown));
      parameter.set("value", fmt::format("${{secret:{}}}", name_of(group, secret.name, plain, api)));
      for (const std::string_view key : {"in", "name"}) parameter.erase(key);
      const Value parameters = Value::object({{secret.key, std::move(parameter), 0}});
      add(set, secret, parameters);
    }
    if (set.empty()) return;
    overrides_.emplace_back(api, std::move(set));
  }

  static void add(Value& set, const FoundSecret& secret, const Value& parameters) {
    const std::string member = secret.policy.empty() ? "x-apigateway-backend" : "x-apigateway-backend-policies";
    Value owner = set.find(member) == nullptr ? Value::object() : *set.find(member);
    Value holder = owner;
    if (!secret.policy.empty()) {
      const Value* policy = owner.find(secret.policy.front());
      holder = policy == nullptr ? Value::object() : *policy;
    }
    Value all = holder.find("parameters") == nullptr ? Value::object() : *holder.find("parameters");
    all.set(parameters.members().front().key, parameters.members().front().value);
    holder.set("parameters", std::move(all));
    if (secret.policy.empty()) {
      owner = std::move(holder);
    } else {
      owner.set(secret.policy.front(), std::move(holder));
    }
    set.set(member, std::move(owner));
  }

  /// The variable for a value: one for each value of a group.
  std::string name_of(const std::string& group, const std::string& parameter, const std::string& plain,
                      const Address& api) {
    const auto key = std::pair(group, plain);
    if (const auto known = names_.find(key); known != names_.end()) {
      ++result_.secrets[known->second].uses;
      return result_.secrets[known->second].name;
    }
    std::string stem = replaced(upper(file_word(group + "_" + parameter)), "-", "_");
    const bool odd =
        (stem.front() >= '0' && stem.front() <= '9') || is_credential_name(stem) || stem.starts_with("SLUICE_");
    if (odd) stem = "SECRET_" + stem;
    std::string name = stem;
    for (int i = 2; taken_.contains(name); ++i) name = fmt::format("{}_{}", stem, i);
    taken_.emplace(name, plain);
    names_.emplace(key, result_.secrets.size());
    result_.secrets.push_back({name, 1, api.text()});
    return name;
  }

  /// One override for all APIs where they all say the same, else one for each.
  Value overrides(std::size_t apis) const {
    Value list = Value::array();
    const auto entry = [](std::string match, const Value& set) {
      return Value::object({{"match", std::move(match), 0}, {"set", set, 0}});
    };
    const bool alike = overrides_.size() == apis && apis > 1 &&
                       std::all_of(overrides_.begin(), overrides_.end(),
                                   [&](const auto& one) { return one.second == overrides_.front().second; });
    if (alike) return list.push(entry("* /**", overrides_.front().second));
    for (const auto& [api, set] : overrides_) {
      std::string match = api.name();
      if (match.ends_with(" SWA")) match.resize(match.size() - 4);
      list.push(entry(std::move(match), set));
    }
    return list;
  }

  // ---- policies

  void write_policies(Value& manifest) {
    Value ratelimits = Value::object();
    Value acls = Value::object();
    Value external = Value::array();
    for (const Address& address : used_) {
      const auto policy = policies_.resources.find(address);
      if (policy == policies_.resources.end()) {
        external.push(address.text());
        continue;
      }
      const bool acl = address.type() == "acl";
      const Value body = without_variables(
          without_defaults(policy->second.body, (acl ? kAclSchema : kRatelimitSchema).fields, unknown_));
      (acl ? acls : ratelimits).set(address.name(), body);
    }
    if (!ratelimits.empty()) manifest.set("ratelimits", std::move(ratelimits));
    if (!acls.empty()) manifest.set("acls", std::move(acls));
    if (!external.empty()) manifest.set("external", std::move(external));
  }

  // ---- what a plan of it would show

  void read_back(Value manifest) {
    manifest.erase("gateway");
    Variables environment;
    for (const auto& [name, secret] : taken_) environment.emplace(name, secret);
    auto read = parse_manifest({std::string(kExportedManifest), write_yaml(manifest)}, {}, environment);
    tell_errors(read.diagnostics, "The manifest");
    if (!read.value) return;
    std::vector<DesiredGroup> all;
    for (std::size_t i = 0; i < read.value->groups.size(); ++i) {
      if (auto desired = desired_of(read.value->groups[i], result_.groups[i])) all.push_back(std::move(*desired));
    }
    if (all.size() != groups_.size()) return;
    auto joined = build_policies(*read.value, all);
    tell_errors(joined.diagnostics, "The policies");
    SecretVault vault(Secret("read back"), read.value->secrets, options_.sensitive);
    for (DesiredGroup& group : all) (void)vault.seal(group.state.resources).empty();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const GroupSettings& settings = read.value->groups[i];
      LiveState live = groups_.at(settings.name);
      vault.mask(live.resources);
      tell_differences(diff_group({}, all[i].state, live, {.environments = settings.environments}));
    }
  }

  std::optional<DesiredGroup> desired_of(const GroupSettings& settings, const ExportedGroup& written) {
    std::vector<SwaggerFile> files;
    for (const ExportedFile& file : result_.files) {
      if (std::find(written.files.begin(), written.files.end(), file.path) == written.files.end()) continue;
      SwaggerFile read{{file.path, file.text}, {}};
      auto document = parse_document(read.source);
      tell_errors(document.diagnostics, file.path);
      if (!document.value) return std::nullopt;
      read.document = std::move(*document.value);
      files.push_back(std::move(read));
    }
    auto desired = build_desired(settings, files, nullptr, options_.cloud);
    tell_errors(desired.diagnostics, "The group " + settings.name);
    if (!desired.value) return std::nullopt;
    tell_errors(settle_references(settings, *desired.value), "The group " + settings.name);
    return std::move(*desired.value);
  }

  void tell_errors(const Diagnostics& diagnostics, const std::string& what) {
    for (const Diagnostic& one : diagnostics) {
      if (one.severity != Severity::Error) continue;
      warn("export-unreadable", fmt::format("{} cannot be used as it is: {}", what, one.summary), one.detail);
    }
  }

  void tell_differences(const GroupDiff& diff) {
    for (const Collision& collision : diff.collisions) {
      warn("export-differs",
           fmt::format("A plan of the files shows {}: {}.", collision.address.text(), collision.difference),
           "Swagger cannot say what the gateway has there.");
    }
    for (const Change& change : diff.changes) {
      warn("export-differs", fmt::format("A plan of the files shows a change of {}.", change.address.text()),
           "Swagger cannot say what the gateway has there.");
    }
  }

  const std::map<std::string, LiveState>& groups_;
  const LiveState& policies_;
  const ExportOptions& options_;
  ExportedFiles result_;
  std::set<std::string> paths_;                       ///< in lower case
  std::set<Address> used_;                            ///< policies
  std::vector<std::pair<Address, Value>> overrides_;  ///< of the group that is written
  std::map<std::pair<std::string, std::string>, std::size_t> names_;
  std::map<std::string, std::string> taken_;  ///< values by variable, as long as they are read back
  std::set<std::string> secret_values_;
  std::size_t unknown_ = 0;
};

}  // namespace

ExportedFiles export_files(const std::map<std::string, LiveState>& groups, const LiveState& policies,
                           const ExportOptions& options) {
  return Export(groups, policies, options).run();
}

}  // namespace sluice
