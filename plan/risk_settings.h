// What a manifest says about risks: how grave a rule is here, and which risks are accepted.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "plan/change.h"
#include "plan/diagnostic.h"
#include "plan/value.h"

namespace sluice {

class BlockReader;

/// An entry of `risks.accept`.
struct AcceptedRisk {
  std::string rule;
  std::string api;  ///< a glob of "METHOD /path"; "" takes everything
  std::string reason;
  std::string until;  ///< YYYY-MM-DD, the last day on which it counts; "" for ever
  SourceSpan at = {};
};

struct RiskSettings {
  std::map<std::string, Risk, std::less<>> severity = {};  ///< by rule, where it is not the table's
  std::vector<AcceptedRisk> accept = {};
};

/// Reads the block `risks` of a group or of `defaults`.
RiskSettings read_risks(const Value& block, BlockReader& reader);

}  // namespace sluice
