#include "tests/providers/gateway/random_group.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "plan/json.h"

namespace sluice::gateway::test {
namespace {

constexpr const char* kMethods[] = {"get",  "put",   "post",    "delete",
                                    "head", "patch", "options", "x-apigateway-any-method"};

constexpr const char* kMemberGroups = "HTTP-VPC-MEMBER-GROUP";

class Maker {
 public:
  Maker(std::mt19937_64& dice, bool openapi, bool lesser) : dice_(dice), openapi_(openapi), lesser_(lesser) {}

  RandomGroup group() {
    Value paths = Value::object();
    const std::size_t count = 1 + pick(3);
    std::set<std::string> used;
    for (std::size_t i = 0; i < count; ++i) {
      const bool variable = chance();
      const std::string path = "/p" + std::to_string(pick(40)) + (variable ? "/{id}" : "") + (chance(4) ? "/x-y" : "");
      const std::string method = kMethods[pick(std::size(kMethods))];
      if (!used.insert(path).second) continue;
      Value item = Value::object();
      item.set(method, operation(path, method, "op_" + std::to_string(i), variable));
      paths.set(path, std::move(item));
    }
    Value info;
    info.set("title", "unused").set("version", "1");
    Value out;
    out.set(openapi_ ? "openapi" : "swagger", openapi_ ? "3.0.0" : "2.0").set("info", std::move(info));
    out.set("paths", std::move(paths));
    if (openapi_) {
      Value components;
      components.set("securitySchemes", schemes());
      if (!responses_.empty()) components.set("x-apigateway-responses", responses_);
      out.set("components", std::move(components));
    } else {
      out.set("securityDefinitions", schemes());
      if (!responses_.empty()) out.set("x-apigateway-responses", responses_);
    }
    if (!limits_.empty()) out.set("x-apigateway-ratelimits", limits_);
    if (!acls_.empty()) out.set("x-apigateway-access-controls", acls_);
    return {std::move(out), std::move(facts_)};
  }

 private:
  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(dice_() % below); }
  bool chance(std::size_t one_in = 2) { return pick(one_in) == 0; }
  template <std::size_t N>
  std::string one_of(const char* const (&words)[N]) {
    return words[pick(N)];
  }
  std::string text() {
    return one_of({"plain", "with space", "\xC3\xA4\xE4\xB8\xAD", "a \"quoted\" \\ one", "tab\there", "yes", "007"});
  }
  std::int64_t number() { return 1 + static_cast<std::int64_t>(pick(900)); }
  void fact(const std::string& name, std::string value) { facts_[at_ + "/" + name] = std::move(value); }

  /// Sets a text that may be left out.
  void maybe_text(Value& out, const char* member, const std::string& name, bool written = true) {
    const bool given = chance();
    const std::string value = given ? text() : std::string();
    if (given && written) out.set(member, value);
    fact(name, value);
  }

  Value schemes() {
    const auto scheme = [](const char* name, const char* type) {
      Value out;
      return out.set("type", "apiKey").set("in", "header").set("name", name).set("x-apigateway-auth-type", type);
    };
    Value code;
    code.set("appcode-auth-type", "header");
    Value out;
    out.set("mine", scheme("Authorization", "AppSigv1"));
    out.set("coded", scheme("Authorization", "AppSigv1").set("x-apigateway-auth-opt", std::move(code)));
    out.set("iam", scheme("unused", "IAM")).set("Door_1", scheme("unused", "AUTHORIZER"));
    return out;
  }

  void security(Value& out) {
    struct Way {
      const char* scheme;
      const char* fact;
    };
    static constexpr Way kWays[] = {
        {"", "NONE"}, {"mine", "APP"}, {"coded", "APP code"}, {"iam", "IAM"}, {"Door_1", "AUTHORIZER Door_1"}};
    const Way& way = kWays[pick(lesser_ ? 4 : 5)];
    fact("auth", way.fact);
    if (*way.scheme == '\0') return;
    Value requirement;
    requirement.set(way.scheme, Value::array());
    out.set("security", Value::array({std::move(requirement)}));
  }

  void protocol(Value& out) {
    const std::string which = one_of({"http", "https", "http https"});
    fact("schemes", which);
    Value list = Value::array();
    for (const char* word : {"http", "https"}) {
      if (which != word && which != "http https") continue;
      Value server;
      if (openapi_) {
        list.push(server.set("url", std::string(word) + "://example.com"));
      } else {
        list.push(word);
      }
    }
    out.set(openapi_ ? "servers" : "schemes", std::move(list));
  }

