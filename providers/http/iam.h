// Tokens for a user and password. Source: IAM API reference, "Obtaining a User Token Through Password Authentication".
#pragma once

#include <string>

#include "providers/http/credentials.h"
#include "providers/http/log.h"
#include "providers/http/transport.h"

namespace sluice {

/// Who logs in, and for which project: by id, or else by name.
struct IamLogin {
  std::string user;
  Secret password = {};
  std::string domain = {};  ///< the account that the user belongs to
  std::string project_id = {};
  std::string project_name = {};
};

/// POST /v3/auth/tokens, without the catalogue, which nobody reads.
HttpRequest login_request(const IamLogin& login);

/// The token in X-Subject-Token and when it expires. Errors: Denied for a refusal, which stays one; Unavailable and
/// Protocol otherwise.
Result<Credential> read_login(const HttpResponse& answer, const IamLogin& login);

/// Logs in through `iam`, which must outlive the result.
Credentials::Fetch login_through(Transport& iam, IamLogin login, Log log);

}  // namespace sluice
