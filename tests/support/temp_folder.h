// A folder of one test's own, gone when the test ends. Whatever was written there by then, but by the test itself and
// by a gateway, may hold no canary: all tests search all that they leave.
#pragma once

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "tests/support/canary.h"

namespace sluice::test {

class TempFolder {
 public:
  TempFolder() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path() /
            ("sluice-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    for (const std::string& found : canaries()) FAIL_CHECK("a secret was left in " << found);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path() const { return path_.string(); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    written_[name] = std::hash<std::string>()(text);
  }
  std::string read(const std::string& name) const { return bytes_of(path_ / name); }
  /// Names of all files below, relative to the folder.
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (entry.is_regular_file()) names.insert(entry.path().lexically_relative(path_).generic_string());
    }
    return names;
  }

  /// The files that hold a canary, each with what stands around it; but those that `write` wrote and nobody changed,
  /// and a gateway's data.
  std::vector<std::string> canaries() const {
    std::vector<std::string> found;
    std::error_code gone;
    const auto options = std::filesystem::directory_options::skip_permission_denied;
    auto entry = std::filesystem::recursive_directory_iterator(path_, options, gone);
    for (; !gone && entry != std::filesystem::recursive_directory_iterator(); entry.increment(gone)) {
      if (!entry->is_regular_file(gone) || is_gateway_data(entry->path())) continue;
      const std::string bytes = bytes_of(entry->path());
      const std::string around = canary_in(bytes);
      const std::string name = entry->path().lexically_relative(path_).generic_string();
      const auto own = written_.find(name);
      const bool planted = own != written_.end() && own->second == std::hash<std::string>()(bytes);
      if (!around.empty() && !planted) found.push_back(name + ": " + around);
    }
    return found;
  }

 private:
  std::filesystem::path path_;
  mutable std::map<std::string, std::size_t> written_;  ///< by the test itself: names and hashes
};

}  // namespace sluice::test
