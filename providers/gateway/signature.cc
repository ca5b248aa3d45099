#include "providers/gateway/signature.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "plan/digest.h"
#include "plan/words.h"
#include "providers/gateway/encoding.h"

namespace sluice::gateway {
namespace {

constexpr std::string_view kScheme = "SDK-HMAC-SHA256";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// Every segment encoded, with a slash at the end.
std::string canonical_path(std::string_view path) {
  std::string out;
  for (const std::string_view segment : split(path, '/')) out.append(encode_percent(segment)).append("/");
  if (path.ends_with('/')) out.pop_back();
  return out;
}

enum class Order { Encoded, Plain };

std::string canonical_query(std::string_view query, bool plus_is_space, Order order) {
  struct Pair {
    std::string key;
    std::string value;
  };
  std::vector<Pair> pairs;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    pairs.push_back({decode_percent(part.substr(0, equals), plus_is_space), decode_percent(value, plus_is_space)});
  }
  const auto encode = [&] {
    for (Pair& pair : pairs) pair = {encode_percent(pair.key), encode_percent(pair.value)};
  };
  if (order == Order::Encoded) encode();
  std::sort(pairs.begin(), pairs.end(),
            [](const Pair& a, const Pair& b) { return std::pair(a.key, a.value) < std::pair(b.key, b.value); });
  if (order == Order::Plain) encode();
  std::string out;
  for (const Pair& pair : pairs) {
    out.append(out.empty() ? "" : "&").append(pair.key).append("=").append(pair.value);
  }
  return out;
}

/// What stands for the body: a named hash counts when it is the body's, or says that the body is not signed.
std::vector<std::string> payload_hashes(const HttpRequest& request) {
  const std::string named(trim(find_header(request.headers, "X-Sdk-Content-Sha256")));
  const std::string own = sha256_hex(request.body);
  if (named.empty()) return {own};
  if (named == kUnsigned && request.body.empty()) return {named, own};
  if (named == kUnsigned || named == own) return {named};
  return {own};
}

}  // namespace

std::optional<SignatureHeader> read_signature_header(std::string_view header) {
  if (!header.starts_with(kScheme)) return std::nullopt;
  SignatureHeader out;
  for (const std::string_view part : split(header.substr(kScheme.size()), ',')) {
    const std::string_view field = trim(part);
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(std::min(equals + 1, field.size()));
    if (name == "Access") out.access_key = value;
    if (name == "Signature") out.signature = value;
    if (name != "SignedHeaders") continue;
    for (const std::string_view signed_header : split(value, ';')) out.signed_headers.push_back(lower(signed_header));
  }
  if (out.access_key.empty() || out.signed_headers.empty() || out.signature.empty()) return std::nullopt;
  return out;
}

std::optional<Now> read_sdk_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t count) {
    int value = -1;
    const char* begin = text.data() + at;
    const auto [end, code] = std::from_chars(begin, begin + count, value);
    return code == std::errc() && end == begin + count ? value : -1;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(std::max(number(4, 2), 0))),
                                         std::chrono::day(static_cast<unsigned>(std::max(number(6, 2), 0)))};
  const int hour = number(9, 2);
  const int minute = number(11, 2);
  const int second = number(13, 2);
  const bool in_day = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 61;
  if (number(0, 4) < 0 || !date.ok() || !in_day) return std::nullopt;
  return Now(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

std::vector<std::string> canonical_requests(const HttpRequest& request, const SignatureHeader& header) {
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = target.substr(std::min(mark + 1, target.size()));
  std::string headers;
  std::string names;
  for (const std::string& name : header.signed_headers) {
    headers.append(name).append(":").append(trim(find_header(request.headers, name))).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  std::vector<std::string> out;
  const auto add = [&](const std::string& uri, const std::string& parameters) {
    for (const std::string& hash : payload_hashes(request)) {
      std::string text = request.method;
      text.append("\n").append(uri).append("\n").append(parameters).append("\n").append(headers).append("\n");
      text.append(names).append("\n").append(hash);
      if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
    }
  };
  for (const std::string& uri : {canonical_path(decode_percent(path, false)), canonical_path(path)}) {
    for (const bool plus_is_space : {true, false}) {
      for (const Order order : {Order::Plain, Order::Encoded}) add(uri, canonical_query(query, plus_is_space, order));
    }
  }
  return out;
}

std::string sign(std::string_view canonical_request, std::string_view date, std::string_view secret_key) {
  std::string text(kScheme);
  text.append("\n").append(date).append("\n").append(sha256_hex(canonical_request));
  return hmac_sha256_hex(secret_key, text);
}

std::string printable(std::string_view canonical_request) {
  std::string out;
  for (const std::string_view line : split(canonical_request, '\n')) {
    if (!out.empty()) out += '|';
    const bool secret = line.starts_with("x-security-token:") || line.starts_with("x-auth-token:");
    out.append(secret ? line.substr(0, line.find(':') + 1) : line);
    if (secret) out.append("***");
  }
  return out;
}

}  // namespace sluice::gateway
