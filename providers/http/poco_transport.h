// The transport that speaks HTTP/1.1 over TCP and TLS, on a small pool of kept-alive connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "plan/result.h"
#include "providers/http/transport.h"

namespace sluice {

/// Where a gateway is, and how long and how much to wait for.
struct Endpoint {
  std::string url;                                            ///< http(s)://host[:port]; http for loopback only
  std::string ca_file = {};                                   ///< PEM; replaces the system's authorities
  std::chrono::milliseconds connect_timeout{10'000};          ///< for name, TCP and TLS, over all addresses
  std::chrono::milliseconds send_timeout{60'000};             ///< longest wait for one write
  std::chrono::milliseconds receive_timeout{60'000};          ///< longest silence while waiting or reading
  std::chrono::milliseconds answer_timeout{15L * 60 * 1000};  ///< for the whole body, however steadily it drips
  std::size_t body_limit = std::size_t{512} * 1024 * 1024;    ///< of an answer's body, in bytes
  bool insecure = false;                                      ///< any certificate will do; for experiments
};

/// Checks `endpoint` and makes its transport. Nothing is sent or looked up yet.
Result<std::unique_ptr<Transport>> connect_to(const Endpoint& endpoint);

}  // namespace sluice
