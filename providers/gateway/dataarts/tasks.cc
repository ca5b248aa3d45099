#include "providers/gateway/dataarts/tasks.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/json.h"
#include "providers/gateway/dataarts/definitions.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway::dataarts {
namespace {

constexpr std::string_view kTasks = "task";
constexpr std::string_view kPending = "pending";
constexpr std::string_view kDone = "done";
constexpr std::string_view kGiven = "given";                   // written by somebody else, shown as it is
constexpr auto kForever = std::chrono::hours(24 * 365 * 100);  // a stuck task

constexpr std::string_view kRunning = "RUNNING";
constexpr std::string_view kSuccessful = "SUCCESSFUL";
constexpr std::string_view kFailed = "FAILED";
constexpr std::string_view kWarning = "WARNING";

/// A job of a package on its way: `status` is "" until the task has ended, and `shown` whether it is a subtask then.
struct Subtask {
  std::string id;
  std::string job;
  std::string status;
  std::string message;
  bool shown = true;
};

/// An import. `package` holds the documents until the task has ended.
struct ImportTask {
  std::string id;
  std::string path;
  bool overwrite = false;
  bool readable = true;
  Now created;
  Now ends;
  std::string status;  ///< "" until it has ended
  std::string unread;  ///< the name of a script that could not be stored
  std::string failure;
  std::vector<Subtask> subtasks;
  Value package;
  Mischief mischief;
};

Value write_items(const std::vector<PackageItem>& items) {
  Value out = Value::array();
  for (const PackageItem& item : items) {
    Value row;
    out.push(row.set("name", item.name).set("document", item.document));
  }
  return out;
}

Value write_package_items(const Package& package) {
  Value out;
  out.set("jobs", write_items(package.jobs)).set("scripts", write_items(package.scripts));
  return out.set("resources", write_items(package.resources));
}

bool flag(const Value& from, std::string_view name) { return member_of(from, name) == Value(true); }

std::int64_t integer(const Value& from, std::string_view name) {
  const Value& value = member_of(from, name);
  return value.is_integer() ? value.as_integer() : 0;
}

Record write_import(const ImportTask& task) {
  Value subtasks = Value::array();
  for (const Subtask& subtask : task.subtasks) {
    Value row;
    row.set("id", subtask.id).set("job", subtask.job).set("status", subtask.status);
    subtasks.push(row.set("message", subtask.message).set("shown", subtask.shown));
  }
  Value head;
  head.set("ends", ticks(task.ends));
  Value body;
  body.set("path", task.path).set("overwrite", task.overwrite).set("readable", task.readable);
  body.set("created", ticks(task.created)).set("status", task.status).set("unread", task.unread);
  body.set("failure", task.failure).set("subtasks", std::move(subtasks));
  body.set("package", task.package).set("mischief", write_mischief(task.mischief));
  return {std::string(kTasks), task.id, std::string(task.status.empty() ? kPending : kDone), write_json(head),
          write_json(body)};
}

ImportTask read_import(const Record& record) {
  const auto head = parse_json(record.head);
  const auto body = parse_json(record.body);
  ImportTask out;
  out.id = record.id;
  if (!head || !body) return out;
  out.path = body->text("path");
  out.overwrite = flag(*body, "overwrite");
  out.readable = flag(*body, "readable");
  out.created = time_at(integer(*body, "created"));
  out.ends = time_at(integer(*head, "ends"));
  out.status = body->text("status");
  out.unread = body->text("unread");
  out.failure = body->text("failure");
  for (const Value& row : member_of(*body, "subtasks").items()) {
    out.subtasks.push_back({std::string(row.text("id")), std::string(row.text("job")), std::string(row.text("status")),
                            std::string(row.text("message")), flag(row, "shown")});
  }
  out.package = member_of(*body, "package");
  out.mischief = read_mischief(body->find("mischief"));
  return out;
}

/// When the jobs of a package become subtasks: half of the way.
Now unpacked_at(const Workspace& workspace, const ImportTask& task) {
  return std::min(task.ends, task.created + workspace.rules.latency / 2);
}

/// Why a job cannot be stored; "" when it was, or was left as it is.
std::string apply_job(Workspace& workspace, const Value& document, const std::string& name, bool overwrite) {
  if (!document.is_object()) return fmt::format("The file of the job {} is no JSON object.", name);
  if (auto fault = check_job(document)) return fault->message;
  auto known = find_job(workspace, name);
  if (known && !overwrite) return "";
  if (known && is_at_work(workspace, *known))
    return fmt::format("The job {} is running; it must be stopped first.", name);
  store_job(workspace, std::move(known), document);
  return "";
}

/// Stores the scripts or resources of a package. Gives the name of one that cannot be stored, else "".
std::string apply_assets(Workspace& workspace, const Value& items, std::string_view kind, bool overwrite) {
  std::string refused;
  for (const Value& item : items.items()) {
    const Value& document = member_of(item, "document");
    const bool good =
        document.is_object() && !document.text("name").empty() && (kind != kScripts || !check_script(document));
    auto known = find_asset(workspace, kind, item.text("name"));
    if (!good && refused.empty()) refused = item.text("name");
    if (good && (!known || overwrite)) store_asset(workspace, kind, std::move(known), document);
  }
  return refused;
}

void apply_jobs(Workspace& workspace, ImportTask& task) {
  const auto& items = member_of(task.package, "jobs").items();
  const std::size_t count = std::min(items.size(), task.subtasks.size());
  for (std::size_t i = 0; i < count; ++i) {
    Subtask& subtask = task.subtasks[i];
    const bool spoiled = count - i <= task.mischief.failing;
    const bool left_out = i < task.mischief.ignoring;
    const bool skipped = !task.overwrite && find_job(workspace, subtask.job).has_value();
    if (spoiled) subtask.message = task.mischief.why.message;
    if (!spoiled && !left_out) {
      subtask.message = apply_job(workspace, member_of(items[i], "document"), subtask.job, task.overwrite);
    }
    subtask.status = subtask.message.empty() ? kSuccessful : kFailed;
    if (skipped && subtask.message.empty()) {
      const SkipReport report = workspace.rules.dataarts.skip;
      subtask.shown = report != SkipReport::Absent;
      if (report == SkipReport::Warning) subtask.status = kWarning;
    }
  }
}

void finish(Workspace& workspace, ImportTask& task) {
  if (task.mischief.failure) {
    task.failure = task.mischief.failure->message;
    task.subtasks.clear();
  }
  if (!task.readable || task.mischief.failure) {
    task.status = kFailed;
  } else {
    // Jobs run scripts, which must be there before them.
    task.unread = apply_assets(workspace, member_of(task.package, "scripts"), kScripts, task.overwrite);
    const std::string other = apply_assets(workspace, member_of(task.package, "resources"), kResources, task.overwrite);
    if (task.unread.empty()) task.unread = other;
    apply_jobs(workspace, task);
    const auto has = [&](std::string_view status) {
      return std::any_of(task.subtasks.begin(), task.subtasks.end(),
                         [&](const Subtask& s) { return s.status == status; });
    };
    const bool failed = has(kFailed) || !task.unread.empty();
    task.status = failed          ? (workspace.rules.dataarts.warning ? kWarning : kFailed)
                  : has(kWarning) ? kWarning
                                  : kSuccessful;
  }
  task.package = Value();
}

bool is_chinese(const Workspace& workspace, const Call& call) {
  const Language language = workspace.rules.dataarts.language;
  if (language != Language::Asked) return language == Language::Chinese;
  const std::string_view asked = find_header(call.http.headers, "X-Language");
  return asked.starts_with("zh") || asked.starts_with("ZH");
}

std::string message_of(const ImportTask& task, bool chinese) {
  if (!task.failure.empty()) return task.failure;
  if (!task.readable) {
    return chinese ? fmt::format("读取OBS文件[{}]失败。", task.path)
                   : fmt::format("Failed to read the OBS file {}. ", task.path);
  }
  if (task.unread.empty()) return "";
  return chinese ? fmt::format("导入[{}]失败。", task.unread) : fmt::format("Failed to import {}. ", task.unread);
}

/// Whole seconds, as milliseconds.
std::int64_t whole_seconds(Now time) { return (ticks(time) + 500) / 1000 * 1000; }

/// Makes texts of the times of a task and its subtasks.
void write_times_as_text(Value& task) {
  for (const char* name : {"startTime", "endTime", "lastUpdate"}) {
    const Value* time = task.find(name);
    if (time != nullptr && time->is_integer()) task.set(name, std::to_string(time->as_integer()));
  }
  const Value* subtasks = task.find("subtasks");
  if (subtasks == nullptr || !subtasks->is_array()) return;
  Value changed = Value::array();
  for (Value subtask : subtasks->items()) {
    if (subtask.is_object()) write_times_as_text(subtask);
    changed.push(std::move(subtask));
  }
  task.set("subtasks", std::move(changed));
}

Value write_task(const Workspace& workspace, const ImportTask& task, bool chinese) {
  const bool ended = !task.status.empty();
  const Now unpacked = unpacked_at(workspace, task);
  const bool is_unpacked = ended || (workspace.now >= unpacked && task.readable);
  const std::int64_t updated = whole_seconds(ended ? task.ends : is_unpacked ? unpacked : task.created);
  Value subtasks = Value::array();
  for (const Subtask& subtask : task.subtasks) {
    if (!is_unpacked || !subtask.shown) continue;
    Value row;
    row.set("id", subtask.id).set("lastUpdate", updated).set("taskId", task.id);
    row.set("name",
            chinese ? fmt::format("导入作业[{}]。", subtask.job) : fmt::format("Import the {} job.", subtask.job));
    row.set("status", ended ? std::string_view(subtask.status) : kRunning);
    const bool says_why = workspace.rules.dataarts.subtask_messages && !subtask.message.empty();
    if (says_why) row.set("message", subtask.message);
    subtasks.push(std::move(row));
  }
  Value out;
  out.set("id", task.id).set("projectId", workspace.project_id).set("subtasks", std::move(subtasks));
  out.set("name",
          chinese ? fmt::format("从路径[{}]导入作业。", task.path) : fmt::format("Import the job from {}.", task.path));
  out.set("startTime", whole_seconds(task.created)).set("lastUpdate", updated);
  out.set("status", ended ? std::string_view(task.status) : kRunning);
  if (ended) out.set("endTime", updated);
  const std::string message = ended ? message_of(task, chinese) : "";
  if (!message.empty()) out.set("message", message);
  return out;
}

bool is_lost(const Workspace& workspace, const Record& record) {
  const auto& retention = workspace.rules.retention;
  if (record.label == kGiven) return false;
  const ImportTask task = read_import(record);
  const bool old = retention && record.label == kDone && task.ends + *retention < workspace.now;
  return task.mischief.lost || old;
}

}  // namespace

