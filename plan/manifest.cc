#include "plan/manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "plan/yaml.h"

namespace sluice {
namespace {

/// A key of a block of the manifest, and whether this version carries it out.
struct Key {
  std::string_view name;
  bool built = true;
};
constexpr bool kNotBuilt = false;

constexpr Key kTopKeys[] = {{"version"},
                            {"gateway"},
                            {"state"},
                            {"ratelimits", kNotBuilt},
                            {"acls", kNotBuilt},
                            {"defaults"},
                            {"groups"},
                            {"external", kNotBuilt},
                            {"moved", kNotBuilt},
                            {"include", kNotBuilt},
                            {"jobs", kNotBuilt}};
constexpr Key kGatewayKeys[] = {
    {"provider"},         {"cloud"},       {"region"},  {"endpoint"},    {"iam_endpoint"},
    {"project_id"},       {"instance_id"}, {"ca_file"}, {"cert_file"},   {"key_file"},
    {"limits"},           {"data"},        {"latency"}, {"credentials"}, {"quirks", kNotBuilt},
    {"faults", kNotBuilt}};
constexpr Key kLimitKeys[] = {{"apis_per_import"}, {"requests_per_second"}};
constexpr Key kCredentialKeys[] = {{"command"}};
constexpr Key kGroupKeys[] = {{"name"},
                              {"swagger"},
                              {"description"},
                              {"owner"},
                              {"operations"},
                              {"environments"},
                              {"prune"},
                              {"api_mode"},
                              {"extend_mode"},
                              {"unsupported"},
                              {"renamed_from", kNotBuilt},
                              {"select", kNotBuilt},
                              {"overrides", kNotBuilt},
                              {"sensitive", kNotBuilt},
                              {"protect", kNotBuilt},
                              {"ignore", kNotBuilt}};
constexpr Key kOperationKeys[] = {
    {"name"},       {"auth"},     {"request_type"},         {"schemes"},        {"backend"},
    {"parameters"}, {"response"}, {"ratelimit", kNotBuilt}, {"acl", kNotBuilt}, {"plugins", kNotBuilt}};
constexpr Key kBackendKeys[] = {{"type"},         {"address"}, {"channel"},      {"scheme"},  {"method"},
                                {"path"},         {"timeout"}, {"function_urn"}, {"version"}, {"invocation_type"},
                                {"network_type"}, {"result"},  {"host"}};

constexpr auto kDefaultsKeys = std::span(kGroupKeys).subspan(2);  // not name and swagger

class ManifestReader {
 public:
  ManifestReader(const SourceText& source, const Variables& variables) : source_(source), variables_(variables) {}

  Parsed<Manifest> run() {
    auto document = parse_document(source_);
    if (!document.value) return {std::nullopt, std::move(document.diagnostics)};
    Value root = expand(*document.value);
    Manifest manifest;
    if (!root.is_object()) {
      error("manifest-shape", "The manifest is not a map.", "Start it with `version: 1` and a `groups` list.", 0);
    } else {
      read_top(root, manifest);
    }
    sort_diagnostics(diagnostics_);
    diagnostics_.erase(std::unique(diagnostics_.begin(), diagnostics_.end()), diagnostics_.end());  // of `defaults`
    if (has_errors(diagnostics_)) return {std::nullopt, std::move(diagnostics_)};
    return {std::move(manifest), std::move(diagnostics_)};
  }

 private:
  void error(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
    diagnostics_.push_back({Severity::Error, std::move(code), std::move(summary), std::move(detail), at(mark)});
  }
  SourceSpan at(std::uint32_t mark) const { return source_.locate(mark); }

  /// The value with ${NAME} replaced in every text. $${ stands for a literal ${.
  Value expand(const Value& value) {
    Value result = value;
    if (value.is_string() && value.as_string().find("${") != std::string::npos) {
      result = expand_text(value.as_string(), value.mark());
      result.set_mark(value.mark());
    } else if (value.is_array() && !value.items().empty()) {
      for (Value& item : result.mutable_items()) item = expand(item);
    } else if (value.is_object() && !value.members().empty()) {
      for (auto& member : result.mutable_members()) member.value = expand(member.value);
    }
    return result;
  }

