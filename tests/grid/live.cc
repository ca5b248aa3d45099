#include <fmt/format.h>

#include "tests/grid/grid.h"

namespace sluice::test {
namespace {

const std::vector<std::string> kPlan = {"plan"};
const std::vector<std::string> kApply = {"apply", "plan.json"};

/// A call that the steps make: what it matches, and which of them is meant.
struct Call {
  std::string step;
  std::string match;
  std::string nth;
  std::vector<std::string> words;
  bool sends = false;  ///< the one that changes something
  bool after = false;  ///< comes when something was sent
};

std::vector<Call> calls() {
  const std::string start = "method: POST, path: '**/openapi/async-export'";
  const std::string poll = "method: GET, path: '**/async-tasks/*'";
  const std::string send = "method: POST, path: '**/openapi/async-import'";
  return {{"P3", start, "1", kPlan},
          {"P4", poll, "1", kPlan},
          {"A3", start, "1", kApply},
          {"A5", send, "1", kApply, true},
          {"A7", poll, "$POLL", kApply, false, true},
          {"A9", start, "$LOOK", kApply, false, true}};
}

std::string rule(const Call& call, const std::string& action) {
  return fmt::format("{{{}, nth: {}, action: {}}}", call.match, call.nth, action);
}

}  // namespace

std::vector<Live> live_cells() {
  std::vector<Live> cells;
  /// `send` is empty where that call's cell is another's.
  const auto everywhere = [&](const std::string& fault, const std::string& action, std::vector<int> reads,
                              std::vector<int> send, std::vector<int> after) {
    for (const Call& call : calls()) {
      if (call.sends && send.empty()) continue;
      cells.push_back({call.step, fault, rule(call, action), call.words,
                       call.sends   ? send
                       : call.after ? after
                                    : reads});
    }
  };
  everywhere("connection refused", "refuse", {0}, {}, {0});
  everywhere("reset in mid-answer", "reset, when: during", {0}, {3, 5}, {0});
  everywhere("timeout after accepting", "drop", {0}, {3, 5}, {0});
  everywhere("401 token expired", "status, status: 401, error_code: APIG.0307", {0}, {0}, {0});
  everywhere("403 denied", "status, status: 403, error_code: APIG.1005", {1}, {1, 3}, {3, 5});
  everywhere("429 with Retry-After", "status, status: 429, retry_after: 1", {0}, {0}, {0});
  everywhere("429 without", "status, status: 429", {0}, {0}, {0});
  everywhere("5xx", "status, status: 503, when: before", {0}, {3, 5}, {0});
  everywhere("malformed answer", "malformed", {0}, {3, 5}, {0});
  everywhere("truncated answer", "truncate, bytes: 10", {0}, {3, 5}, {0});
  for (const auto& [fault, action] :
       {std::pair("reset in mid-answer", "reset, when: during"), std::pair("timeout after accepting", "drop"),
        std::pair("malformed answer", "malformed"), std::pair("truncated answer", "truncate, bytes: 500")})
    cells.push_back({"P5",
                     fault,
                     fmt::format("{{method: GET, path: '**/async-tasks/*', nth: 2, action: {}}}", action),
                     kPlan,
                     {0}});
  // Faults that do not pass.
  cells.push_back({"P3", "connection refused", "{path: '/v2/**', action: refuse}", kPlan, {1}});
  cells.push_back(
      {"A5", "reset in mid-answer", "{method: POST, path: '**/openapi/async-import', action: refuse}", kApply, {5}});
  cells.push_back({"A5",
                   "5xx",
                   "{method: POST, path: '**/openapi/async-import', action: status, status: 500, when: after}",
                   kApply,
                   {3, 5}});
  cells.push_back({"A5",
                   "timeout after accepting",
                   "{method: POST, path: '**/apis/publish', nth: 1, action: drop}",
                   kApply,
                   {0, 3, 5}});
  // Tasks that go wrong: the rule meets the call that makes them.
  const Call started{"", "method: POST, path: '**/openapi/async-export'", "1", {}};
  const Call imported{"", "method: POST, path: '**/openapi/async-import'", "1", {}};
  const Call looked{"", "method: POST, path: '**/openapi/async-export'", "$LOOK", {}};
  const std::vector<std::string> impatient_plan = {"plan", "--timeout", "1s"};
  const std::vector<std::string> impatient = {"apply", "plan.json", "--timeout", "1s"};
  cells.push_back({"P4", "task stuck", rule(started, "stuck"), impatient_plan, {1}});
  cells.push_back({"A3", "task stuck", rule(started, "stuck"), impatient, {1}});
  cells.push_back({"A7", "task stuck", rule(imported, "stuck"), impatient, {5}, false});
  cells.push_back({"A9", "task stuck", rule(looked, "stuck"), impatient, {5}});
  cells.push_back({"P4", "task failed", rule(started, "failed_task"), kPlan, {0, 1}});
  cells.push_back({"A3", "task failed", rule(started, "failed_task"), kApply, {0, 1}});
  cells.push_back({"A7", "task failed", rule(imported, "failed_task"), kApply, {3}});
  cells.push_back({"A9", "task failed", rule(looked, "failed_task"), kApply, {0, 5}});
  cells.push_back({"P4", "task record vanished", rule(started, "lost_task"), kPlan, {0}});
  cells.push_back({"A3", "task record vanished", rule(started, "lost_task"), kApply, {0}});
  cells.push_back({"A7", "task record vanished", rule(imported, "lost_task"), kApply, {0, 3, 5}});
  cells.push_back({"A9", "task record vanished", rule(looked, "lost_task"), kApply, {0}});
  cells.push_back({"A8", "partial failure", rule(imported, "partial_failure"), kApply, {3}});
  cells.push_back({"A8", "ignored entries", rule(imported, "ignored"), kApply, {3}});
  // What others do meanwhile.
  const std::string edit = "foreign_change, change: edit, api: 'GET /a'";
  const std::string remove = "foreign_change, change: delete, api: 'GET /a'";
  cells.push_back({"P3", "target deleted", "", kPlan, {1}, true, "no instance"});
  cells.push_back({"A3", "target deleted", rule(started, remove), kApply, {4}});
  cells.push_back({"A5", "target deleted", rule(imported, remove), kApply, {0, 3, 5}});
  cells.push_back({"A9", "target deleted", rule(looked, remove), kApply, {3}});
  cells.push_back({"A3", "live changed", rule(started, edit), kApply, {4}});
  cells.push_back({"A5", "live changed", rule(imported, edit), kApply, {0, 3}});
  cells.push_back({"A9", "live changed", rule(looked, edit), kApply, {3}});
  // Signals, and a disk that is full.
  const std::string slow = "delay, milliseconds: 1500";
  cells.push_back({"A3", "SIGINT", rule(started, slow), kApply, {130}, true, "", 700});
  cells.push_back({"A5", "SIGINT", rule(imported, slow), kApply, {130}, true, "", 700});
  cells.push_back({"A9", "SIGINT", rule(looked, slow), kApply, {130}, true, "", 700});
  cells.push_back({"P6", "disk full", "", {"plan", "--out", "new.json"}, {1}, true, "full disk"});
  return cells;
}

}  // namespace sluice::test
