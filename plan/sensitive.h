// Values of an API that are never kept or shown though no ${secret:NAME} marks them: what a manifest calls sensitive,
// and constants that look like credentials.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/ignore.h"
#include "plan/ignore_path.h"
#include "plan/schema.h"
#include "plan/value.h"

namespace sluice {

/// Whether what a parameter of this name holds is nobody's business: X-Api-Key, Authorization, password …
bool names_credential(std::string_view name);

/// Whether a backend parameter is a constant that looks like a credential.
bool is_credential(const Value& parameter);

/// What is wrong with a path of `sensitive`, and what to do; nothing when it can name a text.
std::optional<PathProblem> sensitive_path_problem(std::string_view path);

/// Whether one of the paths names this place (names of members, keys of elements), or one above it.
bool names_place(const std::vector<std::string>& paths, const std::vector<std::string>& place);

/// `body` (canonical) with each sensitive text changed: what `named` names or is above, and what the tables call
/// secret. Names and words of the gateway, numbers and booleans stay.
Value with_sensitive(const Value& body, std::span<const FieldSchema> fields, const PathWalk& named,
                     const std::function<std::string(const std::string&)>& change);

}  // namespace sluice
