// One group of a manifest, read from its block.
#pragma once

#include <optional>

#include "plan/block_reader.h"
#include "plan/manifest.h"

namespace sluice {

/// Checks the keys of `defaults`, used or not.
void check_defaults(const Value& defaults, BlockReader& reader);

/// `defaults` under a block: maps are merged, lists appended (but for an empty one,
/// which stays empty), everything else is the block's own.
Value with_defaults(const Value& defaults, const Value& own);

/// The group in `own` with `defaults` (a map or null) under it. Nothing when it is no block at all.
std::optional<GroupSettings> read_group(const Value& own, const Value& defaults, BlockReader& reader);

}  // namespace sluice
