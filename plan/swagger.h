// Swagger 2.0 documents, projected onto what an API gateway keeps of them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/value.h"

namespace sluice {

/// One operation in the gateway's words: `body` has the fields of the api schema table that the document gives.
/// What a plain Swagger file leaves open is absent: `security`, `x-apigateway-backend`, a valid `operationId`.
struct Operation {
  std::string method;      ///< upper case; ANY for x-apigateway-any-method
  std::string path;        ///< with basePath
  std::string match_mode;  ///< NORMAL or SWA
  Value body;
  std::uint32_t mark = 0;  ///< where the method stands in the document
};

/// Something in a document that the gateway will not hold: how often, and where first.
struct LeftOut {
  std::size_t count = 0;
  std::uint32_t first_mark = 0;
};

/// A finding at an offset of the document.
struct Finding {
  Severity severity = Severity::Error;
  std::string code;
  std::string summary;
  std::string detail;
  std::uint32_t mark = 0;
};

struct Swagger {
  std::string title;
  std::string description;
  std::vector<Operation> operations;        ///< in the document's order
  std::map<std::string, LeftOut> left_out;  ///< by kind, such as "body parameters"
  std::vector<Finding> findings;            ///< errors: what cannot be read, or the gateway would refuse
};

/// Who wrote the document. A gateway's export is complete: no security means no authentication, and members that this
/// version does not know are kept. In files they are left out and counted.
enum class SwaggerOrigin { File, Export };

/// Whether an operation is wanted, by its method, path with basePath, and the operation as it stands in the document.
using OperationFilter = std::function<bool(std::string_view method, std::string_view path, const Value& operation)>;

/// Reads a document with local references resolved, path-level parameters merged and `basePath`, `schemes` and
/// `security` inherited. Never fails as a whole: what is wrong is in `findings`. Operations that `wanted` refuses are
/// not looked at any further.
Swagger read_swagger(const Value& document, SwaggerOrigin origin, const OperationFilter& wanted = {});

/// The names of the variables in a path template, in order.
std::vector<std::string> path_variables(std::string_view path);

}  // namespace sluice
