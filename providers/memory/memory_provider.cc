#include "providers/memory/memory_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "plan/canonical.h"
#include "plan/json.h"
#include "plan/policies.h"
#include "plan/swagger.h"

namespace sluice {

/// A task and what it will do once its polls are used up.
struct MemoryProvider::Pending : TaskDetail {
  int polls_left = 0;
  std::optional<ExportRequest> request;
  std::optional<Step> step;
};

MemoryProvider::MemoryProvider(int polls_per_task, std::set<std::string> environments)
    : polls_per_task_(polls_per_task), environments_(std::move(environments)) {}

GatewayIdentity MemoryProvider::identity() const { return {"memory", "memory", "", ""}; }

std::size_t MemoryProvider::changes_sent() const {
  const std::lock_guard lock(mutex_);
  return changes_sent_;
}

Result<Task> MemoryProvider::start_export(const ExportRequest& request) {
  const std::lock_guard lock(mutex_);
  auto pending = std::make_shared<Pending>();
  pending->polls_left = polls_per_task_;
  pending->request = request;
  return Task{"memory", std::move(pending)};
}

Result<Task> MemoryProvider::start(const Step& step, const RemoteIds& /*ids*/) {
  const std::lock_guard lock(mutex_);
  ++changes_sent_;
  auto pending = std::make_shared<Pending>();
  pending->polls_left = step.kind == StepKind::Import ? polls_per_task_ : 0;
  pending->step = step;
  return Task{step.kind == StepKind::Import ? "memory" : "", std::move(pending)};
}

Task MemoryProvider::resume(const std::string& id, const std::string& /*group*/) { return {id, nullptr}; }

Result<TaskStatus> MemoryProvider::poll(Task& task) {
  const std::lock_guard lock(mutex_);
  TaskStatus status = TaskRunning{};
  auto* pending = dynamic_cast<Pending*>(task.detail.get());
  if (pending == nullptr) {
    status = TaskFailed{{ErrorKind::NotFound, "The task does not exist.", Effect::Unknown, {}}};
  } else if (pending->polls_left-- > 0) {
    return status;
  } else if (pending->request) {
    status = ExportDone{snapshot(*pending->request), objects(*pending->request)};
  } else {
    status = StepDone{carry_out(*pending->step)};
  }
  return status;
}

void MemoryProvider::set_objects(GatewayObjects objects) {
  const std::lock_guard lock(mutex_);
  objects_ = std::move(objects);
}

GatewayObjects MemoryProvider::objects(const ExportRequest& request) const {
  GatewayObjects wanted;
  for (const ObjectKind kind : request.objects) {
    const auto held = objects_.by_kind.find(kind);
    wanted.by_kind[kind] = held == objects_.by_kind.end() ? std::map<std::string, GatewayObject>() : held->second;
  }
  if (request.quotas) wanted.quotas = objects_.quotas;
  if (request.groups) {
    for (const auto& [name, group] : groups_) wanted.groups.insert(name);
  }
  return wanted;
}

LiveState MemoryProvider::snapshot(const ExportRequest& request) const {
  if (request.group.empty()) {
    LiveState live = policies(request);
    if (request.groups) live.environments = environments_;
    return live;
  }
  LiveState live;
  live.environments = environments_;
  const auto at = groups_.find(request.group);
  if (at == groups_.end()) return live;
  const auto add = [&live](const Address& address, Resource resource) {
    resource.remote_id = address.text();
    live.resources.emplace(address, std::move(resource));
  };
  const Address group = Address::group(request.group);
  add(group,
      make_resource(group, Value::object({{"name", request.group, 0}, {"description", at->second.description, 0}})));
  for (const auto& [name, responses] : at->second.responses) {
    const Address address = Address::response(request.group, name);
    if (request.responses) add(address, make_resource(address, responses));
  }
  for (const auto& [address, api] : at->second.apis) {
    add(address, make_resource(api.address, api.body));
    for (const auto& [environment, body] : api.published) {
      Resource resource = make_resource(api.address, body);
      resource.address = Address::publication(api.address, environment);
      const Address key = resource.address;
      add(key, std::move(resource));
    }
  }
  return live;
}

LiveState MemoryProvider::policies(const ExportRequest& request) const {
  LiveState live;
  for (const Address& address : request.policies) {
    const auto policy = policies_.find(address);
    if (policy == policies_.end()) continue;
    Resource resource = make_resource(address, policy->second);
    resource.remote_id = address.text();
    live.resources.emplace(address, std::move(resource));
    for (const auto& [name, group] : groups_) {
      for (const auto& [api_address, api] : group.apis) {
        for (const auto& [environment, body] : api.published) {
          const auto used = policies_used_by(body);
          if (std::find(used.begin(), used.end(), address) != used.end()) {
            live.users[address].emplace(api_address.text(), api_address.text());
          }
        }
      }
    }
  }
  return live;
}

std::vector<EntryResult> MemoryProvider::carry_out(const Step& step) {
  std::vector<EntryResult> entries;
  if (step.kind == StepKind::CreateGroup || step.kind == StepKind::UpdateGroup || step.kind == StepKind::DeleteGroup) {
    entries.push_back(change_group(step));
    return entries;
  }
  if (step.kind == StepKind::DeletePolicy) return {delete_policy(step.predicted.front().address)};
  const auto at = groups_.find(step.group);
  if (at == groups_.end()) {
    for (const Prediction& prediction : step.predicted) {
      entries.push_back({prediction.address, Effected::Failed, "", "no-group", "the group does not exist"});
    }
    return entries;
  }
  if (step.kind == StepKind::Import) return import(at->second, step);
  const bool responds = step.kind == StepKind::CreateResponse || step.kind == StepKind::UpdateResponse ||
                        step.kind == StepKind::DeleteResponse;
  if (responds) return {change_response(at->second, step)};
  for (const Prediction& prediction : step.predicted) {
    if (step.kind == StepKind::Bind || step.kind == StepKind::Unbind) {  // publishing has done it
      entries.push_back({prediction.address, prediction.effect});
      continue;
    }
    entries.push_back(step.kind == StepKind::DeleteApi
                          ? delete_api(at->second, prediction.address)
                          : set_publication(at->second, prediction, step.kind == StepKind::Publish));
  }
  return entries;
}

EntryResult MemoryProvider::change_group(const Step& step) {
  const Address address = Address::group(step.group);
  const auto at = groups_.find(step.group);
  if (step.kind == StepKind::DeleteGroup) {
    if (at == groups_.end()) return {address, Effected::Failed, "", "no-group", "the group does not exist"};
    if (!at->second.apis.empty()) return {address, Effected::Failed, "", "not-empty", "the group holds APIs"};
    groups_.erase(at);
    return {address, Effected::Deleted};
  }
  const bool create = step.kind == StepKind::CreateGroup;
  if (create == (at != groups_.end()))
    return {address, Effected::Failed, "", "group-exists", "the group exists, or does not"};
  const auto document = parse_json(step.document);
  groups_[step.group].description = document ? std::string(document->text("description")) : "";
  return {address, create ? Effected::Created : Effected::Updated, address.text()};
}

std::vector<EntryResult> MemoryProvider::import(Group& group, const Step& step) {
  std::vector<EntryResult> entries;
  const auto document = parse_json(step.document);
  check(document.has_value(), "an import document is not JSON");
  define_policies(*document, step, entries);
  for (const Operation& operation : read_swagger(*document, SwaggerOrigin::Export).operations) {
    const Address address = Address::api(step.group, operation.method, operation.path, operation.match_mode);
    const auto existing = group.apis.find(address);
    const std::string_view name = operation.body.text("operationId");
    const bool name_taken = std::any_of(group.apis.begin(), group.apis.end(), [&](const auto& other) {
      return other.first != address && other.second.body.text("operationId") == name;
    });
    if (name_taken) {
      entries.push_back({address, Effected::Failed, "", "name-taken", fmt::format("the name {} is taken", name)});
    } else if (existing == group.apis.end()) {
      group.apis.emplace(address, Api{address, operation.body, {}});
      entries.push_back({address, Effected::Created, address.text()});
    } else if (step.api_mode == Mode::Merge) {
      entries.push_back({address, Effected::Ignored});
    } else {
      existing->second.address = address;
      existing->second.body = operation.body;
      entries.push_back({address, Effected::Updated, address.text()});
    }
  }
  return entries;
}

void MemoryProvider::define_policies(const Value& document, const Step& step, std::vector<EntryResult>& entries) {
  const auto define = [&](const Value* definitions, Address (*address_of)(std::string_view)) {
    if (definitions == nullptr) return;
    for (const auto& member : definitions->members()) {
      const Address address = address_of(member.key);
      const auto [policy, fresh] = policies_.emplace(address, member.value);
      const bool replaced = !fresh && step.extend_mode == Mode::Override;
      if (replaced) policy->second = member.value;
      entries.push_back({address, fresh ? Effected::Created : replaced ? Effected::Updated : Effected::Ignored});
    }
  };
  define(document.find("x-apigateway-ratelimits"), &Address::ratelimit);
  define(document.find("x-apigateway-access-controls"), &Address::acl);
}

EntryResult MemoryProvider::delete_policy(const Address& address) {
  const auto used = policies({.group = "", .policies = {address}}).users;
  if (!used.empty()) return {address, Effected::Failed, "", "bound", "the policy is bound to APIs"};
  return {address, policies_.erase(address) > 0 ? Effected::Deleted : Effected::Failed};
}

EntryResult MemoryProvider::change_response(Group& group, const Step& step) {
  const Address& address = step.predicted.front().address;
  if (step.kind == StepKind::DeleteResponse) {
    return {address, group.responses.erase(address.name()) > 0 ? Effected::Deleted : Effected::Failed};
  }
  const auto document = parse_json(step.document);
  check(document.has_value() && document->find("responses") != nullptr, "a response step's document is not JSON");
  group.responses[address.name()] = *document->find("responses");
  return {address, step.kind == StepKind::CreateResponse ? Effected::Created : Effected::Updated, address.text()};
}

EntryResult MemoryProvider::set_publication(Group& group, const Prediction& prediction, bool online) {
  const Address& address = prediction.address;
  const auto api = group.apis.find(address.api_of_publication());
  if (api == group.apis.end()) return {address, Effected::Failed, "", "no-api", "the API does not exist"};
  if (online) {
    api->second.published[address.environment()] = api->second.body;
    return {address, Effected::Published};
  }
  if (api->second.published.erase(address.environment()) == 0) {
    return {address, Effected::Failed, "", "not-published", "the API is not published there"};
  }
  return {address, Effected::Offline};
}

EntryResult MemoryProvider::delete_api(Group& group, const Address& address) {
  const auto api = group.apis.find(address);
  if (api == group.apis.end()) return {address, Effected::Failed, "", "no-api", "the API does not exist"};
  if (!api->second.published.empty()) return {address, Effected::Failed, "", "published", "the API is published"};
  group.apis.erase(api);
  return {address, Effected::Deleted};
}

}  // namespace sluice
