#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto value = sluice::parse_json(text);
  std::string copy = text;
  const auto in_place = sluice::parse_json_in_place(copy);
  if (value.has_value() && !text.starts_with("\xEF\xBB\xBF")) {
    if (!in_place.has_value() || sluice::write_json(*value) != sluice::write_json(*in_place)) __builtin_trap();
    const auto again = sluice::parse_json(sluice::write_json(*value));
    if (!again.has_value() || !(*again == *value)) __builtin_trap();
  }
  return 0;
}
