#include "plan/old_canonical.h"

#include <optional>

#include "plan/canonical.h"
#include "plan/json.h"

namespace sluice {
namespace {

/// Nothing for a text that is no body.
std::optional<Resource> read_anew(const Address& address, const std::string& text) {
  const auto body = parse_json(text);
  if (!body || !body->is_object()) return std::nullopt;
  return make_resource(address, *body);
}

bool is_publication(const Address& address) { return address.type() == "publication"; }

}  // namespace

void bring_to_canonical_form(Baseline& base) {
  std::map<std::string, std::string> digests;  // new by old, of APIs
  for (auto& [address, resource] : base.resources) {
    const auto text = base.bodies.find(address);
    if (is_publication(address) || text == base.bodies.end()) continue;
    const auto now = read_anew(address, text->second);
    if (!now) continue;
    digests.insert_or_assign(resource.digest, now->digest);
    resource.digest = now->digest;
    text->second = write_json(now->body);
  }
  for (auto& [address, asked] : base.kept) {
    if (is_publication(address)) continue;
    const auto now = read_anew(address, asked);
    if (now) asked = write_json(now->body);
  }
  for (auto& [address, asked] : base.kept) {
    const auto now = digests.find(asked);
    if (is_publication(address) && now != digests.end()) asked = now->second;
  }
  for (auto at = base.resources.begin(); at != base.resources.end();) {
    auto& [address, resource] = *at;
    if (!is_publication(address)) {
      ++at;
      continue;
    }
    const auto now = digests.find(resource.digest);
    if (now != digests.end()) {
      resource.digest = now->second;
      base.bodies.insert_or_assign(address, write_json(Value::object({{"definition", now->second, 0}})));
      ++at;
      continue;
    }
    base.unmanaged.insert(address);
    base.bodies.erase(address);
    at = base.resources.erase(at);
  }
}

}  // namespace sluice
