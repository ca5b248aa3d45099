#include "providers/gateway/archive.h"

#include <Poco/DateTime.h>
#include <Poco/Exception.h>
#include <Poco/Path.h>
#include <Poco/Timestamp.h>
#include <Poco/Zip/Compress.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace sluice::gateway {
namespace {

/// Whether a path stays inside of the archive.
bool is_inside(std::string_view path) {
  const bool rooted = path.empty() || path.front() == '/' || (path.size() > 1 && path[1] == ':');
  if (rooted || path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos) return false;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (path.substr(0, slash) == "..") return false;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return true;
}

/// Unpacks one file. Sizes that an archive claims are not believed: what comes out is counted. Nothing when it is
/// more than `most`, or damaged.
std::optional<std::string> unpack(std::istream& archive, const Poco::Zip::ZipLocalFileHeader& header,
                                  std::size_t most) {
  Poco::Zip::ZipInputStream in(archive, header);
  std::string out;
  std::array<char, 16'384> chunk{};
  while (in.good()) {
    in.read(chunk.data(), chunk.size());
    out.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (out.size() > most) return std::nullopt;
  }
  if (!in.crcValid()) return std::nullopt;
  return out;
}

std::vector<ArchiveEntry> read_entries(std::istream& in, const ArchiveLimits& limits, bool& good) {
  const Poco::Zip::ZipArchive archive(in);
  std::vector<const Poco::Zip::ZipLocalFileHeader*> headers;
  for (auto at = archive.headerBegin(); at != archive.headerEnd(); ++at) {
    const Poco::Zip::ZipLocalFileHeader& header = at->second;
    good = good && is_inside(header.getFileName());
    if (header.isDirectory()) continue;
    good = good && !header.isEncrypted() && header.hasSupportedCompressionMethod();
    headers.push_back(&header);
  }
  good = good && headers.size() <= limits.entries;
  // Poco keeps them by name; the order of the archive is that of their places in it.
  std::sort(headers.begin(), headers.end(),
            [](const auto* a, const auto* b) { return a->getStartPos() < b->getStartPos(); });
  std::vector<ArchiveEntry> out;
  std::size_t left = limits.bytes;
  for (const auto* header : headers) {
    if (!good) break;
    in.clear();
    auto bytes = unpack(in, *header, left);
    good = bytes.has_value();
    if (!good) break;
    left -= bytes->size();
    out.push_back({header->getFileName(), std::move(*bytes)});
  }
  return out;
}

}  // namespace

std::optional<std::vector<ArchiveEntry>> read_archive(std::string_view bytes, const ArchiveLimits& limits) {
  constexpr std::string_view kFile = "PK\x03\x04";
  constexpr std::string_view kEnd = "PK\x05\x06";
  if (bytes.starts_with(kEnd)) return std::vector<ArchiveEntry>();
  // What was cut off at its end has all its files in front, and yet is no archive.
  if (!bytes.starts_with(kFile) || bytes.rfind(kEnd) == std::string_view::npos) return std::nullopt;
  try {
    std::istringstream in{std::string(bytes), std::ios::binary};
    bool good = true;
    auto entries = read_entries(in, limits, good);
    if (!good) return std::nullopt;
    return entries;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string write_archive(const std::vector<ArchiveEntry>& entries, Now now) {
  std::ostringstream out(std::ios::binary);
  const Poco::DateTime time(Poco::Timestamp(now.time_since_epoch().count() * 1000));
  Poco::Zip::Compress archive(out, true);
  for (const ArchiveEntry& entry : entries) {
    std::istringstream in(entry.bytes, std::ios::binary);
    archive.addFile(in, time, Poco::Path(entry.path, Poco::Path::PATH_UNIX));
  }
  archive.close();
  return out.str();
}

}  // namespace sluice::gateway
