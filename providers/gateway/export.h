// Exports: what is asked for, and the file that answers it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// The body of an export call. `version` is the file's info.version; `openapi` asks for OpenAPI 3.0.
struct ExportRequest {
  std::string env_id;
  std::string group_id;
  std::string define;
  std::string type;
  std::string version;
  std::vector<std::string> apis;
  bool openapi = false;
  Mischief mischief = {};
};

/// A finished export: its name without an extension, its extension (with a dot unless export_text=plain), its text.
struct ExportedFile {
  std::string name;
  std::string extension;
  std::string text;
};

/// Reads body and query of a call. Faults: APIG.2001, APIG.2011.
Result<ExportRequest, Fault> read_export(const Call& call, Now now, const Rules& rules);

/// A text to keep in the store, and back.
std::string write_export(const ExportRequest& request);
ExportRequest parse_export(std::string_view text);

/// Faults: APIG.3001 and APIG.3003 for an unknown group or environment.
Result<ExportedFile, Fault> run_export(const Session& session, const ExportRequest& request);

}  // namespace sluice::gateway
