// Faults on purpose: the file, when they strike, and what they do.
#include "providers/gateway/faults.h"

#include <fstream>
#include <iterator>

#include "providers/gateway/local_transport.h"
#include "tests/providers/gateway/bench.h"

using namespace sluice;
using namespace sluice::gateway::test;
using gateway::Faults;

namespace {

Faults faults(const std::string& text) {
  auto read = Faults::read({"faults.yaml", text});
  for (const Diagnostic& finding : read.diagnostics) UNSCOPED_INFO(to_string(finding.at) << ": " << finding.summary);
  REQUIRE(read.value);
  return std::move(*read.value);
}

Bench with(const std::string& text, std::chrono::milliseconds latency = {}) {
  gateway::Options options;
  options.faults = faults(text);
  options.latency = latency;
  return Bench(std::move(options));
}

std::string finding(const std::string& text) {
  const auto read = Faults::read({"faults.yaml", text});
  CHECK(read.value.has_value() == read.diagnostics.empty());
  return read.diagnostics.empty() ? "" : to_string(read.diagnostics[0].at) + ": " + read.diagnostics[0].summary;
}

const std::string kTwo =
    document(R"("/a":{"get":)" + mock_operation("API_a") + R"(},"/b":{"get":)" + mock_operation("API_b") + "}");

Answer import_later(Bench& bench, const std::string& group) {
  return bench.form("/openapi/async-import",
                    {{"is_create_group", "false"}, {"group_id", group}, {"api_mode", "override"}}, &kTwo);
}

std::string task_path(const Answer& accepted) { return "/async-tasks/" + std::string(accepted.body.text("task_id")); }

Value count_apis(Bench& bench) { return at(bench.get("/apis").body, {"total"}); }

}  // namespace

TEST_CASE("every example of the README is read, and so is the list of actions") {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/providers/gateway/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  const std::size_t section = readme.find("## Faults");
  REQUIRE(section != std::string::npos);
  const std::size_t end_of_section = readme.find("\n## ", section);
  std::size_t examples = 0;
  for (std::size_t at = readme.find("```yaml\n", section); at < end_of_section; at = readme.find("```yaml\n", at + 8)) {
    const std::size_t begin = at + 8;
    CHECK_FALSE(faults(readme.substr(begin, readme.find("```", begin) - begin)).empty());
    ++examples;
  }
  CHECK(examples >= 2);
  for (const char* action : {"refuse", "reset", "truncate", "drop", "delay", "status", "malformed", "stuck",
                             "failed_task", "partial_failure", "ignored", "lost_task", "foreign_change"}) {
    INFO(action);
    CHECK_FALSE(faults(std::string("[{action: ") + action + "}]").empty());
    CHECK(readme.find(std::string("| `") + action + "` |", section) < end_of_section);
  }
}

TEST_CASE("mistakes in a file of faults have their place") {
  CHECK(finding("- {action: delya}") == "faults.yaml:1:12: \"delya\" is no action.");
  CHECK(finding("- {method: GET}") == "faults.yaml:1:3: \"action\" is missing here.");
  CHECK(finding("- {action: drop, nth: 0}") == "faults.yaml:1:23: \"nth\" must be a whole number from 1 to 1000000.");
  CHECK(finding("- {action: drop, nht: 1}") == "faults.yaml:1:23: \"nht\" is not known here.");
  CHECK(finding("- {action: drop, status: 500}") == "faults.yaml:1:26: \"status\" is not known here.");
  CHECK(finding("- {action: drop, nth: 1, every: 2}") ==
        "faults.yaml:1:3: Only one of \"nth\", \"every\" and \"probability\" can say when.");
  CHECK(finding("- {action: drop, probability: 2}") ==
        "faults.yaml:1:31: \"probability\" must be a number from 0 to 1.");
  CHECK(finding("{seed: x, faults: []}") ==
        "faults.yaml:1:8: \"seed\" must be a whole number from 0 to " + std::to_string(INT64_MAX) + ".");
  CHECK(finding("just words") ==
        "faults.yaml:1:1: A file of faults is a list of rules, or an object with `seed` and `faults`.");
  CHECK_FALSE(finding("- [").empty());
  CHECK(finding("[]").empty());
}

