// What others have on a gateway that a test works on.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/value.h"
#include "tests/support/in_process.h"

namespace sluice::property {

/// The switches of a gateway that takes whatever random states ask for.
inline std::map<std::string, std::string> quirks() { return {{"member_groups", "on"}}; }

class Others {
 public:
  /// Makes what random states name (environments, plug-ins, rules, a channel), and a group of others with this API.
  Others(test::InProcessGateway& gateway, const Value& api);

  /// Somebody makes an API in the group alpha.
  void add_unmanaged(const Value& api);
  /// The addresses of those.
  const std::set<std::string>& unmanaged() const { return unmanaged_; }
  /// All that others have, as they see it.
  std::string all();

 private:
  test::InProcessGateway& gateway_;
  std::string group_;                   ///< id of the group of others
  std::set<std::string> unmanaged_;     ///< addresses
  std::vector<std::string> their_ids_;  ///< of the APIs in our group
};

}  // namespace sluice::property
