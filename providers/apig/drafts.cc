#include "providers/apig/drafts.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/swagger.h"
#include "providers/apig/objects.h"
#include "providers/apig/policy_wire.h"

namespace sluice::apig {
namespace {

// One poll of a task should not take longer than a few answers.
constexpr std::size_t kAskedAtOnce = 20;
// Exports of drafts name this environment: what they show of a published API could only be what it serves.
constexpr std::string_view kRelease = "RELEASE";

Unexpected<Error> gone(const Address& address) {
  return fail(
      ErrorKind::Unavailable,
      fmt::format("{} was listed and is gone: its group changed while it was exported, try again.", address.text()));
}

}  // namespace

bool is_in_doubt(const DraftSeen& seen) {
  if (seen.served.empty()) return false;
  if (seen.shown == nullptr) return true;
  return std::any_of(seen.served.begin(), seen.served.end(), [&](const ServedVersion& version) {
    const bool same = version.resource != nullptr ? version.resource->digest == seen.shown->digest
                                                  : seen.exported && version.environment == kRelease;
    if (!same) return false;
    const Age age = age_of_draft(seen.api.updated_at, version.published_at);
    if (age != Age::Unclear) return age == Age::Newer;
    return item_differs(seen.api.item, seen.shown->body);
  });
}

bool proves_drafts(const DraftSeen& seen) {
  if (!seen.exported || seen.shown == nullptr) return false;
  return std::any_of(seen.served.begin(), seen.served.end(), [&](const ServedVersion& version) {
    return version.environment == kRelease && version.resource != nullptr &&
           version.resource->digest != seen.shown->digest;
  });
}

Result<bool> DraftQuestions::ask_some(const Calls& calls, const std::string& group_id) {
  for (std::size_t asked = 0; definitions_.size() < questions_.size(); ++asked) {
    if (asked == kAskedAtOnce) return false;
    const Question& question = questions_[definitions_.size()];
    auto answer = calls.ask(show_api(calls.base(), question.api_id));
    if (!answer && answer.error().kind == ErrorKind::NotFound) return gone(question.address);
    if (!answer) return answer.forward();
    auto definition = read_api(*answer);
    if (!definition) return definition.forward();
    definitions_.push_back(std::move(*definition));
  }
  if (bodies_.size() == questions_.size()) return true;
  if (auto done = translate(calls, group_id); !done) return done.forward();
  return true;
}

/// Lists what the definitions refer to, where any does, and translates them.
Result<void> DraftQuestions::translate(const Calls& calls, const std::string& group_id) {
  ReferredNames names;
  const auto wanted = [&](Referred kind) {
    return std::any_of(definitions_.begin(), definitions_.end(),
                       [kind](const Value& definition) { return refers_to(definition, kind); });
  };
  constexpr std::pair<Referred, ObjectKind> kObjects[] = {{Referred::Authorizer, ObjectKind::Authorizer},
                                                          {Referred::Channel, ObjectKind::Channel},
                                                          {Referred::Rule, ObjectKind::Orchestration}};
  for (const auto& [kind, object] : kObjects) {
    if (!wanted(kind)) continue;
    auto listed = list_names(calls, object);
    if (!listed) return listed.forward();
    names[kind] = std::move(*listed);
  }
  if (wanted(Referred::Response)) {
    const auto listed = calls.all_pages<ListedResponse>(
        [&](std::size_t offset) { return list_responses(calls.base(), group_id, offset); }, read_responses);
    if (!listed) return listed.forward();
    for (const ListedResponse& response : *listed) names[Referred::Response].emplace(response.id, response.name);
  }
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    const Swagger read = read_swagger(document_of(definitions_[i], names), SwaggerOrigin::Export);
    const Address& address = questions_[i].address;
    if (read.operations.size() != 1 || !read.findings.empty()) {
      return unreadable("definition of " + address.text(),
                        read.findings.empty() ? "it is not that of an API" : read.findings.front().summary);
    }
    const Operation& operation = read.operations.front();
    if (!(Address::api(address.group(), operation.method, operation.path, operation.match_mode) == address)) {
      return gone(address);  // and another one took its id, or its path was changed
    }
    bodies_.emplace(address, operation.body);
  }
  return {};
}

}  // namespace sluice::apig
