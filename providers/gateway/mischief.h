// What a fault asks of the call that it meets, beyond what travels: how the task of an import or export goes wrong.
#pragma once

#include <cstddef>
#include <optional>

#include "plan/value.h"
#include "providers/gateway/errors.h"

namespace sluice::gateway {

/// Kept with a task from the call that makes it to its end.
struct Mischief {
  bool stuck = false;            ///< the task never ends
  bool lost = false;             ///< the task takes effect, but its record is gone
  std::optional<Fault> failure;  ///< the task fails with this and changes nothing
  std::size_t failing = 0;       ///< so many operations of an import, from the last one, fail with `why`
  std::size_t ignoring = 0;      ///< so many operations, from the first one, are not imported and land in `ignore`
  Fault why;

  bool empty() const { return !stuck && !lost && !failure && failing == 0 && ignoring == 0; }
};

/// A JSON object to keep with a task, and back.
Value write_mischief(const Mischief& mischief);
Mischief read_mischief(const Value* from);

}  // namespace sluice::gateway
