// The switches for what the service's documents leave open: one table, which the gateway obeys, `sluice gateway quirks`
// prints and README.md repeats.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.h"
#include "providers/gateway/rules.h"

namespace sluice::gateway {

/// One switch. `positions` are words parted by '|', the default first; with a `largest` it is one number, the default,
/// and every whole number from 1 to `largest` is a position. `page` is the page of the service's documents that leaves
/// the question open, `question` its number in README.md ("" for what is no question of the documents).
struct Quirk {
  std::string_view name;
  std::string_view positions;
  std::size_t largest;
  std::string_view question;
  std::string_view page;
  std::string_view sentence;
  void (*set)(Rules& rules, std::size_t position);  ///< the index of the word, or the number
};

/// All switches, in the order in which they are shown.
std::span<const Quirk> quirks();

/// The positions as a person reads them, the default first: "ignore, failure" or "4, or 1 to 64".
std::string describe_positions(const Quirk& quirk);
/// The words of the positions; of a number, only the default.
std::vector<std::string_view> positions_of(const Quirk& quirk);

/// Moves one switch. Errors: Invalid for an unknown name or position, with what could be meant.
Result<void> set_quirk(Rules& rules, std::string_view name, std::string_view position);

}  // namespace sluice::gateway
