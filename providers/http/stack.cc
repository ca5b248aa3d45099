#include "providers/http/stack.h"

#include "providers/http/authorized.h"
#include "providers/http/retrying.h"
#include "providers/http/tracing.h"

namespace sluice {
namespace {

/// Owns the transports to one place, innermost first.
struct Wire {
  Wire(std::unique_ptr<Transport> socket, TokenBucket& bucket, const Timing& timing, const Log& log)
      : bytes(std::move(socket)), tracing(*bytes, timing, log), paced(tracing, bucket, timing) {}

  std::unique_ptr<Transport> bytes;
  TracingTransport tracing;
  PacedTransport paced;
};

class Stack final : public Transport {
 public:
  Stack(StackSettings settings, std::string authority, std::unique_ptr<Transport> gateway,
        std::unique_ptr<Transport> iam, const Timing& timing, const Log& log)
      : bucket_(settings.requests_per_second, timing),
        wire_(std::move(gateway), bucket_, timing, log),
        iam_(iam ? std::make_unique<Wire>(std::move(iam), bucket_, timing, log) : nullptr),
        logins_(iam_ ? std::make_unique<RetryingTransport>(iam_->paced, timing, log) : nullptr),
        credentials_(make_credentials(settings, timing, log)),
        authorized_(wire_.paced, *credentials_, {std::move(authority), settings.project_id}, timing, log),
        retrying_(authorized_, timing, log) {}

  Result<HttpResponse> send(const HttpRequest& request) override { return retrying_.send(request); }

 private:
  std::unique_ptr<Credentials> make_credentials(StackSettings& settings, const Timing& timing, const Log& log) {
    if (settings.login)
      return std::make_unique<Credentials>(login_through(*logins_, *std::move(settings.login), log), timing);
    if (settings.fetch) return std::make_unique<Credentials>(std::move(settings.fetch), timing);
    return std::make_unique<Credentials>(std::move(settings.credential));
  }

  TokenBucket bucket_;
  Wire wire_;
  std::unique_ptr<Wire> iam_;
  std::unique_ptr<RetryingTransport> logins_;
  std::unique_ptr<Credentials> credentials_;
  AuthorizedTransport authorized_;
  RetryingTransport retrying_;
};

}  // namespace

Result<std::unique_ptr<Transport>> stack(StackSettings settings, const Timing& timing, const Log& log) {
  const auto parts = parse_endpoint(settings.endpoint.url);
  if (!parts) return parts.forward();
  auto gateway = connect_to(settings.endpoint, timing.ended, settings.gate);
  if (!gateway) return gateway.forward();
  std::unique_ptr<Transport> iam;
  if (settings.login) {
    auto made = connect_to(settings.iam, timing.ended);
    if (!made) return made.forward();
    iam = *std::move(made);
  }
  return std::unique_ptr<Transport>(
      std::make_unique<Stack>(std::move(settings), parts->authority, *std::move(gateway), std::move(iam), timing, log));
}

}  // namespace sluice
