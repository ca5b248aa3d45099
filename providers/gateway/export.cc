#include "providers/gateway/export.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "plan/json.h"
#include "plan/yaml.h"
#include "providers/gateway/authorizers.h"
#include "providers/gateway/environments.h"
#include "providers/gateway/exporter.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/openapi.h"
#include "providers/gateway/policy_documents.h"
#include "providers/gateway/references.h"
#include "providers/gateway/responses.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kLongestVersion = 255;

Result<std::string, Fault> one_of(const Value& body, std::string_view name,
                                  std::initializer_list<std::string_view> words) {
  const auto text = optional_text(body, name, kLongestVersion);
  if (!text) return text.forward();
  if (text->empty()) return std::string(*words.begin());
  if (std::find(words.begin(), words.end(), *text) == words.end()) return refuse_invalid(name);
  return *text;
}

Result<std::vector<std::string>, Fault> read_ids(const Value& body) {
  std::vector<std::string> ids;
  const Value* list = body.find("apis");
  if (list == nullptr || list->is_null()) return ids;
  if (!list->is_array()) return refuse_invalid("apis");
  for (const Value& item : list->items()) {
    if (!item.is_string()) return refuse_invalid("apis");
    ids.push_back(item.as_string());
  }
  return ids;
}

/// The V1 words for the same.
std::string_view v2_define(std::string_view word) {
  if (word == "base") return "spec";
  return word == "full" ? std::string_view("proxy") : word;
}

Result<void, Fault> check_format_version(std::string_view version) {
  if (version.empty() || version == "2.0" || version == "3.0") return {};
  return refuse_invalid("oas_version");
}

using PoliciesByName = std::map<std::string_view, const Policy*>;

/// The policies that the exported APIs name.
struct UsedPolicies {
  PoliciesByName acls;
  PoliciesByName throttles;
};

/// The name of a definition's response; "" for the group's default one. Older drafts hold the name itself.
std::string response_name(const Instance& instance, const Value& definition) {
  const std::string_view id = definition.text("response_id");
  if (id.empty()) return {};
  const Policy* response = instance.responses.find(id);
  if (response == nullptr) return std::string(id);
  return response->name == kDefaultResponse ? std::string() : response->name;
}

/// Writes the names of what is bound to an API in an environment. An operation has room for one access control policy:
/// of several it is the one for IP addresses, else the first that was bound.
void name_policies(const Instance& instance, const Api& api, std::string_view env_id, ExportedApi& out,
                   UsedPolicies& used) {
  const Policy* acl = nullptr;
  std::vector<std::string_view> plugins;
  for (const Binding& binding : api.bindings) {
    const Policy* policy = instance.policies(binding.kind).find(binding.policy_id);
    if (policy == nullptr || binding.env_id != env_id) continue;
    if (binding.kind == PolicyKind::Throttle) {
      out.ratelimit = policy->name;
      used.throttles.emplace(policy->name, policy);
    } else if (binding.kind == PolicyKind::Acl) {
      if (acl == nullptr || policy->body.text("entity_type") == "IP") acl = policy;
    } else {
      plugins.push_back(policy->name);
    }
  }
  if (acl != nullptr) {
    out.access_control = acl->name;
    used.acls.emplace(acl->name, acl);
  }
  std::sort(plugins.begin(), plugins.end());
  for (const std::string_view name : plugins) out.plugins.push(name);
}

Value write_policies(const PoliciesByName& policies) {
  Value out;
  for (const auto& [name, policy] : policies) out.set(name, write_document_policy(*policy));
  return out;
}

/// All responses of a group but for an untouched default one.
Value write_responses(const Instance& instance, std::string_view group_id) {
  PoliciesByName named;
  for (const Policy* response : responses_of(instance, group_id)) {
    const Value* set = response->body.find("responses");
    const bool untouched = set == nullptr || set->empty();
    if (response->name != kDefaultResponse || !untouched) named.emplace(response->name, response);
  }
  return named.empty() ? Value::object() : write_policies(named);
}

std::string write_document(const ExportRequest& request, const ExportedGroup& group, bool backends) {
  const bool json = request.type == "json";
  if (request.openapi) {
    const Value document = make_openapi(group, backends);
    return json ? write_json_pretty(document) : write_yaml(document);
  }
  return json ? write_swagger_json(group, backends) : write_yaml(make_swagger(group, backends));
}

}  // namespace

