#include "providers/gateway/instances.h"

namespace sluice::gateway {
namespace {

Value write_instance(std::string_view project_id, std::string_view id) {
  Value out;
  out.set("id", id).set("project_id", project_id).set("instance_name", "apig-" + std::string(id.substr(0, 8)));
  out.set("status", "Running").set("instance_status", 6).set("type", "apig").set("spec", "PLATINUM");
  return out.set("create_time", 0).set("enterprise_project_id", "0").set("eip_address", Value());
}

}  // namespace

Reply list_instances(Session& session, const Call& call) {
  const std::vector<std::string> ids = session.store.instances(session.project_id);
  std::vector<const std::string*> rows;
  for (const std::string& id : ids) {
    if (passes(call.parameter("instance_id"), id, true) &&
        passes(call.parameter("instance_name"), "apig-" + id, false)) {
      rows.push_back(&id);
    }
  }
  return list_answer(call, "instances", rows,
                     [&](const std::string& id) { return write_instance(session.project_id, id); });
}

Reply show_instance(Session& session, const Call&) {
  return json_answer(200, write_instance(session.project_id, session.instance_id));
}

}  // namespace sluice::gateway
