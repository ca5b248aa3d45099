// What goes wrong, and when: all of it follows from one number.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::simulation {

/// What a fault waits for: the nth request of a run, the nth that changes something, the nth write to the state, or the
/// nth transaction that ends on the disk.
enum class Where : std::uint8_t { Request, Change, Write, Commit };

enum class Kind : std::uint8_t {
  Refuse,        ///< no byte was sent
  LoseRequest,   ///< it never arrived, and nobody can tell
  LoseAnswer,    ///< it was carried out, and the answer is lost
  Truncate,      ///< carried out; the answer ends in the middle, and nothing says so
  Malformed,     ///< carried out; the answer is a page of somebody on the way
  Throttle,      ///< 429
  ThrottleFor,   ///< 429 with Retry-After
  FailBefore,    ///< 503, not carried out
  FailAfter,     ///< 500, carried out
  Unauthorized,  ///< 401: the token is good no more
  Duplicate,     ///< carried out twice
  Slow,          ///< answered after 90 s
  Stuck,         ///< the task that it makes is processing for as long as this run asks
  Vanish,        ///< the record of the task that it makes is gone
  Late,          ///< an import arrives seconds after its sender gave it up
  LateAndKill,   ///< the same, and its sender dies
  Meddle,        ///< before it, somebody takes an API of ours offline, or away
  Signal,        ///< the user asks to stop
  KillBefore,
  KillAfter,
  DiskFull,   ///< nothing is written
  DiskTorn,   ///< written, and yet reported as failed
  TakenOver,  ///< before it, another run takes the lock over
};

struct Fault {
  int run = 0;
  Where where = Where::Request;
  int nth = 1;
  Kind kind = Kind::Refuse;
};

/// How the gateway itself goes wrong at its nth import, the first being that of others.
struct Mischief {
  int nth = 0;
  std::string action;  ///< as in a file of faults
};

struct Schedule {
  unsigned seed = 0;
  std::chrono::milliseconds latency{0};  ///< of the gateway's tasks
  std::vector<int> attempts;             ///< runs that meet faults before one that does not, for each state in turn
  std::vector<Fault> faults;
  std::optional<Mischief> mischief;
};

std::string_view to_string(Where where);
std::string_view to_string(Kind kind);
std::string to_text(const Schedule& schedule);

Schedule schedule_of(unsigned seed);

}  // namespace sluice::simulation