Result<ExportRequest, Fault> read_export(const Call& call, Now now, const Rules& rules) {
  if (auto known = check_format_version(call.parameter("oas_version")); !known) return known.forward();
  const auto body = read_body(call);
  if (!body) return body.forward();
  auto env_id =
      rules.optional_environment ? optional_text(*body, "env_id", kLongestVersion) : required_text(*body, "env_id");
  if (!env_id) return env_id.forward();
  if (env_id->empty()) *env_id = kReleaseId;
  const auto group_id = required_text(*body, "group_id");
  if (!group_id) return group_id.forward();
  const auto define = rules.v1_define ? one_of(*body, "define", {"spec", "proxy", "all", "dev", "base", "full"})
                                      : one_of(*body, "define", {"spec", "proxy", "all", "dev"});
  if (!define) return define.forward();
  const auto type = one_of(*body, "type", {"json", "yaml", "yml"});
  if (!type) return type.forward();
  const auto version = optional_text(*body, "version", kLongestVersion);
  if (!version) return version.forward();
  const auto apis = read_ids(*body);
  if (!apis) return apis.forward();
  ExportRequest out{*env_id, *group_id, std::string(v2_define(*define)), *type, *version, *apis};
  if (out.version.empty()) out.version = write_time_dashed(now);
  out.openapi = call.parameter("oas_version") == "3.0";
  return out;
}

std::string write_export(const ExportRequest& request) {
  Value apis = Value::array();
  for (const std::string& id : request.apis) apis.push(id);
  Value out;
  out.set("env_id", request.env_id).set("group_id", request.group_id).set("define", request.define);
  out.set("type", request.type).set("version", request.version).set("apis", std::move(apis));
  if (request.openapi) out.set("openapi", true);
  if (!request.mischief.empty()) out.set("mischief", write_mischief(request.mischief));
  return write_json(out);
}

ExportRequest parse_export(std::string_view text) {
  const auto body = parse_json(text);
  if (!body) return {};
  const auto field = [&](std::string_view name) { return std::string(body->text(name)); };
  ExportRequest out{field("env_id"), field("group_id"), field("define"), field("type"), field("version"), {}};
  out.openapi = body->find("openapi") != nullptr;
  out.mischief = read_mischief(body->find("mischief"));
  if (const auto ids = read_ids(*body); ids) out.apis = *ids;
  return out;
}

Result<ExportedFile, Fault> run_export(const Session& session, const ExportRequest& request) {
  if (request.mischief.failure) return Unexpected<Fault>{*request.mischief.failure};
  const Group* group = session.instance.groups.find(request.group_id);
  if (group == nullptr) return Unexpected<Fault>{unknown_group(request.group_id)};
  const Environment* environment = session.environment(request.env_id);
  if (environment == nullptr) return Unexpected<Fault>{unknown_environment(request.env_id)};
  const Rules& rules = session.rules;
  ExportedGroup exported;
  exported.style = {!rules.plain_text, rules.samples_inside, rules.lower_case, rules.documented_words};
  exported.id = group->id;
  exported.name = group->name;
  exported.remark = group->remark;
  exported.version = request.version;
  const bool policies = request.define == "all";
  UsedPolicies used;
  const std::set<std::string_view> wanted(request.apis.begin(), request.apis.end());
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (api.group_id != group->id || (!wanted.empty() && !wanted.contains(api.id))) continue;
    const Publication* version = api.published_in(request.env_id);
    const bool dev = request.define == "dev";
    if (dev ? rules.dev_only_unpublished && version != nullptr : version == nullptr) continue;
    const bool draft = dev && (version == nullptr || !rules.dev_as_published);
    ExportedApi item;
    item.definition = name_references(session.instance, draft ? api.definition : version->definition);
    item.response = response_name(session.instance, item.definition);
    if (policies) name_policies(session.instance, api, request.env_id, item, used);
    exported.apis.push_back(std::move(item));
  }
  if (policies) {
    exported.access_controls = write_policies(used.acls);
    exported.ratelimits = write_policies(used.throttles);
    exported.responses = write_responses(session.instance, group->id);
    for (const auto& [number, authorizer] : session.instance.authorizers.rows()) {
      exported.authorizers.set(authorizer.name, write_authorizer_extension(authorizer));
    }
  }
  const bool backends = request.define != "spec";
  std::string name = group->name + "-" + environment->name + "-" + request.define + "-" + request.version;
  return ExportedFile{std::move(name), (rules.plain_text ? "" : ".") + request.type,
                      write_document(request, exported, backends)};
}

}  // namespace sluice::gateway
