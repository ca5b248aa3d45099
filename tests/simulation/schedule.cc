#include "tests/simulation/schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/plan/table_generator.h"

namespace sluice::simulation {
namespace {

constexpr Kind kOfRequests[] = {
    Kind::Refuse,      Kind::LoseRequest, Kind::LoseAnswer, Kind::Truncate,     Kind::Malformed, Kind::Throttle,
    Kind::ThrottleFor, Kind::FailBefore,  Kind::FailAfter,  Kind::Unauthorized, Kind::Slow,      Kind::Stuck,
    Kind::Vanish,      Kind::KillBefore,  Kind::KillAfter,  Kind::Meddle,       Kind::Signal};
constexpr Kind kOfChanges[] = {
    Kind::Refuse,    Kind::LoseRequest,  Kind::LoseAnswer,  Kind::LoseAnswer,  Kind::Truncate,
    Kind::Malformed, Kind::Throttle,     Kind::ThrottleFor, Kind::FailBefore,  Kind::FailAfter,
    Kind::FailAfter, Kind::Unauthorized, Kind::Duplicate,   Kind::Slow,        Kind::Stuck,
    Kind::Vanish,    Kind::KillBefore,   Kind::KillBefore,  Kind::KillAfter,   Kind::KillAfter,
    Kind::Signal,    Kind::Meddle,       Kind::Late,        Kind::LateAndKill, Kind::LateAndKill};
constexpr Kind kOfWrites[] = {Kind::KillBefore, Kind::KillAfter, Kind::KillBefore, Kind::KillAfter,
                              Kind::DiskFull,   Kind::DiskTorn,  Kind::TakenOver};

Fault fault_of(test::Dice& dice, int run) {
  Fault fault{.run = run};
  const std::size_t domain = dice.below(10);
  if (domain < 5) {
    fault.where = Where::Change;
    fault.nth = 1 + static_cast<int>(dice.below(8));
    fault.kind = dice.pick(kOfChanges);
  } else if (domain < 8) {
    fault.where = Where::Write;
    fault.nth = 1 + static_cast<int>(dice.below(20));
    fault.kind = dice.pick(kOfWrites);
    if (fault.kind != Kind::TakenOver && dice.chance(2)) fault.where = Where::Commit;
  } else {
    fault.nth = 1 + static_cast<int>(dice.below(60));
    fault.kind = dice.pick(kOfRequests);
  }
  return fault;
}

}  // namespace

std::string_view to_string(Where where) {
  return where == Where::Request  ? "request"
         : where == Where::Change ? "change"
         : where == Where::Write  ? "write"
                                  : "commit";
}

std::string_view to_string(Kind kind) {
  static constexpr std::string_view kWords[] = {"refused",
                                                "request lost",
                                                "answer lost",
                                                "answer truncated",
                                                "answer malformed",
                                                "throttled",
                                                "throttled for a time",
                                                "503 before",
                                                "500 after",
                                                "401",
                                                "delivered twice",
                                                "slow",
                                                "task stuck",
                                                "task record vanished",
                                                "arriving late",
                                                "arriving late, killed",
                                                "meddling",
                                                "signal",
                                                "kill before",
                                                "kill after",
                                                "disk full",
                                                "disk torn",
                                                "lock taken over"};
  return kWords[static_cast<std::size_t>(kind)];
}

std::string to_text(const Schedule& schedule) {
  std::string text = fmt::format("SLUICE_SEED={}: tasks take {} ms", schedule.seed, schedule.latency.count());
  if (schedule.mischief)
    text += fmt::format("; import {} of the gateway: {}", schedule.mischief->nth, schedule.mischief->action);
  for (const Fault& fault : schedule.faults)
    text += fmt::format("; run {}, {} {}: {}", fault.run, to_string(fault.where), fault.nth, to_string(fault.kind));
  return text;
}

Schedule schedule_of(unsigned seed) {
  test::Dice dice(seed * 2 + 1);
  static constexpr int kLatencies[] = {0, 0, 300, 4000};
  static constexpr int kAttempts[] = {0, 1, 1, 2, 3};
  static constexpr std::string_view kActions[] = {"partial_failure", "ignored", "failed_task", "lost_task"};
  Schedule schedule{.seed = seed,
                    .latency = std::chrono::milliseconds(dice.pick(kLatencies)),
                    .attempts = {},
                    .faults = {},
                    .mischief = {}};
  int run = 0;
  for (int state = 0; state < 2; ++state) {
    schedule.attempts.push_back(dice.pick(kAttempts));
    for (int attempt = 0; attempt < schedule.attempts.back(); ++attempt, ++run) {
      for (std::size_t left = 1 + dice.below(3); left > 0; --left) schedule.faults.push_back(fault_of(dice, run));
    }
    ++run;  // the one that meets none
  }
  if (dice.chance(4))
    schedule.mischief = Mischief{2 + static_cast<int>(dice.below(5)), std::string(dice.pick(kActions))};
  return schedule;
}

}  // namespace sluice::simulation
