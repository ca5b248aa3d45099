#include "engine/swagger_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/files.h"
#include "plan/yaml.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 1'000;           // of one group
constexpr std::uintmax_t kMostBytes = 200'000'000;  // of the files of one group together

/// The file's own path, symbolic links followed, when it is inside the folder; "" when it is not.
std::string path_inside(const std::string& folder, const std::string& name) {
  std::error_code code;
  const fs::path root = fs::canonical(folder.empty() ? fs::path(".") : fs::path(folder), code);
  if (code) return {};
  const fs::path target = fs::weakly_canonical(fs::absolute(name, code), code);
  if (code) return {};
  const auto [root_end, differs] = std::mismatch(root.begin(), root.end(), target.begin(), target.end());
  return root_end == root.end() && differs != target.end() ? target.string() : std::string();
}

Diagnostic finding(const NeededFile& needed, std::string code, std::string summary, std::string detail) {
  return {Severity::Error, std::move(code), std::move(summary), std::move(detail), needed.at};
}

/// Reads one file; a diagnostic when that is refused or fails.
std::optional<Diagnostic> load(const NeededFile& needed, const std::string& folder, std::vector<SwaggerFile>& files) {
  const std::string path = path_inside(folder, needed.name);
  if (path.empty()) {
    return finding(needed, "ref-outside",
                   fmt::format("The reference \"{}\" leads out of the manifest's folder.", needed.reference),
                   "Move or copy the file into the manifest's folder, and refer to it there.");
  }
  auto text = read_file(path);
  if (!text) {
    const bool missing = text.error().kind == ErrorKind::NotFound;
    return finding(needed, "ref-file-missing",
                   missing ? fmt::format("The reference \"{}\" leads to the file {}, which does not exist.",
                                         needed.reference, needed.name)
                           : fmt::format("The file that the reference \"{}\" leads to cannot be read: {}",
                                         needed.reference, text.error().message),
                   "Correct the path, which is relative to this file, or add the file.");
  }
  SwaggerFile file{{needed.name, std::move(*text)}, {}, false};
  auto document = parse_document(file.source);
  if (!document.value) {
    const Diagnostic& why = document.diagnostics.front();
    return finding(needed, "ref-file-syntax",
                   fmt::format("The reference \"{}\" leads to a file that is neither JSON nor YAML: {}",
                               needed.reference, why.summary),
                   fmt::format("Correct it at {}.", to_string(why.at)));
  }
  file.document = std::move(*document.value);
  files.push_back(std::move(file));
  return std::nullopt;
}

}  // namespace

Diagnostics load_referenced_files(std::vector<SwaggerFile>& files, const std::string& folder) {
  Diagnostics diagnostics;
  std::set<std::string> failed;
  std::uintmax_t bytes = 0;
  for (const SwaggerFile& file : files) bytes += file.source.text.size();
  for (bool more = true; more;) {
    more = false;
    for (const NeededFile& needed : files_needed(files)) {
      if (failed.contains(needed.name)) continue;
      if (files.size() >= kMostFiles || bytes > kMostBytes) {
        diagnostics.push_back(finding(
            needed, "ref-too-many",
            fmt::format("The files of one group are more than {}, or have more than {} bytes.", kMostFiles, kMostBytes),
            "Split the group, or put what they refer to into fewer files."));
        return diagnostics;
      }
      if (auto diagnostic = load(needed, folder, files)) {
        failed.insert(needed.name);
        diagnostics.push_back(std::move(*diagnostic));
      } else {
        bytes += files.back().source.text.size();
        more = true;
      }
    }
  }
  return diagnostics;
}

}  // namespace sluice
