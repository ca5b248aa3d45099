// Reaches a gateway in a cloud: its address, credentials, manners and log, from manifest, flags and environment.
#pragma once

#include <memory>
#include <string>

#include "engine/clock.h"
#include "engine/options.h"
#include "plan/manifest.h"
#include "providers/http/gate.h"
#include "providers/http/timing.h"
#include "providers/http/transport.h"

namespace sluice {

/// A gateway that can be asked. `endpoint` is where it really is, flags and regions considered.
struct ReachedGateway {
  std::string endpoint;
  std::unique_ptr<Transport> transport;
};

/// Waiting for as long as nobody asked to stop, and for no longer than the run may take.
class Patience {
 public:
  /// `clock` must outlive it.
  Patience(Clock& clock, Milliseconds deadline);
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  ~Patience();

  /// Ends every wait under way, and those to come. Safe to call from any thread.
  void end();
  /// For HTTP; the object may go before what was handed out does.
  Timing timing() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Errors: Invalid settings, Denied for missing or half credentials, Refused for what --untrusted forbids. Nothing is
/// sent yet. What changes the gateway passes `gate`, which outlives it. --insecure prints a warning.
Result<ReachedGateway> reach_cloud(const GatewaySettings& settings, const std::string& manifest_path,
                                   const Invocation& invocation, const Variables& environment, const Timing& timing,
                                   const Clock& clock, const Gate* gate = nullptr);

/// Refused when --untrusted is given and the manifest would choose what only flags may.
Result<void> check_untrusted(const GatewaySettings& settings, const Invocation& invocation);

}  // namespace sluice
