#include "engine/cloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>

#include "engine/credentials.h"
#include "engine/files.h"
#include "engine/log.h"
#include "engine/output.h"
#include "providers/apig/endpoints.h"
#include "providers/http/stack.h"

namespace sluice {
namespace {

constexpr Milliseconds kNap{50};
constexpr std::size_t kRequestsPerSecond = 20;
constexpr std::size_t kIamBodyLimit = std::size_t{16} * 1024 * 1024;

std::string value_of(const Variables& environment, std::string_view name) {
  const auto at = environment.find(name);
  return at == environment.end() ? std::string() : at->second;
}

/// In either case of letters; the lower one wins, as in other tools.
std::string either(const Variables& environment, std::string_view lower, std::string_view upper) {
  const std::string value = value_of(environment, lower);
  return value.empty() ? value_of(environment, upper) : value;
}

/// No single wait on the wire is longer than the whole run may take.
void bound(Endpoint& endpoint, Milliseconds deadline) {
  const Milliseconds longest = std::max(deadline, Milliseconds(1));
  for (Milliseconds* timeout :
       {&endpoint.connect_timeout, &endpoint.send_timeout, &endpoint.receive_timeout, &endpoint.answer_timeout})
    *timeout = std::min(*timeout, longest);
}

std::string beside_unless_empty(const std::string& manifest_path, const std::string& path) {
  return path.empty() ? path : beside(manifest_path, path);
}

/// "https://iam.eu-de.otc.t-systems.com/v3" is how other tools write it; requests bring the path themselves.
std::string without_version(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with("/v3")) url.erase(url.size() - 3);
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// Addresses, by flag, manifest, region and environment.
class Addresses {
 public:
  Addresses(const GatewaySettings& settings, const Invocation& invocation, const Variables& environment)
      : settings_(settings),
        invocation_(invocation),
        environment_(environment),
        region_(settings.region.empty() ? value_of(environment, "HW_REGION_NAME") : settings.region) {}

  Result<std::string> gateway() const {
    if (invocation_.has("endpoint")) return invocation_.value("endpoint");
    if (!settings_.endpoint.empty()) return settings_.endpoint;
    const auto known = apig::region_endpoints(settings_.cloud, region_);
    if (!known) return known.forward();
    return known->gateway;
  }

  Result<std::string> iam() const {
    if (invocation_.has("iam-endpoint")) return without_version(invocation_.value("iam-endpoint"));
    const std::string from_environment = without_version(value_of(environment_, "OS_AUTH_URL"));
    if (invocation_.has("untrusted")) {  // a stranger must not say where a password goes
      if (!from_environment.empty()) return from_environment;
      return fail(ErrorKind::Refused,
                  "A login with --untrusted needs the address of IAM: say --iam-endpoint URL, or set "
                  "OS_AUTH_URL.");
    }
    if (!settings_.iam_endpoint.empty()) return without_version(settings_.iam_endpoint);
    if (region_.empty()) {
      if (!from_environment.empty()) return from_environment;
      return fail(ErrorKind::Invalid,
                  "A login needs the address of IAM: set OS_AUTH_URL, or write `iam_endpoint` or `region` into the "
                  "manifest.");
    }
    const auto known = apig::region_endpoints(settings_.cloud, region_);
    if (known) return known->iam;
    if (!from_environment.empty()) return from_environment;
    return known.forward();
  }

 private:
  const GatewaySettings& settings_;
  const Invocation& invocation_;
  const Variables& environment_;
  std::string region_;
};

Result<void> add_proxy(Endpoint& endpoint, const Variables& environment) {
  const auto parts = parse_endpoint(endpoint.url);
  if (!parts) return parts.forward();
  auto proxy = proxy_for(
      parts->host, {either(environment, "https_proxy", "HTTPS_PROXY"), either(environment, "no_proxy", "NO_PROXY")});
  if (!proxy) return proxy.forward();
  endpoint.proxy = *std::move(proxy);
  return {};
}

}  // namespace

struct Patience::State {
  State(Clock& c, Milliseconds end) : clock(c), deadline(end), random(std::random_device{}()) {}

  bool sleep(Milliseconds time) {
    const Milliseconds until = clock.steady() + time;
    if (until > deadline) return false;
    while (!ended) {
      const Milliseconds left = until - clock.steady();
      if (left <= Milliseconds(0)) return true;
      clock.sleep_for(std::min(left, kNap));
    }
    return false;
  }
  double chance() {
    const std::lock_guard lock(mutex);
    return std::uniform_real_distribution<double>(0.0, 1.0)(random);
  }