  std::string expand_text(std::string_view text, std::uint32_t mark) {
    std::string result;
    while (!text.empty()) {
      const std::size_t start = text.find("${");
      if (start == std::string_view::npos) break;
      if (start > 0 && text[start - 1] == '$') {
        result.append(text.substr(0, start - 1)).append("${");
        text.remove_prefix(start + 2);
        continue;
      }
      result.append(text.substr(0, start));
      const std::size_t end = text.find('}', start);
      if (end == std::string_view::npos) {
        error("variable-syntax", "A variable is not closed.", "Write ${NAME}, or $${ for a literal ${.", mark);
        return result;
      }
      result += variable(text.substr(start + 2, end - start - 2), mark);
      text.remove_prefix(end + 1);
    }
    return result.append(text);
  }

  std::string variable(std::string_view expression, std::uint32_t mark) {
    if (expression.starts_with("secret:")) {
      error("not-built", "`${secret:NAME}` is not built yet.", "Leave the field out of the manifest.", mark);
      return std::string(expression);
    }
    const std::size_t dash = expression.find(":-");
    const std::string_view name = expression.substr(0, dash);
    if (is_credential_name(name)) {
      error("variable-credential", fmt::format("{} holds a credential, and is never expanded.", name),
            "Leave it out: Sluice reads it from the environment itself.", mark);
      return std::string(expression);
    }
    if (const auto found = variables_.find(name); found != variables_.end()) return found->second;
    if (dash != std::string_view::npos) return std::string(expression.substr(dash + 2));
    error("variable-unset", fmt::format("The variable {} is not set.", name),
          fmt::format("Set it with --var {0}=VALUE or in the environment, or give a default: ${{{0}:-VALUE}}.", name),
          mark);
    return std::string(expression);  // not empty, or it would look like a second mistake
  }

  /// Every key of `block` is one of `known`, and built.
  void check_keys(const Value& block, std::span<const Key> known, std::string_view where) {
    std::vector<std::string_view> names;
    for (const Key& key : known) names.push_back(key.name);
    for (const auto& member : block.members()) {
      const auto key = std::find_if(known.begin(), known.end(), [&](const Key& k) { return k.name == member.key; });
      if (key == known.end()) {
        const std::string near = did_you_mean(member.key, names);
        error("key-unknown", fmt::format("`{}` is not a key of {}.", member.key, where),
              near.empty() ? fmt::format("Known keys are {}.", fmt::join(names, ", "))
                           : fmt::format("Did you mean `{}`?", near),
              member.key_mark);
      } else if (!key->built) {
        error("not-built", fmt::format("`{}` of {} is not built yet.", member.key, where),
              "Leave the key out to go on without it.", member.key_mark);
      }
    }
  }

  /// The member as a block, or null after a finding.
  const Value* block(const Value& parent, std::string_view name) {
    const Value* value = parent.find(name);
    if (value == nullptr || value->is_null()) return nullptr;
    if (value->is_object()) return value;
    error("key-shape", fmt::format("`{}` is not a map.", name), "Write its keys below it, indented.", value->mark());
    return nullptr;
  }

  void read_text(const Value& parent, std::string_view name, std::string& into) {
    const Value* value = parent.find(name);
    if (value == nullptr || value->is_null()) return;
    if (value->is_array() || value->is_object()) {
      error("key-shape", fmt::format("`{}` is not a text.", name), "Write one value after the colon.", value->mark());
      return;
    }
    into = value->is_string() ? value->as_string() : write_json(*value);
  }

