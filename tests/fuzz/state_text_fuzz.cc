#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/state_text.h"

/// A text that is read as a state is written as one, and that reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto state = sluice::read_state_text(text);
  if (!state.has_value()) return 0;
  const std::string written = sluice::write_state_text(*state);
  const auto again = sluice::read_state_text(written);
  if (!again.has_value() || sluice::write_state_text(*again) != written) __builtin_trap();
  return 0;
}
