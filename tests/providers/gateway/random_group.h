// Random API groups: documents over every extension, and the facts that they state, which an export must state again.
// Written from the extension pages; knows nothing of how the gateway reads or writes.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "plan/value.h"

namespace sluice::gateway::test {

/// What a document says, as `operation/part` -> value; members that have a default are there whether written or not.
using Facts = std::map<std::string, std::string>;

/// A random document and its facts. With `lesser_cloud` nothing is in it that Open Telekom Cloud's pages lack.
struct RandomGroup {
  Value document;
  Facts facts;
};
RandomGroup random_group(std::mt19937_64& dice, bool openapi, bool lesser_cloud);

/// The facts of an exported document of either version.
Facts read_facts(const Value& document);

/// The facts that an export with this `define` shows.
Facts shown_facts(const Facts& facts, const std::string& define);

}  // namespace sluice::gateway::test
