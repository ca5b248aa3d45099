#include "providers/gateway/dataarts/transfer.h"

#include <fmt/format.h>

#include <algorithm>

#include "providers/gateway/dataarts/calls.h"
#include "providers/gateway/dataarts/definitions.h"
#include "providers/gateway/dataarts/package.h"
#include "providers/gateway/dataarts/tasks.h"
#include "providers/gateway/encoding.h"
#include "providers/gateway/objects.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway::dataarts {
namespace {

constexpr std::size_t kMostExported = 100;

/// How an export is wanted.
struct Wish {
  bool depend = true;
  std::optional<ObjectPath> folder;  ///< in object storage; without it the answer is the archive
};

Result<Wish, Fault> read_wish(const Value& body) {
  Wish out;
  if (const Value* depend = body.find("exportDepend"); depend != nullptr && !depend->is_null()) {
    if (!depend->is_bool()) return {{invalid("exportDepend")}};
    out.depend = depend->as_bool();
  }
  const std::string_view status = body.text("exportStatus");
  if (!status.empty() && status != "DEVELOP" && status != "SUBMIT") return {{invalid("exportStatus")}};
  const Value* path = body.find("obsPath");
  if (path == nullptr || path->is_null()) return out;
  out.folder = path->is_string() ? parse_object_path(path->as_string()) : std::nullopt;
  if (!out.folder) return refuse("DLF.0803");
  return out;
}

Tree tree_of(const Workspace& workspace, Tree of_page) {
  const PackageTree rule = workspace.rules.dataarts.tree;
  if (rule == PackageTree::Single) return Tree::Single;
  return rule == PackageTree::Batch ? Tree::Batch : of_page;
}

/// The archive as the answer, or in object storage, where it comes with the latency of tasks.
Reply deliver(Workspace& workspace, const Wish& wish, std::string archive, const std::string& file,
              const std::string& folder) {
  if (!wish.folder) {
    return HttpResponse{200,
                        {{"Content-Type", "application/octet-stream"},
                         {"Content-Disposition", "attachment; filename=" + encode_percent(file)}},
                        std::move(archive)};
  }
  if (!has_bucket(workspace.store, workspace.rules, wish.folder->bucket)) return refuse("DLF.1242");
  ObjectPath path = *wish.folder;
  if (!path.key.empty() && !path.key.ends_with('/')) path.key += '/';
  path.key += fmt::format("{}_exported/{}", folder, ticks(workspace.now));
  Value body;
  body.set("obsPath", write_object_path(path));
  path.key += "/" + file;
  const Now visible = workspace.now + workspace.rules.latency;
  put_object(workspace.store, path, std::move(archive), "application/octet-stream", visible);
  return json_answer(200, body);
}

/// The object that a body's `path` names. Faults: DLF.0802, DLF.0803, DLF.1242.
Result<ObjectPath, Fault> read_path(const Workspace& workspace, const Value& body) {
  const Value* path = body.find("path");
  if (path == nullptr || path->is_null()) return refuse("DLF.0802");
  auto parsed = path->is_string() ? parse_object_path(path->as_string()) : std::nullopt;
  if (!parsed || parsed->key.empty() || parsed->key.ends_with('/')) return refuse("DLF.0803");
  if (!has_bucket(workspace.store, workspace.rules, parsed->bucket)) return refuse("DLF.1242");
  return std::move(*parsed);
}

std::optional<Package> open_package(const Workspace& workspace, const ObjectPath& path) {
  const auto object = find_object(workspace.store, path, workspace.now);
  return object ? read_package(object->bytes) : std::nullopt;
}

std::string_view directory_of(const Value& document) {
  const std::string_view directory = document.text("directory");
  return directory.empty() ? "/" : directory;
}

Value describe(const std::vector<PackageItem>& items, bool with_parameters) {
  Value out = Value::array();
  for (const PackageItem& item : items) {
    Value row;
    row.set("name", item.name).set("path", directory_of(item.document));
    if (with_parameters) {
      Value parameters = Value::object();
      for (const Value& parameter : member_of(item.document, "params").items()) {
        if (!parameter.text("name").empty()) parameters.set(parameter.text("name"), member_of(parameter, "value"));
      }
      row.set("params", std::move(parameters));
    }
    out.push(std::move(row));
  }
  return out;
}

/// Whether an optional member is an object whose members are all texts.
bool is_text_map(const Value* map) {
  if (map == nullptr || map->is_null()) return true;
  return map->is_object() && std::all_of(map->members().begin(), map->members().end(),
                                         [](const Value::Member& member) { return member.value.is_string(); });
}

/// What is asked of the jobs of a package, put into them.
Result<void, Fault> adapt(const Value& body, Package& package) {
  const auto set = [&](std::string_view name, const Value* parameters) {
    for (PackageItem& job : package.jobs) {
      if (parameters != nullptr && job.document.is_object() && (name.empty() || job.name == name)) {
        set_parameters(job.document, *parameters);
      }
    }
  };
  if (!is_text_map(body.find("params"))) return {{invalid("params is no map of texts")}};
  set("", body.find("params"));
  // The documents show a list, the vendor's OpenAPI file an object.
  const Value& of_jobs = member_of(body, "jobsParam");
  const Value list = of_jobs.is_object() ? Value::array({of_jobs}) : of_jobs;
  if (!list.is_null() && !list.is_array()) return {{invalid("jobsParam is no list")}};
  for (const Value& entry : list.items()) {
    if (entry.text("name").empty()) return {{invalid("jobsParam[].name is missing")}};
    if (!is_text_map(entry.find("params"))) return {{invalid("jobsParam[].params is no map of texts")}};
    set(entry.text("name"), entry.find("params"));
  }
  const std::string_view user = body.text("executeUser");
  for (PackageItem& job : package.jobs) {
    if (user.empty() || !job.document.is_object()) continue;
    Value config = Value::object(member_of(job.document, "basicConfig").members());
    job.document.set("basicConfig", config.set("executeUser", user));
  }
  return {};
}

}  // namespace

