#include "providers/gateway/environments.h"

#include <algorithm>

#include "providers/gateway/limits.h"
#include "providers/gateway/names.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kLongestRemark = 255;

Value write_environment(const Environment& environment) {
  Value out;
  out.set("create_time", write_time(environment.created)).set("name", environment.name);
  return out.set("remark", environment.remark).set("id", environment.id);
}

/// Name and remark of a body; the name must not be held by another environment than `self`.
Result<Environment, Fault> read_fields(const Session& session, const Call& call, std::string_view self) {
  const auto body = read_body(call);
  if (!body) return body.forward();
  const auto name = required_text(*body, "name");
  if (!name) return name.forward();
  if (!is_environment_name(*name)) return refuse_invalid("name", "APIG.2012");
  const auto remark = optional_text(*body, "remark", kLongestRemark, "APIG.2012");
  if (!remark) return remark.forward();
  const auto& rows = session.instance.environments.rows();
  const bool held = *name == kReleaseName || std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
    return row.second.name == *name && row.second.id != self;
  });
  if (held) return refuse("APIG.3205");
  return Environment{"", *name, *remark, session.now};
}

}  // namespace

Fault unknown_environment(std::string_view id) {
  return {"APIG.3003", "Environment " + std::string(id) + " does not exist"};
}

Reply create_environment(Session& session, const Call& call) {
  auto fields = read_fields(session, call, "");
  if (!fields) return fields.forward();
  if (session.instance.environments.size() + 1 >= kMostEnvironments) return refuse("APIG.3104");
  fields->id = session.new_id();
  const Environment& added = session.instance.environments.add(std::move(*fields));
  session.store.put(session.scope, added);
  return json_answer(201, write_environment(added));
}

Reply list_environments(Session& session, const Call& call) {
  const std::string_view name = call.parameter("name");
  const bool exact = is_precise(call, "name");
  std::vector<const Environment*> rows;
  if (passes(name, kReleaseName, exact)) rows.push_back(&release_environment());
  for (const auto& [number, environment] : session.instance.environments.rows()) {
    if (passes(name, environment.name, exact)) rows.push_back(&environment);
  }
  return list_answer(call, "envs", rows, write_environment);
}

Reply update_environment(Session& session, const Call& call) {
  if (call.ids[0] == kReleaseId) return refuse("APIG.1103");
  Environment* environment = session.instance.environments.find(call.ids[0]);
  if (environment == nullptr) return Unexpected<Fault>{unknown_environment(call.ids[0])};
  const auto fields = read_fields(session, call, environment->id);
  if (!fields) return fields.forward();
  environment->name = fields->name;
  environment->remark = fields->remark;
  session.store.put(session.scope, *environment);
  return json_answer(200, write_environment(*environment));
}

Reply delete_environment(Session& session, const Call& call) {
  const std::string& id = call.ids[0];
  if (id == kReleaseId) return refuse("APIG.1103");
  if (session.instance.environments.find(id) == nullptr) return Unexpected<Fault>{unknown_environment(id)};
  for (const auto& [number, api] : session.instance.apis.rows()) {
    if (api.published_in(id) != nullptr) return refuse("APIG.3418");
  }
  for (auto& [number, api] : session.instance.apis.rows()) {
    for (const Publication& version : api.publications) {
      if (version.env_id == id) session.store.erase_version(session.scope, version.version_id);
    }
    std::erase_if(api.publications, [&](const Publication& version) { return version.env_id == id; });
  }
  session.instance.environments.erase(id);
  session.store.erase_environment(session.scope, id);
  return empty_answer();
}

}  // namespace sluice::gateway
