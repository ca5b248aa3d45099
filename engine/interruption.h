// What ends a run from outside: signals and --deadline.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/clock.h"
#include "engine/exit_code.h"

namespace sluice {

/// Signals, seen by a thread of its own, and the deadline. The first SIGINT or SIGTERM asks the run to stop; what has
/// not ended 4.5 s later, or at the second signal, is ended here, whatever it is doing. One object a process, made
/// before other threads are.
class Interruption {
 public:
  /// How the process ends that has to be gone before it could end by itself.
  struct Ending {
    ExitCode code = ExitCode::Error;
    std::string sentence = {};  ///< for the user
  };
  /// Gets the code of the signal that asked for it; nothing of a deadline.
  using LastWords = std::function<Ending(std::optional<ExitCode>)>;

  Interruption(Clock& clock, Milliseconds deadline);
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  /// Whether a signal came or the deadline passed. Safe to call from any thread.
  bool requested() const;
  /// Interrupted, Terminated, or nothing for a deadline.
  std::optional<ExitCode> signal() const;
  bool past_deadline() const;
  /// Called on the watching thread, at most once; it must not wait for the deciding one.
  void set_last_words(LastWords last_words);

 private:
  class Watch;
  Clock& clock_;
  Milliseconds end_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace sluice
