#include "plan/text_diff.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kCells = 250'000;   ///< of the table of common subsequences
constexpr std::size_t kLongLine = 100;    ///< bytes; above, only what differs is shown
constexpr std::size_t kContext = 30;      ///< bytes around it
constexpr std::size_t kLongest = 20'000;  ///< bytes of one line that are shown at most

std::string bounded(std::string_view line) {
  if (line.size() <= kLongest) return std::string(line);
  const std::size_t end = character_start(line, kLongest);
  return fmt::format("{}... ({} more bytes)", line.substr(0, end), line.size() - end);
}

/// `line` without what both lines begin and end with, but for some context.
std::string differing(std::string_view line, std::size_t front, std::size_t back) {
  if (line.size() <= kLongLine) return std::string(line);
  const std::size_t begin = character_start(line, front > kContext ? front - kContext : 0);
  std::size_t end = line.size() - (back > kContext ? back - kContext : 0);
  if (end < line.size()) end = std::max(begin, character_start(line, end));
  return fmt::format("{}{}{}", begin > 0 ? "..." : "", bounded(line.substr(begin, end - begin)),
                     end < line.size() ? "..." : "");
}

/// How much two texts, or lists, begin and end with that is the same; no part counts twice.
struct Common {
  std::size_t front = 0;
  std::size_t back = 0;
};

template <typename Sequence>
Common common_ends(const Sequence& left, const Sequence& right) {
  const std::size_t shorter = std::min(left.size(), right.size());
  Common common;
  while (common.front < shorter && left[common.front] == right[common.front]) ++common.front;
  while (common.back < shorter - common.front &&
         left[left.size() - 1 - common.back] == right[right.size() - 1 - common.back]) {
    ++common.back;
  }
  return common;
}

void append_pair(std::vector<TextLine>& minus, std::vector<TextLine>& plus, std::string_view left,
                 std::string_view right) {
  const auto [front, back] = common_ends(left, right);
  minus.push_back({'-', differing(left, front, back)});
  plus.push_back({'+', differing(right, front, back)});
}

}  // namespace

std::vector<Run> runs_of(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  const Common ends = common_ends(left, right);
  const std::size_t front = ends.front;
  const std::size_t back = ends.back;
  const std::size_t rows = left.size() - front - back;
  const std::size_t columns = right.size() - front - back;
  if (rows == 0 && columns == 0) return {};
  if (rows == 0 || columns == 0 || (rows + 1) > kCells / (columns + 1))
    return {{front, front + rows, front, front + columns}};

  // common[i][k]: the length of the longest common subsequence of what is behind i and k.
  std::vector<std::size_t> common((rows + 1) * (columns + 1), 0);
  const auto cell = [&](std::size_t i, std::size_t k) -> std::size_t& { return common[i * (columns + 1) + k]; };
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t k = columns; k-- > 0;) {
      cell(i, k) =
          left[front + i] == right[front + k] ? cell(i + 1, k + 1) + 1 : std::max(cell(i + 1, k), cell(i, k + 1));
    }
  }
  std::vector<Run> runs;
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < rows || k < columns) {
    if (i < rows && k < columns && left[front + i] == right[front + k]) {
      ++i;
      ++k;
      continue;
    }
    Run run{front + i, front + i, front + k, front + k};
    while ((i < rows || k < columns) && !(i < rows && k < columns && left[front + i] == right[front + k])) {
      if (k == columns || (i < rows && cell(i + 1, k) >= cell(i, k + 1))) {
        ++i;
      } else {
        ++k;
      }
    }
    run.left_end = front + i;
    run.right_end = front + k;
    runs.push_back(run);
  }
  return runs;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::vector<TextLine> text_difference(std::string_view before, std::string_view after) {
  const std::vector<std::string> left = lines_of(before);
  const std::vector<std::string> right = lines_of(after);
  std::vector<TextLine> result;
  std::size_t shown = 0;  // lines of `left` that are in the result, or left out before it
  for (const Run& run : runs_of(left, right)) {
    const std::size_t context = run.left_begin > shown ? run.left_begin - 1 : run.left_begin;
    if (!result.empty() && shown < run.left_begin) {
      result.push_back({' ', bounded(left[shown])});
      if (shown + 1 < context) result.push_back({' ', "..."});
      if (shown < context) result.push_back({' ', bounded(left[context])});
    } else if (context < run.left_begin) {
      result.push_back({' ', bounded(left[context])});
    }
    std::vector<TextLine> minus;
    std::vector<TextLine> plus;
    const std::size_t pairs = std::min(run.left_end - run.left_begin, run.right_end - run.right_begin);
    for (std::size_t i = 0; i < pairs; ++i)
      append_pair(minus, plus, left[run.left_begin + i], right[run.right_begin + i]);
    for (std::size_t i = run.left_begin + pairs; i < run.left_end; ++i) minus.push_back({'-', bounded(left[i])});
    for (std::size_t i = run.right_begin + pairs; i < run.right_end; ++i) plus.push_back({'+', bounded(right[i])});
    result.insert(result.end(), minus.begin(), minus.end());
    result.insert(result.end(), plus.begin(), plus.end());
    shown = run.left_end;
  }
  if (!result.empty() && shown < left.size()) result.push_back({' ', bounded(left[shown])});
  return result;
}

}  // namespace sluice
