// Where in the user's files a value of an API was written.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/explain.h"
#include "plan/overrides.h"

namespace sluice {

/// Whether a layer says this place itself.
bool says(const Value& layer, const std::vector<std::string>& place);

/// The place of the value that `place` leads to in an API's canonical body, by tokens: names of members, keys of
/// elements, canonical JSON of elements without a key. Where it is not written anywhere, that of the nearest thing
/// around it; of the operation when there is none. `at` turns a mark of the file into a place.
SourceSpan place_of(const std::vector<std::string>& place, const BodyLayers& layers,
                    const std::vector<Override>& overrides, const std::function<SourceSpan(std::uint32_t)>& at);

}  // namespace sluice
