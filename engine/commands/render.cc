// `sluice render`: the Swagger that an import of each group would carry, whole.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/commands/command.h"
#include "plan/import_document.h"
#include "plan/json.h"
#include "plan/secrets.h"
#include "plan/sensitive.h"
#include "plan/yaml.h"

namespace sluice {
namespace {

/// One Swagger document of a group. A group has a second one when two of its APIs share method and path.
struct Rendering {
  Value document;
  std::vector<Address> apis;
};

/// The APIs of a group as they may be shown, with a word in the place of each sensitive text. In `explanations` too.
DesiredState without_sensitive(DesiredState desired, const GroupSettings& group, Explanations& explanations) {
  constexpr std::string_view kHidden = "(sensitive)";
  const PathWalk named(group.sensitive);
  for (auto& [address, resource] : desired.resources) {
    if (address.type() != "api") continue;
    std::set<std::string> texts;
    resource.body = with_sensitive(resource.body, kApiSchema.fields, named, [&](const std::string& text) {
      if (is_mark(text)) return text;
      texts.insert(text);
      return std::string(kHidden);
    });
    const auto origins = explanations.find(address);
    if (origins == explanations.end()) continue;
    for (ValueOrigin& origin : origins->second) {
      if (origin.value.is_string() && texts.contains(origin.value.as_string())) origin.value = Value(kHidden);
    }
  }
  return desired;
}

std::vector<Rendering> render_group(const DesiredState& desired, const std::string& group) {
  std::vector<std::map<std::string, const Resource*>> rounds;
  for (const auto& [address, resource] : desired.resources) {
    if (address.type() != "api") continue;
    const std::string key = fmt::format("{} {}", resource.body.text("path"), resource.body.text("method"));
    auto round = std::find_if(rounds.begin(), rounds.end(), [&](const auto& one) { return !one.contains(key); });
    if (round == rounds.end()) round = rounds.emplace(rounds.end());
    round->emplace(key, &resource);
  }
  if (rounds.empty()) rounds.emplace_back();
  std::vector<Rendering> renderings;
  for (const auto& round : rounds) {
    std::vector<const Value*> bodies;
    Rendering rendering;
    for (const auto& [key, resource] : round) {
      bodies.push_back(&resource->body);
      rendering.apis.push_back(resource->address);
    }
    auto document = parse_json(import_document(group, bodies));
    check(document.has_value(), "an import document is not JSON");
    rendering.document = with_marks_shown(*document);
    renderings.push_back(std::move(rendering));
  }
  return renderings;
}

std::string indented(std::string_view text, std::size_t by) {
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!line.empty()) result.append(by, ' ').append(line);
    result += '\n';
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return result;
}

/// A map of one member as YAML, of which the first line is wanted: its key.
std::string key_line(std::string_view key) {
  const std::string text = write_yaml(Value::object({{std::string(key), Value(1), 0}}));
  return text.substr(0, text.rfind(" 1"));
}

std::string method_of(std::string_view key) {
  if (key == "x-apigateway-any-method") return "ANY";
  std::string method(key);
  for (char& c : method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return method;
}

const Address* api_of(const Rendering& rendering, std::string_view method, std::string_view path) {
  const std::string name = fmt::format("{} {}", method, path);
  const auto at = std::find_if(rendering.apis.begin(), rendering.apis.end(), [&](const Address& address) {
    return address.name() == name || address.name() == name + " SWA";
  });
  return at == rendering.apis.end() ? nullptr : &*at;
}

/// The document as YAML, with a comment for each value of each operation: where it comes from.
std::string explained_yaml(const Rendering& rendering, const Explanations& explanations) {
  std::string text;
  for (const auto& member : rendering.document.members()) {
    if (member.key != "paths" || member.value.members().empty()) {
      text += write_yaml(Value::object({member}));
      continue;
    }
    text += "paths:\n";
    for (const auto& path : member.value.members()) {
      text += indented(key_line(path.key), 2);
      for (const auto& operation : path.value.members()) {
        const Address* address = api_of(rendering, method_of(operation.key), path.key);
        const auto origins = address == nullptr ? explanations.end() : explanations.find(*address);
        if (origins != explanations.end()) {
          for (const ValueOrigin& origin : origins->second) {
            text += fmt::format("    # {}: {}\n", origin.path, origin.layer);
          }
        }
        text += indented(write_yaml(Value::object({operation})), 4);
      }
    }
  }
  return text;
}

Value origins_to_json(const Rendering& rendering, const Explanations& explanations) {
  Value json = Value::object();
  for (const Address& address : rendering.apis) {
    Value values = Value::array();
    const auto origins = explanations.find(address);
    if (origins == explanations.end()) continue;
    for (const ValueOrigin& origin : origins->second) {
      Value entry = Value::object();
      values.push(
          entry.set("path", origin.path).set("value", with_marks_shown(origin.value)).set("origin", origin.layer));
    }
    json.set(address.text(), std::move(values));
  }
  return json;
}

/// The groups that --group names, or all. Errors: Invalid for a name that the manifest does not have.
Result<std::vector<GroupSettings>> chosen_groups(const Invocation& invocation, const Manifest& manifest) {
  const std::vector<std::string> names = invocation.values("group");
  if (names.empty()) return manifest.groups;
  std::vector<GroupSettings> chosen;
  for (const std::string& name : names) {
    const bool known = std::any_of(manifest.groups.begin(), manifest.groups.end(),
                                   [&](const GroupSettings& group) { return group.name == name; });
    if (known) continue;
    std::vector<std::string_view> all;
    for (const GroupSettings& group : manifest.groups) all.push_back(group.name);
    const std::string near = did_you_mean(name, all);
    return fail(ErrorKind::NotFound,
                fmt::format("The manifest has no group \"{}\": {}.", name,
                            near.empty() ? "name one of its `groups`" : fmt::format("perhaps \"{}\" is meant", near)));
  }
  for (const GroupSettings& group : manifest.groups) {
    if (std::find(names.begin(), names.end(), group.name) != names.end()) chosen.push_back(group);
  }
  return chosen;
}

}  // namespace

ExitCode run_render(const CommandContext& context) {
  const auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  auto manifest = load_manifest(context.invocation, context.environment);
  print_diagnostics(manifest.diagnostics);
  if (!manifest.value) return ExitCode::Error;
  auto chosen = chosen_groups(context.invocation, *manifest.value);
  if (!chosen) return report(chosen.error());
  manifest.value->groups = std::move(*chosen);
  Explanations explanations;
  auto loaded = load_groups(*manifest.value, &explanations);
  print_diagnostics(loaded.diagnostics);
  if (!loaded.value) return ExitCode::Error;
  const bool explain = context.invocation.has("explain");
  std::string yaml;
  Value json = Value::array();
  for (const GroupRequest& group : loaded.value->groups) {
    const auto settings = std::find_if(manifest.value->groups.begin(), manifest.value->groups.end(),
                                       [&](const GroupSettings& one) { return one.name == group.name; });
    const DesiredState shown = settings == manifest.value->groups.end()
                                   ? group.desired  // the gateway's own policies
                                   : without_sensitive(group.desired, *settings, explanations);
    for (const Rendering& rendering : render_group(shown, group.name)) {
      if (!yaml.empty()) yaml += "---\n";
      yaml += explain ? explained_yaml(rendering, explanations) : write_yaml(rendering.document);
      Value entry = rendering.document;
      if (explain) {
        entry = Value::object();
        entry.set("document", rendering.document).set("origins", origins_to_json(rendering, explanations));
      }
      json.push(std::move(entry));
    }
  }
  if (formats->text) {
    if (auto written = write_output(*formats->text, yaml); !written) return report(written.error());
  }
  if (formats->json) {
    const Value& whole = json.items().size() == 1 ? json.items().front() : json;
    if (auto written = write_output(*formats->json, write_json_pretty(whole) + "\n"); !written)
      return report(written.error());
  }
  return ExitCode::Done;
}

}  // namespace sluice
