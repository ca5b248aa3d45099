#include "engine/credentials.h"

#include <fmt/format.h>

#include "engine/child_process.h"
#include "plan/json.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kCommandPatience{60};

std::string value_of(const Variables& environment, std::string_view name) {
  const auto at = environment.find(name);
  return at == environment.end() ? std::string() : at->second;
}

Unexpected<Error> half(std::string_view set, std::string_view missing) {
  return fail(ErrorKind::Denied, fmt::format("{} is set and {} is not: set both, or unset {}.", set, missing, set));
}

/// The key under PREFIX_ACCESS_KEY, PREFIX_SECRET_KEY and PREFIX_SECURITY_TOKEN; nothing when none of them is set.
Result<std::optional<AccessKey>> key_of(const Variables& environment, const std::string& prefix) {
  const std::string id_name = prefix + "_ACCESS_KEY";
  const std::string secret_name = prefix + "_SECRET_KEY";
  const std::string token_name = prefix + "_SECURITY_TOKEN";
  const std::string id = value_of(environment, id_name);
  const std::string secret = value_of(environment, secret_name);
  const std::string token = value_of(environment, token_name);
  if (id.empty() && secret.empty() && token.empty()) return std::optional<AccessKey>();
  if (id.empty()) return half(secret.empty() ? token_name : secret_name, id_name);
  if (secret.empty()) return half(id_name, secret_name);
  return std::optional<AccessKey>(AccessKey{id, Secret(secret), Secret(token)});
}

Result<std::optional<IamLogin>> login_of(const Variables& environment, const std::string& project_id) {
  IamLogin login{value_of(environment, "OS_USERNAME"), Secret(value_of(environment, "OS_PASSWORD")),
                 value_of(environment, "OS_DOMAIN_NAME"), value_of(environment, "OS_PROJECT_ID"),
                 value_of(environment, "OS_PROJECT_NAME")};
  if (login.user.empty() && login.password.empty()) return std::optional<IamLogin>();
  if (login.user.empty()) return half("OS_PASSWORD", "OS_USERNAME");
  if (login.password.empty()) return half("OS_USERNAME", "OS_PASSWORD");
  if (login.domain.empty()) return half("OS_USERNAME", "OS_DOMAIN_NAME");
  if (login.project_id.empty() && login.project_name.empty()) login.project_id = project_id;
  return std::optional<IamLogin>(std::move(login));
}

Credentials::Fetch by_command(std::vector<std::string> words, const std::string& manifest_path) {
  const std::size_t slash = manifest_path.rfind('/');
  const std::string folder = slash == std::string::npos ? std::string() : manifest_path.substr(0, slash + 1);
  return [words = std::move(words), folder]() -> Result<Credential> {
    const auto printed = run_program(words, folder, kCommandPatience);
    if (!printed) return printed.forward();
    return read_credential(*printed);
  };
}

}  // namespace

Result<Credential> read_credential(const std::string& printed) {
  const auto bad = [](std::string_view what) {
    return fail(ErrorKind::Denied, fmt::format("The credentials command did not print {}.", what));
  };
  constexpr std::string_view kShapes = R"({"token": …} or {"access_key": …, "secret_key": …} as JSON)";
  const auto json = parse_json(printed);
  if (!json || !json->is_object()) return bad(kShapes);
  Credential credential;
  const std::string token(json->text("token"));
  const std::string id(json->text("access_key"));
  const std::string secret(json->text("secret_key"));
  if (!token.empty() && id.empty() && secret.empty()) {
    credential.what = Secret(token);
  } else if (token.empty() && !id.empty() && !secret.empty()) {
    credential.what = AccessKey{id, Secret(secret), Secret(std::string(json->text("security_token")))};
  } else {
    return bad(kShapes);
  }
  const Value* expires = json->find("expires_at");
  if (expires == nullptr || expires->is_null()) return credential;
  credential.expires = parse_rfc3339(json->text("expires_at"));
  if (!credential.expires) return bad("`expires_at` as 2026-01-31T08:09:10Z");
  return credential;
}

Result<CredentialChoice> choose_credentials(const GatewaySettings& settings, const std::string& manifest_path,
                                            const Variables& environment, bool untrusted) {
  CredentialChoice choice;
  if (!settings.credentials_command.empty()) {
    if (untrusted) {
      return fail(ErrorKind::Refused,
                  "The manifest names a credentials command, and --untrusted runs none: set SLUICE_TOKEN or an access "
                  "key in the environment, and take `credentials` out.");
    }
    choice.fetch = by_command(settings.credentials_command, manifest_path);
    return choice;
  }
  if (const std::string token = value_of(environment, "SLUICE_TOKEN"); !token.empty()) {
    choice.credential.what = Secret(token);
    return choice;
  }
  for (const char* prefix : {"SLUICE", "HW"}) {
    auto key = key_of(environment, prefix);
    if (!key) return key.forward();
    if (!*key) continue;
    choice.credential.what = **std::move(key);
    return choice;
  }
  auto login = login_of(environment, settings.project_id);
  if (!login) return login.forward();
  choice.login = *std::move(login);
  return choice;
}

}  // namespace sluice
