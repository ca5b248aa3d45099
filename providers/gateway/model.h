// What one gateway instance holds. Definitions are Values in the shape of the JSON API (API Gateway V2, "APIs").
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "plan/value.h"
#include "providers/gateway/table.h"

namespace sluice::gateway {

/// UTC, in milliseconds.
using Now = std::chrono::sys_time<std::chrono::milliseconds>;

/// The environment that every instance has from the start.
inline constexpr std::string_view kReleaseId = "DEFAULT_ENVIRONMENT_RELEASE_ID";
inline constexpr std::string_view kReleaseName = "RELEASE";

struct Group {
  std::string id;
  std::string name;
  std::string remark;
  Now created;
  Now updated;
  bool built_in = false;  ///< the DEFAULT group, which is in no file until it is changed
};

struct Environment {
  std::string id;
  std::string name;
  std::string remark;
  Now created;
};

/// One version of an API in one environment; at most one per environment is active. `definition` is the snapshot taken
/// at publish, null for versions out of effect (the store keeps those).
struct Publication {
  std::string version_id;
  std::string publish_id;
  std::string env_id;
  std::string remark;
  Now at;
  bool active = true;
  Value definition;
};

enum class PolicyKind { Throttle, Acl, Plugin, Response, Authorizer, Channel, Orchestration };

/// A throttling policy, access control policy, plug-in, group response, authorizer, VPC channel or orchestration rule.
/// `body` has the members of the JSON API but for names, ids and times; of a throttling policy also its `specials`, of
/// a response only the `responses` that were set. `group_id` is "" for all but responses.
struct Policy {
  PolicyKind kind = PolicyKind::Throttle;
  std::string id;
  std::string group_id;
  std::string name;
  Value body;
  Now created;
  Now updated;
};

/// A policy at work on what an API runs in an environment. It ends when the API goes offline there.
struct Binding {
  std::string id;
  PolicyKind kind = PolicyKind::Throttle;
  std::string policy_id;
  std::string env_id;
  Now at;
};

/// An API: its draft, its publications, oldest first, and what is bound to them. `wishes` are the policies that the
/// latest import of the draft named: `throttle` and `acl` (a name) and `plugins` (a list of names); null when no import
/// ever made the draft.
struct Api {
  std::string id;
  std::string group_id;
  Value definition;
  Now created;
  Now updated;
  std::string identity;
  std::vector<Publication> publications;
  std::vector<Binding> bindings;
  Value wishes;

  /// The version in effect in an environment; null when it is not published there.
  const Publication* published_in(std::string_view env_id) const;
  bool published() const;
};

enum class TaskKind { Import, Export };
enum class TaskState { Pending, Succeeded, Failed };

/// An asynchronous import or export. `request` is dropped once an import is done. The result of an export is kept in
/// memory for a while only, and made again when it is asked for later.
struct Task {
  std::string id;
  TaskKind kind = TaskKind::Import;
  std::string group_id;
  std::string request;
  Now created;
  Now starts;
  Now ends;
  TaskState state = TaskState::Pending;
  std::string result;
};

/// Everything under one project and instance id. `pending` holds the ids of unfinished tasks, oldest first;
/// `kept_exports` those of the exports whose result is still in memory.
struct Instance {
  Table<Group> groups;
  Table<Environment> environments;
  Table<Api> apis;
  Table<Task> tasks;
  std::vector<std::string> pending;
  std::vector<std::string> kept_exports;
  Table<Policy> throttles;
  Table<Policy> acls;
  Table<Policy> plugins;
  Table<Policy> responses;
  Table<Policy> authorizers;
  Table<Policy> channels;
  Table<Policy> orchestrations;

  Table<Policy>& policies(PolicyKind kind);
  const Table<Policy>& policies(PolicyKind kind) const;
};

/// The group that every gateway of the service has from the start.
inline constexpr std::string_view kDefaultGroupName = "DEFAULT";

/// The name of the response that every group has.
inline constexpr std::string_view kDefaultResponse = "default";

/// The default response of a group as it is before anybody changes it; its id follows from the group's.
Policy default_response(const Group& group);

/// `2020-07-31T12:42:51.314Z`.
std::string write_time(Now time);
/// `20200731124251`, as in the number of a published version.
std::string write_time_digits(Now time);
/// `2020-07-31-12:42:51`, as in the version of an exported file.
std::string write_time_dashed(Now time);

}  // namespace sluice::gateway
