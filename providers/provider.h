// The contract of every system that Sluice can reconcile. The engine knows nothing else of them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "plan/capabilities.h"
#include "plan/gateway_objects.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "plan/resource.h"
#include "plan/result.h"

namespace sluice {

/// The ids that a gateway gave to groups and APIs.
using RemoteIds = std::map<Address, std::string>;

/// Which group to export, and the environments whose published versions are wanted; one that does not exist is not
/// missed, for what is there says so (LiveState::environments). The group "" stands for the gateway itself: of it, the
/// named policies are wanted, and which APIs use them. `group_id` is the gateway's id of a group of ours, where known:
/// one that was renamed on the gateway is found by it, and exported under the name that we know.
struct ExportRequest {
  std::string group;
  std::vector<std::string> environments = {};
  bool responses = false;              ///< the group's responses too
  std::vector<Address> policies = {};  ///< of group "": throttling and access control policies
  std::string group_id = {};
  std::set<ObjectKind> objects = {};  ///< of group "": which of these exist, and what they are
  bool quotas = false;                ///< of group "": what it allows, where it tells
  bool groups = false;                ///< of group "": the names of all groups, and of all environments
};

struct TaskRunning {};
/// The whole group; no resources when the group does not exist. `remote_id` is set on groups and APIs, `changed_at` on
/// APIs and publications where the gateway tells it.
struct ExportDone {
  LiveState live;
  GatewayObjects objects = {};  ///< of group ""
};
/// What the gateway says of each resource of a step. It may name fewer than the step predicts.
struct StepDone {
  std::vector<EntryResult> entries;
};
/// The task ended without a result. Its error's effect says whether anything may have been changed; `ended` that the
/// gateway itself says so, and nothing more will come.
struct TaskFailed {
  Error error;
  bool ended = false;
};
using TaskStatus = std::variant<TaskRunning, ExportDone, StepDone, TaskFailed>;

/// A provider's own notes on a task that it started.
class TaskDetail {
 public:
  TaskDetail() = default;
  TaskDetail(const TaskDetail&) = delete;
  TaskDetail& operator=(const TaskDetail&) = delete;
  virtual ~TaskDetail() = default;
};

/// Something the gateway does in its own time. `id` is the gateway's, and "" when it answered at once.
struct Task {
  std::string id;
  std::shared_ptr<TaskDetail> detail;
};

/// One system. Every action is a task, even one that is answered at once, so that waiting, deadlines, journal and
/// resumption have one path. Safe to call from several threads at once, but for two calls on one Task.
/// A provider translates: it never plans, never locks, and never decides to repeat a change.
class Provider {
 public:
  Provider() = default;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  virtual ~Provider() = default;

  virtual GatewayIdentity identity() const = 0;
  virtual Capabilities capabilities() const = 0;

  /// Changes nothing. A group that does not exist is not an error; an environment that does not exist is NotFound.
  virtual Result<Task> start_export(const ExportRequest& request) = 0;

  /// Sends the step. `ids` holds the ids of its resources, where they exist. Effect None means that nothing happened.
  virtual Result<Task> start(const Step& step, const RemoteIds& ids) = 0;

  /// How the task is doing, now; never waits. A task still queued is not an error. Once it has ended it is not polled
  /// again. Errors concern the question, not the task: ask again.
  virtual Result<TaskStatus> poll(Task& task) = 0;

  /// A task that another run started for `group`, known by its id. Its result may name no resources.
  virtual Task resume(const std::string& id, const std::string& group) = 0;
};

}  // namespace sluice
