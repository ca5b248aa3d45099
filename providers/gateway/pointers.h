// Finding things in documents: members that may be absent, and local references (RFC 6901).
#pragma once

#include <string_view>

#include "plan/value.h"

namespace sluice::gateway {

/// The member, or null.
const Value& member_of(const Value& from, std::string_view name);

/// What a local reference points at, following chains; null when it leads nowhere or out of the document.
const Value* resolve(const Value& document, const Value& value);

}  // namespace sluice::gateway
