// `ignore` and `protect` of a group of a manifest.
#pragma once

#include <vector>

#include "plan/block_reader.h"
#include "plan/ignore.h"
#include "plan/protect.h"

namespace sluice {

/// Reports a glob that does not mean operations.
void check_operation_glob(const std::string& glob, std::uint32_t mark, BlockReader& reader);

/// The rules of `ignore`; what is wrong with them is reported.
std::vector<IgnoreRule> read_ignore(const Value& group, BlockReader& reader);

/// The rules of `protect`; what is wrong with them is reported.
std::vector<ProtectRule> read_protect(const Value& group, BlockReader& reader);

}  // namespace sluice
