#include "tests/simulation/watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/digest.h"
#include "plan/json.h"

namespace sluice::simulation {
namespace {

/// The path behind the instance, with ids taken out.
std::string shape_of(const HttpRequest& request) {
  const std::string instance = "/instances/instance";
  std::string path = request.target.substr(request.target.find(instance) + instance.size());
  if (const auto query = path.find("?action="); query != std::string::npos) {
    path.erase(query, 1);  // an action is part of what is asked for
  } else {
    path = path.substr(0, path.find('?'));
  }
  std::string shape;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string part = path.substr(at, end - at);
    const bool id = std::any_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    shape += id ? "/{}" : part;
    at = end;
  }
  return request.method + " " + shape;
}

/// The kinds of steps that a request may belong to.
std::set<StepKind> kinds_of(const HttpRequest& request) {
  static const std::map<std::string, std::set<StepKind>> known = {
      {"POST /api-groups", {StepKind::CreateGroup}},
      {"PUT /api-groups/{}", {StepKind::UpdateGroup}},
      {"DELETE /api-groups/{}", {StepKind::DeleteGroup}},
      {"POST /api-groups/{}/gateway-responses", {StepKind::CreateResponse}},
      {"PUT /api-groups/{}/gateway-responses/{}", {StepKind::UpdateResponse}},
      {"DELETE /api-groups/{}/gateway-responses/{}", {StepKind::DeleteResponse}},
      {"POST /openapi/async-import", {StepKind::Import}},
      {"POST /apis/publishaction=online", {StepKind::Publish}},
      {"POST /apis/publishaction=offline", {StepKind::Offline}},
      {"DELETE /apis/{}", {StepKind::DeleteApi}},
      {"DELETE /throttles/{}", {StepKind::DeletePolicy}},
      {"DELETE /acls/{}", {StepKind::DeletePolicy}},
      {"POST /throttle-bindings", {StepKind::Bind}},
      {"POST /acl-bindings", {StepKind::Bind}},
      {"POST /plugins/{}/attach", {StepKind::Bind}},
      {"PUT /throttle-bindingsaction=delete", {StepKind::Unbind}},
      {"PUT /acl-bindingsaction=delete", {StepKind::Unbind}},
      {"PUT /plugins/{}/detach", {StepKind::Unbind}},
  };
  const auto at = known.find(shape_of(request));
  if (at == known.end()) throw Violation{"a request that no step asks for: " + shape_of(request)};
  return at->second;
}

HttpResponse answer(int status, const std::string& code, HttpHeaders headers = {}) {
  headers.emplace_back("Content-Type", "application/json");
  return {status, std::move(headers), R"({"error_code":")" + code + R"(","error_msg":"simulated"})"};
}

Unexpected<Error> no_answer(const HttpRequest& request, Effect effect) {
  return fail({ErrorKind::Unavailable, request.method + " " + request.target + " failed: simulated", effect, {}});
}

std::string task_of(const Result<HttpResponse>& answered) {
  if (!answered) return {};
  const auto body = parse_json(answered->body);
  return body ? std::string(body->text("task_id")) : std::string();
}

/// The id of the task that a request asks about; "" when it asks about something else.
std::string asked_task(const HttpRequest& request) {
  const std::string tasks = "/async-tasks/";
  const auto at = request.target.find(tasks);
  return at == std::string::npos ? std::string() : request.target.substr(at + tasks.size());
}

}  // namespace

bool is_change(const HttpRequest& request) {
  return request.method != "GET" && request.target.find("/openapi/async-export") == std::string::npos;
}

std::optional<Kind> Watch::next(Where where, int& count) {
  const auto kind = world.strike(run, where, ++count);
  if (kind == Kind::KillBefore) throw Killed{};
  return kind;
}

void Watch::opened(std::int64_t id, const Intent& intent) {
  sending_.emplace(id, intent);
  for (const IntendedResource& resource : intent.resources) named.insert(resource.address);
  const bool one_by_one = intent.kind == StepKind::DeleteApi || intent.kind == StepKind::DeletePolicy ||
                          intent.kind == StepKind::DeleteResponse;
  allowed_ += one_by_one ? intent.resources.size() : 1;
}

void Watch::expect_allowed(const HttpRequest& request) {
  const std::set<StepKind> kinds = kinds_of(request);
  const bool intended = std::any_of(sending_.begin(), sending_.end(),
                                    [&](const auto& intent) { return kinds.contains(intent.second.kind); });
  if (!intended) throw Violation{"a request was sent without an open intent: " + shape_of(request)};
  if (lost_.contains(key_of(request)))
    throw Violation{"a request whose answer was lost was sent again without looking: " + shape_of(request)};
}

