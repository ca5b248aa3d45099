// Which layer gave each value of an API: its file, the manifest's `operations`, an override, or the gateway's defaults.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "plan/address.h"
#include "plan/diagnostic.h"
#include "plan/overrides.h"
#include "plan/value.h"

namespace sluice {

/// One value of an API and where it comes from, such as "pets.yaml:4:7", "operations", "overrides[1] at
/// sluice.yaml:20:9" or "gateway default".
struct ValueOrigin {
  std::string path;  ///< JSON pointer, with keys for elements of keyed lists
  Value value;
  std::string layer;
};
using Explanations = std::map<Address, std::vector<ValueOrigin>>;

/// How an API's body came to be: as its file gives it, with `operations` filled in, and the overrides that were laid
/// over that (indexes, in order).
struct BodyLayers {
  Value file;
  Value filled;
  std::vector<std::size_t> overrides;
  std::uint32_t mark = 0;  ///< of the operation in its file
};

/// The origin of each value of a canonical API body. `at` turns a mark of the file into a place.
std::vector<ValueOrigin> explain(const Value& body, const BodyLayers& layers, const std::vector<Override>& overrides,
                                 const std::function<SourceSpan(std::uint32_t)>& at);

}  // namespace sluice
