// What is wrong with the user's files: many at once, each with its place and what to do.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// A place in a file, 1-based; `line` 0 means the file as a whole, an empty `file` means no file.
struct SourceSpan {
  std::string file = {};
  int line = 0;
  int column = 0;
  bool operator==(const SourceSpan&) const = default;
};

enum class Severity { Error, Warning };

/// One finding. `code` is stable for scripts; `summary` is one sentence; `detail` says why and what to do next.
struct Diagnostic {
  Severity severity = Severity::Error;
  std::string code;
  std::string summary;
  std::string detail = {};
  SourceSpan at = {};
  bool operator==(const Diagnostic&) const = default;
};
using Diagnostics = std::vector<Diagnostic>;

inline bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

/// A whole T, or what is wrong with the input. `value` is present exactly when no diagnostic is an Error.
template <typename T>
struct Parsed {
  std::optional<T> value = {};
  Diagnostics diagnostics = {};
};

/// "file:line:column", or what of it is known.
std::string to_string(const SourceSpan& at);

/// Sorted by file, line, column and code, so that the order never depends on how files were walked.
void sort_diagnostics(Diagnostics& diagnostics);

/// The member of `known` nearest to `word` (at most two edits away), or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace sluice
