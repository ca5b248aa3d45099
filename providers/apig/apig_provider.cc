#include "providers/apig/apig_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "plan/canonical.h"
#include "plan/digest.h"
#include "plan/json.h"
#include "plan/policies.h"
#include "plan/swagger.h"
#include "providers/apig/drafts.h"
#include "providers/apig/objects.h"
#include "providers/apig/policies.h"
#include "providers/apig/wire.h"

namespace sluice {
namespace {

constexpr std::string_view kBindings[] = {"x-apigateway-ratelimit", "x-apigateway-access-control",
                                          "x-apigateway-plugins"};
constexpr std::string_view kReleaseId = "DEFAULT_ENVIRONMENT_RELEASE_ID";

std::string id_of(const RemoteIds& ids, const Address& address) {
  const auto at = ids.find(address);
  return at == ids.end() ? std::string() : at->second;
}

Unexpected<Error> no_id(const Address& address) {
  return fail(ErrorKind::NotFound,
              fmt::format("{} has no id on the gateway: run `sluice plan` to see what is there.", address.text()));
}

/// Completes what a list says of environments by name or by id only. Publications without a name are left out.
void name_environments(apig::ListedApi& api, const std::map<std::string, std::string>& ids) {
  if (api.published_in.empty()) {
    for (const std::string& env_id : api.env_ids) {
      const auto at = std::find_if(ids.begin(), ids.end(), [&](const auto& entry) { return entry.second == env_id; });
      api.published_in.push_back(at != ids.end() ? at->first : "");
    }
  }
  for (std::size_t i = api.published_in.size(); i-- > 0;) {
    if (!api.published_in[i].empty()) continue;
    for (auto* list : {&api.published_in, &api.env_ids, &api.publish_ids, &api.published_at}) {
      if (i < list->size()) list->erase(list->begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

}  // namespace

/// An export under way: one task for the drafts, one for each environment.
class ApigProvider::Export : public TaskDetail {
 public:
  struct Part {
    std::string environment;  ///< "" for the drafts
    std::string task_id;
    std::string file_digest = {};
    std::shared_ptr<const ResourceMap> apis = {};
  };
  std::string group;
  std::optional<apig::ListedGroup> found;
  std::set<std::string> environments;  ///< all of the gateway's, by name
  std::vector<apig::ListedApi> listed;
  std::vector<Part> parts;
  std::map<Address, Value> draft_bodies;  ///< as exported
  std::map<Address, Resource> asked;      ///< drafts that the export leaves in doubt
  LiveState extras;                       ///< the group's responses

  /// The APIs of one part's result. Most groups are published as they were drafted, and a file that is equal to the
  /// drafts' is not read again; neither is an operation that is.
  Result<std::shared_ptr<const ResourceMap>> read(Part& part, std::span<char> result) {
    const auto file = apig::read_exported_file(result);
    if (!file) return file.forward();
    part.file_digest = sha256_hex({file->data(), file->size()});
    if (part.file_digest == parts.front().file_digest && parts.front().apis) return parts.front().apis;
    const auto document = apig::read_exported_document(*file);
    if (!document) return document.forward();
    const Swagger swagger = read_swagger(*document, SwaggerOrigin::Export);
    if (!swagger.findings.empty()) {
      return fail(ErrorKind::Protocol, fmt::format("The export of the group {} cannot be understood: {}", group,
                                                   swagger.findings.front().summary));
    }
    auto apis = std::make_shared<ResourceMap>();
    for (const Operation& operation : swagger.operations) {
      const Address address = Address::api(group, operation.method, operation.path, operation.match_mode);
      const auto added = apis->emplace(address, resource_of(address, operation.body, part.environment.empty()));
      if (!added.second) return twins(added.first->first, address);
    }
    return std::shared_ptr<const ResourceMap>(std::move(apis));
  }

  /// Joins drafts, publications and ids. A list and an export that disagree were not made at one moment.
  Result<LiveState> assemble() const {
    LiveState live = extras;
    live.environments = environments;
    if (!found) return live;
    Value body = Value::object();
    body.set("name", found->name).set("description", found->remark);
    add(live, make_resource(Address::group(group), body), found->id);
    for (const apig::ListedApi& api : listed) {
      const Address address = address_of(api);
      if (const auto twin = live.resources.find(address); twin != live.resources.end()) {
        return twins(twin->first, address);
      }
      const Resource* draft = find_draft(address);
      if (draft == nullptr) return changed_meanwhile(address, "listed but not exported");
      const Resource whole = with_bindings(*draft);
      add(live, whole, api.id);
      Resource& added = live.resources.at(address);
      added.changed_at = api.updated_at;
      added.uncarried = api.uncarried;
      for (std::size_t i = 0; i < api.published_in.size(); ++i) {
        const std::string at = i < api.published_at.size() ? api.published_at[i] : "";
        add_publication(live, api, address, api.published_in[i], whole, at);
      }
    }
    if (!parts.empty() && parts.front().apis) {
      for (const auto& [address, resource] : *parts.front().apis) {
        if (!live.resources.contains(address)) return changed_meanwhile(address, "exported but not listed");
      }
    }
    return live;
  }

  /// The drafts that must be asked for one by one; most often none.
  std::vector<apig::DraftQuestions::Question> in_doubt() const {
    std::vector<apig::DraftQuestions::Question> questions;
    bool shows_drafts = false;
    for (const apig::ListedApi& api : listed) {
      const Address address = address_of(api);
      const Resource* shown = find_draft(address);
      if (shown == nullptr && is_hidden(api)) {
        questions.push_back({api.id, address});
        continue;
      }
      if (api.published_in.empty() || (shown != nullptr && api.item.is_null())) continue;
      apig::DraftSeen seen{api, nullptr, find("", address) != nullptr, {}};
      for (std::size_t i = 0; i < api.published_in.size(); ++i) {
        seen.served.push_back({api.published_in[i], find(api.published_in[i], address),
                               i < api.published_at.size() ? api.published_at[i] : ""});
      }
      const std::optional<Resource> whole = shown != nullptr ? std::optional(with_bindings(*shown)) : std::nullopt;
      if (whole) seen.shown = &*whole;
      shows_drafts = shows_drafts || apig::proves_drafts(seen);
      if (apig::is_in_doubt(seen)) questions.push_back({api.id, address});
    }
    // Of a gateway that shows drafts, only those matter that it does not show.
    if (shows_drafts) std::erase_if(questions, [&](const auto& question) { return find("", question.address); });
    return questions;
  }

  /// Takes the drafts that were asked for. Members that only exports have are carried over.
  void take_drafts(const std::map<Address, Value>& bodies) {
    for (const auto& [address, body] : bodies) {
      Value whole = body;
      if (const Resource* shown = find_draft(address)) {
        for (const Value::Member& member : shown->body.members()) {
          const bool known = find_field(kApiSchema.fields, member.key) != nullptr;
          if (!known && whole.find(member.key) == nullptr) whole.set(member.key, member.value);
        }
      }
      asked.insert_or_assign(address, make_resource(address, whole));
    }
  }

  std::optional<apig::DraftQuestions> questions;  ///< once everything was exported

 private:
  Address address_of(const apig::ListedApi& api) const {
    return Address::api(group, api.method, api.path, api.match_mode);
  }

  /// One exported file holds one match mode of a method and path.
  bool is_hidden(const apig::ListedApi& api) const {
    return std::any_of(listed.begin(), listed.end(), [&](const apig::ListedApi& other) {
      return other.method == api.method && other.path == api.path && other.match_mode != api.match_mode;
    });
  }

  Unexpected<Error> twins(const Address& one, const Address& other) const {
    return fail(
        ErrorKind::Conflict,
        fmt::format("The group {} holds two APIs that differ only in the names of path variables, {} and {}: Sluice "
                    "takes them for one API and cannot tell them apart, delete one of them on the gateway or move it "
                    "to another group.",
                    group, one.text(), other.text()));
  }

  Unexpected<Error> changed_meanwhile(const Address& address, std::string_view how) const {
    return fail(ErrorKind::Unavailable, fmt::format("The group {} changed while it was exported ({} is {}): try again.",
                                                    group, address.text(), how));
  }

  Resource resource_of(const Address& address, const Value& body, bool is_draft) {
    const auto draft = draft_bodies.find(address);
    if (draft != draft_bodies.end() && draft->second == body) return *find("", address);
    if (is_draft) draft_bodies.emplace(address, body);
    return make_resource(address, body);
  }

  static void add(LiveState& live, Resource resource, const std::string& id) {
    resource.remote_id = id;
    const Address address = resource.address;
    live.resources.insert_or_assign(address, std::move(resource));
  }

  const Resource* find(std::string_view environment, const Address& address) const {
    for (const Part& part : parts) {
      if (part.environment != environment || !part.apis) continue;
      const auto at = part.apis->find(address);
      if (at != part.apis->end()) return &at->second;
    }
    return nullptr;
  }

  /// Whether a draft export holds published APIs too is not documented; one that leaves them out shows them as served.
  const Resource* find_draft(const Address& address) const {
    if (const auto at = asked.find(address); at != asked.end()) return &at->second;
    if (const Resource* draft = find("", address)) return draft;
    for (const Part& part : parts) {
      if (const Resource* published = find(part.environment, address)) return published;
    }
    return nullptr;
  }

  /// Policies and plug-ins are bound to what is published, and exports of drafts do not show them: the draft counts as
  /// bound to what its first publication is bound to.
  Resource with_bindings(const Resource& draft) const {
    const Resource* served = nullptr;
    for (std::size_t i = 1; i < parts.size() && served == nullptr; ++i) {
      served = find(parts[i].environment, draft.address);
    }
    if (served == nullptr || bindings_of(served->body) == bindings_of(draft.body)) return draft;
    Value body = draft.body;
    for (const std::string_view member : kBindings) {
      const Value* bound = served->body.find(member);
      body.erase(member);
      if (bound != nullptr) body.set(member, *bound);
    }
    return make_resource(draft.address, body);
  }

  void add_publication(LiveState& live, const apig::ListedApi& api, const Address& address,
                       const std::string& environment, const Resource& draft, const std::string& published_at) const {
    const Resource* published = find(environment, address);
    Resource resource{Address::publication(address, environment), Value(), "", api.id};
    resource.changed_at = published_at;
    if (published != nullptr) {
      resource.digest = published->digest;
      resource.body = published->digest == draft.digest ? draft.body : published->body;
    } else if (is_hidden(api) && apig::age_of_draft(api.updated_at, published_at) != apig::Age::Newer) {
      resource.digest = draft.digest;  // it serves its draft, which nobody changed since
      resource.body = draft.body;
    }
    live.resources.insert_or_assign(resource.address, resource);
  }
};

/// An import under way, and what it should do.
class ApigProvider::Import : public TaskDetail {
 public:
  explicit Import(std::vector<Prediction> step_predicted) : predicted(std::move(step_predicted)) {}
  std::vector<Prediction> predicted;
};

/// An export that needed no task.
class ApigProvider::Seen : public TaskDetail {
 public:
  explicit Seen(ExportDone seen) : done(std::move(seen)) {}
  ExportDone done;
};

/// A step that the gateway answered at once.
class ApigProvider::Answered : public TaskDetail {
 public:
  explicit Answered(std::vector<EntryResult> results) : entries(std::move(results)) {}
  std::vector<EntryResult> entries;
};

ApigProvider::ApigProvider(Transport& transport, ApigSettings settings)
    : transport_(transport),
      settings_(std::move(settings)),
      calls_(transport, apig::base_path(settings_.identity.project_id, settings_.identity.instance_id)) {}

ApigProvider::~ApigProvider() = default;

Result<std::map<std::string, std::string>> ApigProvider::environment_ids() {
  const auto listed = calls_.all_pages<apig::ListedEnvironment>(
      [this](std::size_t offset) { return apig::list_environments(calls_.base(), offset); }, apig::read_environments);
  if (!listed) return listed.forward();
  std::map<std::string, std::string> ids = {{"RELEASE", std::string(kReleaseId)}};
  for (const auto& environment : *listed) ids[environment.name] = environment.id;
  const std::lock_guard lock(mutex_);
  environments_ = ids;
  return ids;
}

/// The group of this id, whatever it is called; nothing when there is none.
Result<std::optional<apig::ListedGroup>> ApigProvider::find_by_id(const std::string& id) {
  auto answer = calls_.ask(apig::show_group(calls_.base(), id));
  if (!answer) {
    if (answer.error().kind == ErrorKind::NotFound) return std::optional<apig::ListedGroup>();
    return answer.forward();
  }
  auto group = apig::read_group(*answer);
  if (!group) return group.forward();
  return std::optional<apig::ListedGroup>(std::move(*group));
}

Result<Task> ApigProvider::start_export(const ExportRequest& request) {
  if (request.group.empty()) {
    auto live = apig::export_policies(calls_, request.policies);
    if (!live) return live.forward();
    auto objects = apig::list_objects(calls_, request.objects);
    if (!objects) return objects.forward();
    if (request.quotas) {
      auto quotas = apig::list_quotas(calls_);
      if (!quotas) return quotas.forward();
      objects->quotas = std::move(*quotas);
    }
    if (request.groups) {
      const auto groups = calls_.all_pages<apig::ListedGroup>(
          [this](std::size_t offset) { return apig::list_groups(calls_.base(), offset); }, apig::read_groups);
      if (!groups) return groups.forward();
      for (const apig::ListedGroup& group : *groups) objects->groups.insert(group.name);
      const auto environments = environment_ids();
      if (!environments) return environments.forward();
      for (const auto& [name, id] : *environments) live->environments.insert(name);
    }
    return Task{"", std::make_shared<Seen>(ExportDone{std::move(*live), std::move(*objects)})};
  }
  const auto environments = environment_ids();
  if (!environments) return environments.forward();
  auto detail = std::make_shared<Export>();
  detail->group = request.group;
  for (const auto& [name, id] : *environments) detail->environments.insert(name);
  auto groups = calls_.all_pages<apig::ListedGroup>(
      [&](std::size_t offset) { return apig::find_group(calls_.base(), request.group, offset); }, apig::read_groups);
  if (!groups) return groups.forward();
  const auto named =
      std::find_if(groups->begin(), groups->end(), [&](const auto& group) { return group.name == request.group; });
  if (named != groups->end()) {
    detail->found = *named;
  } else if (!request.group_id.empty()) {
    auto renamed = find_by_id(request.group_id);
    if (!renamed) return renamed.forward();
    detail->found = std::move(*renamed);
  }
  if (!detail->found) return Task{"", std::move(detail)};
  const auto& found = detail->found;
  if (request.responses) {
    auto added = apig::export_responses(calls_, request.group, found->id, detail->extras);
    if (!added) return added.forward();
  }
  auto apis = calls_.all_pages<apig::ListedApi>(
      [&](std::size_t offset) { return apig::list_apis(calls_.base(), found->id, offset); }, apig::read_apis);
  if (!apis) return apis.forward();
  detail->listed = std::move(*apis);
  for (apig::ListedApi& api : detail->listed) name_environments(api, *environments);
  if (detail->listed.empty()) return Task{"", std::move(detail)};
  std::set<std::string> serving;
  for (const auto& api : detail->listed) serving.insert(api.published_in.begin(), api.published_in.end());
  std::vector<std::string> wanted = {""};
  std::copy_if(request.environments.begin(), request.environments.end(), std::back_inserter(wanted),
               [&](const std::string& name) { return serving.contains(name) && environments->contains(name); });
  for (const std::string& environment : wanted) {
    const bool drafts = environment.empty();
    auto accepted = calls_.ask(apig::export_group(
        calls_.base(), found->id, environments->at(drafts ? "RELEASE" : environment), drafts ? "dev" : "all"));
    if (!accepted) return accepted.forward();
    auto id = apig::read_task_id(*accepted);
    if (!id) return id.forward();
    detail->parts.push_back({environment, std::move(*id)});
  }
  const std::string first = detail->parts.front().task_id;
  return Task{first, std::move(detail)};
}

Result<Task> ApigProvider::start(const Step& step, const RemoteIds& ids) {
  const Address group = Address::group(step.group);
  const std::string group_id = id_of(ids, group);
  const auto answered = [](EntryResult entry) {
    return Task{"", std::make_shared<Answered>(std::vector<EntryResult>{std::move(entry)})};
  };
  if (step.kind == StepKind::CreateGroup || step.kind == StepKind::UpdateGroup) {
    const auto body = parse_json(step.document);
    check(body.has_value(), "a group step's document is not JSON");
    const bool create = step.kind == StepKind::CreateGroup;
    if (!create && group_id.empty()) return no_id(group);
    auto answer = calls_.change(create ? apig::create_group(calls_.base(), *body)
                                       : apig::update_group(calls_.base(), group_id, *body));
    if (!answer) return answer.forward();
    auto id = apig::read_id(*answer);
    if (!id) return id.forward();
    return answered({group, create ? Effected::Created : Effected::Updated, std::move(*id)});
  }
  if (step.kind == StepKind::Publish || step.kind == StepKind::Offline) return start_publishing(step, ids);
  if (step.kind == StepKind::DeletePolicy) return start_at_once(step, group_id, ids);
  if (group_id.empty()) return no_id(group);
  const bool at_once = step.kind == StepKind::CreateResponse || step.kind == StepKind::UpdateResponse ||
                       step.kind == StepKind::DeleteResponse || step.kind == StepKind::Bind ||
                       step.kind == StepKind::Unbind;
  if (at_once) return start_at_once(step, group_id, ids);
  if (step.kind == StepKind::Import) {
    auto answer = calls_.change(apig::import_apis(calls_.base(), group_id, step));
    if (!answer) return answer.forward();
    auto id = apig::read_task_id(*answer);
    if (!id) return id.forward();
    return Task{std::move(*id), std::make_shared<Import>(step.predicted)};
  }
  check(step.predicted.size() == 1, "a deletion names one resource");
  const Address& address = step.predicted.front().address;
  const std::string id = id_of(ids, address);
  if (id.empty()) return no_id(address);
  const auto removed = calls_.remove(step.kind == StepKind::DeleteGroup ? apig::delete_group(calls_.base(), id)
                                                                        : apig::delete_api(calls_.base(), id));
  if (!removed) return removed.forward();
  return answered({address, Effected::Deleted});
}

Result<std::string> ApigProvider::environment_id(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto at = environments_.find(name);
  if (at != environments_.end()) return at->second;
  return fail(ErrorKind::NotFound, fmt::format("The environment {} does not exist.", name));
}

Result<Task> ApigProvider::start_at_once(const Step& step, const std::string& group_id, const RemoteIds& ids) {
  Result<std::vector<EntryResult>> entries = std::vector<EntryResult>();
  if (step.kind == StepKind::DeletePolicy) {
    const Address& policy = step.predicted.front().address;
    const std::string id = id_of(ids, policy);
    if (id.empty()) return no_id(policy);
    entries = apig::delete_policy(calls_, policy, id);
  } else if (step.kind == StepKind::Bind || step.kind == StepKind::Unbind) {
    const auto env_id = environment_id(step.environment);
    if (!env_id) return env_id.forward();
    entries = apig::change_bindings(calls_, step, group_id, *env_id, ids);
  } else {
    entries = apig::change_response(calls_, step, group_id, ids);
  }
  if (!entries) return entries.forward();
  return Task{"", std::make_shared<Answered>(std::move(*entries))};
}

Result<Task> ApigProvider::start_publishing(const Step& step, const RemoteIds& ids) {
  const auto env_id = environment_id(step.environment);
  if (!env_id) return env_id.forward();
  std::map<std::string, Address> by_id;
  std::vector<std::string> api_ids;
  std::vector<EntryResult> entries;
  for (const Prediction& prediction : step.predicted) {
    const std::string id = id_of(ids, prediction.address.api_of_publication());
    if (id.empty()) {
      entries.push_back({prediction.address, Effected::Failed, "", "", "the API is not on the gateway"});
    } else {
      by_id.emplace(id, prediction.address);
      api_ids.push_back(id);
    }
  }
  const bool online = step.kind == StepKind::Publish;
  for (std::size_t done = 0; done < api_ids.size();) {
    const std::size_t count = std::min(apig::kPublishedAtOnce, api_ids.size() - done);
    const std::vector<std::string> some(api_ids.begin() + static_cast<std::ptrdiff_t>(done),
                                        api_ids.begin() + static_cast<std::ptrdiff_t>(done + count));
    auto answer = calls_.change(apig::publish_apis(calls_.base(), *env_id, some, online));
    if (!answer && (done == 0 || answer.error().effect != Effect::None)) {
      Error error = answer.error();
      if (done > 0) error.effect = Effect::Unknown;
      return fail(std::move(error));
    }
    if (!answer) {  // those before are done, and only they
      for (; done < api_ids.size(); ++done) {
        entries.push_back({by_id.at(api_ids[done]), Effected::Failed, "", answer.error().code, answer.error().message});
      }
      break;
    }
    auto read = apig::read_publish_entries(*answer, by_id, online);
    if (!read) return read.forward();
    entries.insert(entries.end(), std::make_move_iterator(read->begin()), std::make_move_iterator(read->end()));
    done += count;
  }
  return Task{"", std::make_shared<Answered>(std::move(entries))};
}

Result<TaskStatus> ApigProvider::poll(Task& task) {
  if (auto* answered = dynamic_cast<Answered*>(task.detail.get())) return TaskStatus(StepDone{answered->entries});
  if (auto* seen = dynamic_cast<Seen*>(task.detail.get())) return TaskStatus(std::move(seen->done));
  if (auto* exporting = dynamic_cast<Export*>(task.detail.get())) return poll_export(*exporting);
  const auto* importing = dynamic_cast<Import*>(task.detail.get());
  return poll_import(task.id, importing != nullptr ? importing->predicted : std::vector<Prediction>{});
}

Result<TaskStatus> ApigProvider::poll_import(const std::string& id, const std::vector<Prediction>& predicted) {
  auto answer = transport_.send(apig::query_task(calls_.base(), id));
  if (!answer) return answer.forward();
  if (answer->status / 100 != 2) {
    Error error = apig::error_of(apig::query_task(calls_.base(), id), *answer, false);
    if (error.kind != ErrorKind::NotFound) return fail(std::move(error));
    error.effect = Effect::Unknown;  // the record is gone, which says nothing about what the task did
    return TaskStatus(TaskFailed{std::move(error)});
  }
  const auto task = apig::read_task(*answer);
  if (!task) return task.forward();
  if (task->state == apig::TaskAnswer::State::Running) return TaskStatus(TaskRunning{});
  if (task->state == apig::TaskAnswer::State::Failed)
    return TaskStatus(TaskFailed{apig::read_task_error(task->result), true});
  auto entries = apig::read_import_entries(task->result, predicted);
  if (!entries) return TaskStatus(TaskFailed{entries.error()});
  return TaskStatus(StepDone{std::move(*entries)});
}

Result<TaskStatus> ApigProvider::poll_export(Export& detail) {
  for (Export::Part& part : detail.parts) {
    if (part.apis) continue;
    const HttpRequest question = apig::query_task(calls_.base(), part.task_id);
    auto answer = calls_.ask(question);
    if (!answer) {
      if (answer.error().kind == ErrorKind::NotFound) return TaskStatus(TaskFailed{answer.error()});
      return answer.forward();
    }
    const auto task = apig::read_task(*answer);
    if (!task) return task.forward();
    if (task->state == apig::TaskAnswer::State::Running) return TaskStatus(TaskRunning{});
    if (task->state == apig::TaskAnswer::State::Failed) {
      Error error = apig::read_task_error(task->result);
      error.effect = Effect::None;
      return TaskStatus(TaskFailed{std::move(error)});
    }
    auto read = detail.read(part, task->result);
    if (!read) return TaskStatus(TaskFailed{read.error()});
    part.apis = std::move(*read);
  }
  if (!detail.questions && detail.found) detail.questions.emplace(detail.in_doubt());
  if (detail.questions) {
    auto known = detail.questions->ask_some(calls_, detail.found->id);
    if (!known && known.error().kind == ErrorKind::Unavailable) return TaskStatus(TaskFailed{known.error()});
    if (!known) return known.forward();
    if (!*known) return TaskStatus(TaskRunning{});
    detail.take_drafts(detail.questions->bodies());
  }
  auto live = detail.assemble();
  if (!live) return TaskStatus(TaskFailed{live.error()});
  return TaskStatus(ExportDone{std::move(*live)});
}

Task ApigProvider::resume(const std::string& id, const std::string& /*group*/) {
  return {id, std::make_shared<Import>(std::vector<Prediction>{})};
}

}  // namespace sluice
