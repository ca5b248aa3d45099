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

}  // namespace

Reply import_now(Session& session, const Call& call) {
  const auto request = read_import(call);
  if (!request) return request.forward();
  const auto result = run_import(session, *request);
  if (!result) return result.forward();
  return json_answer(200, *result);
}

Reply import_later(Session& session, const Call& call) {
  const auto request = read_import(call);
  if (!request) return request.forward();
  // Imports that make a group wait for no other.
  std::string group_id = request->create_group ? std::string() : request->group_id;
  return accepted(add_task(session, TaskKind::Import, std::move(group_id), write_import(*request)));
}

Reply export_now(Session& session, const Call& call) {
  const auto request = read_export(call, session.now);
  if (!request) return request.forward();
  auto file = run_export(session, *request);
  if (!file) return file.forward();
  return HttpResponse{200, {{"Content-Type", "application/octet-stream"}}, std::move(file->text)};
}

Reply export_later(Session& session, const Call& call) {
  const auto request = read_export(call, session.now);
  if (!request) return request.forward();
  return accepted(add_task(session, TaskKind::Export, request->group_id, write_export(*request)));
}

Reply show_task(Session& session, const Call& call) {
  Task* task = session.instance.tasks.find(call.ids[0]);
  if (task == nullptr) {
    return refuse("APIG.3093", "The asynchronous task " + call.ids[0] + " does not exist");
  }
  return json_answer(200, write_task(session, *task));
}

}  // namespace sluice::gateway
