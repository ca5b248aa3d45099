#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "engine/journal.h"

/// Each line is an event: number, intent, word and data. Intents that can be told are told again from what they hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
  std::vector<sluice::JournalEvent> events;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    sluice::JournalEvent event;
    words >> event.seq >> event.intent >> event.event;
    std::getline(words >> std::ws, event.data);
    events.push_back(std::move(event));
  }
  const auto intents = sluice::fold(events);
  if (!intents.has_value()) return 0;
  for (const sluice::Intent& intent : *intents) {
    const auto again = sluice::fold({{intent.id, intent.id, intent.run_id, std::string(sluice::events::kOpened),
                                      intent.sent_at, sluice::opened_data(intent)}});
    if (!again.has_value() || again->size() != 1 || again->front().resources.size() != intent.resources.size())
      __builtin_trap();
  }
  return 0;
}