  Value parameter(const std::string& name, const std::string& in) {
    const bool is_number = chance();
    const std::string key = "param " + in + ":" + name + "/";
    Value schema;
    schema.set("type", is_number ? one_of({"integer", "number"}) : "string");
    fact(key + "type", is_number ? "number" : "string");
    const char* low = is_number ? "minimum" : "minLength";
    const char* high = is_number ? "maximum" : "maxLength";
    if (chance(3)) {
      const std::int64_t least = number();
      const std::int64_t most = least + number();
      schema.set(low, least).set(high, most);
      fact(key + low, std::to_string(least));
      fact(key + high, std::to_string(most));
    }
    if (chance(3)) {
      schema.set("enum", is_number ? Value::array({3, 4}) : Value::array({"a", "b c"}));
      fact(key + "enum", is_number ? "3,4" : "a,b c");
    }
    if (chance(3)) {
      schema.set("default", is_number ? Value(3) : Value("a"));
      fact(key + "default", is_number ? "3" : "a");
    }
    Value out;
    out.set("name", name).set("in", in);
    const bool required = in == "path" || chance();
    if (required) out.set("required", true);
    fact(key + "required", required ? "yes" : "no");
    maybe_text(out, "description", key + "description");
    if (!lesser_) maybe_text(out, openapi_ ? "example" : "x-apigateway-sample", key + "sample");
    const bool never = chance(4);
    if (never) out.set("x-apigateway-pass-through", "never");
    fact(key + "pass", never ? "never" : "always");
    if (!lesser_ && chance(4)) {
      out.set("x-apigateway-orchestrations", Value::array({"rule_a", "rule_b"}));
      fact(key + "rules", "rule_a,rule_b");
    }
    if (openapi_) return out.set("schema", std::move(schema));
    for (const Value::Member& member : schema.members()) out.set(member.key, member.value);
    return out;
  }

  Value mapped(const std::string& at, const std::string& name, const std::string& in, const std::string& origin,
               const std::string& value) {
    Value out;
    out.set("name", name).set("in", chance() ? in : upper(in)).set("origin", origin).set("value", value);
    const std::string key = at + "/map " + in + ":" + name;
    fact(key, origin + " " + value);
    maybe_text(out, "description", key + "/description");
    return out;
  }

  Value backend(const std::string& type, const std::string& at, bool variable) {
    Value out;
    out.set("type", type);
    fact(at + "/type", type);
    if (type == kMemberGroups) return out.set("httpVpcMemberGroupEndpoints", member_groups(at));
    Value end;
    Value maps = Value::array();
    if (type == "MOCK") {
      end.set("result-content", text());
      fact(at + "/result-content", std::string(end.text("result-content")));
    } else if (type == "FUNCTION") {
      end.set("function-urn", "urn:fss:r:p:function:default:f").set("version", "latest");
      end.set("invocation-type", one_of({"sync", "async"}));
      for (const char* name : {"function-urn", "version", "invocation-type"})
        fact(at + "/" + name, std::string(end.text(name)));
      optional(end, "network-type", at, "V1", "V2");
      optional(end, "req_protocol", at, "HTTPS", "GRPCS");
      optional(end, "alias-urn", at, "", "urn:alias");
    } else {
      const char* target = type == "HTTP" ? "address" : "name";
      end.set(target, type == "HTTP" ? "10.0.0.1:80" : "channel_1");
      const std::string scheme = one_of({"http", "https", "HTTP"});
      const bool uses = variable && chance();
      end.set("scheme", scheme).set("method", one_of({"GET", "ANY", "PATCH"})).set("path", uses ? "/b/pre-{v}" : "/b");
      fact(at + "/scheme", scheme == "https" ? "https" : "http");
      for (const char* name : {target, "method", "path"}) fact(at + "/" + name, std::string(end.text(name)));
      optional(end, "retryCount", at, "-1", "3");
      if (chance(4)) end.set("enableClientSsl", true);
      fact(at + "/enableClientSsl", end.find("enableClientSsl") != nullptr ? "true" : "false");
      if (type != "HTTP" && chance()) end.set("host", "h.example.com");
      if (type != "HTTP") fact(at + "/host", std::string(end.text("host")));
      if (uses) maps.push(mapped(at, "v", "path", "REQUEST", "id"));
      if (chance()) maps.push(mapped(at, "X-Fixed", "header", "CONSTANT", text()));
    }
    if (type != "MOCK") {
      const std::int64_t timeout = chance() ? 5000 : number();
      if (timeout != 5000 || chance()) end.set("timeout", timeout);
      fact(at + "/timeout", std::to_string(timeout));
    }
    maybe_text(end, "description", at + "/description");
    if (!maps.empty()) out.set("parameters", std::move(maps));
    const char* name = type == "HTTP"       ? "httpEndpoints"
                       : type == "HTTP-VPC" ? "httpVpcEndpoints"
                       : type == "MOCK"     ? "mockEndpoints"
                                            : "functionEndpoints";
    return out.set(name, std::move(end));
  }

