#include "engine/group_run.h"

#include <algorithm>

namespace sluice {
namespace {

/// A group's steps are in the order of their ids.
bool has_step(const GroupRun& run, int id) {
  const auto at = std::lower_bound(run.steps.begin(), run.steps.end(), id,
                                   [](const Step* step, int wanted) { return step->id < wanted; });
  return at != run.steps.end() && (*at)->id == id;
}

}  // namespace

Await awaits(const std::vector<GroupRun>& runs, const GroupRun& run, const Step& step) {
  Await result = Await::No;
  for (const int id : step.depends_on) {
    if (has_step(run, id)) continue;
    const auto other = std::find_if(runs.begin(), runs.end(), [id](const GroupRun& one) { return has_step(one, id); });
    if (other == runs.end() || other->group->name.empty()) continue;
    const auto ended = other->results.find(id);
    const bool done = ended != other->results.end() && ended->second.end == StepEnd::Done;
    const bool over = other->accounted || other->unseen || other->next >= other->steps.size();
    if (other->trouble || (!done && over && !other->current)) return Await::InVain;
    if (!done) result = Await::Longer;
  }
  return result;
}

}  // namespace sluice
