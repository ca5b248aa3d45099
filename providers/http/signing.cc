#include "providers/http/signing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "plan/digest.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::string_view kAlgorithm = "SDK-HMAC-SHA256";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr std::string_view kBodyHash = "X-Sdk-Content-Sha256";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-_.~").find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned>(byte));
    }
  }
  return result;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      result += text[i];
    } else {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return result;
}

template <typename Use>
void split(std::string_view text, char separator, const Use& use) {
  while (true) {
    const std::size_t at = text.find(separator);
    use(text.substr(0, at));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

/// Decoded first, so that a path that is already encoded is not encoded twice. Ends in a slash, unlike on the wire.
std::string canonical_path(std::string_view path) {
  const std::string plain = decoded(path);
  std::string result;
  split(std::string_view(plain).substr(plain.starts_with('/') ? 1 : 0), '/',
        [&](std::string_view segment) { result += "/" + encoded(segment); });
  if (!result.ends_with('/')) result += '/';
  return result;
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string, std::string>> pairs;
  split(query, '&', [&](std::string_view part) {
    const std::size_t equals = part.find('=');
    if (part.empty()) return;
    pairs.emplace_back(decoded(part.substr(0, equals)),
                       equals == std::string_view::npos ? std::string() : decoded(part.substr(equals + 1)));
  });
  std::sort(pairs.begin(), pairs.end());
  std::string result;
  for (const auto& [name, value] : pairs)
    result += fmt::format("{}{}={}", result.empty() ? "" : "&", encoded(name), encoded(value));
  return result;
}

void put_header(HttpHeaders& headers, std::string_view name, std::string value) {
  std::erase_if(headers, [&](const auto& header) { return lower(header.first) == lower(name); });
  headers.emplace_back(name, std::move(value));
}

/// Only JSON is hashed: a multipart body may be large, and the service does not look at its hash.
bool body_is_hashed(const HttpRequest& request) {
  const std::string type = lower(find_header(request.headers, "Content-Type"));
  return type.empty() || type.starts_with("application/json") || type.starts_with("application/bson");
}

std::string payload_hash(const HttpRequest& request) {
  const std::string_view announced = find_header(request.headers, kBodyHash);
  // An empty body is hashed whatever was announced, as the SDK for Python does.
  return announced.empty() || request.body.empty() ? sha256_hex(request.body) : std::string(announced);
}

std::string signed_header_list(const HttpHeaders& headers) {
  std::vector<std::string> names;
  for (const auto& header : headers) {
    if (header.first.find('_') == std::string::npos) names.push_back(lower(header.first));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ";") + name;
  return list;
}

}  // namespace

std::string canonical_request(const HttpRequest& request, std::string_view signed_headers) {
  const std::string_view target = request.target;
  const std::size_t question = target.find('?');
  std::string headers;
  split(signed_headers, ';', [&](std::string_view name) {
    headers += fmt::format("{}:{}\n", name, trimmed(find_header(request.headers, name)));
  });
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(target.substr(0, question)),
                     question == std::string_view::npos ? "" : canonical_query(target.substr(question + 1)), headers,
                     signed_headers, payload_hash(request));
}

HttpRequest sign(HttpRequest request, const AccessKey& key, WallTime when) {
  const std::string date = sdk_date(when);
  std::erase_if(request.headers, [](const auto& header) { return lower(header.first) == "authorization"; });
  put_header(request.headers, "X-Sdk-Date", date);
  if (!key.security_token.empty()) put_header(request.headers, "X-Security-Token", key.security_token.reveal());
  if (!body_is_hashed(request)) put_header(request.headers, kBodyHash, std::string(kUnsigned));
  const std::string list = signed_header_list(request.headers);
  const std::string to_sign = fmt::format("{}\n{}\n{}", kAlgorithm, date, sha256_hex(canonical_request(request, list)));
  const std::string signature = hmac_sha256_hex(key.secret.reveal(), to_sign);
  request.headers.emplace_back("Authorization", fmt::format("{} Access={}, SignedHeaders={}, Signature={}", kAlgorithm,
                                                            key.id, list, signature));
  return request;
}

}  // namespace sluice