  void read_choice(const Value& parent, std::string_view name, std::span<const std::string_view> choices,
                   std::string& into) {
    std::string text = into;
    read_text(parent, name, text);
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
      error("value-unknown", fmt::format("`{}` cannot be \"{}\".", name, text),
            fmt::format("Choose one of {}.", fmt::join(choices, ", ")), parent.find(name)->mark());
      return;
    }
    into = text;
  }

  void read_top(const Value& root, Manifest& manifest) {
    check_keys(root, kTopKeys, "the manifest");
    const Value* version = root.find("version");
    if (version == nullptr || !(*version == Value(1))) {
      error("manifest-version",
            version == nullptr
                ? "The manifest does not say its version."
                : fmt::format("The manifest's version is {}, and this Sluice reads version 1.", write_json(*version)),
            "Write `version: 1`.", version != nullptr ? version->mark() : root.mark());
    }
    if (const Value* gateway = block(root, "gateway")) read_gateway(*gateway, manifest.gateway);
    read_text(root, "state", manifest.state);
    if (manifest.state.find("://") != std::string::npos) {
      error("not-built", "State in PostgreSQL or behind HTTP is not built yet.",
            "Name a file, such as .sluice/state.db.", root.find("state")->mark());
    }
    const Value* defaults = block(root, "defaults");
    if (defaults != nullptr) check_keys(*defaults, kDefaultsKeys, "`defaults`");
    const Value* groups = root.find("groups");
    if (groups == nullptr || !groups->is_array()) {
      error("manifest-shape", "The manifest has no list of `groups`.",
            "Add one; `groups: []` is a manifest that asks for nothing.",
            groups != nullptr ? groups->mark() : root.mark());
      return;
    }
    for (const Value& group : groups->items()) read_group(group, defaults, manifest);
    check_group_names(manifest);
  }

