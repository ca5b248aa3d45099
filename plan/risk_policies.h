// Whether another throttling or access control policy lets through what the one before it did.
#pragma once

#include <string_view>

#include "plan/value.h"

namespace sluice {

/// Both may be true: one limit is lower, and another one higher.
struct Tightness {
  bool tightened = false;  ///< some call that was let through may be refused
  bool loosened = false;   ///< some call that was refused may be let through
  Tightness& operator|=(const Tightness& other);
};

/// Two canonical definitions, null where there is no policy. Limits are compared with their interval and unit.
/// `pointer` is the field that matters, as changes have them: what a limit or exception says alone; "" and fields that
/// concern all of it compare everything.
Tightness compare_ratelimits(const Value& before, const Value& after, std::string_view pointer = {});

/// The same of access control policies, as a whole. Addresses are compared as texts.
Tightness compare_acls(const Value& before, const Value& after);

}  // namespace sluice
