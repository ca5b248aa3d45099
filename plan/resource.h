// The things that are compared, and the three states that hold them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/address.h"
#include "plan/diagnostic.h"
#include "plan/value.h"

namespace sluice {

/// One resource in canonical form. `digest` is "sha256:…" of what counts in a comparison; `remote_id` is the gateway's
/// id, where known. A publication's body is the API's body as it was published.
struct Resource {
  Address address;
  Value body;
  std::string digest;
  std::string remote_id = {};
  SourceSpan source = {};
  std::string changed_at = {};  ///< when a draft was changed or a version published, by the gateway's clock; "" unknown
  /// What the gateway holds of an API and no document carries, in its own words: an import resets it.
  std::vector<std::string> uncarried = {};
};
using ResourceMap = std::map<Address, Resource>;
/// Who uses each policy: APIs by their id on the gateway, or by address where they are only wanted; and their names.
using PolicyUsers = std::map<Address, std::map<std::string, std::string>>;

/// What the files ask for in one group, or of the policies of the gateway, whose group is "". Always whole: files that
/// could not be read make no DesiredState.
struct DesiredState {
  ResourceMap resources;
  PolicyUsers users = {};
};

/// What the gateway holds in one group, seen by one export. Always whole: a cut export makes no LiveState.
struct LiveState {
  ResourceMap resources;
  PolicyUsers users = {};                   ///< in any group, whoever made them
  std::set<std::string> environments = {};  ///< all of the gateway's, where they are known
};

/// What the last apply left in one group: exactly what Sluice owns. A publication's body is {"definition": digest}.
struct Baseline {
  ResourceMap resources;                  ///< without bodies, which few are asked for: see body_of
  std::map<Address, std::string> bodies;  ///< as JSON
  std::set<Address> unmanaged;  ///< seen at the last apply, and not ours: APIs, and where others published ours
  /// What the files asked for, as JSON, where the gateway's own was kept instead. Of what is gone from the gateway, and
  /// is to stay so, this is all that is left. A publication's is the digest that was to be served.
  std::map<Address, std::string> kept = {};
  std::set<Address> guarded = {};   ///< protected by an earlier apply: APIs, and the group
  std::set<Address> remasked = {};  ///< not as they are stored: to be written at the next apply (secrets.h)
  /// The body of a resource, read now; null when there is none.
  Value body_of(const Address& address) const;
  /// What the files asked for at the last apply: the body, but where the gateway's own was kept.
  Value asked_of(const Address& address) const;

  std::map<Address, std::string>
      claimed;  ///< sent by a run that was interrupted, with the digest it was to have: ours if it has
};

}  // namespace sluice
