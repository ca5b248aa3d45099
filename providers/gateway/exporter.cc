#include "providers/gateway/exporter.h"

#include <algorithm>

#include "plan/json.h"
#include "plan/words.h"
#include "providers/gateway/export_backend.h"
#include "providers/gateway/groups.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway {
namespace {

void set_unless_empty(Value& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.set(name, text);
}

std::string method_key(const Value& api) {
  const std::string_view method = api.text("req_method");
  return method == "ANY" ? "x-apigateway-any-method" : lower(method);
}

std::string scheme_name(const Value& api) {
  const std::string_view type = api.text("auth_type");
  if (type == "IAM") return "apig-auth-iam";
  if (type == "AUTHORIZER") return std::string(api.text("authorizer_id"));
  if (type != "APP") return {};
  const bool code = member_of(api, "auth_opt").text("app_code_auth_type") == "HEADER";
  return code ? "apig-auth-app-header" : "apig-auth-app";
}

void write_security(const Value& api, Value& out) {
  const std::string name = scheme_name(api);
  if (name.empty()) return;
  Value requirement;
  requirement.set(name, Value::array());
  out.set("security", Value::array({std::move(requirement)}));
}

Value write_schemes(std::string_view protocol) {
  if (protocol == "BOTH") return Value::array({"http", "https"});
  return Value::array({lower(protocol)});
}

Value split(std::string_view list) {
  Value out = Value::array();
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    out.push(list.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

void copy(const Value& from, std::string_view name, Value& out, std::string_view as) {
  if (const Value* value = from.find(name); value != nullptr) out.set(as, *value);
}

Value write_parameter(const Value& parameter) {
  Value out;
  copy(parameter, "max_num", out, "maximum");
  copy(parameter, "min_num", out, "minimum");
  copy(parameter, "max_size", out, "maxLength");
  copy(parameter, "min_size", out, "minLength");
  if (!parameter.text("enumerations").empty()) out.set("enum", split(parameter.text("enumerations")));
  out.set("type", lower(parameter.text("type")));
  set_unless_empty(out, "default", parameter.text("default_value"));
  if (!member_of(parameter, "orchestrations").empty())
    copy(parameter, "orchestrations", out, "x-apigateway-orchestrations");
  if (member_of(parameter, "pass_through") == Value(2)) out.set("x-apigateway-pass-through", "never");
  set_unless_empty(out, "x-apigateway-sample", parameter.text("sample_value"));
  set_unless_empty(out, "description", parameter.text("remark"));
  out.set("name", parameter.text("name")).set("in", lower(parameter.text("location")));
  if (member_of(parameter, "required") == Value(1)) out.set("required", true);
  return out;
}

Value write_responses(const Value& api, const ExportStyle& style) {
  Value fallback;
  if (style.samples_inside) {
    fallback.set("description", "response example");
  } else {
    fallback.set("$ref", "#/responses/default");
  }
  Value out;
  out.set("default", fallback);
  Value& place = style.samples_inside ? fallback : out;
  place.set("x-apigateway-result-failure-sample", api.text("result_failure_sample"));
  place.set("x-apigateway-result-normal-sample", api.text("result_normal_sample"));
  if (style.samples_inside) out.set("default", std::move(fallback));
  return out;
}

/// The operation: its Swagger members in the service's order, then the extensions by name.
Value write_operation(const ExportedApi& exported, bool backends, const ExportStyle& style) {
  const Value& api = exported.definition;
  Value out;
  write_security(api, out);
  set_unless_empty(out, "description", api.text("remark"));
  out.set("schemes", write_schemes(api.text("req_protocol")));
  if (!member_of(api, "tags").empty()) out.set("tags", member_of(api, "tags"));
  out.set("operationId", api.text("name"));
  Value parameters = Value::array();
  for (const Value& parameter : member_of(api, "req_params").items()) parameters.push(write_parameter(parameter));
  if (!parameters.empty()) out.set("parameters", std::move(parameters));
  out.set("responses", write_responses(api, style));
  set_unless_empty(out, "x-apigateway-access-control", exported.access_control);
  if (backends) write_backends(api, style, out);
  set_unless_empty(out, "x-apigateway-content-type", api.text("content_type"));
  out.set("x-apigateway-cors", member_of(api, "cors"));
  copy(api, "is_send_fg_body_base64", out, "x-apigateway-is-send-fg-body-base64");
  out.set("x-apigateway-match-mode", api.text("match_mode"));
  if (!exported.plugins.empty()) out.set("x-apigateway-plugins", exported.plugins);
  set_unless_empty(out, "x-apigateway-ratelimit", exported.ratelimit);
  out.set("x-apigateway-request-type", member_of(api, "type") == Value(2) ? "private" : "public");
  set_unless_empty(out, "x-apigateway-response", exported.response);
  return out;
}

/// Calls `take(path, operations)` for each path, in order. One path at a time is held in memory.
template <typename Take>
void each_path(const ExportedGroup& group, bool backends, const Take& take) {
  const std::vector<ExportedApi>& apis = group.apis;
  struct Place {
    std::string_view path;
    std::string method;
    const ExportedApi* api;
  };
  std::vector<Place> places;
  places.reserve(apis.size());
  for (const ExportedApi& api : apis) {
    places.push_back({api.definition.text("req_uri"), method_key(api.definition), &api});
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.path != b.path) return a.path < b.path;
    if (a.method != b.method) return a.method < b.method;
    return a.api->definition.text("match_mode") < b.api->definition.text("match_mode");
  });
  for (auto place = places.begin(); place != places.end();) {
    const std::string_view path = place->path;
    Value operations = Value::object();
    for (; place != places.end() && place->path == path; ++place) {
      if (operations.find(place->method) == nullptr) {
        operations.set(place->method, write_operation(*place->api, backends, group.style));
      }
    }
    take(path, std::move(operations));
  }
}

Value api_key_scheme(const char* name) {
  Value out;
  return out.set("type", "apiKey").set("name", name).set("in", "header");
}

/// The three schemes that every export has, and one for each authorizer in use.
Value write_security_definitions(const ExportedGroup& group) {
  const std::vector<ExportedApi>& apis = group.apis;
  Value code;
  code.set("appcode-auth-type", "header");
  Value out;
  out.set("apig-auth-app", api_key_scheme("Authorization").set("x-apigateway-auth-type", "AppSigv1"));
  Value with_code = api_key_scheme("Authorization");
  with_code.set("x-apigateway-auth-opt", std::move(code)).set("x-apigateway-auth-type", "AppSigv1");
  out.set("apig-auth-app-header", std::move(with_code));
  out.set("apig-auth-iam", api_key_scheme("unused").set("x-apigateway-auth-type", "IAM"));
  std::vector<std::string_view> names;
  for (const ExportedApi& api : apis) {
    if (api.definition.text("auth_type") == "AUTHORIZER") names.push_back(api.definition.text("authorizer_id"));
  }
  std::sort(names.begin(), names.end());
  for (const std::string_view name : names) {
    if (out.find(name) != nullptr) continue;
    Value scheme = api_key_scheme("unused").set("x-apigateway-auth-type", "AUTHORIZER");
    copy(group.authorizers, name, scheme, "x-apigateway-authorizer");
    out.set(name, std::move(scheme));
  }
  return out;
}

class TabWriter {
 public:
  void write(const Value& value, std::size_t depth) {
    if (value.is_string()) return write_text(value.as_string());
    if (value.empty()) {
      text_ += write_json(value);
      return;
    }
    text_ += value.is_array() ? "[" : "{";
    bool first = true;
    for (const Value& item : value.items()) {
      start_line(depth + 1, first);
      write(item, depth + 1);
    }
    for (const Value::Member& member : value.members()) {
      start_line(depth + 1, first);
      write_member(member, depth + 1);
    }
    end_line(depth);
    text_ += value.is_array() ? "]" : "}";
  }

