// Who may use the gateway, and which projects and instances there are: the files of --credentials and --instances.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/source.h"
#include "providers/gateway/model.h"

namespace sluice::gateway {

/// A token that is good until `expires`, if that is set, for one project, if that is named.
struct TokenEntry {
  std::string token;
  std::string project_id;
  std::optional<Now> expires;
};

/// An access key with its secret; with a security token it is a temporary one.
struct KeyEntry {
  std::string access_key;
  std::string secret_key;
  std::string security_token;
  std::string project_id;
  std::optional<Now> expires;
};

struct ProjectEntry {
  std::string id;
  std::string name;
};

struct UserEntry {
  std::string name;
  std::string password;
  std::string domain;
  std::vector<ProjectEntry> projects;
};

struct Credentials {
  std::vector<TokenEntry> tokens;
  std::vector<KeyEntry> keys;
  std::vector<UserEntry> users;

  /// Reads a file with `tokens`, `keys` and `users`. Findings never show what the file holds.
  static Parsed<Credentials> read(const SourceText& source);
};

struct InstanceEntry {
  std::string id;
  std::string project_id;
  std::string name;
};

/// A DataArts workspace; the one called `default` is meant where a request names none.
struct WorkspaceEntry {
  std::string id;
  std::string project_id;
  std::string name;
};

/// The projects and instances that exist. Without any workspace every id is one.
struct Directory {
  std::vector<ProjectEntry> projects;
  std::vector<InstanceEntry> instances;
  std::vector<WorkspaceEntry> workspaces = {};

  /// Reads a file with `projects`, `instances` and `workspaces`.
  static Parsed<Directory> read(const SourceText& source);

  const InstanceEntry* find(std::string_view project_id, std::string_view id) const;
  /// The workspace with an id, or, for "", the project's default one; null when there is none.
  const WorkspaceEntry* find_workspace(std::string_view project_id, std::string_view id) const;
};

/// The id of a project that is known by its name only: the same at every time.
std::string project_id_of(std::string_view name);

}  // namespace sluice::gateway
