// Where the clouds that offer API Gateway have it and their IAM, by region. Settings of the user always win over this.
// Source: the region lists of the clouds' own SDKs ("apig" and "iam").
#pragma once

#include <string>
#include <string_view>

#include "plan/result.h"

namespace sluice::apig {

/// Both as https://host.
struct RegionEndpoints {
  std::string gateway;
  std::string iam;
};

/// `cloud` is "huawei" or "otc". Errors: Invalid for a region that the cloud is not known to have; nothing is guessed,
/// because credentials would go to a guessed host.
Result<RegionEndpoints> region_endpoints(std::string_view cloud, std::string_view region);

}  // namespace sluice::apig