  Value member_groups(const std::string& at) {
    Value end;
    end.set("name", "channel_1");
    fact(at + "/name", "channel_1");
    optional(end, "retryCount", at, "-1", "3");
    if (chance(4)) end.set("enableClientSsl", true);
    fact(at + "/enableClientSsl", end.find("enableClientSsl") != nullptr ? "true" : "false");
    const std::int64_t timeout = chance() ? 5000 : number();
    if (timeout != 5000 || chance()) end.set("timeout", timeout);
    fact(at + "/timeout", std::to_string(timeout));
    Value urls = Value::array();
    for (const std::string group : {"blue", "green"}) {
      if (group == "green" && chance()) continue;
      const std::string scheme = one_of({"http", "https", "HTTP"});
      Value url;
      url.set("name", group)
          .set("scheme", scheme)
          .set("method", one_of({"GET", "ANY"}))
          .set("path", one_of({"/b", "/c/d"}));
      fact(at + "/url " + group, std::string(scheme == "https" ? "https " : "http ")
                                     .append(url.text("method"))
                                     .append(" ")
                                     .append(url.text("path")));
      urls.push(std::move(url));
    }
    return end.set("memberGroupUrlInfos", std::move(urls));
  }

  void optional(Value& out, const char* name, const std::string& at, const char* absent, const char* other) {
    const bool moved = chance();
    if (moved) out.set(name, other);
    fact(at + "/" + name, moved ? other : absent);
  }

  static std::string upper(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
    return word;
  }

  Value condition(const std::string& at, const std::string& parameter) {
    Value out;
    if (!lesser_ && chance(3)) {
      const std::string origin = one_of({"system", "cookie", "frontend_authorizer", "orchestration"});
      out.set("origin", origin).set("type", "exact").set("parameter", "some.thing").set("value", "v");
      fact(at, origin + " some.thing exact v");
      return out;
    }
    if (parameter.empty() || chance()) {
      out.set("origin", "source").set("value", "10.0.0.0/8");
      fact(at, "source 10.0.0.0/8");
      return out;
    }
    struct Word {
      const char* written;
      const char* fact;
    };
    static constexpr Word kWords[] = {{"exact", "exact"}, {"equal", "exact"}, {"enum", "enum"}, {"pattern", "pattern"}};
    const Word& word = kWords[pick(4)];
    out.set("origin", one_of({"param", "request"})).set("type", word.written).set("value", "v,w");
    out.set(chance() ? "parameter" : "parameter_name", parameter);
    fact(at, std::string("param ") + parameter + " " + word.fact + " v,w");
    return out;
  }

  std::string other_http() {
    return lesser_ ? one_of({"HTTP", "HTTP-VPC"}) : one_of({"HTTP", "HTTP-VPC", kMemberGroups});
  }

  void backends(Value& out, bool variable, const std::string& parameter) {
    const std::string type = lesser_ ? one_of({"HTTP", "HTTP-VPC", "FUNCTION", "MOCK"})
                                     : one_of({"HTTP", "HTTP-VPC", kMemberGroups, "FUNCTION", "MOCK"});
    out.set("x-apigateway-backend", backend(type, "backend", variable));
    const std::size_t count = chance() ? 0 : 1 + pick(2);
    Value list = Value::array();
    for (std::size_t i = 0; i < count; ++i) {
      const bool http = type.starts_with("HTTP");
      const std::string at = "policy second_" + std::to_string(i);
      Value policy = backend(http ? other_http() : type, at, variable);
      const std::string effect = one_of({"ANY", "ALL"});
      fact(at + "/effect", effect);
      Value conditions = Value::array();
      conditions.push(condition(at + "/condition 0", parameter));
      if (chance()) conditions.push(condition(at + "/condition 1", parameter));
      policy.set("name", "second_" + std::to_string(i)).set("effectMode", effect);
      list.push(policy.set("conditions", std::move(conditions)));
    }
    if (!list.empty()) out.set("x-apigateway-backend-policies", std::move(list));
  }