  void read_gateway(const Value& gateway, GatewaySettings& settings) {
    check_keys(gateway, kGatewayKeys, "`gateway`");
    settings.given = true;
    settings.at = at(gateway.mark());
    constexpr std::string_view kProviders[] = {"apig", "dataarts", "embedded"};
    constexpr std::string_view kClouds[] = {"huawei", "otc"};
    read_choice(gateway, "provider", kProviders, settings.provider);
    read_choice(gateway, "cloud", kClouds, settings.cloud);
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
                                                                          {"latency", &settings.latency}}) {
      read_text(gateway, name, *field);
    }
    if (gateway.find("provider") == nullptr && !settings.endpoint.empty()) {
      error("gateway-incomplete", "`gateway` has an `endpoint` but no `provider`.", "Add `provider: apig`.",
            gateway.mark());
    } else if (settings.provider == "embedded" && !settings.endpoint.empty()) {
      error("gateway-incomplete", "The embedded gateway has no `endpoint`.",
            "Say `provider: apig` to use the endpoint, or leave it out.", gateway.find("endpoint")->mark());
    }
    if (settings.provider == "dataarts") {
      error("not-built", "The provider dataarts is not built yet.", "Use apig or embedded.",
            gateway.find("provider")->mark());
    }
    if (settings.provider == "apig") {
      for (const auto& [name, field] :
           std::initializer_list<std::pair<std::string_view, std::string*>>{{"endpoint", &settings.endpoint},
                                                                            {"project_id", &settings.project_id},
                                                                            {"instance_id", &settings.instance_id}}) {
        if (!field->empty()) continue;
        const bool by_region = !settings.region.empty() || variables_.contains("HW_REGION_NAME");
        if (name == "endpoint" && by_region) continue;
        error("gateway-incomplete", fmt::format("`gateway` of provider apig has no `{}`.", name),
              name == "endpoint"
                  ? "Add the address of the service, such as https://apig.eu-de.otc.t-systems.com, or a `region`."
                  : "Add it; the console shows it.",
              gateway.mark());
      }
    }
    if (const Value* limits = block(gateway, "limits")) {
      check_keys(*limits, kLimitKeys, "`limits`");
      if (const Value* apis = limits->find("apis_per_import")) read_count(*apis, settings.apis_per_import);
      if (const Value* rate = limits->find("requests_per_second")) read_count(*rate, settings.requests_per_second);
    }
    if (const Value* credentials = block(gateway, "credentials")) read_credentials(*credentials, settings);
  }

  void read_credentials(const Value& credentials, GatewaySettings& settings) {
    check_keys(credentials, kCredentialKeys, "`credentials`");
    const Value* command = credentials.find("command");
    const bool valid = command != nullptr && command->is_array() && !command->items().empty() &&
                       std::all_of(command->items().begin(), command->items().end(),
                                   [](const Value& word) { return word.is_string() && !word.as_string().empty(); });
    if (!valid) {
      error("value-unknown", "`credentials` has no `command` that is a list of texts.",
            "Write `command: [./get-token.sh]`: a program and its arguments; no shell reads them.",
            command != nullptr ? command->mark() : credentials.mark());
      return;
    }
    for (const Value& word : command->items()) settings.credentials_command.push_back(word.as_string());
  }

  void read_count(const Value& value, std::size_t& into) {
    std::int64_t count = 0;
    if (value.is_integer()) count = value.as_integer();
    if (value.is_string()) {
      const std::string& text = value.as_string();
      const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
      if (code != std::errc() || end != text.data() + text.size()) count = 0;
    }
    if (count < 1) {
      error("value-unknown", "A limit must be a whole number above zero.", "Correct it.", value.mark());
      return;
    }
    into = static_cast<std::size_t>(count);
  }

  /// `defaults` under a group: maps are merged, lists appended, everything else is the group's own.
  static Value with_defaults(const Value& defaults, const Value& own) {
    Value result = own;
    for (const auto& member : defaults.members()) {
      const Value* mine = own.find(member.key);
      if (mine == nullptr) {
        result.set(member.key, member.value);
      } else if (mine->is_array() && member.value.is_array()) {
        Value joined = member.value;
        for (const Value& item : mine->items()) {
          const auto& present = joined.items();
          if (std::find(present.begin(), present.end(), item) == present.end()) joined.push(item);
        }
        joined.set_mark(mine->mark());
        result.set(member.key, std::move(joined));
      } else if (mine->is_object() && member.value.is_object() && member.key != "backend") {
        result.set(member.key, with_defaults(member.value, *mine));
      }
    }
    return result;
  }

  void read_group(const Value& own, const Value* defaults, Manifest& manifest) {
    if (!own.is_object()) {
      error("key-shape", "A group is not a map.", "Write `- name: …` and its keys below.", own.mark());
      return;
    }
    check_keys(own, kGroupKeys, "a group");
    const Value group = defaults != nullptr ? with_defaults(*defaults, own) : own;
    GroupSettings settings;
    settings.at = at(own.mark());
    read_text(group, "name", settings.name);
    check_group_name(settings.name, own);
    read_swagger_path(group, own, settings);
    if (group.find("description") != nullptr) read_text(group, "description", settings.description.emplace());
    read_text(group, "owner", settings.owner);
    read_environments(group, settings);
    read_modes(group, settings);
    if (const Value* operations = block(group, "operations")) read_operations(*operations, settings.operations);
    manifest.groups.push_back(std::move(settings));
  }

  void check_group_name(std::string_view name, const Value& own) {
    const auto letter = [](unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80; };
    const bool valid = name.size() >= 3 && name.size() <= 255 &&
                       (letter(static_cast<unsigned char>(name[0])) || (name[0] >= '0' && name[0] <= '9')) &&
                       std::all_of(name.begin(), name.end(), [&](unsigned char c) {
                         return letter(c) || (c >= '0' && c <= '9') ||
                                std::string_view("-_./():").find(static_cast<char>(c)) != std::string_view::npos;
                       });
    if (valid) return;
    const Value* value = own.find("name");
    error("group-name",
          name.empty() ? "A group has no `name`." : fmt::format("\"{}\" cannot be the name of a group.", name),
          "A name has 3 to 255 letters, digits and -_./(): and starts with a letter or digit.",
          value != nullptr ? value->mark() : own.mark());
  }

  void read_swagger_path(const Value& group, const Value& own, GroupSettings& settings) {
    const Value* swagger = group.find("swagger");
    if (swagger == nullptr) {
      error("swagger-missing", fmt::format("The group {} names no `swagger` file.", settings.name),
            "Add `swagger: FILE`, relative to the manifest.", own.mark());
      return;
    }
    settings.swagger_at = at(swagger->mark());
    if (swagger->is_array()) {
      error("not-built", "A list of Swagger files is not built yet.", "Name one file.", swagger->mark());
      return;
    }
    read_text(group, "swagger", settings.swagger.emplace_back());
    if (settings.swagger.back().find_first_of("*?[") != std::string::npos) {
      error("not-built", "A glob of Swagger files is not built yet.", "Name one file.", swagger->mark());
    }
  }

  void read_environments(const Value& group, GroupSettings& settings) {
    const Value* list = group.find("environments");
    if (list == nullptr || list->is_null()) return;
    settings.environments.clear();
    if (!list->is_array()) {
      error("key-shape", "`environments` is not a list.", "Write [RELEASE], or [] to import without publishing.",
            list->mark());
      return;
    }
    for (const Value& item : list->items()) {
      const std::string name = item.is_string() ? item.as_string() : "";
      const bool valid = name.size() >= 3 && name.size() <= 64 &&
                         ((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z') &&
                         std::all_of(name.begin(), name.end(), [](unsigned char c) {
                           return ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'z') || (c >= '0' && c <= '9') || c == '_';
                         });
      if (!valid) {
        error("environment-name", fmt::format("\"{}\" cannot be the name of an environment.", name),
              "A name has 3 to 64 letters, digits and _, and starts with a letter.", item.mark());
      } else if (std::find(settings.environments.begin(), settings.environments.end(), name) ==
                 settings.environments.end()) {
        settings.environments.push_back(name);
      }
    }
  }

  void read_modes(const Value& group, GroupSettings& settings) {
    constexpr std::string_view kPrunes[] = {"none", "managed", "all"};
    constexpr std::string_view kModes[] = {"auto", "merge", "override"};
    constexpr std::string_view kUnsupported[] = {"error", "drop"};
    std::string prune = "managed";
    std::string api_mode = "auto";
    std::string extend_mode = "auto";
    std::string unsupported = "error";
    read_choice(group, "prune", kPrunes, prune);
    read_choice(group, "api_mode", kModes, api_mode);
    read_choice(group, "extend_mode", kModes, extend_mode);
    read_choice(group, "unsupported", kUnsupported, unsupported);
    const auto not_built = [&](std::string_view key, std::string_view value, std::string_view instead) {
      error("not-built", fmt::format("`{}: {}` is not built yet.", key, value),
            fmt::format("Use `{}: {}`.", key, instead), group.find(key)->mark());
    };
    if (prune == "all") not_built("prune", "all", "managed");
    if (api_mode != "auto") not_built("api_mode", api_mode, "auto");
    if (extend_mode != "auto") not_built("extend_mode", extend_mode, "auto");
    if (unsupported == "drop") not_built("unsupported", "drop", "error");
    settings.prune = prune == "none" ? Prune::None : Prune::Managed;
  }

  void read_operations(const Value& operations, OperationDefaults& defaults) {
    check_keys(operations, kOperationKeys, "`operations`");
    read_text(operations, "name", defaults.name);
    read_text(operations, "response", defaults.response);
    std::string auth;
    read_text(operations, "auth", auth);
    if (!auth.empty()) read_auth(auth, operations.find("auth")->mark(), defaults);
    constexpr std::string_view kRequestTypes[] = {"public", "private"};
    if (operations.find("request_type") != nullptr) {
      defaults.request_type = "public";
      read_choice(operations, "request_type", kRequestTypes, defaults.request_type);
    }
    if (const Value* schemes = operations.find("schemes")) read_schemes(*schemes, defaults);
    std::string parameters = "path";
    constexpr std::string_view kForwarded[] = {"path", "all"};
    read_choice(operations, "parameters", kForwarded, parameters);
    defaults.forward_all_parameters = parameters == "all";
    if (const Value* backend = block(operations, "backend")) read_backend(*backend, defaults);
  }

  void read_schemes(const Value& schemes, OperationDefaults& defaults) {
    const bool valid = schemes.is_array() && !schemes.items().empty() &&
                       std::all_of(schemes.items().begin(), schemes.items().end(), [](const Value& scheme) {
                         return scheme.is_string() && (scheme.as_string() == "http" || scheme.as_string() == "https");
                       });
    if (!valid) {
      error("value-unknown", "`schemes` is not a list of http and https.", "Write [https], or [http, https].",
            schemes.mark());
      return;
    }
    defaults.schemes = schemes;
  }

  void read_auth(const std::string& auth, std::uint32_t mark, OperationDefaults& defaults) {
    Value security = Value::object();
    if (auth == "none" || auth == "app" || auth == "iam") {
      security.set("type", auth);
    } else if (auth.starts_with("authorizer ") && auth.size() > 11) {
      security.set("type", "AUTHORIZER").set("authorizer", auth.substr(11));
    } else {
      error("value-unknown", fmt::format("`auth` cannot be \"{}\".", auth),
            "Choose one of none, app, iam, authorizer NAME.", mark);
      return;
    }
    defaults.security = std::move(security);
  }

  void read_backend(const Value& backend, OperationDefaults& defaults) {
    check_keys(backend, kBackendKeys, "`backend`");
    constexpr std::string_view kTypes[] = {"HTTP", "HTTP-VPC", "FUNCTION", "MOCK"};
    std::string type = "HTTP";
    read_choice(backend, "type", kTypes, type);
    const std::string_view needed = type == "HTTP"       ? "address"
                                    : type == "HTTP-VPC" ? "channel"
                                    : type == "FUNCTION" ? "function_urn"
                                                         : "";
    if (!needed.empty() && backend.text(needed).empty()) {
      error("backend-incomplete", fmt::format("A backend of type {} has no `{}`.", type, needed), "Add it.",
            backend.mark());
    }
    defaults.backend = backend;
    defaults.backend->set("type", type);
  }

  void check_group_names(const Manifest& manifest) {
    std::map<std::string_view, const GroupSettings*> seen;
    for (const GroupSettings& group : manifest.groups) {
      const auto [first, fresh] = seen.emplace(group.name, &group);
      if (fresh) continue;
      diagnostics_.push_back(
          {Severity::Error, "group-twice", fmt::format("The group {} appears twice.", group.name),
           fmt::format("It is also at {}; join the two, or rename one.", to_string(first->second->at)), group.at});
    }
  }

  const SourceText& source_;
  const Variables& variables_;
  Diagnostics diagnostics_;
};

}  // namespace

bool is_credential_name(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "SLUICE_TOKEN",  "SLUICE_ACCESS_KEY", "SLUICE_SECRET_KEY", "SLUICE_SECURITY_TOKEN", "SLUICE_HASH_KEY",
      "HW_ACCESS_KEY", "HW_SECRET_KEY",     "HW_SECURITY_TOKEN", "HW_REGION_NAME",        "OS_AUTH_URL",
      "OS_USERNAME",   "OS_PASSWORD",       "OS_DOMAIN_NAME",    "OS_PROJECT_ID",         "OS_PROJECT_NAME"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Parsed<Manifest> parse_manifest(const SourceText& source, const Variables& variables) {
  return ManifestReader(source, variables).run();
}

}  // namespace sluice
