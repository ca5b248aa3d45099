// How a command ended, for scripts. The same in every format.
#pragma once

#include "plan/result.h"

namespace sluice {

enum class ExitCode : int {
  Done = 0,
  Error = 1,      ///< nothing was sent
  Different = 2,  ///< changes, drift, or findings
  Partial = 3,    ///< not all of it took effect
  Refused = 4,    ///< for safety, nothing was sent
  Unknown = 5,    ///< an answer was lost and looking did not settle it
  Policy = 6,     ///< --fail-on, --on-drift fail
  Usage = 64,
  Interrupted = 130,
  Terminated = 143,
};

inline ExitCode exit_code_of(const Error& error) {
  if (error.effect == Effect::Unknown) return ExitCode::Unknown;
  const bool refused = error.kind == ErrorKind::Refused || error.kind == ErrorKind::Locked;
  return refused ? ExitCode::Refused : ExitCode::Error;
}

}  // namespace sluice
