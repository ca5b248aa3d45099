#include "plan/policy_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plan/policy_definition.h"

namespace sluice {

void read_policies(const Value& root, BlockReader& reader, std::vector<PolicyDefinition>& policies) {
  for (const std::string_view kind : {"ratelimits", "acls"}) {
    const Value* block = reader.block(root, kind);
    if (block == nullptr) continue;
    for (const auto& member : block->members()) {
      const Address address = kind == "acls" ? Address::acl(member.key) : Address::ratelimit(member.key);
      Value body = read_definition(
          address, member.value, [&](std::string code, std::string summary, std::string detail, std::uint32_t mark) {
            reader.error(std::move(code), std::move(summary), std::move(detail), mark != 0 ? mark : member.key_mark);
          });
      policies.push_back({address, std::move(body), reader.at(member.key_mark)});
    }
  }
}

void read_external(const Value& root, BlockReader& reader, std::vector<Address>& external) {
  for (const Value& text : reader.read_texts(root, "external")) {
    const auto address = Address::parse(text.as_string());
    const bool policy = address && (address->type() == "ratelimit" || address->type() == "acl");
    if (!policy) {
      reader.error("external-address",
                   fmt::format("\"{}\" is not the address of a throttling or access control policy.", text.as_string()),
                   "Write ratelimit.NAME or acl.NAME.", text.mark());
    } else if (std::find(external.begin(), external.end(), *address) == external.end()) {
      external.push_back(*address);
    }
  }
}

void check_policies_once(const std::vector<PolicyDefinition>& policies, const std::vector<Address>& external,
                         BlockReader& reader) {
  std::map<Address, const PolicyDefinition*> seen;
  for (const PolicyDefinition& policy : policies) {
    const auto [first, fresh] = seen.emplace(policy.address, &policy);
    if (!fresh) {
      reader.report({Severity::Error, "policy-twice", fmt::format("{} is defined twice.", policy.address.text()),
                     fmt::format("It is also at {}; remove one of them.", to_string(first->second->at)), policy.at});
    }
    if (std::find(external.begin(), external.end(), policy.address) != external.end()) {
      reader.report({Severity::Error, "policy-external",
                     fmt::format("{} is defined here, and `external` says that it is not ours.", policy.address.text()),
                     "Take it out of one of the two.", policy.at});
    }
  }
}

}  // namespace sluice
