// What an answer says beyond its status, as far as the HTTP client acts on it: never its texts.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "plan/secret.h"
#include "providers/http/dates.h"
#include "providers/http/transport.h"

namespace sluice {

/// The "error_code" of a well-formed error body, else "". Source: APIG API reference, "Error Codes".
std::string error_code_of(const HttpResponse& answer);

/// Whether the service refused a request because there are too many, and says so properly: then it did nothing.
bool is_throttled(const HttpResponse& answer);

/// How long Retry-After (seconds or a date; RFC 9110, 10.2.3) asks to wait from `now` on.
std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& answer, WallTime now);

/// Whether a request changes nothing wherever it is repeated: a GET, the start of an export, a login.
bool is_read(const HttpRequest& request);

/// Method and path, for messages. The query may name things that do not belong into them.
std::string request_label(const HttpRequest& request);

/// Blots the secrets out of an answer's headers and body, which a service may have quoted.
void blot(HttpResponse& answer, std::span<const Secret> secrets);

}  // namespace sluice
