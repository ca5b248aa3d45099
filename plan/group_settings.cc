#include "plan/group_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/safety_settings.h"

namespace sluice {
namespace {

constexpr Key kGroupKeys[] = {{"name"},     {"renamed_from"}, {"swagger"},     {"description"},  {"owner"},
                              {"select"},   {"operations"},   {"overrides"},   {"environments"}, {"prune"},
                              {"api_mode"}, {"extend_mode"},  {"unsupported"}, {"sensitive"},    {"protect"},
                              {"ignore"},   {"risks"}};
constexpr auto kDefaultsKeys = std::span(kGroupKeys).subspan(3);  // not name, renamed_from and swagger
constexpr Key kSelectKeys[] = {{"paths"}, {"tags"}, {"methods"}, {"exclude"}};
constexpr Key kOverrideKeys[] = {{"match"}, {"set"}};
constexpr Key kOperationKeys[] = {{"name"},       {"auth"},     {"request_type"}, {"schemes"}, {"backend"},
                                  {"parameters"}, {"response"}, {"ratelimit"},    {"acl"},     {"plugins"}};
constexpr Key kBackendKeys[] = {{"type"},         {"address"}, {"channel"},      {"scheme"},  {"method"},
                                {"path"},         {"timeout"}, {"function_urn"}, {"version"}, {"invocation_type"},
                                {"network_type"}, {"result"},  {"host"}};

class GroupReader {
 public:
  GroupReader(BlockReader& reader, const Value& own, const Value& group) : reader_(reader), own_(own), group_(group) {}

  GroupSettings run() {
    settings_.at = reader_.at(own_.mark());
    reader_.read_text(group_, "name", settings_.name);
    check_name();
    if (const Value* former = own_.find("renamed_from")) {
      reader_.read_text(own_, "renamed_from", settings_.renamed_from);
      settings_.renamed_from_at = reader_.at(former->mark());
    }
    read_swagger();
    if (group_.find("description") != nullptr)
      reader_.read_text(group_, "description", settings_.description.emplace());
    reader_.read_text(group_, "owner", settings_.owner);
    if (const Value* select = reader_.block(group_, "select")) read_select(*select);
    read_environments();
    read_modes();
    if (const Value* risks = reader_.block(group_, "risks")) settings_.risks = read_risks(*risks, reader_);
    if (const Value* operations = reader_.block(group_, "operations")) read_operations(*operations);
    read_overrides();
    settings_.ignore = read_ignore(group_, reader_);
    settings_.protect = read_protect(group_, reader_);
    settings_.sensitive = read_sensitive(group_, reader_);
    return std::move(settings_);
  }

 private:
  void error(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
    reader_.error(std::move(code), std::move(summary), std::move(detail), mark);
  }

  void check_name() {
    const std::string& name = settings_.name;
    const auto letter = [](unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80; };
    const bool valid = name.size() >= 3 && name.size() <= 255 &&
                       (letter(static_cast<unsigned char>(name[0])) || (name[0] >= '0' && name[0] <= '9')) &&
                       std::all_of(name.begin(), name.end(), [&](unsigned char c) {
                         return letter(c) || (c >= '0' && c <= '9') ||
                                std::string_view("-_./():").find(static_cast<char>(c)) != std::string_view::npos;
                       });
    if (valid) return;
    const Value* value = own_.find("name");
    error("group-name",
          name.empty() ? "A group has no `name`." : fmt::format("\"{}\" cannot be the name of a group.", name),
          "A name has 3 to 255 letters, digits and -_./(): and starts with a letter or digit.",
          value != nullptr ? value->mark() : own_.mark());
  }

  void read_swagger() {
    const Value* swagger = group_.find("swagger");
    if (swagger == nullptr || swagger->is_null()) {
      error("swagger-missing", fmt::format("The group {} names no `swagger` file.", settings_.name),
            "Add `swagger: FILE`, relative to the manifest.", own_.mark());
      return;
    }
    const std::vector<Value> texts = reader_.read_texts(group_, "swagger");
    for (const Value& text : texts) settings_.swagger.push_back({text.as_string(), reader_.at(text.mark())});
    if (swagger->is_array() && swagger->items().empty()) {
      error("swagger-missing", fmt::format("The group {} names no `swagger` file: its list is empty.", settings_.name),
            "Name a file; one with `paths: {}` asks for a group without APIs.", swagger->mark());
    }
  }

