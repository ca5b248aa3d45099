#include <fmt/format.h>
#include <signal.h>

#include "engine/commands/command.h"
#include "engine/files.h"
#include "engine/output.h"
#include "plan/json.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/quirks.h"
#include "providers/gateway/server.h"

namespace sluice {
namespace {

/// Reads a file of the gateway's settings; prints what is wrong with it.
template <typename T>
std::optional<T> read_settings(const std::string& file, Parsed<T> (*read)(const SourceText&)) {
  auto text = read_file(file);
  if (!text) {
    report(text.error());
    return std::nullopt;
  }
  Parsed<T> parsed = read({file, std::move(*text)});
  print_diagnostics(parsed.diagnostics);
  return std::move(parsed.value);
}

}  // namespace

ExitCode run_gateway_serve(const CommandContext& context) {
  const auto latency = parse_duration(context.invocation.value("latency", "0s"));
  if (!latency) return report_usage(latency.error().message);
  gateway::Options options{
      .data = context.invocation.value("data", ".sluice/gateway.db"), .latency = *latency, .quirks = {}};
  for (const std::string& quirk : context.invocation.values("quirk")) {
    const std::size_t equals = quirk.find('=');
    if (equals == std::string::npos) return report_usage(fmt::format("--quirk {} is not NAME=VALUE.", quirk));
    gateway::Rules rules;
    const auto known = gateway::set_quirk(rules, quirk.substr(0, equals), quirk.substr(equals + 1));
    if (!known) return report_usage(known.error().message);
    options.quirks.insert_or_assign(quirk.substr(0, equals), quirk.substr(equals + 1));
  }
  if (const std::string file = context.invocation.value("faults"); !file.empty()) {
    auto faults = read_settings(file, gateway::Faults::read);
    if (!faults) return ExitCode::Error;
    options.faults = std::move(*faults);
  }
  if (const std::string file = context.invocation.value("credentials"); !file.empty()) {
    options.credentials = read_settings(file, gateway::Credentials::read);
    if (!options.credentials) return ExitCode::Error;
  }
  if (const std::string file = context.invocation.value("instances"); !file.empty()) {
    options.directory = read_settings(file, gateway::Directory::read);
    if (!options.directory) return ExitCode::Error;
  }
  const std::string listen = context.invocation.value("listen", "127.0.0.1:8080");
  if (const auto understood = gateway::Server::check_address(listen); !understood)
    return report_usage(understood.error().message);
  if (!options.credentials && !gateway::Server::is_loopback(listen)) {
    return report(
        {ErrorKind::Refused,
         fmt::format("Listening on {} would let everybody on the network in, since nobody has to say who they "
                     "are: give --credentials FILE, or listen on 127.0.0.1.",
                     listen)});
  }
  if (const auto made = make_parent_folder(options.data); !made) return report(made.error());
  // Blocked before the server starts its threads, so that the signal comes here.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const auto gateway = gateway::Gateway::open(options);
  if (!gateway) return report(gateway.error());
  const auto server = gateway::Server::start(**gateway, listen);
  if (!server) return report(server.error());
  tell_stdout(fmt::format("The embedded gateway listens on http://{}, data in {}. Stop it with Ctrl-C or SIGTERM.\n",
                          (*server)->address(), options.data));
  int signal = 0;
  sigwait(&set, &signal);
  (*server)->stop();
  tell_stdout(fmt::format("Stopped after {} requests.\n", (*gateway)->requests_handled()));
  return ExitCode::Done;
}

ExitCode run_gateway_quirks(const CommandContext& context) {
  const auto formats = read_formats(context.invocation);
  if (!formats) {
    return formats.error().kind == ErrorKind::Invalid ? report_usage(formats.error().message) : report(formats.error());
  }
  std::string text;
  Value list = Value::array();
  for (const gateway::Quirk& quirk : gateway::quirks()) {
    const std::string positions = gateway::describe_positions(quirk);
    text += fmt::format("{:<20} {}\n    {}\n", quirk.name, positions, quirk.sentence);
    Value words = Value::array();
    for (const std::string_view word : gateway::positions_of(quirk)) words.push(word);
    Value item;
    item.set("name", quirk.name).set("default", words.items().front()).set("positions", std::move(words));
    if (quirk.largest > 0) item.set("largest", static_cast<std::int64_t>(quirk.largest));
    item.set("question", quirk.question).set("page", quirk.page).set("sentence", quirk.sentence);
    list.push(std::move(item));
  }
  if (formats->text) {
    if (const auto written = write_output(*formats->text, text); !written) return report(written.error());
  }
  if (formats->json) {
    const auto written = write_output(*formats->json, write_json_pretty(list) + "\n");
    if (!written) return report(written.error());
  }
  return ExitCode::Done;
}

}  // namespace sluice
