#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/desired.h"
#include "plan/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  sluice::SwaggerFile file{{"api.yaml", text}, {}};
  auto document = sluice::parse_document(file.source);
  if (!document.value) return 0;
  file.document = *document.value;
  sluice::GroupSettings group;
  group.name = "group";
  (void)sluice::build_desired(group, {&file, 1});
  return 0;
}
