#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "providers/apig/wire.h"

/// The answer to asking for a task, taken as that of an import and as that of an export.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<sluice::Prediction> predicted = {
      {sluice::Address::api("pets", "GET", "/pets/{id}", "NORMAL"), sluice::Effected::Created}};
  for (const bool import : {true, false}) {
    sluice::HttpResponse answer{200, {}, text};
    const auto task = sluice::apig::read_task(answer);
    if (!task.has_value()) continue;
    if (task->state == sluice::apig::TaskAnswer::State::Failed) (void)sluice::apig::read_task_error(task->result);
    if (task->state != sluice::apig::TaskAnswer::State::Succeeded) continue;
    if (import) {
      const auto entries = sluice::apig::read_import_entries(task->result, predicted);
      if (entries.has_value() && !entries->empty() && !(entries->front().address == predicted.front().address))
        __builtin_trap();
    } else {
      auto file = sluice::apig::read_exported_file(task->result);
      if (file.has_value()) (void)sluice::apig::read_exported_document(*file).has_value();
    }
  }
  return 0;
}
