#include "engine/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace sluice {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMostOutput = std::size_t{1} << 20;
constexpr int kLookEvery = 20;  // milliseconds

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { close(); }
  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

/// What posix_spawn is told, freed with this object.
struct SpawnSettings {
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// A started program; whatever is left of it is killed with this object.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (ended_) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  bool has_ended() {
    if (!ended_) ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return ended_;
  }
  int status() const { return status_; }

 private:
  pid_t pid_;
  int status_ = 0;
  bool ended_ = false;
};

Unexpected<Error> failed(const std::vector<std::string>& words, std::string_view why) {
  return fail(ErrorKind::Denied, fmt::format("the command {} {}", words.front(), why));
}

Result<pid_t> start(const std::vector<std::string>& words, const std::string& folder, int output) {
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  SpawnSettings settings;
  sigset_t none;
  sigset_t defaults;
  ::sigemptyset(&none);
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setflags(&settings.attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &defaults);
  ::posix_spawnattr_setpgroup(&settings.attributes, 0);
  ::posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&settings.actions, output, STDOUT_FILENO);
  if (!folder.empty()) ::posix_spawn_file_actions_addchdir_np(&settings.actions, folder.c_str());
  pid_t pid = -1;
  const int code =
      ::posix_spawnp(&pid, arguments.front(), &settings.actions, &settings.attributes, arguments.data(), ::environ);
  if (code != 0) return failed(words, fmt::format("could not be started: {}", std::strerror(code)));
  return pid;
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& words, const std::string& folder,
                                std::chrono::milliseconds patience) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(words, "could not be given a pipe");
  FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const auto pid = start(words, folder, writing.get());
  if (!pid) return pid.forward();
  Child child(*pid);
  writing.close();
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);

  const auto end = SteadyClock::now() + patience;
  std::string output;
  std::array<char, 4096> bytes{};
  bool open = true;
  while (open || !child.has_ended()) {
    if (SteadyClock::now() >= end)
      return failed(words, fmt::format("did not end within {} s", std::chrono::duration<double>(patience).count()));
    const bool ended = child.has_ended();  // before reading, so that its last words are not missed
    pollfd waiting{open ? reading.get() : -1, POLLIN, 0};
    ::poll(&waiting, 1, ended ? 0 : kLookEvery);
    const ssize_t got = open ? ::read(reading.get(), bytes.data(), bytes.size()) : 0;
    if (got > 0) {
      output.append(bytes.data(), static_cast<std::size_t>(got));
      if (output.size() > kMostOutput) return failed(words, "printed more than a megabyte");
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR) || ended) {
      open = false;  // also when something it left behind still holds the pipe
    }
  }
  if (!WIFEXITED(child.status())) return failed(words, fmt::format("was ended by signal {}", WTERMSIG(child.status())));
  if (WEXITSTATUS(child.status()) != 0) {
    return failed(words, fmt::format("ended with code {}: run it by hand to see why", WEXITSTATUS(child.status())));
  }
  return output;
}

}  // namespace sluice
