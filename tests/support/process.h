// A program under test: started with its own folder and environment, waited for with patience.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temp_folder.h"

namespace sluice::test {

/// How a program ended; `code` is 128 + signal when a signal ended it, and -1 when patience did.
struct Finished {
  int code = -1;
  std::string out;
  std::string err;
};

class Process {
 public:
  using Variables = std::map<std::string, std::string>;

  /// Nothing of this process's environment is handed on.
  Process(const std::string& folder, const std::vector<std::string>& words, const Variables& variables = {}) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : variables) texts.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (std::string& text : texts) environment.push_back(text.data());
    environment.push_back(nullptr);
    std::vector<std::string> copies = words;
    std::vector<char*> arguments;
    for (std::string& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const std::string out = *streams_ / "out";
    const std::string err = *streams_ / "err";
    pid_ = ::fork();
    if (pid_ != 0) return;
    const int null = ::open("/dev/null", O_RDONLY);
    const int out_fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err_fd = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGINT, SIG_DFL);
    if (::chdir(folder.c_str()) != 0 || ::dup2(null, 0) < 0 || ::dup2(out_fd, 1) < 0 || ::dup2(err_fd, 2) < 0)
      ::_exit(126);
    ::execve(arguments[0], arguments.data(), environment.data());
    ::_exit(127);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (running_) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  void send_signal(int number) const { ::kill(pid_, number); }
  std::string out() const { return streams_->read("out"); }
  std::string err() const { return streams_->read("err"); }

  /// Waits until the program's stdout or stderr holds `text`; false when it ended or patience did.
  bool wait_for(const std::string& text, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      if (out().find(text) != std::string::npos || err().find(text) != std::string::npos) return true;
      if (has_ended()) return out().find(text) != std::string::npos || err().find(text) != std::string::npos;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  Finished wait(std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!has_ended() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (running_) return {-1, out(), err()};
    const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    return {code, out(), err()};
  }

 private:
  bool has_ended() {
    if (running_ && ::waitpid(pid_, &status_, WNOHANG) == pid_) running_ = false;
    return !running_;
  }

  std::unique_ptr<TempFolder> streams_ = std::make_unique<TempFolder>();
  pid_t pid_ = -1;
  int status_ = 0;
  bool running_ = true;
};

}  // namespace sluice::test
