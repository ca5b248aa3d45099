// What a function returns when the outside world may say no. Member names follow std::expected.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "plan/check.h"

namespace sluice {

/// What went wrong, as far as code has to branch on it.
enum class ErrorKind {
  Invalid,      ///< the request or the input is wrong and stays wrong
  NotFound,     ///< the thing asked for does not exist
  Conflict,     ///< it exists already, or something else holds its name
  Denied,       ///< no or wrong credentials
  Throttled,    ///< too many requests
  Unavailable,  ///< the other side is down or could not be reached
  Timeout,      ///< a deadline passed
  Protocol,     ///< the answer cannot be understood
  Storage,      ///< a local file or database could not be read or written
  Locked,       ///< someone else holds the lock
  Refused,      ///< refused for safety, nothing was sent
  Unsupported,  ///< not built, or not offered by this system
  Interrupted,  ///< the user asked to stop
};

/// Whether a change that was being sent took effect. Unknown must be looked at, never resent blindly.
enum class Effect { None, Applied, Unknown };

/// One failure: a sentence for the user, and what code branches on. `code` is the service's error_code, if any.
struct Error {
  ErrorKind kind = ErrorKind::Invalid;
  std::string message;
  Effect effect = Effect::None;
  std::string code = {};
};

/// Wraps an error so that it converts to any Result.
template <typename E>
struct Unexpected {
  E error;
};

/// A failure of `kind` that certainly changed nothing.
inline Unexpected<Error> fail(ErrorKind kind, std::string message) {
  return {Error{kind, std::move(message), Effect::None, {}}};
}
inline Unexpected<Error> fail(Error error) { return {std::move(error)}; }

/// A value or an error; reading the wrong one is a bug and stops the program.
template <typename T, typename E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : data_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-*)
  Result(Unexpected<E> failure) : data_(std::in_place_index<1>, std::move(failure.error)) {}  // NOLINT

  bool has_value() const { return data_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return *get(); }
  const T& value() const& { return *const_cast<Result*>(this)->get(); }
  T&& value() && { return std::move(*get()); }
  T& operator*() & { return *get(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*get()); }
  T* operator->() { return get(); }
  const T* operator->() const { return &value(); }

  const E& error() const {
    check(!has_value(), "error() of a Result that holds a value");
    return *std::get_if<1>(&data_);
  }
  /// The error, ready to be returned from a function with another value type.
  Unexpected<E> forward() const { return {error()}; }

 private:
  T* get() {
    check(has_value(), "value() of a Result that holds an error");
    return std::get_if<0>(&data_);
  }
  std::variant<T, E> data_;
};

template <typename E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(Unexpected<E> failure) : error_(std::move(failure.error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const E& error() const {
    check(!has_value(), "error() of a Result that holds a value");
    return *error_;
  }
  Unexpected<E> forward() const { return {error()}; }

 private:
  std::optional<E> error_;
};

}  // namespace sluice
