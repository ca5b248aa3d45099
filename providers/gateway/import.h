// Bringing an imported document into an instance: new or known group, conflicts, limits, the result per API.
#pragma once

#include <string>
#include <string_view>

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// The form of an import, as the service names it.
struct ImportRequest {
  bool create_group = true;
  bool override_apis = false;
  bool override_policies = false;
  bool mock_backend = false;
  std::string group_id;
  std::string file;
  Mischief mischief;
};

/// Reads the form of a call. Faults: APIG.2001, APIG.2011, APIG.3603, APIG.3609.
Result<ImportRequest, Fault> read_import(const Call& call, const Rules& rules);
/// The same from a JSON object with the members of the form and the document as `swagger`.
Result<ImportRequest, Fault> read_json_import(const Call& call, const Rules& rules);
/// The faults of a whole import that the switches want the POST to answer.
Result<void, Fault> check_at_post(const Session& session, const ImportRequest& request);

/// A text to keep in the store, and back.
std::string write_import(const ImportRequest& request);
ImportRequest parse_import(std::string_view text);

/// Imports now and gives the result object. Faults are those of the whole import; nothing is changed then.
Result<Value, Fault> run_import(Session& session, const ImportRequest& request);

}  // namespace sluice::gateway
