// Past applies.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/commands/command.h"
#include "engine/journal.h"
#include "engine/output.h"
#include "plan/json.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

constexpr std::size_t kNamedAtMost = 5;

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value to_json(const RunSummary& run) {
  const RunRecord& record = run.record;
  Value outcomes = Value::object();
  for (const auto& [effect, count] : run.outcomes) outcomes.set(to_string(effect), static_cast<std::int64_t>(count));
  Value json = Value::object();
  json.set("id", record.id).set("operation", record.operation).set("actor", record.actor);
  json.set("started_at", record.started_at).set("ended_at", text_or_null(run.ended_at));
  json.set("exit_code", run.exit_code ? Value(*run.exit_code) : Value());
  json.set("revision", text_or_null(record.revision)).set("ci_url", text_or_null(record.ci_url));
  json.set("plan_digest", record.plan_digest).set("resumed_from", text_or_null(record.resumed_from));
  json.set("outcomes", std::move(outcomes)).set("open_requests", static_cast<std::int64_t>(run.open_intents));
  return json.set("has_plan", run.has_plan).set("has_backup", run.has_backup);
}

Value to_json(const RunOutcome& outcome) {
  Value json = Value::object();
  json.set("address", outcome.address.text())
      .set("predicted", to_string(outcome.predicted))
      .set("actual", to_string(outcome.actual));
  return json.set("error_code", text_or_null(outcome.error_code)).set("error_msg", text_or_null(outcome.error_message));
}

Value to_json(const Intent& intent) {
  Value resources = Value::array();
  for (const IntendedResource& resource : intent.resources) resources.push(resource.address.text());
  Value json = Value::object();
  json.set("id", intent.id).set("group", intent.group).set("kind", to_string(intent.kind));
  json.set("sent_at", intent.sent_at).set("task_id", text_or_null(intent.task_id));
  json.set("outcome", text_or_null(intent.outcome)).set("settled", intent.closed);
  return json.set("resources", std::move(resources));
}

Value to_json(const JournalEvent& event) {
  Value json = Value::object();
  json.set("seq", event.seq).set("request", event.intent).set("event", event.event).set("at", event.at);
  return json.set("data", event.data);
}

template <typename Items>
Value list_of(const Items& items) {
  Value list = Value::array();
  for (const auto& item : items) list.push(to_json(item));
  return list;
}

std::string counts_of(const RunSummary& run) {
  std::string text;
  for (const auto& [effect, count] : run.outcomes)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(effect));
  return text.empty() ? "nothing accounted for" : text;
}

std::string end_of(const RunSummary& run) {
  if (!run.exit_code) return "has not ended";
  return fmt::format("exit {}", *run.exit_code);
}

std::string line_of(const RunSummary& run) {
  const RunRecord& record = run.record;
  std::string text = fmt::format("{}  {}  {}  {}  {}\n", printable(record.id), record.started_at,
                                 printable(record.actor), end_of(run), counts_of(run));
  if (!record.plan_digest.empty()) text += fmt::format("    plan {}\n", printable(record.plan_digest));
  if (!record.revision.empty()) text += fmt::format("    revision {}\n", printable(record.revision));
  if (!record.ci_url.empty()) text += fmt::format("    {}\n", printable(record.ci_url));
  if (!record.resumed_from.empty()) text += fmt::format("    resumed {}\n", printable(record.resumed_from));
  if (run.open_intents > 0)
    text += fmt::format("    {} sent and not accounted for: sluice apply --resume {}\n",
                        run.open_intents == 1 ? "1 request" : fmt::format("{} requests", run.open_intents),
                        printable(record.id));
  return text;
}

std::string details_of(const RunDetails& run, const std::vector<Intent>& intents) {
  std::string text = line_of(run.summary);
  if (!run.outcomes.empty()) text += "\nOutcomes:\n";
  for (const RunOutcome& outcome : run.outcomes) {
    text += fmt::format(
        "  {}: {}{}{}{}\n", printable(outcome.address.text()), to_string(outcome.actual),
        outcome.actual == outcome.predicted ? "" : fmt::format(" instead of {}", to_string(outcome.predicted)),
        outcome.error_message.empty() ? "" : ": " + printable(outcome.error_message),
        outcome.error_code.empty() ? "" : fmt::format(" ({})", printable(outcome.error_code)));
  }
  if (!intents.empty()) text += "\nRequests:\n";
  for (const Intent& intent : intents) {
    text += fmt::format("  {} {} {} of {}: {}{}{}\n", intent.id, intent.sent_at, to_string(intent.kind),
                        intent.group.empty() ? "the gateway" : printable(intent.group),
                        intent.outcome.empty() ? "no answer" : printable(intent.outcome),
                        intent.task_id.empty() ? "" : ", task " + printable(intent.task_id),
                        intent.closed ? "" : ", not accounted for");
  }
  return text;
}

Result<void> write(const Formats& formats, const std::string& text, const Value& json) {
  if (formats.text) {
    if (auto written = write_output(*formats.text, text); !written) return written;
  }
  return formats.json ? write_output(*formats.json, write_json_pretty(json) + "\n") : Result<void>();
}

Result<void> list(StateStore& store, const Formats& formats) {
  const auto runs = store.runs();
  if (!runs) return runs.forward();
  std::string text;
  for (const RunSummary& run : *runs) text += line_of(run);
  if (text.empty()) text = "No apply has been recorded.\n";
  return write(formats, text, Value::object({{"runs", list_of(*runs), 0}}));
}

Result<void> show(StateStore& store, const Formats& formats, const std::string& id) {
  const auto run = find_run(store, id);
  if (!run) return run.forward();
  const auto intents = fold(run->journal);
  if (!intents) return intents.forward();
  Value json = Value::object();
  json.set("run", to_json(run->summary)).set("outcomes", list_of(run->outcomes));
  json.set("requests", list_of(*intents)).set("journal", list_of(run->journal));
  return write(formats, details_of(*run, *intents), json);
}

}  // namespace

Result<RunDetails> find_run(StateStore& store, const std::string& id) {
  auto run = store.run(id);
  if (run || run.error().kind != ErrorKind::NotFound) return run;
  const auto runs = store.runs();
  if (!runs) return runs.forward();
  std::string newest;
  for (std::size_t i = 0; i < std::min(runs->size(), kNamedAtMost); ++i)
    newest += fmt::format("{}{}", newest.empty() ? "" : ", ", (*runs)[i].record.id);
  return fail(ErrorKind::NotFound,
              newest.empty() ? fmt::format("There is no run {}: none has been recorded.", id)
                             : fmt::format("There is no run {}. The newest are {}; see `sluice history`.", id, newest));
}

ExitCode run_history(const CommandContext& context) {
  const auto formats = read_formats(context.invocation);
  if (!formats)
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  const bool shows = context.invocation.command == "history show";
  if (shows && context.invocation.arguments.empty())
    return report_usage("`sluice history show` needs the id of a run.");
  auto opened = open_state(context);
  if (const auto* code = std::get_if<ExitCode>(&opened)) return *code;
  StateStore& store = *std::get_if<OpenedState>(&opened)->store;
  const auto written = shows ? show(store, *formats, context.invocation.arguments[0]) : list(store, *formats);
  return written ? ExitCode::Done : report(written.error());
}

}  // namespace sluice
