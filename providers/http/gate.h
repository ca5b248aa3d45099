// The last check before bytes leave: whoever has lost the right to change a gateway sends nothing any more.
#pragma once

#include <functional>
#include <mutex>

#include "providers/http/transport.h"

namespace sluice {

/// Whether requests that change something may pass. All pass until somebody guards it. Safe to use from any thread.
class Gate {
 public:
  /// Asked at each request that changes something; nothing opens the gate again.
  void guard(std::function<bool()> open);
  /// Errors: Locked, with effect None, for a change that may not leave.
  Result<void> pass(const HttpRequest& request) const;

 private:
  mutable std::mutex mutex_;
  std::function<bool()> open_;
};

/// A gate before a transport that has none of its own. Both outlive it.
class GatedTransport final : public Transport {
 public:
  GatedTransport(Transport& inner, const Gate& gate) : inner_(inner), gate_(gate) {}
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Transport& inner_;
  const Gate& gate_;
};

}  // namespace sluice