  void read_select(const Value& select) {
    reader_.check_keys(select, kSelectKeys, "`select`");
    Selection& selection = settings_.select;
    selection.at = reader_.at(select.mark());
    for (const Value& path : reader_.read_texts(select, "paths")) {
      const std::string& glob = path.as_string();
      if (!glob.starts_with('/') && !glob.starts_with('*')) {
        error("select-path", fmt::format("\"{}\" in `select.paths` does not start with \"/\".", glob),
              "Write the path with basePath, such as /v1/pets/**.", path.mark());
      }
      selection.paths.push_back(glob);
    }
    for (const Value& tag : reader_.read_texts(select, "tags")) selection.tags.push_back(tag.as_string());
    for (const Value& method : reader_.read_texts(select, "methods")) {
      constexpr std::string_view kMethods[] = {"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "ANY"};
      std::string name = method.as_string();
      for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      if (std::find(std::begin(kMethods), std::end(kMethods), name) == std::end(kMethods)) {
        error("value-unknown", fmt::format("`methods` cannot hold \"{}\".", method.as_string()),
              fmt::format("Choose among {}.", fmt::join(kMethods, ", ")), method.mark());
      }
      selection.methods.push_back(std::move(name));
    }
    for (const Value& glob : reader_.read_texts(select, "exclude")) {
      check_operation_glob(glob.as_string(), glob.mark(), reader_);
      selection.exclude.push_back(glob.as_string());
    }
  }

  void read_overrides() {
    const Value* list = group_.find("overrides");
    if (list == nullptr || list->is_null()) return;
    if (!list->is_array()) {
      error("key-shape", "`overrides` is not a list.", "Write `- match: …` and `set: …` below it.", list->mark());
      return;
    }
    for (const Value& item : list->items()) {
      if (!item.is_object()) {
        error("key-shape", "An override is not a map.", "Write `- match: …` and `set: …` below it.", item.mark());
        continue;
      }
      reader_.check_keys(item, kOverrideKeys, "an override");
      const Value* match = item.find("match");
      const Value* set = reader_.block(item, "set");
      std::string glob;
      reader_.read_text(item, "match", glob);
      if (glob.empty()) {
        const bool said = match != nullptr && !match->is_null() && *match != Value("");
        if (said) continue;  // reported
        error("override-incomplete", "An override has no `match`.",
              "Add the operations that it is for: \"METHOD /path\".", item.mark());
        continue;
      }
      check_operation_glob(glob, match->mark(), reader_);
      if (set == nullptr) {
        if (item.find("set") == nullptr || item.find("set")->is_null())
          error("override-incomplete", "An override has no `set`.", "Add the fields to set.", item.mark());
        continue;
      }
      for (PatchProblem& problem : patch_problems(*set)) {
        error(std::move(problem.code), std::move(problem.summary), std::move(problem.detail), problem.mark);
      }
      settings_.overrides.push_back({std::move(glob), *set, reader_.at(match->mark())});
      note_places(*set, settings_.overrides.back().places);
    }
  }

  void note_places(const Value& value, std::map<std::uint32_t, SourceSpan>& places) const {
    if (value.mark() != 0) places.emplace(value.mark(), reader_.at(value.mark()));
    for (const Value& item : value.items()) note_places(item, places);
    for (const auto& member : value.members()) note_places(member.value, places);
  }

  void read_environments() {
    const Value* list = group_.find("environments");
    if (list == nullptr || list->is_null()) return;
    settings_.environments.clear();
    if (!list->is_array()) {
      error("key-shape", "`environments` is not a list.", "Write [RELEASE], or [] to import without publishing.",
            list->mark());
      return;
    }
    for (const Value& item : list->items()) {
      if (reader_.is_secret(item, "environments")) continue;
      const std::string name = item.is_string() ? item.as_string() : "";
      const bool valid = name.size() >= 3 && name.size() <= 64 &&
                         ((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z') &&
                         std::all_of(name.begin(), name.end(), [](unsigned char c) {
                           return ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'z') || (c >= '0' && c <= '9') || c == '_';
                         });
      if (!valid) {
        error("environment-name", fmt::format("\"{}\" cannot be the name of an environment.", name),
              "A name has 3 to 64 letters, digits and _, and starts with a letter.", item.mark());
      } else if (std::find(settings_.environments.begin(), settings_.environments.end(), name) ==
                 settings_.environments.end()) {
        settings_.environments.push_back(name);
        settings_.environments_at.emplace(name, reader_.at(item.mark()));
      }
    }
  }

  void read_modes() {
    constexpr std::string_view kPrunes[] = {"none", "managed", "all"};
    constexpr std::string_view kModes[] = {"auto", "merge", "override"};
    constexpr std::string_view kUnsupported[] = {"error", "drop"};
    std::string prune = "managed";
    std::string api_mode = "auto";
    std::string extend_mode = "auto";
    std::string unsupported = "error";
    reader_.read_choice(group_, "prune", kPrunes, prune);
    reader_.read_choice(group_, "api_mode", kModes, api_mode);
    reader_.read_choice(group_, "extend_mode", kModes, extend_mode);
    reader_.read_choice(group_, "unsupported", kUnsupported, unsupported);
    const auto forced = [](const std::string& mode) {
      return mode == "auto" ? std::nullopt : std::optional(mode == "merge" ? Mode::Merge : Mode::Override);
    };
    settings_.modes = {forced(api_mode), forced(extend_mode)};
    settings_.prune = prune == "none" ? Prune::None : prune == "all" ? Prune::All : Prune::Managed;
    settings_.drop_unsupported = unsupported == "drop";
  }

  void read_operations(const Value& operations) {
    OperationDefaults& defaults = settings_.operations;
    reader_.check_keys(operations, kOperationKeys, "`operations`");
    reader_.read_text(operations, "name", defaults.name);
    reader_.read_text(operations, "response", defaults.response);
    reader_.read_text(operations, "ratelimit", defaults.ratelimit);
    reader_.read_text(operations, "acl", defaults.acl);
    const auto note = [&](std::string_view key, SourceSpan& at) {
      if (const Value* value = operations.find(key)) at = reader_.at(value->mark());
    };
    note("response", defaults.response_at);
    note("ratelimit", defaults.ratelimit_at);
    note("acl", defaults.acl_at);
    for (const Value& plugin : reader_.read_texts(operations, "plugins")) {
      defaults.plugins.push_back(plugin.as_string());
      defaults.plugins_at.push_back(reader_.at(plugin.mark()));
    }
    std::string auth;
    reader_.read_text(operations, "auth", auth);
    if (!auth.empty()) read_auth(auth, operations.find("auth")->mark(), defaults);
    constexpr std::string_view kRequestTypes[] = {"public", "private"};
    if (operations.find("request_type") != nullptr) {
      defaults.request_type = "public";
      reader_.read_choice(operations, "request_type", kRequestTypes, defaults.request_type);
    }
    if (const Value* schemes = operations.find("schemes")) read_schemes(*schemes, defaults);
    std::string parameters = "path";
    constexpr std::string_view kForwarded[] = {"path", "all"};
    reader_.read_choice(operations, "parameters", kForwarded, parameters);
    defaults.forward_all_parameters = parameters == "all";
    if (const Value* backend = reader_.block(operations, "backend")) read_backend(*backend, defaults);
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
    defaults.auth_at = reader_.at(mark);
  }

  void read_backend(const Value& backend, OperationDefaults& defaults) {
    reader_.check_keys(backend, kBackendKeys, "`backend`");
    constexpr std::string_view kTypes[] = {"HTTP", "HTTP-VPC", "FUNCTION", "MOCK"};
    std::string type = "HTTP";
    reader_.read_choice(backend, "type", kTypes, type);
    const std::string_view needed = type == "HTTP"       ? "address"
                                    : type == "HTTP-VPC" ? "channel"
                                    : type == "FUNCTION" ? "function_urn"
                                                         : "";
    if (!needed.empty() && backend.text(needed).empty()) {
      error("backend-incomplete", fmt::format("A backend of type {} has no `{}`.", type, needed), "Add it.",
            backend.mark());
    }
    for (const std::string_view word : {"scheme", "method", "timeout", "invocation_type", "network_type"}) {
      if (const Value* value = backend.find(word)) reader_.is_secret(*value, word);
    }
    defaults.backend = backend;
    defaults.backend_at = reader_.at(backend.mark());
    defaults.backend->set("type", type);
  }

  BlockReader& reader_;
  const Value& own_;
  const Value& group_;
  GroupSettings settings_;
};

}  // namespace

void check_defaults(const Value& defaults, BlockReader& reader) {
  reader.check_keys(defaults, kDefaultsKeys, "`defaults`");
}

Value with_defaults(const Value& defaults, const Value& own) {
  Value result = own;
  for (const auto& member : defaults.members()) {
    const Value* mine = own.find(member.key);
    if (mine == nullptr) {
      result.set(member.key, member.value);
    } else if (mine->is_array() && member.value.is_array() && !mine->items().empty()) {
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

std::optional<GroupSettings> read_group(const Value& own, const Value& defaults, BlockReader& reader) {
  if (!own.is_object()) {
    reader.error("key-shape", "A group is not a map.", "Write `- name: …` and its keys below.", own.mark());
    return std::nullopt;
  }
  reader.check_keys(own, kGroupKeys, "a group");
  return GroupReader(reader, own, with_defaults(defaults, own)).run();
}

}  // namespace sluice
