#include "plan/half_done.h"

#include <algorithm>

#include "plan/canonical.h"
#include "plan/digest.h"
#include "plan/drift.h"
#include "plan/policies.h"
#include "plan/schema.h"

namespace sluice {

std::string temporary_name(const Address& api) { return "tmp_" + sha256_hex(api.text()).substr(0, 12); }

bool is_half_deleted(const Value& before, const Resource& now) {
  if (now.address.type() != "api" || !before.is_object()) return false;
  Value expected = before;
  std::string name = temporary_name(now.address);
  if (now.body.text("operationId") == name) expected.set("operationId", std::move(name));
  const Resource half{now.address, expected, digest_of(expected, schema_of("api").fields)};
  return now.digest == half.digest || (bindings_of(now.body).empty() && now.digest == unbound_digest(half));
}

bool is_left_half_done(const Baseline& base, const Resource& now) {
  const bool touched = std::any_of(base.claimed.begin(), base.claimed.end(), [&](const auto& claim) {
    const Address& address = claim.first;
    if (address.type() != "publication") return address == now.address;
    return claim.second.empty() && address.api_of_publication() == now.address;
  });
  const auto ours = base.resources.find(now.address);
  return touched && ours != base.resources.end() && !made_anew(ours->second, now) &&
         is_half_deleted(base.body_of(now.address), now);
}

}  // namespace sluice
