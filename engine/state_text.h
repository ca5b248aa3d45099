// A state as one JSON text, for moving it from one store to another. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/state_store.h"

namespace sluice {

/// What such a text holds. The snapshot's intents are in `journal`.
struct StateText {
  int canonical = 0;  ///< version of the canonical form
  StateSnapshot state;
  std::vector<JournalEvent> journal;
};

/// The same for the same state. The hash key is left out when it is empty.
std::string write_state_text(const StateText& text);

/// Errors: Invalid, for whatever write_state_text did not write, and of newer versions.
Result<StateText> read_state_text(std::string_view text);

}  // namespace sluice
