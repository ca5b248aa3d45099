#include "providers/gateway/instances.h"

#include <algorithm>

namespace sluice::gateway {
namespace {

constexpr std::size_t kPlatinumApis = 8000;
constexpr std::size_t kEnterpriseApis = 2000;
constexpr std::size_t kProfessionalApis = 800;

std::string_view edition_of(const Rules& rules) {
  if (rules.most_apis >= kPlatinumApis) return "PLATINUM";
  if (rules.most_apis >= kEnterpriseApis) return "ENTERPRISE";
  return rules.most_apis >= kProfessionalApis ? "PROFESSIONAL" : "BASIC";
}

Value write_instance(const Session& session, const InstanceEntry& instance) {
  Value out;
  out.set("id", instance.id).set("project_id", instance.project_id).set("instance_name", instance.name);
  out.set("status", "Running").set("instance_status", 6).set("type", "apig").set("spec", edition_of(session.rules));
  return out.set("create_time", 0).set("enterprise_project_id", "0").set("eip_address", Value());
}

InstanceEntry unnamed(const Session& session, const std::string& id) {
  return {id, session.project_id, "apig-" + id.substr(0, 8)};
}

}  // namespace

Reply list_instances(Session& session, const Call& call) {
  std::vector<InstanceEntry> known;
  if (session.directory != nullptr) {
    const auto& all = session.directory->instances;
    std::copy_if(all.begin(), all.end(), std::back_inserter(known),
                 [&](const InstanceEntry& entry) { return entry.project_id == session.project_id; });
  } else {
    for (const std::string& id : session.store.instances(session.project_id)) known.push_back(unnamed(session, id));
  }
  const std::string_view status = call.parameter("status");
  std::vector<const InstanceEntry*> rows;
  for (const InstanceEntry& entry : known) {
    if (passes(call.parameter("instance_id"), entry.id, true) &&
        passes(call.parameter("instance_name"), entry.name, false) && passes(status, "Running", true)) {
      rows.push_back(&entry);
    }
  }
  return list_answer(call, "instances", rows,
                     [&](const InstanceEntry& entry) { return write_instance(session, entry); });
}

Reply show_instance(Session& session, const Call&) {
  const InstanceEntry* known =
      session.directory != nullptr ? session.directory->find(session.project_id, session.instance_id) : nullptr;
  return json_answer(200, write_instance(session, known != nullptr ? *known : unnamed(session, session.instance_id)));
}

}  // namespace sluice::gateway
