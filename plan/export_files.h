// Live groups as files: the Swagger of each, and a manifest that asks for just what is there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/extensions.h"
#include "plan/resource.h"

namespace sluice {

/// How the operations of a group are spread over files: one, or one for each first tag or first segment of the path.
enum class SplitBy { Nothing, Tags, Paths };

struct ExportOptions {
  SplitBy split = SplitBy::Nothing;
  Value gateway = {};  ///< the manifest's block, as it is to be written; null: none
  CloudKind cloud = CloudKind::Huawei;
  std::map<std::string, std::vector<std::string>> sensitive = {};  ///< paths of texts that are not written, by group
};

/// A file's path below the folder of the export, and its text.
struct ExportedFile {
  std::string path;
  std::string text;
};

/// A value that looks like a credential, and is not written: the manifest takes it from the environment.
struct ExportedSecret {
  std::string name;  ///< of the variable
  std::size_t uses = 0;
  std::string first = {};  ///< the address that holds it
};

/// What was written of one group.
struct ExportedGroup {
  std::string name;
  std::size_t apis = 0;
  std::vector<std::string> environments = {};
  std::vector<std::string> files = {};
};

struct ExportedFiles {
  std::vector<ExportedFile> files;  ///< the manifest first
  std::vector<ExportedGroup> groups;
  std::vector<ExportedSecret> secrets;
  Diagnostics warnings;  ///< what files cannot say, once a kind; and where a plan would still show something
};

/// The name of the manifest among the files.
inline constexpr std::string_view kExportedManifest = "sluice.yaml";

/// Writes groups (by name, with their responses and all environments) and the policies that they use. The files are
/// read back: whatever a plan from them would show is a warning.
ExportedFiles export_files(const std::map<std::string, LiveState>& groups, const LiveState& policies,
                           const ExportOptions& options);

}  // namespace sluice
