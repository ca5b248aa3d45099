// Swagger 2.0 and OpenAPI 3.0 documents, projected onto what an API gateway keeps of them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/extensions.h"
#include "plan/references.h"
#include "plan/value.h"

namespace sluice {

/// One operation in the gateway's words: `body` has the fields of the api schema table that the document gives.
/// What a plain Swagger file leaves open is absent: `security`, `x-apigateway-backend`, a valid `operationId`.
struct Operation {
  std::string method;      ///< upper case; ANY for x-apigateway-any-method
  std::string path;        ///< with basePath
  std::string match_mode;  ///< NORMAL or SWA
  Value body;              ///< marks as `mark`
  std::uint32_t mark = 0;  ///< where the method stands, in the space that all files share
};

/// Something in a document that the gateway will not hold: how often, and where first.
struct LeftOut {
  std::size_t count = 0;
  std::uint32_t first_mark = 0;
};

/// Something that the gateway would refuse, and that was left out: a part of an operation, or all of it.
struct Unsupported {
  std::string code;
  std::string kind;     ///< what many of them are called
  std::string summary;  ///< of this one, as an error
  std::string detail;   ///< what to do
  std::uint32_t mark = 0;
  std::string operation = {};  ///< "GET /a" when the operation cannot stand without it; "" when it can
  SourceSpan at = {};          ///< where, when that is not in a file of the group
};

/// A policy or group response that a document defines.
struct Definition {
  enum class Kind { RateLimit, AccessControl, Response };
  Kind kind;
  std::string name;
  Value body;  ///< as written
  std::uint32_t mark = 0;
};

/// What was read; marks are in the space that all files of the group share.
struct Swagger {
  std::string title;
  std::string description;
  std::vector<Operation> operations;  ///< in the document's order
  std::vector<Definition> definitions;
  std::map<std::string, LeftOut> left_out;  ///< by kind, such as "body parameters"
  std::vector<Unsupported> unsupported;
  std::vector<Finding> findings;  ///< errors: what cannot be read
};

/// Who wrote the document. A gateway's export is complete: no security means no authentication, and members that this
/// version does not know are kept. In files they are left out and counted.
enum class SwaggerOrigin { File, Export };

/// Whether an operation is wanted, by its method, path with basePath, and the operation as it stands in the document.
using OperationFilter = std::function<bool(std::string_view method, std::string_view path, const Value& operation)>;

/// Reads one of the documents, with references resolved, path-level parameters merged and `basePath` or `servers`,
/// `schemes` and `security` inherited. Never fails as a whole: what is wrong is in `findings`. Operations that `wanted`
/// refuses are not looked at any further. A parameter that the cloud has no place for is unsupported; what else it
/// lacks, body_on tells of the body that results.
Swagger read_swagger(const References& references, std::size_t file, SwaggerOrigin origin,
                     const OperationFilter& wanted = {}, CloudKind cloud = CloudKind::Huawei);

/// The same of a document that stands alone.
Swagger read_swagger(const Value& document, SwaggerOrigin origin);

/// The names of the variables in a path template, in order; without the "+" of a greedy one.
std::vector<std::string> path_variables(std::string_view path);

}  // namespace sluice
