// A text with a name, and where in it an offset lies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"

namespace sluice {

/// A file's text as the user knows it: `name` is what messages print.
struct SourceText {
  std::string name;
  std::string text;

  /// Line and column (in characters, both 1-based) of a byte offset; a byte order mark is not counted. For many
  /// offsets, see Places.
  SourceSpan locate(std::size_t offset) const;
};

/// Finds places in one text quickly, however long its lines are. The text must outlive it.
class Places {
 public:
  explicit Places(const SourceText& source);
  SourceSpan at(std::size_t offset) const;

 private:
  struct Checkpoint {
    int line;
    int column;
  };
  const SourceText& source_;
  std::vector<Checkpoint> checkpoints_;  ///< one per block of bytes
};

}  // namespace sluice
