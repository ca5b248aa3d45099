#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)sluice::parse_manifest({"sluice.yaml", text}, {{"NAME", "value"}});
  return 0;
}
