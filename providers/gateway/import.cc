#include "providers/gateway/import.h"

#include <set>
#include <unordered_map>

#include "plan/json.h"
#include "providers/gateway/apis.h"
#include "providers/gateway/bindings.h"
#include "providers/gateway/definition.h"
#include "providers/gateway/fields.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/importer.h"
#include "providers/gateway/multipart.h"
#include "providers/gateway/names.h"
#include "providers/gateway/policy_import.h"
#include "providers/gateway/publishing.h"
#include "providers/gateway/references.h"

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

Value outline(const ImportedOperation& operation) {
  Value out;
  return out.set("method", operation.method).set("path", operation.path);
}

/// One import into one group: what the group holds by identity and by name, and what happened so far.
class Importer {
 public:
  Importer(Session& session, const Group& group, const PolicyImport& policies, bool override_apis);
  /// Fails an operation without a look at it.
  void fail(const ImportedOperation& operation, const Fault& fault);
  /// Leaves an operation out without a look at it.
  void ignore(const ImportedOperation& operation) { ignore_.push(outline(operation)); }
  void take(const ImportedOperation& operation);
  Value result();

 private:
  Result<Value, Fault> checked(const ImportedOperation& operation);
  void update(const ImportedOperation& operation, Api& old, Value definition);
  void create(const ImportedOperation& operation, const std::string& identity, Value definition);
  void wish(const ImportedOperation& operation, Api& api);
  void succeed(const ImportedOperation& operation, const std::string& id, std::string_view action);
  Api* existing(const std::string& identity, std::string_view name) const;
  Api& renewed(Api& api);
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

std::string Importer::free_name() {
  std::string name = session_.new_api_name();
  while (by_name_.contains(name)) name = session_.new_api_name();
  return name;
}

Result<Value, Fault> Importer::checked(const ImportedOperation& operation) {
  if (!operation.definition) return operation.definition.forward();
  Value body = *operation.definition;
  if (body.find("name") == nullptr) body.set("name", free_name());
  const bool drop = session_.rules.drop_missing_policies;
  if (auto fault = policies_.fault_of(session_.instance, operation.wishes); fault && !drop) {
    return Unexpected<Fault>{*fault};
  }
  if (const std::string name(body.text("response_id")); !name.empty()) {
    const auto fault = policies_.fault_of(session_.instance, PolicyKind::Response, name, group_.id);
    if (fault && !drop) return Unexpected<Fault>{*fault};
    const Policy* response = find_policy_named(session_.instance, PolicyKind::Response, name, group_.id);
    body.set("response_id", response != nullptr ? response->id : std::string());
  }
  auto definition = check_definition(body, session_.rules);
  if (!definition) return definition;
  if (drop) drop_unknown_rules(session_.instance, *definition);
  if (auto linked = link_references(session_, ReferBy::Name, *definition); !linked) return linked.forward();
  return definition;
}

/// The API that an operation meets; null when it meets none.
Api* Importer::existing(const std::string& identity, std::string_view name) const {
  if (session_.rules.match_names) {
    const auto holder = by_name_.find(std::string(name));
    if (holder != by_name_.end()) return session_.instance.apis.find(holder->second);
  }
  const auto known = by_identity_.find(identity);
  return known != by_identity_.end() ? session_.instance.apis.find(known->second) : nullptr;
}

void Importer::take(const ImportedOperation& operation) {
  auto definition = checked(operation);
  if (!definition) return fail(operation, definition.error());
  const std::string identity = identity_of(*definition, session_.rules.distinct_variables);
  const std::string name(definition->text("name"));
  Api* met = existing(identity, name);
  const auto known = by_identity_.find(identity);
  if (taken_.contains(identity) || (met != nullptr && taken_.contains(met->identity))) {
    return fail(operation, path_conflict(met != nullptr ? met->definition.text("name") : ""));
  }
  if (met != nullptr && !override_) {
    if (session_.rules.merge_fails) return fail(operation, path_conflict(met->definition.text("name")));
    taken_.insert(met->identity);
    return ignore(operation);
  }
  if (met != nullptr && known != by_identity_.end() && known->second != met->id) {
    return fail(operation, path_conflict(session_.instance.apis.find(known->second)->definition.text("name")));
  }
  const auto holder = by_name_.find(name);
  if (holder != by_name_.end() && (met == nullptr || holder->second != met->id)) {
    return fail(operation, {"APIG.3202", "The API name already exists, api_name:" + name});
  }
  if (met != nullptr) {
    update(operation, *met, std::move(*definition));
  } else {
    create(operation, identity, std::move(*definition));
  }
}

/// What an overwritten API is before it gets its new draft, by the switch.
Api& Importer::renewed(Api& api) {
  switch (session_.rules.override_effect) {
    case OverrideEffect::Keep:
      break;
    case OverrideEffect::Unbind:
      for (const Publication& version : api.publications) unbind_all(session_, api, version.env_id);
      break;
    case OverrideEffect::Offline:
      end_publications(session_, api);
      break;
    case OverrideEffect::Replace: {
      const std::string old = api.id;
      Api& added = add_api(session_, group_.id, api.definition);
      session_.store.erase_api(session_.scope, old);
      session_.instance.apis.erase(old);
      return added;
    }
  }
  return api;
}

void Importer::update(const ImportedOperation& operation, Api& old, Value definition) {
  by_name_.erase(std::string(old.definition.text("name")));
  by_identity_.erase(old.identity);
  Api& api = renewed(old);
  replace_draft(session_, api, std::move(definition));
  by_name_.emplace(api.definition.text("name"), api.id);
  by_identity_.emplace(api.identity, api.id);
  taken_.insert(api.identity);
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
  out.set("success", success_).set("failure", failure_);
  if (!session_.rules.omit_swagger) out.set("swagger", std::move(swagger));
  out.set("group_id", group_.id);
  if (!session_.rules.omit_ignore) out.set("ignore", ignore_);
  return out;
}

/// Whether there is a group to import into, or may be.
Result<void, Fault> check_group(const Session& session, const ImportRequest& request,
                                const ImportedDocument& document) {
  if (!request.create_group) {
    if (session.instance.groups.find(request.group_id) != nullptr) return {};
    return Unexpected<Fault>{unknown_group(request.group_id)};
  }
  const bool allowed = session.rules.wide_titles ? is_wide_name(document.title) : is_title(document.title);
  if (!allowed) return refuse("APIG.2044");
  if (find_group_named(session, document.title) != nullptr) return refuse("APIG.3201");
  if (auto room = room_for_group(session); !room) return room.forward();
  if (length_of(document.description) > kLongestGroupRemark) return refuse_invalid("info.description");
  return {};
}

PolicyImport plan_policies(const Session& session, const ImportRequest& request, const ImportedDocument& document) {
  const std::string_view known_group = request.create_group ? std::string_view() : request.group_id;
  return {session.instance, known_group, document.policies, request.override_policies};
}

/// What refuses an import as a whole.
Result<void, Fault> check_document(const Session& session, const ImportRequest& request,
                                   const ImportedDocument& document, const PolicyImport& policies) {
  // Without operations there is nobody whose failure would tell.
  if (const auto fault = policies.fault(); fault && document.operations.empty()) return Unexpected<Fault>{*fault};
  return check_group(session, request, document);
}

/// A document is there and is not too large.
Result<void, Fault> check_file(std::string_view file, const Rules& rules) {
  if (file.find_first_not_of(" \t\r\n") == std::string_view::npos) return refuse("APIG.3609");
  if (file.size() > rules.import_megabytes << 20U) return refuse("APIG.3603");
  return {};
}

}  // namespace

