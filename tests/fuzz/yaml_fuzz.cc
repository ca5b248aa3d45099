#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto value = sluice::parse_yaml(text, {.depth = 100, .nodes = 100000});
  if (value.has_value() && !value->is_null()) (void)sluice::write_yaml(*value);
  return 0;
}
