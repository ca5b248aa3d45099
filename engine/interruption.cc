#include "engine/interruption.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <thread>

#include "engine/output.h"
#include "plan/render_text.h"
#include "plan/result.h"

namespace sluice {
namespace {

constexpr Milliseconds kGrace{4'500};  // gone within five seconds

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

ExitCode code_of(std::uint32_t signal) {
  return signal == static_cast<std::uint32_t>(SIGTERM) ? ExitCode::Terminated : ExitCode::Interrupted;
}

Milliseconds now() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

/// The watching thread, and what it saw.
class Interruption::Watch {
 public:
  explicit Watch(Milliseconds time_left)
      : deadline_(now() + std::min(time_left, Milliseconds(std::chrono::hours(24 * 365)))) {
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    over_ = ::eventfd(0, EFD_CLOEXEC);
    check(signals_ >= 0 && over_ >= 0, "there are no file descriptors left to hear signals with");
    thread_ = std::thread([this] { watch(); });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    const std::uint64_t one = 1;
    (void)!::write(over_, &one, sizeof one);
    thread_.join();
    ::close(signals_);
    ::close(over_);
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }

  std::optional<ExitCode> signal() const {
    const int code = signal_.load();
    return code == 0 ? std::nullopt : std::optional(static_cast<ExitCode>(code));
  }
  void set_last_words(LastWords last_words) {
    const std::lock_guard lock(mutex_);
    last_words_ = std::move(last_words);
  }

 private:
  void watch() {
    Milliseconds end = deadline_ + kGrace;
    while (true) {
      const auto left = std::clamp(end - now(), Milliseconds(0), Milliseconds(std::chrono::hours(1)));
      std::array<pollfd, 2> heard = {pollfd{signals_, POLLIN, 0}, pollfd{over_, POLLIN, 0}};
      ::poll(heard.data(), heard.size(), static_cast<int>(left.count()));
      if (heard[1].revents != 0) return;
      signalfd_siginfo info{};
      if (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        if (signal()) leave(code_of(info.ssi_signo));
        signal_ = static_cast<int>(code_of(info.ssi_signo));
        end = std::min(end, now() + kGrace);
      }
      if (now() >= end) leave(signal());
    }
  }

  /// Safe at any moment: what is durable was written whole, and what was sent is in the journal.
  [[noreturn]] void leave(std::optional<ExitCode> signal) {
    Ending ending{signal.value_or(ExitCode::Error), "The command was cut short."};
    {
      const std::lock_guard lock(mutex_);
      if (last_words_) ending = last_words_(signal);
    }
    if (!ending.sentence.empty()) tell_unless_full(fmt::format("\nWarning: {}\n", printable(ending.sentence)));
    ::_exit(static_cast<int>(ending.code));
  }

  /// Nobody may be reading, and then a write would wait for ever.
  static void tell_unless_full(const std::string& text) {
    pollfd ready{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0) {
      (void)!::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), 4096));
    }
  }

  Milliseconds deadline_;
  std::atomic<int> signal_ = 0;
  std::mutex mutex_;
  LastWords last_words_;
  int signals_ = -1;
  int over_ = -1;
  std::thread thread_;
};

Interruption::Interruption(Clock& clock, Milliseconds deadline)
    : clock_(clock), end_(clock.steady() + deadline), watch_(std::make_unique<Watch>(deadline)) {}

Interruption::~Interruption() = default;

bool Interruption::requested() const { return signal().has_value() || past_deadline(); }

std::optional<ExitCode> Interruption::signal() const { return watch_->signal(); }

bool Interruption::past_deadline() const { return clock_.steady() >= end_; }

void Interruption::set_last_words(LastWords last_words) { watch_->set_last_words(std::move(last_words)); }

}  // namespace sluice
