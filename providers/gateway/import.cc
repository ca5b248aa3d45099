#include "providers/gateway/import.h"

#include <set>
#include <unordered_map>

#include "plan/json.h"
#include "providers/gateway/apis.h"
#include "providers/gateway/definition.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/importer.h"
#include "providers/gateway/multipart.h"
#include "providers/gateway/names.h"
#include "providers/gateway/policy_import.h"

namespace sluice::gateway {
namespace {

/// Text form fields by name; all have defaults.
class Form {
 public:
  explicit Form(const std::vector<FormPart>& parts) : parts_(parts) {}

  std::string_view text(std::string_view name) const {
    const FormPart* part = find_part(parts_, name);
    return part != nullptr ? part->data : std::string_view();
  }
  /// True when the field holds `yes`, false when `no`; any other word is a fault.
  bool choose(std::string_view name, std::string_view yes, std::string_view no, bool absent) {
    const std::string_view word = text(name);
    if (word.empty()) return absent;
    if (word != yes && word != no && !fault) fault = invalid(name);
    return word == yes;
  }

  std::optional<Fault> fault;

 private:
  const std::vector<FormPart>& parts_;
};

/// One import into one group: what the group holds by identity and by name, and what happened so far.
class Importer {
 public:
  Importer(Session& session, const Group& group, const PolicyImport& policies, bool override_apis);
  void take(const ImportedOperation& operation);
  Value result();

 private:
  Result<Value, Fault> checked(const ImportedOperation& operation);
  void update(const ImportedOperation& operation, Api& api, Value definition);
  void create(const ImportedOperation& operation, const std::string& identity, Value definition);
  void wish(const ImportedOperation& operation, Api& api);
  void succeed(const ImportedOperation& operation, const std::string& id, std::string_view action);
  void fail(const ImportedOperation& operation, const Fault& fault);
  std::string free_name();

  Session& session_;
  const Group& group_;
  const PolicyImport& policies_;
  bool override_;
  std::unordered_map<std::string, std::string> by_identity_;
  std::unordered_map<std::string, std::string> by_name_;
  std::set<std::string> taken_;
  Value success_ = Value::array();
  Value failure_ = Value::array();
  Value ignore_ = Value::array();
};

Importer::Importer(Session& session, const Group& group, const PolicyImport& policies, bool override_apis)
    : session_(session), group_(group), policies_(policies), override_(override_apis) {
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (api.group_id != group.id) continue;
    by_identity_.emplace(api.identity, api.id);
    by_name_.emplace(api.definition.text("name"), api.id);
  }
}

Fault path_conflict(std::string_view name) {
  return {"APIG.3301",
          "The API already exists, An API with the same combination of the method, path, and x-apigateway-match-mode "
          "fields already exists. API name: " +
              std::string(name)};
}

Value outline(const ImportedOperation& operation) {
  Value out;
  return out.set("method", operation.method).set("path", operation.path);
}

std::string Importer::free_name() {
  std::string name = session_.new_api_name();
  while (by_name_.contains(name)) name = session_.new_api_name();
  return name;
}

Result<Value, Fault> Importer::checked(const ImportedOperation& operation) {
  if (!operation.definition) return operation.definition.forward();
  Value body = *operation.definition;
  if (body.find("name") == nullptr) body.set("name", free_name());
  if (auto fault = policies_.fault_of(session_.instance, operation.wishes)) return Unexpected<Fault>{*fault};
  if (const std::string name(body.text("response_id")); !name.empty()) {
    const auto fault = policies_.fault_of(session_.instance, PolicyKind::Response, name, group_.id);
    if (fault) return Unexpected<Fault>{*fault};
    body.set("response_id", find_policy_named(session_.instance, PolicyKind::Response, name, group_.id)->id);
  }
  return check_definition(body);
}

void Importer::take(const ImportedOperation& operation) {
  auto definition = checked(operation);
  if (!definition) return fail(operation, definition.error());
  const std::string identity = identity_of(*definition, session_.rules.distinct_variables);
  const auto known = by_identity_.find(identity);
  Api* existing = known != by_identity_.end() ? session_.instance.apis.find(known->second) : nullptr;
  if (taken_.contains(identity)) {
    return fail(operation, path_conflict(existing != nullptr ? existing->definition.text("name") : ""));
  }
  if (existing != nullptr && !override_) {
    if (session_.rules.merge_fails) return fail(operation, path_conflict(existing->definition.text("name")));
    taken_.insert(identity);
    ignore_.push(outline(operation));
    return;
  }
  const std::string name(definition->text("name"));
  const auto holder = by_name_.find(name);
  if (holder != by_name_.end() && (existing == nullptr || holder->second != existing->id)) {
    return fail(operation, {"APIG.3202", "The API name already exists, api_name:" + name});
  }
  if (existing != nullptr) {
    update(operation, *existing, std::move(*definition));
  } else {
    create(operation, identity, std::move(*definition));
  }
}

void Importer::update(const ImportedOperation& operation, Api& api, Value definition) {
  by_name_.erase(std::string(api.definition.text("name")));
  by_name_.emplace(definition.text("name"), api.id);
  taken_.insert(api.identity);
  replace_draft(session_, api, std::move(definition));
  wish(operation, api);
  succeed(operation, api.id, "update");
}

void Importer::create(const ImportedOperation& operation, const std::string& identity, Value definition) {
  if (auto room = room_for_api(session_, group_.id, by_identity_.size()); !room) return fail(operation, room.error());
  Api& api = add_api(session_, group_.id, std::move(definition));
  wish(operation, api);
  by_identity_.emplace(identity, api.id);
  by_name_.emplace(api.definition.text("name"), api.id);
  taken_.insert(identity);
  succeed(operation, api.id, "create");
}

/// What a draft names takes effect when it is published.
void Importer::wish(const ImportedOperation& operation, Api& api) {
  api.wishes = operation.wishes;
  session_.store.put_wishes(session_.scope, api.id, api.wishes);
}

void Importer::succeed(const ImportedOperation& operation, const std::string& id, std::string_view action) {
  Value item;
  item.set("id", id).set("action", action).set("method", operation.method).set("path", operation.path);
  success_.push(std::move(item));
}

void Importer::fail(const ImportedOperation& operation, const Fault& fault) {
  Value item = outline(operation);
  failure_.push(item.set("error_code", fault.code).set("error_msg", fault.message));
}

Value Importer::result() {
  Value swagger;
  swagger.set("id", session_.new_id()).set("result", "Success");
  Value out;
  out.set("success", success_).set("failure", failure_).set("swagger", std::move(swagger)).set("group_id", group_.id);
  if (!session_.rules.omit_ignore) out.set("ignore", ignore_);
  return out;
}

Result<const Group*, Fault> target_group(Session& session, const ImportRequest& request,
                                         const ImportedDocument& document) {
  if (!request.create_group) {
    const Group* group = session.instance.groups.find(request.group_id);
    if (group == nullptr) return Unexpected<Fault>{unknown_group(request.group_id)};
    return group;
  }
  const bool allowed = session.rules.wide_titles ? is_wide_name(document.title) : is_title(document.title);
  if (!allowed) return refuse("APIG.2044");
  if (find_group_named(session, document.title) != nullptr) return refuse("APIG.3201");
  if (auto room = room_for_group(session); !room) return room.forward();
  if (length_of(document.description) > kLongestGroupRemark) return refuse_invalid("info.description");
  return &add_group(session, document.title, document.description);
}

}  // namespace

