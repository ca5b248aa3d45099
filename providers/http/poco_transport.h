// The transport that speaks HTTP/1.1 over TCP and TLS, on a small pool of kept-alive connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plan/result.h"
#include "providers/http/gate.h"
#include "providers/http/proxy.h"
#include "providers/http/transport.h"

namespace sluice {

/// Where a gateway is, and how long and how much to wait for.
struct Endpoint {
  std::string url;                                            ///< http(s)://host[:port]; http for loopback only
  std::string ca_file = {};                                   ///< PEM; replaces the system's authorities
  std::string cert_file = {};                                 ///< PEM chain of a client certificate, with key_file
  std::string key_file = {};                                  ///< PEM, without a passphrase
  std::optional<Proxy> proxy = {};                            ///< opens tunnels; nothing: the host is reached directly
  std::chrono::milliseconds connect_timeout{10'000};          ///< for name, TCP and TLS, over all addresses
  std::chrono::milliseconds send_timeout{60'000};             ///< longest wait for one write
  std::chrono::milliseconds receive_timeout{60'000};          ///< longest silence while waiting or reading
  std::chrono::milliseconds answer_timeout{15L * 60 * 1000};  ///< for all of an answer, however steadily it drips
  std::size_t body_limit = std::size_t{512} * 1024 * 1024;    ///< of an answer's body, unpacked, in bytes
  bool insecure = false;                                      ///< any certificate will do; for experiments
};

/// What an endpoint's URL says.
struct EndpointParts {
  std::string authority;  ///< host[:port], as the Host header has it
  std::string host;
  bool loopback = false;
};
/// Errors: Invalid for what is no endpoint.
Result<EndpointParts> parse_endpoint(const std::string& url);

/// Checks `endpoint` and makes its transport. Nothing is sent or looked up yet. Answers may come compressed; redirects
/// are errors that name the place. Once `ended` says so, no connection or answer is waited for any more: Interrupted.
/// Each request passes `gate`, which outlives the transport, once there is a connection for it.
Result<std::unique_ptr<Transport>> connect_to(const Endpoint& endpoint, std::function<bool()> ended = {},
                                              const Gate* gate = nullptr);

}  // namespace sluice
