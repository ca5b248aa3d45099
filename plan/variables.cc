#include "plan/variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/json.h"
#include "plan/yaml.h"

namespace sluice {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

class Expansion {
 public:
  Expansion(VariableSources& sources, std::uint32_t shift, const VariableProblem& problem)
      : sources_(sources), shift_(shift), problem_(problem) {}

  Value expand(const Value& value) const {
    Value result = value;
    if (value.is_string() && !is_plain(value.as_string())) {
      reserved(value.mark() + shift_);
    } else if (value.is_string() && value.as_string().find("${") != std::string::npos) {
      result = expand_text(value.as_string(), value.mark() + shift_);
    } else if (value.is_array() && !value.items().empty()) {
      for (Value& item : result.mutable_items()) item = expand(item);
    } else if (value.is_object() && !value.members().empty()) {
      for (auto& member : result.mutable_members()) {
        member.value = expand(member.value);
        member.key_mark += shift_;
      }
    }
    result.set_mark(value.mark() + shift_);
    return result;
  }

 private:
  /// Neither a mark nor a mask, nor a piece of one: those are never taken from outside.
  static bool is_plain(std::string_view text) {
    return text.find_first_of(kMarkCharacters) == std::string_view::npos && !holds_mask(text);
  }

  void reserved(std::uint32_t mark) const {
    problem_("text-reserved", "The text holds control characters, or what Sluice writes in place of a secret.",
             "Take them out; a secret is written as ${secret:NAME}.", mark);
  }

  std::string expand_text(std::string_view text, std::uint32_t mark) const {
    std::string result;
    bool secret = false;
    while (!text.empty()) {
      const std::size_t start = text.find("${");
      if (start == std::string_view::npos) break;
      if (start > 0 && text[start - 1] == '$') {
        result.append(text.substr(0, start - 1)).append("${");
        text.remove_prefix(start + 2);
        continue;
      }
      result.append(text.substr(0, start));
      const std::size_t end = text.find('}', start);
      if (end == std::string_view::npos) {
        problem_("variable-syntax", "A variable is not closed.", "Write ${NAME}, or $${ for a literal ${.", mark);
        return result;
      }
      const std::string_view expression = text.substr(start + 2, end - start - 2);
      const bool names_secret = expression.starts_with("secret:");
      secret = secret || names_secret;
      result += names_secret ? secret_named(expression.substr(7), mark) : variable(expression, mark);
      text.remove_prefix(end + 1);
    }
    result.append(text);
    return secret ? as_mark(std::move(result)) : result;
  }

  std::string secret_named(std::string_view name, std::uint32_t mark) const {
    const auto value = sources_.environment.find(name);
    if (!is_variable_name(name)) {
      problem_("variable-syntax", fmt::format("\"{}\" cannot be the name of a secret.", name),
               "Write ${secret:NAME} with a NAME of letters, digits and _; a secret has no default.", mark);
    } else if (is_credential_name(name)) {
      problem_("variable-credential", fmt::format("{} holds a credential of Sluice, and is never sent.", name),
               "Put the secret into a variable of its own.", mark);
    } else if (value == sources_.environment.end() || value->second.empty()) {
      problem_("secret-unset", fmt::format("The secret {} is not set in the environment.", name),
               fmt::format("Set the environment variable {}; secrets are read from nowhere else.", name), mark);
    } else {
      sources_.secrets.insert_or_assign(std::string(name), Secret(value->second));
    }
    return secret_piece(name);
  }

  std::string variable(std::string_view expression, std::uint32_t mark) const {
    const std::size_t dash = expression.find(":-");
    const std::string_view name = expression.substr(0, dash);
    if (!is_variable_name(name)) {
      problem_("variable-syntax", fmt::format("\"{}\" cannot be the name of a variable.", name),
               "A name has letters, digits and _, and does not start with a digit; write $${ for a literal ${.", mark);
      return std::string(expression);
    }
    if (is_credential_name(name)) {
      problem_("variable-credential", fmt::format("{} holds a credential, and is never expanded.", name),
               "Leave it out: Sluice reads it from the environment itself.", mark);
      return std::string(expression);
    }
    if (const auto found = sources_.variables.find(name); found != sources_.variables.end()) {
      if (!is_plain(found->second)) reserved(mark);
      return found->second;
    }
    if (dash != std::string_view::npos) return std::string(expression.substr(dash + 2));
    problem_(
        "variable-unset", fmt::format("The variable {} is not set.", name),
        fmt::format("Set it with --var {0}=VALUE or in the environment, or give a default: ${{{0}:-VALUE}}.", name),
        mark);
    return std::string(expression);  // not empty, or it would look like a second mistake
  }

