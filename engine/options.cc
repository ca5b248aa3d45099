#include "engine/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <getopt.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "plan/diagnostic.h"

namespace sluice {
namespace {

struct CommandRow {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
  bool built = true;
  int most_arguments = 0;
};

constexpr CommandRow kCommands[] = {
    {"init", "[DIR]", "Writes a commented starter manifest and Swagger file; refuses to overwrite.", true, 1},
    {"validate", "", "Checks manifest and Swagger files offline, all findings at once."},
    {"render", "",
     "Prints the Swagger of each group as an import would carry it: references resolved, overrides laid over."},
    {"plan", "", "Exports what the gateway holds, diffs it against the files, and shows the changes. Changes nothing."},
    {"show", "PLANFILE", "Renders a saved plan.", true, 1},
    {"apply", "[PLANFILE]", "Carries out a saved plan, or plans, asks and applies.", true, 1},
    {"drift", "", "Compares the gateway with what was last applied. Changes nothing."},
    {"export", "", "Writes live groups as Swagger files and a manifest that plans to no change."},
    {"import", "ADDRESS-GLOB...", "Starts to own what exists on the gateway; sends nothing.", true, 1000},
    {"state list", "", "Prints the addresses that Sluice owns, one a line."},
    {"state show", "[ADDRESS...]", "Shows what Sluice remembers of them, remote ids included.", true, 1000},
    {"state rm", "ADDRESS...", "Stops owning; sends nothing.", true, 1000},
    {"state pull", "", "Prints the whole state as JSON, for a copy or for another store."},
    {"state push", "FILE|-", "Replaces the state by what `state pull` printed.", true, 1},
    {"unlock", "ID", "Breaks a lock after showing who holds it.", true, 1},
    {"history", "", "Lists past applies, the newest first."},
    {"history show", "RUN", "Shows what became of each resource of a run, and what it sent.", true, 1},
    {"rollback", "RUN", "Plans the way back to what was live before a run, for what that run changed.", true, 1},
    {"gateway serve", "", "Runs the embedded gateway as a server."},
    {"gateway quirks", "", "Lists what the protocol leaves open: each switch with its positions, the default first."},
    {"task show", "ID", "Shows one task of the gateway.", false},
    {"schema", "manifest|plan|events|history",
     "Prints a JSON Schema: of the manifest, of `--format json`, of the events of an apply, or of `history --format "
     "json`.",
     true, 1},
    {"completion", "bash|zsh|fish", "Prints a shell completion script.", true, 1},
    {"man", "", "Prints the man page: sluice man | man -l -"},
    {"version", "", "Prints the version."},
    {"help", "[COMMAND]", "Explains a command; `sluice help risks` lists what changes can mean for callers.", true, 2},
};

enum FlagBits : unsigned { kTakesValue = 1, kRepeats = 2, kHasVariable = 4, kNotBuilt = 8 };

struct FlagRow {
  const char* name;
  unsigned bits;
  std::string_view commands;  ///< "*" for all, else words with spaces around
  std::string_view help;
};

constexpr FlagRow kFlags[] = {
    {"file", kTakesValue | kHasVariable,
     " validate render plan apply drift import state export unlock history rollback ",
     "-f, --file FILE: the manifest (default sluice.yaml)"},
    {"target", kTakesValue | kRepeats | kHasVariable, " validate plan show apply drift import state ",
     "--target ADDRESS: only these, and what they need; globs, group.NAME is all that is in it"},
    {"exclude", kTakesValue | kRepeats | kHasVariable, " validate plan show apply drift import state ",
     "--exclude ADDRESS: not these; globs, group.NAME is all that is in it"},
    {"var", kTakesValue | kRepeats | kHasVariable,
     " validate render plan apply drift import state export unlock history rollback ",
     "--var NAME=VALUE: a variable of the manifest"},
    {"var-file", kTakesValue | kRepeats | kHasVariable,
     " validate render plan apply drift import state export unlock history rollback ",
     "--var-file FILE: a map of variables, or lines of NAME=VALUE; the last one wins"},
    {"state", kTakesValue | kHasVariable, " plan apply drift import state unlock history rollback ",
     "--state URL: the state, FILE or postgres://..."},
    {"format", kTakesValue | kRepeats | kHasVariable,
     " validate render plan show apply drift import state gateway export history rollback ",
     "--format KIND[=FILE]: repeatable; text or json (of apply: events), of plan, show, rollback, apply and drift also "
     "markdown, "
     "html, "
     "sarif and github (workflow commands), of validate also sarif and github"},
    {"context", 0, " plan show apply rollback ", "--context: text shows what stays as it is beside what changes"},
    {"summary", 0, " plan show apply drift rollback ", "--summary: of text only the last lines, with the numbers"},
    {"width", kTakesValue | kHasVariable, " plan show apply drift rollback ",
     "--width N: breaks lines of text at 80 to 200 columns (default: those of the terminal)"},
    {"max-bytes", kTakesValue | kHasVariable, " plan show apply drift rollback ",
     "--max-bytes N: of markdown; what has no room is counted (default 60000)"},
    {"parallelism", kTakesValue | kHasVariable, " plan apply drift import export rollback ",
     "--parallelism N: groups at a time (default 8)"},
    {"no-color", kHasVariable, "*", "--no-color: plain text"},
    {"lock-timeout", kTakesValue | kHasVariable, " apply import state ",
     "--lock-timeout DURATION: how long to wait for the lock (default 0s)"},
    {"timeout", kTakesValue | kHasVariable, " plan apply drift import export rollback ",
     "--timeout DURATION: of one task (default 30m)"},
    {"deadline", kTakesValue | kHasVariable, " plan apply drift import export rollback ",
     "--deadline DURATION: of the whole run (default 2h)"},
    {"log-level", kTakesValue | kHasVariable, " validate plan show apply drift import state export rollback ",
     "--log-level error|warn|info|debug|trace: what is told about requests on stderr (default warn)"},
    {"log-format", kTakesValue | kHasVariable, " validate plan show apply drift import state export rollback ",
     "--log-format text|json: of that (default text)"},
    {"endpoint", kTakesValue | kHasVariable, " plan apply drift import export rollback ",
     "--endpoint URL: of the gateway, instead of the manifest's"},
    {"iam-endpoint", kTakesValue | kHasVariable, " plan apply drift import export rollback ",
     "--iam-endpoint URL: of IAM, for logins, instead of the manifest's"},
    {"insecure", 0, " plan apply drift import export rollback ",
     "--insecure: takes any certificate; for experiments only"},
    {"quiet", kHasVariable, "*", "-q, --quiet: no progress"},
    {"untrusted", kHasVariable, " validate render plan show apply drift import state export unlock history rollback ",
     "--untrusted: for a manifest from a stranger: runs no command of it, expands no environment variable in it, and "
     "takes --endpoint, --iam-endpoint and --state from the command line only"},
    {"group", kTakesValue | kRepeats, " render export ",
     "--group NAME: only this group; of export a glob (default all)"},
    {"split", kTakesValue, " export ", "--split tags|paths: a file for each first tag, or first segment of the path"},
    {"explain", 0, " render ", "--explain: which layer set each value"},
    {"detailed-exitcode", 0, " plan rollback ", "--detailed-exitcode: 2 when there are changes"},
    {"out", kTakesValue, " plan export rollback ", "--out FILE: saves the plan; of export the folder to write into"},
    {"changed", 0, " plan apply ", "--changed: exports only the groups whose files ask for something new"},
    {"on-drift", kTakesValue, " plan apply rollback ",
     "--on-drift revert|keep|fail: what becomes of drift (default revert)"},
    {"fail-on", kTakesValue, " plan apply rollback ",
     "--fail-on breaking|warning: exit 6 when the plan has such a change (see `sluice help risks`)"},
    {"prune", kTakesValue, " plan apply ", "--prune none|managed|all: what may be deleted, for all groups"},
    {"max-deletes", kTakesValue, " plan apply rollback ",
     "--max-deletes N: how many APIs a run may delete or unpublish"},
    {"adopt", kTakesValue | kRepeats, " plan apply ", "--adopt GLOB: takes over existing resources"},
    {"refresh-only", 0, " plan apply ", "--refresh-only: takes what the gateway has into the state; sends nothing"},
    {"expires", kTakesValue, " plan rollback ", "--expires DURATION: of a saved plan (default 7d)"},
    {"expect", kTakesValue, " plan apply rollback ", "--expect DIGEST: refuses any other plan"},
    {"all", 0, " plan show apply rollback ", "--all: shows unchanged resources too"},
    {"auto-approve", 0, " apply ", "--auto-approve: does not ask"},
    {"resume", kTakesValue, " apply ", "--resume RUN: carries on the plan of a run that was interrupted"},
    {"force", 0, " state unlock ",
     "--force: of unlock, does not ask; of state push, takes an older serial, another lineage, and open requests"},
    {"with-key", 0, " state ", "--with-key: of state pull, the key of the hashes of secrets too; keep it as a secret"},
    {"unmanaged", kTakesValue, " drift ",
     "--unmanaged fail|report: of APIs that appeared (default fail; report for groups that use `select`)"},
    {"listen", kTakesValue, " gateway ", "--listen HOST:PORT: where it serves (default 127.0.0.1:8080)"},
    {"data", kTakesValue, " gateway ", "--data FILE: where the gateway keeps its data"},
    {"latency", kTakesValue, " gateway ", "--latency DURATION: of tasks (default 0s)"},
    {"quirk", kTakesValue | kRepeats, " gateway ", "--quirk NAME=VALUE: a switch, see `sluice gateway quirks`"},
    {"faults", kTakesValue, " gateway ", "--faults FILE: what goes wrong on purpose (YAML or JSON)"},
    {"instances", kTakesValue, " gateway ", "--instances FILE: the projects and instances that exist (default: all)"},
    {"credentials", kTakesValue, " gateway ", "--credentials FILE: who may enter (default: everybody)"},
    {"help", 0, "*", "--help: explains the command"},
    {"version", 0, " version ", "--version: the same as the command"},
};

const CommandRow* find_command(std::string_view name) {
  const auto* at =
      std::find_if(std::begin(kCommands), std::end(kCommands), [&](const CommandRow& row) { return row.name == name; });
  return at == std::end(kCommands) ? nullptr : at;
}

/// The second words of the commands whose first word is `name`.
std::vector<std::string_view> words_after(std::string_view name) {
  std::vector<std::string_view> words;
  for (const CommandRow& row : kCommands) {
    const std::string_view command = row.name;
    const std::size_t space = command.find(' ');
    if (space != std::string_view::npos && command.substr(0, space) == name) words.push_back(command.substr(space + 1));
  }
  return words;
}

bool applies(const FlagRow& flag, std::string_view command) {
  const std::string_view first = command.substr(0, command.find(' '));
  return flag.commands == "*" || flag.commands.find(fmt::format(" {} ", first)) != std::string_view::npos;
}

/// The words of "a|b|c"; none when there is no choice.
std::vector<std::string> choices_in(std::string_view text) {
  std::vector<std::string> choices;
  if (text.find('|') == std::string_view::npos) return choices;
  while (true) {
    const std::size_t bar = text.find('|');
    choices.emplace_back(text.substr(0, bar));
    if (bar == std::string_view::npos) return choices;
    text.remove_prefix(bar + 1);
  }
}

Unexpected<Error> usage(std::string message) { return fail(ErrorKind::Invalid, std::move(message)); }

/// Takes the command's one or two words off the front of the arguments.
Result<const CommandRow*> take_command(std::vector<std::string>& arguments) {
  if (arguments.empty()) return usage("No command was given. Run `sluice help` for a list.");
  std::string name = arguments[0];
  if (arguments.size() > 1 && find_command(name + " " + arguments[1]) != nullptr) {
    name += " " + arguments[1];
    arguments.erase(arguments.begin());
  }
  const CommandRow* row = find_command(name);
  if (row != nullptr) {
    arguments.erase(arguments.begin());
    return row;
  }
  if (const auto words = words_after(name); !words.empty()) {
    return usage(
        fmt::format("`sluice {}` needs one of: {}. Run `sluice help {}`.", name, fmt::join(words, ", "), name));
  }
  std::vector<std::string_view> known;
  for (const CommandRow& command : kCommands) known.push_back(command.name);
  const std::string near = did_you_mean(name, known);
  return usage(near.empty() ? fmt::format("\"{}\" is not a command. Run `sluice help` for a list.", name)
                            : fmt::format("\"{}\" is not a command. Did you mean \"{}\"?", name, near));
}

/// The name of the long flag that getopt has just read, as it was written; `next` is the word after it.
std::string_view written_flag(const std::vector<char*>& argv, int next, std::string_view argument) {
  for (int at = next - 1; at > 0 && at >= next - 2; --at) {
    const std::string_view word(argv[static_cast<std::size_t>(at)]);
    if (!word.starts_with("--") || (at == next - 1 && word == argument)) continue;
    return word.substr(2, word.find('=') - 2);
  }
  return {};
}

std::string variable_of(std::string_view flag) {
  std::string name = "SLUICE_";
  for (const char c : flag) name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

Result<void> check_flags(const Invocation& invocation) {
  for (const FlagRow& flag : kFlags) {
    if (!invocation.has(flag.name)) continue;
    if ((flag.bits & kNotBuilt) != 0) {
      return fail(ErrorKind::Unsupported,
                  fmt::format("--{} is not built yet. Leave it out to go on without it.", flag.name));
    }
    if (!applies(flag, invocation.command)) {
      return usage(fmt::format("`sluice {}` takes no --{}. Run `sluice help {}` for its flags.", invocation.command,
                               flag.name, invocation.command));
    }
  }
  return {};
}

/// The flags that every command reads alike, and what they may be.
Result<void> check_choices(const Invocation& invocation) {
  constexpr std::pair<std::string_view, std::string_view> kChoices[] = {{"log-level", "error|warn|info|debug|trace"},
                                                                        {"log-format", "text|json"}};
  for (const auto& [flag, choices] : kChoices) {
    const std::string given = invocation.value(flag);
    const bool known = given.find('|') == std::string::npos && !given.empty() &&
                       fmt::format("|{}|", choices).find(fmt::format("|{}|", given)) != std::string::npos;
    if (invocation.has(flag) && !known)
      return usage(fmt::format("--{} cannot be \"{}\"; choose {}.", flag, given, choices));
  }
  for (const std::string& given : invocation.values("var")) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos || equals == 0) return usage(fmt::format("--var {} is not NAME=VALUE.", given));
  }
  return {};
}

}  // namespace

