// Where a run's credentials come from: a command of the manifest, or the environment.
#pragma once

#include <optional>
#include <string>

#include "plan/manifest.h"
#include "providers/http/iam.h"

namespace sluice {

/// What to prove oneself with: one of three, or none at all.
struct CredentialChoice {
  Credential credential = {};
  Credentials::Fetch fetch = {};
  std::optional<IamLogin> login = {};
  bool none() const { return std::holds_alternative<std::monostate>(credential.what) && !fetch && !login.has_value(); }
};

/// In this order: `credentials.command`, SLUICE_TOKEN, SLUICE_ACCESS_KEY and its like, HW_ACCESS_KEY, OS_USERNAME.
/// The first that is there is taken. Errors: Denied when half of it is missing; Refused for a command when the manifest
/// is `untrusted`. A login's project is OS_PROJECT_ID, else OS_PROJECT_NAME, else the manifest's.
Result<CredentialChoice> choose_credentials(const GatewaySettings& settings, const std::string& manifest_path,
                                            const Variables& environment, bool untrusted);

/// What a credentials command printed: {"token": …} or {"access_key": …, "secret_key": …, "security_token": …}, and
/// "expires_at" (RFC 3339) where it expires. Errors: Denied; they never hold what was printed.
Result<Credential> read_credential(const std::string& printed);

}  // namespace sluice
