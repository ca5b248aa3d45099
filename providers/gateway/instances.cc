#include "providers/gateway/instances.h"

#include <algorithm>
#include <array>

#include "plan/digest.h"

namespace sluice::gateway {
namespace {

constexpr std::size_t kPlatinumApis = 8000;
constexpr std::size_t kEnterpriseApis = 2000;
constexpr std::size_t kProfessionalApis = 800;

struct Feature {
  std::string_view name;
  std::string_view config;
};
constexpr std::array kFeatures = {
    Feature{"app_token", R"({"enable":"off","app_token_expire_time":3600})"},
    Feature{"backend_timeout", R"({"max_timeout":60000})"},
    Feature{"ratelimit", R"({"api_limits":6000})"},
    Feature{"request_body_size", "12"},
};

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

Reply list_features(Session& session, const Call& call) {
  std::vector<const Feature*> rows;
  for (const Feature& feature : kFeatures) rows.push_back(&feature);
  return list_answer(call, "features", rows, [&](const Feature& feature) {
    Value out;
    out.set("id", sha256_hex("feature " + std::string(feature.name)).substr(0, 32)).set("name", feature.name);
    out.set("enable", true).set("config", feature.config).set("instance_id", session.instance_id);
    return out.set("update_time", write_time(Now{}));
  });
}

Reply show_instance(Session& session, const Call&) {
  const InstanceEntry* known =
      session.directory != nullptr ? session.directory->find(session.project_id, session.instance_id) : nullptr;
  Value out = write_instance(session, known != nullptr ? *known : unnamed(session, session.instance_id));
  for (const char* name : {"description", "vpc_id", "subnet_id", "security_group_id", "ingress_ip"}) out.set(name, "");
  out.set("charging_mode", 0).set("loadbalancer_provider", "elb").set("instance_version", "2.0.0");
  out.set("maintain_begin", "22:00:00").set("maintain_end", "02:00:00").set("bandwidth_size", 0);
  Value features = Value::array();
  for (const Feature& feature : kFeatures) features.push(feature.name);
  return json_answer(200, out.set("supported_features", std::move(features)));
}

}  // namespace sluice::gateway