Reply export_job(Workspace& workspace, const Call& call) {
  const auto body = dataarts::read_body(call, true);
  if (!body) return body.forward();
  const auto wish = read_wish(*body);
  if (!wish) return wish.forward();
  const auto job = find_job(workspace, call.ids[0]);
  if (!job) return refuse("DLF.0100");
  std::string archive = write_package(workspace, {*job}, tree_of(workspace, Tree::Single), wish->depend);
  const std::string file = wish->folder ? job->name + ".zip" : "DLF_" + job->name + ".zip";
  return deliver(workspace, *wish, std::move(archive), file, fmt::format("job_{}", job->id));
}

Reply export_jobs(Workspace& workspace, const Call& call) {
  const auto body = dataarts::read_body(call);
  if (!body) return body.forward();
  const auto wish = read_wish(*body);
  if (!wish) return wish.forward();
  const Value* names = body->find("jobList");
  if (names == nullptr || !names->is_array() || names->items().empty())
    return {{invalid("jobList is no list of names")}};
  if (names->items().size() > kMostExported) return {{invalid("jobList has more than 100 names")}};
  std::vector<Job> jobs;
  for (const Value& name : names->items()) {
    if (!name.is_string()) return {{invalid("jobList is no list of names")}};
    auto job = find_job(workspace, name.as_string());
    if (!job) return refuse("DLF.0100", fmt::format("The job {} does not exist.", name.as_string()));
    jobs.push_back(std::move(*job));
  }
  std::string archive = write_package(workspace, jobs, tree_of(workspace, Tree::Batch), wish->depend);
  return deliver(workspace, *wish, std::move(archive), "jobs.zip", "jobs");
}

Reply check_file(Workspace& workspace, const Call& call) {
  const auto body = dataarts::read_body(call);
  if (!body) return body.forward();
  const auto path = read_path(workspace, *body);
  if (!path) return path.forward();
  const auto package = open_package(workspace, *path);
  if (!package) return refuse("DLF.0815");
  Value out;
  out.set("jobs", describe(package->jobs, true)).set("scripts", describe(package->scripts, false));
  return json_answer(200, out);
}

Reply import_jobs(Workspace& workspace, const Call& call) {
  const auto body = dataarts::read_body(call);
  if (!body) return body.forward();
  const std::string_view policy = body->text("sameNamePolicy");
  const bool known = policy.empty() || policy == "SKIP" || policy == "OVERWRITE";
  if (!known) return {{invalid("sameNamePolicy is neither SKIP nor OVERWRITE")}};
  const std::string_view status = body->text("targetStatus");
  if (!status.empty() && status != "SAVED" && status != "SUBMITTED" && status != "PRODUCTION") {
    return {{invalid("targetStatus")}};
  }
  const auto path = read_path(workspace, *body);
  if (!path) return path.forward();
  auto package = open_package(workspace, *path);
  if (!package && !workspace.rules.dataarts.unreadable_task) return refuse("DLF.0815");
  if (package) {
    if (const auto adapted = adapt(*body, *package); !adapted) return adapted.forward();
  }
  Value out;
  out.set("taskId", add_import(workspace, write_object_path(*path), policy == "OVERWRITE", package));
  return json_answer(200, out);
}

}  // namespace sluice::gateway::dataarts