  Clock& clock;
  Milliseconds deadline;
  std::atomic<bool> ended = false;
  std::mutex mutex;
  std::mt19937 random;
};

Patience::Patience(Clock& clock, Milliseconds deadline)
    : state_(std::make_shared<State>(clock, clock.steady() + deadline)) {}

Patience::~Patience() = default;

void Patience::end() { state_->ended = true; }

Timing Patience::timing() const {
  return {[state = state_] { return state->clock.now(); }, [state = state_] { return state->clock.steady(); },
          [state = state_](Milliseconds time) { return state->sleep(time); },
          [state = state_] { return state->chance(); }, [state = state_] { return state->ended.load(); }};
}

Result<void> check_untrusted(const GatewaySettings& settings, const Invocation& invocation) {
  if (!invocation.has("untrusted")) return {};
  if (settings.provider != "embedded" && !invocation.has("endpoint")) {
    return fail(ErrorKind::Refused, "--untrusted takes the endpoint from the command line only: say --endpoint URL.");
  }
  if (settings.provider == "embedded" && settings.data != GatewaySettings().data) {
    return fail(ErrorKind::Refused, "--untrusted does not open the `data` file that the manifest names: take it out.");
  }
  if (!settings.faults.empty()) {
    return fail(ErrorKind::Refused,
                "--untrusted does not open the `faults` file that the manifest names: take it out.");
  }
  return {};
}

Result<ReachedGateway> reach_cloud(const GatewaySettings& settings, const std::string& manifest_path,
                                   const Invocation& invocation, const Variables& environment, const Timing& timing,
                                   const Clock& clock, const Gate* gate) {
  const bool untrusted = invocation.has("untrusted");
  const Addresses addresses(settings, invocation, environment);
  auto url = addresses.gateway();
  if (!url) return url.forward();
  const auto parts = parse_endpoint(*url);
  if (!parts) return parts.forward();
  auto choice = choose_credentials(settings, manifest_path, environment, untrusted);
  if (!choice) return choice.forward();
  if (choice->none() && !parts->loopback && (untrusted || settings.cert_file.empty())) {
    return fail(ErrorKind::Denied,
                "There are no credentials: set SLUICE_TOKEN, or SLUICE_ACCESS_KEY and SLUICE_SECRET_KEY, or "
                "OS_USERNAME, OS_PASSWORD and OS_DOMAIN_NAME.");
  }

  const auto deadline = parse_duration(invocation.value("deadline", "2h"));
  if (!deadline) return deadline.forward();

  StackSettings stacked{.endpoint = {.url = *url}};
  Endpoint& endpoint = stacked.endpoint;
  bound(endpoint, *deadline);
  if (!untrusted) {
    endpoint.ca_file = beside_unless_empty(manifest_path, settings.ca_file);
    endpoint.cert_file = beside_unless_empty(manifest_path, settings.cert_file);
    endpoint.key_file = beside_unless_empty(manifest_path, settings.key_file);
  }
  endpoint.insecure = invocation.has("insecure");
  if (auto proxied = add_proxy(endpoint, environment); !proxied) return proxied.forward();
  stacked.project_id = settings.project_id;
  stacked.gate = gate;
  stacked.credential = std::move(choice->credential);
  stacked.fetch = std::move(choice->fetch);
  stacked.login = std::move(choice->login);
  if (stacked.login) {
    auto iam = addresses.iam();
    if (!iam) return iam.forward();
    stacked.iam = {.url = *std::move(iam), .ca_file = endpoint.ca_file, .body_limit = kIamBodyLimit};
    stacked.iam.insecure = endpoint.insecure;
    bound(stacked.iam, *deadline);
    if (auto proxied = add_proxy(stacked.iam, environment); !proxied) return proxied.forward();
  }
  if (settings.requests_per_second > 0) {
    stacked.requests_per_second = settings.requests_per_second;
  } else if (!parts->loopback) {
    stacked.requests_per_second = kRequestsPerSecond;
  }
  if (endpoint.insecure) {
    tell(
        "WARNING: --insecure: certificates are not checked. Whoever stands between here and the gateway can read the "
        "credentials and change what is sent.\n");
  }
  auto transport = stack(std::move(stacked), timing, open_log(invocation, clock));
  if (!transport) return transport.forward();
  return ReachedGateway{*std::move(url), *std::move(transport)};
}

}  // namespace sluice
