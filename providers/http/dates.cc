#include "providers/http/dates.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <charconv>

namespace sluice {
namespace {

using std::chrono::milliseconds;

/// Takes texts and numbers off the front; once something does not fit, `good` stays false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    const std::string_view part = take(digits);
    int value = 0;
    const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), value);
    good_ = good_ && part.size() == digits && code == std::errc() && end == part.data() + part.size() && value >= 0;
    return value;
  }
  void text(std::string_view expected) { good_ = take(expected.size()) == expected && good_; }
  std::string_view take(std::size_t count) {
    const std::string_view part = rest_.substr(0, count);
    rest_.remove_prefix(part.size());
    return part;
  }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// The digits behind a point.
  milliseconds fraction() {
    const std::string_view digits = rest_.substr(0, std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
    rest_.remove_prefix(digits.size());
    int value = 0;
    for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    return milliseconds(value);
  }
  bool good() const { return good_; }
  bool done() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<WallTime> instant(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

std::string sdk_date(WallTime when) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(when)));
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  Scanner in(text);
  in.take(3);  // the day of the week says nothing that the date does not
  in.text(", ");
  const int day = in.number(2);
  in.text(" ");
  const std::size_t month = kMonths.find(in.take(3));
  in.text(" ");
  const int year = in.number(4);
  in.text(" ");
  const int hour = in.number(2);
  in.text(":");
  const int minute = in.number(2);
  in.text(":");
  const int second = in.number(2);
  in.text(" GMT");
  if (!in.done() || month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  return instant(year, static_cast<int>(month / 3) + 1, day, hour, minute, second);
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  const int year = in.number(4);
  in.text("-");
  const int month = in.number(2);
  in.text("-");
  const int day = in.number(2);
  if (!in.skip('T') && !in.skip('t')) in.text(" ");
  const int hour = in.number(2);
  in.text(":");
  const int minute = in.number(2);
  in.text(":");
  const int second = in.number(2);
  const milliseconds fraction = in.skip('.') ? in.fraction() : milliseconds(0);
  std::chrono::minutes offset{0};
  if (!in.skip('Z') && !in.skip('z')) {
    const int sign = in.skip('-') ? -1 : 1;
    if (sign > 0) in.text("+");
    const int hours = in.number(2);
    in.text(":");
    offset = sign * (std::chrono::hours(hours) + std::chrono::minutes(in.number(2)));
  }
  if (!in.done()) return std::nullopt;
  const auto local = instant(year, month, day, hour, minute, second);
  if (!local) return std::nullopt;
  return *local + fraction - offset;
}

}  // namespace sluice
