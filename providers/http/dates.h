// Instants as HTTP, IAM and signatures write them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Milliseconds since 1970, UTC.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// "20240131T080910Z", as X-Sdk-Date wants it.
std::string sdk_date(WallTime when);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7); nothing for any other form.
std::optional<WallTime> parse_http_date(std::string_view text);

/// "2026-01-02T15:04:05.000000Z" and the like, with Z or an offset; nothing for any other form.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace sluice
