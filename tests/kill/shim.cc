// Preloaded into the program under test: counts what it does to files and sockets, and at one of these calls kills it
// or makes the call fail. Told by variables:
//   SLUICE_SHIM_AT=K       the call that is meant, counted from 1; unset: none
//   SLUICE_SHIM_DO=WORD    kill: before the call; killed-after: after it; enospc, eio: the call fails
//   SLUICE_SHIM_ON=yes     enospc and eio: all calls from the Kth on fail
//   SLUICE_SHIM_BELOW=DIR  only calls on files below this folder count
//   SLUICE_SHIM_COUNT=FILE the number of calls is written here at the end
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

std::atomic<long> calls{0};
thread_local bool inside = false;  // what the shim itself does is not counted

const char* variable(const char* name) {
  const char* text = ::getenv(name);
  return text == nullptr ? "" : text;
}

bool is_below(const std::string& path) {
  static const std::string folder = variable("SLUICE_SHIM_BELOW");
  return folder.empty() || path.rfind(folder, 0) == 0;
}

std::string path_of(int file) {
  std::array<char, 4096> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  return size < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

std::string absolute(const char* path) {
  if (path[0] == '/') return path;
  std::array<char, 4096> folder{};
  return ::getcwd(folder.data(), folder.size()) == nullptr ? std::string(path)
                                                           : std::string(folder.data()) + "/" + path;
}

/// What is to become of a call: let through, failed with an error, or killed after it.
struct Fate {
  int error = 0;
  bool dies = false;
};

Fate meet() {
  static const long at = std::atol(variable("SLUICE_SHIM_AT"));
  static const std::string what = variable("SLUICE_SHIM_DO");
  static const bool on = *variable("SLUICE_SHIM_ON") != '\0';
  const long now = ++calls;
  if (at == 0 || now < at || (now > at && !on)) return {};
  if (what == "kill") ::kill(::getpid(), SIGKILL);
  if (what == "killed-after") return {0, true};
  return {what == "enospc" ? ENOSPC : what == "eio" ? EIO : 0, false};
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

/// A call on a file or socket, or on a path.
template <typename Work>
auto through(bool counts, const Work& work) -> decltype(work()) {
  using Returned = decltype(work());
  if (!counts) return work();
  const Fate fate = meet();
  if (fate.error != 0) {
    errno = fate.error;
    return static_cast<Returned>(-1);
  }
  const Returned returned = work();
  if (fate.dies) ::kill(::getpid(), SIGKILL);
  return returned;
}

bool counts(int file) {
  if (inside) return false;
  inside = true;
  const bool yes = *variable("SLUICE_SHIM_BELOW") == '\0' || is_below(path_of(file));
  inside = false;
  return yes;
}

bool counts(const char* path) { return !inside && is_below(absolute(path)); }

struct AtExit {
  ~AtExit() {
    const char* file = variable("SLUICE_SHIM_COUNT");
    if (*file == '\0') return;
    inside = true;
    const std::string text = std::to_string(calls.load());
    const int out = ::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    (void)::syscall(SYS_write, out, text.data(), text.size());
  }
} at_exit;

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return through(counts(file), [&] { return real(file, bytes, size); });
}
ssize_t writev(int file, const iovec* parts, int count) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
  return through(counts(file), [&] { return real(file, parts, count); });
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return through(counts(file), [&] { return real(file, bytes, size, at); });
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return through(counts(file), [&] { return real(file, bytes, size, at); });
}
int fsync(int file) {
  static const auto real = next<int (*)(int)>("fsync");
  return through(counts(file), [&] { return real(file); });
}
int fdatasync(int file) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return through(counts(file), [&] { return real(file); });
}
int ftruncate(int file, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return through(counts(file), [&] { return real(file, size); });
}
int ftruncate64(int file, off64_t size) noexcept {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  return through(counts(file), [&] { return real(file, size); });
}
int posix_fallocate(int file, off_t at, off_t size) {
  static const auto real = next<int (*)(int, off_t, off_t)>("posix_fallocate");
  const int done = through(counts(file), [&] { return real(file, at, size); });
  return done == -1 ? errno : done;
}
int posix_fallocate64(int file, off64_t at, off64_t size) {
  static const auto real = next<int (*)(int, off64_t, off64_t)>("posix_fallocate64");
  const int done = through(counts(file), [&] { return real(file, at, size); });
  return done == -1 ? errno : done;
}
int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return through(counts(to), [&] { return real(from, to); });
}
int unlink(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("unlink");
  return through(counts(path), [&] { return real(path); });
}
int mkdir(const char* path, mode_t mode) noexcept {
  static const auto real = next<int (*)(const char*, mode_t)>("mkdir");
  return through(counts(path), [&] { return real(path, mode); });
}
ssize_t send(int file, const void* bytes, size_t size, int flags) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, int)>("send");
  return through(counts(file), [&] { return real(file, bytes, size, flags); });
}
ssize_t sendto(int file, const void* bytes, size_t size, int flags, const sockaddr* to, socklen_t length) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, int, const sockaddr*, socklen_t)>("sendto");
  return through(counts(file), [&] { return real(file, bytes, size, flags, to, length); });
}
ssize_t sendmsg(int file, const msghdr* message, int flags) {
  static const auto real = next<ssize_t (*)(int, const msghdr*, int)>("sendmsg");
  return through(counts(file), [&] { return real(file, message, flags); });
}

}  // extern "C"
