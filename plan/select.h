// Which operations of its files a group takes, and which operations a glob means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/value.h"

namespace sluice {

/// Which operations of its files a group takes: kinds of condition AND, values of one kind OR. Empty takes all.
struct Selection {
  std::vector<std::string> paths = {};    ///< globs of the path with basePath
  std::vector<std::string> tags = {};     ///< of the operation in the file
  std::vector<std::string> methods = {};  ///< upper case
  std::vector<std::string> exclude = {};  ///< globs of "METHOD /path"
  SourceSpan at = {};
  bool empty() const { return paths.empty() && tags.empty() && methods.empty() && exclude.empty(); }
};

/// What is wrong with a glob of "METHOD /path"; "" when nothing is.
std::string operation_glob_problem(std::string_view glob);

/// Whether a glob of "METHOD /path" means the operation: `*` is one segment, `**` any number of them, none included;
/// braces stand for themselves, and the case of the method does not count.
bool matches_operation(std::string_view glob, std::string_view method, std::string_view path);

/// Applies a selection, and remembers which of its conditions ever met an operation.
class Selector {
 public:
  explicit Selector(const Selection& selection);

  /// `tags` is the operation's list in its file, or null.
  bool takes(std::string_view method, std::string_view path, const Value* tags);

  /// A warning for each condition that no operation met. For after the last operation.
  Diagnostics unmet() const;

 private:
  struct Condition {
    std::string_view key;
    std::string text;
    bool met = false;
  };
  const Selection& selection_;
  std::vector<Condition> conditions_;
  std::size_t seen_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace sluice
