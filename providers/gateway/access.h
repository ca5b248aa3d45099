// Who a request comes from: tokens, signatures, and the calls of the identity service that give out both.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "providers/gateway/credentials.h"
#include "providers/gateway/errors.h"
#include "providers/gateway/rules.h"

namespace sluice::gateway {

/// The front of the gateway. Without credentials everybody may enter. What it gives out lives as long as it does.
class Access {
 public:
  Access(std::optional<Credentials> credentials, Directory directory, const Rules& rules);

  /// Refuses a request for a project: 401 APIGW.0301, APIGW.0307, APIG.1002; 403 APIG.1005 for another project's
  /// credentials. Nothing when it may enter.
  std::optional<HttpResponse> refuse_entry(const HttpRequest& request, std::string_view project_id, Now now);

  /// Answers POST /v3/auth/tokens, GET /v3/projects and POST /v3.0/OS-CREDENTIAL/securitytokens; nothing for other
  /// calls. Errors have the body of the identity service.
  std::optional<HttpResponse> answer_identity(const HttpRequest& request, Now now);

  /// Whether `Authorization: Basic` names a user, or nobody needs to be named.
  bool is_user(std::string_view authorization) const;

  /// Whether everybody may enter.
  bool is_open() const { return open_; }
  /// An access key of the file or given out; null when unknown.
  const KeyEntry* find_key(std::string_view access_key) const;

 private:
  struct Failures {
    int count = 0;
    Now locked_until;
  };

  HttpResponse refuse(std::string_view code, std::string message);
  std::optional<HttpResponse> check_token(const std::string& token, std::string_view project_id, Now now);
  std::optional<HttpResponse> check_signature(const HttpRequest& request, std::string_view project_id, Now now);
  const TokenEntry* find_token(std::string_view token) const;
  const UserEntry* find_user(const Value& user) const;
  std::vector<ProjectEntry> projects_of(const UserEntry* user) const;
  HttpResponse give_token(const HttpRequest& request, Now now);
  HttpResponse list_projects(const HttpRequest& request, Now now);
  HttpResponse give_key(const HttpRequest& request, Now now);
  void forget_expired(Now now);

  bool open_;
  Credentials credentials_;
  Directory directory_;
  bool check_clock_;
  std::map<std::string, Failures, std::less<>> failures_;
  std::map<std::string, std::string, std::less<>> owners_;  ///< users by the tokens given to them
};

}  // namespace sluice::gateway