bool Invocation::has(std::string_view flag) const { return flags.contains(std::string(flag)); }

std::string Invocation::value(std::string_view flag, std::string_view fallback) const {
  const auto at = flags.find(std::string(flag));
  return at == flags.end() ? std::string(fallback) : at->second.back();
}

std::vector<std::string> Invocation::values(std::string_view flag) const {
  const auto at = flags.find(std::string(flag));
  return at == flags.end() ? std::vector<std::string>() : at->second;
}

bool is_command(std::string_view name) { return find_command(name) != nullptr || !words_after(name).empty(); }

Result<Invocation> parse_command_line(const std::vector<std::string>& words, const Variables& environment) {
  std::vector<option> long_options;
  for (const FlagRow& flag : kFlags) {
    long_options.push_back({flag.name, (flag.bits & kTakesValue) != 0 ? required_argument : no_argument, nullptr, 256});
  }
  long_options.push_back({nullptr, 0, nullptr, 0});
  std::vector<std::string> copies = words;
  copies.insert(copies.begin(), "sluice");
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);

  Invocation invocation;
  optind = 0;  // getopt keeps its place in globals; zero starts anew
  opterr = 0;
  while (true) {
    int index = 0;
    const int code = getopt_long(static_cast<int>(copies.size()), argv.data(), "-:f:qh", long_options.data(), &index);
    if (code == -1) break;
    const std::string argument = optarg != nullptr ? optarg : "";
    if (code == 1) {  // a word that is no flag; "-" asks for them in their places, whatever POSIXLY_CORRECT says
      invocation.arguments.push_back(argument);
    } else if (code == 'f') {
      invocation.flags["file"].push_back(argument);
    } else if (code == 'h') {
      invocation.flags["help"].push_back("");
    } else if (code == 'q') {
      invocation.flags["quiet"].push_back("");
    } else if (code == 256) {
      const std::string_view written = written_flag(argv, optind, argument);
      if (written != kFlags[index].name) {  // getopt takes abbreviations, which would change their meaning one day
        return usage(fmt::format("--{} is not a flag. Did you mean --{}?", written, kFlags[index].name));
      }
      invocation.flags[kFlags[index].name].push_back(argument);
    } else {
      const bool is_letter = optopt > 0 && optopt < 256;
      const std::string given = is_letter    ? std::string("-") + static_cast<char>(optopt)
                                : optind > 0 ? argv[static_cast<std::size_t>(optind) - 1]
                                             : "";
      if (code == ':') return usage(fmt::format("{} needs a value.", given));
      std::vector<std::string_view> known;
      for (const FlagRow& flag : kFlags) known.emplace_back(flag.name);
      const std::string bare = given.substr(std::min(given.find_first_not_of('-'), given.size()));
      const std::string near = did_you_mean(bare.substr(0, bare.find('=')), known);
      return usage(near.empty() ? fmt::format("{} is not a flag.", given)
                                : fmt::format("{} is not a flag. Did you mean --{}?", given, near));
    }
  }
  // What follows "--" are no flags either.
  for (std::size_t i = static_cast<std::size_t>(optind); i < copies.size(); ++i)
    invocation.arguments.emplace_back(argv[i]);
  if (invocation.arguments.empty() && invocation.has("version")) {
    invocation.command = "version";
    invocation.flags.erase("version");
    if (const auto checked = check_flags(invocation); !checked) return checked.forward();
    return invocation;
  }
  if (invocation.arguments.empty() && invocation.has("help")) {
    invocation.command = "help";
    return invocation;
  }
  const auto command = take_command(invocation.arguments);
  if (!command) return command.forward();
  invocation.command = (*command)->name;
  if (invocation.has("help")) {
    invocation.arguments = {invocation.command};
    invocation.command = "help";
    return invocation;
  }
  if (!(*command)->built)
    return fail(ErrorKind::Unsupported, fmt::format("`sluice {}` is not built yet.", invocation.command));
  if (static_cast<int>(invocation.arguments.size()) > (*command)->most_arguments) {
    return usage(fmt::format("`sluice {}` takes no argument \"{}\". Run `sluice help {}`.", invocation.command,
                             invocation.arguments.back(), invocation.command));
  }
  if (const auto checked = check_flags(invocation); !checked) return checked.forward();
  for (const FlagRow& flag : kFlags) {
    if ((flag.bits & kHasVariable) == 0 || !applies(flag, invocation.command) || invocation.has(flag.name)) continue;
    if (const auto at = environment.find(variable_of(flag.name)); at != environment.end() && !at->second.empty()) {
      if ((flag.bits & kNotBuilt) != 0) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("{} is not built yet. Unset it to go on without it.", at->first));
      }
      invocation.flags[flag.name].push_back(at->second);
    }
  }
  if (const auto checked = check_choices(invocation); !checked) return checked.forward();
  return invocation;
}

