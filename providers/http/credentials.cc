#include "providers/http/credentials.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::chrono::minutes kLongestMargin{5};
constexpr std::chrono::seconds kFailureHolds{30};

}  // namespace

Credentials::Credentials(Credential fixed) : issued_(Issued{std::move(fixed), 1}) {}

Credentials::Credentials(Fetch fetch, Timing timing) : fetch_(std::move(fetch)), timing_(std::move(timing)) {}

bool Credentials::expires_soon() const {
  const auto& expires = issued_->credential.expires;
  if (!fetch_ || !expires) return false;
  const auto margin = std::min<std::chrono::milliseconds>((*expires - issued_at_) / 10, kLongestMargin);
  return timing_.now() >= *expires - margin;
}

Result<Credentials::Issued> Credentials::current() {
  const std::lock_guard lock(mutex_);
  if (issued_ && !expires_soon()) return *issued_;
  auto fresh = fetch_locked();
  // What is left of the old one is better than nothing.
  if (!fresh && issued_ && timing_.now() < *issued_->credential.expires) return *issued_;
  return fresh;
}

std::optional<Result<Credentials::Issued>> Credentials::renewed(std::uint64_t refused) {
  const std::lock_guard lock(mutex_);
  if (!fetch_) return std::nullopt;
  if (issued_ && issued_->number != refused) return *issued_;  // another thread was faster
  return fetch_locked();
}

Result<Credentials::Issued> Credentials::fetch_locked() {
  if (failure_ && (failure_->kind == ErrorKind::Denied || timing_.steady() < failed_at_ + kFailureHolds)) {
    return fail(*failure_);
  }
  auto credential = fetch_();
  if (credential && credential->expires && *credential->expires <= timing_.now()) {  // else each request would fetch
    credential = fail(ErrorKind::Denied,
                      "The credential that was just fetched has expired already: check this machine's clock.");
  }
  if (!credential) {
    failure_ = credential.error();
    failure_->effect = Effect::None;
    failed_at_ = timing_.steady();
    return fail(*failure_);
  }
  failure_.reset();
  issued_at_ = timing_.now();
  issued_ = Issued{std::move(*credential), issued_ ? issued_->number + 1 : 1};
  return *issued_;
}

}  // namespace sluice
