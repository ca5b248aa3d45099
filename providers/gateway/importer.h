// Reading Swagger 2.0 and OpenAPI 3.0 with the x-apigateway-* extensions into definitions. Only translates:
// definition.h has the rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/value.h"
#include "providers/gateway/errors.h"
#include "providers/gateway/policy_documents.h"
#include "providers/gateway/rules.h"

namespace sluice::gateway {

/// One operation of a document: `path` has the basePath in front. `definition` is what the JSON API would be sent, not
/// yet checked, without a name when the document gives none; its `response_id` is the name of a response. `wishes` are
/// the policies that it names.
struct ImportedOperation {
  std::string method;
  std::string path;
  Result<Value, Fault> definition;
  Value wishes;
};

struct ImportedDocument {
  std::string title;
  std::string description;
  std::vector<ImportedOperation> operations;
  std::vector<DocumentPolicy> policies;
};

/// Reads a JSON or YAML text, whichever its first character says. With `mock_backend` operations get an empty MOCK
/// backend: those without a backend, or all. Faults, for the whole document: APIG.3600 (not JSON or YAML), APIG.3601
/// (neither Swagger 2.0 nor OpenAPI 3.0), APIG.2045 (servers without a URL), APIG.3602 (not a Swagger document),
/// APIG.3127 (more than 300 operations).
Result<ImportedDocument, Fault> read_swagger(std::string_view text, bool mock_backend, const Rules& rules);

}  // namespace sluice::gateway