std::string add_import(Workspace& workspace, std::string_view path, bool overwrite,
                       const std::optional<Package>& package) {
  ImportTask task;
  task.id = workspace.new_task_id(workspace.now);
  task.path = path;
  task.overwrite = overwrite;
  task.readable = package.has_value();
  task.created = workspace.now;
  task.ends =
      workspace.now + (workspace.mischief.stuck ? std::chrono::milliseconds(kForever) : workspace.rules.latency);
  task.mischief = workspace.mischief;
  const Now unpacked = unpacked_at(workspace, task);
  if (package) {
    task.package = write_package_items(*package);
    for (const PackageItem& job : package->jobs) {
      task.subtasks.push_back({workspace.new_task_id(unpacked), job.name, "", "", true});
    }
  }
  workspace.store.put_record(workspace.scope, write_import(task));
  return task.id;
}

void put_finished_task(const Workspace& workspace, const Value& task) {
  workspace.store.put_record(workspace.scope, {std::string(kTasks), std::string(task.text("id")), std::string(kGiven),
                                               "{}", write_json(task)});
}

bool has_due_tasks(const Workspace& workspace) {
  const auto pending = workspace.store.records(workspace.scope, kTasks, kPending);
  return std::any_of(pending.begin(), pending.end(), [&](const Record& record) {
    const auto head = parse_json(record.head);
    return head && time_at(integer(*head, "ends")) <= workspace.now;
  });
}

