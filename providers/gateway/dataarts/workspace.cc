#include "providers/gateway/dataarts/workspace.h"

#include <fmt/format.h>

#include "plan/json.h"

namespace sluice::gateway::dataarts {
namespace {

constexpr std::string_view kJobs = "job";
/// What a create or update says of itself, not of the job or script.
constexpr std::string_view kOfRequest[] = {"targetStatus", "approvers"};

std::int64_t integer(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  return value != nullptr && value->is_integer() ? value->as_integer() : 0;
}

Value read(std::string_view text) {
  auto parsed = parse_json(text);
  return parsed ? std::move(*parsed) : Value();
}

Value without_request(Value definition) {
  for (const std::string_view name : kOfRequest) definition.erase(name);
  definition.erase("id");
  return definition;
}

}  // namespace

std::string Workspace::new_task_id(Now at) {
  const std::uint64_t number = store.next_number();
  if (rules.sequential_ids) return fmt::format("{:032x}", number);
  const auto process = static_cast<std::uint64_t>(ticks(started)) >> 8U;
  const auto time = static_cast<std::uint64_t>(ticks(at));
  return fmt::format("008aae2e{:08x}{:012x}{:04x}", process & 0xffffffffU, time & 0xffffffffffffU,
                     (number - 1) & 0xffffU);
}

std::int64_t Workspace::new_number() { return static_cast<std::int64_t>(store.next_number()); }

std::optional<Job> find_job(const Workspace& workspace, std::string_view name) {
  const auto record = workspace.store.record(workspace.scope, kJobs, name);
  if (!record) return std::nullopt;
  const Value head = read(record->head);
  return Job{record->id,
             read(record->body),
             integer(head, "id"),
             integer(head, "version"),
             integer(head, "running") != 0,
             time_at(integer(head, "switched")),
             time_at(integer(head, "created")),
             time_at(integer(head, "updated"))};
}

void put_job(const Workspace& workspace, const Job& job) {
  Value head;
  head.set("id", job.id).set("version", job.version).set("running", job.running ? 1 : 0);
  head.set("switched", ticks(job.switched)).set("created", ticks(job.created)).set("updated", ticks(job.updated));
  workspace.store.put_record(
      workspace.scope, {std::string(kJobs), job.name, std::string(job.definition.text("processType")), write_json(head),
                        write_json(job.definition)});
}

void erase_job(const Workspace& workspace, std::string_view name) {
  workspace.store.erase_record(workspace.scope, kJobs, name);
}

std::vector<std::string> job_names(const Workspace& workspace, std::string_view type) {
  std::vector<std::string> out;
  for (Record& record : workspace.store.records(workspace.scope, kJobs, type)) out.push_back(std::move(record.id));
  return out;
}

void store_job(Workspace& workspace, std::optional<Job> known, Value definition) {
  definition = without_request(std::move(definition));
  Job job = known ? std::move(*known) : Job{};
  if (known) ++job.version;
  if (!known) {
    job.id = workspace.new_number();
    job.created = workspace.now;
    job.switched = Now{};
  }
  const std::string name(definition.text("name"));
  if (known && job.name != name) erase_job(workspace, job.name);
  job.name = name;
  job.updated = workspace.now;
  job.definition = std::move(definition);
  put_job(workspace, job);
}

void switch_job(const Workspace& workspace, Job job, bool running) {
  if (job.running == running) return;
  job.running = running;
  job.switched = workspace.now;
  put_job(workspace, job);
}

std::string_view status_of(const Workspace& workspace, const Job& job) {
  if (job.definition.text("processType") != "REAL_TIME") return job.running ? "SCHEDULING" : "STOPPED";
  const bool settled = workspace.now >= job.switched + workspace.rules.latency;
  if (job.running) return settled ? "NORMAL" : "STARTING";
  return settled ? "STOPPED" : "STOPPING";
}

bool is_at_work(const Workspace& workspace, const Job& job) { return status_of(workspace, job) != "STOPPED"; }

std::optional<Asset> find_asset(const Workspace& workspace, std::string_view kind, std::string_view name) {
  const auto record = workspace.store.record(workspace.scope, kind, name);
  if (!record) return std::nullopt;
  const Value head = read(record->head);
  return Asset{record->id, read(record->body), integer(head, "id"), time_at(integer(head, "created")),
               time_at(integer(head, "updated"))};
}

void erase_asset(const Workspace& workspace, std::string_view kind, std::string_view name) {
  workspace.store.erase_record(workspace.scope, kind, name);
}

std::vector<std::string> asset_names(const Workspace& workspace, std::string_view kind) {
  std::vector<std::string> out;
  for (Record& record : workspace.store.records(workspace.scope, kind)) out.push_back(std::move(record.id));
  return out;
}

void store_asset(Workspace& workspace, std::string_view kind, std::optional<Asset> known, Value definition) {
  definition = without_request(std::move(definition));
  Value head;
  head.set("id", known ? known->id : workspace.new_number());
  head.set("created", ticks(known ? known->created : workspace.now)).set("updated", ticks(workspace.now));
  workspace.store.put_record(
      workspace.scope, {std::string(kind), std::string(definition.text("name")), std::string(definition.text("type")),
                        write_json(head), write_json(definition)});
}

std::int64_t ticks(Now time) { return time.time_since_epoch().count(); }

Now time_at(std::int64_t ticks) { return Now(std::chrono::milliseconds(ticks)); }

Fault invalid(std::string_view place) {
  return {"DLF.3051", fmt::format("The request parameter is invalid: {}", place)};
}

}  // namespace sluice::gateway::dataarts
