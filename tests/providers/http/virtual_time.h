// Time that passes only where somebody waits, and transports that answer from a script.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "providers/http/log.h"
#include "providers/http/timing.h"
#include "providers/http/transport.h"

namespace sluice::testing {

using std::chrono::milliseconds;

/// Starts at 2026-01-01T00:00:00Z. Every wait ends at once and is noted.
class VirtualTime {
 public:
  Timing timing() {
    return {[this] { return start_ + passed(); }, [this] { return passed(); },
            [this](milliseconds time) {
              const std::lock_guard lock(mutex_);
              if (end_ && passed_ + time > *end_) return false;
              waits_.push_back(time);
              passed_ += time;
              return true;
            },
            [this] { return chance; }};
  }
  milliseconds passed() const {
    const std::lock_guard lock(mutex_);
    return passed_;
  }
  WallTime now() const { return start_ + passed(); }
  std::vector<milliseconds> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }
  void pass(milliseconds time) {
    const std::lock_guard lock(mutex_);
    passed_ += time;
  }
  /// From then on no wait is granted.
  void end_at(milliseconds end) { end_ = end; }

  double chance = 1.0;  ///< what randomness gives: whole waits, unless said

 private:
  WallTime start_ = *parse_rfc3339("2026-01-01T00:00:00Z");
  mutable std::mutex mutex_;
  milliseconds passed_{};
  std::optional<milliseconds> end_;
  std::vector<milliseconds> waits_;
};

/// Hands each request to the next reply, the last of them again and again, and keeps what was asked.
class ScriptedTransport final : public Transport {
 public:
  using Reply = std::function<Result<HttpResponse>(const HttpRequest&)>;
  explicit ScriptedTransport(std::vector<Reply> replies) : replies_(replies.begin(), replies.end()) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    Reply reply;
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request);
      reply = replies_.front();
      if (replies_.size() > 1) replies_.pop_front();
    }
    return reply(request);
  }
  std::vector<HttpRequest> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Reply> replies_;
  std::vector<HttpRequest> asked_;
};

inline ScriptedTransport::Reply answers(int status, const std::string& body = "", HttpHeaders headers = {}) {
  return [=](const HttpRequest&) -> Result<HttpResponse> { return HttpResponse{status, headers, body}; };
}

inline ScriptedTransport::Reply breaks(ErrorKind kind, Effect effect) {
  return [=](const HttpRequest&) -> Result<HttpResponse> {
    return fail(Error{kind, "the connection broke", effect, {}});
  };
}

inline std::string error_body(const std::string& code, const std::string& message = "no") {
  return R"({"error_code":")" + code + R"(","error_msg":")" + message + R"(","request_id":"1"})";
}

/// A log that keeps everything, as one text.
class KeptLog {
 public:
  Log log(LogLevel level = LogLevel::Trace) {
    return {level, [this](const LogRecord& record) {
              const std::lock_guard lock(mutex_);
              text_ += record.message + "\n";
              for (const auto& [name, value] : record.fields) text_ += name + "=" + value + "\n";
            }};
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace sluice::testing