TEST_CASE("rules strike by method, path, number and chance") {
  Faults some = faults(R"(
- {method: GET, path: "**/envs", nth: 2, action: status, status: 503}
- {path: "/v2/*/apigw/**", every: 3, action: delay, milliseconds: 5}
)");
  const auto meets = [&](const char* method, const char* path) {
    const gateway::Encounter met = some.meet(method, path);
    return std::string(met.answer ? "answer" : "") + (met.delivery.delay.count() > 0 ? "delay" : "");
  };
  const char* envs = "/v2/p/apigw/instances/i/envs";
  CHECK(meets("GET", envs).empty());
  CHECK(meets("POST", envs).empty());
  CHECK(meets("GET", envs) == "answerdelay");
  CHECK(meets("GET", envs).empty());
  CHECK(meets("GET", "/v3/envs").empty());
  const auto strikes = [](const std::string& seed) {
    Faults chance = faults("{seed: " + seed + ", faults: [{probability: 0.3, action: drop}]}");
    std::string out;
    for (int i = 0; i < 200; ++i) out += chance.meet("GET", "/").delivery.cut == gateway::Cut::Drop ? '1' : '0';
    return out;
  };
  CHECK(strikes("7") == strikes("7"));
  CHECK(strikes("7") != strikes("8"));
  const std::string sevens = strikes("7");
  const auto hits = std::count(sevens.begin(), sevens.end(), '1');
  CHECK(hits > 30);
  CHECK(hits < 90);
}

TEST_CASE("answers are replaced, late or spoiled") {
  Bench bench = with(R"(
- {method: GET, path: "**/envs", nth: 1, action: status, status: 503, retry_after: 2, error_code: APIG.3500}
- {method: POST, path: "**/api-groups", nth: 1, action: status, status: 502, when: after, body: "<html>bad gateway"}
- {method: POST, path: "**/api-groups", nth: 2, action: status, status: 429}
- {method: GET, path: "**/api-groups", nth: 1, action: malformed}
)");
  const auto served = bench.gateway->serve({"GET", std::string(kBase) + "/envs", {}, {}}, bench.now);
  CHECK(served.answer.status == 503);
  CHECK(find_header(served.answer.headers, "retry-after") == "2");
  CHECK(served.answer.body == R"({"error_code":"APIG.3500","error_msg":"Failed to synchronize data to etcd"})");
  CHECK(bench.get("/envs").status == 200);
  const Answer lost = bench.post("/api-groups", R"({"name":"made"})");
  CHECK(lost.status == 502);
  CHECK(lost.text == "<html>bad gateway");
  CHECK(bench.post("/api-groups", R"({"name":"not_made"})").code() == "APIG.9008");
  CHECK(bench.get("/api-groups").text == R"({"task_id": "d9ce8c9e)");
  CHECK(at(bench.get("/api-groups").body, {"total"}) == Value(1));
}

TEST_CASE("a local transport turns cuts into errors with the right effect") {
  struct Row {
    std::string action;
    Effect effect;
    bool made;
  };
  for (const Row& row :
       {Row{"action: refuse", Effect::None, false}, Row{"action: reset, when: before", Effect::Unknown, false},
        Row{"action: reset, when: during", Effect::Unknown, true}, Row{"action: drop", Effect::Unknown, true},
        Row{"action: truncate", Effect::Unknown, true}}) {
    INFO(row.action);
    Bench bench = with("- {method: POST, nth: 1, " + row.action + "}\n- {action: delay, milliseconds: 70}");
    std::chrono::milliseconds waited{0};
    gateway::LocalTransport transport(
        *bench.gateway, [&] { return bench.now; }, [&](std::chrono::milliseconds time) { waited += time; });
    const auto answer = transport.send({"POST", std::string(kBase) + "/api-groups", {}, R"({"name":"maybe"})"});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::Unavailable);
    CHECK(answer.error().effect == row.effect);
    CHECK(waited.count() == 70);
    CHECK(at(bench.get("/api-groups").body, {"total"}) == Value(row.made ? 1 : 0));
  }
}