Result<ImportRequest, Fault> read_import(const Call& call) {
  const auto parts = read_form(find_header(call.http.headers, "Content-Type"), call.http.body);
  if (!parts) return refuse_missing("file_name");
  Form form(*parts);
  ImportRequest request;
  request.create_group = form.choose("is_create_group", "true", "false", true);
  request.override_apis = form.choose("api_mode", "override", "merge", false);
  request.mock_backend = form.choose("mock_mode", "true", "false", false);
  request.override_policies = form.choose("extend_mode", "override", "merge", false);
  form.choose("simple_mode", "true", "false", false);
  if (form.fault) return Unexpected<Fault>{*form.fault};
  request.group_id = form.text("group_id");
  if (!request.create_group && request.group_id.empty()) return refuse_missing("group_id");
  const FormPart* file = find_part(*parts, "file_name");
  if (file == nullptr) return refuse_missing("file_name");
  if (file->data.find_first_not_of(" \t\r\n") == std::string_view::npos) return refuse("APIG.3609");
  request.file = file->data;
  return request;
}

std::string write_import(const ImportRequest& request) {
  Value head;
  head.set("create_group", request.create_group).set("override_apis", request.override_apis);
  head.set("override_policies", request.override_policies);
  head.set("mock_backend", request.mock_backend).set("group_id", request.group_id);
  return write_json(head) + "\n" + request.file;
}

ImportRequest parse_import(std::string_view text) {
  ImportRequest request;
  const std::size_t end = text.find('\n');
  const auto head = parse_json(text.substr(0, end));
  if (!head || end == std::string_view::npos) return request;
  const auto flag = [&](std::string_view name) {
    return head->find(name) != nullptr && *head->find(name) == Value(true);
  };
  request.create_group = flag("create_group");
  request.override_apis = flag("override_apis");
  request.override_policies = flag("override_policies");
  request.mock_backend = flag("mock_backend");
  request.group_id = head->text("group_id");
  request.file = text.substr(end + 1);
  return request;
}

Result<Value, Fault> run_import(Session& session, const ImportRequest& request) {
  const auto document = read_swagger(request.file, request.mock_backend);
  if (!document) return document.forward();
  const std::string_view known_group = request.create_group ? std::string_view() : request.group_id;
  PolicyImport policies(session.instance, known_group, document->policies, request.override_policies);
  // Without operations there is nobody whose failure would tell.
  if (const auto fault = policies.fault(); fault && document->operations.empty()) return Unexpected<Fault>{*fault};
  const auto group = target_group(session, request, *document);
  if (!group) return group.forward();
  policies.carry_out(session, (*group)->id);
  Importer importer(session, **group, policies, request.override_apis);
  for (const ImportedOperation& operation : document->operations) importer.take(operation);
  return importer.result();
}

}  // namespace sluice::gateway
