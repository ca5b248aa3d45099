// Where a run's listeners write: people read text, scripts read one JSON object a line.
#pragma once

#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/events.h"
#include "engine/reconciler.h"

namespace sluice {

/// Writes to stderr or stdout. That the reader is gone stops no run: what cannot be written is dropped.
void tell(std::string_view text);
void tell_stdout(std::string_view text);

/// Tells a person on stderr, step by step; on a terminal the step under way has a line of its own.
std::unique_ptr<RunListener> text_listener(bool terminal, bool quiet);

/// Several listeners of one run; they outlive it.
class Listeners final : public RunListener {
 public:
  void add(RunListener& listener) { all_.push_back(&listener); }

  void on_apply_start(const Plan& plan) override;
  void on_step_start(const Step& step, std::size_t resources) override;
  void on_task(const Step& step, const std::string& task_id) override;
  void on_step_end(const Step& step, const StepResult& result) override;
  void on_outcome(const Outcome& outcome) override;
  void on_notice(Severity severity, const std::string& code, const std::string& sentence) override;

 private:
  std::vector<RunListener*> all_;
};

/// What of a run is on its way, for whoever has to end it from another thread.
class InFlight final : public RunListener {
 public:
  void on_step_start(const Step& step, std::size_t resources) override;
  void on_step_end(const Step& step, const StepResult& result) override;
  bool sent_something() const;
  /// "pets: import (merge) and 2 more"; "" when nothing is.
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::map<int, std::string> steps_;  ///< by id
  bool sent_ = false;
};

/// Writes the events of an apply, one JSON object a line.
class EventWriter final : public RunListener {
 public:
  /// To the file, which is emptied first, or to stdout when `path` is "". Errors: Storage.
  static Result<std::unique_ptr<EventWriter>> open(const std::string& path, std::string run_id, Clock& clock);
  EventWriter(std::string run_id, Clock& clock);
  void version();
  void planned_changes(const Plan& plan);
  void apply_complete(const Plan& plan, const RunReport& report, int exit_code);
  /// The last line of a run that did not get as far as sending.
  void apply_complete(int exit_code);
  void diagnostic(Severity severity, const std::string& code, const std::string& summary);
  /// From another thread, when the process is about to be ended: the last line, and none after it. Waits for nobody:
  /// where nobody reads, it is not written.
  void cut_short(int exit_code, const std::string& sentence);

  void on_apply_start(const Plan& plan) override;
  void on_step_start(const Step& step, std::size_t resources) override;
  void on_task(const Step& step, const std::string& task_id) override;
  void on_step_end(const Step& step, const StepResult& result) override;
  void on_outcome(const Outcome& outcome) override;
  void on_notice(Severity severity, const std::string& code, const std::string& sentence) override;

 private:
  void write(std::string_view type, const Value& fields);
  void put(std::string_view type, const Value& fields);
  std::mutex mutex_;
  bool completed_ = false;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, std::fclose};  ///< null: stdout
  std::string run_id_;
  Clock& clock_;
};

/// How many of a run's outcomes are as predicted, by kind, and how many are not.
Value outcome_counts(const Plan& plan, const RunReport& report);

/// "Apply complete! Resources: 2 added, 1 changed, 0 destroyed." or what it came to instead, with what went wrong.
std::string render_report(const Plan& plan, const RunReport& report);

}  // namespace sluice
