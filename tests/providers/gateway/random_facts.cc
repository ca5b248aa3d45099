#include "tests/providers/gateway/random_group.h"

#include <algorithm>
#include <cctype>

#include "plan/json.h"

namespace sluice::gateway::test {
namespace {

constexpr std::string_view kMemberGroups = "HTTP-VPC-MEMBER-GROUP";

/// Reads an exported document; every member with a default is a fact whether it is written or not.
class Reader {
 public:
  explicit Reader(const Value& document) : document_(document), openapi_(document.find("openapi") != nullptr) {}

  Facts facts() {
    const Value* paths = document_.find("paths");
    if (paths == nullptr) return facts_;
    for (const Value::Member& path : paths->members()) {
      for (const Value::Member& method : path.value.members()) {
        at_ = method.key + " " + path.key;
        operation(method.value);
      }
    }
    return facts_;
  }

 private:
  void fact(const std::string& name, std::string value) { facts_[at_ + "/" + name] = std::move(value); }

  static std::string scalar(const Value* value, const std::string& absent = "") {
    if (value == nullptr || value->is_null()) return absent;
    return value->is_string() ? value->as_string() : write_json(*value);
  }
  static std::string joined(const Value* list) {
    std::string out;
    if (list == nullptr) return out;
    for (const Value& item : list->items()) out += (out.empty() ? "" : ",") + scalar(&item);
    return out;
  }
  void if_any(const std::string& name, const std::string& value) {
    if (!value.empty()) fact(name, value);
  }
  const Value* root(const char* name) const {
    const Value* components = document_.find("components");
    if (const Value* found = document_.find(name); found != nullptr) return found;
    return components != nullptr ? components->find(name) : nullptr;
  }

  void security(const Value& operation) {
    const Value* list = operation.find("security");
    if (list == nullptr || list->empty()) return fact("auth", "NONE");
    const std::string name = list->items().front().members().front().key;
    const Value* schemes = root(openapi_ ? "securitySchemes" : "securityDefinitions");
    const Value* scheme = schemes != nullptr ? schemes->find(name) : nullptr;
    if (scheme == nullptr) return fact("auth", "undefined " + name);
    const std::string type(scheme->text("x-apigateway-auth-type"));
    const bool code = scheme->find("x-apigateway-auth-opt") != nullptr;
    fact("auth", type == "AppSigv1" ? code ? "APP code" : "APP" : type == "AUTHORIZER" ? type + " " + name : type);
  }

  void protocol(const Value& operation) {
    std::string out;
    const Value* list = operation.find(openapi_ ? "servers" : "schemes");
    if (list != nullptr) {
      for (const Value& item : list->items()) {
        const std::string word = openapi_ ? std::string(item.text("url")) : item.as_string();
        out += (out.empty() ? "" : " ") + word.substr(0, word.find(':'));
      }
    }
    fact("schemes", out);
  }

  void parameter(const Value& item) {
    const std::string key = "param " + std::string(item.text("in")) + ":" + std::string(item.text("name")) + "/";
    const Value* schema = openapi_ ? item.find("schema") : &item;
    fact(key + "type", std::string(schema->text("type")));
    for (const char* name : {"minimum", "maximum", "minLength", "maxLength"}) {
      const std::string bound = scalar(schema->find(name), "0");
      if (bound != "0") fact(key + name, bound);
    }
    if_any(key + "enum", joined(schema->find("enum")));
    if_any(key + "default", scalar(schema->find("default")));
    fact(key + "required", scalar(item.find("required")) == "true" ? "yes" : "no");
    fact(key + "description", scalar(item.find("description")));
    fact(key + "sample", scalar(item.find(openapi_ ? "example" : "x-apigateway-sample")));
    fact(key + "pass", scalar(item.find("x-apigateway-pass-through"), "always"));
    if_any(key + "rules", joined(item.find("x-apigateway-orchestrations")));
  }

  static std::string lower(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
    return word;
  }

  void member_groups(const Value& end, const std::string& at) {
    fact(at + "/name", scalar(end.find("name")));
    fact(at + "/retryCount", scalar(end.find("retryCount"), "-1"));
    fact(at + "/enableClientSsl", scalar(end.find("enableClientSsl"), "false"));
    fact(at + "/timeout", scalar(end.find("timeout"), "5000"));
    const Value* urls = end.find("memberGroupUrlInfos");
    if (urls == nullptr) return;
    for (const Value& url : urls->items()) {
      fact(at + "/url " + scalar(url.find("name")),
           lower(scalar(url.find("scheme"))) + " " + scalar(url.find("method")) + " " + scalar(url.find("path")));
    }
  }

