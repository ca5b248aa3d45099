#include "plan/asked.h"

#include <algorithm>

#include "plan/body_diff.h"
#include "plan/drift.h"

namespace sluice {
namespace {

bool asks_for_another(const Resource& desired, const Baseline& base) {
  const Resource* ours = find_resource(base.resources, desired.address);
  const bool kept = base.kept.contains(desired.address);
  if (ours == nullptr && !kept) return true;
  if (ours != nullptr && !kept && ours->digest == desired.digest) return false;
  return !differences(desired.address.type(), base.asked_of(desired.address), desired.body).empty();
}

/// Whether the API was published where it should be, and as it was imported, when it was applied.
bool was_published(const Address& api, const std::string& environment, const Baseline& base) {
  const Address address = Address::publication(api, environment);
  if (base.kept.contains(address)) return true;
  const Resource* ours = find_resource(base.resources, api);
  const Resource* published = find_resource(base.resources, address);
  return ours == nullptr || (published != nullptr && published->digest == ours->digest);
}

}  // namespace

bool asks_for_something_new(const DesiredState& desired, const std::vector<std::string>& environments,
                            const Baseline& base) {
  if (!base.claimed.empty() || (base.resources.empty() && base.kept.empty())) return true;
  for (const auto& [address, resource] : desired.resources) {
    // A group that is there and not ours is used, and never in the base.
    const bool used_only = address.type() == "group" && !base.resources.contains(address);
    if (!used_only && asks_for_another(resource, base)) return true;
    if (address.type() != "api") continue;
    for (const std::string& environment : environments) {
      if (!was_published(address, environment, base)) return true;
    }
  }
  return std::any_of(base.resources.begin(), base.resources.end(), [&](const auto& entry) {
    const Address& address = entry.first;
    if (address.type() != "publication") return !desired.resources.contains(address);
    const bool wanted =
        std::find(environments.begin(), environments.end(), address.environment()) != environments.end();
    return !wanted || !desired.resources.contains(address.api_of_publication());
  });
}

}  // namespace sluice
