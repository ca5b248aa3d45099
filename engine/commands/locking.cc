// Who runs, from where, and the lock that the run holds.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "engine/commands/command.h"
#include "engine/output.h"
#include "plan/json.h"
#include "plan/render_text.h"

namespace sluice {
namespace {

/// The first of these variables that says something. What is no text could be kept in no state.
std::string first_of(const Environment& environment, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto at = environment.find(name);
    if (at != environment.end() && !at->second.empty() && !text_error(at->second)) return at->second;
  }
  return {};
}

/// A link without what may be a secret in it.
std::string bare_link(std::string url) {
  url.resize(std::min(url.find_first_of("?#"), url.size()));
  const bool is_link = url.starts_with("https://") || url.starts_with("http://");
  return is_link && url.find('@') == std::string::npos ? url : std::string();
}

std::string ci_link(const Environment& environment) {
  const std::string server = first_of(environment, {"GITHUB_SERVER_URL"});
  const std::string repository = first_of(environment, {"GITHUB_REPOSITORY"});
  const std::string run = first_of(environment, {"GITHUB_RUN_ID"});
  if (!server.empty() && !repository.empty() && !run.empty())
    return bare_link(fmt::format("{}/{}/actions/runs/{}", server, repository, run));
  return bare_link(first_of(environment, {"CI_JOB_URL", "BUILD_URL"}));
}

}  // namespace

std::string actor(const Environment& environment) {
  const std::string name = first_of(environment, {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"});
  return name.empty() ? fmt::format("uid {}", ::getuid()) : name;
}

RunRecord record_of_run(const CommandContext& context, const std::string& run_id) {
  RunRecord record;
  record.id = run_id;
  record.started_at = to_rfc3339(context.clock.now());
  record.actor = actor(context.environment);
  record.operation = context.invocation.command;
  record.revision = first_of(context.environment, {"GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"});
  record.ci_url = ci_link(context.environment);
  return record;
}

Result<LockToken> wait_for_lock(const CommandContext& context, StateStore& store, LockInfo info,
                                const GatewayIdentity& gateway, const Interruption& interruption) {
  const auto patience = parse_duration(context.invocation.value("lock-timeout", "0s"));
  if (!patience) return patience.forward();
  const Milliseconds end = context.clock.steady() + *patience;
  info.who = actor(context.environment);
  if (info.scopes.empty()) info.scopes = whole_state();
  for (bool told = context.invocation.has("quiet");; told = true) {
    auto token = store.lock(info, gateway);
    if (token || token.error().kind != ErrorKind::Locked || context.clock.steady() >= end) return token;
    if (!told) tell(fmt::format("Waiting: {}\n", printable(token.error().message)));
    if (interruption.requested())
      return fail(ErrorKind::Interrupted, "Interrupted while waiting for the lock; nothing was sent.");
    context.clock.sleep_for(Milliseconds(200));
  }
}

Result<void> check_settled(const StateSnapshot& state) {
  if (state.open_intents.empty()) return {};
  return fail(
      ErrorKind::Refused,
      "An apply is still at work, or was interrupted and what became of it is not known yet: wait for it, or run "
      "`sluice apply` first, it looks.");
}

}  // namespace sluice
