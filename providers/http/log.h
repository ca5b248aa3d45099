// What the HTTP client tells whoever wants to watch it: records without secrets, by level.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

enum class LogLevel { Error, Warn, Info, Debug, Trace };

/// A sentence, and the same in parts for programs.
struct LogRecord {
  LogLevel level = LogLevel::Info;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields = {};
  bool progress = false;  ///< tells a person why nothing moves; not for who wants no progress
};

/// Where records go, and up to which level; nowhere when `write` is empty. Safe to use from several threads at once
/// when `write` is.
struct Log {
  LogLevel level = LogLevel::Warn;
  std::function<void(const LogRecord&)> write = {};

  bool wants(LogLevel wanted) const { return write && wanted <= level; }
  void operator()(const LogRecord& record) const {
    if (wants(record.level)) write(record);
  }
};

}  // namespace sluice
