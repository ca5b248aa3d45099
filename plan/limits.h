// What a gateway refuses, found before anything is sent.
#pragma once

#include <string>
#include <vector>

#include "plan/value.h"

namespace sluice {

/// Why a gateway would refuse an API with this canonical body; one sentence each, with the field. Empty when it would
/// not. Source: APIG API reference, "Registering an API"; user guide, "Extended Definition".
std::vector<std::string> limits_broken(const Value& api);

/// Cuts the descriptions in a body to what the gateway holds (255 characters); how many were cut.
int cut_descriptions(Value& body);

/// `text` cut to `limit` characters (not bytes); whether anything was cut.
bool cut_text(std::string& text, std::size_t limit);

}  // namespace sluice
