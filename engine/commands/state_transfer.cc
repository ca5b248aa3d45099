// The state as a whole: pulled, pushed, and its locks broken.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "engine/commands/command.h"
#include "engine/files.h"
#include "engine/output.h"
#include "engine/postgres.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

constexpr std::uintmax_t kLargestState = 4'000'000'000;
constexpr int kLookForSignals = 100;  // milliseconds

Result<std::string> read_text(const std::string& path) {
  if (path != "-") return read_file(path, kLargestState);
  std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (std::cin.bad()) return fail(ErrorKind::Storage, "Standard input could not be read.");
  return text;
}

ExitCode pull(const CommandContext& context, StateStore& store) {
  const auto text = store.pull(context.invocation.has("with-key"));
  if (!text) return report(text.error());
  const auto written = write_output("", *text + (text->ends_with('\n') ? "" : "\n"));
  return written ? ExitCode::Done : report(written.error());
}

ExitCode push(const CommandContext& context, StateStore& store) {
  if (context.invocation.arguments.empty())
    return report_usage("`sluice state push` needs the file that `sluice state pull` wrote, or - for stdin.");
  const auto text = read_text(context.invocation.arguments[0]);
  if (!text) return report(text.error());
  const auto state = store.read();
  if (!state) return report(state.error());
  const Interruption interruption(context.clock, std::chrono::hours(2));
  const auto token = wait_for_lock(context, store, {"state push", "", whole_state(), {}}, state->gateway, interruption);
  if (!token) return interruption.signal().value_or(report(token.error()));
  const auto pushed = store.push(*token, *text, context.invocation.has("force"));
  if (const auto unlocked = store.unlock(*token); !unlocked) print_warning(unlocked.error().message);
  if (!pushed) return report(pushed.error());
  if (!context.invocation.has("quiet")) tell("The state was replaced; nothing was sent to the gateway.\n");
  return ExitCode::Done;
}

std::string about(const LockHolder& holder) {
  std::string text =
      fmt::format("Lock {}\n  held by:   {} on {}, process {}\n  operation: {}{}\n  covers:    {}\n", holder.id,
                  printable(holder.who), printable(holder.host), holder.pid, printable(holder.operation),
                  holder.run_id.empty() ? "" : ", run " + printable(holder.run_id),
                  printable(fmt::format("{}", fmt::join(holder.scopes, ", "))));
  text += fmt::format("  since:     {}\n  heartbeat: {}{}\n", holder.taken_at, holder.heartbeat_at,
                      holder.alive ? "" : " (dead: the next run takes it over by itself)");
  return text;
}

}  // namespace

std::variant<OpenedState, ExitCode> open_state(const CommandContext& context) {
  std::string name = context.invocation.value("state");
  if (name.empty()) {
    auto manifest = load_manifest(context.invocation, context.environment);
    print_diagnostics(manifest.diagnostics);
    if (!manifest.value) return ExitCode::Error;
    auto found = state_path(context.invocation, *manifest.value, context.invocation.value("file", "sluice.yaml"));
    if (!found) return report(found.error());
    name = std::move(*found);
  }
  auto store = open_state_store(name, context.clock);
  if (!store) return report(store.error());
  return OpenedState{std::move(*store), redacted_url(name)};
}

std::optional<bool> ask_yes(const std::string& question, const Interruption* interruption) {
  if (::isatty(STDIN_FILENO) != 1) return std::nullopt;
  tell(fmt::format("\n{} Only 'yes' is taken as approval: ", question));
  pollfd waiting{STDIN_FILENO, POLLIN, 0};
  while (::poll(&waiting, 1, kLookForSignals) <= 0) {
    if (interruption != nullptr && interruption->requested()) return false;
  }
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

ExitCode run_state_text(const CommandContext& context) {
  auto opened = open_state(context);
  if (const auto* code = std::get_if<ExitCode>(&opened)) return *code;
  StateStore& store = *std::get_if<OpenedState>(&opened)->store;
  return context.invocation.command == "state pull" ? pull(context, store) : push(context, store);
}

ExitCode run_unlock(const CommandContext& context) {
  if (context.invocation.arguments.empty())
    return report_usage("`sluice unlock` needs the id of the lock: the message of a run that is locked out has it.");
  const std::string& id = context.invocation.arguments[0];
  auto opened = open_state(context);
  if (const auto* code = std::get_if<ExitCode>(&opened)) return *code;
  const auto& [store, name] = *std::get_if<OpenedState>(&opened);
  const auto holders = store->holders();
  if (!holders) return report(holders.error());
  const auto holder =
      std::find_if(holders->begin(), holders->end(), [&](const LockHolder& one) { return one.id == id; });
  if (holder == holders->end()) {
    std::vector<std::string> ids;
    for (const LockHolder& one : *holders) ids.push_back(one.id);
    return report({ErrorKind::NotFound,
                   fmt::format("The state {} has no lock {}: {}.", name, id,
                               ids.empty() ? "it has none" : fmt::format("it has {}", fmt::join(ids, ", ")))});
  }
  tell(about(*holder));
  if (!context.invocation.has("force")) {
    const auto answer = ask_yes("Do you want to break this lock? Its run writes and sends nothing any more.");
    if (!answer) {
      return report(
          {ErrorKind::Refused, "There is no terminal to ask on: say --force when you know that this run is dead."});
    }
    if (!*answer) {
      tell("The lock stays.\n");
      return ExitCode::Error;
    }
  }
  if (const auto broken = store->break_lock(id); !broken) return report(broken.error());
  tell(fmt::format("The lock is broken{}.\n",
                   holder->run_id.empty()
                       ? std::string()
                       : fmt::format("; to finish its run: sluice apply --resume {}", printable(holder->run_id))));
  return ExitCode::Done;
}

}  // namespace sluice
