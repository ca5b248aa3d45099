#include <fmt/format.h>

#include "engine/commands/command.h"
#include "engine/output.h"
#include "plan/plan_json.h"

namespace sluice {
namespace {

/// A text as roff prints it: backslashes and dashes are themselves, and a line may begin with a dot or quote.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.empty() && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

struct Entry {
  std::string_view term;
  std::string_view text;
};

constexpr Entry kExitCodes[] = {
    {"0", "Done; of plan --detailed-exitcode and drift: no difference."},
    {"1", "Error, and nothing was sent."},
    {"2", "plan --detailed-exitcode: changes; drift: drift; validate: findings of severity error."},
    {"3", "An apply ended, but not all of it took effect: the ledger says what."},
    {"4", "Refused for safety, and nothing was sent."},
    {"5", "The outcome is unknown: run apply again, it looks first."},
    {"6", "Policy: --fail-on, or --on-drift fail."},
    {"64", "Wrong usage."},
    {"130, 143", "Interrupted by SIGINT or SIGTERM."},
};

constexpr Entry kEnvironment[] = {
    {"SLUICE_<FLAG>", "Stands for a flag of that name, but for those that guard a plan or an apply; a flag wins."},
    {"SLUICE_TOKEN", "A token of IAM."},
    {"SLUICE_ACCESS_KEY, SLUICE_SECRET_KEY, SLUICE_SECURITY_TOKEN",
     "A pair of keys, and the token of a temporary one."},
    {"HW_ACCESS_KEY, HW_SECRET_KEY, HW_SECURITY_TOKEN, HW_REGION_NAME", "The same, as Huawei Cloud's tools name them."},
    {"OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_DOMAIN_NAME, OS_PROJECT_ID, OS_PROJECT_NAME",
     "A login at IAM, as OpenStack's tools name it."},
    {"SLUICE_HASH_KEY", "The key of the hashes that stand for secrets; else the state's own."},
    {"NO_COLOR", "Plain text."},
};

constexpr Entry kFiles[] = {
    {"sluice.yaml", "The manifest."},
    {".sluice/state.db", "The state, unless the manifest or --state names another."},
    {".sluice/gateway.db", "The embedded gateway of a manifest that names none."},
};

std::string entries(std::string_view heading, std::span<const Entry> rows) {
  std::string out = fmt::format(".SH {}\n", heading);
  for (const Entry& row : rows) out += fmt::format(".TP\n.B {}\n{}\n", roff(row.term), roff(row.text));
  return out;
}

std::string command_section(const CommandInfo& command) {
  std::string out = fmt::format(".SS \"sluice {}{}{}\"\n{}\n", roff(command.name), command.words.empty() ? "" : " ",
                                roff(command.words), roff(command.help));
  for (const FlagInfo& flag : command.flags) {
    out += fmt::format(".TP\n.B \\-\\-{}{}{}\n{}\n", roff(flag.name), flag.value.empty() ? "" : " ", roff(flag.value),
                       roff(flag.help));
  }
  return out;
}

}  // namespace

ExitCode run_man(const CommandContext&) {
  std::string page = fmt::format(
      ".TH SLUICE 1 \"\" \"sluice {}\" \"User Commands\"\n.SH NAME\nsluice \\- declarative sync of API gateways\n"
      ".SH SYNOPSIS\n.B sluice\n.I COMMAND\n[FLAGS] [ARGUMENTS]\n"
      ".SH DESCRIPTION\nA manifest names API groups and their Swagger files.\n"
      ".B sluice plan\nexports what the gateway holds, compares, and shows the changes;\n"
      ".B sluice apply\ncarries them out and accounts for every operation;\n"
      ".B sluice drift\ntells whether somebody changed the gateway meanwhile.\n"
      "Data goes to stdout; progress, warnings and errors to stderr.\n.SH COMMANDS\n",
      kSluiceVersion);
  for (const CommandInfo& command : command_infos()) page += command_section(command);
  page += entries("EXIT STATUS", kExitCodes);
  page += entries("ENVIRONMENT", kEnvironment);
  page += entries("FILES", kFiles);
  tell_stdout(page);
  return ExitCode::Done;
}

}  // namespace sluice
