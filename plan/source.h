// A text with a name, and where in it an offset lies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plan/diagnostic.h"

namespace sluice {

/// A file's text as the user knows it: `name` is what messages print.
struct SourceText {
  std::string name;
  std::string text;

  /// Line and column (in characters, both 1-based) of a byte offset.
  SourceSpan locate(std::size_t offset) const;
};

}  // namespace sluice