Result<ImportRequest, Fault> read_import(const Call& call, const Rules& rules) {
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
  if (auto good = check_file(file->data, rules); !good) return good.forward();
  request.file = file->data;
  return request;
}

Result<ImportRequest, Fault> read_json_import(const Call& call, const Rules& rules) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  std::optional<Fault> fault;
  Fields fields(*body, fault);
  ImportRequest request;
  request.create_group = fields.flag("is_create_group", true);
  request.override_apis = fields.word("api_mode", {"merge", "override"}, "merge") == "override";
  request.override_policies = fields.word("extend_mode", {"merge", "override"}, "merge") == "override";
  request.mock_backend = fields.flag("mock_mode", false);
  request.group_id = fields.text("group_id", 64);
  if (!request.create_group && request.group_id.empty()) fields.report(missing("group_id"));
  const Value* document = fields.find("swagger");
  if (document == nullptr) fields.report(missing("swagger"));
  if (fault) return Unexpected<Fault>{*fault};
  request.file = document->is_string() ? document->as_string() : write_json(*document);
  if (auto good = check_file(request.file, rules); !good) return good.forward();
  return request;
}

Result<void, Fault> check_at_post(const Session& session, const ImportRequest& request) {
  const Rules& rules = session.rules;
  if (!rules.check_at_post && !rules.count_at_post) return {};
  const auto document = read_swagger(request.file, request.mock_backend, rules);
  if (!document) {
    const bool count = document.error().code == "APIG.3127";
    if (count ? rules.count_at_post : rules.check_at_post) return document.forward();
    return {};
  }
  if (!rules.check_at_post) return {};
  return check_document(session, request, *document, plan_policies(session, request, *document));
}

std::string write_import(const ImportRequest& request) {
  Value head;
  head.set("create_group", request.create_group).set("override_apis", request.override_apis);
  head.set("override_policies", request.override_policies);
  head.set("mock_backend", request.mock_backend).set("group_id", request.group_id);
  if (!request.mischief.empty()) head.set("mischief", write_mischief(request.mischief));
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
  request.mischief = read_mischief(head->find("mischief"));
  request.file = text.substr(end + 1);
  return request;
}

Result<Value, Fault> run_import(Session& session, const ImportRequest& request) {
  const Mischief& mischief = request.mischief;
  if (mischief.failure) return Unexpected<Fault>{*mischief.failure};
  const auto document = read_swagger(request.file, request.mock_backend, session.rules);
  if (!document) return document.forward();
  PolicyImport policies = plan_policies(session, request, *document);
  if (auto good = check_document(session, request, *document, policies); !good) return good.forward();
  const Group& group = request.create_group ? add_group(session, document->title, document->description)
                                            : *session.instance.groups.find(request.group_id);
  policies.carry_out(session, group.id);
  Importer importer(session, group, policies, request.override_apis);
  const std::size_t count = document->operations.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (i < mischief.ignoring) {
      importer.ignore(document->operations[i]);
    } else if (count - i <= mischief.failing) {
      importer.fail(document->operations[i], mischief.why);
    } else {
      importer.take(document->operations[i]);
    }
  }
  return importer.result();
}

}  // namespace sluice::gateway