  void backend(const Value& from, const std::string& at) {
    const std::string type(from.text("type"));
    fact(at + "/type", type);
    struct Member {
      const char* name;
      const char* absent;
    };
    static const std::vector<Member> kHttp = {{"address", nullptr}, {"name", nullptr},    {"method", ""},
                                              {"path", ""},         {"retryCount", "-1"}, {"enableClientSsl", "false"},
                                              {"timeout", "5000"},  {"description", ""}};
    static const std::vector<Member> kFunction = {
        {"function-urn", ""},      {"version", ""},   {"invocation-type", ""}, {"network-type", "V1"},
        {"req_protocol", "HTTPS"}, {"alias-urn", ""}, {"timeout", "5000"},     {"description", ""}};
    static const std::vector<Member> kMock = {{"result-content", ""}, {"description", ""}};
    const bool http = type.starts_with("HTTP");
    const Value* end = from.find(type == "HTTP"       ? "httpEndpoints"
                                 : type == "HTTP-VPC" ? "httpVpcEndpoints"
                                 : type == "MOCK"     ? "mockEndpoints"
                                 : http               ? "httpVpcMemberGroupEndpoints"
                                                      : "functionEndpoints");
    if (end == nullptr) return;
    if (type == kMemberGroups) return member_groups(*end, at);
    for (const Member& member : http ? kHttp : type == "MOCK" ? kMock : kFunction) {
      const Value* value = end->find(member.name);
      if (value != nullptr || member.absent != nullptr)
        fact(at + "/" + member.name, scalar(value, member.absent == nullptr ? "" : member.absent));
    }
    if (http) fact(at + "/scheme", lower(scalar(end->find("scheme"))));
    if (type == "HTTP-VPC") fact(at + "/host", scalar(end->find("host")));
    const Value* maps = from.find("parameters");
    if (maps == nullptr) return;
    for (const Value& map : maps->items()) {
      const std::string key = at + "/map " + lower(scalar(map.find("in"))) + ":" + scalar(map.find("name"));
      fact(key, scalar(map.find("origin")) + " " + scalar(map.find("value")));
      fact(key + "/description", scalar(map.find("description")));
    }
  }

  void conditions(const Value& policy, const std::string& at) {
    const Value* list = policy.find("conditions");
    std::size_t number = 0;
    for (const Value& item : list->items()) {
      const std::string key = at + "/condition " + std::to_string(number++);
      const std::string parameter = scalar(item.find("parameter"));
      const std::string origin = scalar(item.find("origin"));
      const std::string value = scalar(item.find("value"));
      fact(key, origin == "source" ? "source " + value
                                   : origin + " " + parameter + " " + scalar(item.find("type")) + " " + value);
    }
  }

  void policies(const Value& operation) {
    if (const std::string name(operation.text("x-apigateway-ratelimit")); !name.empty()) {
      const Value* limits = root("x-apigateway-ratelimits");
      const Value* limit = limits != nullptr ? limits->find(name) : nullptr;
      std::string out = name;
      for (const char* member : {"api-limit", "interval", "unit", "user-limit"}) {
        out += " " + (limit != nullptr ? scalar(limit->find(member)) : "?");
      }
      fact("ratelimit", out);
    }
    if (const std::string name(operation.text("x-apigateway-access-control")); !name.empty()) {
      const Value* acls = root("x-apigateway-access-controls");
      const Value* acl = acls != nullptr ? acls->find(name) : nullptr;
      std::string out = name;
      for (const char* member : {"acl-type", "entity-type", "value"}) {
        out += " " + (acl != nullptr ? scalar(acl->find(member)) : "?");
      }
      fact("acl", out);
    }
    if_any("plugins", joined(operation.find("x-apigateway-plugins")));
    const std::string response = scalar(operation.find("x-apigateway-response"));
    if (response != "default") if_any("response", response);
  }

  void operation(const Value& from) {
    fact("name", scalar(from.find("operationId")));
    fact("remark", scalar(from.find("description")));
    protocol(from);
    security(from);
    if_any("tags", joined(from.find("tags")));
    if (const Value* list = from.find("parameters"); list != nullptr) {
      for (const Value& item : list->items()) parameter(item);
    }
    const Value* responses = from.find("responses");
    const Value* fallback = responses != nullptr ? responses->find("default") : nullptr;
    if (fallback == nullptr && responses != nullptr) fallback = responses->find("default-cors");
    for (const char* kind : {"normal", "failure"}) {
      const std::string member = std::string("x-apigateway-result-") + kind + "-sample";
      const Value* found = responses != nullptr ? responses->find(member) : nullptr;
      if (found == nullptr && fallback != nullptr) found = fallback->find(member);
      fact(kind, scalar(found));
    }
    fact("x/x-apigateway-request-type", scalar(from.find("x-apigateway-request-type")));
    fact("x/x-apigateway-match-mode", scalar(from.find("x-apigateway-match-mode")));
    fact("cors", scalar(from.find("x-apigateway-cors")));
    if_any("content-type", scalar(from.find("x-apigateway-content-type")));
    if (const Value* found = from.find("x-apigateway-backend"); found != nullptr) backend(*found, "backend");
    if (const Value* list = from.find("x-apigateway-backend-policies"); list != nullptr) {
      for (const Value& policy : list->items()) {
        const std::string at = "policy " + scalar(policy.find("name"));
        backend(policy, at);
        fact(at + "/effect", scalar(policy.find("effectMode")));
        conditions(policy, at);
      }
    }
    policies(from);
  }

  const Value& document_;
  bool openapi_;
  std::string at_;
  Facts facts_;
};

}  // namespace

Facts read_facts(const Value& document) { return Reader(document).facts(); }

Facts shown_facts(const Facts& facts, const std::string& define) {
  Facts out;
  for (const auto& [name, value] : facts) {
    // Behind the path, whose own slashes come first.
    const auto is_part = [&](std::string_view part) { return name.find("/" + std::string(part)) != std::string::npos; };
    const bool behind = is_part("backend/") || is_part("policy second_");
    const bool bound = name.ends_with("/ratelimit") || name.ends_with("/acl") || name.ends_with("/plugins");
    if ((define == "spec" && behind) || (define != "all" && bound)) continue;
    out.emplace(name, value);
  }
  return out;
}

}  // namespace sluice::gateway::test
