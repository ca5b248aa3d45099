#include "engine/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <system_error>

#include "plan/json.h"
#include "plan/plan_json.h"
#include "plan/render_text.h"
#include "plan/review.h"

namespace sluice {
namespace {

std::string step_label(const Step& step) {
  std::string label =
      fmt::format("{}: {}", step.group.empty() ? "gateway" : printable(step.group), to_string(step.kind));
  const bool policies = !step.predicted.empty() && step.predicted.front().address.group().empty();
  if (step.kind == StepKind::Import) {
    label += policies ? fmt::format(" of policies ({})", to_string(step.extend_mode))
                      : fmt::format(" ({})", to_string(step.api_mode));
  }
  const bool one =
      step.kind == StepKind::DeleteApi || step.kind == StepKind::DeletePolicy || step.kind == StepKind::DeleteResponse;
  if (one && !step.predicted.empty()) label += fmt::format(" {}", printable(step.predicted.front().address.text()));
  if (!step.environment.empty()) label += fmt::format(" in {}", step.environment);
  return label;
}

std::string counted(std::size_t count) { return count == 1 ? "1 resource" : fmt::format("{} resources", count); }

class TextListener final : public RunListener {
 public:
  TextListener(bool terminal, bool quiet) : terminal_(terminal), quiet_(quiet) {}

  void on_step_start(const Step& step, std::size_t resources) override {
    if (quiet_) return;
    if (terminal_) {
      tell(fmt::format("\r\x1b[K{}, {}...", step_label(step), counted(resources)));
    } else {
      tell(fmt::format("{}, {}...\n", step_label(step), counted(resources)));
    }
  }
  void on_step_end(const Step& step, const StepResult& result) override {
    if (quiet_ && result.end == StepEnd::Done) return;
    if (terminal_) tell(fmt::format("\r\x1b[K"));
    const std::string_view how = result.end == StepEnd::Done     ? "done"
                                 : result.end == StepEnd::Failed ? "failed"
                                                                 : "no answer, looking";
    tell(fmt::format("{}: {}{}\n", step_label(step), how,
                     result.error_message.empty() ? "" : ": " + printable(result.error_message)));
  }
  void on_notice(Severity severity, const std::string& /*code*/, const std::string& sentence) override {
    if (terminal_) tell(fmt::format("\r\x1b[K"));
    tell(fmt::format("{}: {}\n", severity == Severity::Error ? "Error" : "Warning", printable(sentence)));
  }