std::vector<std::string_view> formats_of(std::string_view command) {
  if (command == "plan" || command == "show" || command == "drift" || command == "apply" || command == "rollback")
    return {"text", "json", "markdown", "html", "sarif", "github"};
  if (command == "validate") return {"text", "json", "sarif", "github"};
  return {"text", "json"};
}

std::vector<CommandInfo> command_infos() {
  std::vector<CommandInfo> infos;
  for (const CommandRow& row : kCommands) {
    if (!row.built) continue;
    CommandInfo info{row.name, row.arguments, row.help};
    info.arguments = choices_in(row.arguments);
    for (const FlagRow& flag : kFlags) {
      if (!applies(flag, row.name) || (flag.bits & kNotBuilt) != 0) continue;
      FlagInfo about{flag.name, (flag.bits & kTakesValue) != 0, {}, flag.help};
      const std::size_t colon = about.help.find(": ");
      if (colon != std::string_view::npos) {
        const std::string_view written = about.help.substr(0, colon);
        if (about.takes_value) about.value = written.substr(written.rfind(' ') + 1);
        about.help.remove_prefix(colon + 2);
      }
      if (about.name == "format") {
        for (const std::string_view kind : formats_of(row.name)) about.choices.emplace_back(kind);
      } else if (about.takes_value && colon != std::string_view::npos) {
        const std::size_t space = flag.help.find(' ') + 1;
        about.choices = choices_in(flag.help.substr(space, colon - space));
      }
      info.flags.push_back(std::move(about));
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

std::string help_text(std::string_view command) {
  if (const CommandRow* row = find_command(command)) {
    std::string text = fmt::format("sluice {}{}{}\n\n{}{}\n\nFlags:\n", row->name, row->arguments.empty() ? "" : " ",
                                   row->arguments, row->help, row->built ? "" : " Not built yet.");
    for (const FlagRow& flag : kFlags) {
      if (applies(flag, command))
        text += fmt::format("  {}{}\n", flag.help, (flag.bits & kNotBuilt) != 0 ? " (not built yet)" : "");
    }
    return text;
  }
  if (const auto words = words_after(command); !words.empty()) {
    std::string text = fmt::format("sluice {} {}\n\n", command, fmt::join(words, "|"));
    for (const CommandRow& row : kCommands) {
      if (std::string_view(row.name).starts_with(fmt::format("{} ", command))) {
        text += fmt::format("  {:<32} {}{}\n", fmt::format("{} {}", row.name, row.arguments), row.help,
                            row.built ? "" : " (not built yet)");
      }
    }
    return text + "\nRun `sluice help COMMAND` for its flags.\n";
  }
  std::string text =
      "Sluice makes an API gateway match the API groups and Swagger files in git.\n\nusage: sluice COMMAND [FLAGS] "
      "[ARGUMENTS]\n\n";
  for (const CommandRow& row : kCommands) {
    text += fmt::format("  {:<32} {}{}\n", fmt::format("{} {}", row.name, row.arguments), row.help,
                        row.built ? "" : " (not built yet)");
  }
  return text + "\nRun `sluice help COMMAND` for its flags.\n";
}

Result<Milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  for (const auto& [name, factor] : kUnits) {
    if (code == std::errc() && count >= 0 && count < 1'000'000'000 && unit == name) return Milliseconds(count * factor);
  }
  return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not a duration; write 90s, 5m or 2h.", text));
}

}  // namespace sluice
