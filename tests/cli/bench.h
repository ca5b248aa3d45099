// The built binary in a folder of its own, and short ways to ask it.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "plan/json.h"
#include "tests/support/process.h"

namespace sluice::test {

struct Operation {
  std::string path;
  std::string description;
};
using Operations = std::vector<Operation>;

/// A Swagger file with one GET a path.
inline std::string swagger(const Operations& operations) {
  std::string paths;
  for (const Operation& operation : operations) {
    std::string id = "get" + operation.path;
    std::replace_if(
        id.begin(), id.end(), [](char c) { return c == '/' || c == '{' || c == '}'; }, '_');
    const std::string variable =
        operation.path.find("{id}") == std::string::npos
            ? ""
            : R"("parameters": [{"name": "id", "in": "path", "type": "string", "required": true}], )";
    paths += (paths.empty() ? "" : ",\n") +
             ("\"" + operation.path + R"(": {"get": {)" + variable + R"("operationId": ")" + id) +
             R"(", "description": ")" + operation.description +
             R"(", "responses": {"default": {"description": "x"}}}})";
  }
  return R"({"swagger": "2.0", "info": {"title": "t", "version": "1"}, "schemes": ["https"], "paths": {)" + paths +
         "}}\n";
}

inline std::string manifest(const std::vector<std::string>& groups, const std::string& head = "") {
  std::string text = "version: 1\n" + head + "groups:\n";
  for (const std::string& group : groups) {
    text +=
        "  - name: " + group + "\n    description: " + group + "\n    swagger: " + group +
        ".json\n    operations: {auth: none, backend: {type: HTTP, address: 'b:80', scheme: http, timeout: 5000}}\n";
  }
  return text;
}

/// The number of APIs from /a0 on.
inline Operations many(int count) {
  Operations operations;
  for (int i = 0; i < count; ++i) operations.push_back({"/a" + std::to_string(i), "one"});
  return operations;
}

/// A folder with a manifest for the group "pets" on the embedded gateway.
struct Bench {
  explicit Bench(const Operations& operations = {{"/a", "one"}, {"/b/{id}", "two"}}) {
    folder.write("sluice.yaml", manifest({"pets"}));
    pets(operations);
  }

  void pets(const Operations& operations) const { folder.write("pets.json", swagger(operations)); }

  std::unique_ptr<Process> start(std::vector<std::string> words, Process::Variables variables = {}) const {
    words.insert(words.begin(), SLUICE_BINARY);
    variables.emplace("USER", "alice");
    return std::make_unique<Process>(folder.path(), words, variables);
  }
  Finished run(const std::vector<std::string>& words, const Process::Variables& variables = {}) const {
    return start(words, variables)->wait();
  }
  Finished apply(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"apply", "--auto-approve"});
    return run(more);
  }
  /// Applies; that must end well.
  void applied() const {
    const Finished done = apply();
    INFO(done.out + done.err);
    REQUIRE(done.code == 0);
  }
  /// Nothing is left to do, and nothing moved.
  void converged() const {
    const Finished plan = run({"plan", "--detailed-exitcode"});
    INFO(plan.out + plan.err);
    CHECK(plan.code == 0);
    const Finished drift = run({"drift"});
    INFO(drift.out + drift.err);
    CHECK(drift.code == 0);
  }
  /// Somebody else's manifest and state for the same gateway.
  void changed_behind_the_back(const Operations& operations) const {
    TempFolder other;
    other.write("sluice.yaml",
                manifest({"pets"}, "gateway: {provider: embedded, data: '" + (folder / ".sluice/gateway.db") + "'}\n"));
    other.write("pets.json", swagger(operations));
    Process process(other.path(), {SLUICE_BINARY, "apply", "--auto-approve", "--adopt", "**"});
    const Finished done = process.wait();
    INFO(done.out + done.err);
    REQUIRE(done.code == 0);
  }

  TempFolder folder;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

inline Value json_of(const std::string& text) {
  auto json = parse_json(text);
  INFO(text);
  REQUIRE(json);
  return std::move(*json);
}

/// The member at "a/b/0"; null when there is none.
inline Value at(Value value, const std::string& path) {
  std::istringstream words(path);
  for (std::string word; std::getline(words, word, '/');) {
    Value next;
    if (value.is_array()) {
      const std::size_t index = std::stoul(word);
      if (index < value.items().size()) next = value.items()[index];
    } else if (const Value* found = value.find(word)) {
      next = *found;
    }
    value = next;
  }
  return value;
}

/// The events of an apply, each checked for what every event has; the last is apply_complete with the exit code.
inline std::vector<Value> events_of(const Finished& done) {
  std::vector<Value> events;
  std::istringstream lines(done.out);
  INFO(done.out + done.err);
  for (std::string line; std::getline(lines, line);) {
    events.push_back(json_of(line));
    const Value& event = events.back();
    CHECK_FALSE(event.text("type").empty());
    CHECK_FALSE(event.text("timestamp").empty());
    CHECK_FALSE(event.text("run_id").empty());
    CHECK(event.text("run_id") == events.front().text("run_id"));
  }
  REQUIRE_FALSE(events.empty());
  CHECK(events.front().text("type") == "version");
  CHECK(events.back().text("type") == "apply_complete");
  CHECK(at(events.back(), "exit_code") == Value(done.code));
  CHECK(at(events.back(), "summary").is_object());
  CHECK(at(events.back(), "converged").is_bool());
  return events;
}

inline std::vector<Value> events_of_type(const std::vector<Value>& events, std::string_view type) {
  std::vector<Value> found;
  std::copy_if(events.begin(), events.end(), std::back_inserter(found),
               [&](const Value& event) { return event.text("type") == type; });
  return found;
}

}  // namespace sluice::test
