// What a manifest says of groups and APIs that were called otherwise or stood elsewhere before.
#pragma once

#include <vector>

#include "plan/block_reader.h"
#include "plan/manifest.h"

namespace sluice {

/// Reads `moved` of one file of the manifest.
void read_moved(const Value& root, BlockReader& reader, std::vector<MoveRule>& moved);

/// An error for each line of `moved` that leads to no group of the manifest, and where `renamed_from` leads nowhere: to
/// the group itself, or from one group to two.
void check_moves(const std::vector<MoveRule>& moved, const std::vector<GroupSettings>& groups, BlockReader& reader);

}  // namespace sluice
