#include "providers/gateway/credentials.h"

#include <algorithm>
#include <set>
#include <utility>

#include "plan/digest.h"
#include "plan/yaml.h"
#include "providers/gateway/settings.h"

namespace sluice::gateway {
namespace {

/// A project is its name, or an object with `name` and `id`.
std::vector<ProjectEntry> read_projects(Settings& settings, const Value& from) {
  std::vector<ProjectEntry> out;
  for (const Value& item : settings.list(from, "projects")) {
    if (item.is_string()) {
      out.push_back({project_id_of(item.as_string()), item.as_string()});
    } else if (settings.is_object(item, {"id", "name"})) {
      const std::string name = settings.required(item, "name");
      out.push_back({settings.text(item, "id", project_id_of(name)), name});
    }
  }
  return out;
}

std::optional<Now> read_time(Settings& settings, const Value& from, std::string_view name) {
  const std::string text = settings.text(from, name);
  if (text.empty()) return std::nullopt;
  // 2026-01-02T15:04:05Z, in whole seconds.
  std::chrono::sys_seconds time;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  char end = 0;
  // NOLINTNEXTLINE(cert-err34-c): the count of what was read is checked
  const int count =
      std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%c", &year, &month, &day, &hour, &minute, &second, &end);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (count != 7 || end != 'Z' || !date.ok()) {
    settings.report(*from.find(name), "A time is written as 2026-01-02T15:04:05Z.");
    return std::nullopt;
  }
  time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
  return Now(time);
}

TokenEntry read_token(Settings& settings, const Value& item) {
  if (item.is_string() && !item.as_string().empty()) return {item.as_string(), "", std::nullopt};
  if (!settings.is_object(item, {"token", "project_id", "expires_at"})) return {};
  return {settings.required(item, "token"), settings.text(item, "project_id"), read_time(settings, item, "expires_at")};
}

KeyEntry read_key(Settings& settings, const Value& item) {
  if (!settings.is_object(item, {"access_key", "secret_key", "security_token", "project_id", "expires_at"})) return {};
  return {settings.required(item, "access_key"), settings.required(item, "secret_key"),
          settings.text(item, "security_token"), settings.text(item, "project_id"),
          read_time(settings, item, "expires_at")};
}

UserEntry read_user(Settings& settings, const Value& item) {
  if (!settings.is_object(item, {"name", "password", "domain", "projects"})) return {};
  return {settings.required(item, "name"), settings.required(item, "password"), settings.required(item, "domain"),
          read_projects(settings, item)};
}

}  // namespace

std::string project_id_of(std::string_view name) {
  std::string seed = "project ";
  seed.append(name);
  return sha256_hex(seed).substr(0, 32);
}

Parsed<Credentials> Credentials::read(const SourceText& source) {
  const auto document = parse_document(source);
  // A parser quotes what it cannot read, and here that may be a secret.
  if (!document.value) {
    Diagnostics findings = document.diagnostics;
    for (Diagnostic& finding : findings) {
      finding.summary = "The file is neither JSON nor YAML from here on.";
      finding.detail = "It holds `tokens`, `keys` and `users`.";
    }
    return {std::nullopt, std::move(findings)};
  }
  Settings settings(source, true);
  Credentials out;
  if (settings.is_object(*document.value, {"tokens", "keys", "users"})) {
    for (const Value& item : settings.list(*document.value, "tokens")) {
      out.tokens.push_back(read_token(settings, item));
    }
    for (const Value& item : settings.list(*document.value, "keys")) out.keys.push_back(read_key(settings, item));
    for (const Value& item : settings.list(*document.value, "users")) out.users.push_back(read_user(settings, item));
    if (settings.ok() && out.tokens.empty() && out.keys.empty() && out.users.empty()) {
      settings.report(*document.value, "The file names nobody.", "Add `tokens`, `keys` or `users`.");
    }
  }
  if (!settings.ok()) return {std::nullopt, std::move(settings.findings())};
  return {std::move(out), {}};
}

Parsed<Directory> Directory::read(const SourceText& source) {
  const auto document = parse_document(source);
  if (!document.value) return {std::nullopt, document.diagnostics};
  Settings settings(source);
  Directory out;
  if (settings.is_object(*document.value, {"projects", "instances", "workspaces"})) {
    out.projects = read_projects(settings, *document.value);
    std::set<std::pair<std::string, std::string>> seen;
    for (const Value& item : settings.list(*document.value, "instances")) {
      if (!settings.is_object(item, {"id", "project_id", "name"})) continue;
      const std::string id = settings.required(item, "id");
      const std::string project = settings.required(item, "project_id");
      if (!seen.emplace(project, id).second) settings.report(item, "This instance is there twice.");
      out.instances.push_back({id, project, settings.text(item, "name", "apig-" + id)});
    }
    for (const Value& item : settings.list(*document.value, "workspaces")) {
      if (!settings.is_object(item, {"id", "project_id", "name"})) continue;
      const std::string id = settings.required(item, "id");
      out.workspaces.push_back({id, settings.required(item, "project_id"), settings.text(item, "name", id)});
    }
  }
  if (!settings.ok()) return {std::nullopt, std::move(settings.findings())};
  return {std::move(out), {}};
}

const InstanceEntry* Directory::find(std::string_view project_id, std::string_view id) const {
  const auto at = std::find_if(instances.begin(), instances.end(), [&](const InstanceEntry& entry) {
    return entry.project_id == project_id && entry.id == id;
  });
  return at != instances.end() ? &*at : nullptr;
}

const WorkspaceEntry* Directory::find_workspace(std::string_view project_id, std::string_view id) const {
  const auto at = std::find_if(workspaces.begin(), workspaces.end(), [&](const WorkspaceEntry& entry) {
    return entry.project_id == project_id && (id.empty() ? entry.name == "default" : entry.id == id);
  });
  return at != workspaces.end() ? &*at : nullptr;
}

}  // namespace sluice::gateway
