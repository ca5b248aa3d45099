#include "plan/source.h"

#include <algorithm>

namespace sluice {

SourceSpan SourceText::locate(std::size_t offset) const {
  SourceSpan at{name, 1, 1};
  const std::size_t end = std::min(offset, text.size());
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((byte & 0xC0U) != 0x80U) {  // a continuation byte is not a character of its own
      ++at.column;
    }
  }
  return at;
}

}  // namespace sluice
