// Which proxy, if any, stands between this machine and an endpoint.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plan/result.h"
#include "plan/secret.h"

namespace sluice {

/// An HTTP proxy that opens tunnels (RFC 9110, 9.3.6).
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  Secret authorization = {};  ///< value of Proxy-Authorization, or empty
};

/// What the variables HTTPS_PROXY and NO_PROXY say, in either case of letters.
struct ProxySettings {
  std::string https_proxy;
  std::string no_proxy;
};

/// The proxy for an endpoint's host; nothing when it is reached directly, as this machine always is. NO_PROXY is "*" or
/// a list of hosts, domains (with or without a leading dot; subdomains count) and addresses. Errors: Invalid for a
/// proxy that is not http://[user:password@]host[:port].
Result<std::optional<Proxy>> proxy_for(std::string_view host, const ProxySettings& settings);

}  // namespace sluice
