#include "providers/gateway/dataarts/jobs.h"

#include "providers/gateway/dataarts/calls.h"
#include "providers/gateway/dataarts/definitions.h"

namespace sluice::gateway::dataarts {
namespace {

Reply switch_to(Workspace& workspace, const Call& call, bool running) {
  const auto body = dataarts::read_body(call, true);
  if (!body) return body.forward();
  auto job = find_job(workspace, call.ids[0]);
  if (!job) return refuse("DLF.0100");
  switch_job(workspace, std::move(*job), running);
  return empty_answer();
}

}  // namespace

Reply create_job(Workspace& workspace, const Call& call) {
  auto body = dataarts::read_body(call);
  if (!body) return body.forward();
  if (auto fault = check_job(*body)) return {{std::move(*fault)}};
  if (find_job(workspace, body->text("name"))) return refuse("DLF.0102");
  store_job(workspace, std::nullopt, std::move(*body));
  return empty_answer();
}

Reply list_jobs(Workspace& workspace, const Call& call) {
  std::string_view type = call.parameter("jobType");
  if (type.empty()) type = "BATCH";
  if (type != "BATCH" && type != "REAL_TIME") return {{invalid("jobType is neither BATCH nor REAL_TIME")}};
  const auto names = narrow(job_names(workspace, type), call.parameter("jobName"));
  return dataarts::list_answer(workspace, call, "jobs", names, [&](const std::string& name) {
    const auto job = find_job(workspace, name);
    return job ? listed_job(workspace, *job) : Value();
  });
}

Reply show_job(Workspace& workspace, const Call& call) {
  const auto job = find_job(workspace, call.ids[0]);
  if (!job) return refuse("DLF.0100");
  Value out = shown_job(workspace, *job);
  if (call.parameter("dependencies") == "true") out.set("downstreamJobs", Value::array());
  return json_answer(200, out);
}

Reply update_job(Workspace& workspace, const Call& call) {
  auto body = dataarts::read_body(call);
  if (!body) return body.forward();
  auto job = find_job(workspace, call.ids[0]);
  if (!job) return refuse("DLF.0100");
  if (auto fault = check_job(*body)) return {{std::move(*fault)}};
  const std::string_view name = body->text("name");
  if (name != job->name && find_job(workspace, name)) return refuse("DLF.0102");
  store_job(workspace, std::move(job), std::move(*body));
  return empty_answer();
}

Reply delete_job(Workspace& workspace, const Call& call) {
  const auto body = dataarts::read_body(call, true);
  if (!body) return body.forward();
  if (!find_job(workspace, call.ids[0])) return refuse("DLF.0100");
  erase_job(workspace, call.ids[0]);
  return empty_answer();
}

Reply start_job(Workspace& workspace, const Call& call) { return switch_to(workspace, call, true); }

Reply stop_job(Workspace& workspace, const Call& call) { return switch_to(workspace, call, false); }

}  // namespace sluice::gateway::dataarts
