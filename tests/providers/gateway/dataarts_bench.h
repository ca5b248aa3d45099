// A gateway under test that speaks DataArts and object storage, and short ways to speak to it.
#pragma once

#include "providers/gateway/archive.h"
#include "tests/providers/gateway/bench.h"

namespace sluice::gateway::test {

inline constexpr std::string_view kFactory = "/v1/b384b9e9ab9b4ee8994c8633aabc9505/";

using Quirks = std::map<std::string, std::string>;

/// Ids are in the layout of the service; the clock stands still until it is moved.
struct Factory {
  explicit Factory(Quirks quirks = {}, Options options = {}) {
    options.quirks = std::move(quirks);
    auto opened = Gateway::open(options);
    REQUIRE(opened);
    gateway = std::move(*opened);
  }

  HttpResponse send(std::string method, std::string target, std::string body = {}, HttpHeaders headers = {}) {
    return gateway->handle({std::move(method), std::move(target), std::move(headers), std::move(body)}, now);
  }
  Answer call(std::string method, std::string_view path, std::string body = {}) {
    HttpHeaders headers{{"Content-Type", "application/json"}};
    if (!workspace.empty()) headers.emplace_back("workspace", workspace);
    if (!language.empty()) headers.emplace_back("X-Language", language);
    const HttpResponse got =
        send(std::move(method), std::string(kFactory) + std::string(path), std::move(body), headers);
    auto parsed = parse_json(got.body);
    return {got.status, got.body, parsed ? *parsed : Value()};
  }
  Answer get(std::string_view path) { return call("GET", path); }
  Answer post(std::string_view path, std::string body = {}) { return call("POST", path, std::move(body)); }

  /// Puts an archive of these files into object storage.
  void stage(const std::vector<ArchiveEntry>& files, const std::string& where = "/aaaaa/job_batch.zip") {
    REQUIRE(send("PUT", where, write_archive(files, now)).status == 200);
  }
  /// Imports what is staged; gives the task's id.
  std::string import(const std::string& policy = "OVERWRITE", const std::string& more = "") {
    const Answer made =
        post("jobs/import", R"({"path":"obs://aaaaa/job_batch.zip","sameNamePolicy":")" + policy + "\"" + more + "}");
    INFO(made.text);
    REQUIRE(made.status == 200);
    return std::string(made.body.text("taskId"));
  }
  Value task(const std::string& id) { return get("system-tasks/" + id).body; }
  std::string outcome(const std::string& id) { return std::string(task(id).text("status")); }
  /// The documents of an exported package, by their paths.
  std::map<std::string, Value> exported(const std::string& names) {
    const Answer answer = post("jobs/batch-export", R"({"jobList":[)" + names + "]}");
    INFO(answer.text);
    REQUIRE(answer.status == 200);
    return documents(answer.text);
  }
  static std::map<std::string, Value> documents(std::string_view archive) {
    const auto entries = read_archive(archive);
    REQUIRE(entries);
    std::map<std::string, Value> out;
    for (const ArchiveEntry& entry : *entries) {
      const auto parsed = parse_json(entry.bytes);
      REQUIRE(parsed);
      out.emplace(entry.path, *parsed);
    }
    return out;
  }

  std::unique_ptr<Gateway> gateway;
  std::string workspace;
  std::string language;
  Now now = Now(std::chrono::milliseconds(1'544'777'081'487));
};

/// A job that can be stored; `more` is put behind its members.
inline std::string job(const std::string& name, const std::string& more = "", const std::string& type = "BATCH") {
  return R"({"name":")" + name + R"(","processType":")" + type +
         R"(","nodes":[{"name":"n1","type":"HiveSQL","location":{"x":"-45.5","y":10},"properties":[)"
         R"({"name":"scriptName","value":"s1"}]}],"schedule":{"type":"EXECUTE_ONCE"})" +
         more + "}";
}

inline std::string script(const std::string& name, const std::string& content = "select 1") {
  return R"({"name":")" + name + R"(","type":"HiveSQL","content":")" + content + "\"}";
}

}  // namespace sluice::gateway::test
