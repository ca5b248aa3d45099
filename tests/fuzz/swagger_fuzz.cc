#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/desired.h"
#include "plan/yaml.h"

/// The text is the group's file and also the one that it refers to, so that references lead round and round.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<sluice::SwaggerFile> files = {{{"api.yaml", text}, {}}, {{"common/more.yaml", text}, {}, false}};
  auto document = sluice::parse_document(files[0].source);
  if (!document.value) return 0;
  for (sluice::SwaggerFile& file : files) file.document = *document.value;
  (void)sluice::files_needed(files);
  sluice::GroupSettings group;
  group.name = "group";
  (void)sluice::build_desired(group, files);
  group.drop_unsupported = true;
  const auto dropped = sluice::build_desired(group, files);
  if (dropped.value.has_value() == sluice::has_errors(dropped.diagnostics)) __builtin_trap();
  return 0;
}
