// A text that must never be printed.
#pragma once

#include <string>
#include <utility>

namespace sluice {

/// Holds a token or key. It has no formatter and no comparison, so printing it does not compile; only `reveal()`,
/// which is for signing and sending, hands out the text.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  bool empty() const { return text_.empty(); }
  const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

}  // namespace sluice