 private:
  bool terminal_;
  bool quiet_;
};

struct Counts {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t destroyed = 0;
  std::size_t other = 0;
  std::size_t adopted = 0;  ///< also counted as changed, where it was
  std::size_t ignored = 0;  ///< as the plan said that it would be
};

/// Counted as the plan counts: what it creates is added, and so on.
Counts count(const Plan& plan, const RunReport& report) {
  std::map<Address, Action> actions;
  for (const Change& change : plan.changes) actions.emplace(change.address, change.action);
  Counts counts;
  counts.adopted = report.adopted;
  for (const Outcome& outcome : report.outcomes) {
    const auto action = actions.find(outcome.address);
    if (outcome.already) continue;
    if (!outcome.as_predicted() || action == actions.end()) {
      ++counts.other;
    } else if (outcome.actual == Effected::Ignored) {
      ++counts.ignored;
    } else if (action->second == Action::Create) {
      ++counts.added;
    } else if (action->second == Action::Delete) {
      ++counts.destroyed;
    } else {
      ++counts.changed;
    }
  }
  return counts;
}

Value number(std::size_t count) { return static_cast<std::int64_t>(count); }

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

}  // namespace

void tell(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void tell_stdout(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::unique_ptr<RunListener> text_listener(bool terminal, bool quiet) {
  return std::make_unique<TextListener>(terminal, quiet);
}

std::string how_to_resume(const std::string& run_id) {
  return fmt::format("run `sluice apply` again, or `sluice apply --resume {}` to carry on this plan: both look first",
                     run_id);
}

void InFlight::on_step_start(const Step& step, std::size_t /*resources*/) {
  const std::lock_guard lock(mutex_);
  steps_.insert_or_assign(step.id, step_label(step));
  sent_ = true;
}

void InFlight::on_step_end(const Step& step, const StepResult& /*result*/) {
  const std::lock_guard lock(mutex_);
  steps_.erase(step.id);
}

bool InFlight::sent_something() const {
  const std::lock_guard lock(mutex_);
  return sent_;
}

std::string InFlight::text() const {
  const std::lock_guard lock(mutex_);
  if (steps_.empty()) return {};
  const std::size_t more = steps_.size() - 1;
  return steps_.begin()->second + (more > 0 ? fmt::format(" and {} more", more) : "");
}

void Listeners::on_apply_start(const Plan& plan) {
  for (RunListener* each : all_) each->on_apply_start(plan);
}
void Listeners::on_step_start(const Step& step, std::size_t resources) {
  for (RunListener* each : all_) each->on_step_start(step, resources);
}
void Listeners::on_task(const Step& step, const std::string& task_id) {
  for (RunListener* each : all_) each->on_task(step, task_id);
}
void Listeners::on_step_end(const Step& step, const StepResult& result) {
  for (RunListener* each : all_) each->on_step_end(step, result);
}
void Listeners::on_outcome(const Outcome& outcome) {
  for (RunListener* each : all_) each->on_outcome(outcome);
}
void Listeners::on_notice(Severity severity, const std::string& code, const std::string& sentence) {
  for (RunListener* each : all_) each->on_notice(severity, code, sentence);
}

Result<std::unique_ptr<EventWriter>> EventWriter::open(const std::string& path, std::string run_id, Clock& clock) {
  auto writer = std::make_unique<EventWriter>(std::move(run_id), clock);
  if (path.empty()) return writer;
  writer->file_.reset(std::fopen(path.c_str(), "we"));
  if (!writer->file_) {
    return fail(ErrorKind::Storage,
                fmt::format("{} cannot be written: {}. Name another file, in a folder that is there.", path,
                            std::generic_category().message(errno)));
  }
  return writer;
}

EventWriter::EventWriter(std::string run_id, Clock& clock) : run_id_(std::move(run_id)), clock_(clock) {}

void EventWriter::write(std::string_view type, const Value& fields) {
  const std::lock_guard lock(mutex_);
  if (type == "apply_complete") completed_ = true;
  put(type, fields);
}

void EventWriter::cut_short(int exit_code, const std::string& sentence) {
  std::unique_lock lock(mutex_, std::try_to_lock);
  pollfd ready{file_ ? ::fileno(file_.get()) : STDOUT_FILENO, POLLOUT, 0};
  if (!lock || completed_ || ::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
  put("diagnostic", Value::object({{"severity", "warning", 0}, {"code", "cut-short", 0}, {"summary", sentence, 0}}));
  Value fields = Value::object();
  put("apply_complete",
      fields.set("summary", outcome_counts({}, {})).set("converged", false).set("exit_code", exit_code));
  (void)lock.release();  // nothing follows the last line
}

void EventWriter::put(std::string_view type, const Value& fields) {
  Value line = Value::object();
  line.set("type", type).set("timestamp", to_rfc3339(clock_.now())).set("run_id", run_id_);
  for (const auto& member : fields.members()) line.set(member.key, member.value);
  const std::string text = write_json(line) + "\n";
  if (!file_) return tell_stdout(text);
  std::fwrite(text.data(), 1, text.size(), file_.get());  // as with stdout, what cannot be written stops no run
  std::fflush(file_.get());
}

void EventWriter::version() {
  write("version", Value::object({{"sluice_version", kSluiceVersion, 0}, {"format_version", kPlanFormatVersion, 0}}));
}

void EventWriter::planned_changes(const Plan& plan) {
  for (const Change& change : plan.changes) {
    Value fields = change_to_json(change);
    fields.set("resource_type", change.address.type());
    fields.erase("type");  // an event's type says which event it is
    write("planned_change", fields);
  }
}

void EventWriter::on_apply_start(const Plan& plan) {
  const Value json = plan_to_json(plan);
  Value fields = Value::object();
  for (const std::string_view key : {"gateway", "digest", "steps", "summary"}) fields.set(key, *json.find(key));
  write("apply_start", fields);
}

void EventWriter::on_step_start(const Step& step, std::size_t resources) {
  Value fields = Value::object();
  fields.set("step", step.id)
      .set("kind", to_string(step.kind))
      .set("group", step.group)
      .set("resources", number(resources));
  if (step.kind == StepKind::Import)
    fields.set("api_mode", to_string(step.api_mode)).set("extend_mode", to_string(step.extend_mode));
  write("step_start", fields);
}

void EventWriter::on_task(const Step& step, const std::string& task_id) {
  Value fields = Value::object();
  fields.set("step", step.id).set("group", step.group).set("task_id", task_id).set("status", "started");
  write("task_progress", fields);
}

void EventWriter::on_step_end(const Step& step, const StepResult& result) {
  Value fields = Value::object();
  fields.set("step", step.id).set("kind", to_string(step.kind)).set("group", step.group);
  if (result.end == StepEnd::Done) return write("step_complete", fields);
  fields.set("effect", result.end == StepEnd::Failed ? "none" : "unknown");
  fields.set("error_code", text_or_null(result.error_code)).set("error_msg", text_or_null(result.error_message));
  write("step_failed", fields);
}

void EventWriter::on_outcome(const Outcome& outcome) {
  Value fields = Value::object();
  fields.set("address", outcome.address.text())
      .set("predicted", to_string(outcome.predicted))
      .set("actual", to_string(outcome.actual));
  fields.set("error_code", text_or_null(outcome.error_code)).set("error_msg", text_or_null(outcome.error_message));
  write("outcome", fields);
}

void EventWriter::on_notice(Severity severity, const std::string& code, const std::string& sentence) {
  diagnostic(severity, code, sentence);
}

void EventWriter::diagnostic(Severity severity, const std::string& code, const std::string& summary) {
  Value fields = Value::object();
  fields.set("severity", severity == Severity::Error ? "error" : "warning").set("code", code).set("summary", summary);
  write("diagnostic", fields);
}

void EventWriter::apply_complete(const Plan& plan, const RunReport& report, int exit_code) {
  Value fields = Value::object();
  fields.set("summary", outcome_counts(plan, report)).set("converged", report.converged).set("exit_code", exit_code);
  fields.set("digest", plan.digest);
  write("apply_complete", fields);
}

void EventWriter::apply_complete(int exit_code) {
  Value fields = Value::object();
  fields.set("summary", outcome_counts({}, {})).set("converged", exit_code == 0).set("exit_code", exit_code);
  write("apply_complete", fields);
}

Value outcome_counts(const Plan& plan, const RunReport& report) {
  const Counts counts = count(plan, report);
  Value json = Value::object();
  json.set("added", number(counts.added))
      .set("changed", number(counts.changed))
      .set("destroyed", number(counts.destroyed))
      .set("adopted", number(counts.adopted));
  json.set("ignored", number(counts.ignored));
  return json.set("not_as_predicted", number(counts.other)).set("steps_sent", number(report.sent));
}

std::string render_report(const Plan& plan, const RunReport& report) {
  std::string out;
  for (const Outcome& outcome : report.outcomes) {
    if (outcome.already) {
      out += fmt::format("{}: it was so already\n", printable(outcome.address.text()));
      continue;
    }
    if (outcome.as_predicted()) {
      out += fmt::format("{}: {}{}{}\n", printable(outcome.address.text()), to_string(outcome.actual),
                         outcome.error_message.empty() ? "" : ": ", printable(outcome.error_message));
      continue;
    }
    const std::string code = outcome.error_code.empty() ? "" : fmt::format(" ({})", printable(outcome.error_code));
    out += fmt::format("{}: {} instead of {}: {}{}\n", printable(outcome.address.text()), to_string(outcome.actual),
                       to_string(outcome.predicted), printable(outcome.error_message), code);
  }
  if (!out.empty()) out += "\n";
  const Counts counts = count(plan, report);
  const std::string headline = report.converged     ? "Apply complete!"
                               : report.interrupted ? "Interrupted: " + how_to_resume(report.run_id) + "."
                                                    : "Apply ended, but not all of it took effect.";
  out += fmt::format("{} Resources: {} added, {} changed, {} destroyed", headline, counts.added, counts.changed,
                     counts.destroyed);
  out += counts.adopted > 0 ? fmt::format(", {} adopted.", counts.adopted) : ".";
  if (counts.ignored > 0) out += fmt::format(" Ignored, as planned: {}.", counts.ignored);
  if (counts.other > 0) out += fmt::format(" Not as planned: {}.", counts.other);
  if (report.converged && plan.changes_protection()) out += " " + printable(protection_sentence(plan));
  out += fmt::format("\nGateway: {}\n", printable(to_string(plan.gateway)));
  return out;
}

}  // namespace sluice
