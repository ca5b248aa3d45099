// Policies as documents define them (`x-apigateway-ratelimits`, `x-apigateway-access-controls`,
// `x-apigateway-responses`) and as operations name them. Only translates, both ways; the rules are with the calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/value.h"
#include "providers/gateway/errors.h"
#include "providers/gateway/model.h"

namespace sluice::gateway {

/// One definition of a document, as the JSON API would be sent it, not yet checked. A throttling policy's `specials`
/// are a list of what the calls for excluded apps and users take.
struct DocumentPolicy {
  PolicyKind kind = PolicyKind::Throttle;
  std::string name;
  Result<Value, Fault> body;
};

/// All definitions of a document. Fault: APIG.3602 when an extension is no object.
Result<std::vector<DocumentPolicy>, Fault> read_document_policies(const Value& document);

/// The names of an operation: `throttle`, `acl` (texts) and `plugins` (texts in a list), those that it has.
/// Fault: APIG.2011 for other kinds of values.
Result<Value, Fault> read_wishes(const Value& operation);

/// A policy as exports define it.
Value write_document_policy(const Policy& policy);

}  // namespace sluice::gateway
