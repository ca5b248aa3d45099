#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/plan_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto plan = sluice::read_plan_file(text);
  if (plan.has_value()) (void)sluice::write_plan_file(*plan);
  return 0;
}
