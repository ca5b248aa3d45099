#include "plan/source.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::size_t kBlock = 512;

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

/// The text without a byte order mark, as the parsers count it.
std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

}  // namespace

SourceSpan SourceText::locate(std::size_t offset) const {
  SourceSpan at{name, 1, 1};
  advance(without_mark(text).substr(0, offset), at.line, at.column);
  return at;
}

Places::Places(const SourceText& source) : source_(source) {
  int line = 1;
  int column = 1;
  const std::string_view text = without_mark(source.text);
  for (std::size_t start = 0; start <= text.size(); start += kBlock) {
    checkpoints_.push_back({line, column});
    advance(text.substr(start, kBlock), line, column);
  }
}

SourceSpan Places::at(std::size_t offset) const {
  const std::size_t block = std::min(offset / kBlock, checkpoints_.size() - 1);
  SourceSpan place{source_.name, checkpoints_[block].line, checkpoints_[block].column};
  const std::size_t start = block * kBlock;
  advance(without_mark(source_.text).substr(start, offset - start), place.line, place.column);
  return place;
}

std::uint32_t SourceSet::add(const SourceText& source) {
  const std::uint32_t first = end_;
  parts_.push_back({first, &source, std::nullopt});
  end_ += static_cast<std::uint32_t>(source.text.size()) + 1;  // an offset may lie just behind the last byte
  return first;
}

SourceSpan SourceSet::at(std::uint32_t offset) const {
  if (parts_.empty()) return {};
  auto part = std::upper_bound(parts_.begin(), parts_.end(), offset,
                               [](std::uint32_t wanted, const Part& one) { return wanted < one.first; });
  if (part != parts_.begin()) --part;
  if (!part->places) part->places.emplace(*part->source);
  return part->places->at(offset - part->first);
}

}  // namespace sluice
