// What OpenAPI 3.0 says in other words than Swagger 2.0.
// Source: OpenAPI 3.0, "Server Object", "Parameter Object"; exports of the gateway with oas_version 3.0.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "plan/references.h"
#include "plan/result.h"
#include "plan/value.h"

namespace sluice {

/// Members of a schema that list other schemas.
constexpr std::string_view kSchemaAlternatives[] = {"allOf", "anyOf", "oneOf"};

/// What a gateway takes from a server's URL; variables stand for their defaults.
struct Server {
  std::string scheme;  ///< "" in a relative URL
  std::string path;    ///< without a slash at its end
};

/// Reads one element of `servers`. The error is a sentence.
Result<Server, std::string> read_server(const Value& server);

/// A reference of a schema that leads nowhere is handed to `fault`.
using OnFault = std::function<void(const References::Fault&)>;

/// The parameter in the words of Swagger 2.0: what its schema says stands beside `in` and `name`, and its `example` is
/// the gateway's sample. A type that is none of a single value, such as oneOf, is absent.
Value flat_parameter(const References& references, References::Place parameter, const OnFault& fault);

}  // namespace sluice