  VariableSources& sources_;
  std::uint32_t shift_;
  const VariableProblem& problem_;
};

/// The NAME of a line NAME=VALUE; "" when it is none.
std::string_view name_of_line(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view name = line.substr(0, equals);
  return is_variable_name(name) ? name : std::string_view();
}

Diagnostic wrong(SourceSpan at, std::string summary, std::string detail) {
  return {Severity::Error, "variable-file", std::move(summary), std::move(detail), std::move(at)};
}

/// Calls `take(line, number)` for each line that says something.
template <typename Take>
void each_line(std::string_view text, const Take& take) {
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string_view::npos || line[start] == '#') continue;
    if (!take(line.substr(start), number)) return;
  }
}

Parsed<Variables> parse_lines(const SourceText& source, std::string_view text) {
  Parsed<Variables> result{Variables(), {}};
  each_line(text, [&](std::string_view line, int number) {
    const std::string_view name = name_of_line(line);
    if (name.empty()) {
      result.diagnostics.push_back(wrong({source.name, number, 1}, "The line is not NAME=VALUE.",
                                         "Write one variable a line; a # at its start makes it a comment."));
    } else {
      result.value->insert_or_assign(std::string(name), std::string(line.substr(name.size() + 1)));
    }
    return true;
  });
  if (has_errors(result.diagnostics)) result.value.reset();
  return result;
}

}  // namespace

bool is_credential_name(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "SLUICE_TOKEN",  "SLUICE_ACCESS_KEY", "SLUICE_SECRET_KEY", "SLUICE_SECURITY_TOKEN", "SLUICE_HASH_KEY",
      "HW_ACCESS_KEY", "HW_SECRET_KEY",     "HW_SECURITY_TOKEN", "HW_REGION_NAME",        "OS_AUTH_URL",
      "OS_USERNAME",   "OS_PASSWORD",       "OS_DOMAIN_NAME",    "OS_PROJECT_ID",         "OS_PROJECT_NAME"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Parsed<Variables> parse_variables(const SourceText& source) {
  std::string_view text = source.text;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  bool is_lines = false;
  each_line(text, [&](std::string_view line, int) {
    is_lines = !name_of_line(line).empty();
    return false;
  });
  if (is_lines) return parse_lines(source, text);
  auto document = parse_document(source);
  if (!document.value) return {std::nullopt, std::move(document.diagnostics)};
  const Value& root = *document.value;
  Parsed<Variables> result{Variables(), std::move(document.diagnostics)};
  if (!root.is_object() && !root.is_null()) {
    result.diagnostics.push_back(wrong(source.locate(root.mark()), "The file of variables is not a map.",
                                       "Write NAME: VALUE, or NAME=VALUE, one a line."));
  }
  for (const auto& member : root.members()) {
    const bool scalar = !member.value.is_array() && !member.value.is_object() && !member.value.is_null();
    if (!is_variable_name(member.key)) {
      result.diagnostics.push_back(wrong(source.locate(member.key_mark),
                                         fmt::format("\"{}\" cannot be the name of a variable.", member.key),
                                         "A name has letters, digits and _, and does not start with a digit."));
    } else if (!scalar) {
      result.diagnostics.push_back(wrong(source.locate(member.key_mark),
                                         fmt::format("The variable {} has no single value.", member.key),
                                         "Write one text, number or true or false after the colon."));
    } else {
      const Value& value = member.value;
      result.value->insert_or_assign(member.key, value.is_string() ? value.as_string() : write_json(value));
    }
  }
  if (has_errors(result.diagnostics)) result.value.reset();
  return result;
}

Value expand_variables(const Value& value, VariableSources& sources, std::uint32_t shift,
                       const VariableProblem& problem) {
  return Expansion(sources, shift, problem).expand(value);
}

}  // namespace sluice
