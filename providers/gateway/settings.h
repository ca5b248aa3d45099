// Reading the gateway's files of settings (faults, credentials, instances): JSON or YAML, every mistake with its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/source.h"
#include "plan/value.h"

namespace sluice::gateway {

/// Reads members of objects and gathers what is wrong with them. The text must outlive it.
class Settings {
 public:
  /// With `discreet` findings do not quote what the file holds.
  explicit Settings(const SourceText& source, bool discreet = false) : source_(source), discreet_(discreet) {}

  /// Whether `value` is an object with no other members than these.
  bool is_object(const Value& value, const std::vector<std::string_view>& known);
  /// The elements of a member that must be a list when it is there.
  const Value::Array& list(const Value& object, std::string_view name);
  /// A text; `absent` when it is not there. Numbers are taken as they are written.
  std::string text(const Value& object, std::string_view name, std::string_view absent = "");
  /// A text that must be there and not be empty.
  std::string required(const Value& object, std::string_view name);
  /// One of `words`; the first of them when it is not there.
  std::string word(const Value& object, std::string_view name, const std::vector<std::string_view>& words);
  /// A whole number between two bounds.
  std::optional<std::int64_t> whole(const Value& object, std::string_view name, std::int64_t least, std::int64_t most);
  /// A number from 0 to 1.
  std::optional<double> fraction(const Value& object, std::string_view name);

  /// Reports what is wrong at a value.
  void report(const Value& at, std::string summary, std::string detail = "");
  bool ok() const { return findings_.empty(); }
  Diagnostics& findings() { return findings_; }

 private:
  const SourceText& source_;
  bool discreet_;
  Diagnostics findings_;
};

}  // namespace sluice::gateway
