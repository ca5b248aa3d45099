// The embedded gateway on a socket.
#pragma once

#include <memory>
#include <string>

#include "plan/result.h"
#include "providers/gateway/gateway.h"

namespace sluice::gateway {

/// An HTTP/1.1 server in front of a gateway, with the system's clock. Connections stay open between requests; bodies
/// beyond 64 MB are answered with 413 APIG.3603, clients that stall are cut off.
class Server {
 public:
  /// Listens on "HOST:PORT"; port 0 takes a free one. The gateway must outlive the server. Errors: Invalid for an
  /// address that is none, Unavailable when it cannot be listened on.
  static Result<std::unique_ptr<Server>> start(Gateway& gateway, const std::string& host_port);
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
