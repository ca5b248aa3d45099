#include "providers/gateway/object_calls.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "plan/digest.h"
#include "plan/words.h"
#include "providers/gateway/encoding.h"
#include "providers/http/dates.h"

namespace sluice::gateway {
namespace {

constexpr std::string_view kScheme = "OBS ";
constexpr std::string_view kOfHost = ".obs.";
constexpr auto kClockTolerance = std::chrono::minutes(15);

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return out;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string write_http_date(std::chrono::sys_seconds time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

struct Refusal {
  int status;
  std::string_view code;
  std::string_view message;
};

constexpr Refusal kNoSuchKey{404, "NoSuchKey", "The specified key does not exist"};
constexpr Refusal kNoSuchBucket{404, "NoSuchBucket", "The specified bucket does not exist"};
constexpr Refusal kAccessDenied{403, "AccessDenied", "Access Denied"};
constexpr Refusal kInvalidKey{403, "InvalidAccessKeyId", "The OBS Access Key Id you provided does not exist"};
constexpr Refusal kNoMatch{403, "SignatureDoesNotMatch",
                           "The request signature we calculated does not match the signature you provided"};
constexpr Refusal kSkewed{403, "RequestTimeTooSkewed",
                          "The difference between the request time and the current time is too large"};
constexpr Refusal kBadDigest{400, "BadDigest", "The Content-MD5 you specified did not match what we received"};
constexpr Refusal kBadName{400, "InvalidBucketName", "The specified bucket is not valid"};
constexpr Refusal kNotAllowed{405, "MethodNotAllowed", "The specified method is not allowed against this resource"};
constexpr Refusal kNotBuilt{400, "InvalidRequest", "The query of the request asks for what is not implemented"};
constexpr Refusal kInternal{500, "InternalError", "We encountered an internal error. Please try again"};

HttpResponse refuse_call(const ObjectCall& call, const HttpRequest& request, const Refusal& refusal) {
  std::string body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Error><Code>{}</Code><Message>{}</Message>"
      "<Resource>{}</Resource></Error>",
      refusal.code, refusal.message, escape_xml(call.resource));
  HttpResponse out{refusal.status, {{"Content-Type", "application/xml"}}, std::move(body)};
  if (request.method != "HEAD") return out;
  out.headers.emplace_back("Content-Length", "0");
  out.body.clear();
  return out;
}

/// The texts that a client may have signed: the resource as it stands in the URL, or decoded.
std::vector<std::string> texts_to_sign(const ObjectCall& call, const HttpRequest& request) {
  std::map<std::string, std::string> own_headers;
  for (const auto& [name, value] : request.headers) {
    const std::string key = lower(name);
    if (!key.starts_with("x-obs-")) continue;
    std::string& joined = own_headers[key];
    joined.append(joined.empty() ? "" : ",").append(trim(value));
  }
  std::string front = request.method;
  front.append("\n").append(find_header(request.headers, "Content-MD5"));
  front.append("\n").append(find_header(request.headers, "Content-Type"));
  front.append("\n");
  if (!own_headers.contains("x-obs-date")) front.append(find_header(request.headers, "Date"));
  front.append("\n");
  for (const auto& [name, value] : own_headers) front.append(name).append(":").append(value).append("\n");
  return {front + call.resource, front + decode_percent(call.resource, false)};
}

std::optional<Refusal> refuse_entry(const ObjectCall& call, const HttpRequest& request, const Access& access,
                                    const Rules& rules, Now now) {
  if (access.is_open()) return std::nullopt;
  std::string_view header = find_header(request.headers, "Authorization");
  if (!header.starts_with(kScheme)) return kAccessDenied;
  header = trim(header.substr(kScheme.size()));
  const std::size_t colon = std::min(header.find(':'), header.size());
  const KeyEntry* key = access.find_key(header.substr(0, colon));
  if (key == nullptr) return kInvalidKey;
  std::string_view date = find_header(request.headers, "x-obs-date");
  if (date.empty()) date = find_header(request.headers, "Date");
  const auto time = parse_http_date(date);
  if (!time) return kAccessDenied;
  const bool off = *time > now + kClockTolerance || *time < now - kClockTolerance;
  if (rules.check_clock && off) return kSkewed;
  if (!equals_secret(find_header(request.headers, "x-obs-security-token"), key->security_token)) return kInvalidKey;
  const std::string_view signature = header.substr(std::min(colon + 1, header.size()));
  const auto texts = texts_to_sign(call, request);
  const bool good = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return equals_secret(hmac_sha1_base64(key->secret_key, text), signature);
  });
  if (!good) return kNoMatch;
  if (key->expires && *key->expires <= now) return kInvalidKey;
  return std::nullopt;
}