  void write_member(const Value::Member& member, std::size_t depth) {
    write_text(member.key);
    text_ += ": ";
    write(member.value, depth);
  }

  void write_text(const std::string& text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != '"' && c != '\\'; });
    if (!plain) {
      text_ += write_json(Value(text));
      return;
    }
    text_.append("\"").append(text).append("\"");
  }

  void start_line(std::size_t depth, bool& first) {
    if (!first) text_ += ',';
    first = false;
    end_line(depth);
  }

  void end_line(std::size_t depth) {
    text_ += '\n';
    text_.append(depth, '\t');
  }

  std::string& text() { return text_; }

 private:
  std::string text_;
};

/// The whole document but for what is in `paths`.
Value make_frame(const ExportedGroup& group) {
  Value info;
  set_unless_empty(info, "description", group.remark);
  info.set("title", group.name).set("version", group.version);
  Value fallback;
  fallback.set("description", "response example");
  Value responses;
  responses.set("default", std::move(fallback));
  Value out;
  out.set("swagger", "2.0").set("info", std::move(info)).set("host", subdomain(group.id));
  out.set("paths", Value::object()).set("responses", std::move(responses));
  out.set("securityDefinitions", write_security_definitions(group));
  if (!group.access_controls.empty()) out.set("x-apigateway-access-controls", group.access_controls);
  if (!group.ratelimits.empty()) out.set("x-apigateway-ratelimits", group.ratelimits);
  return out.set("x-apigateway-responses", group.responses);
}

}  // namespace

Value make_swagger(const ExportedGroup& group, bool backends) {
  Value out = make_frame(group);
  Value::Object paths;
  each_path(group, backends, [&paths](std::string_view path, Value operations) {
    paths.push_back({std::string(path), std::move(operations), 0});
  });
  return out.set("paths", Value::object(std::move(paths)));
}

std::string write_swagger_json(const ExportedGroup& group, bool backends) {
  const Value frame = make_frame(group);
  TabWriter writer;
  writer.text() = "{";
  bool first = true;
  for (const Value::Member& member : frame.members()) {
    if (group.style.splice_last && &member == &frame.members().back()) {
      writer.text() += "\n,\n\t";
    } else {
      writer.start_line(1, first);
    }
    if (member.key == "paths" && !group.apis.empty()) {
      writer.text() += "\"paths\": {";
      bool first_path = true;
      each_path(group, backends, [&](std::string_view path, Value operations) {
        writer.start_line(2, first_path);
        writer.write_member({std::string(path), std::move(operations), 0}, 2);
      });
      writer.end_line(1);
      writer.text() += "}";
    } else {
      writer.write_member(member, 1);
    }
  }
  writer.text() += "\n}";
  return std::move(writer.text());
}

}  // namespace sluice::gateway
