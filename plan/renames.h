// A group that gets another name: what is known of it is known by the new one.
#pragma once

#include <string_view>

#include "plan/diff.h"
#include "plan/resource.h"

namespace sluice {

/// The same, of a group of another name.
Baseline with_group_name(const Baseline& base, std::string_view name);

/// Says of the group's update where its name comes from.
void link_rename(GroupDiff& diff, const Address& from, const Address& to);

}  // namespace sluice
