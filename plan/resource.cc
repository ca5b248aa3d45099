#include "plan/resource.h"

#include "plan/json.h"

namespace sluice {

Value Baseline::body_of(const Address& address) const {
  const auto at = bodies.find(address);
  if (at == bodies.end()) return {};
  auto body = parse_json(at->second);
  return body ? std::move(*body) : Value();
}

}  // namespace sluice
