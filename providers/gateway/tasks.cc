#include "providers/gateway/tasks.h"

#include <algorithm>

#include "plan/json.h"
#include "providers/gateway/export.h"
#include "providers/gateway/import.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kMostTasks = 10'000;
constexpr std::size_t kMostKeptExports = 32;

/// When a task made now may start: as soon as fewer tasks than there are slots end later.
Now start_of(const Session& session, TaskKind kind, std::string_view group_id) {
  std::vector<Now> ends;
  Now start = session.now;
  for (const std::string& id : session.instance.pending) {
    const Task& task = *session.instance.tasks.find(id);
    ends.push_back(task.ends);
    const bool same_group = kind == TaskKind::Import && task.kind == kind && task.group_id == group_id;
    if (same_group && !group_id.empty()) start = std::max(start, task.ends);
  }
  const std::size_t slots = std::max<std::size_t>(session.rules.concurrent_tasks, 1);
  if (ends.size() < slots) return start;
  std::sort(ends.begin(), ends.end(), std::greater<>());
  return std::max(start, ends[slots - 1]);
}

void forget_oldest(Session& session) {
  const auto& rows = session.instance.tasks.rows();
  if (rows.size() < kMostTasks || rows.begin()->second.state == TaskState::Pending) return;
  const std::string id = rows.begin()->second.id;
  session.store.erase_task(session.scope, id);
  session.instance.tasks.erase(id);
}

std::string write_file(const ExportedFile& file, bool text_keys) {
  Value out;
  if (text_keys) {
    out.set("file_type", std::string_view(file.extension).substr(1)).set("content", file.text);
  } else {
    out.set("FileName", file.name).set("FileType", file.extension).set("Comment", file.text);
  }
  return write_json(out);
}

void keep_export(Instance& instance, const Task& task) {
  auto& kept = instance.kept_exports;
  kept.push_back(task.id);
  if (kept.size() <= kMostKeptExports) return;
  if (Task* oldest = instance.tasks.find(kept.front()); oldest != nullptr && oldest->state == TaskState::Succeeded) {
    oldest->result.clear();
  }
  kept.erase(kept.begin());
}

void finish_export(Session& session, Task& task) {
  const auto file = run_export(session, parse_export(task.request));
  task.state = file ? TaskState::Succeeded : TaskState::Failed;
  task.result = file ? write_file(*file, session.rules.text_keys) : fault_body(file.error());
  if (file) keep_export(session.instance, task);
}

void finish_import(Session& session, Task& task) {
  const auto result = run_import(session, parse_import(task.request));
  task.state = result ? TaskState::Succeeded : TaskState::Failed;
  task.result = result ? write_json(*result) : fault_body(result.error());
  task.request.clear();
}

std::string_view status_of(const Task& task, Now now) {
  if (task.state == TaskState::Succeeded) return "succeed";
  if (task.state == TaskState::Failed) return "failed";
  return now < task.starts + (task.ends - task.starts) / 2 ? "waiting" : "processing";
}

}  // namespace

const Task& add_task(Session& session, TaskKind kind, std::string group_id, std::string request) {
  forget_oldest(session);
  Task task;
  task.id = session.new_id();
  task.kind = kind;
  task.created = session.now;
  task.starts = start_of(session, kind, group_id);
  task.ends = task.starts + session.rules.latency;
  task.group_id = std::move(group_id);
  task.request = std::move(request);
  const Task& added = session.instance.tasks.add(std::move(task));
  session.instance.pending.push_back(added.id);
  session.store.put(session.scope, added);
  return added;
}

bool has_due_tasks(const Instance& instance, Now now) {
  return std::any_of(instance.pending.begin(), instance.pending.end(),
                     [&](const std::string& id) { return instance.tasks.find(id)->ends <= now; });
}

void run_due_tasks(Session& session) {
  std::vector<std::string> due;
  auto& pending = session.instance.pending;
  const auto is_due = [&](const std::string& id) { return session.instance.tasks.find(id)->ends <= session.now; };
  std::copy_if(pending.begin(), pending.end(), std::back_inserter(due), is_due);
  std::erase_if(pending, is_due);
  for (const std::string& id : due) {
    Task& task = *session.instance.tasks.find(id);
    Session then = session;
    then.now = task.ends;
    if (task.kind == TaskKind::Import) {
      finish_import(then, task);
    } else {
      finish_export(then, task);
    }
    session.store.put(session.scope, task);
  }
}

Value write_task(Session& session, Task& task) {
  // Another process, or this one long ago, has finished the export; its text was not kept.
  if (task.kind == TaskKind::Export && task.state == TaskState::Succeeded && task.result.empty()) {
    finish_export(session, task);
  }
  Value out;
  out.set("task_id", task.id).set("task_status", status_of(task, session.now));
  out.set("task_type", task.kind == TaskKind::Import ? "import_api" : "export_api");
  return out.set("task_result", task.state == TaskState::Pending ? std::string() : task.result);
}

}  // namespace sluice::gateway
