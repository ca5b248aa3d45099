// A gateway in this process, its client, and what the client sent: for tests of the whole engine without waiting.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/clock.h"
#include "plan/json.h"
#include "providers/apig/apig_provider.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"
#include "tests/support/jumping_clock.h"

namespace sluice::test {

/// Passes everything on, and keeps the requests that could change something.
class RecordingTransport final : public Transport {
 public:
  explicit RecordingTransport(Transport& next) : next_(next) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    const bool changes = request.method != "GET" && request.target.find("/openapi/async-export") == std::string::npos;
    if (changes) sent_.push_back(request);
    auto answer = next_.send(request);
    if (answer && listener_) listener_(*answer);
    return answer;
  }

  const std::vector<HttpRequest>& sent() const { return sent_; }
  void forget() { sent_.clear(); }
  void on_answer(std::function<void(const HttpResponse&)> listener) { listener_ = std::move(listener); }

 private:
  Transport& next_;
  std::vector<HttpRequest> sent_;
  std::function<void(const HttpResponse&)> listener_;
};

/// The gateway, the client that is tested, and the hand of somebody else.
class InProcessGateway {
 public:
  explicit InProcessGateway(const std::map<std::string, std::string>& quirks = {})
      : InProcessGateway(gateway::Options{.data = ":memory:", .quirks = quirks}) {}
  explicit InProcessGateway(const gateway::Options& options)
      : gateway_(open(options)),
        local_(*gateway_, [this] { return clock_.now(); }),
        recorded_(local_),
        provider_(recorded_, {{"apig", "test", "project", "instance"}, capabilities()}) {}

  /// As the engine takes them of an embedded gateway: what is named comes to be.
  static Capabilities capabilities() {
    Capabilities capabilities;
    capabilities.names_make_channels = true;
    capabilities.names_make_authorizers = true;
    return capabilities;
  }

  Clock& clock() { return clock_; }
  ApigProvider& provider() { return provider_; }
  RecordingTransport& transport() { return recorded_; }
  /// Straight to the gateway: nothing is recorded.
  Transport& wire() { return local_; }

  /// A call by hand; `path` follows the instance. What is refused is a bug of the test.
  Value call(const std::string& method, const std::string& path, const std::string& body = {}) {
    const auto answer = local_.send(
        {method, "/v2/project/apigw/instances/instance" + path, {{"Content-Type", "application/json"}}, body});
    check(answer.has_value(), "a call by hand had no answer");
    check(answer->status < 300, method + " " + path + ": " + answer->body);
    auto read = parse_json(answer->body);
    return read ? std::move(*read) : Value(answer->body);
  }

  /// An import by hand into a group that exists.
  void import(const std::string& group_id, const std::string& document) {
    std::string body;
    const std::string line = "--------by-hand";
    const auto part = [&](const std::string& head, const std::string& content) {
      body += "--" + line + "\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + content + "\r\n";
    };
    part("name=\"is_create_group\"", "false");
    part("name=\"group_id\"", group_id);
    part("name=\"api_mode\"", "override");
    part("name=\"extend_mode\"", "override");
    part("name=\"file_name\"; filename=\"api.json\"", document);
    body += "--" + line + "--\r\n";
    const auto answer = local_.send({"POST",
                                     "/v2/project/apigw/instances/instance/openapi/async-import",
                                     {{"Content-Type", "multipart/form-data; boundary=" + line}},
                                     body});
    check(answer.has_value() && answer->status < 300, answer ? answer->body : "an import by hand had no answer");
    const auto task = parse_json(answer->body);
    const std::string asked = "/async-tasks/" + std::string(task->text("task_id"));
    Value done = call("GET", asked);
    while (done.text("task_status") != "succeed" && done.text("task_status") != "failed") {
      clock_.sleep_for(std::chrono::seconds(1));
      done = call("GET", asked);
    }
    const auto result = parse_json(done.text("task_result"));
    const Value* failures = result ? result->find("failure") : nullptr;
    const bool whole = done.text("task_status") == "succeed" && (failures == nullptr || failures->items().empty());
    check(whole, "an import by hand failed: " + write_json(done));
  }

  /// The id of what is called `name` in the list at `path`, an array called `list`.
  std::string id_of(const std::string& path, const std::string& list, std::string_view name) {
    const Value found = call("GET", path + (path.find('?') == std::string::npos ? "?" : "&") + "limit=500");
    const Value* items = found.find(list);
    for (const Value& item : items == nullptr ? Value::Array() : items->items()) {
      if (item.text("name") == name) return std::string(item.text("id"));
    }
    return {};
  }
  std::string group_id(std::string_view name) { return id_of("/api-groups", "groups", name); }
  std::string environment_id(std::string_view name) {
    return name == "RELEASE" ? "DEFAULT_ENVIRONMENT_RELEASE_ID" : id_of("/envs", "envs", name);
  }
  std::string api_id(std::string_view group, std::string_view name) {
    return id_of("/apis?group_id=" + group_id(group), "apis", name);
  }

  void make_environment(const std::string& name) { call("POST", "/envs", R"({"name":")" + name + R"("})"); }
  void make_plugin(const std::string& name, const std::string& type) {
    call("POST", "/plugins",
         R"({"plugin_name":")" + name + R"(","plugin_type":")" + type +
             R"(","plugin_scope":"global","plugin_content":"{}"})");
  }

 private:
  static std::unique_ptr<gateway::Gateway> open(const gateway::Options& options) {
    auto opened = gateway::Gateway::open(options);
    check(opened.has_value(), "a gateway could not be opened");
    return std::move(*opened);
  }

  JumpingClock clock_;
  std::unique_ptr<gateway::Gateway> gateway_;
  gateway::LocalTransport local_;
  RecordingTransport recorded_;
  ApigProvider provider_;
};

/// Where durable writes cost nothing, if there is such a place: thousands of states are written by these tests.
inline std::filesystem::path memory_folder() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code ignored;
  const bool usable = std::filesystem::is_directory(memory, ignored) && ::access(memory.c_str(), W_OK) == 0;
  return usable ? memory : std::filesystem::temp_directory_path();
}

}  // namespace sluice::test
