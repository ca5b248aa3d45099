#include "providers/http/tracing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>

namespace sluice {
namespace {

constexpr std::string_view kHarmlessKeys[] = {"limit",       "offset", "precise_search", "action",
                                              "oas_version", "type",   "nocatalog"};
constexpr std::string_view kHarmlessHeaders[] = {"accept",
                                                 "accept-encoding",
                                                 "connection",
                                                 "content-type",
                                                 "content-encoding",
                                                 "content-length",
                                                 "date",
                                                 "host",
                                                 "retry-after",
                                                 "server",
                                                 "transfer-encoding",
                                                 "x-project-id",
                                                 "x-request-id",
                                                 "x-sdk-date",
                                                 "x-sdk-content-sha256"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view known) {
    return std::equal(known.begin(), known.end(), name.begin(), name.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  });
}

}  // namespace

std::string without_secrets(std::string_view target) {
  const std::size_t question = target.find('?');
  std::string result(target.substr(0, question));
  if (question == std::string_view::npos) return result;
  std::string_view rest = target.substr(question + 1);
  char before = '?';
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const std::string_view name = part.substr(0, part.find('='));
    result += before;
    result += is_one_of(name, kHarmlessKeys) ? std::string(part) : fmt::format("{}=***", name);
    before = '&';
  }
  return result;
}

std::string without_secrets(const HttpHeaders& headers) {
  std::string result;
  for (const auto& [name, value] : headers) {
    result += fmt::format("{}{}: {}", result.empty() ? "" : "; ", name,
                          is_one_of(name, kHarmlessHeaders) ? value : fmt::format("*** ({} bytes)", value.size()));
  }
  return result;
}

TracingTransport::TracingTransport(Transport& inner, Timing timing, Log log)
    : inner_(inner), timing_(std::move(timing)), log_(std::move(log)) {}

Result<HttpResponse> TracingTransport::send(const HttpRequest& request) {
  if (!log_.wants(LogLevel::Debug)) return inner_.send(request);
  const auto begin = timing_.steady();
  auto result = inner_.send(request);
  const std::string took = std::to_string((timing_.steady() - begin).count());
  const std::string target = without_secrets(std::string_view(request.target));
  const std::string sent = std::to_string(request.body.size());
  LogRecord record{LogLevel::Debug, "", {{"method", request.method}, {"target", target}}};
  const auto add = [&record](std::string name, std::string value) {
    record.fields.emplace_back(std::move(name), std::move(value));
  };
  if (result) {
    record.message = fmt::format("{} {}: {} in {} ms, {} bytes sent, {} received", request.method, target,
                                 result->status, took, sent, result->body.size());
    add("status", std::to_string(result->status));
    add("bytes_received", std::to_string(result->body.size()));
  } else {
    record.message = fmt::format("{} {}: no answer in {} ms, {} bytes to send: {}", request.method, target, took, sent,
                                 result.error().message);
    add("error", result.error().message);
  }
  add("milliseconds", took);
  add("bytes_sent", sent);
  log_(record);
  if (log_.wants(LogLevel::Trace)) {
    record.level = LogLevel::Trace;
    record.message = fmt::format("{} {}: request headers {}", request.method, target, without_secrets(request.headers));
    record.fields = {
        {"method", request.method}, {"target", target}, {"request_headers", without_secrets(request.headers)}};
    if (result) {
      const std::string headers = without_secrets(result->headers);
      record.message += fmt::format("; answer headers {}", headers);
      add("answer_headers", headers);
    }
    log_(record);
  }
  return result;
}

}  // namespace sluice
