// What a run proves itself with, renewed before it expires and when it is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <variant>

#include "plan/result.h"
#include "providers/http/signing.h"
#include "providers/http/timing.h"

namespace sluice {

/// A token of IAM, an access key, or nothing at all.
struct Credential {
  std::variant<std::monostate, Secret, AccessKey> what = {};
  std::optional<WallTime> expires = {};
};

/// Hands out the credential of a run. Safe to call from several threads at once; only one of them renews.
class Credentials {
 public:
  using Fetch = std::function<Result<Credential>()>;
  /// A credential and its number; each renewal counts one up.
  struct Issued {
    Credential credential;
    std::uint64_t number = 0;
  };

  /// One that never changes.
  explicit Credentials(Credential fixed);
  /// One that `fetch` brings: now, again when less than 5 minutes or a tenth of its life is left, and when refused.
  Credentials(Fetch fetch, Timing timing);

  /// Errors are those of `fetch`, with effect None. One that says Denied is final (asking again with a wrong password
  /// would lock the account); any other is repeated for 30 seconds without asking again.
  Result<Issued> current();
  /// Another one than `refused`, which was answered with 401; nothing when there can be no other.
  std::optional<Result<Issued>> renewed(std::uint64_t refused);

 private:
  bool expires_soon() const;
  Result<Issued> fetch_locked();

  const Fetch fetch_;
  const Timing timing_;
  std::mutex mutex_;
  std::optional<Issued> issued_;
  WallTime issued_at_{};
  std::optional<Error> failure_;
  std::chrono::milliseconds failed_at_{};
};

}  // namespace sluice
