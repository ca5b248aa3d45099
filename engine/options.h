// The command line, read against one table of commands and one of flags.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/clock.h"
#include "plan/manifest.h"
#include "plan/result.h"

namespace sluice {

/// What the user asked for. `command` is one or two words, such as "plan" or "gateway serve".
struct Invocation {
  std::string command;
  std::vector<std::string> arguments;
  std::map<std::string, std::vector<std::string>> flags;  ///< by long name; "" for flags without a value

  bool has(std::string_view flag) const;
  /// The last value given, or `fallback`.
  std::string value(std::string_view flag, std::string_view fallback = {}) const;
  std::vector<std::string> values(std::string_view flag) const;
};

/// Errors: Invalid is wrong usage (64); Unsupported is something that is not built yet (1).
/// `environment` holds SLUICE_<FLAG> for the flags that have a variable.
Result<Invocation> parse_command_line(const std::vector<std::string>& words, const Variables& environment);

/// The help of one command, or of all when `command` is "".
std::string help_text(std::string_view command);

bool is_command(std::string_view name);

/// The formats that a command writes.
std::vector<std::string_view> formats_of(std::string_view command);

/// The tables as completion scripts and the man page need them: only what is built.
struct FlagInfo {
  std::string_view name;
  bool takes_value = false;
  std::string_view value = {};            ///< what it takes, in words: "FILE"
  std::string_view help;                  ///< without the flag itself
  std::vector<std::string> choices = {};  ///< what the value may be; empty when it is free
};
struct CommandInfo {
  std::string_view name;
  std::string_view words = {};  ///< what its arguments are, in words: "[PLANFILE]"
  std::string_view help;
  std::vector<FlagInfo> flags = {};
  std::vector<std::string> arguments = {};  ///< what its argument may be; empty when it is free
};
std::vector<CommandInfo> command_infos();

/// "90s", "5m", "300ms", "2h", "7d".
Result<Milliseconds> parse_duration(std::string_view text);

}  // namespace sluice
