#include "providers/gateway/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "plan/json.h"
#include "providers/gateway/encoding.h"
#include "providers/gateway/pointers.h"
#include "providers/gateway/routes.h"
#include "providers/gateway/signature.h"

namespace sluice::gateway {
namespace {

constexpr int kMostFailures = 5;
constexpr auto kLockTime = std::chrono::minutes(5);
constexpr auto kClockTolerance = std::chrono::minutes(15);
constexpr auto kTokenLife = std::chrono::hours(24);
constexpr std::int64_t kShortestKeyLife = 900;
constexpr std::int64_t kLongestKeyLife = 86'400;
constexpr std::size_t kMostGiven = 10'000;
constexpr std::string_view kFront = "Incorrect IAM authentication information: ";

std::string random_text(std::size_t words) {
  std::random_device random;
  std::string out;
  for (std::size_t i = 0; i < words; ++i) out += fmt::format("{:08x}", random());
  return out;
}

/// The body of the identity service's refusals.
HttpResponse identity_error(int status, std::string_view title, std::string_view message) {
  Value error;
  error.set("code", status).set("message", message).set("title", title);
  Value body;
  body.set("error", std::move(error));
  return {status, {{"Content-Type", "application/json"}}, write_json(body)};
}

HttpResponse unauthorized() {
  return identity_error(401, "Unauthorized", "The request you have made requires authentication.");
}

HttpResponse bad_request(std::string_view message) { return identity_error(400, "Bad Request", message); }

bool has_method(const Value& identity, std::string_view method) {
  const auto& methods = member_of(identity, "methods").items();
  return std::any_of(methods.begin(), methods.end(), [&](const Value& m) { return m == Value(method); });
}

/// `2026-01-02T15:04:05.123000Z`.
std::string write_long_time(Now time) {
  std::string text = write_time(time);
  return text.insert(text.size() - 1, "000");
}

Value write_project(const ProjectEntry& project, std::string_view domain) {
  Value of_domain;
  of_domain.set("id", project_id_of("domain " + std::string(domain))).set("name", domain);
  Value out;
  return out.set("id", project.id).set("name", project.name).set("domain", std::move(of_domain));
}

bool is_expired(const std::optional<Now>& expires, Now now) { return expires && *expires <= now; }

}  // namespace

Access::Access(std::optional<Credentials> credentials, Directory directory, const Rules& rules)
    : open_(!credentials), directory_(std::move(directory)), check_clock_(rules.check_clock) {
  if (credentials) credentials_ = std::move(*credentials);
}

HttpResponse Access::refuse(std::string_view code, std::string message) {
  HttpResponse answer = fault_answer({std::string(code), std::move(message)});
  auto body = parse_json(answer.body);
  answer.body = write_json(body->set("request_id", random_text(4)));
  return answer;
}

const TokenEntry* Access::find_token(std::string_view token) const {
  const auto at = std::find_if(credentials_.tokens.begin(), credentials_.tokens.end(),
                               [&](const TokenEntry& entry) { return equals_secret(entry.token, token); });
  return at != credentials_.tokens.end() ? &*at : nullptr;
}

const KeyEntry* Access::find_key(std::string_view access_key) const {
  const auto at = std::find_if(credentials_.keys.begin(), credentials_.keys.end(),
                               [&](const KeyEntry& entry) { return entry.access_key == access_key; });
  return at != credentials_.keys.end() ? &*at : nullptr;
}

std::optional<HttpResponse> Access::check_token(const std::string& token, std::string_view project_id, Now now) {
  const TokenEntry* entry = find_token(token);
  if (entry == nullptr) return refuse("APIG.1002", gateway::refuse("APIG.1002").error.message);
  if (is_expired(entry->expires, now)) return refuse("APIGW.0307", "The token must be updated.");
  const bool other = !entry->project_id.empty() && !project_id.empty() && entry->project_id != project_id;
  if (other) return refuse("APIG.1005", gateway::refuse("APIG.1005").error.message);
  return std::nullopt;
}

std::optional<HttpResponse> Access::check_signature(const HttpRequest& request, std::string_view project_id, Now now) {
  const auto front = [&](std::string_view message) {
    return refuse("APIGW.0301", std::string(kFront).append(message));
  };
  const auto header = read_signature_header(find_header(request.headers, "Authorization"));
  if (!header)
    return front("the Authorization header is not SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=...");
  const KeyEntry* key = find_key(header->access_key);
  if (key == nullptr) return front(fmt::format("Get secretKey failed,ak:{},err:ak not exist", header->access_key));
  Failures& failures = failures_[key->access_key];
  if (now < failures.locked_until) return front("AK access failed to reach the limit,forbidden");
  const auto is_signed = [&](std::string_view name) {
    const auto& names = header->signed_headers;
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const std::string_view date = find_header(request.headers, "X-Sdk-Date");
  const auto time = read_sdk_date(date);
  if (!time || !is_signed("x-sdk-date")) return front("X-Sdk-Date must be there, as 20240131T080910Z, and be signed");
  if (check_clock_ && (*time > now + kClockTolerance || *time < now - kClockTolerance)) {
    return front("X-Sdk-Date is more than 15 minutes off");
  }
  const std::string_view token = find_header(request.headers, "X-Security-Token");
  const bool token_fits = equals_secret(token, key->security_token) && (token.empty() || is_signed("x-security-token"));
  if (!token_fits) return front("the X-Security-Token is not that of the access key, or is not signed");
  const auto candidates = canonical_requests(request, *header);
  const bool good = std::any_of(candidates.begin(), candidates.end(), [&](const std::string& candidate) {
    return equals_secret(sign(candidate, date, key->secret_key), header->signature);
  });
  if (!good) {
    if (++failures.count > kMostFailures) failures = {0, now + kLockTime};
    return front("verify aksk signature fail, canonicalRequest:" + printable(candidates.front()));
  }
  failures = {};
  if (is_expired(key->expires, now)) return front("token expires at " + write_time(*key->expires));
  const bool other = !key->project_id.empty() && !project_id.empty() && key->project_id != project_id;
  if (other) return refuse("APIG.1005", gateway::refuse("APIG.1005").error.message);
  return std::nullopt;
}

std::optional<HttpResponse> Access::refuse_entry(const HttpRequest& request, std::string_view project_id, Now now) {
  if (open_) return std::nullopt;
  const std::string token(find_header(request.headers, "X-Auth-Token"));
  if (!token.empty()) return check_token(token, project_id, now);
  if (!find_header(request.headers, "Authorization").empty()) return check_signature(request, project_id, now);
  return refuse("APIGW.0301", fmt::format("{}x-auth-token not found", kFront));
}

bool Access::is_user(std::string_view authorization) const {
  if (open_) return true;
  if (!authorization.starts_with("Basic ")) return false;
  const std::string pair = decode_base64(authorization.substr(6));
  const std::size_t colon = std::min(pair.find(':'), pair.size());
  const std::string_view password = std::string_view(pair).substr(std::min(colon + 1, pair.size()));
  return std::any_of(credentials_.users.begin(), credentials_.users.end(), [&](const UserEntry& user) {
    return user.name == pair.substr(0, colon) && equals_secret(user.password, password);
  });
}

const UserEntry* Access::find_user(const Value& user) const {
  const std::string_view domain = member_of(user, "domain").text("name");
  const auto at = std::find_if(credentials_.users.begin(), credentials_.users.end(), [&](const UserEntry& entry) {
    return entry.name == user.text("name") && entry.domain == domain &&
           equals_secret(entry.password, user.text("password"));
  });
  return at != credentials_.users.end() ? &*at : nullptr;
}

std::vector<ProjectEntry> Access::projects_of(const UserEntry* user) const {
  return user != nullptr && !user->projects.empty() ? user->projects : directory_.projects;
}

void Access::forget_expired(Now now) {
  std::erase_if(credentials_.tokens, [&](const TokenEntry& entry) {
    // A little longer than it is good, so that its owner is told why.
    const bool gone = is_expired(entry.expires, now - kTokenLife) && owners_.contains(entry.token);
    if (gone) owners_.erase(entry.token);
    return gone;
  });
  std::erase_if(credentials_.keys, [&](const KeyEntry& entry) { return is_expired(entry.expires, now - kTokenLife); });
}

HttpResponse Access::give_token(const HttpRequest& request, Now now) {
  const auto body = parse_json(request.body);
  if (!body) return bad_request("The body is not JSON.");
  const Value& identity = member_of(member_of(*body, "auth"), "identity");
  const Value& user = member_of(member_of(identity, "password"), "user");
  if (!has_method(identity, "password") || user.text("name").empty() || user.text("password").empty()) {
    return bad_request("auth.identity needs the method password with a user's name, password and domain.");
  }
  const UserEntry* known = find_user(user);
  if (!open_ && known == nullptr) return identity_error(401, "Unauthorized", "The username or password is wrong.");
  const Value& scope = member_of(member_of(member_of(*body, "auth"), "scope"), "project");
  const std::string name(scope.text("name"));
  const std::string id(scope.text("id"));
  std::optional<ProjectEntry> project;
  const auto projects = projects_of(known);
  for (const ProjectEntry& entry : projects) {
    if ((!id.empty() && entry.id == id) || (id.empty() && entry.name == name)) project = entry;
  }
  // Without anybody's list of projects every project comes to life.
  if (!project && projects.empty() && !(id.empty() && name.empty())) {
    project = ProjectEntry{id.empty() ? project_id_of(name) : id, name.empty() ? id : name};
  }
  if (!project && !(id.empty() && name.empty())) return unauthorized();
  forget_expired(now);
  if (owners_.size() >= kMostGiven)
    return identity_error(503, "Service Unavailable", "Too many tokens were given out.");
  const std::string token = "MIIF" + random_text(16);
  const Now expires = now + kTokenLife;
  if (!open_) credentials_.tokens.push_back({token, project ? project->id : "", expires});
  const std::string_view domain = member_of(user, "domain").text("name");
  if (!open_) owners_.emplace(token, user.text("name"));
  Value person;
  person.set("id", project_id_of("user " + std::string(user.text("name")))).set("name", user.text("name"));
  Value answer;
  answer.set("methods", Value::array({"password"})).set("expires_at", write_long_time(expires));
  answer.set("issued_at", write_long_time(now)).set("user", std::move(person));
  if (project) answer.set("project", write_project(*project, domain));
  answer.set("roles", Value::array()).set("catalog", Value::array());
  Value out;
  out.set("token", std::move(answer));
  return {201, {{"Content-Type", "application/json"}, {"X-Subject-Token", token}}, write_json(out)};
}

HttpResponse Access::list_projects(const HttpRequest& request, Now now) {
  const std::string token(find_header(request.headers, "X-Auth-Token"));
  if (refuse_entry(request, "", now)) return unauthorized();
  const auto query = read_query(request.target);
  const auto name = query.find("name");
  const auto owner = owners_.find(token);
  const UserEntry* user = nullptr;
  for (const UserEntry& entry : credentials_.users) {
    if (owner != owners_.end() && entry.name == owner->second) user = &entry;
  }
  std::vector<ProjectEntry> projects = projects_of(user);
  if (projects.empty() && name != query.end()) projects.push_back({project_id_of(name->second), name->second});
  Value list = Value::array();
  for (const ProjectEntry& project : projects) {
    if (name != query.end() && name->second != project.name) continue;
    Value item;
    item.set("id", project.id).set("name", project.name).set("description", "").set("enabled", true);
    list.push(item.set("is_domain", false));
  }
  Value links;
  links.set("self", "/v3/projects").set("next", Value()).set("previous", Value());
  Value out;
  out.set("links", std::move(links)).set("projects", std::move(list));
  return {200, {{"Content-Type", "application/json"}}, write_json(out)};
}

HttpResponse Access::give_key(const HttpRequest& request, Now now) {
  if (refuse_entry(request, "", now)) return unauthorized();
  const auto body = parse_json(request.body);
  if (!body) return bad_request("The body is not JSON.");
  const Value& identity = member_of(member_of(*body, "auth"), "identity");
  if (!has_method(identity, "token")) return bad_request("auth.identity needs the method token.");
  const Value& asked = member_of(member_of(identity, "token"), "duration_seconds");
  const std::int64_t seconds = asked.is_integer() ? asked.as_integer() : kShortestKeyLife;
  if (seconds < kShortestKeyLife || seconds > kLongestKeyLife) {
    return bad_request("duration_seconds is a number from 900 to 86400.");
  }
  forget_expired(now);
  if (credentials_.keys.size() >= kMostGiven) {
    return identity_error(503, "Service Unavailable", "Too many keys were given out.");
  }
  const TokenEntry* token = find_token(find_header(request.headers, "X-Auth-Token"));
  const KeyEntry key{"HST" + random_text(2), random_text(5), "gQpj" + random_text(16),
                     token != nullptr ? token->project_id : std::string(), now + std::chrono::seconds(seconds)};
  if (!open_) credentials_.keys.push_back(key);
  Value credential;
  credential.set("expires_at", write_long_time(*key.expires)).set("access", key.access_key);
  credential.set("secret", key.secret_key).set("securitytoken", key.security_token);
  Value out;
  out.set("credential", std::move(credential));
  return {201, {{"Content-Type", "application/json"}}, write_json(out)};
}

std::optional<HttpResponse> Access::answer_identity(const HttpRequest& request, Now now) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (request.method == "POST" && path == "/v3/auth/tokens") return give_token(request, now);
  if (request.method == "GET" && path == "/v3/projects") return list_projects(request, now);
  if (request.method == "POST" && path == "/v3.0/OS-CREDENTIAL/securitytokens") return give_key(request, now);
  return std::nullopt;
}

}  // namespace sluice::gateway
