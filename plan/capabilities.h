// What one system can do, asked for instead of its name.
#pragma once

#include <cstddef>

namespace sluice {

/// Limits of one request. Sources: APIG quotas; API reference, "Publishing APIs or Taking APIs Offline".
struct Capabilities {
  std::size_t apis_per_import = 300;
  std::size_t bytes_per_import = 8'000'000;
  std::size_t ids_per_publish = 1000;
  bool names_make_channels = false;     ///< an API may name a VPC channel that was never made
  bool names_make_authorizers = false;  ///< the same of authorizers
};

}  // namespace sluice