void run_due_tasks(Workspace& workspace) {
  for (const Record& pending : workspace.store.records(workspace.scope, kTasks, kPending)) {
    const auto record = workspace.store.record(workspace.scope, kTasks, pending.id);
    if (!record) continue;
    ImportTask task = read_import(*record);
    if (task.ends > workspace.now) continue;
    Workspace then = workspace;
    then.now = task.ends;
    finish(then, task);
    workspace.store.put_record(workspace.scope, write_import(task));
  }
}

Reply show_task(Workspace& workspace, const Call& call) {
  const auto record = workspace.store.record(workspace.scope, kTasks, call.ids[0]);
  if (record && record->label != kGiven && workspace.mischief.lost) {
    ImportTask task = read_import(*record);
    task.mischief.lost = true;
    workspace.store.put_record(workspace.scope, write_import(task));
  }
  if (!record || workspace.mischief.lost || is_lost(workspace, *record)) {
    return refuse("DLF.0810", workspace.rules.dataarts.long_codes ? fmt::format("Task[{}] does not exist", call.ids[0])
                                                                  : std::string("Task does not exist"));
  }
  Value task;
  if (record->label == kGiven) {
    auto given = parse_json(record->body);
    if (given) task = std::move(*given);
  } else {
    task = write_task(workspace, read_import(*record), is_chinese(workspace, call));
  }
  if (workspace.rules.dataarts.text_times) write_times_as_text(task);
  // The service writes its members in the order of the alphabet.
  return HttpResponse{200, {{"Content-Type", "application/json"}}, write_json_sorted(task)};
}

}  // namespace sluice::gateway::dataarts
