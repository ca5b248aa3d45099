#include "plan/source.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::size_t kBlock = 4096;

void advance(std::string_view text, int& line, int& column) {
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {  // a continuation byte is not a character of its own
      ++column;
    }
  }
}

}  // namespace

SourceSpan SourceText::locate(std::size_t offset) const {
  SourceSpan at{name, 1, 1};
  advance(std::string_view(text).substr(0, offset), at.line, at.column);
  return at;
}

Places::Places(const SourceText& source) : source_(source) {
  int line = 1;
  int column = 1;
  for (std::size_t start = 0; start <= source.text.size(); start += kBlock) {
    checkpoints_.push_back({line, column});
    advance(std::string_view(source.text).substr(start, kBlock), line, column);
  }
}

SourceSpan Places::at(std::size_t offset) const {
  const std::size_t block = std::min(offset / kBlock, checkpoints_.size() - 1);
  SourceSpan place{source_.name, checkpoints_[block].line, checkpoints_[block].column};
  const std::size_t start = block * kBlock;
  advance(std::string_view(source_.text).substr(start, offset - start), place.line, place.column);
  return place;
}

}  // namespace sluice
