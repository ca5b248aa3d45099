// A text with a name, and where in it an offset lies.
#pragma once

#include <cstdint>
#include <optional>
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

/// Several texts in one space of offsets, one behind the other, so that an offset names file and place.
class SourceSet {
 public:
  /// The offset of the text's first byte. The text must outlive the set.
  std::uint32_t add(const SourceText& source);
  SourceSpan at(std::uint32_t offset) const;

 private:
  struct Part {
    std::uint32_t first;
    const SourceText* source;
    std::optional<Places> places;  ///< made when the first place in it is asked for
  };
  mutable std::vector<Part> parts_;  ///< in the order of their offsets
  std::uint32_t end_ = 0;
};

}  // namespace sluice
