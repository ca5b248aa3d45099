#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/commands/command.h"
#include "engine/output.h"

namespace sluice {
namespace {

/// The words that may come after `prefix` ("" for the first word), each once, in the order of the table.
std::vector<std::string> command_words(const std::vector<CommandInfo>& commands, std::string_view prefix) {
  std::vector<std::string> words;
  for (const CommandInfo& command : commands) {
    std::string_view name = command.name;
    if (!prefix.empty()) {
      if (!name.starts_with(fmt::format("{} ", prefix))) continue;
      name.remove_prefix(prefix.size() + 1);
    }
    std::string word(name.substr(0, name.find(' ')));
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
  }
  return words;
}

/// A text between single quotes of a POSIX shell, or of fish.
std::string quoted(std::string_view text, bool fish = false) {
  std::string out = "'";
  for (const char c : text) {
    if (fish && (c == '\'' || c == '\\')) {
      out += '\\';
      out += c;
    } else if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::vector<std::string> flag_words(const CommandInfo& command) {
  std::vector<std::string> words;
  for (const FlagInfo& flag : command.flags) words.push_back(fmt::format("--{}", flag.name));
  return words;
}

std::string bash_script(const std::vector<CommandInfo>& commands) {
  std::string out =
      "# bash completion for sluice: source it, or put it into /etc/bash_completion.d.\n"
      "_sluice() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= choices= i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      -*) ;;\n"
      "      *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}\n"
      "         elif [[ $command != *' '* ]]; then\n"
      "           case \"$command ${COMP_WORDS[i]}\" in\n";
  for (const CommandInfo& command : commands) {
    if (command.name.find(' ') != std::string_view::npos)
      out += fmt::format("             '{0}') command='{0}' ;;\n", command.name);
  }
  out +=
      "           esac\n"
      "         fi ;;\n"
      "    esac\n"
      "  done\n"
      "  # Where readline splits at '=', the flag is a word further back.\n"
      "  [[ $word == = ]] && word=\n"
      "  [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  COMPREPLY=()\n"
      "  case $command in\n";
  out += fmt::format("    '') words='{}' ;;\n", fmt::join(command_words(commands, ""), " "));
  for (const std::string& first : command_words(commands, "")) {
    const auto seconds = command_words(commands, first);
    if (!seconds.empty()) out += fmt::format("    '{}') words='{}' ;;\n", first, fmt::join(seconds, " "));
  }
  for (const CommandInfo& command : commands) {
    out += fmt::format("    '{}')\n      words='{}{}{}'\n", command.name, fmt::join(command.arguments, " "),
                       command.arguments.empty() ? "" : " ", fmt::join(flag_words(command), " "));
    out += "      case $before in\n";
    for (const FlagInfo& flag : command.flags) {
      if (!flag.takes_value) continue;
      const std::string pattern = flag.name == "file" ? "--file|-f" : fmt::format("--{}", flag.name);
      if (flag.choices.empty()) {
        out += fmt::format("        {}) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", pattern);
      } else {
        out += fmt::format("        {}) choices='{}' ;;\n", pattern, fmt::join(flag.choices, " "));
      }
    }
    out += "      esac ;;\n";
  }
  out +=
      "  esac\n"
      "  [[ -n $choices ]] && words=$choices\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "  if [[ ${#COMPREPLY[@]} -eq 0 && $word != -* ]]; then COMPREPLY=($(compgen -f -- \"$word\")); fi\n"
      "}\n"
      "complete -F _sluice sluice\n";
  return out;
}

/// A text inside one _arguments or _describe entry of zsh, where colons and brackets mean something.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script(const std::vector<CommandInfo>& commands) {
  std::string out =
      "#compdef sluice\n"
      "# zsh completion for sluice: put it as _sluice into a folder of $fpath.\n"
      "_sluice() {\n"
      "  local command=\n"
      "  local -a names\n"
      "  local -i i\n"
      "  for ((i = 2; i < CURRENT; ++i)); do\n"
      "    [[ ${words[i]} == -* ]] && continue\n"
      "    if [[ -z $command ]]; then command=${words[i]}\n"
      "    elif [[ $command != *' '* ]]; then\n"
      "      case \"$command ${words[i]}\" in\n";
  for (const CommandInfo& command : commands) {
    if (command.name.find(' ') != std::string_view::npos)
      out += fmt::format("        '{0}') command='{0}' ;;\n", command.name);
  }
  out +=
      "      esac\n"
      "    fi\n"
      "  done\n"
      "  case $command in\n"
      "    '')\n      names=(\n";
  for (const std::string& word : command_words(commands, "")) {
    const auto row = std::find_if(commands.begin(), commands.end(),
                                  [&](const CommandInfo& command) { return command.name == word; });
    out += fmt::format("        {}\n",
                       quoted(fmt::format("{}:{}", word, row == commands.end() ? "" : zsh_text(row->help))));
  }
  out += "      )\n      _describe command names ;;\n";
  for (const std::string& first : command_words(commands, "")) {
    const auto seconds = command_words(commands, first);
    if (!seconds.empty()) out += fmt::format("    '{}') compadd -- {} ;;\n", first, fmt::join(seconds, " "));
  }
  for (const CommandInfo& command : commands) {
    out += fmt::format("    '{}')\n      _arguments -S", command.name);
    for (const FlagInfo& flag : command.flags) {
      std::string entry = fmt::format("*--{}{}[{}]", flag.name, flag.takes_value ? "=" : "", zsh_text(flag.help));
      if (flag.takes_value) {
        entry += flag.choices.empty() ? ":value:_files" : fmt::format(":value:({})", fmt::join(flag.choices, " "));
      }
      out += fmt::format(" \\\n        {}", quoted(entry));
    }
    const std::string arguments = command.arguments.empty()
                                      ? "*:argument:_files"
                                      : fmt::format("*:argument:({})", fmt::join(command.arguments, " "));
    out += fmt::format(" \\\n        {} ;;\n", quoted(arguments));
  }
  return out + "  esac\n}\n[[ $zsh_eval_context[-1] == loadautofunc ]] && _sluice \"$@\" || compdef _sluice sluice\n";
}

std::string fish_script(const std::vector<CommandInfo>& commands) {
  std::string out =
      "# fish completion for sluice: put it as sluice.fish into ~/.config/fish/completions.\n"
      "function __sluice_command\n"
      "    set -l command\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        string match -q -- '-*' $word; and continue\n"
      "        if test -z \"$command\"\n"
      "            set command $word\n"
      "        else\n"
      "            switch \"$command $word\"\n";
  for (const CommandInfo& command : commands) {
    if (command.name.find(' ') != std::string_view::npos)
      out += fmt::format("                case {0}\n                    set command {0}\n", quoted(command.name, true));
  }
  out +=
      "            end\n"
      "        end\n"
      "    end\n"
      "    test \"$command\" = \"$argv[1]\"\n"
      "end\n";
  for (const std::string& word : command_words(commands, "")) {
    const auto row = std::find_if(commands.begin(), commands.end(),
                                  [&](const CommandInfo& command) { return command.name == word; });
    out += fmt::format("complete -c sluice -f -n '__sluice_command \"\"' -a {} -d {}\n", word,
                       quoted(row == commands.end() ? "" : row->help, true));
    const auto seconds = command_words(commands, word);
    if (!seconds.empty())
      out += fmt::format("complete -c sluice -f -n '__sluice_command \"{}\"' -a '{}'\n", word, fmt::join(seconds, " "));
  }
  for (const CommandInfo& command : commands) {
    const std::string condition = fmt::format("'__sluice_command \"{}\"'", command.name);
    if (!command.arguments.empty())
      out += fmt::format("complete -c sluice -f -n {} -a '{}'\n", condition, fmt::join(command.arguments, " "));
    for (const FlagInfo& flag : command.flags) {
      const std::string value = !flag.takes_value      ? ""
                                : flag.choices.empty() ? " -r"
                                                       : fmt::format(" -x -a '{}'", fmt::join(flag.choices, " "));
      out +=
          fmt::format("complete -c sluice -n {} -l {}{} -d {}\n", condition, flag.name, value, quoted(flag.help, true));
    }
  }
  return out;
}

}  // namespace

ExitCode run_completion(const CommandContext& context) {
  const auto& arguments = context.invocation.arguments;
  const std::string shell = arguments.empty() ? "" : arguments[0];
  const auto commands = command_infos();
  if (shell == "bash") {
    tell_stdout(bash_script(commands));
  } else if (shell == "zsh") {
    tell_stdout(zsh_script(commands));
  } else if (shell == "fish") {
    tell_stdout(fish_script(commands));
  } else {
    return report_usage("`sluice completion` needs the name of a shell: bash, zsh or fish.");
  }
  return ExitCode::Done;
}

}  // namespace sluice
