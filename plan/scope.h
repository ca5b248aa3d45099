// How much of a manifest a plan is about, when it is not all of it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sluice {

/// What a plan leaves out of sight because the user said so.
struct Scope {
  std::vector<std::string> targets = {};   ///< --target
  std::vector<std::string> excludes = {};  ///< --exclude
  std::size_t left_out = 0;                ///< changes that are not in the plan for their sake
  std::vector<std::string> notes = {};     ///< what comes along, and what stays behind; a sentence each
  std::size_t unseen_groups = 0;           ///< not exported, because nothing there is meant
  bool changed_only = false;               ///< --changed

  bool whole() const { return targets.empty() && excludes.empty() && !changed_only; }
};

}  // namespace sluice
