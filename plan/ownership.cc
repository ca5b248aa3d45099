#include "plan/ownership.h"

#include <algorithm>

#include "plan/drift.h"
#include "plan/policies.h"

namespace sluice {
namespace {

/// Notes which globs name the address; whether any does.
bool note_names(const std::vector<std::string>& globs, const Address& address, std::set<std::string>& matched) {
  bool any = false;
  for (const std::string& glob : globs) {
    if (!names(glob, address)) continue;
    matched.insert(glob);
    any = true;
  }
  return any;
}

bool speaks_of_publications(const std::string& glob) { return glob.starts_with("publication"); }

}  // namespace

bool names(const std::string& glob, const Address& address) {
  if (matches_glob(glob, address.text())) return true;
  if (glob.find('{') == std::string::npos) return false;
  const auto exact = Address::parse(glob);
  return exact && *exact == address;
}

std::optional<std::string> group_named_by(std::string_view glob) {
  const std::size_t end = std::min(glob.find_first_of(".["), glob.size());
  const std::string_view type = glob.substr(0, end);
  std::string_view rest = glob.substr(end);
  const bool in_group = type == "group" || type == "api" || type == "publication" || type == "response";
  if (!in_group || rest.empty()) return std::nullopt;
  std::string name;
  if (rest.starts_with("[\"")) {
    rest.remove_prefix(2);
    while (!rest.empty() && rest.front() != '"') {
      if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
      name += rest.front();
      rest.remove_prefix(1);
    }
  } else {
    rest.remove_prefix(1);
    name = rest.substr(0, rest.find_first_of(".["));
  }
  if (name.empty() || name.find('*') != std::string::npos) return std::nullopt;
  return name;
}

std::size_t count_owned_apis(const Baseline& base, const LiveState& live) {
  const auto is_api = [](const auto& entry) { return entry.first.type() == "api"; };
  const auto made_meanwhile = [&](const auto& claim) {
    const Resource* seen = find_resource(live.resources, claim.first);
    return is_api(claim) && !base.resources.contains(claim.first) && seen != nullptr &&
           unbound_digest(*seen) == claim.second;
  };
  return static_cast<std::size_t>(std::count_if(base.resources.begin(), base.resources.end(), is_api) +
                                  std::count_if(base.claimed.begin(), base.claimed.end(), made_meanwhile));
}

Takeover take_over(const Baseline& base, const LiveState& live, const std::vector<std::string>& globs,
                   const std::vector<std::string>& environments, const Targets& targets) {
  Takeover result;
  std::set<Address> ours;
  for (const auto& [address, resource] : base.resources) ours.insert(address);
  const auto own = [&](const Resource& resource) {
    const Resource* before = find_resource(base.resources, resource.address);
    if (before != nullptr && !made_anew(*before, resource)) {
      result.already.push_back(resource.address);
      return;
    }
    result.owned.push_back(resource);
    ours.insert(resource.address);
  };
  std::vector<std::string> of_publications;
  std::copy_if(globs.begin(), globs.end(), std::back_inserter(of_publications), speaks_of_publications);
  std::set<Address> named;
  for (const auto& [address, resource] : live.resources) {
    if (address.type() == "publication" || !note_names(globs, address, result.matched)) continue;
    if (!targets.includes(address)) continue;
    named.insert(address);
    own(resource);
  }
  for (const auto& [address, resource] : live.resources) {
    if (address.type() != "publication" || resource.digest.empty()) continue;
    const Address api = address.api_of_publication();
    const bool listed =
        std::find(environments.begin(), environments.end(), address.environment()) != environments.end();
    const bool comes_along = listed && named.contains(api);
    const bool is_named = ours.contains(api) && note_names(of_publications, address, result.matched);
    if ((comes_along || is_named) && targets.includes(address)) own(resource);
  }
  const bool is_known = !base.resources.empty() || !base.unmanaged.empty();
  result.unmanaged = base.unmanaged;
  for (const auto& [address, resource] : live.resources) {
    const bool of_ours = address.type() == "publication" && ours.contains(address.api_of_publication());
    const bool came_now = of_ours && named.contains(address.api_of_publication());
    if (came_now || (!is_known && (of_ours || address.type() == "api"))) result.unmanaged.insert(address);
  }
  for (const Address& address : ours) result.unmanaged.erase(address);
  return result;
}

Release let_go(const Baseline& base, const std::vector<std::string>& globs, const Targets& targets) {
  Release result;
  std::set<Address> gone;
  for (const auto& [address, resource] : base.resources) {
    if (note_names(globs, address, result.matched) && targets.includes(address)) gone.insert(address);
  }
  for (const auto& [address, resource] : base.resources) {
    if (address.type() == "publication" && gone.contains(address.api_of_publication())) gone.insert(address);
  }
  result.unmanaged = base.unmanaged;
  std::erase_if(result.unmanaged, [&](const Address& address) {
    return address.type() == "publication" && gone.contains(address.api_of_publication());
  });
  for (const Address& address : gone) {
    const bool of_ours = address.type() == "publication" && !gone.contains(address.api_of_publication());
    if (of_ours || address.type() == "api") result.unmanaged.insert(address);
  }
  result.gone.assign(gone.begin(), gone.end());
  return result;
}

}  // namespace sluice
