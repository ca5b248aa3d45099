// Changes of a gateway as a person at its console makes them.
#pragma once

#include <functional>

#include "tests/cli/served.h"

namespace sluice::test {

inline constexpr const char* kRelease = "DEFAULT_ENVIRONMENT_RELEASE_ID";

/// Requests to the gateway as a person at its console makes them, in one group.
class Hand {
 public:
  Hand(const Served& served, std::string group) : served_(served), group_(std::move(group)) {}

  const std::string& group() const { return group_; }
  std::string group_id() const {
    return text(served_.ask("GET", "/api-groups?precise_search=name&name=" + group_), "groups/0/id");
  }
  Value api(const std::string& path) const {
    const Value listed = served_.ask("GET", "/apis?limit=500&group_id=" + group_id());
    for (const Value& api : at(listed, "apis").items()) {
      if (api.text("req_uri") == path) return api;
    }
    FAIL("no API at " + path);
    return {};
  }
  void edit(const std::string& path, const std::function<void(Value&)>& change) const {
    Value definition = api(path);
    const std::string id(definition.text("id"));
    change(definition);
    served_.ask("PUT", "/apis/" + id, write_json(definition));
  }
  void describe(const std::string& path, const std::string& description) const {
    edit(path, [&](Value& api) { api.set("remark", description); });
  }
  void act(const std::string& action, const std::string& path, const std::string& environment = kRelease) const {
    Value body = Value::object();
    body.set("action", action).set("env_id", environment).set("api_id", api(path).text("id"));
    served_.ask("POST", "/apis/action", write_json(body));
  }
  void publish(const std::string& path, const std::string& environment = kRelease) const {
    act("online", path, environment);
  }
  void take_offline(const std::string& path, const std::string& environment = kRelease) const {
    act("offline", path, environment);
  }
  void remove(const std::string& path) const {
    take_offline(path);
    served_.ask("DELETE", "/apis/" + std::string(api(path).text("id")));
  }
  void create(const Value& definition) const { served_.ask("POST", "/apis", write_json(definition)); }
  void change_group(const std::string& name, const std::string& description) const {
    Value body = Value::object();
    body.set("name", name).set("remark", description);
    served_.ask("PUT", "/api-groups/" + group_id(), write_json(body));
  }
  /// Everything that the group holds, its versions in effect included.
  Value all() const {
    Value list = Value::array();
    list.push(served_.ask("GET", "/api-groups?limit=500"));
    list.push(served_.ask("GET", "/apis?limit=500"));
    return list;
  }
  const Served& served() const { return served_; }
  std::string test_environment() const {
    const Value listed = served_.ask("GET", "/envs?limit=500");
    for (const Value& environment : at(listed, "envs").items()) {
      if (environment.text("name") == "TEST") return std::string(environment.text("id"));
    }
    return text(served_.ask("POST", "/envs", R"({"name": "TEST"})"), "id");
  }

 private:
  static std::string text(const Value& value, const std::string& path) {
    const Value found = at(value, path);
    REQUIRE(found.is_string());
    return found.as_string();
  }
  const Served& served_;
  std::string group_;
};

}  // namespace sluice::test
