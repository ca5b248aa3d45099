#include "engine/file_patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/files.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

/// The bytes of the character that `text` starts with.
std::size_t character_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

/// Whether one name matches one segment of a glob. Linear in both but for the last `*`.
bool matches_name(std::string_view glob, std::string_view name) {
  if (name.starts_with('.') && !glob.starts_with('.')) return false;
  std::size_t at = 0;
  std::size_t of = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (of < name.size()) {
    if (at < glob.size() && glob[at] == '*') {
      star = at++;
      resume = of;
    } else if (at < glob.size() && glob[at] == '?') {
      ++at;
      of += character_size(name.substr(of));
    } else if (at < glob.size() && glob[at] == name[of]) {
      ++at;
      ++of;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      resume += character_size(name.substr(resume));
      of = resume;
    } else {
      return false;
    }
  }
  while (at < glob.size() && glob[at] == '*') ++at;
  return at == glob.size();
}

class GlobWalk {
 public:
  GlobWalk(fs::path root, std::vector<std::string> segments) : root_(std::move(root)), segments_(std::move(segments)) {
    std::error_code code;
    canonical_root_ = fs::canonical(root_, code);
  }

  std::set<fs::path> run() {
    walk({}, 0);
    return std::move(found_);
  }

 private:
  /// `folder` is relative to the root; segments before `next` are matched.
  void walk(const fs::path& folder, std::size_t next) {
    if (!visited_.emplace(folder, next).second) return;
    const std::string& segment = segments_[next];
    const bool last = next + 1 == segments_.size();
    if (segment == "**" && !last) walk(folder, next + 1);
    std::error_code code;
    for (fs::directory_iterator entry(root_ / folder, code), end; !code && entry != end; entry.increment(code)) {
      const std::string name = entry->path().filename().string();
      if (!matches_name(segment == "**" ? "*" : segment, name)) continue;
      std::error_code ignored;
      const bool is_folder = entry->is_directory(ignored);
      if (last && entry->is_regular_file(ignored)) take(folder / name);
      if (!is_folder) continue;
      if (segment == "**") {
        if (!entry->is_symlink(ignored)) walk(folder / name, next);  // links could lead in circles
      } else if (!last) {
        walk(folder / name, next + 1);
      }
    }
  }

  void take(const fs::path& path) {
    std::error_code code;
    const fs::path real = fs::canonical(root_ / path, code);
    if (code) return;
    const auto [inside, rest] = std::mismatch(canonical_root_.begin(), canonical_root_.end(), real.begin(), real.end());
    if (inside == canonical_root_.end()) found_.insert(path);
  }

  fs::path root_;
  fs::path canonical_root_;
  std::vector<std::string> segments_;
  std::set<std::pair<fs::path, std::size_t>> visited_;
  std::set<fs::path> found_;
};

}  // namespace

bool is_file_glob(std::string_view pattern) { return pattern.find_first_of("*?") != std::string_view::npos; }

Result<std::vector<std::string>> files_named(const std::string& base, const std::string& pattern) {
  if (!is_file_glob(pattern)) return std::vector<std::string>{beside(base, pattern)};
  std::vector<std::string> segments;
  for (const fs::path& part : fs::path(pattern)) {
    if (part == "..") {
      return fail(ErrorKind::Invalid,
                  fmt::format("The glob \"{}\" leaves the folder of the manifest, which globs never do.", pattern));
    }
    if (part != "." && !part.empty()) segments.push_back(part.string());
  }
  if (fs::path(pattern).is_absolute()) {
    return fail(ErrorKind::Invalid,
                fmt::format("The glob \"{}\" is not relative to the manifest, as globs must be.", pattern));
  }
  const fs::path parent = fs::path(base).parent_path();
  std::vector<std::string> files;
  for (const fs::path& path : GlobWalk(parent.empty() ? fs::path(".") : parent, std::move(segments)).run()) {
    std::string file = beside(base, path.string());
    if (!same_file(file, base)) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) return fail(ErrorKind::NotFound, fmt::format("The glob \"{}\" matches no file.", pattern));
  return files;
}

}  // namespace sluice
