// The command line's front door: reads it, and hands over to one command.
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <exception>

#include "engine/commands/command.h"
#include "engine/output.h"
#include "plan/plan_json.h"
#include "plan/risk.h"

namespace {

using namespace sluice;

Environment process_environment() {
  Environment environment;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

ExitCode run(const CommandContext& context) {
  const std::string& command = context.invocation.command;
  if (command == "help") {
    std::string topic;
    for (const std::string& word : context.invocation.arguments) topic += (topic.empty() ? "" : " ") + word;
    if (topic == "risks") {
      tell_stdout(
          "What a change can mean for those who call an API: rule, severity unless the manifest says otherwise "
          "(`risks`), and what it means.\n\n");
      tell_stdout(risk_table());
      return ExitCode::Done;
    }
    if (!topic.empty() && !is_command(topic))
      return report_usage(fmt::format("\"{}\" is not a command. Run `sluice help` for a list.", topic));
    tell_stdout(fmt::format("{}", help_text(topic)));
    return ExitCode::Done;
  }
  if (command == "version") {
    tell_stdout(fmt::format("sluice {}\n", kSluiceVersion));
    return ExitCode::Done;
  }
  if (command == "init") return run_init(context);
  if (command == "validate") return run_validate(context);
  if (command == "render") return run_render(context);
  if (command == "plan") return run_plan(context);
  if (command == "show") return run_show(context);
  if (command == "apply") return run_apply(context);
  if (command == "drift") return run_drift(context);
  if (command == "export") return run_export(context);
  if (command == "import") return run_import(context);
  if (command == "gateway serve") return run_gateway_serve(context);
  if (command == "gateway quirks") return run_gateway_quirks(context);
  if (command == "schema") return run_schema(context);
  if (command == "completion") return run_completion(context);
  if (command == "man") return run_man(context);
  if (command == "state pull" || command == "state push") return run_state_text(context);
  if (command.starts_with("state ")) return run_state(context);
  if (command == "unlock") return run_unlock(context);
  if (command.starts_with("history")) return run_history(context);
  if (command == "rollback") return run_rollback(context);
  check(false, "a command without a function");
  return ExitCode::Error;
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);  // documents go back to the system at once
  try {
    const Environment environment = process_environment();
    const auto invocation = parse_command_line({argv + 1, argv + argc}, environment);
    if (!invocation) {
      const bool usage = invocation.error().kind == ErrorKind::Invalid;
      return static_cast<int>(usage ? report_usage(invocation.error().message) : report(invocation.error()));
    }
    SystemClock clock;
    const ExitCode code = run({*invocation, environment, clock});
    const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
    if (lost && code == ExitCode::Done) {
      return static_cast<int>(report(
          {ErrorKind::Storage, "The output could not be written: the reader of stdout is gone, or the disk is full."}));
    }
    return static_cast<int>(code);
  } catch (const std::exception& error) {
    tell(fmt::format(
        "Error: something unexpected happened: {}. If a run was under way, run the command again: it looks first.\n",
        error.what()));
    return static_cast<int>(ExitCode::Error);
  }
}
