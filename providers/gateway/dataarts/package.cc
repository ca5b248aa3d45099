#include "providers/gateway/dataarts/package.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "plan/json.h"
#include "providers/gateway/archive.h"
#include "providers/gateway/dataarts/definitions.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway::dataarts {
namespace {

constexpr std::size_t kLargestPackage = 10U << 20U;

/// Takes a file for an item if it ends so.
bool take(const ArchiveEntry& entry, std::string_view suffix, std::vector<PackageItem>& into) {
  const std::string_view path = entry.path;
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (!file.ends_with(suffix) || file.size() == suffix.size()) return false;
  auto document = parse_json(entry.bytes);
  const bool good = document && document->is_object();
  std::string name(good ? document->text("name") : std::string_view());
  if (name.empty()) name = file.substr(0, file.size() - suffix.size());
  into.push_back({std::move(name), good ? std::move(*document) : Value()});
  return true;
}

/// Names become files, which keep inside of their folder.
std::string file_name(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '/', '_');
  std::replace(out.begin(), out.end(), '\\', '_');
  return out;
}

/// Whether a property of a job's nodes names a resource or its place.
bool uses(const Value& job, const Asset& resource) {
  const std::string_view location = resource.definition.text("location");
  for (const Value& node : member_of(job, "nodes").items()) {
    for (const Value& property : member_of(node, "properties").items()) {
      const std::string_view value = property.text("value");
      if (!value.empty() && (value == resource.name || value == location)) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<Package> read_package(std::string_view bytes) {
  if (bytes.size() > kLargestPackage) return std::nullopt;
  const auto entries = read_archive(bytes);
  if (!entries) return std::nullopt;
  Package out;
  for (const ArchiveEntry& entry : *entries) {
    if (take(entry, ".job", out.jobs) || take(entry, ".script", out.scripts)) continue;
    take(entry, ".resource", out.resources);
  }
  if (out.jobs.empty() && out.scripts.empty() && out.resources.empty()) return std::nullopt;
  return out;
}

std::string write_package(const Workspace& workspace, const std::vector<Job>& jobs, Tree tree, bool depend) {
  std::vector<ArchiveEntry> entries;
  std::set<std::string> paths;
  const auto add = [&](std::string path, const Value& document) {
    if (paths.insert(path).second) entries.push_back({std::move(path), write_json_pretty(document)});
  };
  for (const Job& job : jobs) {
    const std::string name = file_name(job.name);
    const std::string folder = tree == Tree::Batch ? "jobs/" + name + "/" : "jobs/";
    add(folder + name + ".job", exported_job(workspace, job));
    if (!depend) continue;
    for (const std::string& used : scripts_of(job.definition)) {
      const auto script = find_asset(workspace, kScripts, used);
      if (script) {
        add((tree == Tree::Batch ? folder : "scripts/") + file_name(used) + ".script", exported_script(*script));
      }
    }
    for (const std::string& known : asset_names(workspace, kResources)) {
      const auto resource = find_asset(workspace, kResources, known);
      if (!resource || !uses(job.definition, *resource)) continue;
      add((tree == Tree::Batch ? folder : "resources/") + file_name(known) + ".resource", resource->definition);
    }
  }
  return write_archive(entries, workspace.now);
}

}  // namespace sluice::gateway::dataarts