HttpResponse show_object(const ObjectCall& call, const HttpRequest& request, Store& store, Now now) {
  auto object = find_object(store, call.path, now);
  if (!object) return refuse_call(call, request, kNoSuchKey);
  const auto modified = std::chrono::floor<std::chrono::seconds>(object->modified);
  HttpResponse out{200,
                   {{"Content-Type", object->type},
                    {"ETag", "\"" + object->md5 + "\""},
                    {"Last-Modified", write_http_date(modified)}},
                   std::move(object->bytes)};
  if (request.method != "HEAD") return out;
  out.headers.emplace_back("Content-Length", std::to_string(out.body.size()));
  out.body.clear();
  return out;
}

HttpResponse store_object(const ObjectCall& call, const HttpRequest& request, Store& store, Now now) {
  const std::string_view sum = find_header(request.headers, "Content-MD5");
  if (!sum.empty() && sum != md5_base64(request.body)) return refuse_call(call, request, kBadDigest);
  std::string type(find_header(request.headers, "Content-Type"));
  if (type.empty()) type = "binary/octet-stream";
  const Object object = put_object(store, call.path, request.body, std::move(type), now);
  return {200, {{"ETag", "\"" + object.md5 + "\""}}, ""};
}

HttpResponse change(const ObjectCall& call, const HttpRequest& request, Store& store, const Rules& rules, Now now) {
  const bool of_bucket = call.path.key.empty();
  if (of_bucket && request.method == "PUT") {
    make_bucket(store, call.path.bucket, now);
    return {200, {{"Location", "/" + call.path.bucket}}, ""};
  }
  if (!has_bucket(store, rules, call.path.bucket)) return refuse_call(call, request, kNoSuchBucket);
  if (request.method == "PUT") return store_object(call, request, store, now);
  erase_object(store, call.path);
  return {204, {}, ""};
}

bool is_service_word(std::string_view segment) {
  return segment == "v1" || segment == "v2" || segment == "v3" || segment == "v3.0";
}

}  // namespace

std::optional<ObjectCall> find_object_call(const HttpRequest& request) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (path.empty() || path.front() != '/') return std::nullopt;
  const std::string host = lower(find_header(request.headers, "Host"));
  if (const std::size_t at = host.find(kOfHost); at != std::string::npos && at > 0) {
    const std::string bucket = host.substr(0, at);
    return ObjectCall{{bucket, decode_percent(path.substr(1), false)}, "/" + bucket + std::string(path)};
  }
  const std::size_t slash = std::min(path.find('/', 1), path.size());
  const std::string bucket = decode_percent(path.substr(1, slash - 1), false);
  const std::string key = decode_percent(path.substr(std::min(slash + 1, path.size())), false);
  const bool named =
      host.starts_with(kOfHost.substr(1)) || find_header(request.headers, "Authorization").starts_with(kScheme);
  const bool by_path = !is_service_word(bucket) && is_bucket_name(bucket) && !key.empty();
  if (!named && !by_path) return std::nullopt;
  return ObjectCall{{bucket, key}, std::string(path)};
}

HttpResponse answer_object_call(const ObjectCall& call, const HttpRequest& request, Store& store, const Access& access,
                                const Rules& rules, Now now) {
  if (const auto refusal = refuse_entry(call, request, access, rules, now)) return refuse_call(call, request, *refusal);
  if (!is_bucket_name(call.path.bucket)) return refuse_call(call, request, kBadName);
  if (request.target.find('?') != std::string::npos) return refuse_call(call, request, kNotBuilt);
  const bool of_bucket = call.path.key.empty();
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const bool writes = request.method == "PUT" || request.method == "DELETE";
  if ((!reads && !writes) || (of_bucket && request.method != "PUT")) return refuse_call(call, request, kNotAllowed);
  if (reads) {
    if (!has_bucket(store, rules, call.path.bucket)) return refuse_call(call, request, kNoSuchBucket);
    return show_object(call, request, store, now);
  }
  if (!store.begin()) return refuse_call(call, request, kInternal);
  HttpResponse answer = change(call, request, store, rules, now);
  return store.commit() ? answer : refuse_call(call, request, kInternal);
}

}  // namespace sluice::gateway