  void policies(Value& out) {
    if (chance(3)) {
      Value limit;
      const std::int64_t most = 50 + number();
      limit.set("api-limit", most).set("interval", 2).set("unit", one_of({"SECOND", "minute", "HOUR"}));
      if (chance()) limit.set("user-limit", 50);
      const std::string name = "limit_" + std::to_string(most) + "_" + std::to_string(dice_() % 100000);
      limits_.set(name, limit);
      out.set("x-apigateway-ratelimit", name);
      fact("ratelimit", name + " " + std::to_string(most) + " 2 " + upper(std::string(limit.text("unit"))) + " " +
                            (limit.find("user-limit") != nullptr ? "50" : ""));
    }
    if (chance(12)) {
      const std::string name = "acl_one";
      Value acl;
      acl.set("acl-type", "DENY").set("entity-type", "IP").set("value", "10.0.0.0/8,1.2.3.4");
      acls_.set(name, std::move(acl));
      out.set("x-apigateway-access-control", name);
      fact("acl", name + " DENY IP 10.0.0.0/8,1.2.3.4");
    }
    if (chance(3)) {
      out.set("x-apigateway-plugins", Value::array({"plug_cors", "plug_limit"}));
      fact("plugins", "plug_cors,plug_limit");
    }
    if (!lesser_ && chance(3)) {
      Value body;
      body.set("application/json", text());
      Value type;
      type.set("status", 418).set("body", std::move(body));
      Value response;
      responses_.set("teapot", response.set("THROTTLED", std::move(type)));
      out.set("x-apigateway-response", "teapot");
      fact("response", "teapot");
    }
  }

  void samples(Value& out) {
    Value fallback;
    fallback.set("description", "ok");
    Value list;
    Value& place = openapi_ || chance() ? fallback : list;
    maybe_text(place, "x-apigateway-result-normal-sample", "normal");
    maybe_text(place, "x-apigateway-result-failure-sample", "failure");
    list.set("default", std::move(fallback));
    out.set("responses", std::move(list));
  }

  Value operation(const std::string& path, const std::string& method, const std::string& name, bool variable) {
    at_ = method + " " + path;
    Value out;
    out.set("operationId", name);
    fact("name", name);
    maybe_text(out, "description", "remark");
    protocol(out);
    security(out);
    if (chance()) {
      out.set("tags", Value::array({"red", "blue_1"}));
      fact("tags", "red,blue_1");
    }
    Value parameters = Value::array();
    std::string known;
    if (variable) parameters.push(parameter("id", "path"));
    if (chance()) {
      parameters.push(parameter("q", "query"));
      known = "q";
    }
    if (chance()) parameters.push(parameter("X-H", "header"));
    if (!parameters.empty()) out.set("parameters", std::move(parameters));
    samples(out);
    optional(out, "x-apigateway-request-type", "x", "public", "private");
    optional(out, "x-apigateway-match-mode", "x", "NORMAL", "SWA");
    const bool cors = chance();
    if (cors) out.set("x-apigateway-cors", true);
    fact("cors", cors ? "true" : "false");
    if (!lesser_ && chance(3)) {
      out.set("x-apigateway-content-type", "application/json");
      fact("content-type", "application/json");
    }
    backends(out, variable, known);
    policies(out);
    return out;
  }

  std::mt19937_64& dice_;
  bool openapi_;
  bool lesser_;
  std::string at_;
  Facts facts_;
  Value limits_ = Value::object();
  Value acls_ = Value::object();
  Value responses_ = Value::object();
};

}  // namespace

RandomGroup random_group(std::mt19937_64& dice, bool openapi, bool lesser_cloud) {
  return Maker(dice, openapi, lesser_cloud).group();
}

}  // namespace sluice::gateway::test
