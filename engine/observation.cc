#include "engine/observation.h"

#include <algorithm>
#include <set>

namespace sluice {

Observation::Observation(Provider& provider, Clock& clock, const ReconcilerOptions& options,
                         std::vector<ExportRequest> requests)
    : provider_(provider),
      options_(options),
      requests_(std::move(requests)),
      pool_(std::min(options.threads, requests_.size()), clock),
      runner_(provider, pool_, clock) {
  start_more();
}

void Observation::start_more() {
  while (next_ < requests_.size() && runner_.running() < options_.parallelism) {
    runner_.start({.key = static_cast<int>(next_),
                   .start = [this, request = requests_[next_]] { return provider_.start_export(request); },
                   .timeout = options_.task_timeout,
                   .repeatable = true});
    ++next_;
  }
}

void Observation::add(ExportRequest request) {
  requests_.push_back(std::move(request));
  start_more();
}

Result<void> Observation::finish(const OnLive& on_live) {
  while (auto ended = runner_.wait(options_.interrupted)) {
    if (const auto* failed = std::get_if<TaskFailed>(&ended->status)) {
      Error error = failed->error;
      if (options_.secrets) error.message = options_.secrets->redacted(std::move(error.message));
      return fail(std::move(error));
    }
    auto* done = std::get_if<ExportDone>(&ended->status);
    check(done != nullptr, "an export ended as something else");
    if (options_.secrets) options_.secrets->mask_and_learn(done->live.resources);
    auto taken = on_live(requests_[static_cast<std::size_t>(ended->key)], std::move(*done));
    if (!taken) return taken;
    start_more();
  }
  if (options_.interrupted()) return fail(ErrorKind::Interrupted, "Stopped before the end; nothing was sent.");
  return {};
}

ExportRequest export_request(const std::string& group, const std::vector<std::string>& environments,
                             const StateSnapshot& state, const std::vector<Address>& policies) {
  ExportRequest request{.group = group};
  std::set<Address> named(policies.begin(), policies.end());
  std::set<std::string> wanted(environments.begin(), environments.end());
  if (const auto base = state.groups.find(group); base != state.groups.end()) {
    for (const auto& [address, resource] : base->second.resources) {
      if (address.type() == "publication") wanted.insert(address.environment());
      if (address.type() == "group") request.group_id = resource.remote_id;
      if (address.type() == "response") request.responses = true;
      if (group.empty()) named.insert(address);
    }
  }
  request.environments.assign(wanted.begin(), wanted.end());
  request.policies.assign(named.begin(), named.end());
  return request;
}

}  // namespace sluice
