// Two lists of lines, and what of them differs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Lines [left_begin, left_end) of the one stand where [right_begin, right_end) of the other do; half-open, in order.
struct Run {
  std::size_t left_begin = 0;
  std::size_t left_end = 0;
  std::size_t right_begin = 0;
  std::size_t right_end = 0;
};

/// Where two lists differ. The shortest answer for lists of some hundreds; for longer ones everything between what they
/// have in common at both ends, so that time stays linear.
std::vector<Run> runs_of(const std::vector<std::string>& left, const std::vector<std::string>& right);

/// The lines of a text, without their ends; at least one.
std::vector<std::string> lines_of(std::string_view text);

/// A line that went ('-'), came ('+') or stands beside one (' ').
struct TextLine {
  char sign = ' ';
  std::string text;
};

/// What differs between two texts, with a line of context. Of a long line whose other half is known only the part that
/// differs is shown, between "...".
std::vector<TextLine> text_difference(std::string_view before, std::string_view after);

}  // namespace sluice
