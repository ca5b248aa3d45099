// What was changed behind our back: what the last apply left against what the gateway holds, whatever the files say.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/change.h"
#include "plan/resource.h"

namespace sluice {

/// The publications of each API.
using PublicationIndex = std::map<Address, std::vector<const Resource*>>;
PublicationIndex publications_of(const ResourceMap& resources);

/// The resource at `address`, or null.
const Resource* find_resource(const ResourceMap& resources, const Address& address);

/// Whether somebody took our group or API away and made another in its place: the gateway's ids differ.
bool made_anew(const Resource& ours, const Resource& live);

/// Drift of what we own, sorted by address. Whatever moved of an API and of where it is served is one row, the API's; a
/// publication has a row of its own where its API is right. Create is a publication of ours where we did not publish.
std::vector<Change> find_drift(const Baseline& base, const LiveState& live);

/// Publications by others of the APIs that are ours or that the files name.
std::vector<Address> foreign_publications(const Baseline& base, const ResourceMap& desired, const LiveState& live);

/// "2026-07-31 02:13 UTC" of an RFC 3339 time in UTC; anything else as it is.
std::string shown_time(std::string_view time);

}  // namespace sluice