TEST_CASE("tasks are stuck, fail or get lost") {
  Bench stuck = with("- {path: '**/openapi/async-import', nth: 1, action: stuck}");
  std::string group = stuck.group();
  const Answer first = import_later(stuck, group);
  stuck.now += std::chrono::hours(48);
  CHECK(stuck.get(task_path(first)).body.text("task_status") == "processing");
  // The next one into the same group waits for it, one into another group does not.
  CHECK(stuck.get(task_path(import_later(stuck, group))).body.text("task_status") == "waiting");
  CHECK(stuck.get(task_path(import_later(stuck, stuck.group("other")))).body.text("task_status") == "succeed");

  Bench failed = with("- {path: '**/openapi/async-*', action: failed_task, error_code: APIG.3500}");
  group = failed.group();
  const Answer task = failed.get(task_path(import_later(failed, group)));
  CHECK(task.body.text("task_status") == "failed");
  CHECK(task.body.text("task_result") ==
        R"({"error_code":"APIG.3500","error_msg":"Failed to synchronize data to etcd"})");
  CHECK(count_apis(failed) == Value(0));
  const Answer exported = failed.post("/openapi/async-export",
                                      R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":")" + group + R"("})");
  CHECK(failed.get(task_path(exported)).body.text("task_status") == "failed");

  Bench lost = with("- {path: '**/openapi/async-import', action: lost_task}", std::chrono::seconds(1));
  group = lost.group();
  const Answer accepted = import_later(lost, group);
  CHECK(accepted.status == 202);
  CHECK(lost.get(task_path(accepted)).code() == "APIG.3093");
  lost.now += std::chrono::seconds(2);
  CHECK(lost.get(task_path(accepted)).code() == "APIG.3093");
  CHECK(count_apis(lost) == Value(2));

  Bench later = with("- {method: GET, path: '**/async-tasks/*', nth: 2, action: lost_task}", std::chrono::seconds(1));
  group = later.group();
  const Answer poll = import_later(later, group);
  CHECK(later.get(task_path(poll)).status == 200);
  CHECK(later.get(task_path(poll)).code() == "APIG.3093");
  later.now += std::chrono::seconds(2);
  CHECK(later.get(task_path(poll)).code() == "APIG.3093");
  CHECK(count_apis(later) == Value(2));
}

TEST_CASE("some operations of an import fail or are ignored") {
  Bench bench = with(R"(
- {path: "**/openapi/async-import", nth: 1, action: partial_failure, count: 1, error_code: APIG.3500}
- {path: "**/openapi/async-import", nth: 2, action: ignored, count: 1}
)");
  const std::string group = bench.group();
  const Answer partly = bench.get(task_path(import_later(bench, group)));
  CHECK(partly.body.text("task_status") == "succeed");
  auto result = parse_json(partly.body.text("task_result"));
  REQUIRE(result);
  CHECK(at(*result, {"success", "0", "path"}) == Value("/a"));
  CHECK(at(*result, {"failure", "0", "path"}) == Value("/b"));
  CHECK(at(*result, {"failure", "0", "error_code"}) == Value("APIG.3500"));
  CHECK(count_apis(bench) == Value(1));
  result = parse_json(bench.get(task_path(import_later(bench, group))).body.text("task_result"));
  REQUIRE(result);
  CHECK(at(*result, {"ignore", "0", "path"}) == Value("/a"));
  CHECK(at(*result, {"success", "0", "path"}) == Value("/b"));
  result = parse_json(bench.get(task_path(import_later(bench, group))).body.text("task_result"));
  CHECK(at(*result, {"success"}).items().size() == 2);
}

TEST_CASE("somebody else changes an API between two requests") {
  Bench bench = with(R"(
- {path: "**/envs", nth: 1, action: foreign_change, api: "GET /b"}
- {path: "**/envs", nth: 2, action: foreign_change, change: offline, api: "GET /a"}
- {path: "**/envs", nth: 3, action: foreign_change, change: delete, api: "GET /a"}
- {path: "**/envs", nth: 4, action: foreign_change, change: publish, api: "GET /b"}
- {path: "**/envs", nth: 5, action: foreign_change, api: "GET /nothing"}
)");
  const std::string group = bench.group();
  bench.published(group, 2);
  const auto api = [&](const std::string& path) {
    const Answer list = bench.get("/apis?precise_search=req_uri&req_uri=" + path);
    return at(list.body, {"apis", "0"});
  };
  const std::string before(api("/b").text("publish_time"));
  bench.get("/envs");
  CHECK(api("/b").text("remark") == "changed by somebody else");
  CHECK(api("/a").text("remark").empty());
  bench.get("/envs");
  CHECK(api("/a").text("run_env_id").empty());
  bench.get("/envs");
  CHECK(api("/a").is_null());
  bench.now += std::chrono::seconds(1);
  bench.get("/envs");
  CHECK(api("/b").text("publish_time") != before);
  CHECK(bench.get("/envs").status == 200);
}

TEST_CASE("a stuck task outlives a restart") {
  const std::string file = "fault_test.db";
  std::remove(file.c_str());
  std::string path;
  {
    gateway::Options options;
    options.data = file;
    options.faults = faults("- {path: '**/openapi/async-import', action: stuck}");
    Bench bench(options);
    path = task_path(import_later(bench, bench.group()));
  }
  gateway::Options options;
  options.data = file;
  Bench bench(options);
  bench.now += std::chrono::hours(5);
  CHECK(bench.get(path).body.text("task_status") == "processing");
  for (const char* end : {"", "-wal", "-shm"}) std::remove((file + end).c_str());
}
