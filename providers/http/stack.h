// The transports of this folder, put together in the one right order.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "providers/http/credentials.h"
#include "providers/http/gate.h"
#include "providers/http/iam.h"
#include "providers/http/log.h"
#include "providers/http/paced.h"
#include "providers/http/poco_transport.h"
#include "providers/http/timing.h"

namespace sluice {

/// All that a run's HTTP client is made of.
struct StackSettings {
  Endpoint endpoint;
  std::string project_id = {};                          ///< for signed requests
  std::optional<std::size_t> requests_per_second = {};  ///< nothing: as many as there are
  Credential credential = {};                           ///< unless one of the next two is given
  Credentials::Fetch fetch = {};                        ///< brings a credential whenever one is needed
  std::optional<IamLogin> login = {};                   ///< log in at `iam`
  Endpoint iam = {};
  const Gate* gate = nullptr;  ///< for what changes the gateway; outlives the stack
};

/// Requests go through: repetition, credentials, pacing, tracing, and out. Logins share the pacing. Errors: Invalid
/// settings. Nothing is sent yet.
Result<std::unique_ptr<Transport>> stack(StackSettings settings, const Timing& timing, const Log& log);

}  // namespace sluice
