#include "providers/http/iam.h"

#include <fmt/format.h>

#include "plan/json.h"
#include "plan/words.h"
#include "providers/http/answer.h"

namespace sluice {
namespace {

Value named(std::string_view name) {
  Value object = Value::object();
  object.set("name", name);
  return object;
}

/// What IAM says of a refusal: {"error": {"message": …}} or {"error_msg": …}.
std::string said(const HttpResponse& answer, const IamLogin& login) {
  HttpResponse clean{answer.status, {}, answer.body};
  const Secret secrets[] = {login.password};
  blot(clean, secrets);
  const auto body = parse_json(clean.body);
  if (!body || !body->is_object()) return {};
  const Value* error = body->find("error");
  const std::string_view message =
      error != nullptr && error->is_object() ? error->text("message") : body->text("error_msg");
  return message.empty() ? std::string() : fmt::format(" ({})", shown(message));
}

}  // namespace

HttpRequest login_request(const IamLogin& login) {
  Value user = named(login.user);
  user.set("password", login.password.reveal()).set("domain", named(login.domain));
  Value password = Value::object();
  password.set("user", std::move(user));
  Value identity = Value::object();
  identity.set("methods", Value::array({Value("password")})).set("password", std::move(password));
  Value project = Value::object();
  if (login.project_id.empty()) {
    project.set("name", login.project_name);
  } else {
    project.set("id", login.project_id);
  }
  Value scope = Value::object();
  scope.set("project", std::move(project));
  Value auth = Value::object();
  auth.set("identity", std::move(identity)).set("scope", std::move(scope));
  Value body = Value::object();
  body.set("auth", std::move(auth));
  return {"POST",
          "/v3/auth/tokens?nocatalog=true",
          {{"Content-Type", "application/json;charset=utf8"}, {"Accept", "application/json"}},
          write_json(body)};
}

Result<Credential> read_login(const HttpResponse& answer, const IamLogin& login) {
  if (answer.status / 100 == 2) {
    const std::string token(find_header(answer.headers, "X-Subject-Token"));
    const auto body = parse_json(answer.body);
    const Value* inner = body && body->is_object() ? body->find("token") : nullptr;
    if (token.empty() || inner == nullptr || !inner->is_object()) {
      return fail(ErrorKind::Protocol, "IAM answered the login without a token: check that iam_endpoint is IAM");
    }
    return Credential{Secret(token), parse_rfc3339(inner->text("expires_at"))};
  }
  const bool passing = answer.status >= 500 || answer.status == 429;
  return fail(
      passing ? ErrorKind::Unavailable : ErrorKind::Denied,
      fmt::format("the login of {} in {} was answered with status {}{}: {}", login.user, login.domain, answer.status,
                  said(answer, login),
                  passing ? "try again later" : "check OS_USERNAME, OS_PASSWORD, OS_DOMAIN_NAME and the project"));
}

Credentials::Fetch login_through(Transport& iam, IamLogin login, Log log) {
  return [&iam, login = std::move(login), log = std::move(log)]() -> Result<Credential> {
    const auto answer = iam.send(login_request(login));
    if (!answer) return answer.forward();
    auto credential = read_login(*answer, login);
    if (credential) log({LogLevel::Info, fmt::format("logged in as {}", login.user)});
    return credential;
  };
}

}  // namespace sluice
