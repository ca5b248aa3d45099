// Zip archives in memory. Poco::Zip is used here and nowhere else in the gateway.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/model.h"

namespace sluice::gateway {

/// A file of an archive: its path with `/` between folders, and its bytes.
struct ArchiveEntry {
  std::string path;
  std::string bytes;
};

struct ArchiveLimits {
  std::size_t entries = 10'000;
  std::size_t bytes = 64U << 20U;  ///< of all entries, unpacked
};

/// The files of an archive, in its order; folders are left out. Nothing when it is no archive, is damaged, encrypted or
/// beyond the limits, names a file twice, or has a path that leads out of it.
std::optional<std::vector<ArchiveEntry>> read_archive(std::string_view bytes, const ArchiveLimits& limits = {});

/// An archive of these files. Equal files and times give equal bytes.
std::string write_archive(const std::vector<ArchiveEntry>& entries, Now now);

}  // namespace sluice::gateway
