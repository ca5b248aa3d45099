// Packages: the zip archives that exports make and imports take.
#pragma once

#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

/// A document of a package. `document` is null when it is no JSON object; `name` is the document's, else the file's.
struct PackageItem {
  std::string name;
  Value document;
};

struct Package {
  std::vector<PackageItem> jobs;
  std::vector<PackageItem> scripts;
  std::vector<PackageItem> resources;
};

/// Every *.job, *.script and *.resource, whatever its folder. Nothing when it is no archive, beyond 10 MB, or has
/// neither a job nor a script nor a resource.
std::optional<Package> read_package(std::string_view bytes);

/// The folders of an archive: those of the export of one job, or of many.
enum class Tree : std::uint8_t { Single, Batch };

/// The archive of these jobs, with the scripts and resources that they use if `depend`.
std::string write_package(const Workspace& workspace, const std::vector<Job>& jobs, Tree tree, bool depend);

}  // namespace sluice::gateway::dataarts
