#include "providers/apig/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "plan/diagnostic.h"

namespace sluice::apig {
namespace {

struct Cloud {
  std::string_view name;
  std::string_view title;
  std::string_view domain;   ///< behind "apig.REGION." and "iam.REGION."
  std::string_view regions;  ///< separated by spaces
};

constexpr Cloud kClouds[] = {
    {"huawei", "Huawei Cloud", "myhuaweicloud.com",
     "cn-north-1 cn-north-2 cn-north-4 cn-north-9 cn-north-11 cn-north-12 cn-east-2 cn-east-3 cn-east-4 cn-east-5 "
     "cn-south-1 cn-south-2 cn-south-4 cn-southwest-2 cn-southwest-3 ap-southeast-1 ap-southeast-2 ap-southeast-3 "
     "ap-southeast-4 ap-southeast-5 af-south-1 af-north-1 sa-brazil-1 la-south-2 la-north-2 na-mexico-1 tr-west-1 "
     "ae-ad-1 me-east-1 my-kualalumpur-1 eu-west-0 eu-west-101 ru-northwest-2 ru-moscow-1"},
    {"otc", "Open Telekom Cloud", "otc.t-systems.com", "eu-de eu-nl"},
};

/// A region whose hosts are under a domain of their own.
struct Exception {
  std::string_view region;
  std::string_view domain;
};
constexpr Exception kExceptions[] = {{"eu-west-101", "myhuaweicloud.eu"}};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    result.push_back(word);
  }
  return result;
}

}  // namespace

Result<RegionEndpoints> region_endpoints(std::string_view cloud, std::string_view region) {
  const auto* row =
      std::find_if(std::begin(kClouds), std::end(kClouds), [cloud](const Cloud& c) { return c.name == cloud; });
  if (row == std::end(kClouds)) return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not a known cloud", cloud));
  const std::vector<std::string_view> regions = words(row->regions);
  if (std::find(regions.begin(), regions.end(), region) == regions.end()) {
    const std::string near = did_you_mean(std::string(region), regions);
    return fail(
        ErrorKind::Invalid,
        fmt::format("\"{}\" is not a region of {} that is known here{}: write `endpoint` and `iam_endpoint` into "
                    "the manifest",
                    region, row->title, near.empty() ? "" : fmt::format(" (did you mean {}?)", near)));
  }
  const auto* exception = std::find_if(std::begin(kExceptions), std::end(kExceptions),
                                       [region](const Exception& e) { return e.region == region; });
  const std::string_view domain = exception == std::end(kExceptions) ? row->domain : exception->domain;
  return RegionEndpoints{fmt::format("https://apig.{}.{}", region, domain),
                         fmt::format("https://iam.{}.{}", region, domain)};
}

}  // namespace sluice::apig
