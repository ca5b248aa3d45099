// Reading the members of a JSON object by the service's rules. The first fault is kept; later ones are not looked at.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "plan/value.h"
#include "providers/gateway/errors.h"

namespace sluice::gateway {

/// Reads the members of `from`, reporting to one fault shared by everything read from a request.
class Fields {
 public:
  /// `from` and `fault` must outlive this.
  Fields(const Value& from, std::optional<Fault>& fault) : from_(from), fault_(fault) {}

  /// A text of at most `longest` characters; "" when absent.
  std::string text(std::string_view name, std::size_t longest);
  /// The same, but it must be there and not be empty.
  std::string required(std::string_view name, std::size_t longest);
  /// One of `words`; `absent` when there is none, which is a fault if `absent` is "".
  std::string word(std::string_view name, std::initializer_list<std::string_view> words, std::string_view absent = "");
  /// A whole number between two bounds; texts holding one are taken as well.
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t absent);
  bool flag(std::string_view name, bool absent);
  /// The elements of a list; empty when absent.
  const Value::Array& list(std::string_view name);
  /// An object; null (and a fault) when it is missing or something else.
  const Value* object(std::string_view name);
  /// Copies a number when there is one.
  void copy_number(std::string_view name, Value& to);

  const Value* find(std::string_view name) const;
  /// Reports a fault unless there is one already.
  void report(Fault fault);
  bool ok() const { return !fault_.has_value(); }

 private:
  const Value& from_;
  std::optional<Fault>& fault_;
};

}  // namespace sluice::gateway
