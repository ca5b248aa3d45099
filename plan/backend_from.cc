#include "plan/backend_from.h"

#include "plan/words.h"

namespace sluice {
namespace {

/// One REQUEST mapping per path variable, or per parameter that the gateway keeps.
Value forwarded_parameters(const OperationDefaults& defaults, const Operation& operation) {
  Value mappings = Value::array();
  const Value* parameters = operation.body.find("parameters");
  if (parameters == nullptr) return mappings;
  for (const Value& parameter : parameters->items()) {
    if (parameter.text("in") != "path" && !defaults.forward_all_parameters) continue;
    Value mapping = Value::object();
    mapping.set("in", parameter.text("in")).set("name", parameter.text("name"));
    mapping.set("origin", "REQUEST").set("value", parameter.text("name"));
    mappings.push(std::move(mapping));
  }
  return mappings;
}

}  // namespace

Value backend_from(const OperationDefaults& defaults, const Operation& operation) {
  const Value& settings = *defaults.backend;
  const std::string type(settings.text("type"));
  Value endpoint = Value::object();
  const auto take = [&](std::string_view key, std::string_view name) {
    if (const Value* value = settings.find(key)) endpoint.set(name, *value);
  };
  take("timeout", "timeout");
  std::string_view member = "mockEndpoints";
  if (type == "HTTP" || type == "HTTP-VPC") {
    member = type == "HTTP" ? "httpEndpoints" : "httpVpcEndpoints";
    take("address", "address");
    take("channel", "name");
    take("scheme", "scheme");
    take("host", "host");
    const std::string_view method = settings.text("method");
    const std::string_view path = settings.text("path");
    endpoint.set("method", method.empty() ? std::string_view(operation.method) : method);
    // A backend's path has no greedy variables.
    const std::string plain = replaced(operation.path, "+}", "}");
    endpoint.set("path", replaced(std::string(path.empty() ? "{path}" : path), "{path}", plain));
  } else if (type == "FUNCTION") {
    member = "functionEndpoints";
    take("function_urn", "function-urn");
    take("version", "version");
    take("invocation_type", "invocation-type");
    take("network_type", "network-type");
  } else {
    endpoint.erase("timeout");
    take("result", "result-content");
  }
  Value backend = Value::object();
  backend.set("type", type).set(member, std::move(endpoint));
  if (type != "MOCK") backend.set("parameters", forwarded_parameters(defaults, operation));
  return backend;
}

}  // namespace sluice
