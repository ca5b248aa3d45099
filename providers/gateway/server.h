// The embedded gateway on a socket.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "plan/result.h"
#include "providers/gateway/gateway.h"

namespace sluice::gateway {

/// How long a client may take to send a request: its head from its first byte, and then its body.
struct ServerLimits {
  std::chrono::milliseconds head = std::chrono::seconds(20);
  std::chrono::milliseconds body = std::chrono::minutes(2);
};

/// An HTTP/1.1 server in front of a gateway, with the system's clock. Connections stay open between requests; bodies
/// beyond 64 MB are answered with 413 APIG.3603, heads beyond 100 fields of 8 KB with 400; clients that are slower than
/// the limits are cut off. Faults of the gateway that cut connections are carried out here.
class Server {
 public:
  /// Listens on "HOST:PORT"; port 0 takes a free one. The gateway must outlive the server. Errors: Invalid for an
  /// address that is none, Unavailable when it cannot be listened on.
  static Result<std::unique_ptr<Server>> start(Gateway& gateway, const std::string& host_port,
                                               const ServerLimits& limits = {});
  /// Errors: Invalid when it is not HOST:PORT.
  static Result<void> check_address(const std::string& host_port);
  /// Whether only this machine can reach an address.
  static bool is_loopback(const std::string& host_port);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The address that is listened on, as "HOST:PORT".
  std::string address() const;
  /// Takes no new requests and waits for those at work; may be called again.
  void stop();

 private:
  class Listener;
  explicit Server(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace sluice::gateway
