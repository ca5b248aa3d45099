#include "providers/gateway/dataarts/service.h"

#include "plan/address.h"
#include "providers/gateway/dataarts/tasks.h"
#include "providers/gateway/routes.h"

namespace sluice::gateway::dataarts {
namespace {

constexpr std::string_view kDefault = "default";
constexpr std::string_view kChanged = "changed by somebody else";

void change_definition(Value& definition, const Value& set) {
  if (set.is_null()) definition.set("description", kChanged);
  for (const Value::Member& member : set.members()) definition.set(member.key, member.value);
}

/// Makes the change to the first job, or else script, whose "job NAME" or "script NAME" matches.
void change_elsewhere(Workspace& workspace, const ForeignChange& change) {
  for (const std::string& name : job_names(workspace, "")) {
    auto job = find_job(workspace, name);
    if (!job || !matches_glob(change.api, "job " + name)) continue;
    if (change.kind == "delete") return erase_job(workspace, name);
    if (change.kind != "edit") return switch_job(workspace, std::move(*job), change.kind == "publish");
    Value definition = job->definition;
    change_definition(definition, change.set);
    return store_job(workspace, std::move(job), std::move(definition));
  }
  for (const std::string& name : asset_names(workspace, kScripts)) {
    auto script = find_asset(workspace, kScripts, name);
    if (!script || !matches_glob(change.api, "script " + name)) continue;
    if (change.kind == "delete") return erase_asset(workspace, kScripts, name);
    if (change.kind != "edit") return;
    Value definition = script->definition;
    change_definition(definition, change.set);
    return store_asset(workspace, kScripts, std::move(script), std::move(definition));
  }
}

}  // namespace

std::optional<std::string> Service::scope_of(std::string_view project_id, std::string_view workspace) const {
  if (workspace.empty() && rules_.dataarts.workspace_required) return std::nullopt;
  if (workspace == kDefault) workspace = "";
  std::string scope = "dataarts/" + std::string(project_id) + "/";
  if (directory_ && !directory_->workspaces.empty()) {
    const WorkspaceEntry* entry = directory_->find_workspace(project_id, workspace);
    if (entry == nullptr) return std::nullopt;
    if (entry->name == kDefault) workspace = "";
  }
  return scope.append(workspace.empty() ? kDefault : workspace);
}

Reply Service::carry_out(const Target& target, const HttpRequest& request, const Encounter& met, Now now) {
  const auto scope = scope_of(target.project_id, find_header(request.headers, "workspace"));
  if (!scope) return refuse("DLF.0819");
  Workspace workspace{store_, *scope, target.project_id, rules_, random_, now, started_.value_or(now)};
  bool writes = target.route->writes || !met.mischief.empty() || !met.changes.empty();
  writes = writes || has_due_tasks(workspace);
  if (writes && !store_.begin()) return refuse("APIG.9999");
  if (writes) run_due_tasks(workspace);
  for (const ForeignChange& change : met.changes) change_elsewhere(workspace, change);
  workspace.mischief = met.mischief;
  const Call call{target.ids, read_query(request.target), request};
  Reply reply = target.route->answer(workspace, call);
  if (writes && !store_.commit()) return refuse("APIG.9999");
  return reply;
}

HttpResponse Service::answer(const Target& target, const HttpRequest& request, const Encounter& met, Now now) {
  if (!started_) started_ = now;
  const Reply reply = carry_out(target, request, met, now);
  if (reply) return *reply;
  Fault fault = reply.error();
  // Newer documents have the codes of tasks and workspaces with another front.
  const bool moved = fault.code == "DLF.0810" || fault.code == "DLF.0819";
  if (moved && rules_.dataarts.long_codes) fault.code.insert(4, "2");
  return fault_answer(fault);
}

bool Service::put_task(std::string_view project_id, std::string_view workspace, const Value& task) {
  const auto scope = scope_of(project_id, workspace);
  if (!scope || !store_.begin()) return false;
  put_finished_task({store_, *scope, std::string(project_id), rules_, random_, Now{}, Now{}}, task);
  return store_.commit();
}

}  // namespace sluice::gateway::dataarts
