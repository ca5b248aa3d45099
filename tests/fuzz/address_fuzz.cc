#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/address.h"

/// What is read as an address is written as one, and that is the same address.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto address = sluice::Address::parse(text);
  if (address.has_value()) {
    const auto again = sluice::Address::parse(address->text());
    if (!again.has_value() || !(*again == *address) || again->text() != address->text()) __builtin_trap();
  }
  (void)sluice::matches_glob(text.substr(0, size / 2), text.substr(size / 2));
  return 0;
}
