#include "providers/http/answer.h"

#include <algorithm>
#include <charconv>

#include "plan/json.h"

namespace sluice {
namespace {

constexpr std::size_t kLargestError = std::size_t{1} << 20;
constexpr std::string_view kBlot = "***";

void replace_all(std::string& text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + kBlot.size()))
    text.replace(at, part.size(), kBlot);
}

std::string blotted(std::string text, std::span<const Secret> secrets) {
  for (const Secret& secret : secrets) {
    if (!secret.empty()) replace_all(text, secret.reveal());
  }
  return text;
}

Value blotted(const Value& value, std::span<const Secret> secrets) {
  if (value.is_string()) return {blotted(value.as_string(), secrets)};
  Value result = value;
  if (value.is_array()) {
    for (Value& item : result.mutable_items()) item = blotted(item, secrets);
  }
  if (value.is_object()) {
    for (Value::Member& member : result.mutable_members()) {
      member.key = blotted(member.key, secrets);
      member.value = blotted(member.value, secrets);
    }
  }
  return result;
}

}  // namespace

std::string error_code_of(const HttpResponse& answer) {
  if (answer.status < 400 || answer.body.empty() || answer.body.size() > kLargestError) return {};
  const auto object = parse_json(answer.body);
  return object && object->is_object() ? std::string(object->text("error_code")) : std::string();
}

bool is_throttled(const HttpResponse& answer) {
  const std::string code = error_code_of(answer);
  return code == "APIG.0308" || code == "APIG.9008" || (answer.status == 429 && !code.empty());
}

std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& answer, WallTime now) {
  const std::string_view text = find_header(answer.headers, "Retry-After");
  if (text.empty()) return std::nullopt;
  int seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool number = end == text.data() + text.size() && text[0] != '-';
  if (number && code == std::errc::result_out_of_range) return std::chrono::years(100);
  if (number && code == std::errc()) return std::chrono::seconds(seconds);
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::max(*date - now, std::chrono::milliseconds(0));
}

bool is_read(const HttpRequest& request) {
  if (request.method == "GET" || request.method == "HEAD") return true;
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  return request.method == "POST" && (path.ends_with("/openapi/async-export") || path == "/v3/auth/tokens");
}

std::string request_label(const HttpRequest& request) {
  return request.method + " " + request.target.substr(0, request.target.find('?'));
}

void blot(HttpResponse& answer, std::span<const Secret> secrets) {
  for (auto& header : answer.headers) header.second = blotted(std::move(header.second), secrets);
  // JSON spells a character in several ways, so what it says is looked at, not how.
  const bool spelled = answer.body.size() <= kLargestError && answer.body.find('\\') != std::string::npos;
  if (spelled) {
    if (const auto body = parse_json(answer.body)) answer.body = write_json(blotted(*body, secrets));
  }
  answer.body = blotted(std::move(answer.body), secrets);
}

}  // namespace sluice
