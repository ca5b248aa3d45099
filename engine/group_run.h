// One group on its way through its steps, and what it waits for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/outcome.h"
#include "plan/plan.h"
#include "providers/provider.h"

namespace sluice {

struct GroupRun {
  const PlannedGroup* group = nullptr;  ///< named "": the policies of the gateway, which come last
  ExportRequest request;
  std::vector<const Step*> steps;
  std::size_t next = 0;
  std::optional<Step> current;  ///< the step as sent: without what is done already
  std::int64_t intent = 0;
  std::map<int, StepResult> results;
  std::vector<std::int64_t> intents;
  std::vector<std::int64_t> unsettled;
  RemoteIds ids;
  LiveState before;
  std::set<Address> owned;
  bool sent = false;
  bool trouble = false;  ///< something did not go as predicted: nothing is taken away any more
  bool looking = false;
  bool accounted = false;
  bool unseen = false;   ///< it could not be looked at again: nothing more is done to it
  bool waiting = false;  ///< its next step depends on one of another group that has not ended
  int looks = 0;
  std::string last_look;
};

enum class Await { No, Longer, InVain };

/// Whether a step of one group must wait for steps of others. Where one of those did not go as predicted, it waits in
/// vain, and must not be sent.
Await awaits(const std::vector<GroupRun>& runs, const GroupRun& run, const Step& step);

}  // namespace sluice
