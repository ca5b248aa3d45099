// The files of a group that its Swagger files refer to.
#pragma once

#include <string>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/references.h"

namespace sluice {

/// Reads the files that `files` refer to, each once, and appends them. What lies outside the folder, also by way of a
/// symbolic link, or cannot be read or parsed, is a finding at the reference.
Diagnostics load_referenced_files(std::vector<SwaggerFile>& files, const std::string& folder);

}  // namespace sluice
