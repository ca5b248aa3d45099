// The things that are compared, and the three states that hold them.
#pragma once

#include <map>
#include <set>
#include <string>

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
  PolicyUsers users = {};  ///< in any group, whoever made them
};

/// What the last apply left in one group: exactly what Sluice owns. A publication's body is {"definition": digest}.
struct Baseline {
  ResourceMap resources;                  ///< without bodies, which few are asked for: see body_of
  std::map<Address, std::string> bodies;  ///< as JSON
  std::set<Address> unmanaged;            ///< seen at the last apply, and not ours
  /// The body of a resource, read now; null when there is none.
  Value body_of(const Address& address) const;

  std::map<Address, std::string>
      claimed;  ///< sent by a run that was interrupted, with the digest it was to have: ours if it has
};

}  // namespace sluice