void Watch::expect_few() const {
  const std::size_t sent = static_cast<std::size_t>(carried_out + sure_faults);
  if (sent > allowed_ + static_cast<std::size_t>(sure_faults))
    throw Violation{fmt::format("{} requests were carried out for {} in the steps", carried_out, allowed_)};
}

Result<HttpResponse> FaultyTransport::send(const HttpRequest& request) {
  const bool change = is_change(request);
  watch_.world.deliver_late();
  if (request.target.find("/openapi/async-export") != std::string::npos) {
    ++watch_.exports;
    watch_.looked();
  }
  watch_.world.note(fmt::format("{} {} {}", request.method, request.target, sha256_hex(request.body).substr(0, 12)));
  if (change) watch_.expect_allowed(request);
  std::optional<Kind> kind = watch_.next(Where::Request, watch_.requests);
  if (change) {
    if (const auto other = watch_.next(Where::Change, watch_.changes)) kind = other;
  }
  auto result = kind ? strike(*kind, request, change) : deliver(request);
  watch_.world.note(result ? fmt::format("  {} {}", result->status, sha256_hex(result->body).substr(0, 12))
                           : "  " + result.error().message);
  if (change && !result && result.error().effect != Effect::None) watch_.lost(request);
  if (change && result && result->status >= 500) watch_.lost(request);
  return result;
}

Result<HttpResponse> FaultyTransport::deliver(const HttpRequest& request) {
  if (const std::string task = asked_task(request); !task.empty()) {
    if (watch_.vanished.contains(task)) return answer(404, "APIG.3093");
    if (watch_.stuck.contains(task))
      return HttpResponse{200, {}, R"({"task_id":")" + task + R"(","task_status":"processing"})"};
  }
  if (is_change(request)) {
    ++watch_.carried_out;
    if (request.target.ends_with("/openapi/async-import") && watch_.world.count_import()) {
      watch_.gateway_failed = true;
      ++watch_.world.counters()["the gateway failed an import: " + watch_.world.schedule().mischief->action];
    }
  }
  return watch_.world.gateway().wire().send(request);
}

Result<HttpResponse> FaultyTransport::strike(Kind kind, const HttpRequest& request, bool change) {
  Clock& clock = watch_.world.gateway().clock();
  const auto surely_not = [&] { watch_.sure_faults += change ? 1 : 0; };
  switch (kind) {
    case Kind::Refuse:
      surely_not();
      return no_answer(request, Effect::None);
    case Kind::LoseRequest:
      return no_answer(request, Effect::Unknown);
    case Kind::LoseAnswer:
      (void)deliver(request).has_value();
      return no_answer(request, Effect::Unknown);
    case Kind::Truncate: {
      auto result = deliver(request);
      if (result) result->body.resize(result->body.size() / 2);
      if (change) watch_.lost(request);
      return result;
    }
    case Kind::Malformed:
      if (change) watch_.lost(request);
      (void)deliver(request).has_value();
      return HttpResponse{200, {{"Content-Type", "text/html"}}, "<html>a portal on the way</html>"};
    case Kind::Throttle:
      surely_not();
      return answer(429, "APIG.9008");
    case Kind::ThrottleFor:
      surely_not();
      return answer(429, "APIG.9008", {{"Retry-After", "7"}});
    case Kind::FailBefore:
      return answer(503, "APIG.9999");
    case Kind::FailAfter:
      (void)deliver(request).has_value();
      return answer(500, "APIG.9999");
    case Kind::Unauthorized:
      surely_not();
      return answer(401, "APIG.0307");
    case Kind::Duplicate: {
      auto result = deliver(request);
      --watch_.carried_out;  // the client sent it once
      (void)deliver(request).has_value();
      return result;
    }
    case Kind::Slow:
      clock.sleep_for(std::chrono::seconds(90));
      return deliver(request);
    case Kind::Stuck: {
      auto result = deliver(request);
      watch_.stuck.insert(task_of(result));
      return result;
    }
    case Kind::Vanish: {
      auto result = deliver(request);
      watch_.vanished.insert(task_of(result));
      return result;
    }
    case Kind::Late:
    case Kind::LateAndKill:
      if (request.target.ends_with("/openapi/async-import")) {
        ++watch_.carried_out;
        watch_.world.send_late(request);
      } else {
        (void)deliver(request).has_value();
      }
      if (kind == Kind::LateAndKill) throw Killed{};
      return no_answer(request, Effect::Unknown);
    case Kind::Meddle:
      watch_.meddled = watch_.world.meddle() || watch_.meddled;
      return deliver(request);
    case Kind::Signal:
      watch_.signalled = true;
      return deliver(request);
    case Kind::KillAfter:
      (void)deliver(request).has_value();
      throw Killed{};
    default:
      return deliver(request);
  }
}

}  // namespace sluice::simulation
