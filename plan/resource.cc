#include "plan/resource.h"

#include "plan/json.h"

namespace sluice {
namespace {

Value read_at(const std::map<Address, std::string>& texts, const Address& address) {
  const auto at = texts.find(address);
  if (at == texts.end()) return {};
  auto body = parse_json(at->second);
  return body ? std::move(*body) : Value();
}

}  // namespace

Value Baseline::body_of(const Address& address) const { return read_at(bodies, address); }

Value Baseline::asked_of(const Address& address) const {
  return kept.contains(address) ? read_at(kept, address) : body_of(address);
}

}  // namespace sluice
