#include "providers/gateway/tasks.h"

#include <algorithm>

#include "plan/json.h"
#include "providers/gateway/export.h"
#include "providers/gateway/import.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kMostTasks = 10'000;
constexpr std::size_t kMostKeptExports = 32;
constexpr auto kForever = std::chrono::hours(24 * 365 * 100);  // a stuck task

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
    const std::string_view type = file.extension;
    out.set("file_type", type.starts_with('.') ? type.substr(1) : type).set("content", file.text);
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
  const Value* failures = result ? result->find("failure") : nullptr;
  if (session.rules.failures_fail && failures != nullptr && !failures->empty()) {
    const Value& first = failures->items().front();
    Value out = *result;
    out.set("error_code", first.text("error_code")).set("error_msg", first.text("error_msg"));
    task.state = TaskState::Failed;
    task.result = write_json(out);
  }
  task.request.clear();
}

std::string_view status_of(const Task& task, Now now) {
  if (task.state == TaskState::Succeeded) return "succeed";
  if (task.state == TaskState::Failed) return "failed";
  const auto halfway = std::min<std::chrono::milliseconds>((task.ends - task.starts) / 2, std::chrono::hours(1));
  return now < task.starts + halfway ? "waiting" : "processing";
}

}  // namespace

const Task& add_task(Session& session, TaskKind kind, std::string group_id, std::string request) {
  forget_oldest(session);
  Task task;
  task.id = session.new_id();
  task.kind = kind;
  task.created = session.now;
  task.starts = start_of(session, kind, group_id);
  task.ends = task.starts + (session.mischief.stuck ? std::chrono::milliseconds(kForever) : session.rules.latency);
  task.group_id = std::move(group_id);
  task.request = std::move(request);
  const Task& added = session.instance.tasks.add(std::move(task));
  session.instance.pending.push_back(added.id);
  session.store.put(session.scope, added);
  return added;
}

// Both kinds of requests begin with a line that is a JSON object; the document of an import follows.
Mischief mischief_of(const Task& task) {
  const std::string_view line = std::string_view(task.request).substr(0, task.request.find('\n'));
  if (line.find("\"mischief\"") == std::string_view::npos) return {};
  const auto head = parse_json(line);
  return head ? read_mischief(head->find("mischief")) : Mischief{};
}

void set_mischief(Session& session, Task& task, const Mischief& mischief) {
  const std::size_t end = std::min(task.request.find('\n'), task.request.size());
  auto head = parse_json(std::string_view(task.request).substr(0, end));
  if (!head) return;
  head->set("mischief", write_mischief(mischief));
  task.request = write_json(*head) + task.request.substr(end);
  session.store.put(session.scope, task);
}

bool is_expired(const Session& session, const Task& task) {
  const auto& retention = session.rules.retention;
  return retention && task.state != TaskState::Pending && task.ends + *retention < session.now;
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
    const bool lost = mischief_of(task).lost;
    Session then = session;
    then.now = task.ends;
    if (task.kind == TaskKind::Import) {
      finish_import(then, task);
    } else {
      finish_export(then, task);
    }
    if (lost) {
      session.store.erase_task(session.scope, id);
      session.instance.tasks.erase(id);
    } else {
      session.store.put(session.scope, task);
    }
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
