#include "providers/gateway/documents.h"

#include "providers/gateway/export.h"
#include "providers/gateway/import.h"
#include "providers/gateway/tasks.h"

namespace sluice::gateway {
namespace {

HttpResponse accepted(const Task& task) {
  Value out;
  return json_answer(202, out.set("task_id", task.id));
}

bool is_json(const Call& call) {
  return find_header(call.http.headers, "Content-Type").starts_with("application/json");
}

/// Without the record of the task, but what it does is done.
bool is_lost(const Task& task) { return mischief_of(task).lost; }

void lose(Session& session, Task& task) {
  if (task.state != TaskState::Pending) {
    const std::string id = task.id;
    session.store.erase_task(session.scope, id);
    session.instance.tasks.erase(id);
    return;
  }
  Mischief mischief = mischief_of(task);
  mischief.lost = true;
  set_mischief(session, task, mischief);
}

}  // namespace

Reply import_now(Session& session, const Call& call) {
  auto request = session.rules.json_import && is_json(call) ? read_json_import(call, session.rules)
                                                            : read_import(call, session.rules);
  if (!request) return request.forward();
  request->mischief = session.mischief;
  const auto result = run_import(session, *request);
  if (!result) return result.forward();
  return json_answer(200, *result);
}

Reply import_later(Session& session, const Call& call) {
  auto request = read_import(call, session.rules);
  if (!request) return request.forward();
  if (auto good = check_at_post(session, *request); !good) return good.forward();
  request->mischief = session.mischief;
  // Imports that make a group wait for no other.
  std::string group_id = request->create_group ? std::string() : request->group_id;
  return accepted(add_task(session, TaskKind::Import, std::move(group_id), write_import(*request)));
}

Reply export_now(Session& session, const Call& call) {
  auto request = read_export(call, session.now, session.rules);
  if (!request) return request.forward();
  request->mischief = session.mischief;
  auto file = run_export(session, *request);
  if (!file) return file.forward();
  return HttpResponse{200, {{"Content-Type", "application/octet-stream"}}, std::move(file->text)};
}

Reply export_later(Session& session, const Call& call) {
  auto request = read_export(call, session.now, session.rules);
  if (!request) return request.forward();
  request->mischief = session.mischief;
  return accepted(add_task(session, TaskKind::Export, request->group_id, write_export(*request)));
}

Reply show_task(Session& session, const Call& call) {
  Task* task = session.instance.tasks.find(call.ids[0]);
  if (task != nullptr && session.mischief.lost) {
    lose(session, *task);
    task = nullptr;
  }
  if (task == nullptr || is_lost(*task) || is_expired(session, *task)) {
    return refuse("APIG.3093", "The asynchronous task " + call.ids[0] + " does not exist");
  }
  return json_answer(200, write_task(session, *task));
}

}  // namespace sluice::gateway
