// Faults on purpose: which requests they meet and what goes wrong then. README.md explains the file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/source.h"
#include "providers/gateway/mischief.h"

namespace sluice::gateway {

/// What becomes of the connection that an answer travels on. Refuse and ResetBefore: the request is not carried out;
/// all others: it is. Refuse and Drop close the connection, the resets break it (RST).
enum class Cut : std::uint8_t { None, Refuse, ResetBefore, ResetDuring, ResetAfter, Truncate, Drop };

/// How an answer travels: late, or cut. `bytes` is how much of a truncated body arrives.
struct Delivery {
  std::chrono::milliseconds delay{0};
  Cut cut = Cut::None;
  std::size_t bytes = 0;
};

/// An edit by somebody else: of the first API whose "METHOD /path" matches the glob.
struct ForeignChange {
  std::string kind;  ///< edit, publish, offline, delete
  std::string api;
  Value set;  ///< members of the definition that an edit replaces; null for what an edit is by default
};

/// Everything that goes wrong with one request.
struct Encounter {
  Delivery delivery;
  std::optional<HttpResponse> answer;  ///< in the place of the gateway's own
  bool carried_out = true;             ///< whether the gateway sees the request
  std::optional<std::string> body;     ///< in the place of the answer's body
  Mischief mischief;
  std::vector<ForeignChange> changes;  ///< before the request
};

/// The rules of a file, with their counters. Equal files and equal requests give equal faults.
class Faults {
 public:
  Faults() = default;
  /// Reads a file of faults. Every mistake is a finding with its place.
  static Parsed<Faults> read(const SourceText& source);

  /// What the rules that meet this request ask for; counts it.
  Encounter meet(std::string_view method, std::string_view path);
  bool empty() const { return rules_.empty(); }

 private:
  friend class FaultReader;
  struct Rule {
    std::string method;
    std::string path;
    std::uint64_t nth = 0;
    std::uint64_t every = 0;
    std::optional<double> probability;
    Encounter effect;
    std::uint64_t seen = 0;
    std::mt19937_64 random;
  };
  static bool strikes(Rule& rule);
  std::vector<Rule> rules_;
};

}  // namespace sluice::gateway
