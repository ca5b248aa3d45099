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

Result<Log> open_log(const Invocation& invocation, const Clock& clock) {
  const std::string level = invocation.value("log-level", "warn");
  const auto* at = std::find(std::begin(kLevels), std::end(kLevels), level);
  if (at == std::end(kLevels)) {
    return fail(ErrorKind::Invalid,
                fmt::format("--log-level cannot be \"{}\"; choose error, warn, info, debug or trace.", level));
  }
  const std::string format = invocation.value("log-format", "text");
  if (format != "text" && format != "json")
    return fail(ErrorKind::Invalid, fmt::format("--log-format cannot be \"{}\"; choose text or json.", format));
  const bool json = format == "json";
  return Log{static_cast<LogLevel>(at - std::begin(kLevels)), [json, &clock](const LogRecord& record) {
               const std::string timestamp = to_rfc3339(clock.now());
               tell(json ? as_json(record, timestamp)
                         : fmt::format("{} {}: {}\n", timestamp, name_of(record.level), printable(record.message)));
             }};
}

}  // namespace sluice
