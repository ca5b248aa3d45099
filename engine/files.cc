#include "engine/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sluice {
namespace {

namespace fs = std::filesystem;

/// An open file descriptor, closed at the end of its life.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Unexpected<Error> storage_error(std::string_view what, const std::string& path, int code) {
  const ErrorKind kind = code == ENOENT   ? ErrorKind::NotFound
                         : code == EEXIST ? ErrorKind::Conflict
                                          : ErrorKind::Storage;
  return fail(kind, fmt::format("{} {}: {}.", what, path, std::strerror(code)));  // NOLINT(concurrency-mt-unsafe)
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return storage_error("Cannot write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return storage_error("Cannot write", path, errno);
  return {};
}

/// Makes the name of a file last, where its folder can be synced at all.
Result<void> sync_folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const Descriptor file(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) == 0 || errno == EINVAL) return {};
  return storage_error("Cannot write", path, errno);
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::uintmax_t limit) {
  // O_NONBLOCK: a pipe that nobody writes to is refused below, and not waited for.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return storage_error("Cannot read", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return storage_error("Cannot read", path, errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::Invalid, fmt::format("{} is not a regular file.", path));
  const auto too_large = [&](std::uintmax_t size) {
    return fail(ErrorKind::Invalid, fmt::format("{} has {} bytes; at most {} are read. Split it.", path, size, limit));
  };
  const auto size = static_cast<std::uintmax_t>(status.st_size);
  if (size > limit) return too_large(size);
  // One byte more than its size, to see the end; files of the kernel say 0 and hold more.
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  std::size_t done = 0;
  while (true) {
    const ssize_t count = ::read(file.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return storage_error("Cannot read", path, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
    if (done > limit) return too_large(done);
    if (done == text.size()) text.resize(std::max<std::size_t>(2 * done, 4096));
  }
  text.resize(done);
  return text;
}

Result<void> make_parent_folder(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  if (parent.empty()) return {};
  std::error_code code;
  fs::create_directories(parent, code);
  if (code) return storage_error("Cannot make the folder", parent.string(), code.value());
  return {};
}

Result<void> make_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return storage_error("Cannot create", path, errno);
  return sync_folder_of(path);
}

Result<void> write_file(const std::string& path, std::string_view text, FileAccess access) {
  std::error_code code;
  const std::string folder = fs::path(path).parent_path().string();
  if (!folder.empty() && fs::status(folder, code).type() == fs::file_type::not_found) {
    return fail(ErrorKind::NotFound,
                fmt::format("Cannot write {}: there is no folder {}. Make it, or name another.", path, folder));
  }
  const fs::file_status target = fs::status(path, code);
  if (fs::exists(target) && !fs::is_regular_file(target))  // a rename would put a file in a device's place
    return fail(ErrorKind::Invalid, fmt::format("{} is not a regular file.", path));
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  {
    if (access == FileAccess::Owner) ::unlink(temporary.c_str());  // one that was left behind keeps its mode
    const mode_t mode = access == FileAccess::Owner ? 0600 : 0644;
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (file.get() < 0) return storage_error("Cannot write", path, errno);
    if (auto written = write_all(file.get(), text, path); !written) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int why = errno;
    ::unlink(temporary.c_str());
    return storage_error("Cannot write", path, why);
  }
  return sync_folder_of(path);
}

Result<void> create_file(const std::string& path, std::string_view text) {
  if (auto made = make_parent_folder(path); !made) return made;
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (file.get() < 0) return storage_error("Cannot create", path, errno);
  return write_all(file.get(), text, path);
}

void remove_file(const std::string& path) { ::unlink(path.c_str()); }

bool file_exists(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code code;
  return fs::equivalent(a, b, code);
}

std::string beside(const std::string& file, const std::string& path) {
  if (fs::path(path).is_absolute()) return path;
  return (fs::path(file).parent_path() / path).lexically_normal().string();
}

}  // namespace sluice
