// What a run of ours that stopped half way leaves of an API.
#pragma once

#include <string>

#include "plan/resource.h"

namespace sluice {

/// The name that an API's draft has while another one takes its own.
std::string temporary_name(const Address& api);

/// Whether `now` is `before` on the way to its deletion: it may have its temporary name, and what is served nowhere is
/// bound to nothing.
bool is_half_deleted(const Value& before, const Resource& now);

/// Whether an interrupted run, as the base remembers it, left `now` so.
bool is_left_half_done(const Baseline& base, const Resource& now);

}  // namespace sluice
