// What a run tells while it goes on: to a person on stderr, or to a script as one JSON object a line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/outcome.h"
#include "plan/plan.h"

namespace sluice {

/// Hears what apply does. Called on the deciding thread only.
class RunListener {
 public:
  RunListener() = default;
  RunListener(const RunListener&) = delete;
  RunListener& operator=(const RunListener&) = delete;
  virtual ~RunListener() = default;

  virtual void on_apply_start(const Plan& /*plan*/) {}
  virtual void on_step_start(const Step& /*step*/, std::size_t /*resources*/) {}
  virtual void on_task(const Step& /*step*/, const std::string& /*task_id*/) {}
  virtual void on_step_end(const Step& /*step*/, const StepResult& /*result*/) {}
  virtual void on_outcome(const Outcome& /*outcome*/) {}
  /// A sentence that concerns the run as a whole; `code` is stable.
  virtual void on_notice(Severity /*severity*/, const std::string& /*code*/, const std::string& /*sentence*/) {}
};

/// What to run after a run that did not end well: an end of a sentence.
std::string how_to_resume(const std::string& run_id);

}  // namespace sluice
