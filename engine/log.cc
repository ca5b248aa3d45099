#include "engine/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/output.h"
#include "plan/json.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

constexpr std::string_view kLevels[] = {"error", "warn", "info", "debug", "trace"};

std::string_view name_of(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

std::string as_json(const LogRecord& record, const std::string& timestamp) {
  Value line = Value::object();
  line.set("timestamp", timestamp).set("level", name_of(record.level)).set("message", record.message);
  for (const auto& [name, value] : record.fields) line.set(name, value);
  return write_json(line) + "\n";
}

}  // namespace

Log open_log(const Invocation& invocation, const Clock& clock) {
  const std::string level = invocation.value("log-level", "warn");
  const auto* at = std::find(std::begin(kLevels), std::end(kLevels), level);
  check(at != std::end(kLevels), "a log level that was not checked");
  const bool json = invocation.value("log-format") == "json";
  const bool quiet = invocation.has("quiet");
  return {static_cast<LogLevel>(at - std::begin(kLevels)), [json, quiet, &clock](const LogRecord& record) {
            if (quiet && record.progress) return;
            const std::string timestamp = to_rfc3339(clock.now());
            tell(json ? as_json(record, timestamp)
                      : fmt::format("{} {}: {}\n", timestamp, name_of(record.level), printable(record.message)));
          }};
}

}  // namespace sluice
