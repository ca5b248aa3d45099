#include "providers/http/authorized.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "providers/http/answer.h"

namespace sluice {
namespace {

// The service accepts signatures of the last and the next quarter of an hour.
constexpr std::chrono::minutes kClockTolerance{14};

std::vector<Secret> secrets_of(const Credential& credential) {
  if (const auto* token = std::get_if<Secret>(&credential.what)) return {*token};
  if (const auto* key = std::get_if<AccessKey>(&credential.what))
    return {key->secret, key->security_token, Secret(key->id)};
  return {};
}

/// A code that says so under whatever status ("the token must be updated"), or a 401 whose code says nothing else:
/// those for missing permissions stand under 401 in one place of the reference and under 403 in others.
bool is_refused(const HttpResponse& answer) {
  const std::string code = error_code_of(answer);
  constexpr std::string_view kRefusals[] = {"APIG.0301", "APIG.0307", "APIGW.0301", "APIGW.0307",
                                            "APIG.1000", "APIG.1001", "APIG.1002"};
  if (std::find(std::begin(kRefusals), std::end(kRefusals), code) != std::end(kRefusals)) return true;
  return answer.status == 401 && !code.empty() && !code.starts_with("APIG.10");
}

}  // namespace

AuthorizedTransport::AuthorizedTransport(Transport& inner, Credentials& credentials, Peer peer, Timing timing, Log log)
    : inner_(inner),
      credentials_(credentials),
      peer_(std::move(peer)),
      timing_(std::move(timing)),
      log_(std::move(log)) {}

HttpRequest AuthorizedTransport::authorize(HttpRequest request, const Credential& credential) const {
  if (const auto* token = std::get_if<Secret>(&credential.what)) {
    request.headers.emplace_back("X-Auth-Token", token->reveal());
    return request;
  }
  const auto* key = std::get_if<AccessKey>(&credential.what);
  if (key == nullptr) return request;
  request.headers.emplace_back("Host", peer_.authority);
  if (!peer_.project_id.empty()) request.headers.emplace_back("X-Project-Id", peer_.project_id);
  return sign(std::move(request), *key, timing_.now());
}

Result<HttpResponse> AuthorizedTransport::send_with(const HttpRequest& request, const Credential& credential) {
  const HttpRequest authorized = authorize(request, credential);
  auto answer = inner_.send(authorized);
  if (!answer || answer->status < 400) return answer;
  std::vector<Secret> secrets = secrets_of(credential);
  const std::string authorization(find_header(authorized.headers, "Authorization"));
  if (const auto at = authorization.rfind('='); at != std::string::npos)
    secrets.emplace_back(authorization.substr(at + 1));
  blot(*answer, secrets);
  const auto date = parse_http_date(find_header(answer->headers, "Date"));
  const bool is_signed = std::holds_alternative<AccessKey>(credential.what);
  if (answer->status == 401 && is_signed && date && !error_code_of(*answer).empty()) {
    const auto off = timing_.now() - *date;
    if (off > kClockTolerance || off < -kClockTolerance) {
      return fail(
          ErrorKind::Denied,
          fmt::format("{} was refused: this machine's clock is {} minutes {}, and a signature is good for 15; "
                      "set the clock right",
                      request_label(request), std::chrono::duration_cast<std::chrono::minutes>(abs(off)).count(),
                      off.count() > 0 ? "ahead" : "behind"));
    }
  }
  return answer;
}

Result<HttpResponse> AuthorizedTransport::send(const HttpRequest& request) {
  const auto issued = credentials_.current();
  if (!issued) return issued.forward();
  auto answer = send_with(request, issued->credential);
  if (!answer || !is_refused(*answer)) return answer;
  const auto fresh = credentials_.renewed(issued->number);
  if (!fresh) return answer;
  if (!*fresh) return fresh->forward();
  log_({LogLevel::Info, request_label(request) + " was refused; sending it again with a new credential"});
  return send_with(request, (*fresh)->credential);
}

}  // namespace sluice
